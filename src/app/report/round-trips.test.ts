import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GRAINS_PER_LOT } from '#core/instrument.ts';
import { rateFee } from '#core/matching/models.ts';
import type { FeeAsset } from '#core/risk.ts';
import type { LedgerFill } from './ledger.ts';
import { feeValue, matchTrades } from './round-trips.ts';

let number = 0;
const fill = (
  side: 'buy' | 'sell',
  sizeLots: number,
  priceTicks: number,
  more: { readonly feeAtoms?: number; readonly order?: string; readonly at?: number } = {},
): LedgerFill => {
  number += 1;
  const { feeAtoms = 0, order = `o${number}`, at = number } = more;
  return { at, clientOrderId: order, fill: { tradeId: `t${number}`, side, priceTicks, sizeLots, feeGrains: 0, feeAtoms, otherFeeAtoms: 0, isMaker: true } };
};
const match = (fills: readonly LedgerFill[], lots: 'fifo' | 'lifo' = 'fifo') => matchTrades({ fills, lent: null }, lots);

describe('entries and exits', () => {
  it('one purchase and its sale are one trade, after both fees', () => {
    const { trips, open } = match([fill('buy', 10, 100, { feeAtoms: 1, at: 5 }), fill('sell', 10, 110, { feeAtoms: 2, at: 9, order: 'exit' })]);
    expect(trips).toEqual([
      {
        direction: 'long',
        clientOrderId: 'exit',
        enteredAt: 5,
        leftAt: 9,
        grains: 10 * GRAINS_PER_LOT,
        entryTicks: 100,
        exitTicks: 110,
        profitAtoms: 97,
        entryAtoms: 1001,
        feeAtoms: 3,
      },
    ]);
    expect(open).toEqual([]);
  });

  it('a sale that closes several purchases is one trade at their average', () => {
    const { trips } = match([fill('buy', 10, 100), fill('buy', 30, 80), fill('sell', 40, 90)]);
    expect(trips).toHaveLength(1);
    expect(trips[0]).toMatchObject({ entryTicks: 85, exitTicks: 90, profitAtoms: 200 });
  });

  it('parts of one closing order are one trade, another order is another', () => {
    const { trips } = match([
      fill('buy', 30, 100),
      fill('sell', 10, 110, { order: 'a' }),
      fill('sell', 10, 120, { order: 'a' }),
      fill('sell', 10, 130, { order: 'b' }),
    ]);
    expect(trips.map(({ clientOrderId, exitTicks, profitAtoms }) => [clientOrderId, exitTicks, profitAtoms])).toEqual([
      ['a', 115, 300],
      ['b', 130, 300],
    ]);
  });

  it('fifo closes the oldest purchase, lifo the newest', () => {
    const fills = [fill('buy', 10, 100), fill('buy', 10, 80), fill('sell', 10, 90)];
    expect(match(fills, 'fifo').trips[0]?.profitAtoms).toBe(-100);
    expect(match(fills, 'lifo').trips[0]?.profitAtoms).toBe(100);
  });

  it('an execution that crosses zero closes a long and opens a short', () => {
    const { trips, open } = match([fill('buy', 10, 100), fill('sell', 30, 110), fill('buy', 20, 90)]);
    expect(trips.map(({ direction, profitAtoms }) => [direction, profitAtoms])).toEqual([
      ['long', 100],
      ['short', 400],
    ]);
    expect(open).toEqual([]);
  });

  it('what fees left of an earlier purchase does not make a trade older', () => {
    const bought = fill('buy', 10, 100, { at: 1 });
    const dusty = { ...bought, fill: { ...bought.fill, feeGrains: 5_000 } };
    const { trips, open } = match([dusty, fill('sell', 9, 110, { at: 2 }), fill('buy', 10, 120, { at: 50 }), fill('sell', 10, 130, { at: 60 })]);
    expect(trips.map(({ enteredAt, leftAt }) => [enteredAt, leftAt])).toEqual([
      [1, 2],
      [50, 60],
    ]);
    expect(open.map(({ grains }) => grains)).toEqual([5_000]);
  });

  it('base lent at the start is an entry at the first price', () => {
    const { trips } = matchTrades({ fills: [fill('sell', 10, 110)], lent: { at: 1, grains: 10 * GRAINS_PER_LOT, priceTicks: 100 } }, 'fifo');
    expect(trips[0]).toMatchObject({ direction: 'long', enteredAt: 1, entryTicks: 100, profitAtoms: 100 });
  });

  it('profits, fees and base add up to the fills to the last unit, however they are matched', () => {
    const execution = fc.record({
      side: fc.constantFrom('buy' as const, 'sell' as const),
      sizeLots: fc.integer({ min: 1, max: 1e6 }),
      priceTicks: fc.integer({ min: 1, max: 1e6 }),
      order: fc.integer({ min: 0, max: 5 }),
    });
    const property = fc.property(
      fc.array(execution, { minLength: 1, maxLength: 60 }),
      fc.constantFrom<FeeAsset>('received', 'quote', 'other'),
      fc.constantFrom('fifo' as const, 'lifo' as const),
      (executions, feeAsset, lots) => {
        const fee = rateFee(2_000, 10_000, feeAsset);
        const fills = executions.map(({ side, sizeLots, priceTicks, order }, index): LedgerFill => {
          const charged = fee(side, priceTicks, sizeLots, index % 2 === 0);
          return {
            at: index,
            clientOrderId: `${side}${order}`,
            fill: { tradeId: `${index}`, side, priceTicks, sizeLots, ...charged, isMaker: index % 2 === 0 },
          };
        });
        const { trips, open } = matchTrades({ fills, lent: null }, lots);
        let flow = 0;
        let grains = 0;
        let fees = 0;
        for (const { fill: each } of fills) {
          const direction = each.side === 'buy' ? 1 : -1;
          flow -= direction * each.priceTicks * each.sizeLots + each.feeAtoms + each.otherFeeAtoms;
          grains += direction * each.sizeLots * GRAINS_PER_LOT - each.feeGrains;
          fees += feeValue(each);
        }
        const sum = (values: readonly number[]) => values.reduce((total, each) => total + each, 0);
        expect(sum(trips.map(({ profitAtoms }) => profitAtoms)) + sum(open.map(({ flowAtoms }) => flowAtoms))).toBe(flow);
        expect(sum(trips.map(({ feeAtoms }) => feeAtoms)) + sum(open.map(({ feeAtoms }) => feeAtoms))).toBe(fees);
        expect(sum(open.map((lot) => lot.grains))).toBe(grains);
        expect(new Set(open.map((lot) => Math.sign(lot.grains))).size).toBeLessThanOrEqual(1);
      },
    );
    fc.assert(property, { numRuns: 300 });
  });
});
