import { describe, expect, it } from 'vitest';
import type { Event } from '#core/events.ts';
import type { OrderRequest } from '#core/order.ts';
import { type Context, defineStrategy, type Strategy, type StrategyEvent } from '#core/strategy.ts';
import { grid } from '#strategies/grid.ts';
import { BAR_MS, BARS_BEGIN_AT, barsOf } from '#test/support/bars.ts';
import { TEST_INSTRUMENT } from '#test/support/grid-run.ts';
import { type BacktestOptions, type BacktestResult, runBacktest } from './backtest.ts';

const FREE = { ...TEST_INSTRUMENT, makerFeeRate: '0', takerFeeRate: '0' };

/** A strategy that does one thing at start and may answer events; it owns 1 000 USDT. */
function scripted(
  start: (context: Context) => void,
  on: (context: Context, event: StrategyEvent) => void = () => undefined,
  wants = { bars: false, quotes: false },
): Strategy {
  return defineStrategy({
    name: 'scripted',
    version: 1,
    title: { en: 'Scripted', ru: 'По сценарию' },
    summary: { en: 'For tests.', ru: 'Для тестов.' },
    params: {},
    wants,
    plan: ({ scale }) => ({ ok: true, quoteAtoms: scale.atoms('1000', 'down'), baseGrains: 0, preview: {} }),
    start: (context) => {
      start(context);
      return {};
    },
    on: (context, _, event) => on(context, event),
  });
}

const order = (side: 'buy' | 'sell', priceTicks: number, more: Partial<OrderRequest> = {}): OrderRequest => ({
  side,
  type: 'limit',
  priceTicks,
  triggerTicks: 0,
  sizeLots: 1_000,
  timeInForce: 'gtc',
  postOnly: false,
  reduceOnly: false,
  tag: 'x',
  ...more,
});
const market = (side: 'buy' | 'sell'): OrderRequest => order(side, 0, { type: 'market', timeInForce: 'ioc' });

function run(strategy: Strategy, rows: Parameters<typeof barsOf>[0], more: Partial<BacktestOptions> = {}): BacktestResult {
  return runBacktest({ strategy, config: {}, instrument: FREE, bars: barsOf(rows), keepTape: true, ...more });
}

/** Fills as `buy 1000 @ 9500 +30s`: side, lots, ticks, and when in seconds since the first bar. */
function fillsOf(result: BacktestResult): readonly string[] {
  const fills: string[] = [];
  for (const { event } of result.tape)
    if (event.type === 'orderFilled')
      fills.push(`${event.fill.side} ${event.fill.sizeLots} @ ${event.fill.priceTicks} +${(event.at - BARS_BEGIN_AT) / 1_000}s`);
  return fills;
}

