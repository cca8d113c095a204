/** Reading rows about pools: fields that may be absent, numbers as texts, and rows that make no sense counted. */
import { PortError } from '#core/errors.ts';
import type { Reading } from '#core/signals/market-scan.ts';
import { isSafeName, type PoolQuote } from '#core/signals/pool-source.ts';

export type Row = Readonly<Record<string, unknown>>;

/** The row cannot be read. */
export class Unreadable extends Error {}

export function row(value: unknown): Row {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Unreadable('expected an object');
  return value as Row;
}

export function positive(from: Row, field: string): number {
  const value = from[field];
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number) || number <= 0) throw new Unreadable(`${field} is no positive number`);
  return number;
}

export function positiveOrNull(from: Row, field: string): number | null {
  return from[field] === undefined || from[field] === null ? null : positive(from, field);
}

/** A name that may be put into the address of a request. */
export function name(from: Row, field: string): string {
  const value = from[field];
  if (typeof value !== 'string' || !isSafeName(value)) throw new Unreadable(`${field} is no name`);
  return value;
}

/** `null` from `read` is a row about something else. An answer of which no row can be read is another language than ours. */
export function readRows(title: string, list: unknown, read: (line: Row) => PoolQuote | null): Reading<PoolQuote> {
  if (!Array.isArray(list)) throw new PortError('venue_unavailable', `${title} gave an answer that cannot be read: no list`, { outcome: 'failed' });
  const rows: PoolQuote[] = [];
  let unreadable = 0;
  for (const line of list) {
    try {
      const quote = read(row(line));
      if (quote !== null) rows.push(quote);
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      unreadable += 1;
    }
  }
  if (unreadable > 0 && rows.length === 0)
    throw new PortError('venue_unavailable', `${title} gave an answer that cannot be read: not one of ${unreadable} rows`, { outcome: 'failed' });
  return { rows, unreadable };
}
