/**
 * The store port: what is kept for ever, and the one transaction around trading state. PostgreSQL is the only truth.
 * Every method a user can reach takes the user's id, so that nobody can reach another's rows: what is not yours is
 * `null`. All methods may throw PortError `store_unavailable`. Times are milliseconds since 1970; amounts are decimals.
 */
import type { ActionAdvance, ActionRecord, ActionStep, NewActions } from './action-record.ts';
import type { AuditLog } from './audit.ts';
import type { BacktestStore } from './backtest-store.ts';
import type { BotStatus, BotWarning, DesiredState, Mode } from './bot-states.ts';
import type { CheckStore } from './check-store.ts';
import type { OwnerKind } from './client-order-id.ts';
import type { CommandStore } from './command-store.ts';
import type { Command } from './commands.ts';
import type { Event } from './events.ts';
import type { FactRecord, NewFact } from './facts.ts';
import type { Instrument, InstrumentKind } from './instrument.ts';
import type { Lease, LeaseStore } from './lease-store.ts';
import type { LiveStore } from './live-store.ts';
import type { DecimalString } from './money.ts';
import type { Operations } from './operations.ts';
import type { OptimizationStore } from './optimization-store.ts';
import type { OrderState, OrderType, Side, TimeInForce } from './order.ts';
import type { CancelSelection, OrderFilter } from './order-filter.ts';
import type { LifeEvent } from './order-life.ts';
import type { Page, PageRequest } from './page.ts';
import type { RefreshTokenStore, SocketTicketStore, UserRecord } from './people.ts';
import type { FundingPayment, MarginMode, PositionRecord } from './perpetual-ports.ts';
import type { SubscriptionStore } from './plans/subscription-store.ts';
import type { VenueFill } from './ports.ts';
import type { QuoteStore } from './quotes/market-quote.ts';
import type { FeeAsset, RiskLimits } from './risk.ts';
import type { RunRules } from './run-actions.ts';
import type { RunState } from './run-state.ts';
import type { LeaseStanding, Runners } from './runners.ts';
import type { ProgramStore } from './sandbox/program-store.ts';
import type { SignalChoiceStore } from './signals/choices.ts';
import type { SignalStore } from './signals/signal-store.ts';
import type { FundingStore, Purse, RunBeginning, RunNeed } from './store-perpetuals.ts';
import type { BarsWanted } from './strategy.ts';
import type { Upkeep } from './upkeep.ts';

export type { BotStatus, DesiredState, Mode } from './bot-states.ts';
export type { Lease } from './lease-store.ts';
export type { Page, PageRequest } from './page.ts';

export interface AccountRecord {
  readonly id: string;
  /** Small running number; part of the ClientOrderIds of orders placed by hand. */
  readonly number: number;
  readonly userId: string;
  readonly name: string;
  readonly exchange: string;
  /** Sealed credentials, or `null` for a venue that needs none. */
  readonly sealed: string | null;
  readonly keyVersion: number;
  /** Last four characters of the API key, to tell keys apart. */
  readonly keyHint: string | null;
  readonly createdAt: number;
}

/** An account to be stored. No two that are not removed have the same fingerprint at the same exchange. */
export type NewAccount = Omit<AccountRecord, 'number'> & {
  /** Of the API key; `null` for a venue that needs none. */
  readonly keyFingerprint?: string | null;
};

export interface BotRecord {
  readonly id: string;
  readonly number: number;
  readonly userId: string;
  readonly accountId: string;
  readonly name: string;
  readonly strategy: string;
  readonly symbol: string;
  readonly mode: Mode;
  readonly config: Readonly<Record<string, unknown>>;
  readonly configVersion: number;
  readonly desired: DesiredState;
  readonly status: BotStatus;
  /** Why the bot stands where it does, in words; empty when there is nothing to say. */
  readonly statusReason: string;
  readonly runId: string | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly warning?: BotWarning | null;
}

/** A bot that a runner must see to. `lease` is `null` when nobody ever held it or its last owner gave it back. */
export interface DueBot extends BotRecord {
  readonly lease: LeaseStanding | null;
}

/** What a run is made of beyond its first instrument. */
export interface LegRecipe {
  readonly name: string;
  readonly instrument: Instrument;
  readonly feeAsset: FeeAsset;
  readonly limits: RiskLimits;
  readonly lentGrains: number;
  readonly marginMode?: MarginMode;
}

