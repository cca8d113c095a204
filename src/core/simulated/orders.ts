/**
 * The words of a simulated exchange: its orders, fills, events and reasons to refuse. Venue codes and wire shapes are
 * not known here; a dialect or an adapter translates.
 */
import type { InstrumentKind } from '../instrument.ts';
import type { DecimalString } from '../money.ts';
import type { OrderRequest, OrderType, Side, TimeInForce } from '../order.ts';

/** An order as it is asked for, in decimals; the same shape that a trading session sends. */
export interface AskedOrder {
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly side: Side;
  readonly type: OrderType;
  readonly price: DecimalString | null;
  readonly triggerPrice: DecimalString | null;
  readonly size: DecimalString;
  readonly timeInForce: TimeInForce;
  readonly postOnly: boolean;
  /** A spot instrument takes no notice of it; `false` where not given. */
  readonly reduceOnly?: boolean;
}

/**
 * Why a simulated exchange refuses. `priceFilter` and `lotSize` cover a missing, misaligned or out-of-range price or size,
 * `notAllowed` a combination that makes no sense (a post-only market order), `wouldTrigger` a stop that is already reached.
 * Of perpetuals only: `reduceOnly` where there is no position to reduce, or not as much; `leverage` one that the instrument does not
 * have; `marginModeInUse` while a position or orders stand in the other mode.
 */
export type Refusal =
  | 'unknownSymbol'
  | 'marketHalted'
  | 'notAllowed'
  | 'priceFilter'
  | 'lotSize'
  | 'minNotional'
  | 'maxNotional'
  | 'duplicateClientOrderId'
  | 'tooManyOrders'
  | 'insufficientBalance'
  | 'wouldTake'
  | 'wouldTrigger'
  | 'reduceOnly'
  | 'leverage'
  | 'marginModeInUse'
  | 'unknownOrder';

/** Why it refuses what concerns spot instruments. */
export type SpotRefusal = Exclude<Refusal, 'reduceOnly' | 'leverage' | 'marginModeInUse'>;

export type SimulatedStatus = 'open' | 'partiallyFilled' | 'filled' | 'cancelled' | 'expired';

/** An order at the simulated exchange. What is handed out is a copy. */
export interface SimulatedOrder {
  readonly venueOrderId: string;
  readonly clientOrderId: string;
  readonly account: string;
  readonly symbol: string;
  readonly request: OrderRequest;
  readonly status: SimulatedStatus;
  /** A stop waits until the price has reached its trigger; `true` for orders without one. */
  readonly isTriggered: boolean;
  readonly filledLots: number;
  /** Sum of price times size over the fills, in atoms. */
  readonly filledAtoms: number;
  /** The venue's own order that closes a position out of margin. */
  readonly isLiquidation: boolean;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** One execution, with the fee as it was taken. */
export interface SimulatedFill {
  readonly tradeId: string;
  readonly venueOrderId: string;
  readonly clientOrderId: string;
  readonly account: string;
  readonly symbol: string;
  readonly side: Side;
  readonly priceTicks: number;
  readonly sizeLots: number;
  readonly feeAsset: string;
  readonly feeAmount: DecimalString;
  readonly isMaker: boolean;
  readonly isLiquidation: boolean;
  readonly at: number;
}

/** One settlement of one position. */
export interface SimulatedFunding {
  readonly paymentId: string;
  readonly account: string;
  readonly symbol: string;
  readonly asset: string;
  /** Positive when received. */
  readonly amount: DecimalString;
  readonly rate: DecimalString;
  /** Signed lots that it was reckoned on. */
  readonly lots: number;
  readonly markTicks: number;
  readonly at: number;
}

export interface HeldBalance {
  readonly asset: string;
  readonly free: DecimalString;
  readonly locked: DecimalString;
}

/** What happened, in the sequence it happened; `order` is the state right after. */
export type ExchangeEvent =
  | {
      readonly type: 'order';
      readonly sequence: number;
      readonly at: number;
      readonly cause: 'accepted' | 'triggered' | 'cancelled' | 'expired';
      readonly order: SimulatedOrder;
    }
  | { readonly type: 'fill'; readonly sequence: number; readonly at: number; readonly fill: SimulatedFill; readonly order: SimulatedOrder }
  | {
      readonly type: 'balances';
      readonly sequence: number;
      readonly at: number;
      readonly account: string;
      /** `perpetual` only where the exchange keeps the wallets apart. */
      readonly wallet: InstrumentKind;
      readonly changed: readonly HeldBalance[];
    }
  /** A position changed; how it stands now is to be asked. */
  | {
      readonly type: 'position';
      readonly sequence: number;
      readonly at: number;
      readonly account: string;
      readonly symbol: string;
      readonly cause: 'trade' | 'liquidation' | 'leverage';
    }
  | { readonly type: 'funding'; readonly sequence: number; readonly at: number; readonly funding: SimulatedFunding };

export type Answer = { readonly ok: true; readonly order: SimulatedOrder } | { readonly ok: false; readonly reason: Refusal };

/** How an order is named: by our id (the open one first, else the newest of that id) or by the venue's. */
export type OrderKey = { readonly clientOrderId: string } | { readonly venueOrderId: string };

export function isOpen(order: Pick<SimulatedOrder, 'status'>): boolean {
  return order.status === 'open' || order.status === 'partiallyFilled';
}
