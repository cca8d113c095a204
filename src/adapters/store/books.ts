/**
 * What our books say of an account, as the paper venue needs it to remember itself across restarts.
 */
import type { DecimalString } from '#core/money.ts';
import type { OrderRecord } from '#core/store/orders.ts';
import type { Store } from '#core/store/store.ts';
import type { AccountBooks, OutboundOrder } from '#core/venue-ports.ts';

/** Paper orders the venue once confirmed and that are not over, and what paper fills have moved. */
export function booksOf(store: Pick<Store, 'orders' | 'fills'>): AccountBooks {
  return {
    restingOrders: async (accountId) => (await store.orders.aliveOnPaper(accountId)).flatMap(restingOrder),
    netFlows: (accountId) => store.fills.paperFlows(accountId),
    positions: (accountId) => store.fills.paperPositions(accountId),
  };
}

/** An order that the venue has never confirmed is none of its memories. */
function restingOrder(order: OrderRecord): (OutboundOrder & { readonly venueOrderId: string; readonly filledSize: DecimalString })[] {
  const { clientOrderId, symbol, side, type, price, triggerPrice, size, timeInForce, postOnly, reduceOnly, venueOrderId, filledSize } = order;
  return venueOrderId === null
    ? []
    : [{ clientOrderId, symbol, side, type, price, triggerPrice, size, timeInForce, postOnly, reduceOnly, venueOrderId, filledSize }];
}
