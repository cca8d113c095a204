/**
 * Orders, their lives and their automatic actions as the store keeps them.
 */
import type { ActionRecord, ActionStep, NewActions } from '../actions/action-record.ts';
import type { DecimalString } from '../money.ts';
import type { OrderState, OrderType, Side, TimeInForce } from '../order.ts';
import type { CancelSelection, OrderFilter } from '../order-filter.ts';
import type { LifeEvent } from '../order-life.ts';
import type { Page, PageRequest } from './page.ts';

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

export interface OrderStore {
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
}

export interface ActionStore {
  /** Those of an account that are active, each with its order. Not reachable by users. */
  alive(accountId: string): Promise<readonly { readonly root: OrderRecord; readonly actions: ActionRecord }[]>;
  /** By order; orders without are left out. */
  of(userId: string, orderIds: readonly string[]): Promise<ReadonlyMap<string, ActionRecord>>;
  /** Notes the wish to call them off. `over` when they are not active any more; `null` when the order is not this user's or has none. */
  callOff(userId: string, orderId: string, at: number): Promise<'noted' | 'over' | null>;
  /** The tape of an order's actions from `after` (exclusive), oldest first. */
  tape(userId: string, orderId: string, after: number, limit: number): Promise<readonly ActionStep[]>;
}
