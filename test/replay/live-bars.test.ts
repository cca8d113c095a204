/**
 * A strategy that wants bars is told the same bars live as in a backtest over the same candles, decides the same, and its
 * tape replays; also when it was not running for a while.
 */
import { describe, expect, it } from 'vitest';
import { runBacktest } from '#app/backtest/backtest.ts';
import { toBars } from '#app/market/candle-bars.ts';
import { parseCandles } from '#app/market/candles.ts';
import { Feeds } from '#app/market/feeds.ts';
import { LiveRun, type LiveRunParts } from '#app/run/live-run.ts';
import { barsWantedBy, followMarket } from '#app/run/run-feeds.ts';
import { replay } from '#app/run/tape.ts';
import { Engine, type RunSetup } from '#core/engine/engine.ts';
import type { RunState } from '#core/engine/run-state.ts';
import type { Candle } from '#core/market-data.ts';
import type { Commit } from '#core/store/commit.ts';
import type { JournalEntry } from '#core/store/runs.ts';
import { defineStrategy } from '#core/strategy.ts';
import type { Venue } from '#core/venue-ports.ts';
import { TEST_INSTRUMENT } from '../support/grid-run.ts';
import { ManualClock, settle } from '../support/manual-clock.ts';
import { quietLog } from '../support/quiet-log.ts';
import { QUOTES_ONLY } from '../support/quotes-only.ts';

const MINUTE = 60_000;
const START = 1_700_006_400_000;
const COUNT = 60;

/** Decides by nothing but bars: an average of closes and of volumes, told at every turn. */
const watcher = defineStrategy({
  name: 'watcher',
  version: 1,
  title: { en: 'Watcher', ru: 'Наблюдатель' },
  summary: { en: 'For tests.', ru: 'Для тестов.' },
  params: {},
  wants: { bars: true, quotes: false },
  bars: () => [{ intervalMs: MINUTE, warmUp: 0 }],
  plan: ({ scale }) => ({ ok: true, quoteAtoms: scale.atoms('1000', 'down'), baseGrains: 0, preview: {} }),
  start: () => ({ sum: 0, lots: 0, count: 0 }),
  on: (context, state, event) => {
    if (event.type !== 'barClosed') return;
    const { closeTicks, volumeLots, closedAt = context.at } = event;
    state.sum += closeTicks;
    state.lots += volumeLots;
    state.count += 1;
    const isAbove = closeTicks * state.count > state.sum;
    context.report('strategy_note', isAbove ? 'above' : 'below', { closeTicks, volumeLots, closedAt, sum: state.sum, lots: state.lots });
  },
});

/** Prices between increments, and one candle missing. */
const CANDLES: readonly Candle[] = Array.from({ length: COUNT }, (_, index): Candle => {
  const close = 100 + Math.sin(index / 5) * 3;
  return {
    startAt: START + index * MINUTE,
    open: close.toFixed(3),
    high: (close + 0.5).toFixed(3),
    low: (close - 0.25).toFixed(3),
    close: close.toFixed(3),
    volume: (index * 1.2345).toFixed(4),
  };
}).filter((_, index) => index !== 20);

const CSV = ['timestamp,open,high,low,close,volume', ...CANDLES.map((each) => [each.startAt, each.open, each.high, each.low, each.close, each.volume].join())];

function backtest() {
  const { bars } = toBars(parseCandles(CSV.join('\n'), { gaps: 'skip' }), TEST_INSTRUMENT);
  return runBacktest({ strategy: watcher, config: {}, instrument: TEST_INSTRUMENT, bars, keepTape: true });
}

/** What bars say and what was done about them, without when that was and whether it was late. */
function decisions(tape: readonly JournalEntry[]) {
  return tape.flatMap(({ event, commands }) => (event.type === 'barClosed' ? [{ ...event, at: 0, isHistory: false, commands }] : []));
}

/** A world with a venue whose candles close as time passes. */
function world() {
  const clock = new ManualClock(START);
  const watchers = new Set<(candle: Candle) => void>();
  const market = {
    ...QUOTES_ONLY,
    watchQuotes: () => () => undefined,
    candles: async (_symbol: string, _interval: string, from: number, to: number) =>
      CANDLES.filter(({ startAt }) => startAt >= from && startAt < to && startAt + MINUTE <= clock.now()),
    watchCandles: (_symbol: string, _interval: string, onCandle: (candle: Candle) => void) => {
      watchers.add(onCandle);
      return () => watchers.delete(onCandle);
    },
  };
  const pass = async (minutes: number): Promise<void> => {
    for (let minute = 0; minute < minutes; minute += 1) {
      await clock.advance(MINUTE);
      const closed = CANDLES.find(({ startAt }) => startAt + MINUTE === clock.now());
      if (closed !== undefined) for (const watcherOf of watchers) watcherOf(closed);
      await settle();
    }
  };
  return { clock, pass, venue: { id: 'made-up', market } as unknown as Venue, feeds: new Feeds({ clock, log: quietLog() }), tape: [] as JournalEntry[] };
}

