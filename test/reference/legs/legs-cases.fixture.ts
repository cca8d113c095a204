/** Walks from a seed, whole and with holes, and strategies of every kind over them: what backtests over several instruments are held to. */
import type { LegHistory } from '#app/backtest/legs/leg-history.ts';
import type { LegsBacktestOptions } from '#app/backtest/legs/legs-backtest.ts';
import { type Bars, newBars } from '#core/bars/bars.ts';
import type { Instrument } from '#core/instrument.ts';
import type { Strategy } from '#core/strategy.ts';
import { rebalance } from '#strategies/rebalance.ts';
import { spotFuturesArbitrage } from '#strategies/spot-futures-arbitrage.ts';
import { TEST_PERPETUAL } from '#test/support/legs-run.ts';
import { TEST_INSTRUMENT } from '#test/support/strategy-run.ts';
import { restlessLegs } from './restless-legs.fixture.ts';

const MINUTE_MS = 60_000;
const LENGTH = 900;
/** Of a strategy that looks every second. */
const SHORT = 150;
export const SEEDS = Array.from({ length: 20 }, (_, index) => 1_000 + index);

/** Numbers in [0, 1) that follow from the seed. */
function randomOf(seed: number): () => number {
  let state = seed * 7_919 + 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

interface WalkTerms {
  readonly swing: number;
  /** Share of the bars that are missing. */
  readonly missing: number;
  readonly beginsLate: number;
  readonly endsEarly: number;
}

/** Closes that a walk goes through; another may follow them at a distance. */
function closesOf(random: () => number, swing: number, length: number): readonly number[] {
  let price = 10_000;
  return Array.from({ length: length + 1 }, () => (price = Math.max(500, Math.round(price * (1 + (random() - 0.5) * swing)))));
}

function barsOf(random: () => number, closes: readonly number[], { swing, missing, beginsLate, endsEarly }: WalkTerms): Bars {
  const length = closes.length - 1;
  const kept = closes.slice(1).flatMap((close, index) => {
    const isThere = index >= beginsLate && index < length - endsEarly && random() >= missing;
    return isThere ? [{ index, open: closes[index] ?? close, close }] : [];
  });
  const bars = newBars(kept.length, MINUTE_MS);
  const reach = (price: number) => Math.round(price * swing * 0.3 * random());
  for (const [place, { index, open, close }] of kept.entries()) {
    bars.startAt[place] = index * MINUTE_MS;
    bars.openTicks[place] = open;
    bars.closeTicks[place] = close;
    bars.highTicks[place] = Math.max(open, close) + reach(open);
    bars.lowTicks[place] = Math.max(1, Math.min(open, close) - reach(open));
    bars.volumeLots[place] = 1_000;
  }
  return bars;
}

/** A coin and its perpetual at a distance that wanders; the settlements of funding are near. */
function pairOf(random: () => number, swing: number, length: number, terms: readonly WalkTerms[]): readonly LegHistory[] {
  const closes = closesOf(random, swing, length);
  let distance = 0;
  const shadow = closes.map((close) => Math.round(close * (1 + (distance = distance * 0.97 + (random() - 0.5) * 0.006))));
  const perpetual: Instrument = {
    ...TEST_PERPETUAL,
    perpetual: { contractSize: '0.01', fundingIntervalMs: 3_600_000, maxLeverage: 50, maintenanceMarginRate: '0.005' },
  };
  return [
    { instrument: TEST_INSTRUMENT, bars: barsOf(random, closes, terms[0] ?? PLAIN) },
    { instrument: perpetual, bars: barsOf(random, shadow, terms[1] ?? PLAIN) },
  ];
}

function coinsOf(random: () => number, swing: number, terms: readonly WalkTerms[]): readonly LegHistory[] {
  return terms.map((own, index) => {
    const instrument = index === 0 ? TEST_INSTRUMENT : { ...TEST_INSTRUMENT, symbol: `C${index}/USDT`, base: `C${index}` };
    return { instrument, bars: barsOf(random, closesOf(random, swing, LENGTH), own) };
  });
}

const PLAIN: WalkTerms = { swing: 0.002, missing: 0, beginsLate: 0, endsEarly: 0 };

/** Every third history is whole; the others have holes, begin late or end early, as one that was taken off the market does. */
function termsOf(seed: number, count: number, swing: number): readonly WalkTerms[] {
  if (seed % 3 === 0) return Array.from({ length: count }, () => ({ ...PLAIN, swing }));
  return Array.from({ length: count }, (_, leg) => ({
    swing,
    missing: [0, 0.02, 0.3][(seed + leg) % 3] ?? 0,
    beginsLate: leg === seed % count ? 40 : 0,
    endsEarly: leg === (seed + 1) % count ? 60 : 0,
  }));
}

export interface Case {
  /** Positions of it are taken over by the exchange. */
  readonly isLiquidated?: true;
  readonly strategy: unknown;
  readonly config: (seed: number) => unknown;
  readonly histories: (random: () => number, seed: number) => readonly LegHistory[];
}

const pair =
  (swing: number, length = LENGTH): Case['histories'] =>
  (random, seed) =>
    pairOf(random, swing, length, termsOf(seed, 2, swing));
const coins =
  (count: number, swing: number): Case['histories'] =>
  (random, seed) =>
    coinsOf(random, swing, termsOf(seed, count, swing));

export const CASES: Readonly<Record<string, Case>> = {
  'a pair that takes': {
    strategy: spotFuturesArbitrage,
    config: (seed) => ({ investment: '5000', entry_percent: '0.1', leverage: 1 + (seed % 10), max_hours: seed % 2 === 0 ? '3' : undefined }),
    histories: pair(0.004),
  },
  'a pair that waits as maker, in parts': {
    strategy: spotFuturesArbitrage,
    config: (seed) => ({
      investment: '5000',
      entry_percent: '0.05',
      first_leg_order: 'make',
      part_percent: '30',
      first_leg: ['auto', 'spot', 'perpetual'][seed % 3],
    }),
    histories: pair(0.004, SHORT),
  },
  'a portfolio by its band': {
    strategy: rebalance,
    config: (seed) => ({
      investment: '20000',
      target_percent: '25',
      band_percent: ['0.5', '1', '2'][seed % 3],
      coins: ['C1/USDT', 'C2/USDT'].map((symbol) => ({ symbol, target_percent: '30' })),
    }),
    histories: coins(3, 0.02),
  },
  'a portfolio by the clock': {
    strategy: rebalance,
    config: (seed) => ({
      investment: '20000',
      base_investment: seed % 2 === 0 ? '10' : undefined,
      target_percent: '50',
      when: 'schedule',
      schedule_every: 'hour',
      band_percent: '0.5',
      coins: [{ symbol: 'C1/USDT', target_percent: '40' }],
    }),
    histories: coins(2, 0.02),
  },
  'a strategy without sense, at its limits': {
    isLiquidated: true,
    strategy: restlessLegs,
    config: (seed) => ({ seed, leverage: [2, 20, 50][seed % 3] }),
    histories: pair(0.015),
  },
};

export function optionsOf({ strategy, config, histories }: Case, seed: number): LegsBacktestOptions {
  const [first, ...others] = histories(randomOf(seed), seed);
  if (first === undefined) throw new Error('a run has a first instrument');
  return {
    strategy: strategy as Strategy,
    config: Object.fromEntries(Object.entries(config(seed) as object).filter(([, value]) => value !== undefined)),
    first,
    others: new Map(others.map((leg) => [leg.instrument.symbol, leg])),
    halfSpreadTicks: seed % 4,
    slippage: seed % 5 === 0 ? 0.0005 : 0,
    fundingRate: ['0.0003', '0', '-0.0002'][seed % 3] ?? '0',
    keepTape: true,
  };
}
