/**
 * Our name for an order, made before anything is sent: version, who placed it, lease epoch, sequence and check digits.
 * It is unique for ever, recognisable as ours, and enough to find the owner of an order whose row was lost.
 */

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

/** Characters of a ClientOrderId: digits and lower-case letters, which every venue accepts. */
export const CLIENT_ORDER_ID_LENGTH = 27;

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
/** Digit by character code; -1 for what is no digit. */
const DIGITS = Int8Array.from({ length: 128 }, (_, code) => ALPHABET.indexOf(String.fromCharCode(code)));
const VERSION = 'a';
const KINDS: Readonly<Record<OwnerKind, string>> = { bot: 'b', account: 'm' };
const WIDTHS = { installation: 5, number: 6, epoch: 5, sequence: 7, check: 2 } as const;

/** Twenty-seven characters: `a`, kind, 5 installation, 6 number, 5 epoch, 7 sequence, 2 check digits, in Crockford's base 32. */
export function formatClientOrderId(owner: OrderOwner, epoch: number, sequence: number): string {
  const body =
    VERSION +
    KINDS[owner.kind] +
    encode(owner.installation, WIDTHS.installation) +
    encode(owner.number, WIDTHS.number) +
    encode(epoch, WIDTHS.epoch) +
    encode(sequence, WIDTHS.sequence);
  return body + checkDigits(body);
}

/** The parts of an id of ours, or `null` when it is somebody else's (wrong length, version, alphabet or check digits). */
export function parseClientOrderId(id: string): ParsedClientOrderId | null {
  if (id.length !== CLIENT_ORDER_ID_LENGTH || id[0] !== VERSION) return null;
  const kind = id[1] === KINDS.bot ? 'bot' : id[1] === KINDS.account ? 'account' : null;
  const body = id.slice(0, -WIDTHS.check);
  if (kind === null || checkDigits(body) !== id.slice(-WIDTHS.check)) return null;
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

/** Weighted sum modulo the prime 1021: finds every wrong character and every swap of neighbours. */
function checkDigits(body: string): string {
  let sum = 0;
  for (let index = 0; index < body.length; index += 1) sum = (sum * 37 + (DIGITS[body.charCodeAt(index)] ?? -1) + 1) % 1021;
  return encode(sum, WIDTHS.check);
}
