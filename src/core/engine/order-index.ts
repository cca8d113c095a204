/**
 * Live orders by ClientOrderId, oldest first. A `Map` whose few entries come and go makes its table anew every few of them and leaves
 * the old ones to the garbage collector; here an order that comes and goes allocates nothing.
 */

import type { Order } from '../order.ts';

/** Table places at least; a power of two, as always. */
const FEWEST_PLACES = 32;
/** Characters at the end of an id by which it finds its place: ours end in a running number and check digits. */
const HASHED = 4;

/** An index to be read. */
export type OrderLookup<Entry extends { readonly clientOrderId: string } = Order> = Pick<OrderIndex<Entry>, 'size' | 'get' | 'has' | 'keys' | 'values'>;

export class OrderIndex<Entry extends { readonly clientOrderId: string }> {
  /** Not to be changed while it is gone through: whoever adds or removes meanwhile goes through a copy. */
  readonly list: readonly Entry[];
  readonly #list: Entry[] = [];
  /** Of each entry of the list: whoever has the entry in hand finds its place without reading its id. */
  #hashesOfList = NO_HASHES;
  /** None until somebody looks for an id: many a run never does. */
  #places: (Entry | undefined)[] = [];
  /** Of the entry in each place: our ids begin alike, and comparing two of them takes long. */
  #hashes = NO_HASHES;

  constructor(entries: Iterable<Entry> = []) {
    this.list = this.#list;
    for (const entry of entries) this.add(entry);
  }

  get size(): number {
    return this.#list.length;
  }

  get(clientOrderId: string): Entry | undefined {
    if (this.#list.length === 0) return undefined;
    if (this.#places.length === 0) this.#fill();
    return this.#places[this.#placeOf(clientOrderId, hashOf(clientOrderId))];
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
    append(this.#list, entry);
    if (this.#places.length === 0) return;
    if (this.#list.length * 2 > this.#places.length) return this.#fill();
    const hash = hashOf(entry.clientOrderId);
    this.#hashesOfList[this.#list.length - 1] = hash;
    this.#settle(entry, hash);
  }

  /** `false` when it is not there. Others are likely to be asked about that order next. */
  remove(entry: Entry): boolean {
    let index = this.#list.length - 1;
    while (index >= 0 && this.#list[index] !== entry) index -= 1;
    if (index < 0) return false;
    if (this.#places.length > 0) this.#vacate(index, entry);
    cut(this.#list, index);
    return true;
  }

  #vacate(index: number, entry: Entry): void {
    const hash = this.#hashesOfList[index] as number;
    const mask = this.#places.length - 1;
    let place = hash & mask;
    while (this.#places[place] !== entry) place = (place + 1) & mask;
    this.#close(place);
    for (let later = index + 1; later < this.#list.length; later += 1) this.#hashesOfList[later - 1] = this.#hashesOfList[later] as number;
    expectHash(entry.clientOrderId, hash);
  }

  /** Where an id is, or the free place where it would be. */
  #placeOf(clientOrderId: string, hash: number): number {
    const places = this.#places;
    const mask = places.length - 1;
    for (let place = hash & mask; ; place = (place + 1) & mask) {
      const entry = places[place];
      if (entry === undefined || (this.#hashes[place] === hash && entry.clientOrderId === clientOrderId)) return place;
    }
  }

  #settle(entry: Entry, hash: number): void {
    const mask = this.#places.length - 1;
    let place = hash & mask;
    while (this.#places[place] !== undefined) place = (place + 1) & mask;
    this.#places[place] = entry;
    this.#hashes[place] = hash;
  }

  /** Takes a place back; those behind it move up, so that nobody's search ends too early. */
  #close(place: number): void {
    const mask = this.#places.length - 1;
    let free = place;
    for (let next = (free + 1) & mask; this.#places[next] !== undefined; next = (next + 1) & mask) {
      const hash = this.#hashes[next] as number;
      // It stays where its home lies behind the free place.
      if (((next - hash) & mask) < ((next - free) & mask)) continue;
      this.#places[free] = this.#places[next];
      this.#hashes[free] = hash;
      free = next;
    }
    this.#places[free] = undefined;
  }

  /** Makes the table anew, for the entries there are and as many more. */
  #fill(): void {
    let length = FEWEST_PLACES;
    while (length < this.#list.length * 4) length *= 2;
    this.#places = new Array<Entry | undefined>(length).fill(undefined);
    this.#hashes = new Int32Array(length);
    this.#hashesOfList = new Int32Array(length);
    for (let index = 0; index < this.#list.length; index += 1) {
      const entry = this.#list[index] as Entry;
      const hash = hashOf(entry.clientOrderId);
      this.#hashesOfList[index] = hash;
      this.#settle(entry, hash);
    }
  }
}

const NO_HASHES = new Int32Array(0);

/** Takes an element out of a list whose sequence stays, the newest looked at first. */
export function takeOut<Element>(list: Element[], element: Element): boolean {
  let index = list.length - 1;
  while (index >= 0 && list[index] !== element) index -= 1;
  if (index < 0) return false;
  cut(list, index);
  return true;
}

/** `splice` would make a list of what it takes. */
function cut<Element>(list: Element[], from: number): void {
  for (let index = from; index < list.length - 1; index += 1) list[index] = list[index + 1] as Element;
  list.pop();
}

/** As `push`, which is not compiled into its callers where lists that begin empty come by. */
export function append<Element>(list: Element[], element: Element): void {
  list[list.length] = element;
}

/** A list to be filled again: element by element, or its memory would be given up and asked for again. */
export function emptied<Element>(list: Element[]): Element[] {
  while (list.length > 0) list.pop();
  return list;
}

/** An order in hand is looked for again and again, by the engine and by the venue it is simulated at. */
let hashed = '';
let hash = 0;

function hashOf(text: string): number {
  if (text !== hashed) expectHash(text, mixed(endSum(text)));
  return hash;
}

/** Of the last characters of an id, from which its hash is made. */
export function endSum(id: string): number {
  let sum = 0;
  for (let index = Math.max(0, id.length - HASHED); index < id.length; index += 1) sum = (sum * 31 + id.charCodeAt(index)) | 0;
  return sum;
}

/** Says that an id is about to be looked for, and the {@link endSum} of its last two pairs: made of pieces, it is not joined for the sake of its last characters. */
export function expectId(id: string, sumBefore: number, sum: number): void {
  expectHash(id, mixed((sumBefore * 31 * 31 + sum) | 0));
}

function mixed(sum: number): number {
  return sum ^ (sum >>> 15);
}

function expectHash(id: string, of: number): void {
  // Most often it is known already, and a text is not compared for nothing.
  if (of === hash) return;
  hashed = id;
  hash = of;
}