/** What a run is made of, kept so that it can be resumed and replayed by itself. */
export interface RunRecipe {
  readonly strategy: string;
  readonly strategyVersion: number;
  readonly params: Readonly<Record<string, unknown>>;
  readonly instrument: Instrument;
  readonly feeAsset: FeeAsset;
  readonly limits: RiskLimits;
  readonly lentGrains: number;
  /** What its user has follow from its strategy's orders. */
  readonly rules?: RunRules | null;
  readonly installation: number;
  readonly botNumber: number;
  readonly mode: Mode;
  /** Of a user's own strategy: the bars it has asked for with these settings. */
  readonly bars?: readonly BarsWanted[];
  /** Of a perpetual: whose margin a loss may take; the leverage is among the limits. */
  readonly marginMode?: MarginMode;
  /** The strategy's word for the first instrument, where there are several, and the others. */
  readonly legName?: string;
  readonly otherLegs?: readonly LegRecipe[];
}

export interface RunRecord {
  readonly id: string;
  readonly userId: string;
  readonly botId: string;
  readonly accountId: string;
  readonly recipe: RunRecipe;
  /** Number of the last journalled event. */
  readonly sequence: number;
  readonly state: RunState | null;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly endReason: string | null;
}

/** One line of a tape: the event a run consumed and the commands it gave. */
export interface JournalEntry {
  readonly sequence: number;
  readonly event: Event;
  readonly commands: readonly Command[];
}

export interface OrderRecord {
  readonly id: string;
  readonly clientOrderId: string;
  readonly userId: string;
  readonly accountId: string;
  readonly botId: string | null;
  readonly runId: string | null;
  readonly symbol: string;
  readonly side: Side;
  readonly type: OrderType;
  readonly timeInForce: TimeInForce;
  readonly postOnly: boolean;
  /** May only lessen what is held, never open anything. */
  readonly reduceOnly: boolean;
  readonly price: DecimalString | null;
  readonly triggerPrice: DecimalString | null;
  readonly size: DecimalString;
  readonly filledSize: DecimalString;
  /** Quote traded so far. */
  readonly filledQuote: DecimalString;
  readonly state: OrderState;
  /** Why it was denied, rejected or ended; the venue's own code or ours. */
  readonly reasonCode: string | null;
  readonly reason: string | null;
  readonly tag: string;
  /** The order whose automatic actions have placed this one. */
  readonly parentOrderId: string | null;
  readonly venueOrderId: string | null;
  /** Until when the venue may still act on the request, in our clock; `null` before it is known. */
  readonly deadlineAt: number | null;
  /** When the user asked to cancel it; whoever owns the order carries that out. */
  readonly cancelRequestedAt: number | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export type NewOrder = Omit<OrderRecord, 'filledSize' | 'filledQuote' | 'venueOrderId' | 'cancelRequestedAt' | 'updatedAt' | 'reduceOnly' | 'parentOrderId'> &
  Partial<Pick<OrderRecord, 'reduceOnly' | 'parentOrderId'>>;

/** What changes in an order. Fields left out stay. Filled amounts are derived from fills by the store, never set. */
export interface OrderChange {
  readonly clientOrderId: string;
  readonly state?: OrderState;
  readonly venueOrderId?: string;
  readonly reasonCode?: string;
  readonly reason?: string;
  /** Set when an order placed by hand is about to be sent. */
  readonly deadlineAt?: number;
  /** Set when it is to be cancelled without its user having asked; the first wish counts. */
  readonly cancelRequestedAt?: number;
  /** When it happened; the time of the commit if not given. */
  readonly at?: number;
}

/** One event of an order's life; ids grow in the sequence in which we learned of them. */
export interface OrderLifeRecord extends LifeEvent {
  readonly id: string;
  readonly orderId: string;
}

export interface FillRecord extends VenueFill {
  readonly orderId: string;
  readonly botId: string | null;
  readonly accountId: string;
  readonly userId: string;
}

/**
 * One step of a run, or of an account's steward, made durable at once: nothing in it is visible before all of it is.
 * Every change of an order and every fill also becomes an event of that order's life.
 * The end of a run also sets what is wanted of its bot to `stopped`, so that nobody begins it again unasked.
 * Fails whole with PortError `lease_lost` (the epoch is not ours any more), `trading_killed` (it places orders and a kill
 * switch is on, or the installation observes only), `store_conflict` (a fill or journal line that is already there) or `store_unavailable`.
 */
export interface Commit {
  readonly lease: Lease;
  readonly userId: string;
  readonly accountId: string;
  readonly botId: string | null;
  readonly run: {
    readonly id: string;
    readonly entries: readonly JournalEntry[];
    readonly state: RunState;
    readonly end: { readonly at: number; readonly reason: string } | null;
  } | null;
  readonly newOrders: readonly NewOrder[];
  /** Several changes of one order happened in this sequence. */
  readonly orderChanges: readonly OrderChange[];
  readonly fills: readonly (VenueFill & { readonly clientOrderId: string })[];
  /** Funding of the run's perpetual; each payment is booked once, a second time is a `store_conflict`. */
  readonly funding?: readonly FundingPayment[];
  /** Steps of automatic actions; `store_conflict` when their tape goes on with another number. */
  readonly actions?: readonly ActionAdvance[];
  readonly facts: readonly NewFact[];
  readonly status: { readonly status: BotStatus; readonly reason: string } | null;
  readonly at: number;
}

/** A point to be noted under the lease of the run's bot. */
export interface NewEquityPoint extends EquityPoint {
  readonly lease: Lease;
  readonly runId: string;
}

export interface EquityPoint {
  readonly at: number;
  /** Quote value of what the run has earned and holds beyond what it was given. */
  readonly profit: DecimalString;
  readonly price: DecimalString;
}

export interface Store {
  /** Number of this installation, made once; below 2^25. */
  installation(): Promise<number>;
  ping(): Promise<void>;
  close(): Promise<void>;

