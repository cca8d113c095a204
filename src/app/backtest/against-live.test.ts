import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newBars } from '#core/bars/bars.ts';
import type { Event } from '#core/events.ts';
import { Scale } from '#core/instrument.ts';
import { decimal } from '#core/money.ts';
import { TEST_INSTRUMENT } from '#test/support/grid-run.ts';
import { type BothWorlds, type Cause, worldOf } from './against-causes.ts';
import { type ComparedLedger, compareWithLive as compare, type LiveComparison } from './against-live.ts';

const scale = new Scale(TEST_INSTRUMENT);
const MINUTE = 60_000;

/** Bars of a minute that all go from 9900 to 10100. */
function barsBetween(from: number, to: number) {
  const bars = newBars(Math.ceil((to - from) / MINUTE), MINUTE);
  for (let index = 0; index < bars.length; index += 1) {
    bars.startAt[index] = from + index * MINUTE;
    bars.openTicks[index] = bars.closeTicks[index] = 10_000;
    bars.lowTicks[index] = 9_900;
    bars.highTicks[index] = 10_100;
  }
  return bars;
}

interface Row {
  readonly side: 'buy' | 'sell';
  readonly at: number;
  readonly ticks: number;
  readonly lots?: number;
  readonly fee?: number;
  readonly isMaker?: boolean;
  readonly quote?: readonly [bid: number, ask: number];
}

function ledger(rows: readonly Row[], funding = 0): ComparedLedger {
  return {
    fills: rows.map(({ side, at, ticks, lots = 1_000, fee = 0, isMaker = true }, index) => ({
      at,
      clientOrderId: `o${index}`,
      fill: { tradeId: `t${index}`, side, priceTicks: ticks, sizeLots: lots, feeGrains: 0, feeAtoms: fee, otherFeeAtoms: 0, isMaker },
    })),
    funding: funding === 0 ? [] : [{ at: 0, amountAtoms: funding }],
    orders: new Map(
      rows.map(({ side, at, ticks, lots = 1_000, quote: [bidTicks, askTicks] = [0, 0] }, index) => [
        `o${index}`,
        {
          order: {
            clientOrderId: `o${index}`,
            createdAt: at,
            side,
            type: 'limit',
            priceTicks: ticks,
            triggerTicks: 0,
            sizeLots: lots,
            timeInForce: 'gtc',
            postOnly: false,
            reduceOnly: false,
            tag: '',
          },
          ...{ outcome: 'filled', endedAt: at, filledLots: lots, filledAtoms: lots * ticks, bidTicks, askTicks },
        },
      ]),
    ),
  };
}

const WORLD = { bars: barsBetween(0, 2_000_000), commands: [], pauses: [], begins: { live: 10_000, test: 10_000 } };
const compareWithLive = (live: ComparedLedger, test: ComparedLedger, of: Scale, lastTicks: number, world: Partial<BothWorlds> = {}) =>
  compare(live, test, { scale: of, lastTicks, world: { ...WORLD, ...world } });

const sumOf = ({ sums }: LiveComparison) =>
  Object.values(sums)
    .reduce((sum, part) => sum.plus(part), decimal('0'))
    .toFixed();