describe('the path of a bar', () => {
  const both = scripted(
    (context) => {
      context.submit(order('buy', 9_000, { sizeLots: 500 }));
      context.submit(market('buy'));
      context.submit(order('sell', 11_000, { sizeLots: 500 }));
    },
    (context, event) => {
      if (event.type === 'orderFilled' && event.order.type === 'market') context.submit(order('sell', 11_000, { sizeLots: 500 }));
    },
  );

  it('goes to the low first in a bar that closes at or above its open', () => {
    const result = run(both, [10_000, [10_000, 11_500, 8_500, 10_000]]);
    expect(fillsOf(result).slice(1)).toEqual(['buy 500 @ 9000 +73.333s', 'sell 500 @ 11000 +96.666s']);
  });

  it('goes to the high first in a bar that closes below its open', () => {
    const result = run(both, [10_000, [10_000, 11_500, 8_500, 9_999]]);
    expect(fillsOf(result).slice(1)).toEqual(['sell 500 @ 11000 +73.333s', 'buy 500 @ 9000 +96.666s']);
  });

  it('lets one bar fill an order and its answer, in the order of the path', () => {
    const result = runBacktest({
      strategy: grid,
      config: { lower_price: '80', upper_price: '120', levels: 5, sizing: 'base', order_size: '1' },
      instrument: FREE,
      bars: barsOf([10_000, [10_000, 10_050, 8_900, 10_050]]),
      keepTape: true,
    });
    expect(fillsOf(result)).toEqual(['buy 2000 @ 10000 +0s', 'buy 1000 @ 9000 +78.181s', 'sell 1000 @ 10000 +99.13s']);
  });

  it('fills a resting order in a gap at its own price, and reacts to a watched price only at the open', () => {
    const watching = scripted(
      (context) => {
        context.submit(order('buy', 9_500));
        context.watchPrice(9_200, Number.POSITIVE_INFINITY);
      },
      (context, event) => {
        if (event.type === 'priceReached') context.finish('stop', 'toQuote');
      },
    );
    const result = run(watching, [10_000, 9_000]);
    expect(fillsOf(result)).toEqual(['buy 1000 @ 9500 +60s', 'sell 1000 @ 9000 +60s']);
    expect(result).toMatchObject({ bars: 2, endReason: 'stop', profit: '-5' });
  });

  it('reacts to a watched price at that price when the market trades through it', () => {
    const watching = scripted(
      (context) => {
        context.submit(market('buy'));
        context.watchPrice(9_200, Number.POSITIVE_INFINITY);
      },
      (context, event) => {
        if (event.type === 'priceReached') context.finish('stop', 'toQuote');
      },
    );
    expect(fillsOf(run(watching, [10_000, [9_800, 9_900, 9_000, 9_100], 5_000]))).toEqual(['buy 1000 @ 10000 +0s', 'sell 1000 @ 9200 +95.555s']);
  });
});

describe('the venue model', () => {
  const buyer = scripted((context) => void context.submit(market('buy')));

  it('lets taking orders pay half the spread and the slippage', () => {
    expect(fillsOf(run(buyer, [10_000], { venue: { halfSpreadTicks: 5, slippage: 0.001 } }))).toEqual(['buy 1000 @ 10016 +0s']);
  });

  it('lets requests act late, at the price of that time', () => {
    // In 30 s the price has gone half of the way up: down first for 20 s, then up.
    expect(fillsOf(run(buyer, [[10_000, 10_400, 10_000, 10_400]], { venue: { latencyMs: 30_000 } }))).toEqual(['buy 1000 @ 10200 +30s']);
  });

  it('fills a touched order only when the price goes through it, where asked', () => {
    const resting = scripted((context) => void context.submit(order('buy', 9_500)));
    expect(run(resting, [10_000, [10_000, 10_000, 9_500, 10_000]], { venue: { fillRule: 'touch' } }).trades.count).toBe(1);
    expect(run(resting, [10_000, [10_000, 10_000, 9_500, 10_000]], { venue: { fillRule: 'through' } }).trades.count).toBe(0);
    expect(run(resting, [10_000, [10_000, 10_000, 9_499, 10_000]], { venue: { fillRule: 'through' } }).trades.count).toBe(1);
  });

  it('fills no more than its share of the volume of a bar', () => {
    const resting = scripted((context) => void context.submit(order('buy', 9_500)));
    const result = run(resting, [10_000, [10_000, 10_000, 9_400, 9_400, 3_000], [9_400, 9_400, 9_400, 9_400, 3_000], [9_400, 9_400, 9_400, 9_400, 100_000]], {
      venue: { volumeShare: 0.1 },
    });
    expect(fillsOf(result)).toEqual(['buy 300 @ 9500 +96.666s', 'buy 300 @ 9500 +120s', 'buy 400 @ 9500 +180s']);
  });

  it('takes fees by maker and taker rate, in the coin asked for', () => {
    const instrument = { ...FREE, makerFeeRate: '0.001', takerFeeRate: '0.002' };
    expect(run(buyer, [10_000], { instrument })).toMatchObject({ fees: '0.2', profit: '-0.2' });
    expect(run(buyer, [10_000], { instrument, venue: { feeAsset: 'quote' } })).toMatchObject({ fees: '0.2', profit: '-0.2' });
    // A third coin lowers the profit, but no holding.
    expect(run(buyer, [10_000], { instrument, venue: { feeAsset: 'other' } })).toMatchObject({ fees: '0.2', profit: '-0.2' });
  });
});

