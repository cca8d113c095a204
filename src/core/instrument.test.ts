/** The exact way between decimals and the engine's integers, for instruments as venues list them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { INSTRUMENT, SCALE } from './engine/engine.fixture.ts';
import { FEE_RATE_UNITS, feeOn, feeUnits, GRAINS_PER_LOT, type Instrument, MAX_ATOMS, Scale } from './instrument.ts';
import { decimal, plain } from './money.ts';

const scaleOf = (change: Partial<Instrument>): Scale => new Scale({ ...INSTRUMENT, ...change });

/** Increments as they occur: powers of ten and the halves and quarters some venues use. */
const anyIncrement = fc.tuple(fc.constantFrom('1', '5', '25'), fc.nat(10)).map(([digits, places]) => plain(decimal(digits).div(decimal('10').pow(places))));

describe('a scale', () => {
  it('counts prices in ticks, sizes in lots, quote amounts in atoms and base amounts in grains', () => {
    expect(SCALE.ticks('100.01', 'nearest')).toBe(10_001);
    expect(SCALE.lots('0.1', 'nearest')).toBe(100);
    expect(SCALE.atoms('1', 'nearest')).toBe(100_000);
    expect(SCALE.grains('0.001', 'nearest')).toBe(GRAINS_PER_LOT);
    expect([SCALE.price(10_001), SCALE.size(100), SCALE.quote(100_000), SCALE.base(GRAINS_PER_LOT)]).toEqual(['100.01', '0.1', '1', '0.001']);
  });

  it.each([
    ['down', 10_000, 99, 99_999, 9],
    ['up', 10_001, 100, 100_000, 10],
    ['nearest', 10_001, 100, 100_000, 10],
  ] as const)('rounds %s where it is told to', (rounding, ticks, lots, atoms, grains) => {
    expect([
      SCALE.ticks('100.0099', rounding),
      SCALE.lots('0.0999', rounding),
      SCALE.atoms('0.999999', rounding),
      SCALE.grains('0.00000099', rounding),
    ]).toEqual([ticks, lots, atoms, grains]);
  });

  it('says which prices and sizes are whole increments', () => {
    const scale = scaleOf({ priceIncrement: '0.05', sizeIncrement: '0.25' });
    expect(['100.05', '100.01', '0'].map((price) => scale.isPriceAligned(price))).toEqual([true, false, true]);
    expect(['0.75', '0.7'].map((size) => scale.isSizeAligned(size))).toEqual([true, false]);
  });

  it('goes there and back without a change for every count and increment', () => {
    fc.assert(
      fc.property(anyIncrement, anyIncrement, fc.maxSafeNat(), (priceIncrement, sizeIncrement, count) => {
        const scale = scaleOf({ priceIncrement, sizeIncrement, minNotional: '0', minPrice: '0', minSize: '0', maxPrice: null, maxSize: null });
        expect(scale.ticks(scale.price(count), 'down')).toBe(count);
        expect(scale.lots(scale.size(count), 'up')).toBe(count);
        expect(scale.atoms(scale.quote(count), 'nearest')).toBe(count);
        expect(scale.grains(scale.base(count), 'down')).toBe(count);
        expect([scale.isPriceAligned(scale.price(count)), scale.isSizeAligned(scale.size(count))]).toEqual([true, true]);
      }),
    );
  });

  it('makes a tick times a lot an atom, and ten thousand grains a lot', () => {
    fc.assert(
      fc.property(anyIncrement, anyIncrement, fc.nat(90_000), fc.nat(90_000), (priceIncrement, sizeIncrement, ticks, lots) => {
        const scale = scaleOf({ priceIncrement, sizeIncrement, minNotional: '0', minPrice: '0', minSize: '0', maxPrice: null, maxSize: null });
        expect(scale.quote(ticks * lots)).toBe(plain(decimal(scale.price(ticks)).times(scale.size(lots))));
        expect(scale.base(lots * GRAINS_PER_LOT)).toBe(scale.size(lots));
      }),
    );
  });

  it('raises minimums to the next whole increment and lowers maximums to the one before', () => {
    const scale = scaleOf({
      priceIncrement: '0.05',
      sizeIncrement: '0.25',
      minPrice: '0.06',
      maxPrice: '10.04',
      minSize: '0.3',
      maxSize: '2.2',
      minNotional: '1.001',
    });
    expect([scale.minTicks, scale.maxTicks, scale.minLots, scale.maxLots]).toEqual([2, 200, 2, 8]);
    expect(scale.minAtoms).toBe(81);
  });

  it('never allows nothing: without minimums one tick and one lot are the least', () => {
    const scale = scaleOf({ minPrice: '0', minSize: '0', minNotional: '0' });
    expect([scale.minTicks, scale.minLots, scale.minAtoms]).toEqual([1, 1, 0]);
  });

  it('without maximums allows what can still be computed exactly, in ticks and in the grains of its lots', () => {
    for (const scale of [scaleOf({ maxPrice: null, maxSize: null }), scaleOf({ maxPrice: '999999999999999999999999', maxSize: '999999999999999999999999' })]) {
      expect(scale.maxTicks).toBe(MAX_ATOMS);
      expect(scale.maxLots).toBe(Math.floor(MAX_ATOMS / GRAINS_PER_LOT));
      expect(Number.isSafeInteger(scale.maxLots * GRAINS_PER_LOT)).toBe(true);
    }
  });

  it('reads its fee rates as parts per ten million', () => {
    const scale = scaleOf({ makerFeeRate: '0.00075', takerFeeRate: '0.001' });
    expect([scale.makerFee, scale.takerFee]).toEqual([7_500, 10_000]);
  });
});

describe('a fee rate', () => {
  it.each([
    ['0', 0],
    ['0.00075', 7_500],
    ['0.0000001', 1],
    ['0.00000001', 1],
    ['0.00010001', 1_001],
    ['1', FEE_RATE_UNITS],
  ])('of %s is %i units: what does not fit is rounded against us', (rate, units) => {
    expect(feeUnits(rate)).toBe(units);
  });
});

describe('a fee', () => {
  it.each([
    [0, 10_000, 0],
    [1, 10_000, 1],
    [1_000, 10_000, 1],
    [1_001, 10_000, 2],
    [FEE_RATE_UNITS, 1, 1],
    [MAX_ATOMS, 0, 0],
    [MAX_ATOMS, FEE_RATE_UNITS, MAX_ATOMS],
  ])('on %i at %i units is %i', (amount, rate, fee) => {
    expect(feeOn(amount, rate)).toBe(fee);
  });

  it('is the exact product rounded up, for every amount up to 2^53 and every rate up to the whole', () => {
    const amounts = fc.oneof(
      fc.maxSafeNat(),
      fc.nat(100_000),
      fc.integer({ min: 0, max: 900_719_925 }).map((count) => count * FEE_RATE_UNITS),
    );
    const rates = fc.oneof(fc.integer({ min: 0, max: FEE_RATE_UNITS }), fc.constantFrom(7_500, 10_000, 60_000));
    const units = BigInt(FEE_RATE_UNITS);
    fc.assert(
      fc.property(amounts, rates, (amount, rate) => {
        expect(BigInt(feeOn(amount, rate))).toBe((BigInt(amount) * BigInt(rate) + units - 1n) / units);
      }),
      { numRuns: 2_000 },
    );
  });
});
