/** Pools that posts name, looked up by the token's address: a ticker alone names no token. */
import type { Clock } from '#core/ports.ts';
import type { ClaimBook } from '#core/posts/claim-signal.ts';
import type { ArbitrageClaim, PostLeg } from '#core/posts/post.ts';
import type { PoolQuote, PoolSource } from '#core/signals/pool-source.ts';
import { depthOfPool, MIN_LIQUIDITY_USD, poolListing } from '../signals/pool-listing.ts';

/** What was found holds for so long… */
export const POOLS_TTL_MS = 5_000;
/** …and no more than one search is made in this time: the scanner searches at the same service. */
export const SEARCH_GAP_MS = 1_000;
/** Names of posts that stand for any pool: the word itself, and who finds the best of them. */
const ANY_DEX: ReadonlySet<string> = new Set(['dex', 'jupiter']);

export interface ClaimPoolsParts {
  /** `null` where none is read. */
  readonly source: PoolSource | null;
  readonly clock: Clock;
}

export class ClaimPools {
  readonly #parts: ClaimPoolsParts;
  #searchedAt = Number.NEGATIVE_INFINITY;
  readonly #found = new Map<string, { readonly at: number; readonly pools: Promise<readonly PoolQuote[]> }>();

  constructor(parts: ClaimPoolsParts) {
    this.#parts = parts;
  }

  /**
   * The pool of one of these tokens with the most in it at the exchange that the post names, one whose depth can be known before others. `null`
   * where there is none, or too many were asked for at this moment. May throw PortError.
   */
  async read(claim: ArbitrageClaim, { venue }: PostLeg, tokens: readonly string[]): Promise<ClaimBook | null> {
    for (const token of tokens) {
      const search = this.#search(token);
      if (search === null) continue;
      const fitting = (await search.pools).filter((each) => isSame(each.token, token) && each.liquidityUsd >= MIN_LIQUIDITY_USD && isAt(each, venue));
      const [best] = fitting.toSorted((one, other) => Number(isQuotable(other)) - Number(isQuotable(one)) || other.liquidityUsd - one.liquidityUsd);
      if (best !== undefined) return { listing: poolListing(claim.base, best, isQuotable(best)), depth: depthOfPool(best), readAt: search.at, funding: null };
    }
    return null;
  }

  #search(token: string): { readonly at: number; readonly pools: Promise<readonly PoolQuote[]> } | null {
    const { source, clock } = this.#parts;
    const now = clock.now();
    for (const [words, { at }] of this.#found) if (now - at > POOLS_TTL_MS) this.#found.delete(words);
    const known = this.#found.get(token);
    if (known !== undefined) return known;
    if (source?.search === undefined || now - this.#searchedAt < SEARCH_GAP_MS) return null;
    this.#searchedAt = now;
    const search = { at: now, pools: source.search(token).then(({ rows }) => rows) };
    this.#found.set(token, search);
    return search;
  }
}

function isQuotable({ isConstantProduct }: PoolQuote): boolean {
  return isConstantProduct === true;
}

function isAt({ dex }: PoolQuote, venue: string): boolean {
  return ANY_DEX.has(venue) || dex.toLowerCase().startsWith(venue);
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
