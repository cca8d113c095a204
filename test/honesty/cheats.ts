/** Strategies that cheat: the columns of their indicators are computed over a whole history, with what live nobody could know yet. */
import { type FillColumn, type ValueIndicator, valueIndicator } from '#core/indicator.ts';
import { figureOf } from '#core/indicator-operand.ts';
import type { Strategy } from '#core/strategy.ts';
import { signalStrategy } from '#strategies/_signal-position.ts';
import { ENTER, LEAVE, STAY } from '#strategies/_signal-run.ts';

/** Honest when it goes step by step, and dishonest over a column. */
function leaky(name: string, fill: FillColumn): ValueIndicator {
  return valueIndicator({
    name,
    title: { en: name, ru: name },
    summary: { en: 'Leaks.', ru: 'Подглядывает.' },
    settings: {},
    outputs: ['value'],
    warmUp: () => 1,
    start: () => ({}),
    update: (_state, value: number) => value,
    batch: () => fill,
  }) as unknown as ValueIndicator;
}

/** The close of the bar after this one: buys before every rise. */
const NEXT_CLOSE = leaky('next_close', (values, from, to, into) => {
  for (let index = from; index < to; index += 1) into[index - from] = values[index + 1] ?? values[index] ?? 0;
});

/** The highest close of the whole history: sells at the top of all. */
const HIGHEST_EVER = leaky('highest_ever', (values, from, to, into) => {
  const highest = values.reduce((most, value) => Math.max(most, value), 0);
  for (let index = from; index < to; index += 1) into[index - from] = highest;
});

const NOW = leaky('now', (values, from, to, into) => into.set(values.subarray(from, to)));

function cheat(name: string, indicator: ValueIndicator, turn: (now: number, known: number) => number): Strategy {
  return signalStrategy({
    name,
    title: { en: name, ru: name },
    summary: { en: 'Cheats.', ru: 'Жульничает.' },
    params: {},
    isMirrored: true,
    warmUp: () => 1,
    figures: () => [figureOf(NOW, {}), figureOf(indicator, {})],
    start: () => ({}),
    turn: (_memory, figures) => turn(figures[0] ?? 0, figures[1] ?? 0),
  }) as unknown as Strategy;
}

export const CHEATS: readonly Strategy[] = [
  cheat('one_bar_ahead', NEXT_CLOSE, (now, next) => (next > now + 15 ? ENTER : next < now ? LEAVE : STAY)),
  cheat('top_of_all', HIGHEST_EVER, (now, highest) => (now > highest * 0.97 ? LEAVE : now < highest * 0.9 ? ENTER : STAY)),
];
/** The same rule without the leak: what it compares with is the close at hand. */
export const HONEST_TWIN = cheat('honest_twin', NOW, (now) => (now % 7 === 0 ? ENTER : now % 11 === 0 ? LEAVE : STAY));
