/** Bots that wait for our scanners are told of their signals by every worker; each word reaches a bot once. */

import { Bots } from '#app/bots/bots.ts';
import { Accounts } from '#app/people/accounts.ts';
import { GateWatch } from '#app/signal-bots/gate-watch.ts';
import type { Closing } from './_closing.ts';
import type { Parts } from './_parts.ts';

export function watchSignalGates(parts: Parts, closing: Closing): void {
  const watch = new GateWatch({ ...parts, bots: new Bots({ ...parts, accounts: new Accounts(parts) }) });
  closing.add('signal gates', () => watch.close());
  watch.start();
}
