/** The desk that scans, of the places that the configuration names. */
import type { NetworkReader } from '#app/signals/networks/network-reader.ts';
import { PoolFeed } from '#app/signals/pool-feed.ts';
import { SignalDesk } from '#app/signals/signal-desk.ts';
import { VenueFeed } from '#app/signals/venue-feed.ts';
import { AppError, PortError } from '#core/errors.ts';
import type { Listing } from '#core/signals/market-scan.ts';
import type { Scanner } from '#core/signals/scanner.ts';
import type { Lease } from '#core/store/leases.ts';
import type { Parts } from './_parts.ts';
import { POOL_SOURCES } from './_pool-sources.ts';

/** Names of all places that this process may read. */
export function scannedPlaces({ config, venues }: Pick<Parts, 'config' | 'venues'>): readonly string[] {
  const known = [...[...venues.values()].flatMap(({ id, scan }) => (scan === undefined ? [] : [id])), ...Object.keys(POOL_SOURCES)];
  const stranger = config.scan.places?.find((name) => !known.includes(name));
  if (stranger !== undefined)
    throw new AppError('configuration_invalid', `ARGOSY_SCAN names "${stranger}", which cannot be scanned; known are ${known.join(', ')}.`);
  return config.scan.places ?? known;
}

export interface SignalParts extends Pick<Parts, 'store' | 'bus' | 'clock' | 'ids' | 'log' | 'venues'> {
  readonly scanners: readonly Scanner[];
  readonly networks: Pick<NetworkReader, 'of'>;
  /** Addresses in place of the real ones. */
  readonly urls: Readonly<Record<string, string>>;
}

export function openSignalDesk(parts: SignalParts, places: readonly string[], lease: Lease): SignalDesk {
  const { clock } = parts;
  const log = parts.log.child({ part: 'signals' });
  const scanOf = (venue: string) => parts.venues.get(venue)?.scan;
  return new SignalDesk(
    {
      ...parts,
      log,
      openFeeds: (sink) => {
        const source = (name: keyof typeof POOL_SOURCES) => (places.includes(name) ? POOL_SOURCES[name]({ clock, url: parts.urls[name] ?? null }) : null);
        const pools = new PoolFeed({ first: source('dexscreener'), second: source('geckoterminal'), sink, clock, log });
        const venues = places.flatMap((venue) => {
          const scan = scanOf(venue);
          return scan === undefined ? [] : [new VenueFeed({ venue, scan, networks: parts.networks.of(venue), sink, clock, log })];
        });
        return [...venues, pools];
      },
      depth: async (listing: Listing) => {
        const scan = scanOf(listing.venue);
        if (scan === undefined) throw new PortError('symbol_unknown', `${listing.venue} shows no books`, { outcome: 'failed' });
        return scan.depth(listing);
      },
    },
    lease,
  );
}
