/** The legs that posts name as they are now: books and funding from the venues, pools from the services that know them, when they are asked for. */

import type { Clock, Log } from '#core/ports.ts';
import type { ClaimBook } from '#core/posts/claim-signal.ts';
import type { ArbitrageClaim, PostLeg } from '#core/posts/post.ts';
import { ADDRESS_END } from '#core/signals/coin-networks.ts';
import type { Depth, FundingNews, Listing, MarketScan } from '#core/signals/market-scan.ts';
import type { NetworkReader } from '../signals/networks/network-reader.ts';
import type { ClaimPools } from './claim-pools.ts';

/** What is listed is asked again after this. */
export const LISTINGS_TTL_MS = 10 * 60_000;
/** What was not whole is asked again after this. */
const LISTINGS_PAUSE_MS = 30_000;
/** The table of funding of a venue is asked again after this: claims are looked at every fifteen seconds. */
export const FUNDINGS_TTL_MS = 14_000;
/** Prices in posts that name no quote are dollars. */
const DOLLARS = ['USDT', 'USDC', 'USD'];

export interface LiveBooksParts {
  /** By venue; of others nothing is known. */
  readonly scans: ReadonlyMap<string, MarketScan>;
  /** What is known of networks where a venue's list does not tell. */
  readonly networks: Pick<NetworkReader, 'of'>;
  readonly pools: Pick<ClaimPools, 'read'>;
  readonly clock: Clock;
  readonly log: Log;
}

interface Fundings {
  readonly at: number;
  readonly table: Promise<ReadonlyMap<string, FundingNews>>;
}

export class LiveBooks {
  readonly #parts: LiveBooksParts;
  readonly #listings = new Map<string, { readonly list: Promise<readonly Listing[]>; until: number }>();
  readonly #fundings = new Map<string, Fundings>();

  constructor(parts: LiveBooksParts) {
    this.#parts = parts;
  }

  /** `null` where the leg cannot be told for certain or its venue does not answer. */
  async read(claim: ArbitrageClaim, leg: PostLeg): Promise<ClaimBook | null> {
    const { pools, log } = this.#parts;
    try {
      return leg.market === 'dex' ? await pools.read(claim, leg, await this.#tokensOf(claim)) : await this.#readBook(claim, leg);
    } catch (error) {
      log.warn({ err: error, venue: leg.venue }, 'a claim of a post could not be looked at');
      return null;
    }
  }

  async #readBook(claim: ArbitrageClaim, leg: PostLeg): Promise<ClaimBook | null> {
    const scan = this.#parts.scans.get(leg.venue);
    const listing = await this.#listingOf(claim, leg);
    if (scan === undefined || listing === null) return null;
    const [depth, funding] = await Promise.all([scan.depth(listing), this.#fundingOf(leg.venue, scan, listing)]);
    return isEmpty(depth) ? null : { listing, depth, readAt: this.#parts.clock.now(), funding };
  }

  /** Addresses of the coin: as the post names it, or as the venue of the other leg does, whole. */
  async #tokensOf(claim: ArbitrageClaim): Promise<readonly string[]> {
    if (claim.contract !== null) return [claim.contract];
    const other = claim.legs.find(({ market }) => market !== 'dex');
    // A perpetual has no token; the coin on the spot market of its venue does.
    const listing = other === undefined ? null : await this.#listingOf(claim, { ...other, market: 'spot', multiplier: 1 });
    return (listing?.contracts ?? []).flatMap(({ address }) => (address.startsWith(ADDRESS_END) ? [] : [address]));
  }

  async #listingOf(claim: ArbitrageClaim, leg: PostLeg): Promise<Listing | null> {
    const { scans, networks } = this.#parts;
    const scan = scans.get(leg.venue);
    if (scan === undefined) return null;
    const listed = theOne(await this.#listed(leg.venue, scan), claim, leg);
    return listed === null ? null : (networks.of(leg.venue)?.over([listed])[0] ?? listed);
  }

  /** A rate that cannot be had is not known: the book is there all the same. */
  async #fundingOf(venue: string, scan: MarketScan, { key, market }: Listing): Promise<ClaimBook['funding']> {
    if (market !== 'futures' || scan.fundings === undefined) return null;
    const { clock, log } = this.#parts;
    const now = clock.now();
    const known = this.#fundings.get(venue);
    const fundings = known !== undefined && now - known.at < FUNDINGS_TTL_MS ? known : { at: now, table: this.#askFundings(venue, scan) };
    this.#fundings.set(venue, fundings);
    try {
      const news = (await fundings.table).get(key);
      return news === undefined ? null : { news, readAt: fundings.at };
    } catch (error) {
      log.warn({ err: error, venue }, 'funding for a claim of a post could not be read');
      return null;
    }
  }

  async #askFundings(venue: string, scan: MarketScan): Promise<ReadonlyMap<string, FundingNews>> {
    const listed = new Map((await this.#listed(venue, scan)).map((listing) => [listing.key, listing]));
    const rows = (await scan.fundings?.(listed))?.rows ?? [];
    return new Map(rows.map((news) => [news.key, news]));
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

function isEmpty({ bids, asks }: Depth): boolean {
  return bids.length === 0 || asks.length === 0;
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
