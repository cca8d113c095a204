/** What one venue has told of networks of its coins, laid over what it lists; and why nothing is known where that is so. */
import { decimal, plain } from '#core/money.ts';
import type { CoinNetworks } from '#core/signals/coin-networks.ts';
import type { Listing } from '#core/signals/market-scan.ts';
import type { TransferState } from '#core/signals/signal.ts';

/** Three readings were missed: what was told then counts for nothing. */
export const NETWORKS_STALE_MS = 1_800_000;

export class KnownNetworks {
  readonly #title: string;
  #coins: ReadonlyMap<string, CoinNetworks> = new Map();
  /** `null` while nothing is known. */
  #readAt: number | null = null;
  #why: string;

  constructor(title: string) {
    this.#title = title;
    this.#why = noAccount(title);
  }

  get readAt(): number | null {
    return this.#readAt;
  }

  told(coins: readonly CoinNetworks[], at: number): void {
    this.#coins = new Map(coins.map((each) => [each.coin, each]));
    this.#readAt = at;
  }

  /** Nobody is asked any more, or another account; `true` when that is news. */
  forget(why: 'no_account' | 'not_read_yet'): boolean {
    const said = why === 'no_account' ? noAccount(this.#title) : `${this.#title} has not told deposits and withdrawals yet`;
    return this.#empty(said);
  }

  /** What is too old is not known; `true` when that is news. */
  age(now: number): boolean {
    if (this.#readAt === null || now - this.#readAt <= NETWORKS_STALE_MS) return false;
    return this.#empty(`${this.#title} has not told deposits and withdrawals for ${NETWORKS_STALE_MS / 60_000} minutes`);
  }

  /** Listings as they are with it. Of perpetuals nothing is moved. */
  over(listings: readonly Listing[]): readonly Listing[] {
    return listings.map((listing) => (listing.market === 'spot' ? this.#shown(listing) : listing));
  }

  #shown(listing: Listing): Listing {
    if (this.#readAt === null) return { ...listing, transfer: unknown(this.#why) };
    const found = this.#coins.get(listing.symbol.split('/')[0] ?? '');
    if (found === undefined) return { ...listing, transfer: unknown(`${this.#title} does not list the networks of this coin`) };
    const { contracts, transfer, networks } = found;
    const { multiplier } = listing;
    // A list may name a token whose networks it does not.
    return {
      ...listing,
      contracts: contracts.length > 0 ? contracts : listing.contracts,
      transfer: inCoins(transfer, multiplier),
      networks: networks.map((each) => inCoins(each, multiplier)),
    };
  }

  #empty(why: string): boolean {
    const isNews = this.#readAt !== null || this.#why !== why;
    this.#readAt = null;
    this.#why = why;
    this.#coins = new Map();
    return isNews;
  }
}

function noAccount(title: string): string {
  return `${title} tells deposits and withdrawals only to holders of a key, and no account is named for that`;
}

function unknown(note: string): TransferState {
  return { canDeposit: null, canWithdraw: null, withdrawFee: null, note };
}

/** The venue counts the fee in units of what it lists, as in 1000SATS. */
function inCoins<Fee extends Pick<TransferState, 'withdrawFee'>>(told: Fee, multiplier: number): Fee {
  const { withdrawFee } = told;
  return multiplier === 1 || withdrawFee === null ? told : { ...told, withdrawFee: plain(decimal(withdrawFee).times(multiplier)) };
}
