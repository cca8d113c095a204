/**
 * An order is our record of an intent, and this file owns the one table of how its state may change.
 */

export type Side = 'buy' | 'sell';
/** `stopMarket` and `stopLimit` rest at the venue until the price reaches their trigger. */
export type OrderType = 'limit' | 'market' | 'stopLimit' | 'stopMarket';
/** Good till cancelled, immediate or cancel, fill or kill. */
export type TimeInForce = 'gtc' | 'ioc' | 'fok';

/**
 * `unknown` means sent without a certain answer; only evidence from the venue or its proven absence leaves it.
 * Terminal states absorb: `denied`, `filled`, `rejected`, `cancelled`, `expired`.
 */
export type OrderState =
  | 'initialized'
  | 'denied'
  | 'submitting'
  | 'accepted'
  | 'partiallyFilled'
  | 'filled'
  | 'rejected'
  | 'cancelling'
  | 'cancelled'
  | 'expired'
  | 'unknown';

/** What a strategy asks for. Prices in ticks (0 where the type has none), size in lots. */
export interface OrderRequest {
  readonly side: Side;
  readonly type: OrderType;
  readonly priceTicks: number;
  readonly triggerTicks: number;
  readonly sizeLots: number;
  readonly timeInForce: TimeInForce;
  readonly postOnly: boolean;
  /** May only lessen a position, never open or turn one. Of use with perpetuals; a spot sale cannot do otherwise. */
  readonly reduceOnly: boolean;
  /** The strategy's own name for the purpose of the order, such as `level:7:buy`; comes back with every event. */
  readonly tag: string;
}

/** An order as the engine keeps it while it lives; plain data, changed only by {@link applyFact} and fills. */
export interface Order extends OrderRequest {
  readonly clientOrderId: string;
  readonly createdAt: number;
  /** Which instrument of its run it trades; absent in a run that has but one. */
  leg?: string;
  state: OrderState;
  filledLots: number;
  /** Sum of price times size over the fills, in atoms. */
  filledAtoms: number;
  cancelRequested: boolean;
}

/** What happened to an order, as far as its state is concerned. */
export type OrderFact = 'deny' | 'submit' | 'accept' | 'fillPart' | 'fillAll' | 'reject' | 'requestCancel' | 'cancel' | 'expire' | 'loseAnswer';

type Changes = Readonly<Record<OrderFact, OrderState | null>>;

const NO_CHANGES: Changes = {
  deny: null,
  submit: null,
  accept: null,
  fillPart: null,
  fillAll: null,
  reject: null,
  requestCancel: null,
  cancel: null,
  expire: null,
  loseAnswer: null,
};

/**
 * Every allowed change of state. A fact that leads nowhere (`null`) is a late or repeated report and changes nothing;
 * `partiallyFilled` stands for accepted with fills. A cancel can be requested only once the venue is known to have the
 * order. An order that has traded cannot end as rejected: what was left of it is cancelled.
 */
export const TRANSITIONS: Readonly<Record<OrderState, Changes>> = {
  initialized: { ...NO_CHANGES, deny: 'denied', submit: 'submitting' },
  submitting: {
    ...NO_CHANGES,
    accept: 'accepted',
    fillPart: 'partiallyFilled',
    fillAll: 'filled',
    reject: 'rejected',
    cancel: 'cancelled',
    expire: 'expired',
    loseAnswer: 'unknown',
  },
  accepted: {
    ...NO_CHANGES,
    fillPart: 'partiallyFilled',
    fillAll: 'filled',
    requestCancel: 'cancelling',
    cancel: 'cancelled',
    expire: 'expired',
    reject: 'rejected',
  },
  partiallyFilled: {
    ...NO_CHANGES,
    fillPart: 'partiallyFilled',
    fillAll: 'filled',
    requestCancel: 'cancelling',
    cancel: 'cancelled',
    expire: 'expired',
    reject: 'cancelled',
  },
  cancelling: {
    ...NO_CHANGES,
    fillPart: 'cancelling',
    fillAll: 'filled',
    reject: 'rejected',
    cancel: 'cancelled',
    expire: 'expired',
    loseAnswer: 'unknown',
  },
  unknown: {
    ...NO_CHANGES,
    accept: 'accepted',
    fillPart: 'partiallyFilled',
    fillAll: 'filled',
    reject: 'rejected',
    cancel: 'cancelled',
    expire: 'expired',
  },
  denied: { ...NO_CHANGES },
  filled: { ...NO_CHANGES },
  rejected: { ...NO_CHANGES },
  cancelled: { ...NO_CHANGES },
  expired: { ...NO_CHANGES },
};

export function isTerminal(state: OrderState): boolean {
  // Most orders that anybody asks about rest: one comparison says so.
  if (state === 'accepted') return false;
  return state === 'filled' || state === 'cancelled' || state === 'expired' || state === 'rejected' || state === 'denied';
}

/** The state after a fact, or `null` when the fact changes nothing in this state. */
export function nextState(order: Pick<Order, 'state' | 'filledLots'>, fact: OrderFact): OrderState | null {
  const next = changeBy(fact, changesFrom(order.state));
  if (next === null || order.filledLots === 0) return next;
  return next === 'accepted' ? 'partiallyFilled' : next === 'rejected' ? 'cancelled' : next;
}

/** Written out, here and below: a name that is only known when it is asked for is looked for in a table, many times an order. */
function changesFrom(state: OrderState): Changes {
  switch (state) {
    case 'submitting':
      return TRANSITIONS.submitting;
    case 'accepted':
      return TRANSITIONS.accepted;
    case 'initialized':
      return TRANSITIONS.initialized;
    default:
      return TRANSITIONS[state];
  }
}

function changeBy(fact: OrderFact, changes: Changes): OrderState | null {
  switch (fact) {
    case 'submit':
      return changes.submit;
    case 'accept':
      return changes.accept;
    case 'fillAll':
      return changes.fillAll;
    case 'requestCancel':
      return changes.requestCancel;
    case 'cancel':
      return changes.cancel;
    default:
      return changes[fact];
  }
}

/** Applies a fact in place; `false` when it changed nothing (a repeated or late report). */
export function applyFact(order: Order, fact: OrderFact): boolean {
  const next = nextState(order, fact);
  if (next === null) return false;
  const changed = next !== order.state;
  order.state = next;
  return changed;
}

/** The plain words of the public API for an order's state. */
export type PublicOrderStatus = 'pending' | 'open' | 'partially_filled' | 'filled' | 'cancelled' | 'rejected' | 'expired';

const PUBLIC: Readonly<Record<OrderState, PublicOrderStatus>> = {
  initialized: 'pending',
  submitting: 'pending',
  unknown: 'pending',
  accepted: 'open',
  partiallyFilled: 'partially_filled',
  cancelling: 'open',
  filled: 'filled',
  cancelled: 'cancelled',
  denied: 'rejected',
  rejected: 'rejected',
  expired: 'expired',
};

export function publicStatus(state: OrderState, filledLots: number): PublicOrderStatus {
  const status = PUBLIC[state];
  return filledLots > 0 && (status === 'open' || status === 'pending') ? 'partially_filled' : status;
}
