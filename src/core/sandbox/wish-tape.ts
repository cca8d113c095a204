/**
 * The wishes of a whole rehearsal as one flat list, which is written and read as JSON several times as fast as a list of lists: for
 * each call that asked for something its number, below zero where it was no bar, how many wishes, and then their values one by one.
 */
import type { Rehearsal, Tell, Wish } from './port.ts';
import { floodFault, isOrder, MAX_WISHES, wishAt } from './wishes.ts';

/** Wishes of one rehearsal. */
export const MAX_REHEARSED_WISHES = 1_000_000;

/** Writes one. Throws RangeError beyond {@link MAX_REHEARSED_WISHES}. */
export class WishTape {
  readonly values: unknown[] = [];
  orders = 0;
  #count = 0;

  add({ isBar, tell }: Tell, wishes: readonly Wish[]): void {
    const { length } = wishes;
    if (length === 0) return;
    this.#count += length;
    if (this.#count > MAX_REHEARSED_WISHES) throw tooMany();
    const { values } = this;
    values.push(isBar ? tell : -tell, length);
    for (let index = 0; index < length; index += 1) this.#addOne(wishes[index] as Wish);
  }

  #addOne(wish: Wish): void {
    if (isOrder(wish[0])) this.orders += 1;
    const { values } = this;
    for (let index = 0; index < wish.length; index += 1) values.push(wish[index]);
  }
}

/** Reads one that comes from outside. Throws RangeError naming what is wrong. */
export function readWishTape(values: readonly unknown[]): Rehearsal['wishes'] {
  const told: Rehearsal['wishes'][number][] = [];
  let lastBar = 0;
  let lastOther = 0;
  let count = 0;
  for (let at = 0; at < values.length; ) {
    const number = values[at];
    const length = values[at + 1];
    if (!Number.isSafeInteger(number) || !isCount(length)) throw new RangeError('something has no place in its backtest');
    const isBar = (number as number) > 0;
    const tell = Math.abs(number as number);
    if (tell <= (isBar ? lastBar : lastOther)) throw new RangeError('its wishes are out of order');
    if (isBar) lastBar = tell;
    else lastOther = tell;
    count += length;
    if (count > MAX_REHEARSED_WISHES) throw tooMany();
    const wishes: Wish[] = [];
    at += 2;
    while (wishes.length < length) {
      const wish = wishAt(values, at);
      at += wish.length;
      wishes.push(wish);
    }
    const fault = floodFault(wishes);
    if (fault !== null) throw new RangeError(fault);
    told.push({ isBar, tell, wishes });
  }
  return told;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0 && (value as number) <= MAX_WISHES;
}

function tooMany(): RangeError {
  return new RangeError(`more than ${MAX_REHEARSED_WISHES} wishes in one backtest`);
}
