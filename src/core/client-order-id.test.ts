/** Our order ids: nobody else's, no two the same, readable back, and a slip of the pen never names another order. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CLIENT_ORDER_ID_LENGTH, ClientOrderIds, formatClientOrderId, type OrderOwner, parseClientOrderId, SIMULATED } from './client-order-id.ts';

const anyOwner: fc.Arbitrary<OrderOwner> = fc.record({
  installation: fc.nat(2 ** 25 - 1),
  kind: fc.constantFrom('bot', 'account'),
  number: fc.nat(2 ** 30 - 1),
});
const anyEpoch = fc.nat(2 ** 25 - 1);
const anySequence = fc.maxSafeNat().map((value) => value % 2 ** 35);

const SAMPLES = [
  formatClientOrderId({ installation: 0, kind: 'bot', number: 0 }, 0, 0),
  formatClientOrderId({ installation: 2 ** 25 - 1, kind: 'account', number: 2 ** 30 - 1 }, 2 ** 25 - 1, 2 ** 35 - 1),
  formatClientOrderId({ installation: 12_345_678, kind: 'bot', number: 42 }, 7, 1_001),
  formatClientOrderId({ installation: 987_654, kind: 'account', number: 1_073_741_000 }, 33, 34_359_738_000),
];

const TYPEABLE = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index));

describe('an id', () => {
  it('is this text for this order, for ever', () => {
    expect(SAMPLES[2]).toBe('abbrrae00001a0000700000z9sa');
  });

  it('of a simulated run is made as any other, when it is first asked for and when it is kept', () => {
    for (const sequence of [0, 1, 2, 3, 1_023, 1_024, 1_025, 2, 1]) {
      const parts = { ...SIMULATED, epoch: 1, sequence };
      expect(parseClientOrderId(formatClientOrderId(SIMULATED, 1, sequence))).toEqual(parts);
    }
    const ids = new ClientOrderIds(SIMULATED);
    const again = new ClientOrderIds(SIMULATED);
    for (let sequence = 1; sequence <= 70_000; sequence += 1) {
      const id = ids.of(1, sequence);
      if (again.of(1, sequence) !== id || (sequence % 997 === 0 && parseClientOrderId(id)?.sequence !== sequence)) throw new Error(`${sequence}: ${id}`);
    }
    expect(parseClientOrderId(ids.of(2, 5))).toEqual({ ...SIMULATED, epoch: 2, sequence: 5 });
  });

  it('goes round for every owner, epoch and sequence', () => {
    fc.assert(
      fc.property(anyOwner, anyEpoch, anySequence, (owner, epoch, sequence) => {
        expect(parseClientOrderId(formatClientOrderId(owner, epoch, sequence))).toEqual({ ...owner, epoch, sequence });
      }),
      { numRuns: 1_000 },
    );
  });

  it('differs whenever anything in it differs', () => {
    const anyParts = fc.tuple(anyOwner, anyEpoch, anySequence);
    fc.assert(
      fc.property(anyParts, anyParts, (left, right) => {
        const isSame = JSON.stringify(left) === JSON.stringify(right);
        expect(formatClientOrderId(...left) === formatClientOrderId(...right)).toBe(isSame);
      }),
    );
  });

  it.each([
    ['binance', /^[a-zA-Z0-9-_]{1,36}$/],
    ['bybit', /^[a-zA-Z0-9-_]{1,36}$/],
    ['okx', /^[a-zA-Z0-9]{1,32}$/],
    ['bitget', /^[A-Za-z0-9_-]{1,32}$/],
    ['mexc', /^[a-zA-Z0-9-_]{1,32}$/],
  ])('fits the rules of %s', (_venue, rule) => {
    fc.assert(
      fc.property(anyOwner, anyEpoch, anySequence, (owner, epoch, sequence) => {
        const id = formatClientOrderId(owner, epoch, sequence);
        expect(id).toMatch(rule);
        expect(id).toMatch(/^[0-9a-z]{27}$/);
        expect(id.length).toBe(CLIENT_ORDER_ID_LENGTH);
      }),
    );
  });

  it('is not made from numbers that do not fit', () => {
    const owner: OrderOwner = { installation: 1, kind: 'bot', number: 1 };
    expect(() => formatClientOrderId({ ...owner, installation: 2 ** 25 }, 1, 1)).toThrow('33554432 does not fit 5 characters of base 32');
    for (const bad of [-1, 0.5, Number.NaN, 2 ** 35]) expect(() => formatClientOrderId(owner, 1, bad)).toThrow(RangeError);
    expect(() => formatClientOrderId({ ...owner, number: 2 ** 30 }, 1, 1)).toThrow(RangeError);
    expect(() => formatClientOrderId(owner, 2 ** 25, 1)).toThrow(RangeError);
  });
});

describe('an id with a slip', () => {
  it.each(SAMPLES)('of one character is never taken for ours: %s', (id) => {
    for (let index = 0; index < id.length; index += 1) {
      for (const character of TYPEABLE) {
        const wrong = id.slice(0, index) + character + id.slice(index + 1);
        if (wrong !== id) expect([wrong, parseClientOrderId(wrong)]).toEqual([wrong, null]);
      }
    }
  });

  it.each(SAMPLES)('of two swapped neighbours is never taken for ours: %s', (id) => {
    for (let index = 0; index + 1 < id.length; index += 1) {
      const wrong = id.slice(0, index) + id.charAt(index + 1) + id.charAt(index) + id.slice(index + 2);
      if (wrong !== id) expect([wrong, parseClientOrderId(wrong)]).toEqual([wrong, null]);
    }
  });

  it('of one character or one swap is never taken for ours, for any id', () => {
    fc.assert(
      fc.property(anyOwner, anyEpoch, anySequence, fc.nat(26), fc.constantFrom(...TYPEABLE), (owner, epoch, sequence, index, character) => {
        const id = formatClientOrderId(owner, epoch, sequence);
        const wrong = id.slice(0, index) + character + id.slice(index + 1);
        const swapped = id.slice(0, index) + id.charAt(index + 1) + id.charAt(index) + id.slice(index + 2);
        for (const slip of [wrong, swapped]) if (slip !== id) expect(parseClientOrderId(slip)).toBeNull();
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('an id of somebody else', () => {
  it.each([
    [''],
    ['x-TKT5PX2F1234567890123'],
    ['web_9b0c1d2e3f4a5b6c7d8e9f0a1b2'],
    ['a'],
    ['ab'.repeat(14)],
    [`${SAMPLES[2]} `],
    [SAMPLES[2]?.toUpperCase() ?? ''],
    [`b${SAMPLES[2]?.slice(1)}`],
    ['é'.repeat(27)],
    ['0'.repeat(27)],
  ])('is nobody of ours: %j', (id) => {
    expect(parseClientOrderId(id)).toBeNull();
  });

  it('is refused whatever text it is', () => {
    fc.assert(fc.property(fc.string({ minLength: 0, maxLength: 40 }), (id) => parseClientOrderId(id) === null));
    fc.assert(fc.property(fc.string({ unit: 'grapheme', minLength: 27, maxLength: 27 }), (id) => parseClientOrderId(id) === null));
  });
});
