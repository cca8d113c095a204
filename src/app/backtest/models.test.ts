/** What the models of a simulated venue do to a run, each alone and with figures that can be checked by hand. */
import { describe, expect, it } from 'vitest';
import type { Instrument } from '#core/instrument.ts';
import type { OrderRequest } from '#core/order.ts';
import { type Context, defineStrategy, type Strategy, type StrategyEvent } from '#core/strategy.ts';
import { BAR_MS, BARS_BEGIN_AT, barsOf } from '#test/support/bars.ts';
import { TEST_INSTRUMENT } from '#test/support/grid-run.ts';
import { type BacktestOptions, type BacktestResult, runBacktest } from './backtest.ts';
import { backtestReport } from './backtest-report.ts';
import { barsOfTrades, type TradeHistory } from './trade-history.ts';

const FREE: Instrument = { ...TEST_INSTRUMENT, makerFeeRate: '0', takerFeeRate: '0' };
const PERPETUAL: Instrument = {
  ...FREE,
  symbol: `${FREE.symbol}:USDT`,
  kind: 'perpetual',
  settle: 'USDT',
  perpetual: { contractSize: '1', fundingIntervalMs: 60 * BAR_MS, maxLeverage: 50, maintenanceMarginRate: '0.01' },
};

const order = (side: 'buy' | 'sell', priceTicks: number, sizeLots = 1_000): OrderRequest => ({
  ...{ side, type: 'limit', priceTicks, triggerTicks: 0, sizeLots, timeInForce: 'gtc', postOnly: false, reduceOnly: false, tag: 'x' },
});
const market = (side: 'buy' | 'sell', sizeLots = 1_000): OrderRequest => ({ ...order(side, 0, sizeLots), type: 'market', timeInForce: 'ioc' });

interface Scripted {
  readonly start: (context: Context) => void;
  readonly on?: (context: Context, event: StrategyEvent) => void;
  readonly leverage?: number;
  readonly marginMode?: 'isolated' | 'cross';
  readonly wants?: { readonly bars: boolean; readonly quotes: boolean };
}

/** Does what a test says with 1 000 USDT. */
function scripted({ start, on = () => undefined, leverage = 1, marginMode = 'isolated', wants = { bars: false, quotes: false } }: Scripted): Strategy {
  return defineStrategy({
    name: 'scripted',
    version: 1,
    title: { en: 'Scripted', ru: 'По сценарию' },
    summary: { en: 'For tests.', ru: 'Для тестов.' },
    markets: ['spot', 'perpetual'],
    params: {},
    wants,
    plan: ({ scale }) => ({ ok: true, quoteAtoms: scale.atoms('1000', 'down'), baseGrains: 0, leverage, marginMode, preview: {} }),
    start: (context) => {
      start(context);
      return {};
    },
    on: (context, _, event) => on(context, event),
  });
}

function fillsOf({ ledger }: BacktestResult): readonly string[] {
  return (ledger?.fills ?? []).map(({ at, fill }) => `${fill.side} ${fill.sizeLots} @ ${fill.priceTicks} +${(at - BARS_BEGIN_AT) / 1_000}s`);
}

const run = (strategy: Strategy, more: Pick<BacktestOptions, 'bars'> & Partial<BacktestOptions>) =>
  runBacktest({ strategy, config: {}, instrument: FREE, keepLedger: true, ...more });

describe('a place in the queue', () => {
  const buyer = scripted({ start: (context) => context.submit(order('buy', 9_900)) });
  // 100 levels of which each trades a hundredth of the volume.
  const touching = [9_999, 9_999, 9_900, 9_950, 100_000] as const;

  it('fills at the touch only what is traded at that price beyond those ahead', () => {
    const bars = barsOf([10_000, touching, 9_950]);
    // The first bar trades 1 000 lots, a tenth of which stands ahead; the second trades 1 000 at its low.
    expect(fillsOf(run(buyer, { bars, venue: { fillRule: 'queue', queueShare: 0.1 } }))).toEqual(['buy 900 @ 9900 +100s']);
    expect(fillsOf(run(buyer, { bars, venue: { fillRule: 'queue', queueShare: 2 } }))).toEqual([]);
    expect(fillsOf(run(buyer, { bars, venue: { fillRule: 'touch' } }))).toEqual(['buy 1000 @ 9900 +100s']);
    expect(fillsOf(run(buyer, { bars, venue: { fillRule: 'through' } }))).toEqual([]);
  });

  it('moves up with every bar that trades there', () => {
    const bars = barsOf([10_000, touching, touching, touching]);
    expect(fillsOf(run(buyer, { bars, venue: { fillRule: 'queue', queueShare: 1.5 } }))).toEqual(['buy 500 @ 9900 +160s', 'buy 500 @ 9900 +220s']);
  });

  it('does not matter once the price has gone through', () => {
    const bars = barsOf([10_000, [10_000, 10_000, 9_899, 9_950, 0]]);
    expect(fillsOf(run(buyer, { bars, venue: { fillRule: 'queue', queueShare: 100 } }))).toEqual(['buy 1000 @ 9900 +100s']);
  });
});

