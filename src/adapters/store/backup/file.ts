/**
 * The file of a backup: two lines of text that say what it is, the tables as one compressed stream, and a mark over all of
 * it at the end.
 *
 *     ARGOSY-BACKUP 1
 *     {"version":…,"createdAt":…,"migrations":[…],"sealed":{…}}
 *     gzip of, for each table: {"table":…,"columns":[…]}, its rows as COPY writes them, \.   and at last {"rows":{…}}
 *     HMAC-SHA256 of everything before it, 32 bytes
 */
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { z } from 'zod';
import { refusal } from './refusal.ts';
import { MARK_BYTES, type Seal } from './seal.ts';

export const FIRST_LINE = 'ARGOSY-BACKUP 1\n';
/** The end of a table's rows: no row looks so, because COPY writes a backslash as two. */
export const END_OF_ROWS = '\\.';
const MAX_HEADER_BYTES = 1_000_000;

const HEADER = z.object({
  /** Version of Argosy that wrote it. */
  version: z.string(),
  /** Milliseconds since 1970. */
  createdAt: z.number(),
  installation: z.number(),
  /** Names of the migrations that the database had seen. */
  migrations: z.array(z.string()).min(1),
  sealed: z.object({ kdf: z.literal('scrypt'), salt: z.string(), iv: z.string(), tag: z.string(), data: z.string() }),
});

export type Header = z.infer<typeof HEADER>;

export interface BackupFile {
  readonly path: string;
  readonly header: Header;
  readonly bodyFrom: number;
  readonly size: number;
}

/** Looks at the beginning of a file. PortError `configuration_invalid` when it is no backup. */
export async function openBackup(path: string): Promise<BackupFile> {
  const file = await open(path, 'r').catch((cause: unknown) => {
    throw refusal(`${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  });
  try {
    const { size } = await file.stat();
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(Math.min(size, MAX_HEADER_BYTES)), position: 0 });
    const start = buffer.subarray(0, bytesRead);
    const headerEnd = start.indexOf('\n', FIRST_LINE.length);
    if (!start.toString('latin1', 0, FIRST_LINE.length).startsWith(FIRST_LINE) || headerEnd < 0 || size < headerEnd + 1 + MARK_BYTES)
      throw refusal(`${path} is no backup of Argosy, or only the beginning of one`);
    return { path, header: headerOf(start.toString('utf8', FIRST_LINE.length, headerEnd), path), bodyFrom: headerEnd + 1, size };
  } finally {
    await file.close();
  }
}

function headerOf(text: string, path: string): Header {
  try {
    return HEADER.parse(JSON.parse(text));
  } catch (cause) {
    throw refusal(`${path} is damaged: its second line cannot be read`, cause);
  }
}

/** PortError `configuration_invalid` unless the file is whole and unchanged since it was written with this passphrase. */
export async function verifyMark({ path, size }: BackupFile, seal: Seal, onBytes: (count: number) => void): Promise<void> {
  const mark = seal.mark();
  for await (const chunk of createReadStream(path, { end: size - MARK_BYTES - 1 })) {
    mark.update(chunk as Buffer);
    onBytes((chunk as Buffer).length);
  }
  const file = await open(path, 'r');
  const { buffer } = await file.read({ buffer: Buffer.alloc(MARK_BYTES), position: size - MARK_BYTES });
  await file.close();
  if ((await stat(path)).size !== size || !mark.digest().equals(buffer)) throw refusal(`${path} is damaged or was changed: take another backup`);
}

/** The lines of the body, without their ends. */
export async function* bodyLines({ path, bodyFrom, size }: BackupFile, onBytes: (count: number) => void): AsyncGenerator<Buffer> {
  const compressed = createReadStream(path, { start: bodyFrom, end: size - MARK_BYTES - 1 });
  compressed.on('data', (chunk) => onBytes(chunk.length));
  const body = compressed.pipe(createGunzip());
  compressed.once('error', (error) => body.destroy(error));
  yield* linesOf(body);
}

async function* linesOf(body: Readable): AsyncGenerator<Buffer> {
  let rest: Buffer[] = [];
  for await (const chunk of body) {
    const bytes = chunk as Buffer;
    let from = 0;
    for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a, from)) {
      const tail = bytes.subarray(from, end);
      yield rest.length === 0 ? tail : Buffer.concat([...rest, tail]);
      rest = [];
      from = end + 1;
    }
    if (from < bytes.length) rest.push(bytes.subarray(from));
  }
  if (rest.length > 0) throw refusal('the backup ends in the middle of a row');
}
