/** The role that looks for signals. Several may run: one scans, the others stand by. */

import { Shift } from '#app/fleet/shift.ts';
import { ClaimWatch } from '#app/posts/claim-watch.ts';
import { LiveBooks } from '#app/posts/live-books.ts';
import { NetworkReader } from '#app/signals/networks/network-reader.ts';
import { signalsCheck } from '#app/signals/signals-health.ts';
import { PAIR_STRATEGY } from '#core/signals/pair-signal.ts';
import { SCANNERS } from '#scanners/index.gen.ts';
import { claimPools } from './_claim-pools.ts';
import type { Closing } from './_closing.ts';
import type { Parts } from './_parts.ts';
import { openSignalDesk, scannedPlaces } from './_signals.ts';

/** Running bots that the health looks at, to know which places they depend on. */
const MAX_WAITERS = 200;

/** Serves no address. What cannot be reached is tried again and shows in the health; nothing of it ends the process. */
export async function start(parts: Parts, closing: Closing): Promise<null> {
  const { log, watch, clock } = parts;
  const places = scannedPlaces(parts);
  const networks = new NetworkReader(parts, places);
  closing.add('networks of coins', () => networks.close());
  networks.start();
  const scanning = { ...parts, scanners: SCANNERS, networks, urls: parts.config.venues.urls };
  const shift = new Shift({ ...parts, subject: 'scanner:signals' }, (lease) => openSignalDesk(scanning, places, lease));
  watch.health.add(
    signalsCheck({
      ...{ places, areNamed: parts.config.scan.places !== null, clock },
      desk: () => shift.work,
      networks: () => networks.standing(),
      waiters: () => parts.store.signals.waiters(PAIR_STRATEGY, '', MAX_WAITERS),
    }),
  );
  if (places.length === 0) log.info({ role: 'scanner' }, 'nothing is scanned: ARGOSY_SCAN names no place');
  else {
    closing.add('signals', () => shift.close());
    shift.start();
  }
  // Without places nothing is confirmed, and claims expire all the same.
  const scans = new Map([...parts.venues.values()].flatMap(({ id, scan }) => (scan === undefined || !places.includes(id) ? [] : [[id, scan] as const])));
  const claims = new ClaimWatch({ ...parts, scanners: SCANNERS, books: new LiveBooks({ scans, networks, pools: claimPools(parts, places), clock, log }) });
  closing.add('claims of posts', () => claims.close());
  claims.start();
  return null;
}
