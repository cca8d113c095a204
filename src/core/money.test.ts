/** Decimals from outside: what is taken, what is refused and why, and that nothing is ever rounded unasked. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countOf, Decimal, decimal, MAX_DECIMAL_DIGITS, parseDecimal, plain, roundTo, writerOf } from './money.ts';

const parsed = (input: unknown): string => {
  const result = parseDecimal(input);
  return result.ok ? plain(result.value) : `refused: ${result.problem}`;
};

/** A decimal of up to `whole` and `fraction` digits as text, possibly negative. */
const decimalText = (whole: number, fraction: number, signs: readonly string[] = ['', '-']): fc.Arbitrary<string> =>
  fc.tuple(fc.constantFrom(...signs), digits(1, whole), digits(0, fraction)).map(([sign, left, right]) => sign + left + (right === '' ? '' : `.${right}`));

const digits = (minLength: number, maxLength: number): fc.Arbitrary<string> =>
  fc.array(fc.integer({ min: 0, max: 9 }), { minLength, maxLength, size: 'max' }).map((list) => list.join(''));

/** The number a decimal text means, in units of 10^-24. */
const scaled = (text: string): bigint => {
  const [whole = '0', fraction = ''] = text.replace('-', '').split('.');
  const magnitude = BigInt(whole + fraction.padEnd(24, '0'));
  return text.startsWith('-') ? -magnitude : magnitude;
};

describe('parsing', () => {
  it.each([
    ['0.5', '0.5'],
    ['+0.5', '0.5'],
    ['-0.50', '-0.5'],
    ['-0', '0'],
    ['-0.000', '0'],
    ['007.10', '7.1'],
    ['0.000000000000000000000001', '0.000000000000000000000001'],
    ['999999999999999999999999.999999999999999999999999', '999999999999999999999999.999999999999999999999999'],
    [0.1, '0.1'],
    [-0, '0'],
    [1e-7, '0.0000001'],
    [1e21, '1000000000000000000000'],
    [123456789012345, '123456789012345'],
    [0.000001, '0.000001'],
  ])('takes %j as %s', (input, text) => {
    expect(parsed(input)).toBe(text);
  });

  it.each([
    ['', 'an empty string'],
    [' 1', '" 1"'],
    ['1 ', '"1 "'],
    ['1\n', '"1\\n"'],
    ['.5', '".5"'],
    ['5.', '"5."'],
    ['1e5', '"1e5"'],
    ['0x10', '"0x10"'],
    ['1,5', '"1,5"'],
    ['1_000', '"1_000"'],
    ['--1', '"--1"'],
    ['NaN', '"NaN"'],
    ['Infinity', '"Infinity"'],
    ['١', '"١"'],
    [null, 'null'],
    [undefined, 'a value of type undefined'],
    [true, 'a value of type boolean'],
    [['1'], 'a list'],
    [{ toString: () => '1' }, 'a value of type object'],
  ])('refuses %j and says what it got', (input, named) => {
    expect(parsed(input)).toBe(`refused: expected a decimal such as "0.5", got ${named}`);
  });

  it.each([[Number.NaN], [Number.POSITIVE_INFINITY], [JSON.parse('1e400') as number], [JSON.parse('-1e400') as number]])(
    'refuses the number %d as not finite',
    (input) => {
      expect(parsed(input)).toBe('refused: expected a finite decimal (numbers past 1e308 arrive as infinity)');
    },
  );

  it.each([
    [0.1 + 0.2, '0.30000000000000004'],
    [JSON.parse('9007199254740993') as number, '9007199254740992'],
    [1234567890123456, '1234567890123456'],
  ])('refuses the number %d, which may not be what its author wrote', (input, text) => {
    expect(parsed(input)).toBe(`refused: is not exact as a JSON number; send it as a string: "${text}"`);
  });

  it.each([
    [`1${'0'.repeat(MAX_DECIMAL_DIGITS)}`],
    [`0.${'0'.repeat(MAX_DECIMAL_DIGITS)}1`],
    ['9'.repeat(10_000)],
    [1e24],
    [1e-25],
    [5e-324],
    [Number.MAX_VALUE],
  ])('refuses more digits than any amount has: %s', (input) => {
    expect(parsed(input)).toMatch(/^refused: (has more than 24 digits before or after the point|is not exact as a JSON number)/);
  });

  it('does not echo a long text in full', () => {
    expect(parsed('x'.repeat(5_000)).length).toBeLessThan(120);
  });

  it('and printing go round exactly for every decimal accepted', () => {
    fc.assert(
      fc.property(decimalText(24, 24), (text) => {
        const once = parsed(text);
        expect(scaled(once)).toBe(scaled(text));
        expect(parsed(once)).toBe(once);
        expect(once).toMatch(/^-?(0|[1-9]\d*)(\.\d*[1-9])?$/);
        expect(once).not.toBe('-0');
      }),
    );
  });

  it('takes a JSON number as exactly the decimal it prints as', () => {
    fc.assert(
      fc.property(fc.integer({ min: -999_999_999_999_999, max: 999_999_999_999_999 }), fc.nat(8), (digits, places) => {
        const text = plain(new Decimal(digits).div(new Decimal(10).pow(places)));
        expect(parsed(JSON.parse(text))).toBe(text);
      }),
    );
  });
});

