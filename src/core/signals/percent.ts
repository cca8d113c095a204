/** Doubles as people read them: percentages with four places, rounded against the reader, prices with ten digits, sizes with two places. */
import { Decimal, type DecimalString, plain } from '../money.ts';

const PARTS = 1_000_000;
/** What the last digits of a double may be off by, in parts. */
const NOISE = 1e-6;

/** A share as a percentage, never more than it is. */
export function percentDown(share: number): DecimalString {
  return shown(Math.floor(share * PARTS + NOISE) / 10_000, 4);
}

/** A cost as a percentage, never less than it is. */
export function percentUp(share: number): DecimalString {
  return shown(Math.ceil(share * PARTS - NOISE) / 10_000, 4);
}

export function priceText(price: number): DecimalString {
  if (!Number.isFinite(price)) return '0';
  const text = price.toPrecision(10);
  return text.includes('e') ? plain(new Decimal(text)) : withoutZeros(text);
}

/** Of the quote coin, never more than it is. */
export function quoteDown(quote: number): DecimalString {
  return shown(Math.floor(quote * 100 + NOISE) / 100, 2);
}

export function hoursText(hours: number): DecimalString {
  return shown(Math.ceil(hours * 100 - NOISE) / 100, 2);
}

function shown(value: number, places: number): DecimalString {
  return Number.isFinite(value) ? withoutZeros(value.toFixed(places)) : '0';
}

/** Plain notation as everywhere, without arithmetic of decimals: this is done for every figure that is told. */
function withoutZeros(text: string): DecimalString {
  const short = text.includes('.') ? text.replace(/\.?0+$/, '') : text;
  return short === '-0' ? '0' : short;
}
