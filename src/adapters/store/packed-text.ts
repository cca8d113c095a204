/** Long texts are kept compressed, as base64. */
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';

/** A text that was packed by us is never larger than this. */
const MAX_TEXT_BYTES = 256 * 1024 * 1024;

export async function packed(text: string): Promise<string> {
  return (await promisify(gzip)(text)).toString('base64');
}

export async function unpacked(content: string): Promise<string> {
  return (await promisify(gunzip)(Buffer.from(content, 'base64'), { maxOutputLength: MAX_TEXT_BYTES })).toString('utf8');
}
