import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Scale } from '#core/instrument.ts';
import { decimal } from '#core/money.ts';
import { TEST_INSTRUMENT } from '#test/support/grid-run.ts';
import { type ComparedLedger, compareWithLive, type LiveComparison } from './against-live.ts';

const scale = new Scale(TEST_INSTRUMENT);

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
});
