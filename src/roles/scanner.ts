/** The role that will look for signals. There are none to look for in this version, and it says so. */
import type { Closing } from './_closing.ts';
import type { Parts } from './_parts.ts';

/** Stands by; serves no address. */
export async function start({ log }: Parts, _closing: Closing): Promise<null> {
  log.info({ role: 'scanner' }, 'nothing to do yet: this version has no signals to look for');
  return null;
}
