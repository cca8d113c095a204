/**
 * What a venue is to the rest of the house, types only: sessions with accounts, market data, what it can do and how it fares.
 */
import type { CancelAllOutcome, DeadMansSwitch, FeeRates } from './account-calls.ts';
import type { Instrument, InstrumentKind } from './instrument.ts';
import type { PublicData } from './market-data.ts';
import type { DecimalString } from './money.ts';
import type { OrderType, Side, TimeInForce } from './order.ts';
import type { Text } from './params.ts';
import type { PerpetualMarketData, PerpetualSession, PositionRecord } from './perpetual-ports.ts';
import type { Clock, Ids, Log, SharedBudgets } from './ports.ts';
import type { CoinNetworks } from './signals/coin-networks.ts';
import type { MarketScan } from './signals/market-scan.ts';
import type { Tracing } from './tracing.ts';

/** Keys of an account at a venue, in the clear and in memory only. */
export interface Credentials {
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly passphrase: string | null;
}

/** What a venue says of a key. `null` where it does not say. */
export interface KeyReport {
  readonly canTrade: boolean;
  readonly canWithdraw: boolean | null;
  readonly isIpRestricted: boolean | null;
  /** Whether it may trade perpetuals; absent where the venue has none or grants both together. */
  readonly canTradePerpetuals?: boolean;
}

export interface OutboundOrder {
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly side: Side;
  readonly type: OrderType;
  readonly price: DecimalString | null;
  readonly triggerPrice: DecimalString | null;
  readonly size: DecimalString;
  readonly timeInForce: TimeInForce;
  readonly postOnly: boolean;
  /** May only lessen a position. An order for a spot instrument goes to the venue without it. */
  readonly reduceOnly: boolean;
}

/** When a request was fixed and until when the venue may act on it, in venue time. */
export interface RequestWindow {
  readonly timestampMs: number;
  readonly windowMs: number;
  /** Told once, right before the request is written: for measuring, nothing depends on it. */
  readonly onSent?: () => void;
}

/** The only three answers to an attempt to place; whatever is not certain is `unknown`. `code` is the venue's own. */
export type PlaceOutcome =
  | { readonly outcome: 'accepted'; readonly venueOrderId: string }
  | { readonly outcome: 'rejected'; readonly code: string; readonly message: string }
  | { readonly outcome: 'unknown'; readonly code: string; readonly message: string };

/** `done`: the venue confirms that the order is off the book. `notOpen`: it knows no such open order (ended before, or never placed). */
export type CancelOutcome = { readonly outcome: 'done' | 'notOpen' } | { readonly outcome: 'unknown'; readonly code: string; readonly message: string };

export type VenueOrderStatus = 'open' | 'filled' | 'cancelled' | 'expired' | 'rejected';

/** An order as the venue tells it. */
export interface VenueOrder {
  /** As we gave it, or the venue's or user's own text for orders that are not ours. */
  readonly clientOrderId: string;
  readonly venueOrderId: string;
  readonly symbol: string;
  readonly side: Side;
  readonly status: VenueOrderStatus;
  readonly price: DecimalString | null;
  readonly size: DecimalString;
  readonly filledSize: DecimalString;
  /** Milliseconds since 1970, venue time. */
  readonly updatedAt: number;
}

/** One execution as the venue tells it, exact. */
export interface VenueFill {
  readonly tradeId: string;
  readonly venueOrderId: string;
  /** `null` where the venue's list of trades does not carry it. */
  readonly clientOrderId: string | null;
  readonly symbol: string;
  readonly side: Side;
  readonly price: DecimalString;
  readonly size: DecimalString;
  readonly feeAsset: string;
  readonly feeAmount: DecimalString;
  readonly isMaker: boolean;
  readonly at: number;
  /** The venue has closed a position that ran out of margin, or had others close it: no order of ours has asked for it. */
  readonly isLiquidation?: true;
}

export interface Balance {
  readonly asset: string;
  readonly free: DecimalString;
  readonly locked: DecimalString;
}

