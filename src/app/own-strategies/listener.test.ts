/** How far a strategy hears bars ahead of the engine. */
import { describe, expect, it } from 'vitest';
import { limit } from '#core/engine/engine.fixture.ts';
import { type Context, defineStrategy, type Strategy } from '#core/strategy.ts';
import { TEST_INSTRUMENT } from '#test/support/strategy-run.ts';
import { runBacktest } from '../backtest/backtest.ts';
import { Listener } from './listener.ts';
import { Observed } from './observed.ts';
import { trialBars } from './trial.ts';

const MINUTE = 60_000;
const bars = trialBars(MINUTE);
const text = { en: 'Test', ru: 'Тест' };

/** Asks for something at the start, and hears bars from then on. */
function hearing(ask: (context: Context) => void, quotes = false) {
  const strategy = defineStrategy({
    name: 'hearing',
    version: 1,
    title: text,
    summary: text,
    params: {},
    wants: { bars: true, quotes },
    plan: () => ({ ok: true, quoteAtoms: 100_000_000_000, baseGrains: 0, preview: {} }),
    start(context) {
      ask(context);
      return {};
    },
    on: () => undefined,
  }) as Strategy;
  const observed = new Observed(strategy, () => undefined);
  const heard = new Listener(observed, 0);
  const { tape } = runBacktest({
    strategy: observed.strategy,
    heard,
    config: {},
    instrument: TEST_INSTRUMENT,
    bars,
    limits: { priceCollar: 0.9 },
    keepTape: true,
  });
  return { heard: observed.bars, stepped: tape.filter(({ event }) => event.type === 'barClosed').length };
}

const lowest = Math.min(...bars.lowTicks);

describe('a strategy in its rehearsal', () => {
  it('hears every bar without a step of the engine while nothing is asked for', () => {
    expect(hearing(() => undefined)).toEqual({ heard: bars.length, stepped: 0 });
  });

  it('hears bars ahead while no order, watched price or timer is near', () => {
    const far = hearing((context) => {
      context.submit(limit('buy', Math.floor(lowest * 0.99), 1_000));
      context.watchPrice(Math.floor(lowest * 0.98), Number.POSITIVE_INFINITY);
      context.setTimer('later', context.at + 10_000 * MINUTE);
    });
    expect(far).toEqual({ heard: bars.length, stepped: 0 });
  });

  it.each([
    ['a timer is due', (context: Context) => context.setTimer('soon', context.at + 100 * MINUTE)],
    ['a bar comes near an order', (context: Context) => context.submit(limit('buy', lowest - 1, 1_000))],
    ['a bar comes near a watched price', (context: Context) => context.watchPrice(lowest, Number.POSITIVE_INFINITY)],
  ])('is told of bars as they come where %s', (_, ask) => {
    const { heard, stepped } = hearing(ask);
    expect(heard).toBe(bars.length);
    expect(stepped).toBeGreaterThan(0);
    expect(stepped).toBeLessThan(bars.length / 2);
  });

  it('hears none ahead where it wants every quote', () => {
    expect(hearing(() => undefined, true)).toEqual({ heard: bars.length, stepped: bars.length });
  });
});
