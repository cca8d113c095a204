/**
 * An order book that is kept by snapshot and changes. It knows its version, and says at once when a change cannot follow
 * what it holds: from then on it is worth nothing until the next snapshot.
 */
import { crc32 } from 'node:zlib';
import type { BookLevel } from '#core/market-data.ts';
import { parseDecimal, plain } from '#core/money.ts';
import { UnreadableAnswer } from './_fields.ts';
import type { BookLevels, BookNews } from './_market-dialect.ts';

/** Levels a side that are kept; what lies further off is told again when the price comes near. */
export const MAX_LEVELS = 2000;
const CHECKED_LEVELS = 25;

/** A level with its price as a number, by which it is found, and as the venue wrote it. */
interface Level {
  readonly rank: number;
  readonly raw: BookLevel;
}

export class OrderBook {
  #version = Number.NaN;
  #bids: Level[] = [];
  #asks: Level[] = [];

  get isWhole(): boolean {
    return !Number.isNaN(this.#version);
  }

  /** From now on only a snapshot makes it whole again. */
  forget(): void {
    this.#version = Number.NaN;
    this.#bids = [];
    this.#asks = [];
  }

  begin({ bids, asks, version }: BookLevels & { readonly version: number }): void {
    this.forget();
    merge(this.#bids, bids, -1);
    merge(this.#asks, asks, 1);
    this.#version = version;
  }

  /** `gap`: something between is missing, and the book is forgotten. `old`: it was known already. */
  change(change: Extract<BookNews, { type: 'change' }>): 'done' | 'old' | 'gap' {
    if (!this.isWhole) return 'gap';
    if (change.after !== this.#version) {
      if (change.version <= this.#version) return 'old';
      if (change.after !== null && change.after > this.#version) return this.#gap();
    }
    merge(this.#bids, change.bids, -1);
    merge(this.#asks, change.asks, 1);
    this.#version = change.version;
    return change.checksum === null || change.checksum === this.#checksum() ? 'done' : this.#gap();
  }

  /** The best levels in plain decimals. */
  best(depth: number): BookLevels {
    const plainly = ({ raw: [price, size] }: Level): BookLevel => [exact(price), exact(size)];
    return { bids: this.#bids.slice(0, depth).map(plainly), asks: this.#asks.slice(0, depth).map(plainly) };
  }

  #gap(): 'gap' {
    this.forget();
    return 'gap';
  }

  #checksum(): number {
    const parts: string[] = [];
    for (let index = 0; index < CHECKED_LEVELS; index += 1) parts.push(...(this.#bids[index]?.raw ?? []), ...(this.#asks[index]?.raw ?? []));
    return crc32(parts.join(':')) | 0;
  }
}

/** Puts levels into a side that is sorted by `direction` times the price; a size of zero takes a level away. */
function merge(side: Level[], changes: readonly BookLevel[], direction: 1 | -1): void {
  for (const raw of changes) {
    const rank = direction * Number(raw[0]);
    if (!Number.isFinite(rank)) throw new UnreadableAnswer('a level without a price');
    const index = indexOf(side, rank);
    const isKnown = side[index]?.rank === rank;
    if (Number(raw[1]) === 0) {
      if (isKnown) side.splice(index, 1);
    } else side.splice(index, isKnown ? 1 : 0, { rank, raw });
  }
  if (side.length > MAX_LEVELS) side.length = MAX_LEVELS;
}

/** Where a rank is, or would be put. */
function indexOf(side: readonly Level[], rank: number): number {
  let [low, high] = [0, side.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((side[middle]?.rank ?? 0) < rank) low = middle + 1;
    else high = middle;
  }
  return low;
}

function exact(text: string): string {
  const parsed = parseDecimal(text);
  if (!parsed.ok) throw new UnreadableAnswer('a level that is no decimal');
  return plain(parsed.value);
}
