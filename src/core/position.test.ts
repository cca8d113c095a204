/** Positions are sums of fills: checked against exact arithmetic, for every mix of buys, sells and fees. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { grains } from './engine/engine.fixture.ts';
import { GRAINS_PER_LOT } from './instrument.ts';
import { applyFill, emptyPosition, type Fill, floatingAtoms, type Position, receiveBase } from './position.ts';

const fill = (side: 'buy' | 'sell', priceTicks: number, sizeLots: number, fees: Partial<Fill> = {}): Fill => ({
  tradeId: 't',
  side,
  priceTicks,
  sizeLots,
  feeGrains: 0,
  feeAtoms: 0,
  otherFeeAtoms: 0,
  isMaker: true,
  ...fees,
});

function positionAfter(...fills: readonly Fill[]): Position {
  const position = emptyPosition();
  for (const one of fills) applyFill(position, one);
  return position;
}

const anyFill: fc.Arbitrary<Fill> = fc
  .record({
    side: fc.constantFrom('buy', 'sell'),
    priceTicks: fc.integer({ min: 1, max: 2_000_000 }),
    sizeLots: fc.integer({ min: 1, max: 100_000 }),
    fee: fc.nat(100),
    feeKind: fc.constantFrom('base', 'quote', 'other', 'none'),
  })
  .map(({ side, priceTicks, sizeLots, fee, feeKind }) =>
    fill(
      side,
      priceTicks,
      sizeLots,
      feeKind === 'base'
        ? { feeGrains: fee * sizeLots }
        : feeKind === 'quote'
          ? { feeAtoms: fee * sizeLots }
          : feeKind === 'other'
            ? { otherFeeAtoms: fee * sizeLots }
            : {},
    ),
  );

describe('a buy and a sell', () => {
  it('without fees earn the difference of their prices', () => {
    expect(positionAfter(fill('buy', 100, 10), fill('sell', 110, 10))).toEqual({
      baseGrains: 0,
      quoteAtoms: 100,
      costAtoms: 0,
      realisedAtoms: 100,
      feesAtoms: 0,
      fillCount: 2,
    });
  });

  it('with a fee in base hold less base at the same cost, and the fee counts at its value', () => {
    expect(positionAfter(fill('buy', 100, 10, { feeGrains: 100 }))).toEqual({
      baseGrains: grains(10) - 100,
      quoteAtoms: -1_000,
      costAtoms: 1_000,
      realisedAtoms: 0,
      feesAtoms: 1,
      fillCount: 1,
    });
    const sold = positionAfter(fill('buy', 1_000, 10, { feeGrains: GRAINS_PER_LOT }), fill('sell', 1_000, 9));
    expect(sold).toEqual({ baseGrains: 0, quoteAtoms: -1_000, costAtoms: 0, realisedAtoms: -1_000, feesAtoms: 1_000, fillCount: 2 });
  });

  it('with a fee in quote pay it from the quote and from the profit', () => {
    expect(positionAfter(fill('buy', 100, 10, { feeAtoms: 2 }), fill('sell', 110, 10, { feeAtoms: 3 }))).toEqual({
      baseGrains: 0,
      quoteAtoms: 95,
      costAtoms: 0,
      realisedAtoms: 95,
      feesAtoms: 5,
      fillCount: 2,
    });
  });

  it('with a fee in a third coin lose its value of profit and neither holding', () => {
    expect(positionAfter(fill('buy', 100, 10, { otherFeeAtoms: 2 }), fill('sell', 110, 10, { otherFeeAtoms: 3 }))).toEqual({
      baseGrains: 0,
      quoteAtoms: 100,
      costAtoms: 0,
      realisedAtoms: 95,
      feesAtoms: 5,
      fillCount: 2,
    });
  });

  it('in parts are accounted at the average cost of what was held', () => {
    const position = positionAfter(fill('buy', 100, 10), fill('buy', 200, 10), fill('sell', 180, 5));
    expect(position).toEqual({ baseGrains: grains(15), quoteAtoms: -2_100, costAtoms: 2_250, realisedAtoms: 150, feesAtoms: 0, fillCount: 3 });
    expect(floatingAtoms(position, 160)).toBe(150);
  });
});

describe('base that was lent', () => {
  it('costs what it was worth at that moment', () => {
    const position = emptyPosition();
    receiveBase(position, grains(10), 100);
    expect(position).toEqual({ baseGrains: grains(10), quoteAtoms: 0, costAtoms: 1_000, realisedAtoms: 0, feesAtoms: 0, fillCount: 0 });
    applyFill(position, fill('sell', 90, 10));
    expect([position.realisedAtoms, position.quoteAtoms, position.costAtoms]).toEqual([-100, 900, 0]);
  });
});

describe('a sale of more than is held', () => {
  it('takes all the cost there is and leaves the holding negative', () => {
    expect(positionAfter(fill('buy', 100, 10), fill('sell', 110, 15))).toEqual({
      baseGrains: grains(-5),
      quoteAtoms: 650,
      costAtoms: 0,
      realisedAtoms: 650,
      feesAtoms: 0,
      fillCount: 2,
    });
  });

  it('keeps the total true when it is bought back', () => {
    const position = positionAfter(fill('sell', 110, 5), fill('buy', 100, 5));
    expect(position.baseGrains).toBe(0);
    expect(position.realisedAtoms + floatingAtoms(position, 12_345)).toBe(50);
  });
});

describe('for every sequence of fills', () => {
  const anyHistory = fc.record({ lentLots: fc.nat(1_000), lentTicks: fc.integer({ min: 1, max: 1_000_000 }), fills: fc.array(anyFill, { maxLength: 40 }) });

  function play({ lentLots, lentTicks, fills }: { lentLots: number; lentTicks: number; fills: readonly Fill[] }): Position {
    const position = emptyPosition();
    receiveBase(position, grains(lentLots), lentTicks);
    for (const one of fills) applyFill(position, one);
    return position;
  }

  it('base, quote and fees are the exact sums', () => {
    fc.assert(
      fc.property(anyHistory, (history) => {
        let base = BigInt(grains(history.lentLots));
        let quote = 0n;
        let fees = 0n;
        const perLot = BigInt(GRAINS_PER_LOT);
        for (const { side, priceTicks, sizeLots, feeGrains, feeAtoms, otherFeeAtoms } of history.fills) {
          const sign = side === 'buy' ? 1n : -1n;
          base += sign * BigInt(sizeLots) * perLot - BigInt(feeGrains);
          quote -= sign * BigInt(priceTicks) * BigInt(sizeLots) + BigInt(feeAtoms);
          fees += BigInt(feeAtoms + otherFeeAtoms) + (BigInt(feeGrains) * BigInt(priceTicks) + perLot - 1n) / perLot;
        }
        const position = play(history);
        expect([BigInt(position.baseGrains), BigInt(position.quoteAtoms), BigInt(position.feesAtoms), position.fillCount]).toEqual([
          base,
          quote,
          fees,
          history.fills.length,
        ]);
      }),
    );
  });

  it('profit realised and cost still held add up exactly to the money that has moved: no atom appears or is lost', () => {
    fc.assert(
      fc.property(anyHistory, (history) => {
        const position = play(history);
        const otherFees = history.fills.reduce((sum, one) => sum + one.otherFeeAtoms, 0);
        expect(position.realisedAtoms - position.costAtoms).toBe(position.quoteAtoms - history.lentLots * history.lentTicks - otherFees);
      }),
    );
  });

  it('cost is never negative, and nothing held costs nothing unless more was sold than held', () => {
    fc.assert(
      fc.property(anyHistory, (history) => {
        const position = emptyPosition();
        receiveBase(position, grains(history.lentLots), history.lentTicks);
        for (const one of history.fills) {
          if (one.side === 'sell' && grains(one.sizeLots) + one.feeGrains > position.baseGrains) continue;
          applyFill(position, one);
          expect(position.baseGrains).toBeGreaterThanOrEqual(0);
          expect(position.costAtoms).toBeGreaterThanOrEqual(0);
          if (position.baseGrains === 0) expect(position.costAtoms).toBe(0);
        }
      }),
    );
  });

  it('survives JSON unchanged', () => {
    fc.assert(fc.property(anyHistory, (history) => void expect(JSON.parse(JSON.stringify(play(history)))).toEqual(play(history))));
  });
});
