/**
 * Checks an order placed by hand against its instrument before anything is stored, naming each field at fault.
 */
import { AppError } from '#core/errors.ts';
import { type Instrument, Scale } from '#core/instrument.ts';
import { type DecimalString, decimal, plain } from '#core/money.ts';
import type { OrderType, Side, TimeInForce } from '#core/order.ts';
import type { Issue } from '#core/params.ts';
import type { VenuePosition } from '#core/perpetual-ports.ts';
import type { Balance, Quote, VenueCapabilities } from '#core/venue-ports.ts';

export interface OrderTicket {
  readonly symbol: string;
  readonly side: Side;
  readonly type: OrderType;
  readonly quantity: DecimalString;
  readonly price: DecimalString | null;
  readonly triggerPrice: DecimalString | null;
  readonly timeInForce: TimeInForce;
  readonly postOnly: boolean;
  /** May only lessen what is held. */
  readonly reduceOnly: boolean;
}

/** Throws AppError `validation_failed` when the venue could not take the order as it is written. */
export function checkTicket(ticket: OrderTicket, instrument: Instrument, quote: Quote, capabilities: VenueCapabilities): void {
  const issues = [...checkKind(ticket, instrument, capabilities), ...checkSize(ticket, instrument), ...checkPrices(ticket, instrument)];
  const all = issues.length > 0 ? issues : checkValue(ticket, instrument, quote);
  if (instrument.status !== 'trading') all.push({ field: 'symbol', message: `${instrument.symbol} is halted at the exchange` });
  if (all.length > 0) throw new AppError('validation_failed', all.map(({ field, message }) => `${field} ${message}`).join('; '), all);
}

function checkKind(ticket: OrderTicket, instrument: Instrument, capabilities: VenueCapabilities): Issue[] {
  const issues: Issue[] = [];
  const { type, timeInForce, postOnly } = ticket;
  if (!capabilities.orderTypes.includes(type)) issues.push({ field: 'type', message: 'is not offered by this exchange' });
  if (!capabilities.timeInForce.includes(timeInForce)) issues.push({ field: 'time_in_force', message: 'is not offered by this exchange' });
  if (postOnly && !capabilities.postOnly) issues.push({ field: 'post_only', message: 'is not offered by this exchange' });
  if (postOnly && type !== 'limit') issues.push({ field: 'post_only', message: 'is possible for limit orders only' });
  if (postOnly && timeInForce !== 'gtc') issues.push({ field: 'post_only', message: 'contradicts time_in_force: an order that must rest cannot end at once' });
  if (ticket.reduceOnly && ticket.side === 'buy' && instrument.kind !== 'perpetual')
    issues.push({ field: 'reduce_only', message: 'contradicts side: at a spot exchange a purchase lessens nothing; only a sale can' });
  if (type !== 'limit' && type !== 'stopLimit' && timeInForce !== 'gtc')
    issues.push({ field: 'time_in_force', message: 'is possible for orders with a price only; leave it out' });
  return issues;
}

function checkSize({ quantity }: OrderTicket, instrument: Instrument): Issue[] {
  const size = decimal(quantity);
  const field = 'quantity';
  if (size.lte(0)) return [{ field, message: 'must be above 0' }];
  if (!size.mod(instrument.sizeIncrement).isZero())
    return [{ field, message: `must be a multiple of ${instrument.sizeIncrement} ${instrument.base}, got ${quantity}` }];
  if (size.lt(instrument.minSize)) return [{ field, message: `must be at least ${instrument.minSize} ${instrument.base}, got ${quantity}` }];
  if (instrument.maxSize !== null && size.gt(instrument.maxSize))
    return [{ field, message: `must be at most ${instrument.maxSize} ${instrument.base}, got ${quantity}` }];
  return [];
}

function checkPrices(ticket: OrderTicket, instrument: Instrument): Issue[] {
  const needsPrice = ticket.type === 'limit' || ticket.type === 'stopLimit';
  const needsTrigger = ticket.type === 'stopLimit' || ticket.type === 'stopMarket';
  return [...checkPrice('price', ticket.price, needsPrice, instrument), ...checkPrice('trigger_price', ticket.triggerPrice, needsTrigger, instrument)];
}

