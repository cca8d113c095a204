/**
 * Our name for an order, made before anything is sent: version, who placed it, lease epoch, sequence and check digits.
 * It is unique for ever, recognisable as ours, and enough to find the owner of an order whose row was lost.
 */

import { endSum, expectId } from './engine/order-index.ts';

/** Who places: a bot's run, or the steward of an account for orders placed by hand. */
export type OwnerKind = 'bot' | 'account';

export interface OrderOwner {
  /** Random number of this installation, below 2^25. */
  readonly installation: number;
  readonly kind: OwnerKind;
  /** The bot's or account's number in this installation, below 2^30. */
  readonly number: number;
}

export interface ParsedClientOrderId extends OrderOwner {
  readonly epoch: number;
  readonly sequence: number;
}

/** Whose orders those of a simulated run are, which leave no house: they have the same ids in every one. */
export const SIMULATED: OrderOwner = { installation: 0, kind: 'bot', number: 0 };
/** Their ids, from that of sequence 1 on: made once in a process, the first so many of them. */
const SIMULATED_IDS: string[] = [];
const MOST_KEPT = 65_536;

/** Characters of a ClientOrderId: digits and lower-case letters, which every venue accepts. */
export const CLIENT_ORDER_ID_LENGTH = 27;

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
/** Digit by character code; -1 for what is no digit. */
const DIGITS = Int8Array.from({ length: 128 }, (_, code) => ALPHABET.indexOf(String.fromCharCode(code)));
const VERSION = 'a';
const KINDS: Readonly<Record<OwnerKind, string>> = { bot: 'b', account: 'm' };
/** All of two characters, by their value. */
const PAIRS: readonly string[] = Array.from({ length: 1_024 }, (_, value) => ALPHABET.charAt(value >>> 5) + ALPHABET.charAt(value & 31));
const PAIR_SUMS = Int32Array.from(PAIRS, (pair) => endSum(pair));
const WIDTHS = { installation: 5, number: 6, epoch: 5, sequence: 7, check: 2 } as const;

/** Twenty-seven characters: `a`, kind, 5 installation, 6 number, 5 epoch, 7 sequence, 2 check digits, in Crockford's base 32. */
export function formatClientOrderId(owner: OrderOwner, epoch: number, sequence: number): string {
  return new ClientOrderIds(owner).of(epoch, sequence);
}

/** The ids of one owner, whose common beginning is made once. */
export class ClientOrderIds {
  readonly #owner: OrderOwner;
  #epoch = -1;
  /** Sequences of one beginning differ in their last two characters. */
  #thousand = -1;
  #beginning = '';
  #sum = 0;
  /** From sequence 1 on; `null` where they are not kept. */
  #kept: string[] | null = null;

  constructor(owner: OrderOwner) {
    this.#owner = owner;
  }

  of(epoch: number, sequence: number): string {
    const last = sequence % PAIRS.length;
    const thousand = (sequence - last) / PAIRS.length;
    if (epoch !== this.#epoch || thousand !== this.#thousand || !(last >= 0)) this.#begin(epoch, sequence);
    // The check digits of the two, whose values are at hand.
    const check = (((this.#sum * 37 + (last >>> 5) + 1) % 1021) * 37 + (last & 31) + 1) % 1021;
    const id = this.#kept?.[sequence - 1] ?? this.#make(sequence, (PAIRS[last] as string) + (PAIRS[check] as string));
    expectId(id, PAIR_SUMS[last] as number, PAIR_SUMS[check] as number);
    return id;
  }

  #make(sequence: number, end: string): string {
    const id = this.#beginning + end;
    if (this.#kept !== null && this.#kept.length === sequence - 1 && sequence <= MOST_KEPT) this.#kept.push(id);
    return id;
  }

  #begin(epoch: number, sequence: number): void {
    const { kind, installation, number } = this.#owner;
    this.#kept = kind === 'bot' && installation === SIMULATED.installation && number === SIMULATED.number && epoch === 1 ? SIMULATED_IDS : null;
    const owned = VERSION + KINDS[kind] + encode(installation, WIDTHS.installation) + encode(number, WIDTHS.number);
    this.#beginning = (owned + encode(epoch, WIDTHS.epoch) + encode(sequence, WIDTHS.sequence)).slice(0, -2);
    this.#sum = checkSum(this.#beginning, 0);
    this.#epoch = epoch;
    this.#thousand = Math.floor(sequence / PAIRS.length);
  }
}

/** The parts of an id of ours, or `null` when it is somebody else's (wrong length, version, alphabet or check digits). */
export function parseClientOrderId(id: string): ParsedClientOrderId | null {
  if (id.length !== CLIENT_ORDER_ID_LENGTH || id[0] !== VERSION) return null;
  const kind = id[1] === KINDS.bot ? 'bot' : id[1] === KINDS.account ? 'account' : null;
  const body = id.slice(0, -WIDTHS.check);
  if (kind === null || PAIRS[checkSum(body, 0)] !== id.slice(-WIDTHS.check)) return null;
  let from = 2;
  const next = (width: number): number => decode(id.slice(from, (from += width)));
  const parsed = { kind, installation: next(5), number: next(6), epoch: next(5), sequence: next(7) } as const;
  return Number.isNaN(parsed.installation + parsed.number + parsed.epoch + parsed.sequence) ? null : parsed;
}

function encode(value: number, width: number): string {
  if (!Number.isSafeInteger(value) || value < 0 || value >= 32 ** width) throw new RangeError(`${value} does not fit ${width} characters of base 32`);
  let text = '';
  let rest = value;
  for (let index = 0; index < width; index += 1) {
    text = ALPHABET.charAt(rest % 32) + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}

function decode(text: string): number {
  let value = 0;
  for (const character of text) {
    const digit = ALPHABET.indexOf(character);
    if (digit < 0) return Number.NaN;
    value = value * 32 + digit;
  }
  return value;
}

/** Weighted sum modulo the prime 1021, from that of what stands before: finds every wrong character and every swap of neighbours. */
function checkSum(text: string, before: number): number {
  let sum = before;
  for (let index = 0; index < text.length; index += 1) sum = (sum * 37 + (DIGITS[text.charCodeAt(index)] ?? -1) + 1) % 1021;
  return sum;
}
