/**
 * Reading a venue's JSON by field: each reader returns the exact value or throws {@link UnreadableAnswer}; nothing passes
 * through binary floats.
 */

import type { FeeRates } from '#core/account-calls.ts';
import type { BookLevel, Candle } from '#core/market-data.ts';
import { type DecimalString, parseDecimal, plain } from '#core/money.ts';

/** The venue's answer does not have the shape it must have. */
export class UnreadableAnswer extends Error {}

export type Row = Readonly<Record<string, unknown>>;

export function row(value: unknown): Row {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new UnreadableAnswer('expected an object');
  return value as Row;
}

export function rows(value: unknown): readonly Row[] {
  if (!Array.isArray(value)) throw new UnreadableAnswer('expected a list');
  return value.map(row);
}

/** A text, or an identifier that the venue writes as a whole number. */
export function text(from: Row, field: string): string {
  const value = from[field];
  if (typeof value === 'string') return value;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  throw new UnreadableAnswer(`${field} is not a text`);
}

export function amount(from: Row, field: string): DecimalString {
  const parsed = parseDecimal(from[field]);
  if (!parsed.ok) throw new UnreadableAnswer(`${field} is not a decimal`);
  return plain(parsed.value);
}

/** An amount that the venue leaves empty or writes as zero where there is none. */
export function orNull(from: Row, field: string): DecimalString | null {
  const value = from[field];
  if (value === undefined || value === null || value === '') return null;
  const known = amount(from, field);
  return known === '0' ? null : known;
}

/** The row about an instrument; answers about another are none. */
export function rowAbout(list: readonly Row[], marketId: string): Row {
  const found = list.find((each) => each['symbol'] === marketId);
  if (found === undefined) throw new UnreadableAnswer(`nothing in it is about ${marketId}`);
  return found;
}

export function feeRatesIn(from: Row, maker: string, taker: string): FeeRates {
  return { maker: amount(from, maker), taker: amount(from, taker) };
}

/** Rows that are lists: their fields go by their places. */
export function cells(value: unknown): readonly Row[] {
  if (!Array.isArray(value)) throw new UnreadableAnswer('expected a list');
  return value.map((cell: unknown) => {
    if (!Array.isArray(cell)) throw new UnreadableAnswer('expected a list of lists');
    return cell as unknown as Row;
  });
}

/** Levels of a book, as the venue writes them: price and size, and whatever follows is left out. */
export function levels(value: unknown): readonly BookLevel[] {
  return cells(value).map((cell): BookLevel => [decimalText(cell, '0'), decimalText(cell, '1')]);
}

/** A candle whose fields are at its places or under its names: start, open, high, low, close, volume. */
export function candle(from: Row, [startAt, open, high, low, close, volume]: CandleFields = ['0', '1', '2', '3', '4', '5']): Candle {
  return {
    startAt: whole(from, startAt),
    open: amount(from, open),
    high: amount(from, high),
    low: amount(from, low),
    close: amount(from, close),
    volume: amount(from, volume),
  };
}

type CandleFields = readonly [startAt: string, open: string, high: string, low: string, close: string, volume: string];

function decimalText(from: Row, field: string): string {
  const value = from[field];
  if (typeof value !== 'string' || !/^\d+(\.\d+)?$/.test(value)) throw new UnreadableAnswer('a level that is no decimal');
  return value;
}

/** Milliseconds since 1970, or any other whole number. */
export function whole(from: Row, field: string): number {
  const value = from[field];
  const number = typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isSafeInteger(number)) throw new UnreadableAnswer(`${field} is not a whole number`);
  return number;
}

export function flag(from: Row, field: string): boolean {
  const value = from[field];
  if (typeof value !== 'boolean') throw new UnreadableAnswer(`${field} is neither true nor false`);
  return value;
}
