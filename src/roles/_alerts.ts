/** The watch over users' alerts: one worker of all does it. */

import { AlertWatch } from '#app/alerts/alert-watch.ts';
import { BotHistory } from '#app/bots/bot-stats.ts';
import { Shift } from '#app/fleet/shift.ts';
import { Feeds } from '#app/market/feeds.ts';
import { Accounts } from '#app/people/accounts.ts';
import type { Closing } from './_closing.ts';
import type { Parts } from './_parts.ts';

/** Nobody waits for it: venues may take a while to answer. */
export function watchAlerts(parts: Parts, closing: Closing): void {
  const feeds = new Feeds(parts);
  const watching = { ...parts, feeds, accounts: new Accounts(parts), history: new BotHistory(parts) };
  const shift = new Shift({ ...parts, subject: 'alerts:all' }, () => new AlertWatch(watching));
  closing.add('alerts', async () => {
    await shift.close();
    feeds.close();
  });
  shift.start();
}
