/**
 * The life of an order as its user reads it: what happened to it, in the sequence in which we learned of it. Derived from
 * the same changes that are committed, so that no change is without its event.
 */
import type { DecimalString } from './money.ts';
import { isTerminal, type OrderState } from './order.ts';

/**
 * `requested`: stored, nothing sent yet. `submitting`: made durable and about to be sent, once. `fill`: one execution. `filled` and
 * the other ends tell why where there is something to say. `action`: something one of its automatic actions did or could not do.
 */
export const LIFE_EVENT_TYPES = [
  'requested',
  'denied',
  'submitting',
  'accepted',
  'fill',
  'filled',
  'cancel_requested',
  'cancelled',
  'expired',
  'rejected',
  'unknown',
  'action',
] as const;
export type LifeEventType = (typeof LIFE_EVENT_TYPES)[number];

export interface LifeEvent {
  readonly type: LifeEventType;
  /** When we learned of it, in our clock. */
  readonly at: number;
  /** Of a fill. */
  readonly price: DecimalString | null;
  readonly size: DecimalString | null;
  readonly tradeId: string | null;
  readonly reasonCode: string | null;
  readonly reason: string | null;
  /** The order an action has placed, or has cancelled. */
  readonly relatedOrderId: string | null;
}

/** What a commit does to one order. */
export interface LifeChanges {
  /** As it stood before; `null` for one that the commit makes. */
  readonly former: { readonly state: OrderState; readonly isCancelRequested: boolean } | null;
  /** The order as the commit makes it. */
  readonly made: { readonly state: OrderState; readonly createdAt: number; readonly reasonCode: string | null; readonly reason: string | null } | null;
  /** In the sequence in which they happened. */
  readonly changes: readonly {
    readonly state?: OrderState;
    readonly at?: number;
    readonly cancelRequestedAt?: number;
    readonly reasonCode?: string;
    readonly reason?: string;
  }[];
  readonly fills: readonly { readonly tradeId: string; readonly price: DecimalString; readonly size: DecimalString }[];
  readonly at: number;
}

/** The events of one order in one commit, oldest first. */
export function lifeEvents({ former, made, changes, fills, at }: LifeChanges): readonly LifeEvent[] {
  const events: LifeEvent[] = [];
  let state: OrderState = former?.state ?? made?.state ?? 'initialized';
  let isCancelRequested = former?.isCancelRequested ?? false;
  let areFillsTold = false;
  const add = (type: LifeEventType, when: number, more: Partial<LifeEvent> = {}): void => void events.push({ ...BARE, type, at: when, ...more });
  const tellFills = (when: number): void => {
    if (!areFillsTold) for (const fill of fills) add('fill', when, { price: fill.price, size: fill.size, tradeId: fill.tradeId });
    areFillsTold = true;
  };

  if (made !== null) {
    add('requested', made.createdAt);
    if (made.state !== 'initialized') add(TYPES[made.state], at, { reasonCode: made.reasonCode, reason: made.reason });
  }
  for (const change of changes) {
    const when = change.at ?? at;
    const why = { reasonCode: change.reasonCode ?? null, reason: change.reason ?? null };
    const isWished = change.cancelRequestedAt !== undefined || change.state === 'cancelling';
    if (isWished && !isCancelRequested) add('cancel_requested', when, why);
    isCancelRequested ||= isWished;
    if (change.state === undefined || change.state === state) continue;
    const isFirstWord = change.state === 'partiallyFilled' && (state === 'submitting' || state === 'unknown') && fills.length === 0;
    if (change.state === 'partiallyFilled' || isTerminal(change.state)) tellFills(when);
    if (isFirstWord) add('accepted', when);
    else if (change.state !== 'partiallyFilled' && change.state !== 'cancelling') add(TYPES[change.state], when, why);
    state = change.state;
  }
  tellFills(at);
  return events;
}

/**
 * Why an order is over that ended at the venue without being filled or refused; `cancelled_on_request` is ours (the event
 * `cancel_requested` says whose), `cancelled_by_exchange` is not. Empty for every other state.
 */
export function endReason(state: OrderState, isCancelRequested: boolean): { readonly reasonCode?: string; readonly reason?: string } {
  if (state === 'expired') return { reasonCode: 'expired_at_exchange', reason: 'what was left of the order has expired at the exchange' };
  if (state !== 'cancelled') return {};
  return isCancelRequested
    ? { reasonCode: 'cancelled_on_request', reason: 'it was cancelled as asked' }
    : { reasonCode: 'cancelled_by_exchange', reason: 'the exchange, or somebody there, has cancelled it; nobody here asked for that' };
}

const BARE = { price: null, size: null, tradeId: null, reasonCode: null, reason: null, relatedOrderId: null } as const;

const TYPES: Readonly<Record<OrderState, LifeEventType>> = {
  initialized: 'requested',
  denied: 'denied',
  submitting: 'submitting',
  accepted: 'accepted',
  partiallyFilled: 'fill',
  filled: 'filled',
  rejected: 'rejected',
  cancelling: 'cancel_requested',
  cancelled: 'cancelled',
  expired: 'expired',
  unknown: 'unknown',
};
