/**
 * The protocol buffers that MEXC pushes, written by hand: `PushDataV3ApiWrapper` around one body. Defaults (zero, empty,
 * false) are left out, as proto3 does.
 * @see https://github.com/mexcdevelop/websocket-proto
 */

/** Field number and value; a list repeats its field. */
export type ProtoField = readonly [number: number, value: string | number | boolean | Uint8Array | readonly Uint8Array[]];

const VARINT = 0;
const BYTES = 2;

export function message(fields: readonly ProtoField[]): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const [number, value] of fields) {
    for (const each of Array.isArray(value) ? (value as readonly Uint8Array[]) : [value as Exclude<ProtoField[1], readonly Uint8Array[]>]) {
      if (each === '' || each === 0 || each === false) continue;
      if (typeof each === 'number' || typeof each === 'boolean') parts.push(varint(number * 8 + VARINT), varint(Number(each)));
      else {
        const bytes = typeof each === 'string' ? Buffer.from(each) : each;
        parts.push(varint(number * 8 + BYTES), varint(bytes.length), bytes);
      }
    }
  }
  return Buffer.concat(parts);
}

/** The numbers of the bodies inside the wrapper. */
export const BODY = { orders: 304, deals: 306, account: 307, kline: 308, depths: 313, publicDeals: 314, bookTicker: 315 } as const;

export function push(channel: string, symbol: string, at: number, body: keyof typeof BODY, fields: readonly ProtoField[]): Uint8Array {
  return message([
    [1, channel],
    [BODY[body], message(fields)],
    [3, symbol],
    [5, at],
    [6, at],
  ]);
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt(value);
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest > 0n ? low | 0x80 : low);
  } while (rest > 0n);
  return Uint8Array.from(bytes);
}
