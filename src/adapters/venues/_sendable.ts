/** What is looked at before an order is sent: whether the venue can do it, and in which form it must be asked for. */
import { decimal, plain, roundTo } from '#core/money.ts';
import type { MarketData, OutboundOrder, PlaceOutcome } from '#core/venue-ports.ts';
import type { CcxtDialect } from './_dialect.ts';

interface Market extends Pick<MarketData, 'instruments' | 'quote'> {
  ready(): Promise<void>;
}

/** The order as it is sent, or why it is not. */
export async function sendable(dialect: CcxtDialect, market: Market, order: OutboundOrder): Promise<OutboundOrder | PlaceOutcome> {
  return (
    refuseUnsupported(dialect, order) ??
    (await refuseUnwritable(dialect, market, order)) ??
    (await refuseStop(dialect, market, order)) ??
    (await priced(dialect, market, order))
  );
}

/** An order that was not sent, because something that must be known first could not be learnt. */
export function unsent(error: unknown, otherwise: string): PlaceOutcome {
  return { outcome: 'rejected', code: 'not_sent', message: error instanceof Error ? error.message : otherwise };
}

/** Why an order must not be sent to a venue that cannot do it: some would ignore what they do not know, and trade at once. */
function refuseUnsupported({ capabilities, title }: CcxtDialect, { type, timeInForce, postOnly }: OutboundOrder): PlaceOutcome | null {
  const isSupported = capabilities.orderTypes.includes(type) && capabilities.timeInForce.includes(timeInForce) && (!postOnly || capabilities.postOnly);
  return isSupported ? null : { outcome: 'rejected', code: 'not_supported', message: `${title} takes no such order` };
}

/** Why an order cannot be written in the venue's words. */
async function refuseUnwritable(dialect: CcxtDialect, market: Market, order: OutboundOrder): Promise<PlaceOutcome | null> {
  if (dialect.refuse === undefined) return null;
  try {
    await market.ready();
    return dialect.refuse(order);
  } catch (error) {
    return unsent(error, 'the instruments are not known');
  }
}

/** Why a stop must not be sent to a venue that would guess its direction from the price. */
async function refuseStop(dialect: CcxtDialect, market: Market, order: OutboundOrder): Promise<PlaceOutcome | null> {
  if (dialect.stopsLackDirection !== true || order.triggerPrice === null) return null;
  try {
    const { bid, ask } = await market.quote(order.symbol);
    const isPassed = order.side === 'buy' ? decimal(ask).gte(order.triggerPrice) : decimal(bid).lte(order.triggerPrice);
    return isPassed ? { outcome: 'rejected', code: 'stop_passed', message: `the price has passed the stop at ${order.triggerPrice}` } : null;
  } catch (error) {
    return unsent(error, 'the price is not known');
  }
}

/** A market order in the form in which the venue takes it; refused while no price is known. */
async function priced(dialect: CcxtDialect, market: Market, order: OutboundOrder): Promise<OutboundOrder | PlaceOutcome> {
  if (dialect.marketCollar === undefined || order.type !== 'market') return order;
  try {
    const instrument = (await market.instruments()).get(order.symbol);
    if (instrument === undefined) return { outcome: 'rejected', code: 'not_sent', message: `${order.symbol} is not traded at ${dialect.title}` };
    const { bid, ask } = await market.quote(order.symbol);
    const worst = order.side === 'buy' ? decimal(ask).times(decimal(dialect.marketCollar).plus(1)) : decimal(bid).times(decimal(1).minus(dialect.marketCollar));
    const price = plain(roundTo(worst, decimal(instrument.priceIncrement), order.side === 'buy' ? 'down' : 'up'));
    return { ...order, type: 'limit', timeInForce: 'ioc', price };
  } catch (error) {
    return unsent(error, 'the price is not known');
  }
}
