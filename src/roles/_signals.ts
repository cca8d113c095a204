/** The desk that scans, of the places that the configuration names. */
import { SignalDesk } from '#app/signals/signal-desk.ts';
import { VenueFeed } from '#app/signals/venue-feed.ts';
import { AppError, PortError } from '#core/errors.ts';
import type { Listing } from '#core/signals/market-scan.ts';
import type { Scanner } from '#core/signals/scanner.ts';
import type { Lease } from '#core/store.ts';
import type { Parts } from './_parts.ts';

/** Names of all places that this process may read. */
export function scannedPlaces({ config, venues }: Pick<Parts, 'config' | 'venues'>): readonly string[] {
  const known = [...venues.values()].flatMap(({ id, scan }) => (scan === undefined ? [] : [id]));
  const stranger = config.scan.places?.find((name) => !known.includes(name));
  if (stranger !== undefined)
    throw new AppError('configuration_invalid', `ARGOSY_SCAN names "${stranger}", which cannot be scanned; known are ${known.join(', ')}.`);
  return config.scan.places ?? known;
}

export interface SignalParts extends Pick<Parts, 'store' | 'bus' | 'clock' | 'ids' | 'log' | 'venues'> {
  readonly scanners: readonly Scanner[];
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
      openFeeds: (sink) =>
        places.flatMap((venue) => {
          const scan = scanOf(venue);
          return scan === undefined ? [] : [new VenueFeed({ venue, scan, sink, clock, log })];
        }),
      depth: async (listing: Listing) => {
        const scan = scanOf(listing.venue);
        if (scan === undefined) throw new PortError('symbol_unknown', `${listing.venue} shows no books`, { outcome: 'failed' });
        return scan.depth(listing);
      },
    },
    lease,
  );
}
