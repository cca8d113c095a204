/** The role that will talk to people by Telegram. This version cannot yet, and it says so. */
import type { Closing } from './_closing.ts';
import type { Parts } from './_parts.ts';

/** Stands by; serves no address. */
export async function start({ log }: Parts, _closing: Closing): Promise<null> {
  log.info({ role: 'telegram' }, 'nothing to do yet: this version sends nothing by Telegram');
  return null;
}
