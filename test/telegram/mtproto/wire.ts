/** Objects of Telegram's protocol as a server reads and writes them: by its published schema, which comes with the library. */
import { createRequire } from 'node:module';
import { __tlReaderMap, __tlWriterMap, TlBinaryReader, TlBinaryWriter } from '@mtcute/core/utils.js';

interface Argument {
  readonly name: string;
  readonly type: string;
  readonly typeModifiers?: { readonly predicate?: string; readonly isVector?: boolean };
}
interface Entry {
  readonly name: string;
  readonly id: number;
  readonly kind: 'class' | 'method';
  readonly arguments: readonly Argument[];
}
/** An object by the library's own names. */
export type Tl = { readonly _: string } & Readonly<Record<string, unknown>>;

const require = createRequire(import.meta.url);
const api = require('@mtcute/core/tl/api-schema.json') as { readonly e: readonly Entry[] };
const service = require('@mtcute/core/tl/mtp-schema.json') as readonly Entry[] | { readonly e: readonly Entry[] };
const ENTRIES = [...api.e, ...('e' in service ? service.e : service)];
const BY_ID = new Map(ENTRIES.map((entry) => [entry.id, entry]));
const BY_NAME = new Map(ENTRIES.map((entry) => [entry.name, entry]));
const VECTOR = 0x1c_b5_c4_15;
const TRUE = 0x99_72_75_b5;

/** Requests too, which the library itself never has to read. */
export function readTl(reader: TlBinaryReader): Tl {
  const id = reader.uint();
  const entry = BY_ID.get(id);
  if (entry === undefined) throw new Error(`an object that the schema does not know: ${id.toString(16)}`);
  const flags: Record<string, number> = {};
  const fields: Record<string, unknown> = {};
  for (const { name, type, typeModifiers: { predicate, isVector = false } = {} } of entry.arguments) {
    if (type === '#') {
      flags[name] = reader.uint();
      continue;
    }
    const [flag = '', bit = '0'] = predicate?.split('.') ?? [];
    const isThere = predicate === undefined || ((flags[flag] ?? 0) & (1 << Number(bit))) !== 0;
    if (type === 'true') fields[camel(name)] = isThere;
    else if (isThere) fields[camel(name)] = isVector ? readVector(reader, type) : readValue(reader, type);
  }
  return { _: entry.name, ...fields };
}

function readVector(reader: TlBinaryReader, type: string): readonly unknown[] {
  if (reader.uint() !== VECTOR) throw new Error('expected a vector');
  return Array.from({ length: reader.uint() }, () => readValue(reader, type));
}

function readValue(reader: TlBinaryReader, type: string): unknown {
  switch (type) {
    case 'int':
      return reader.int();
    case 'int53':
      return reader.int53();
    case 'long':
      return reader.long();
    case 'double':
      return reader.double();
    case 'string':
      return reader.string();
    case 'bytes':
      return reader.bytes();
    case 'int128':
      return reader.int128();
    case 'int256':
      return reader.int256();
    case 'Bool':
      return reader.uint() === TRUE;
    default:
      return readTl(reader);
  }
}

export function writeTl(object: Tl): Uint8Array {
  return TlBinaryWriter.serializeObject(__tlWriterMap, object);
}

export function readerOf(bytes: Uint8Array): TlBinaryReader {
  return new TlBinaryReader(__tlReaderMap, bytes);
}

/** An object with zeros and empty texts where nothing else is said. */
export function made(name: string, fields: Readonly<Record<string, unknown>> = {}): Tl {
  const entry = BY_NAME.get(name);
  if (entry === undefined) throw new Error(`the schema knows no ${name}`);
  const defaults: Record<string, unknown> = {};
  for (const { name: argument, type, typeModifiers } of entry.arguments) {
    if (type === '#' || typeModifiers?.predicate !== undefined) continue;
    if (typeModifiers?.isVector === true) defaults[camel(argument)] = [];
    else if (type === 'int' || type === 'int53') defaults[camel(argument)] = 0;
    else if (type === 'string') defaults[camel(argument)] = '';
    else if (type === 'Bool') defaults[camel(argument)] = false;
    else if (type === 'bytes') defaults[camel(argument)] = new Uint8Array();
  }
  return { _: name, ...defaults, ...fields };
}

function camel(name: string): string {
  return name.replace(/_([a-zA-Z])/g, (_, letter: string) => letter.toUpperCase());
}
