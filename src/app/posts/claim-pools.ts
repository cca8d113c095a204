/** Pools that posts name, looked up by the token's address: a ticker alone names no token. */
import type { Clock } from '#core/ports.ts';
import type { ClaimBook } from '#core/posts/claim-signal.ts';
import type { ArbitrageClaim, PostLeg } from '#core/posts/post.ts';
import type { PoolQuote, PoolSource } from '#core/signals/pool-source.ts';
import { depthOfPool, MIN_LIQUIDITY_USD, poolListing } from '../signals/pool-listing.ts';

/** What was found holds for so long. */
export const POOLS_TTL_MS = 5_000;
/** Searches are so far apart: with those of the scanner, three in five of what the service grants. */
export const SEARCH_GAP_MS = 500;
/** Who would wait longer for his turn is told nothing: the book of the other leg would be old by then. */
export const SEARCH_PATIENCE_MS = 5_000;
/** Of a coin with tokens on many networks so many are looked for. */
export const MAX_TOKENS = 3;
/** Names of posts that stand for any pool: the word itself, and who finds the best of them. */
const ANY_DEX: ReadonlySet<string> = new Set(['dex', 'jupiter']);

export interface ClaimPoolsParts {
  /** `null` where none is read. */
  readonly source: PoolSource | null;
  readonly clock: Clock;
}

interface Search {
  readonly at: number;
  readonly pools: Promise<readonly PoolQuote[]>;
}

export class ClaimPools {
  readonly #parts: ClaimPoolsParts;
  /** When the next search may be made. */
  #nextAt = Number.NEGATIVE_INFINITY;
  readonly #searches = new Map<string, Search>();

  constructor(parts: ClaimPoolsParts) {
    this.#parts = parts;
  }

  /**
   * The pool of one of these tokens with the most in it at the exchange that the post names, one whose depth can be known before others. `null`
   * where there is none, or too many are asked for at this moment. May throw PortError.
   */
  async read(claim: ArbitrageClaim, { venue }: PostLeg, tokens: readonly string[]): Promise<ClaimBook | null> {
    for (const token of tokens.slice(0, MAX_TOKENS)) {
      const search = this.#search(token);
      if (search === null) return null;
      const fitting = (await search.pools).filter((each) => isSame(each.token, token) && each.liquidityUsd >= MIN_LIQUIDITY_USD && isAt(each, venue));
      const [best] = fitting.toSorted((one, other) => Number(isQuotable(other)) - Number(isQuotable(one)) || other.liquidityUsd - one.liquidityUsd);
      if (best !== undefined) return { listing: poolListing(claim.base, best, isQuotable(best)), depth: depthOfPool(best), readAt: search.at, funding: null };
    }
    return null;
  }

  #search(token: string): Search | null {
    const { source, clock } = this.#parts;
    const ask = source?.search;
    const now = clock.now();
    for (const [words, { at }] of this.#searches) if (now - at > POOLS_TTL_MS) this.#searches.delete(words);
    const known = this.#searches.get(token);
    if (known !== undefined) return known;
    const at = Math.max(now, this.#nextAt);
    if (ask === undefined || at - now > SEARCH_PATIENCE_MS) return null;
    this.#nextAt = at + SEARCH_GAP_MS;
    const turn = at === now ? Promise.resolve() : new Promise<void>((resolve) => clock.after(at - now, resolve));
    const search = { at, pools: turn.then(() => ask(token)).then(({ rows }) => rows) };
    this.#searches.set(token, search);
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