  readonly users: {
    /** `null` when the e-mail is taken. The first user ever becomes owner. */
    create(user: { readonly id: string; readonly email: string; readonly passwordHash: string; readonly at: number }): Promise<UserRecord | null>;
    count(): Promise<number>;
    byEmail(email: string): Promise<UserRecord | null>;
    byId(id: string): Promise<UserRecord | null>;
    /** `null` before there is anybody. */
    owner(): Promise<UserRecord | null>;
  };

  readonly refreshTokens: RefreshTokenStore;
  readonly socketTickets: SocketTicketStore;

  readonly accounts: {
    /** PortError `key_in_use` when another account of this installation has the same key. */
    create(account: NewAccount): Promise<AccountRecord>;
    list(userId: string, page: PageRequest): Promise<Page<AccountRecord>>;
    get(userId: string, id: string): Promise<AccountRecord | null>;
    rename(userId: string, id: string, name: string): Promise<AccountRecord | null>;
    /** PortError `key_in_use` as above. */
    replaceKeys(
      userId: string,
      id: string,
      keys: { readonly sealed: string; readonly keyVersion: number; readonly keyHint: string; readonly keyFingerprint?: string | null },
    ): Promise<AccountRecord | null>;
    /** `inUse` lists the names of the bots on it, counts its orders that are not over, and removes nothing. Removing forgets the keys; orders and fills stay. */
    remove(
      userId: string,
      id: string,
    ): Promise<{ readonly outcome: 'removed' | 'missing' } | { readonly outcome: 'inUse'; readonly bots: readonly string[]; readonly openOrders: number }>;
    /** The next sequence for the ClientOrderId of an order placed by hand, from 1; never given twice. `null` when the account is not this user's. */
    nextOrderSequence(userId: string, id: string): Promise<number | null>;
  };

  readonly bots: {
    /** Also writes the fact `bot_created`. With `newAccount`, which must be the bot's, both are made in one transaction or neither. */
    create(
      bot: Pick<BotRecord, 'id' | 'userId' | 'accountId' | 'name' | 'strategy' | 'symbol' | 'mode' | 'config' | 'warning'> & { readonly at: number },
      newAccount?: NewAccount,
    ): Promise<BotRecord>;
    /** How many bots of the whole installation stand in each status; names nobody. */
    countByStatus(): Promise<Readonly<Partial<Record<BotStatus, number>>>>;
    list(userId: string, page: PageRequest): Promise<Page<BotRecord>>;
    get(userId: string, id: string): Promise<BotRecord | null>;
    /** Changes name and settings of a bot that is stopped and not about to start, or in error; a new config gets the next version. `null` when missing, `busy` otherwise. */
    update(
      userId: string,
      id: string,
      change: { readonly name?: string; readonly config?: Readonly<Record<string, unknown>>; readonly at: number },
    ): Promise<BotRecord | 'busy' | null>;
    remove(userId: string, id: string, at: number): Promise<'removed' | 'busy' | 'missing'>;
    /** Sets what the user wants; the runner is woken by the bus. Wanting a bot in error to run sets its status to `starting`, so that it is due again. */
    setDesired(userId: string, id: string, desired: DesiredState, at: number): Promise<BotRecord | null>;
    /**
     * Bots for the runner: those that must run, and those whose wish is not met yet. Not due: wanted running or paused but in
     * error (until the user wants it again), wanted paused and paused, wanted stopped or panicked and stopped. `restless` leaves
     * out those that run as they should: wanted running, running, under a live lease. Not reachable by users.
     */
    due(which?: 'all' | 'restless'): Promise<readonly DueBot[]>;
    /** Status written by the runner outside a commit, such as an error before the first event. Guarded by the lease. */
    setStatus(lease: Lease, botId: string, status: BotStatus, reason: string, at: number): Promise<void>;
    /**
     * Begins a run in one transaction: locks the account, checks that what its open runs may still use (promised, plus or
     * minus what their fills have moved), what orders placed by hand hold back, and this run's needs together fit `available`
     * (free and locked in sum), stores the recipe. `short` names what is missing. `store_conflict` while the bot's last run is open.
     * `occupied` names the bot whose open run trades the same perpetual on the account: there is one position for both.
     */
    beginRun(
      lease: Lease,
      run: {
        readonly id: string;
        readonly botId: string;
        readonly userId: string;
        readonly accountId: string;
        readonly recipe: RunRecipe;
        readonly needs: readonly RunNeed[];
        /** Only what is claimed for instruments of this kind counts, where the venue keeps wallets apart; all of it without this. */
        readonly wallet?: InstrumentKind;
        /** What it claims beside, of wallets that are apart from that one. */
        readonly otherPurses?: readonly Purse[];
        readonly at: number;
      },
      available: readonly { readonly asset: string; readonly amount: DecimalString }[],
    ): Promise<RunBeginning>;
  };

