/**
 * Reading protocol buffers without their generated code: a message as its fields by number, so that what a venue adds
 * later is passed over.
 * @see https://protobuf.dev/programming-guides/encoding/
 */
import { UnreadableAnswer } from './_fields.ts';

/** Whole numbers as themselves, everything else as bytes; of a field that is repeated, the last. */
export type ProtoMessage = ReadonlyMap<number, bigint | Uint8Array>;

const VARINT = 0;
const FIXED_64 = 1;
const BYTES = 2;
const FIXED_32 = 5;

/** Throws {@link UnreadableAnswer} for bytes that are no message. */
export function readMessage(bytes: Uint8Array): ProtoMessage {
  return new Map(fieldsOf(bytes));
}

/** All values of a field that is repeated and holds texts or messages. */
export function repeated(bytes: Uint8Array, field: number): readonly Uint8Array[] {
  return fieldsOf(bytes).flatMap(([number, value]) => (number === field && value instanceof Uint8Array ? [value] : []));
}

/** Every field in its sequence. */
function fieldsOf(bytes: Uint8Array): readonly (readonly [number: number, value: bigint | Uint8Array])[] {
  const fields: [number, bigint | Uint8Array][] = [];
  let at = 0;
  const take = (count: number): Uint8Array => {
    if (at + count > bytes.length) throw new UnreadableAnswer('the message is cut off');
    at += count;
    return bytes.subarray(at - count, at);
  };
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = take(1)[0] ?? 0;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new UnreadableAnswer('a number of more than 64 bits');
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const wireType = tag & 7;
    if (wireType === VARINT) fields.push([tag >>> 3, varint()]);
    else if (wireType === BYTES) fields.push([tag >>> 3, take(Number(varint()))]);
    else if (wireType === FIXED_64) take(8);
    else if (wireType === FIXED_32) take(4);
    else throw new UnreadableAnswer(`field type ${wireType} is not known`);
  }
  return fields;
}

/** What names are given to the fields of a message. */
export type ProtoNames = Readonly<Record<string, number>>;

/** A message in the form in which a venue's JSON is read; a field that was left out has its default: an empty text, or zero for those in `numbers`. */
export function namedFields(message: ProtoMessage, texts: ProtoNames, numbers: ProtoNames): Readonly<Record<string, string | number>> {
  const named: Record<string, string | number> = {};
  for (const [name, number] of Object.entries(texts)) {
    const value = message.get(number);
    if (typeof value === 'bigint') throw new UnreadableAnswer(`${name} is not a text`);
    named[name] = value === undefined ? '' : UTF8.decode(value);
  }
  for (const [name, number] of Object.entries(numbers)) {
    const value = message.get(number) ?? 0n;
    if (typeof value !== 'bigint') throw new UnreadableAnswer(`${name} is not a number`);
    named[name] = Number(value);
  }
  return named;
}

const UTF8 = new TextDecoder('utf-8', { fatal: false });