export interface Quote {
  readonly symbol: string;
  readonly bid: DecimalString;
  readonly ask: DecimalString;
  /** When we received it. */
  readonly at: number;
}

/** What a trading session pushes. Any of it may come twice, late, out of order, or never: reconciliation covers it. */
export interface SessionHandlers {
  onOrder(order: VenueOrder): void;
  onFill(fill: VenueFill): void;
  /** `up` after every connect, so that what was missed can be fetched; `down` while nothing is pushed. */
  onStream(state: 'up' | 'down'): void;
}

/** One account at one venue. Every method may throw {@link PortError}; placing and cancelling answer with outcomes instead. */
export interface TradingSession {
  /** Opens the private stream and keeps it open until {@link TradingSession.close}. */
  listen(handlers: SessionHandlers): Promise<void>;
  /** Milliseconds to add to our clock to have the venue's. */
  clockOffsetMs(): Promise<number>;
  place(order: OutboundOrder, window: RequestWindow): Promise<PlaceOutcome>;
  cancel(clientOrderId: string, symbol: string): Promise<CancelOutcome>;
  /**
   * `null` only when the venue says for certain that it knows no such order. `placedBy` is by when it was placed, in our
   * clock, where that is known: some venues find old orders by long lists only, and need not look there for new ones.
   */
  findOrder(clientOrderId: string, symbol: string, placedBy?: number): Promise<VenueOrder | null>;
  openOrders(symbol: string): Promise<readonly VenueOrder[]>;
  /** Own executions from `since` (venue time, inclusive), oldest first, complete. */
  fillsSince(symbol: string, since: number): Promise<readonly VenueFill[]>;
  /** All executions of one order, oldest first. */
  fillsOf(venueOrderId: string, symbol: string): Promise<readonly VenueFill[]>;
  /** The wallet that instruments of this kind draw on, spot where not given; the same one where the venue keeps one for all. */
  balances(kind?: InstrumentKind): Promise<readonly Balance[]>;
  /** What this account pays for trades in a symbol. */
  feeRates(symbol: string): Promise<FeeRates>;
  /** Takes every order of the account in a symbol off the book, those of its owner's own hand too; absent where the venue has no such call. */
  readonly cancelAll?: (symbol: string) => Promise<CancelAllOutcome>;
  /**
   * The venue takes all orders of the account off its books unless this is repeated within `ms` (`countdown`), or when
   * this session's stream has been gone for `ms` (`disconnect`); 0 calls it off. Never on by itself: who trades by orders
   * that rest for days wants them to outlive us. Absent where the venue has no such switch. Throws RangeError for a time
   * that the venue does not take.
   */
  readonly cancelAllAfter?: (ms: number) => Promise<void>;
  checkKey(): Promise<KeyReport>;
  /** Contracts, deposits and withdrawals of all coins. Present where {@link Venue.networksNeedKey}. */
  readonly coinNetworks?: () => Promise<readonly CoinNetworks[]>;
  /** What only an account with perpetuals has; absent where the venue trades none. */
  readonly perpetual?: PerpetualSession;
  close(): Promise<void>;
}

/** Public data of a venue, without an account. */
export interface MarketData extends PublicData {
  /** All instruments, cached by the adapter for up to an hour. */
  instruments(): Promise<ReadonlyMap<string, Instrument>>;
  quote(symbol: string): Promise<Quote>;
  /** Pushes best bid and ask until the returned function is called; reconnects by itself. */
  watchQuotes(symbol: string, onQuote: (quote: Quote) => void): () => void;
  /** Absent where the venue has no perpetuals. */
  readonly perpetual?: PerpetualMarketData;
  /** What the user must know of this data, such as that it is a demonstration market; `null` when it is the venue's own. */
  notice(): Text | null;
  close(): Promise<void>;
}