  readonly runs: {
    get(id: string): Promise<RunRecord | null>;
    /** Newest run of a bot of this user, or `null`. */
    latest(userId: string, botId: string): Promise<RunRecord | null>;
    /** Tape from `after` (exclusive), oldest first. */
    tape(userId: string, botId: string, runId: string, after: number, limit: number): Promise<readonly JournalEntry[]>;
    /** Points of runs whose lease is not held any more are left out; a second one of the same moment replaces the first. */
    addEquity(points: readonly NewEquityPoint[]): Promise<void>;
    equity(userId: string, botId: string, runId: string, limit: number): Promise<readonly EquityPoint[]>;
  };

  /** The transaction around trading state. */
  commit(commit: Commit): Promise<void>;

  readonly orders: {
    list(userId: string, filter: OrderFilter, page: PageRequest): Promise<Page<OrderRecord>>;
    get(userId: string, id: string): Promise<OrderRecord | null>;
    /** The life of an order, newest event first; an empty page when it is not this user's. */
    life(userId: string, id: string, page: PageRequest): Promise<Page<OrderLifeRecord>>;
    /**
     * Stores an order placed by hand as `initialized`; the account's steward takes it from there. With an idempotency key
     * that this user has used before, returns the order of that time and stores nothing.
     */
    request(
      order: NewOrder & { readonly idempotency: { readonly key: string; readonly request: string } | null; readonly actions?: NewActions | null },
    ): Promise<OrderRecord>;
    /** Notes the wish to cancel. `notOpen` when the order is over; `null` when it is not this user's. */
    requestCancel(userId: string, id: string, at: number): Promise<OrderRecord | 'notOpen' | null>;
    /**
     * Notes the wish to cancel for up to `limit` orders in one transaction and returns them as they stand now, those over included
     * where ids were given. Without ids it takes orders that are not over, those nobody has asked to cancel first, oldest first.
     */
    requestCancels(userId: string, which: CancelSelection, at: number, limit: number): Promise<readonly OrderRecord[]>;
    /** Orders of runs whose user wants them cancelled and that are not being cancelled yet. Not reachable by users. */
    wishedOff(): Promise<readonly { readonly botId: string; readonly clientOrderId: string }[]>;
    /** The order for which this user gave an idempotency key, and the request as it was then. */
    byIdempotencyKey(userId: string, key: string): Promise<{ readonly order: OrderRecord; readonly request: string | null } | null>;
    /** Orders of an account that are not terminal, oldest first; `runId` narrows to a run, `null` to those placed by hand. */
    alive(accountId: string, runId?: string | null): Promise<readonly OrderRecord[]>;
    /** Orders of an account at the paper venue that are not over: all of a paper account, those of paper runs of a real one. */
    aliveOnPaper(accountId: string): Promise<readonly OrderRecord[]>;
    byClientOrderId(clientOrderId: string): Promise<OrderRecord | null>;
    byVenueOrderId(accountId: string, symbol: string, venueOrderId: string): Promise<OrderRecord | null>;
  };

  /** What users tell their running bots to do. */
  readonly commands: CommandStore;

  /** Strategies that users have written themselves. */
  readonly programs: ProgramStore;