describe('funding', () => {
  const long = scripted({ start: (context) => context.submit(market('buy')), leverage: 5 });
  const bars = barsOf(Array.from({ length: 150 }, (_, index) => (index < 90 ? 10_000 : 11_000)));
  // Bars begin on a full hour; it is settled each hour.
  const base = { instrument: PERPETUAL, bars };

  it('is paid by longs at the venue’s times on the value of that moment', () => {
    const result = run(long, { ...base, venue: { funding: { rate: 0.001 } } });
    // 1 lot of 10 000 ticks is worth 10 000 atoms: 1 000 lots pay 10 000 at 10 000 ticks and 11 000 at 11 000.
    expect(result.ledger?.funding).toEqual([
      { at: BARS_BEGIN_AT + 60 * BAR_MS, amountAtoms: -10_000 },
      { at: BARS_BEGIN_AT + 120 * BAR_MS, amountAtoms: -11_000 },
    ]);
    const { figures } = backtestReport(result, bars);
    expect(figures.funding).toBe(result.funding);
    expect(figures.profit).toBe(result.profit);
  });

  it('is received by shorts', () => {
    const short = scripted({ start: (context) => context.submit(market('sell')), leverage: 5 });
    expect(run(short, { ...base, venue: { funding: { rate: 0.001 } } }).ledger?.funding[0]?.amountAtoms).toBe(10_000);
  });

  it('follows its history where there is one', () => {
    const history = [
      { at: BARS_BEGIN_AT + 30 * BAR_MS, rate: 0.002 },
      { at: BARS_BEGIN_AT + 100 * BAR_MS, rate: -0.001 },
    ];
    expect(run(long, { ...base, venue: { funding: { history } } }).ledger?.funding).toEqual([
      { at: BARS_BEGIN_AT + 30 * BAR_MS, amountAtoms: -20_000 },
      { at: BARS_BEGIN_AT + 100 * BAR_MS, amountAtoms: 11_000 },
    ]);
  });

  it('refuses rates that cannot be and histories out of order', () => {
    expect(() => run(long, { ...base, venue: { funding: { rate: 5 } } })).toThrow('funding must be a rate between -0.1 and 0.1');
    const history = [
      { at: 2, rate: 0 },
      { at: 1, rate: 0 },
    ];
    expect(() => run(long, { ...base, venue: { funding: { history } } })).toThrow('in the sequence of its times');
  });

  it('is nothing to a spot run', () => {
    expect(run(scripted({ start: (context) => context.submit(market('buy', 500)) }), { bars, venue: { funding: { rate: 0.001 } } }).ledger?.funding).toEqual(
      [],
    );
  });
});

describe('liquidation', () => {
  // 1 000 USDT are 10 000 000 atoms of 0.01 times 0.01; ten times that buys 10 000 lots at 10 000 ticks.
  const all = (marginMode: 'isolated' | 'cross', side: 'buy' | 'sell' = 'buy') =>
    scripted({ start: (context) => context.submit(market(side, 5_000)), leverage: 10, marginMode });

  it('closes an isolated position where its margin has fallen to the maintenance rate, and takes no more than the margin', () => {
    const bars = barsOf([10_000, [10_000, 10_000, 8_000, 8_500], 8_500]);
    const result = run(all('isolated'), { instrument: PERPETUAL, bars });
    expect(result.liquidations).toBe(1);
    // (10 000 - 1 000) / (1 - 0.01) = 9 090.9: the stop stands at the next tick above.
    expect(result.ledger?.fills[1]?.fill).toMatchObject({ side: 'sell', priceTicks: 9_091, sizeLots: 5_000 });
    expect(backtestReport(result, bars).figures.profit).toBe(result.profit);
  });

  it('loses the margin and not a cent more where the price jumps past it', () => {
    const bars = barsOf([10_000, 5_000, 5_000]);
    const result = run(all('isolated'), { instrument: { ...PERPETUAL, takerFeeRate: '0' }, bars });
    expect(result.ledger?.fills[1]?.fill.priceTicks).toBe(9_000);
    expect(result.profit).toBe(`-${backtestReport(result, bars).figures.drawdown}`);
  });

  it('lets a cross position stand on the whole budget', () => {
    const bars = barsOf([10_000, [10_000, 10_000, 8_500, 8_600], 8_600]);
    expect(run(all('cross'), { instrument: PERPETUAL, bars }).liquidations).toBe(0);
    expect(run(all('isolated'), { instrument: PERPETUAL, bars }).liquidations).toBe(1);
  });

  it('closes shorts on the way up, and takes the orders of the run off the book', () => {
    const strategy = scripted({
      start: (context) => {
        context.submit(market('sell', 5_000));
        context.submit(order('sell', 13_000, 1_000));
      },
      leverage: 10,
    });
    const result = run(strategy, { instrument: PERPETUAL, bars: barsOf([10_000, [10_000, 12_000, 10_000, 12_000], 13_500]) });
    // (10 000 + 1 000) / (1 + 0.01) = 10 891.1
    expect(fillsOf(result).map((text) => text.split(' +')[0])).toEqual(['sell 5000 @ 10000', 'buy 5000 @ 10891']);
    expect(result.orders.cancelled).toBe(1);
  });
});