function checkPrice(field: string, given: DecimalString | null, isNeeded: boolean, instrument: Instrument): Issue[] {
  if (given === null) return isNeeded ? [{ field, message: 'is required for this type of order' }] : [];
  if (!isNeeded) return [{ field, message: 'is not used by this type of order; leave it out' }];
  const price = decimal(given);
  if (price.lte(0)) return [{ field, message: 'must be above 0' }];
  if (!price.mod(instrument.priceIncrement).isZero())
    return [{ field, message: `must be a multiple of ${instrument.priceIncrement} ${instrument.quote}, got ${given}` }];
  if (price.lt(instrument.minPrice)) return [{ field, message: `must be at least ${instrument.minPrice} ${instrument.quote}, got ${given}` }];
  if (instrument.maxPrice !== null && price.gt(instrument.maxPrice))
    return [{ field, message: `must be at most ${instrument.maxPrice} ${instrument.quote}, got ${given}` }];
  return [];
}

/**
 * Throws AppError `validation_failed` when a `reduce_only` sale is larger than what is free: at a spot exchange, where nothing can
 * be sold short, that is all the promise can mean. What is locked by other orders is theirs to sell.
 */
export function checkReduceOnly({ quantity }: OrderTicket, { base }: Instrument, balances: readonly Balance[]): void {
  const free = balances.find(({ asset }) => asset === base)?.free ?? '0';
  if (decimal(quantity).lte(free)) return;
  const message = `is more than the free holding of ${free} ${base}, and reduce_only never sells more`;
  throw new AppError('validation_failed', `quantity ${message}`, [{ field: 'quantity', message }]);
}

/**
 * Throws AppError `validation_failed` when a `reduce_only` order in a perpetual is not against the position, or larger than it. The
 * venue judges again when the order comes: the position may have changed.
 */
export function checkReducesPosition({ quantity, side, symbol }: OrderTicket, { base }: Instrument, positions: readonly VenuePosition[]): void {
  const size = decimal(positions.find((position) => position.symbol === symbol)?.size ?? '0');
  const isAgainst = side === 'sell' ? size.gt(0) : size.lt(0);
  if (isAgainst && decimal(quantity).lte(size.abs())) return;
  const held = size.isZero() ? 'there is none' : `it is ${plain(size)} ${base}`;
  const [field, message] = isAgainst
    ? ['quantity', `is more than the position: ${held}`]
    : ['reduce_only', `contradicts side: a ${side} does not lessen the position (${held})`];
  throw new AppError('validation_failed', `${field} ${message}`, [{ field, message }]);
}

/** How far beyond the market a price may lie to the side that costs its owner, as a share. */
export const PRICE_COLLAR = 0.1;

function checkValue(ticket: OrderTicket, instrument: Instrument, quote: Quote): Issue[] {
  const market = decimal(ticket.side === 'buy' ? quote.ask : quote.bid);
  const price = decimal(ticket.price ?? ticket.triggerPrice ?? market);
  const value = price.times(ticket.quantity);
  // Whatever is left of a position may be closed.
  const isMinimumFree = instrument.kind === 'perpetual' && ticket.reduceOnly;
  if (value.lt(instrument.minNotional) && !isMinimumFree)
    return [
      {
        field: 'quantity',
        message: `is worth ${plain(value)} ${instrument.quote} at ${plain(price)}; the exchange takes orders from ${instrument.minNotional} ${instrument.quote}`,
      },
    ];
  if (value.div(decimal(new Scale(instrument).quote(1))).gt(Number.MAX_SAFE_INTEGER))
    return [{ field: 'quantity', message: 'makes the order too large to be computed exactly; split it' }];
  if (ticket.type !== 'limit') return [];
  const limit = ticket.side === 'buy' ? market.times(1 + PRICE_COLLAR) : market.times(1 - PRICE_COLLAR);
  if (ticket.side === 'buy' ? price.lte(limit) : price.gte(limit)) return [];
  return [
    {
      field: 'price',
      message: `is more than ${PRICE_COLLAR * 100} % ${ticket.side === 'buy' ? 'above' : 'below'} the market (${quote.bid} / ${quote.ask}); use a market order if that is meant`,
    },
  ];
}