/** Runs until the returned function is called, from where the state of an earlier run leaves off. */
function runLive(stage: ReturnType<typeof world>, setup: RunSetup, state?: RunState): { readonly engine: Engine; readonly stop: () => void } {
  const engine = new Engine(setup, state);
  const parts = {
    store: { commit: async ({ run }: Commit) => void stage.tape.push(...structuredClone(run?.entries ?? [])) },
    clock: stage.clock,
    ids: { next: () => 'id', secret: () => 'secret' },
    log: quietLog(),
    identity: { runId: 'run', bot: { id: 'bot', userId: 'user', accountId: 'account', name: 'Watcher', symbol: 'ABC/USDT', mode: 'live' }, scale: setup.scale },
    engine,
    held: { lease: { epoch: stage.tape.length + 1 }, holdUntil: async () => true },
    desk: { windowMs: 5_000 },
    sequence: stage.tape.at(-1)?.sequence ?? 0,
    orders: [],
    onEnd: ({ kind, ...rest }: { readonly kind: string }) => {
      throw new Error(`the run ended: ${kind} ${JSON.stringify(rest)}`);
    },
  } as unknown as LiveRunParts;
  const run = new LiveRun(parts);
  run.start({ symbol: 'ABC/USDT', bid: '100', ask: '100.01', at: stage.clock.now() });
  const unfollow = followMarket(stage.feeds, stage.venue, run, engine);
  return {
    engine,
    stop: () => {
      unfollow();
      run.drop();
    },
  };
}

describe('bars of a live run', () => {
  it('are those of a backtest over the same candles, are decided on alike, and replay', async () => {
    const { setup, tape } = backtest();
    const stage = world();
    const live = runLive(stage, setup);
    await stage.pass(COUNT);
    live.stop();
    expect(decisions(stage.tape)).toHaveLength(COUNT - 1);
    expect(decisions(stage.tape)).toEqual(decisions(tape));
    expect(replay(setup, stage.tape)).toBeNull();
  });

  it('that closed while nobody ran it are told when it goes on, and none twice', async () => {
    const { setup, tape } = backtest();
    const stage = world();
    const first = runLive(stage, setup);
    await stage.pass(10);
    first.stop();
    await stage.pass(15);
    const state = JSON.parse(JSON.stringify(first.engine.snapshot())) as RunState;
    const second = runLive(stage, setup, state);
    await settle();
    expect(decisions(stage.tape).at(-1)?.closedAt, 'all that closed meanwhile').toBe(START + 25 * MINUTE);
    await stage.pass(COUNT - 25);
    second.stop();
    expect(decisions(stage.tape)).toEqual(decisions(tape));
    expect(replay(setup, stage.tape)).toBeNull();
  });

  it('begin with those that warm its strategy up, as history', async () => {
    const { setup } = backtest();
    const stage = world();
    await stage.clock.advance(30 * MINUTE);
    const live = runLive(stage, { ...setup, strategy: { ...setup.strategy, bars: () => [{ intervalMs: MINUTE, warmUp: 5 }] } });
    await settle();
    await stage.pass(1);
    live.stop();
    const told = stage.tape.flatMap(({ event }) => (event.type === 'barClosed' ? [event] : []));
    expect(told.map(({ closedAt = 0, isHistory = false }) => `${(closedAt - START) / MINUTE} ${isHistory}`)).toEqual([
      '26 true',
      '27 true',
      '28 true',
      '29 true',
      '30 true',
      '31 false',
    ]);
  });

  it('are of the lengths that the strategy wants, and of none that exchanges do not keep', () => {
    const { setup } = backtest();
    const of = (...lengths: number[]) => ({ ...setup, strategy: { ...setup.strategy, bars: () => lengths.map((intervalMs) => ({ intervalMs, warmUp: 7 })) } });
    expect(barsWantedBy(of(MINUTE, 240 * MINUTE))).toEqual([
      { interval: '1m', warmUp: 7 },
      { interval: '4h', warmUp: 7 },
    ]);
    expect(() => barsWantedBy(of(7 * MINUTE))).toThrow('exchanges keep no bars of 7 minutes');
    expect(barsWantedBy({ ...setup, strategy: { ...setup.strategy, wants: { bars: false, quotes: true } } })).toEqual([]);
  });
});