describe('trades as history', () => {
  const tradesOf = (rows: readonly (readonly [second: number, priceTicks: number, sizeLots: number])[]): TradeHistory => ({
    length: rows.length,
    at: Float64Array.from(rows, ([second]) => BARS_BEGIN_AT + second * 1_000),
    priceTicks: Float64Array.from(rows, ([, price]) => price),
    sizeLots: Float64Array.from(rows, ([, , size]) => size),
  });
  const over = (strategy: Strategy, rows: Parameters<typeof tradesOf>[0], more: Partial<BacktestOptions> = {}) => {
    const trades = tradesOf(rows);
    const { bars, firstTrades } = barsOfTrades(trades, BAR_MS);
    return run(strategy, { bars, trades: { trades, firstTrades }, ...more });
  };
  const buyer = scripted({ start: (context) => context.submit(order('buy', 9_900)) });

  it('fill an order at the moment of the trade that reaches it, in a sequence no bar could tell', () => {
    const strategy = scripted({
      start: (context) => context.submit(order('buy', 9_900)),
      on: (context, event) => {
        if (event.type === 'orderFilled' && event.order.side === 'buy') context.submit(order('sell', 10_100));
      },
    });
    const rising = [
      [0, 10_000, 5],
      [1, 10_200, 5],
      [2, 9_900, 5],
      [3, 10_050, 5],
    ] as const;
    const falling = [
      [0, 10_000, 5],
      [1, 9_900, 5],
      [2, 10_200, 5],
      [3, 10_050, 5],
    ] as const;
    expect(fillsOf(over(strategy, rising))).toEqual(['buy 1000 @ 9900 +2s']);
    expect(fillsOf(over(strategy, falling))).toEqual(['buy 1000 @ 9900 +1s', 'sell 1000 @ 10100 +2s']);
  });

  it('fill no more than was traded where a share of the volume is given, and wait in the queue where that is the rule', () => {
    const rows = [
      [0, 10_000, 5],
      [1, 9_900, 300],
      [2, 9_900, 400],
      [3, 9_901, 900],
      [4, 9_900, 500],
    ] as const;
    expect(fillsOf(over(buyer, rows, { venue: { volumeShare: 1 } }))).toEqual(['buy 300 @ 9900 +1s', 'buy 400 @ 9900 +2s', 'buy 300 @ 9900 +4s']);
    // Of 2 105 lots of that minute a fifth stands ahead: 421.
    expect(fillsOf(over(buyer, rows, { venue: { fillRule: 'queue', queueShare: 0.2 } }))).toEqual(['buy 279 @ 9900 +2s', 'buy 500 @ 9900 +4s']);
  });

  it('run timers and requests at their own time between trades', () => {
    const strategy = scripted({
      start: (context) => context.setTimer('buy', context.at + 90_000),
      on: (context, event) => {
        if (event.type === 'timerFired') context.submit(market('buy'));
      },
    });
    const rows = [
      [0, 10_000, 5],
      [80, 10_010, 5],
      [200, 10_500, 5],
    ] as const;
    expect(fillsOf(over(strategy, rows, { venue: { latencyMs: 250 } }))).toEqual(['buy 1000 @ 10010 +90.25s']);
  });

  it('make the bars a strategy decides on, and a report that agrees with its ledger', () => {
    const strategy = scripted({
      start: () => undefined,
      on: (context, event) => {
        if (event.type === 'barClosed') context.submit(market(context.position.baseGrains > 0 ? 'sell' : 'buy'));
      },
      wants: { bars: true, quotes: false },
    });
    const trades = tradesOf([
      [0, 10_000, 5],
      [59, 10_020, 5],
      [61, 10_100, 5],
      [119, 10_200, 5],
      [300, 10_300, 5],
    ]);
    const { bars, firstTrades } = barsOfTrades(trades, BAR_MS);
    const result = run(strategy, { bars, trades: { trades, firstTrades } });
    expect(fillsOf(result)).toEqual(['buy 1000 @ 10020 +60s', 'sell 1000 @ 10200 +120s', 'buy 1000 @ 10300 +360s']);
    const { figures, curve } = backtestReport(result, bars);
    expect(figures.profit).toBe(result.profit);
    expect(curve.at(-1)?.at).toBe(result.endedAt);
  });

  it.each([
    [
      [
        [1, 10_000, 5],
        [0, 10_000, 5],
      ],
      'trade 2 comes before the trade in front of it; sort the trades by time',
    ],
    [[[0, 0, 5]], 'trade 1 has no price above zero; remove it'],
    [[[0, Number.NaN, 5]], 'trade 1 has no price above zero; remove it'],
    [[[0, 10_000, -1]], 'trade 1 has no size; remove it'],
    [[], 'there are no trades to run over'],
  ] as const)('are refused when they cannot be: %j', (rows, message) => {
    expect(() => over(buyer, rows)).toThrow(message);
  });
});