/** What a venue can do; anything not listed is absent. */
export interface VenueCapabilities {
  readonly markets: readonly InstrumentKind[];
  /** Whether spot and perpetuals draw on separate wallets, so that money in one does nothing for the other. */
  readonly walletsApart: boolean;
  readonly orderTypes: readonly OrderType[];
  readonly timeInForce: readonly TimeInForce[];
  readonly postOnly: boolean;
  readonly privateStream: boolean;
  /** It takes all orders of an account in a symbol off the book at one request. */
  readonly cancelAll: boolean;
  /** It takes all orders off its books when we fall silent; see {@link TradingSession.cancelAllAfter}. */
  readonly deadMansSwitch: DeadMansSwitch | null;
  /** Milliseconds in which the venue refuses a late request, as sent with each order. */
  readonly requestWindowMs: number;
  /** How long after the window's end a missing order is proven never to have been placed. */
  readonly absenceMarginMs: number;
}

/** An account as a venue adapter needs it: its identity for the paper venue, its keys for real ones. */
export interface VenueAccount {
  readonly accountId: string;
  readonly credentials: Credentials | null;
  /** Whose orders the session is for, as `kind:number` of their ClientOrderIds; the whole account's without it. */
  readonly owner?: string;
}

/** What a venue adapter is opened with. */
export interface VenueOptions {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly tracing?: Tracing | undefined;
  /** Replaces the venue's own address, to reach a simulator; `null` for the real one. */
  readonly url: string | null;
  /** The same for every venue by its id, for one that reads another's public data. */
  readonly urls: Readonly<Record<string, string>>;
  /** What our books say of an account: the paper venue's memory across restarts. */
  readonly books: AccountBooks;
  /** Budgets shared with other processes behind the same address; without it this process takes itself for the only one. */
  readonly budgets?: SharedBudgets;
}

/** Our books of one account, as far as the paper venue needs them. */
export interface AccountBooks {
  /** Orders the venue has accepted and that are not over. */
  restingOrders(accountId: string): Promise<readonly (OutboundOrder & { readonly venueOrderId: string; readonly filledSize: DecimalString })[]>;
  /** What all fills have added to (or taken from) each asset, fees included; signed. */
  netFlows(accountId: string): Promise<readonly { readonly asset: string; readonly amount: DecimalString }[]>;
  /** Positions in perpetuals that are not flat or that orders may open, with how their runs hold them; what they have earned so far is among the net flows. */
  positions(accountId: string): Promise<readonly PositionRecord[]>;
}

/** How this process's contact with a venue stands. */
export interface VenuePulse {
  /** When the venue last answered or pushed anything, in our clock; `null` before it has. */
  readonly lastContactAt: number | null;
  readonly streamsUp: number;
  /** Streams that are wanted and do not deliver. */
  readonly streamsDown: number;
  /** Request budgets: that of our address and, where the venue counts those too, of the account that has least left. */
  readonly budgets: readonly { readonly scope: 'address' | 'account'; readonly left: number; readonly limit: number; readonly windowMs: number }[];
}

/** A venue: one file in `adapters/venues`, registered by its place there. */
export interface Venue {
  readonly id: string;
  readonly title: string;
  /** Which credentials an account needs; the paper venue needs none. */
  readonly credentials: readonly ('apiKey' | 'apiSecret' | 'passphrase')[];
  readonly capabilities: VenueCapabilities;
  readonly market: MarketData;
  /** What scanners of signals read in bulk; absent where they read nothing. */
  readonly scan?: MarketScan;
  /** It tells contracts, deposits and withdrawals of coins to holders of a key alone. */
  readonly networksNeedKey?: true;
  /**
   * Whether the venue exists in each process by itself and remembers through our books alone. Then every owner of orders has
   * a session of its own, so that owners on one account may live in different processes.
   */
  readonly isLocal?: boolean;
  /** Opens nothing by itself; cheap. */
  session(account: VenueAccount): TradingSession;
  /** Signs of life of this process's contact; without it the venue has none to show. */
  readonly pulse?: () => VenuePulse;
  close(): Promise<void>;
}