  readonly actions: {
    /** Those of an account that are active, each with its order. Not reachable by users. */
    alive(accountId: string): Promise<readonly { readonly root: OrderRecord; readonly actions: ActionRecord }[]>;
    /** By order; orders without are left out. */
    of(userId: string, orderIds: readonly string[]): Promise<ReadonlyMap<string, ActionRecord>>;
    /** Notes the wish to call them off. `over` when they are not active any more; `null` when the order is not this user's or has none. */
    callOff(userId: string, orderId: string, at: number): Promise<'noted' | 'over' | null>;
    /** The tape of an order's actions from `after` (exclusive), oldest first. */
    tape(userId: string, orderId: string, after: number, limit: number): Promise<readonly ActionStep[]>;
  };

  readonly fills: {
    list(userId: string, filter: { readonly botId?: string; readonly orderId?: string }, page: PageRequest): Promise<Page<FillRecord>>;
    /** Fees of each of these orders by asset; orders without fills are left out. */
    feesOf(userId: string, orderIds: readonly string[]): Promise<ReadonlyMap<string, readonly { readonly asset: string; readonly amount: DecimalString }[]>>;
    /** Which of these trade ids are in the ledger. */
    known(accountId: string, symbol: string, tradeIds: readonly string[]): Promise<ReadonlySet<string>>;
    /** What the paper trades of an account have added to or taken from each asset, fees included; signed. For the paper venue's memory. */
    paperFlows(accountId: string): Promise<readonly { readonly asset: string; readonly amount: DecimalString }[]>;
    /** What the paper trades in perpetuals of an account come to; positions that are not flat. For the paper venue's memory. */
    paperPositions(accountId: string): Promise<readonly PositionRecord[]>;
    /** Sums of a run, exact: what was bought, sold and paid; of one instrument where it is given. */
    totals(
      userId: string,
      botId: string,
      runId: string,
      symbol?: string,
    ): Promise<{
      readonly count: number;
      readonly boughtSize: DecimalString;
      readonly boughtQuote: DecimalString;
      readonly soldSize: DecimalString;
      readonly soldQuote: DecimalString;
      readonly fees: readonly { readonly asset: string; readonly amount: DecimalString }[];
    }>;
  };

  readonly funding: FundingStore;

  readonly leases: LeaseStore;

  readonly facts: {
    ofBot(userId: string, botId: string, page: PageRequest): Promise<Page<FactRecord>>;
    add(fact: NewFact): Promise<void>;
    /** Claims up to `limit` untold facts for `claimMs`, skipping rows others have locked. */
    claim(limit: number, claimMs: number): Promise<readonly FactRecord[]>;
    /** Marks facts told; telling the same fact twice changes nothing. */
    told(ids: readonly string[], at: number): Promise<void>;
    /** A fact could not be told. It is due again after a pause that doubles with every failure, or parked after the last try. */
    failed(
      id: string,
      problem: string,
      patience: { readonly firstPauseMs: number; readonly longestPauseMs: number; readonly tries: number },
    ): Promise<'waiting' | 'parked'>;
    /** How many facts are parked. */
    parked(): Promise<number>;
  };

  /** Accounts with orders placed by hand that are not over, with automatic actions, or with a running bot: those that need a steward. */
  readonly stewardship: {
    due(): Promise<
      readonly {
        readonly userId: string;
        readonly account: AccountRecord;
        readonly lease: LeaseStanding | null;
        /** Whether it has orders placed by hand that are not over, or automatic actions. */
        readonly hasOrders: boolean;
      }[]
    >;
  };

  readonly runners: Runners;
  readonly operations: Operations;
  readonly upkeep: Upkeep;
  readonly backtests: BacktestStore;
  readonly checks: CheckStore;
  readonly optimizations: OptimizationStore;
  readonly signals: SignalStore;
  readonly audit: AuditLog;
  readonly subscriptions: SubscriptionStore;
  readonly live: LiveStore<BotRecord, OrderRecord>;
  readonly signalChoices: SignalChoiceStore;
  readonly quotes: QuoteStore;

  readonly killSwitch: {
    /** `null` for the whole installation. */
    set(userId: string | null, isOn: boolean, reason: string, at: number): Promise<void>;
    isOn(userId: string): Promise<boolean>;
    /** Those of these users for whom a switch is on, their own or the installation's. */
    onAmong(userIds: readonly string[]): Promise<ReadonlySet<string>>;
  };
}

/** The lease subject of a bot or an account. */
export function leaseSubject(kind: OwnerKind, id: string): string {
  return `${kind}:${id}`;
}
