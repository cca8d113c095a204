/**
 * Lists from newest to oldest, page by page. A cursor is the place of the last item shown (its time and id), so rows that
 * come or go meanwhile neither repeat nor hide others.
 */
import { AppError } from '#core/errors.ts';
import type { Page, PageRequest } from '#core/store/page.ts';

export const MAX_PAGE = 200;

/** The place of an item in its list; the id settles the order of items of one millisecond. */
export interface Place {
  readonly at: number;
  readonly id: string;
}

/** Where a page begins, and how many rows to read: one more than asked, to know whether there is a next page. */
export interface PageStart {
  readonly at: number;
  readonly id: string;
  readonly rows: number;
}

/** Comes after every id in any collation that we use, and after every time. */
const BEFORE_ALL = { text: { at: Number.MAX_SAFE_INTEGER, id: '' }, serial: { at: Number.MAX_SAFE_INTEGER, id: '0' } } as const;

/**
 * Reads a request; AppError `validation_failed` naming `cursor` or `limit` when it is not one of ours. `serial` is for lists
 * whose ids are running numbers.
 */
export function pageStart(page: PageRequest, ids: 'text' | 'serial'): PageStart {
  if (!Number.isSafeInteger(page.limit) || page.limit < 1 || page.limit > MAX_PAGE) throw invalid('limit', `must be a whole number from 1 to ${MAX_PAGE}`);
  const place = page.cursor === null ? BEFORE_ALL[ids] : decode(page.cursor, ids);
  return { ...place, rows: page.limit + 1 };
}

/** Makes the page of the rows read. */
export function pageOf<Item>(items: readonly Item[], page: PageRequest, placeOf: (item: Item) => Place): Page<Item> {
  const shown = items.slice(0, page.limit);
  const last = shown.at(-1);
  return { items: shown, nextCursor: items.length > page.limit && last !== undefined ? encode(placeOf(last)) : null };
}

function encode({ at, id }: Place): string {
  return Buffer.from(JSON.stringify([at, id])).toString('base64url');
}

function decode(cursor: string, ids: 'text' | 'serial'): Place {
  const parsed = parse(cursor);
  if (!Array.isArray(parsed) || parsed.length !== 2) throw notOurs();
  const [at, id]: readonly unknown[] = parsed;
  if (typeof at !== 'number' || !Number.isSafeInteger(at) || typeof id !== 'string' || id.includes('\0')) throw notOurs();
  if (ids === 'serial' && !/^\d{1,15}$/.test(id)) throw notOurs();
  return { at, id };
}

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    throw notOurs();
  }
}

function notOurs(): AppError {
  return invalid('cursor', 'is not a cursor of this list; use `next_cursor` of the page before, unchanged');
}

function invalid(field: string, message: string): AppError {
  return new AppError('validation_failed', `${field} ${message}`, [{ field, message }]);
}
