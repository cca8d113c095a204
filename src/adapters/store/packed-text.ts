/** Long texts and bytes are kept compressed, as base64. */
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';

/** What was packed by us is never larger than this. */
const MAX_BYTES = 256 * 1024 * 1024;

export async function packed(content: string | Uint8Array): Promise<string> {
  return (await promisify(gzip)(content)).toString('base64');
}

export async function unpacked(content: string): Promise<string> {
  return (await unpackedBytes(content)).toString('utf8');
}

export function unpackedBytes(content: string): Promise<Buffer> {
  return promisify(gunzip)(Buffer.from(content, 'base64'), { maxOutputLength: MAX_BYTES });
}
