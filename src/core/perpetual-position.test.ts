/** A position in a perpetual, case by case and against exact arithmetic that knows nothing of averages. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { grains } from './engine/engine.fixture.ts';
import { applyFunding, applyPerpetualFill, liquidationTicks } from './perpetual-position.ts';
import { emptyPosition, type Fill, floatingAtoms, type Position } from './position.ts';

const fill = (side: 'buy' | 'sell', priceTicks: number, sizeLots: number, feeAtoms = 0, more: Partial<Fill> = {}): Fill => ({
  ...{ tradeId: 't', side, priceTicks, sizeLots, feeGrains: 0, feeAtoms, otherFeeAtoms: 0, isMaker: false },
  ...more,
});

function positionAfter(...fills: readonly Fill[]): Position {
  const position = emptyPosition();
  for (const each of fills) applyPerpetualFill(position, each);
  return position;
}

describe('a position in a perpetual', () => {
  it('averages what a long was entered at, and counts fees at once', () => {
    expect(positionAfter(fill('buy', 100, 10, 2), fill('buy', 110, 10, 3))).toMatchObject({
      baseGrains: grains(20),
      costAtoms: 2_100,
      quoteAtoms: -2_105,
      realisedAtoms: -5,
      feesAtoms: 5,
      fillCount: 2,
    });
  });

  it('averages what a short was entered at, as a negative cost', () => {
    expect(positionAfter(fill('sell', 100, 10), fill('sell', 110, 10))).toMatchObject({
      baseGrains: -grains(20),
      costAtoms: -2_100,
      quoteAtoms: 2_100,
      realisedAtoms: 0,
    });
  });

  it('realises profit on the part that is closed, long and short', () => {
    expect(positionAfter(fill('buy', 100, 10), fill('sell', 120, 4, 1))).toMatchObject({ baseGrains: grains(6), costAtoms: 600, realisedAtoms: 79 });
    expect(positionAfter(fill('sell', 100, 10), fill('buy', 120, 4, 1))).toMatchObject({ baseGrains: -grains(6), costAtoms: -600, realisedAtoms: -81 });
  });

  it('splits a fill that crosses zero: the old position is closed, the rest opens at its own price', () => {
    expect(positionAfter(fill('buy', 100, 10), fill('sell', 90, 25))).toMatchObject({ baseGrains: -grains(15), costAtoms: -1_350, realisedAtoms: -100 });
    expect(positionAfter(fill('sell', 100, 10), fill('buy', 90, 25))).toMatchObject({ baseGrains: grains(15), costAtoms: 1_350, realisedAtoms: 100 });
  });

  it('keeps nothing back when it is closed whole, however its average was rounded', () => {
    const position = positionAfter(fill('buy', 101, 3), fill('buy', 100, 4), fill('sell', 100, 2), fill('sell', 100, 5));
    expect(position).toMatchObject({ baseGrains: 0, costAtoms: 0, realisedAtoms: -3, quoteAtoms: -3 });
  });

  it('counts a fee in a third coin against the profit, not against the wallet', () => {
    expect(positionAfter(fill('buy', 100, 10, 0, { otherFeeAtoms: 7 }))).toMatchObject({ quoteAtoms: -1_000, realisedAtoms: -7, feesAtoms: 7 });
  });

  it('gains and loses funding as profit', () => {
    const position = positionAfter(fill('buy', 100, 10));
    applyFunding(position, -3);
    applyFunding(position, 5);
    expect(position).toMatchObject({ quoteAtoms: -998, realisedAtoms: 2, fundingAtoms: 2, costAtoms: 1_000 });
  });

  it('is always worth what was received less what was paid, whatever was done', () => {
    const anyFill = fc
      .record({
        side: fc.constantFrom('buy' as const, 'sell' as const),
        price: fc.integer({ min: 1, max: 2_000_000 }),
        lots: fc.integer({ min: 1, max: 100_000 }),
        fee: fc.nat(5_000),
      })
      .map(({ side, price, lots, fee }) => fill(side, price, lots, fee));
    fc.assert(
      fc.property(fc.array(anyFill, { maxLength: 60, size: 'max' }), fc.integer({ min: 1, max: 2_000_000 }), (fills, priceTicks) => {
        const position = positionAfter(...fills);
        const lots = fills.reduce((sum, { side, sizeLots }) => sum + (side === 'buy' ? sizeLots : -sizeLots), 0);
        const cash = fills.reduce((sum, each) => sum + (each.side === 'buy' ? -1 : 1) * each.priceTicks * each.sizeLots - each.feeAtoms, 0);
        expect([position.baseGrains, position.quoteAtoms]).toEqual([grains(lots) + 0, cash]);
        expect(position.realisedAtoms, 'the wallet has gained what was realised').toBe(position.quoteAtoms + position.costAtoms);
        expect(position.realisedAtoms + floatingAtoms(position, priceTicks)).toBe(cash + lots * priceTicks);
        expect(Math.sign(position.costAtoms) * Math.sign(lots), 'the entry lies on the side of the position').toBe(lots === 0 ? 0 : 1);
        // Its average lies between the prices it was built from.
        if (lots === 0) return;
        const prices = fills.filter(({ side }) => (side === 'buy') === lots > 0).map((each) => each.priceTicks);
        const average = position.costAtoms / lots;
        expect(average).toBeGreaterThanOrEqual(Math.min(...prices) - 1);
        expect(average).toBeLessThanOrEqual(Math.max(...prices) + 1);
      }),
    );
  });
});

describe('the estimate of a liquidation price', () => {
  it.each([
    // Ten lots at 1000 with a tenth behind them: 9000 / (10 x 0.995).
    ['a long', fill('buy', 1_000, 10), 1_000, 904.52],
    ['a short', fill('sell', 1_000, 10), 1_000, 1_094.53],
    ['a long that its margin covers to nothing', fill('buy', 1_000, 10), 10_000, null],
  ])('of %s', (_name, opening, equity, expected) => {
    const ticks = liquidationTicks(positionAfter(opening), equity, 0.005);
    expect(ticks === null ? null : Math.round(ticks * 100) / 100).toBe(expected);
  });

  it('is where what stands behind the position equals its maintenance margin', () => {
    const position = positionAfter(fill('sell', 1_234, 17));
    const ticks = liquidationTicks(position, 3_000, 0.01) ?? 0;
    expect(3_000 + (17 * 1_234 - 17 * ticks)).toBeCloseTo(17 * ticks * 0.01, 6);
    expect(liquidationTicks(emptyPosition(), 3_000, 0.01)).toBeNull();
  });
});