describe('events', () => {
  it('fires a timer at its time, with the price of that time', () => {
    const seen: (readonly [number, number])[] = [];
    const timed = scripted(
      (context) => context.setTimer('later', context.at + 90_000),
      (context, event) => {
        if (event.type === 'timerFired') seen.push([context.at - BARS_BEGIN_AT, context.bidTicks]);
      },
    );
    run(timed, [10_000, [10_000, 10_400, 10_000, 10_400], 10_400]);
    expect(seen).toEqual([[90_000, 10_200]]);
  });

  it('gives every bar to a strategy that wants bars, after its fills and with its close as the price', () => {
    const seen: string[] = [];
    const watching = scripted(
      (context) => void context.submit(order('buy', 9_500)),
      (context, event) =>
        void seen.push(
          event.type === 'barClosed' ? `bar ${event.closeTicks} at ${(context.at - BARS_BEGIN_AT) / BAR_MS}, bid ${context.bidTicks}` : event.type,
        ),
      { bars: true, quotes: false },
    );
    run(watching, [10_000, [10_000, 10_100, 9_400, 9_900], 9_950]);
    expect(seen).toEqual(['orderAccepted', 'bar 10000 at 1, bid 10000', 'orderFilled', 'bar 9900 at 2, bid 9900', 'bar 9950 at 3, bid 9950']);
  });

  describe('of a length of its own', () => {
    const told: string[] = [];
    const wanting = (warmUp: number, intervalMs = 3 * BAR_MS): Strategy => ({
      ...scripted(
        () => void (told.length = 0),
        (context, event) => {
          if (event.type !== 'barClosed') return;
          const barsIn = (at: number) => (at - BARS_BEGIN_AT) / BAR_MS;
          told.push(
            `${event.isHistory === true ? 'history ' : ''}${barsIn(event.closedAt ?? 0)} at ${barsIn(context.at)}: ${event.openTicks} to ${event.closeTicks}`,
          );
        },
        { bars: true, quotes: false },
      ),
      bars: () => [{ intervalMs, warmUp }],
    });

    it('is told when it is over', () => {
      run(wanting(0), [1_000, 1_001, 1_002, 1_003, 1_004, 1_005, 1_006]);
      expect(told).toEqual(['3 at 3: 1000 to 1002', '6 at 6: 1003 to 1005']);
    });

    it('is warmed up with what came before, at the beginning of the run', () => {
      const history = barsOf([900, 901, 902, 903, 904, 905, 906, 907, 908]);
      history.startAt.forEach((at, index) => {
        history.startAt[index] = at - 9 * BAR_MS;
      });
      run(wanting(2), [1_000, 1_001, 1_002], { history });
      expect(told).toEqual(['history -3 at 0: 903 to 905', 'history 0 at 0: 906 to 908', '3 at 3: 1000 to 1002']);
    });

    it('is refused where it cannot be made', () => {
      expect(() => run(wanting(0, 90_000), [1_000])).toThrow('cannot be made of candles of 1 minutes');
    });
  });

  it('keeps bars on the tape as they were, though the strategy gets one object for all', () => {
    const result = run(
      scripted(() => undefined, undefined, { bars: true, quotes: false }),
      [1_000, 1_001, 1_002],
    );
    const bars = result.tape.map(({ event }) => event).filter((event): event is Extract<Event, { type: 'barClosed' }> => event.type === 'barClosed');
    expect(bars.map((bar) => bar.closeTicks)).toEqual([1_000, 1_001, 1_002]);
  });

  it('gives the turns of the path to a strategy that wants quotes', () => {
    const seen: number[] = [];
    run(
      scripted(
        () => undefined,
        (_, event) => void (event.type === 'quoteChanged' && seen.push(event.bidTicks)),
        { bars: false, quotes: true },
      ),
      [10_000, [9_900, 10_200, 9_800, 10_100]],
    );
    expect(seen).toEqual([9_900, 9_800, 10_200, 10_100]);
  });

  it('stops a strategy that answers itself for ever', () => {
    const mad = scripted(
      (context) => void context.submit(market('buy')),
      (context, event) => {
        if (event.type === 'orderFilled') context.submit({ ...market(event.fill.side === 'buy' ? 'sell' : 'buy') });
      },
    );
    expect(() => run(mad, [10_000, 10_001], { limits: { ordersPerMinute: 1e9 } })).toThrow(/acted more than 100000 times within one bar/);
  });
});

