/**
 * Live orders by ClientOrderId, oldest first. A `Map` whose few entries come and go makes its table anew every few of them and leaves
 * the old ones to the garbage collector; here an order that comes and goes allocates nothing.
 */

import type { Order } from './order.ts';

/** Table places at first; a power of two, as always. */
const FEWEST_PLACES = 32;
/** Characters at the end of an id by which it finds its place: ours end in a running number and check digits. */
const HASHED = 6;

/** An index to be read. */
export type OrderLookup<Entry extends { readonly clientOrderId: string } = Order> = Pick<OrderIndex<Entry>, 'size' | 'get' | 'has' | 'keys' | 'values'>;

export class OrderIndex<Entry extends { readonly clientOrderId: string }> {
  /** Not to be changed while it is gone through: whoever adds or removes meanwhile goes through a copy. */
  readonly list: readonly Entry[];
  readonly #list: Entry[] = [];
  /** The one that was added or found last. */
  #last: Entry | undefined = undefined;
  #places: (Entry | undefined)[] = emptyPlaces(FEWEST_PLACES);

  constructor(entries: Iterable<Entry> = []) {
    this.list = this.#list;
    for (const entry of entries) this.add(entry);
  }

  get size(): number {
    return this.#list.length;
  }

  get(clientOrderId: string): Entry | undefined {
    // Events of one order come one after the other.
    if (this.#last?.clientOrderId === clientOrderId) return this.#last;
    const entry = this.#places[this.#placeOf(clientOrderId)];
    if (entry !== undefined) this.#last = entry;
    return entry;
  }

  has(clientOrderId: string): boolean {
    return this.get(clientOrderId) !== undefined;
  }

  keys(): IterableIterator<string> {
    return this.#list.map(({ clientOrderId }) => clientOrderId).values();
  }

  values(): IterableIterator<Entry> {
    return this.#list.values();
  }

  /** Its id must not be there yet. */
  add(entry: Entry): void {
    this.#last = entry;
    this.#list.push(entry);
    if (this.#list.length * 2 > this.#places.length) this.#grow();
    else this.#places[this.#placeOf(entry.clientOrderId)] = entry;
  }

  /** `false` when it is not there. */
  remove(entry: Entry): boolean {
    const place = this.#placeOf(entry.clientOrderId);
    if (this.#places[place] !== entry) return false;
    this.#close(place);
    if (this.#last === entry) this.#last = undefined;
    const index = this.#list.lastIndexOf(entry);
    if (index === this.#list.length - 1) this.#list.pop();
    else this.#list.splice(index, 1);
    return true;
  }

  /** Where an id is, or the free place where it would be. */
  #placeOf(clientOrderId: string): number {
    const mask = this.#places.length - 1;
    for (let place = hashOf(clientOrderId) & mask; ; place = (place + 1) & mask) {
      const entry = this.#places[place];
      if (entry === undefined || entry.clientOrderId === clientOrderId) return place;
    }
  }

  /** Takes a place back; those behind it move up, so that nobody's search ends too early. */
  #close(place: number): void {
    const mask = this.#places.length - 1;
    let free = place;
    for (let next = (free + 1) & mask; ; next = (next + 1) & mask) {
      const entry = this.#places[next];
      if (entry === undefined) break;
      const home = hashOf(entry.clientOrderId) & mask;
      // It may move where it stays at or behind its home.
      if (((next - home) & mask) < ((next - free) & mask)) continue;
      this.#places[free] = entry;
      free = next;
    }
    this.#places[free] = undefined;
  }

  #grow(): void {
    this.#places = emptyPlaces(this.#places.length * 2);
    for (const entry of this.#list) this.#places[this.#placeOf(entry.clientOrderId)] = entry;
  }
}

function emptyPlaces<Entry>(length: number): (Entry | undefined)[] {
  return new Array<Entry | undefined>(length).fill(undefined);
}

/** An order is looked for again and again while it is in hand. */
let lastText = '';
let lastHash = 0;

function hashOf(text: string): number {
  if (text === lastText) return lastHash;
  let hash = 0;
  for (let index = Math.max(0, text.length - HASHED); index < text.length; index += 1) hash = (hash * 31 + text.charCodeAt(index)) | 0;
  lastText = text;
  lastHash = hash ^ (hash >>> 15);
  return lastHash;
}