describe('a constant', () => {
  it('that is no decimal throws and names what it got', () => {
    expect(() => decimal('abc')).toThrow('not a decimal: expected a decimal such as "0.5", got "abc"');
    expect(plain(decimal(decimal('1.50')))).toBe('1.5');
  });
});

describe('arithmetic', () => {
  it('multiplies and adds the longest decimals we accept exactly', () => {
    fc.assert(
      fc.property(decimalText(24, 24), decimalText(24, 24), (left, right) => {
        const unit = new Decimal(10).pow(48);
        expect(decimal(left).times(decimal(right)).times(unit).toFixed(0)).toBe((scaled(left) * scaled(right)).toString());
        expect(decimal(left).plus(decimal(right)).times(new Decimal(10).pow(24)).toFixed(0)).toBe((scaled(left) + scaled(right)).toString());
      }),
    );
  });
});

describe('rounding', () => {
  it.each([
    ['1.25', '0.1', 'down', '1.2'],
    ['1.25', '0.1', 'up', '1.3'],
    ['1.25', '0.1', 'nearest', '1.2'],
    ['1.35', '0.1', 'nearest', '1.4'],
    ['-1.25', '0.1', 'down', '-1.2'],
    ['-1.21', '0.1', 'up', '-1.3'],
    ['7', '2.5', 'down', '5'],
    ['7', '2.5', 'up', '7.5'],
    ['0.3', '0.1', 'down', '0.3'],
    ['0.3', '0.1', 'up', '0.3'],
    ['0', '0.1', 'up', '0'],
    ['-0.04', '0.1', 'down', '0'],
  ] as const)('%s to multiples of %s %s is %s', (value, increment, rounding, expected) => {
    expect(plain(roundTo(decimal(value), decimal(increment), rounding))).toBe(expected);
  });

  it('down and up enclose every value within one increment, and both are multiples of it', () => {
    fc.assert(
      fc.property(decimalText(24, 24, ['']), decimalText(12, 24, ['']), (value, increment) => {
        fc.pre(scaled(increment) > 0n);
        const step = scaled(increment);
        const down = scaled(plain(roundTo(decimal(value), decimal(increment), 'down')));
        const up = scaled(plain(roundTo(decimal(value), decimal(increment), 'up')));
        expect([down % step, up % step]).toEqual([0n, 0n]);
        expect(down).toBe((scaled(value) / step) * step);
        expect(up).toBe(((scaled(value) + step - 1n) / step) * step);
      }),
    );
  });
});

describe('counting', () => {
  it('gives whole increments in the named direction', () => {
    expect((['down', 'up', 'nearest'] as const).map((rounding) => countOf(decimal('1.25'), decimal('0.1'), rounding))).toEqual([12, 13, 12]);
  });

  it('is exact up to 2^53 and throws beyond', () => {
    const limit = 2 ** 53 - 1;
    expect(countOf(decimal('90071992547409.91'), decimal('0.01'), 'down')).toBe(limit);
    expect(() => countOf(decimal('90071992547409.92'), decimal('0.01'), 'down')).toThrow(
      '90071992547409.92 is too large to be counted exactly in units of 0.01',
    );
    expect(() => countOf(decimal('-90071992547409.92'), decimal('0.01'), 'down')).toThrow(RangeError);
  });

  it('of nothing is never a negative zero, which would not survive a snapshot', () => {
    expect(Object.is(countOf(decimal('-0.004'), decimal('0.01'), 'down'), 0)).toBe(true);
    expect(Object.is(countOf(decimal('-0'), decimal('0.01'), 'up'), 0)).toBe(true);
  });

  it('agrees with integer arithmetic for any amount and increment', () => {
    fc.assert(
      fc.property(decimalText(24, 24, ['']), decimalText(1, 24, ['']), (value, increment) => {
        fc.pre(scaled(increment) > 0n);
        const exact = scaled(value) / scaled(increment);
        const count = (): number => countOf(decimal(value), decimal(increment), 'down');
        if (exact > BigInt(Number.MAX_SAFE_INTEGER)) expect(count).toThrow(RangeError);
        else expect(BigInt(count())).toBe(exact);
      }),
    );
  });
});

describe('a writer of whole multiples', () => {
  it('writes what decimals would write', () => {
    const unit = fc.oneof(
      fc.constantFrom('1', '0.1', '0.00001', '0.25', '25', '0.000000000003', '0.00000000000000000001'),
      fc.nat(18).map((places) => plain(new Decimal(10).pow(-places))),
    );
    const count = fc.oneof(
      fc.maxSafeInteger(),
      fc.integer({ min: -2_000_000, max: 2_000_000 }),
      fc.nat(20).map((number) => number * 10 ** 12),
    );
    fc.assert(
      fc.property(unit, count, (text, number) => {
        expect(writerOf(new Decimal(text))(number)).toBe(plain(new Decimal(text).times(number)));
      }),
    );
  });

  it('writes no negative zero, and parts of a unit as decimals do', () => {
    const write = writerOf(new Decimal('0.01'));
    expect([write(0), write(-0), write(-1), write(-100), write(120), write(0.5)]).toEqual(['0', '0', '-0.01', '-1', '1.2', '0.005']);
  });
});
