/** Bars of a length reach the strategy once each, and the user's commands once each, whoever repeats them. */
import { describe, expect, it } from 'vitest';
import type { Event } from '../events.ts';
import { fieldOf } from '../indicator-operand.ts';
import type { Strategy, StrategyEvent } from '../strategy.ts';
import { restored, type Script, scripted, setupOf, started } from './engine.fixture.ts';
import { Engine, type RunSetup } from './engine.ts';
import type { RunState } from './run-state.ts';

const MINUTE = 60_000;
const bar = (closedAt: number, more: { readonly at?: number; readonly intervalMs?: number; readonly isHistory?: boolean } = {}): Event => ({
  type: 'barClosed',
  at: closedAt,
  closedAt,
  intervalMs: MINUTE,
  openTicks: 1,
  highTicks: 1,
  lowTicks: 1,
  closeTicks: 1,
  volumeLots: 0,
  ...more,
});

/** Writes down when the bars it hears of closed. */
const listens: Script = {
  on: (_, told, seen) => void (told.type === 'barClosed' && seen.told.push(`${told.closedAt}${told.isHistory === true ? ' history' : ''}`)),
};
const heard: string[] = [];
/** Turns where the close rises (1) or falls (2). */
const withRule = {
  ...scripted({}),
  on: (_context: unknown, _state: unknown, told: StrategyEvent) => {
    if (told.type !== 'paused') heard.push(told.type === 'barTurned' ? `${told.turn}${told.isHistory ? ' history' : ''}` : told.type);
  },
  rule: {
    prices: 'ticks',
    figures: () => [fieldOf('close')],
    start: () => ({ last: null }),
    turn(memory: { last: number | null }, figures: Float64Array) {
      const { last } = memory;
      const close = figures[0] as number;
      memory.last = close;
      return last === null || close === last ? 0 : close > last ? 1 : 2;
    },
  },
} as unknown as Strategy;
const times = (told: readonly string[]): readonly string[] => told.filter((line) => /^\d/.test(line));

describe('bars', () => {
  it('are told once and in sequence, however often they are fed', () => {
    const { engine, seen } = started(listens);
    for (const closedAt of [1, 2, 2, 1, 3, 3]) engine.step(bar(closedAt * MINUTE, { at: 10 * MINUTE }));
    expect(times(seen.told)).toEqual(['60000', '120000', '180000']);
  });

  it('of different lengths do not hide each other', () => {
    const { engine, seen } = started(listens);
    engine.step(bar(5 * MINUTE, { intervalMs: 5 * MINUTE }));
    engine.step(bar(5 * MINUTE));
    expect(times(seen.told)).toHaveLength(2);
  });

  it('are known as told to the next owner, and say whether they are history', () => {
    const { engine } = started(listens);
    engine.step(bar(MINUTE, { at: 3 * MINUTE, isHistory: true }));
    const next = restored(engine);
    next.step({ type: 'runStarted', at: 4 * MINUTE, epoch: 2 });
    next.step(bar(MINUTE, { at: 4 * MINUTE, isHistory: true }));
    next.step(bar(2 * MINUTE, { at: 4 * MINUTE, isHistory: true }));
    expect(times((next.state.strategy as { told: string[] }).told)).toEqual(['60000 history', '120000 history']);
  });

  it('reach a strategy with a rule only where it turns, whoever owns the run and also while it is paused', () => {
    const ruled = (state?: RunState) => new Engine({ ...setupOf({}), strategy: withRule }, state);
    const engine = ruled();
    engine.step({ type: 'quoteChanged', at: 0, bidTicks: 10_000, askTicks: 10_002 });
    engine.step({ type: 'runStarted', at: 0, epoch: 1 });
    heard.length = 0;
    engine.step({ ...bar(MINUTE), isHistory: true } as Event);
    engine.step({ ...bar(2 * MINUTE), closeTicks: 5, isHistory: true } as Event);
    const next = ruled(JSON.parse(JSON.stringify(engine.snapshot())) as RunState);
    next.step({ type: 'runStarted', at: 3 * MINUTE, epoch: 2 });
    // What was told before is not told again; a figure is compared with the one the former owner saw.
    for (const closedAt of [MINUTE, 2 * MINUTE]) next.step(bar(closedAt, { at: 3 * MINUTE }));
    next.step({ ...bar(3 * MINUTE), closeTicks: 5 } as Event);
    next.step({ type: 'pauseRequested', at: 3 * MINUTE });
    next.step({ ...bar(4 * MINUTE), closeTicks: 1 } as Event);
    next.step({ type: 'ruleTurned', at: 5 * MINUTE, closedAt: 5 * MINUTE, turn: 7, isHistory: false });
    expect(heard).toEqual(['1 history', '2', '7']);
  });

  it('are told anew to a run from before its strategy had a rule', () => {
    const { engine } = started(listens);
    engine.step(bar(MINUTE));
    const newestBars = (strategy: unknown) =>
      new Engine({ ...setupOf(listens), strategy: strategy as Strategy }, JSON.parse(JSON.stringify(engine.snapshot()))).state.newestBars;
    expect(newestBars({ ...scripted(listens), rule: withRule.rule })).toBeUndefined();
    expect(newestBars(scripted(listens))).toHaveLength(1);
  });

  it('reach a paused strategy, whose figures must not miss any', () => {
    const { engine, seen } = started(listens);
    engine.step({ type: 'pauseRequested', at: 1 });
    engine.step(bar(MINUTE));
    expect(times(seen.told)).toEqual(['60000']);
  });
});

