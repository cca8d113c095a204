/**
 * Exact decimals at the edges of the system: parsing what people and venues write, and writing it back.
 * Inside the engine prices and sizes are integers (see instrument.ts); nothing in between is a binary float.
 */
import { Decimal as DecimalJs } from 'decimal.js';

/** Decimal arithmetic with 100 significant digits: sums and products of two amounts we accept are exact, and so is {@link roundTo}. */
export const Decimal = DecimalJs.clone({ precision: 100, toExpNeg: -100, toExpPos: 100, rounding: DecimalJs.ROUND_HALF_EVEN });
export type Decimal = DecimalJs;

/** A decimal number in plain notation, such as `-0.00012`; the form of every amount on the wire and in snapshots. */
export type DecimalString = string;

/** Longest decimal that is accepted from outside, in digits on each side of the point. */
export const MAX_DECIMAL_DIGITS = 24;

/** Rounding always names its direction: `down` towards zero, `up` away from zero, `nearest` with ties to even. */
export type Rounding = 'down' | 'up' | 'nearest';

export type ParsedDecimal = { readonly ok: true; readonly value: Decimal } | { readonly ok: false; readonly problem: string };

/**
 * Reads a decimal from outside: a string in plain notation, or a JSON number that is exactly the decimal it prints as.
 * Refuses NaN, infinities (`1e400` arrives as one), exponents, blanks and more than {@link MAX_DECIMAL_DIGITS} digits a side.
 */
export function parseDecimal(input: unknown): ParsedDecimal {
  if (typeof input === 'number') return parseNumber(input);
  if (typeof input !== 'string') return refuse(`expected a decimal such as "0.5", got ${describe(input)}`);
  const match = PLAIN.exec(input);
  if (match === null) return refuse(`expected a decimal such as "0.5", got ${describe(input)}`);
  if ((match[1]?.length ?? 0) > MAX_DECIMAL_DIGITS || (match[2]?.length ?? 0) > MAX_DECIMAL_DIGITS)
    return refuse(`has more than ${MAX_DECIMAL_DIGITS} digits before or after the point`);
  return { ok: true, value: new Decimal(input) };
}

/** A decimal known to be valid, such as a constant or a value that has passed {@link parseDecimal}; throws otherwise. */
export function decimal(value: DecimalString | number | Decimal): Decimal {
  if (DecimalJs.isDecimal(value)) return value as Decimal;
  const parsed = parseDecimal(value);
  if (!parsed.ok) throw new Error(`not a decimal: ${parsed.problem}`);
  return parsed.value;
}

/** Plain notation without exponent, trailing zeros or a negative zero. */
export function plain(value: Decimal): DecimalString {
  return value.isZero() ? '0' : value.toFixed();
}

/** Writes whole multiples of a unit as {@link plain} does; without arithmetic of decimals where doubles are exact. */
export function writerOf(unit: Decimal): (count: number) => DecimalString {
  const places = unit.decimalPlaces();
  const factor = unit.times(new Decimal(10).pow(places)).toNumber();
  const power = 10 ** places;
  return (count) => {
    const digits = Math.abs(count * factor);
    if (!Number.isSafeInteger(digits) || places > MAX_WRITTEN_PLACES) return plain(unit.times(count));
    return count < 0 && digits > 0 ? `-${pointed(digits, power)}` : pointed(digits, power);
  };
}

/** Beyond so many places a power of ten is no exact double. */
const MAX_WRITTEN_PLACES = 15;

/** A whole number divided by a power of ten: two small numbers are written faster than a large one. */
function pointed(digits: number, power: number): DecimalString {
  let whole = Math.floor(digits / power);
  // The quotient of large numbers may have been rounded up.
  if (whole * power > digits) whole -= 1;
  let rest = digits - whole * power;
  if (rest === 0) return String(whole);
  let least = power;
  while (rest % 10 === 0) {
    rest /= 10;
    least /= 10;
  }
  let zeros = '';
  for (let first = least / 10; rest < first; first /= 10) zeros += '0';
  return `${whole}.${zeros}${rest}`;
}

/** The multiple of `increment` next to `value` in the named direction; `increment` must be positive. */
export function roundTo(value: Decimal, increment: Decimal, rounding: Rounding): Decimal {
  return value.div(increment).toDecimalPlaces(0, MODES[rounding]).times(increment);
}

/** How many whole `increment`s make `value`, rounded in the named direction; throws past 2^53, where doubles stop being exact. */
export function countOf(value: Decimal, increment: Decimal, rounding: Rounding): number {
  const count = value.div(increment).toDecimalPlaces(0, MODES[rounding]).toNumber();
  if (!Number.isSafeInteger(count)) throw new RangeError(`${plain(value)} is too large to be counted exactly in units of ${plain(increment)}`);
  // A negative zero would not survive the way through JSON.
  return count === 0 ? 0 : count;
}

const PLAIN = /^[+-]?(\d+)(?:\.(\d+))?$/;

const MODES: Record<Rounding, DecimalJs.Rounding> = {
  down: DecimalJs.ROUND_DOWN,
  up: DecimalJs.ROUND_UP,
  nearest: DecimalJs.ROUND_HALF_EVEN,
};

/** Doubles carry 15 decimal digits faithfully; past that a JSON number may not be what its author wrote. */
const MAX_FAITHFUL_DIGITS = 15;

function parseNumber(input: number): ParsedDecimal {
  if (!Number.isFinite(input)) return refuse('expected a finite decimal (numbers past 1e308 arrive as infinity)');
  const value = new Decimal(input);
  if (value.precision() > MAX_FAITHFUL_DIGITS) return refuse(`is not exact as a JSON number; send it as a string: "${plain(value)}"`);
  if (value.decimalPlaces() > MAX_DECIMAL_DIGITS || value.abs().gte('1e24'))
    return refuse(`has more than ${MAX_DECIMAL_DIGITS} digits before or after the point`);
  return { ok: true, value };
}

function refuse(problem: string): ParsedDecimal {
  return { ok: false, problem };
}

function describe(input: unknown): string {
  if (typeof input === 'string') return input === '' ? 'an empty string' : JSON.stringify(input.slice(0, 40));
  if (input === null) return 'null';
  return Array.isArray(input) ? 'a list' : `a value of type ${typeof input}`;
}
