/**
 * What a venue behind ccxt has to say about itself. A dialect is pure translation: our words into the venue's requests,
 * its answers, codes and frames into our words. Sending, waiting, retrying, connecting and caching are the same for all
 * and live in the other `_` files.
 */

import type { FeeRates } from '#core/account-calls.ts';
import type { Instrument } from '#core/instrument.ts';
import type { DecimalString } from '#core/money.ts';
import type { MarginMode } from '#core/perpetual-ports.ts';
import type { CoinNetworks } from '#core/signals/coin-networks.ts';
import type {
  Balance,
  CancelOutcome,
  KeyReport,
  OutboundOrder,
  PlaceOutcome,
  RequestWindow,
  Venue,
  VenueCapabilities,
  VenueFill,
  VenueOrder,
} from '#core/venue-ports.ts';
import type { BudgetLimits, BudgetNews } from './_budget.ts';
import type { Exchange, Params } from './_exchange.ts';
import type { MarketDialect } from './_market-dialect.ts';
import type { PerpetualDialect } from './_perpetual-dialect.ts';
import type { QuoteDialect } from './_quotes.ts';
import type { Answered, Ask, Asking, Failure, SymbolOf } from './_request.ts';

/** How a venue hands out listen keys. */
export interface ListenKeyDialect {
  readonly create: Ask;
  readonly renew: (key: string) => Ask;
  readonly read: (body: unknown) => string;
  /** Renewed this often; well below the key's life. */
  readonly renewMs: number;
}

/** An order as it goes to a dialect. */
export interface PricedOrder extends OutboundOrder {
  /** Given where {@link PerpetualDialect.ordersCarryMode}. */
  readonly marginMode?: MarginMode;
}

export type StreamNews = { readonly type: 'order'; readonly order: VenueOrder } | { readonly type: 'fill'; readonly fill: VenueFill };

/** What one frame of the private stream means. */
export type FrameMeaning =
  | { readonly type: 'ready' }
  /** Answers the venue, such as with subscriptions after a login. */
  | { readonly type: 'reply'; readonly frames: readonly unknown[] }
  /** `isKeyLost`: the listen key is no good any more. */
  | { readonly type: 'drop'; readonly reason: string; readonly isKeyLost?: true }
  | { readonly type: 'news'; readonly news: readonly StreamNews[] };

/** `requested`: the venue took the request, and cancels in its own time. */
export type CancelJudgement = CancelOutcome | { readonly outcome: 'requested' };

export interface CcxtDialect {
  readonly id: string;
  readonly title: string;
  readonly credentials: Venue['credentials'];
  readonly capabilities: VenueCapabilities;
  /** Name of the ccxt.pro class. */
  readonly className: string;
  readonly budget: BudgetLimits;
  /** What each account is granted at each endpoint beside what the address is, where the venue counts by account. */
  readonly accountBudget?: BudgetLimits;
  /** Settings of the ccxt instance; `url` leads to a simulator. */
  settings(url: string | null): Readonly<Record<string, unknown>>;
  news(status: number, headers: Headers, body: unknown): BudgetNews;
  /** The answer carries what was asked for; any other is a failure. */
  isSuccess(answer: Answered): boolean;
  failure(answer: Answered): Failure;
  /** The request came outside its window by the venue's clock: ours is wrong. */
  isTimeRefusal(answer: Answered): boolean;
  /**
   * Fixes when a signed request was made and until when it may act: in its parameters, or, where these are headers that
   * ccxt writes, on the instance. Called right before ccxt signs, in the same turn, so that no other call comes between.
   */
  fixed(params: Params, window: RequestWindow, exchange: Exchange): Params;
  marketId(symbol: string): string;

  readonly time: Ask;
  /** How many times in a row it is asked; fewer than usual where the venue allows few, and an odd number. */
  readonly timeProbes?: number;
  readTime(body: unknown): number;
  readonly instruments: Ask;
  readInstruments(body: unknown): readonly Instrument[];
  /** For a venue that counts in units which only the list of instruments tells: nothing is asked, sent or heard before this is true. */
  knowsInstruments?(): boolean;
  /** In place of these two where the list takes several requests. */
  readonly listInstruments?: (ask: Asking) => Promise<readonly Instrument[]>;
  quote(symbol: string): Ask;
  readQuote(body: unknown): { readonly bid: DecimalString; readonly ask: DecimalString };
  readonly quotes: QuoteDialect;
  /** Candles, trades, books and the figures of a day. */
  readonly market: MarketDialect;