describe("the user's commands", () => {
  const text = { en: 'x', ru: 'x' };
  const withCommand = (script: Script): RunSetup['strategy'] =>
    ({
      ...scripted(script),
      commands: { add: { title: text, help: text, params: { amount: { kind: 'decimal', min: '0', isExclusive: true, title: text, help: text } } } },
    }) as unknown as Strategy;
  const command = (commandId: string, name = 'add', params: Readonly<Record<string, unknown>> = { amount: '5.0' }): Event => ({
    type: 'userCommand',
    at: 1,
    commandId,
    name,
    params,
  });
  const begun = () => {
    const heard: unknown[] = [];
    const setup = setupOf({}, { strategy: withCommand({ on: (_, told) => void (told.type === 'userCommand' && heard.push(told)) }) });
    const engine = new Engine(setup);
    engine.step({ type: 'quoteChanged', at: 0, bidTicks: 10_000, askTicks: 10_002 });
    engine.step({ type: 'runStarted', at: 0, epoch: 1 });
    return { engine, heard };
  };

  it('are told once, with checked parameters', () => {
    const { engine, heard } = begun();
    for (const id of ['a', 'a', 'b']) engine.step(command(id));
    restored(engine).step(command('a'));
    expect(heard).toEqual([
      { type: 'userCommand', name: 'add', params: { amount: '5' } },
      { type: 'userCommand', name: 'add', params: { amount: '5' } },
    ]);
  });

  it.each([
    [command('a', 'sing'), 'The command sing was not carried out: the strategy knows no such command.'],
    [command('a', 'add', {}), 'The command add was not carried out: amount is required.'],
  ])('are refused with their reason: %#', (event, text) => {
    const { engine, heard } = begun();
    expect(engine.step(event)).toMatchObject([{ type: 'reportFact', text }]);
    expect(heard).toEqual([]);
  });

  it('are refused while the bot is paused', () => {
    const { engine, heard } = begun();
    engine.step({ type: 'pauseRequested', at: 1 });
    expect(engine.step(command('a'))).toMatchObject([{ type: 'reportFact', text: 'The command add was not carried out: the bot is paused.' }]);
    expect(heard).toEqual([]);
  });
});
