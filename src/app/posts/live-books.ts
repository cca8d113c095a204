/** Books of the legs that posts name, read from the venues when they are asked for. */

import type { Clock, Log } from '#core/ports.ts';
import type { ClaimBook } from '#core/posts/claim-signal.ts';
import type { ArbitrageClaim, PostLeg } from '#core/posts/post.ts';
import type { Depth, Listing, MarketScan } from '#core/signals/market-scan.ts';
import type { NetworkReader } from '../signals/networks/network-reader.ts';

/** What is listed is asked again after this. */
export const LISTINGS_TTL_MS = 10 * 60_000;
/** What was not whole is asked again after this. */
const LISTINGS_PAUSE_MS = 30_000;
/** Prices in posts that name no quote are dollars. */
const DOLLARS = ['USDT', 'USDC', 'USD'];

export interface LiveBooksParts {
  /** By venue; of others nothing is known. */
  readonly scans: ReadonlyMap<string, MarketScan>;
  /** What is known of networks where a venue's list does not tell. */
  readonly networks?: Pick<NetworkReader, 'of'>;
  readonly clock: Clock;
  readonly log: Log;
}

export class LiveBooks {
  readonly #parts: LiveBooksParts;
  readonly #listings = new Map<string, { readonly list: Promise<readonly Listing[]>; until: number }>();

  constructor(parts: LiveBooksParts) {
    this.#parts = parts;
  }

  /** `null` where the leg cannot be told for certain or its venue does not answer. */
  async read(claim: ArbitrageClaim, leg: PostLeg): Promise<ClaimBook | null> {
    const { scans, clock, log } = this.#parts;
    const scan = scans.get(leg.venue);
    if (scan === undefined) return null;
    try {
      const listed = theOne(await this.#listed(leg.venue, scan), claim, leg);
      const listing = listed === null ? null : (this.#parts.networks?.of(leg.venue)?.over([listed])[0] ?? listed);
      if (listing === null) return null;
      const depth: Depth = await scan.depth(listing);
      return depth.bids.length === 0 || depth.asks.length === 0 ? null : { listing, depth, readAt: clock.now() };
    } catch (error) {
      log.warn({ err: error, venue: leg.venue }, 'a claim of a post could not be looked at');
      return null;
    }
  }

  #listed(venue: string, scan: MarketScan): Promise<readonly Listing[]> {
    const now = this.#parts.clock.now();
    const known = this.#listings.get(venue);
    if (known !== undefined && now < known.until) return known.list;
    const asked = scan.listings();
    const entry = { list: asked.then(({ listings }) => listings), until: now + LISTINGS_TTL_MS };
    this.#listings.set(venue, entry);
    const soon = (): void => {
      entry.until = now + LISTINGS_PAUSE_MS;
    };
    asked.then(({ problem }) => problem !== null && soon()).catch(soon);
    return entry.list;
  }
}

/** One coin may be listed in several units; those of the post come first, and two that fit equally are none. */
function theOne(listings: readonly Listing[], claim: ArbitrageClaim, leg: PostLeg): Listing | null {
  for (const quote of claim.quote === null ? DOLLARS : [claim.quote]) {
    const fitting = listings.filter((each) => each.market === leg.market && each.base === claim.base && each.quote === quote && each.isQuotable);
    const exact = fitting.filter(({ multiplier }) => multiplier === leg.multiplier);
    const [first, second] = exact.length > 0 ? exact : fitting;
    if (first !== undefined) return second === undefined ? first : null;
  }
  return null;
}