  /** The venue would take a stop that the price has passed for one in the other direction: such a stop is not sent. */
  readonly stopsLackDirection?: true;
  /**
   * Sends market orders as limit orders that end at once, this share past the market: for a venue whose market orders
   * cannot be given the size to buy.
   */
  readonly marketCollar?: DecimalString;
  /** Why an order cannot be written in the venue's words; it is not sent then. */
  refuse?(order: OutboundOrder): PlaceOutcome | null;
  place(order: PricedOrder): Ask;
  /** Only what is certain is accepted or rejected; everything else is unknown. */
  judgePlace(answer: Answered, order: OutboundOrder): PlaceOutcome;
  /** What to ask, one after another, until one answer is `done`; only when all say so the order is `notOpen`. */
  cancel(clientOrderId: string, symbol: string): readonly [Ask, ...Ask[]];
  judgeCancel(answer: Answered, clientOrderId: string): CancelJudgement;
  /** Where to ask, one after another, until one answer knows the order; only when none does it is absent. */
  find(clientOrderId: string, symbol: string): readonly [Ask, ...Ask[]];
  /** Whether the answer says for certain that there is no such order at that place. */
  isAbsent(answer: Answered): boolean;
  readOrder(body: unknown, symbol: string): VenueOrder;
  /** For a venue that knows orders by our id for a while only: how older ones are found and cancelled. */
  readonly older?: {
    /** So long after an order was placed {@link CcxtDialect.find} is still sure to know it. */
    readonly reachMs: number;
    /** Looks through the venue's lists; `from` is the earliest at which the order may have been placed, `now` is venue time. */
    readonly find: (ask: Asking, clientOrderId: string, symbol: string, from: number, now: number) => Promise<VenueOrder | null>;
    readonly cancel: (venueOrderId: string, symbol: string) => Ask;
  };
  /** All of them; asks as often as the venue's pages demand. */
  openOrders(ask: Asking, symbol: string): Promise<readonly VenueOrder[]>;
  /** Executions from `since` on, complete; asks as often as the venue's pages demand. `now` is venue time. */
  fillsSince(ask: Asking, symbol: string, since: number, now: number): Promise<readonly VenueFill[]>;
  fillsOf(ask: Asking, symbol: string, venueOrderId: string): Promise<readonly VenueFill[]>;
  readonly balances: Ask;
  readBalances(body: unknown): readonly Balance[];
  readonly feeRates: {
    readonly ask: (symbol: string) => Ask;
    readonly read: (body: unknown, symbol: string) => FeeRates;
  };
  /** Networks of all coins, where the venue tells them to holders of a key alone. */
  readonly coinNetworks?: { readonly ask: Ask; readonly read: (body: unknown) => readonly CoinNetworks[] };
  /** Requests that together take all orders in a symbol off the book. */
  readonly cancelAll?: (symbol: string) => readonly [Ask, ...Ask[]];
  readonly deadMansSwitch?: {
    /** Sets the time; `null` where calling it off takes no request. */
    readonly set: (ms: number) => Ask | null;
    /** Frames by which the private stream becomes the one that counts, and ceases to be. */
    readonly stream?: { readonly arm: unknown; readonly disarm: unknown };
  };
  /** What to ask, in this sequence, to know a key's rights. */
  readonly keyChecks: readonly Ask[];
  /** Whether a refused key check is itself the answer, as when a right is missing; none is without this. */
  isTelling?(answer: Answered): boolean;
  readKey(bodies: readonly unknown[]): KeyReport;

  /** What only a market of perpetuals has. */
  readonly perpetual?: PerpetualDialect;

  /** The private stream. */
  readonly stream: {
    /** `listenKey` is empty where the venue has none. */
    readonly url: (exchange: Exchange, listenKey: string) => string;
    /** How the key is had by which the venue lets the stream in, where it is not the stream itself that logs in. */
    readonly listenKey?: ListenKeyDialect;
    readonly probe: unknown;
    /** Frames that log in and subscribe; `at` is venue time. */
    readonly login: (exchange: Exchange, at: number) => readonly unknown[];
    readonly read: (frame: unknown, symbolOf: SymbolOf) => FrameMeaning;
  };
}