describe('the result', () => {
  it('counts profit, drawdown and holding at the closes', () => {
    const buyer = scripted((context) => void context.submit(order('buy', 10_000, { sizeLots: 10_000 })));
    const result = run(buyer, [10_000, 11_000, 8_800, 9_900, 12_000]);
    expect(result).toMatchObject({
      bars: 5,
      capital: '1000',
      profit: '200',
      profitShare: 0.2,
      realised: '0',
      floating: '200',
      endReason: '',
      startedAt: BARS_BEGIN_AT,
      endedAt: BARS_BEGIN_AT + 5 * BAR_MS,
    });
    expect(result.drawdown).toEqual({ share: 0.2, amount: '220' });
    expect(result.holdShare).toBeCloseTo(0.2, 12);
    expect(result.curve.map(({ equity }) => equity)).toEqual(['1000', '1100', '880', '990', '1200']);
    expect(result.curve.at(-1)).toMatchObject({ at: result.endedAt, price: '120' });
    expect([result.sharpe, result.sortino, result.annualReturn]).toEqual([null, null, null]);
  });

  it('is the same whether quiet bars are skipped or walked', () => {
    const rows = Array.from({ length: 3_000 }, (_, index) => {
      const open = 10_000 + Math.round(1_500 * Math.sin(index / 40));
      const close = 10_000 + Math.round(1_500 * Math.sin((index + 1) / 40));
      return [open, Math.max(open, close) + 7, Math.min(open, close) - 5, close] as const;
    });
    const config = { lower_price: '90', upper_price: '110', levels: 11, investment: '1000' };
    const skipping = runBacktest({ strategy: grid, config, instrument: TEST_INSTRUMENT, bars: barsOf(rows) });
    const walking = runBacktest({ strategy: { ...grid, wants: { bars: true, quotes: false } }, config, instrument: TEST_INSTRUMENT, bars: barsOf(rows) });
    expect(skipping.trades.count).toBeGreaterThan(200);
    const { setup: _a, ...a } = skipping;
    const { setup: _b, ...b } = walking;
    expect(a).toEqual(b);
  });

  it('refuses settings by name before anything runs', () => {
    expect(() => runBacktest({ strategy: grid, config: { lower_price: '1' }, instrument: FREE, bars: barsOf([1_000]) })).toThrow(
      /upper_price: is required unless range is infinite; levels: is required/,
    );
    expect(() =>
      runBacktest({ strategy: grid, config: { lower_price: '90', upper_price: '80', levels: 3, investment: '100' }, instrument: FREE, bars: barsOf([1_000]) }),
    ).toThrow(/upper_price: must be above lower_price/);
    expect(() =>
      run(
        scripted(() => undefined),
        [],
      ),
    ).toThrow('there are no candles to run over');
  });

  it('tells progress and ends where it is asked to', () => {
    const done: number[] = [];
    const result = run(
      scripted(() => undefined),
      Array.from({ length: 2_000 }, () => 10_000),
      {
        onProgress: (bars) => {
          done.push(bars);
          return bars < 1_000;
        },
      },
    );
    expect(done.at(-1)).toBe(1_000);
    expect(result.bars).toBe(1_000);
  });
});