describe('a live run beside its backtest', () => {
  it('is the same where both did the same', () => {
    const rows: Row[] = [
      { side: 'buy', at: 1_000, ticks: 9_900 },
      { side: 'sell', at: 90_000, ticks: 10_100 },
    ];
    const { counts, difference, orders } = compareWithLive(ledger(rows), ledger(rows.map((row) => ({ ...row, at: row.at + 500 }))), scale, 10_000);
    expect(counts).toEqual({ same: 2, differs: 0, missing: 0, extra: 0 });
    expect(difference).toBe('0');
    expect(orders.every(({ effect }) => effect === '0')).toBe(true);
  });

  it('says what spread, slippage and timing have cost a taking order', () => {
    // Live: the middle stood 4 ticks higher, the spread was 6 wide in place of 2, and it slipped 5 beyond the ask in place of 1.
    const live = ledger([{ side: 'buy', at: 0, ticks: 10_012, isMaker: false, quote: [10_001, 10_007] }]);
    const test = ledger([{ side: 'buy', at: 0, ticks: 10_002, isMaker: false, quote: [9_999, 10_001] }]);
    const { orders, difference } = compareWithLive(live, test, scale, 10_000);
    const { priceIncrement, sizeIncrement } = TEST_INSTRUMENT;
    const cost = (ticks: number) =>
      decimal(priceIncrement)
        .times(sizeIncrement)
        .times(-ticks * 1_000)
        .toFixed();
    expect(orders[0]?.parts).toEqual({ timing: cost(4), spread: cost(2), slippage: cost(4) });
    expect(difference).toBe(cost(10));
  });

  it('tells a level of a resting order, a fee and a size apart', () => {
    const live = ledger([{ side: 'sell', at: 0, ticks: 10_050, lots: 800, fee: 500 }]);
    const test = ledger([{ side: 'sell', at: 0, ticks: 10_000, fee: 100 }]);
    const { orders } = compareWithLive(live, test, scale, 9_000);
    expect(orders[0]).toMatchObject({ kind: 'differs', parts: { level: scale.quote(800 * 50), fees: scale.quote(-400), size: scale.quote(-200 * 1_000) } });
  });

  it('lists what is missing and what is extra, with what each has meant', () => {
    const live = ledger([{ side: 'buy', at: 0, ticks: 9_000 }], 700);
    const test = ledger([{ side: 'sell', at: 0, ticks: 9_000 }], 200);
    const { counts, orders, sums } = compareWithLive(live, test, scale, 10_000);
    expect(counts).toEqual({ same: 0, differs: 0, missing: 1, extra: 1 });
    expect(orders.map(({ kind, effect }) => [kind, effect]).sort()).toEqual([
      ['extra', scale.quote(1_000_000)],
      ['missing', scale.quote(1_000_000)],
    ]);
    expect(sums.funding).toBe(scale.quote(500));
  });

  it('does not take orders for one that are too far apart in time or price', () => {
    const one = ledger([{ side: 'buy', at: 0, ticks: 10_000 }]);
    expect(compareWithLive(one, ledger([{ side: 'buy', at: 300_001, ticks: 10_000 }]), scale, 10_000).counts.missing).toBe(1);
    expect(compareWithLive(one, ledger([{ side: 'buy', at: 0, ticks: 10_200 }]), scale, 10_000).counts.missing).toBe(1);
    expect(compareWithLive(one, ledger([{ side: 'buy', at: 299_999, ticks: 10_050 }]), scale, 10_000).counts.differs).toBe(1);
  });

  it('adds up to the difference of the profits exactly, whatever both did', () => {
    const row = fc.record({
      side: fc.constantFrom('buy' as const, 'sell' as const),
      at: fc.integer({ min: 0, max: 1_000_000 }),
      ticks: fc.integer({ min: 9_900, max: 10_100 }),
      lots: fc.integer({ min: 1, max: 5_000 }),
      fee: fc.integer({ min: 0, max: 10_000 }),
      isMaker: fc.boolean(),
      quote: fc.tuple(fc.integer({ min: 9_900, max: 9_999 }), fc.integer({ min: 10_000, max: 10_100 })),
    });
    const rows = fc.array(row, { maxLength: 30 });
    const property = fc.property(rows, rows, fc.integer({ min: 9_000, max: 11_000 }), fc.integer({ min: -1_000, max: 1_000 }), (live, test, last, funding) => {
      const comparison = compareWithLive(ledger(live, funding), ledger(test), scale, last);
      expect(sumOf(comparison)).toBe(comparison.difference);
      expect(decimal(comparison.liveProfit).minus(comparison.testProfit).toFixed()).toBe(comparison.difference);
      const { same, differs, missing, extra } = comparison.counts;
      expect([same + differs + extra, same + differs + missing]).toEqual([live.length, test.length]);
    });
    fc.assert(property, { numRuns: 200 });
  });

  const AT = 20 * MINUTE;
  const BUY: Row = { side: 'buy', at: AT, ticks: 10_000 };
  const NONE: Row[] = [];
  /** Asked for a minute before, and never executed. */
  const waiting = (outcome: string, ticks = 10_000): ComparedLedger => {
    const { orders, ...rest } = ledger([{ side: 'buy', at: AT - MINUTE, ticks }]);
    return {
      ...rest,
      fills: [],
      orders: new Map([...orders].map(([id, order]) => [id, { ...order, outcome, endedAt: outcome === 'open' ? null : AT, filledLots: 0, filledAtoms: 0 }])),
    };
  };
  const SELL = (at: number): Row => ({ side: 'sell', at, ticks: 10_050 });
  const flat = { ...WORLD.bars, lowTicks: WORLD.bars.lowTicks.map(() => 10_001) };

  it.each<[Cause, string, ComparedLedger, ComparedLedger, Partial<BothWorlds>?]>([
    ['outside', 'before the first candle', ledger([BUY]), ledger(NONE), { bars: barsBetween(AT + MINUTE, AT + 10 * MINUTE) }],
    ['outside', 'after the last candle', ledger([BUY]), ledger(NONE), { bars: barsBetween(0, AT) }],
    ['paused', 'while the live run was paused', ledger(NONE), ledger([BUY]), { pauses: [{ from: AT - 1, to: AT + 1 }] }],
    ['refused', 'that the live run was refused', waiting('insufficient_funds'), ledger([BUY])],
    ['moment', 'that the backtest did much later', ledger([BUY]), ledger([{ ...BUY, at: AT + 8 * MINUTE }])],
    ['unfilled', 'that rested live and was not executed', waiting('open'), ledger([BUY])],
    ['unfilled', 'that rested in the backtest, which came to its price', ledger([BUY]), waiting('cancelled')],
    ['candles', 'that rested in the backtest, which never came to its price', ledger([BUY]), waiting('open'), { bars: flat }],
    ['command', 'after a command', ledger([BUY]), ledger(NONE), { commands: [AT - 5 * MINUTE] }],
    ['path', 'in a candle in which the backtest acted, too', ledger([BUY, SELL(AT + 1)]), ledger([SELL(AT + 2)])],
    ['start', 'of runs that began at other prices', ledger([BUY]), ledger(NONE), { begins: { live: 10_000, test: 10_001 } }],
  ])('says of an order in one run only: %s, %s', (cause, _when, live, test, world = {}) => {
    const { orders, causes } = compareWithLive(live, test, scale, 10_000, world);
    const [first] = orders.filter(({ kind }) => kind === 'missing' || kind === 'extra');
    expect(first?.cause).toBe(cause);
    expect(Object.values(causes).reduce((sum, { count }) => sum + count, 0)).toBe(orders.filter((each) => each.cause !== null).length);
  });

  it('says that what differs later follows, and gives a cause to every order that one run has alone', () => {
    const later: Row[] = [BUY, { ...BUY, at: AT + 9 * MINUTE, ticks: 9_800 }];
    expect(compareWithLive(ledger(later), ledger(NONE), scale, 10_000).orders.map(({ cause }) => cause)).toEqual(['path', 'follows']);
  });

  it('reads commands, pauses and the beginning of a run off its tape', () => {
    const at = (event: object, moment: number) => ({ sequence: moment, event: { ...event, at: moment } as Event, commands: [] });
    const tape = [
      at({ type: 'quoteChanged', bidTicks: 9_990, askTicks: 9_992 }, 1),
      at({ type: 'userCommand', name: 'x', commandId: 'c', params: {} }, 2),
      at({ type: 'pauseRequested' }, 3),
      at({ type: 'resumeRequested' }, 5),
      at({ type: 'tradingStateChanged', tradingState: 'reducing' }, 7),
    ];
    expect(worldOf(tape, WORLD.bars, 99)).toEqual({
      bars: WORLD.bars,
      commands: [2, 3, 5],
      pauses: [
        { from: 3, to: 5 },
        { from: 7, to: 99 },
      ],
      begins: { live: 9_991, test: 10_000 },
    });
  });
});
