/**
 * Bitget's rows in our words: instruments, orders, executions, balances and the rights of a key, exact.
 */
import { type Instrument, settleOf } from '#core/instrument.ts';
import { type DecimalString, decimal, plain } from '#core/money.ts';
import type { Balance, KeyReport, VenueFill, VenueOrder, VenueOrderStatus } from '#core/venue-ports.ts';
import { amount, type Row, row, rows, text, UnreadableAnswer, whole } from './_fields.ts';

/** Beyond this a "largest size" is the venue's way of saying that there is none. */
export const NO_LIMIT = decimal('1000000000000');

/** Quotes that are worth a dollar: the least order value is told in USDT only. */
const DOLLARS: ReadonlySet<string> = new Set(['USDT', 'USDC', 'USD1', 'FDUSD', 'USDE']);

const STATUSES: Readonly<Record<string, VenueOrderStatus>> = {
  init: 'open',
  new: 'open',
  live: 'open',
  partially_filled: 'open',
  filled: 'filled',
  full_fill: 'filled',
  cancelled: 'cancelled',
  canceled: 'cancelled',
};

/** The venue wraps every answer; what was asked for is under `data`. */
export function dataOf(body: unknown): unknown {
  return row(body)['data'];
}

/** Unified symbols of Bitget are its own coin names with a slash between them. */
export function marketId(symbol: string): string {
  return symbol.replace('/', '');
}

/** A symbol that cannot be read is left out, so that one oddity does not close the whole venue. */
export function readInstruments(body: unknown): readonly Instrument[] {
  const symbols = rows(dataOf(body));
  const instruments: Instrument[] = [];
  for (const symbol of symbols) {
    try {
      instruments.push(readInstrument(symbol));
    } catch (error) {
      if (!(error instanceof UnreadableAnswer)) throw error;
    }
  }
  if (symbols.length > 0 && instruments.length === 0) throw new UnreadableAnswer('no instrument can be read');
  return instruments;
}

function readInstrument(symbol: Row): Instrument {
  const [base, quote] = [text(symbol, 'baseCoin'), text(symbol, 'quoteCoin')];
  const [priceIncrement, sizeIncrement] = [increment(symbol, 'pricePrecision'), increment(symbol, 'quantityPrecision')];
  const [least, most] = [amount(symbol, 'minTradeAmount'), amount(symbol, 'maxTradeAmount')];
  return {
    venue: 'bitget',
    symbol: `${base}/${quote}`,
    base,
    quote,
    kind: 'spot',
    settle: quote,
    perpetual: null,
    priceIncrement,
    sizeIncrement,
    minPrice: priceIncrement,
    maxPrice: null,
    minSize: least === '0' ? sizeIncrement : least,
    maxSize: most === '0' || decimal(most).gt(NO_LIMIT) ? null : most,
    minNotional: DOLLARS.has(quote) ? amount(symbol, 'minTradeUSDT') : '0',
    makerFeeRate: amount(symbol, 'makerFeeRate'),
    takerFeeRate: amount(symbol, 'takerFeeRate'),
    status: text(symbol, 'status') === 'online' ? 'trading' : 'halted',
  };
}

/** Precisions are told in digits after the point. */
function increment(symbol: Row, field: string): DecimalString {
  const digits = whole(symbol, field);
  if (digits < 0 || digits > 20) throw new UnreadableAnswer(`${field} is no number of digits`);
  return plain(decimal('10').pow(-digits));
}

export function readQuote(body: unknown): { readonly bid: DecimalString; readonly ask: DecimalString } {
  const [ticker] = rows(dataOf(body));
  if (ticker === undefined) throw new UnreadableAnswer('there is no ticker');
  return { bid: amount(ticker, 'bidPr'), ask: amount(ticker, 'askPr') };
}

/** The one order of a query by id. */
export function readFound(body: unknown, symbol: string): VenueOrder {
  const [order] = rows(dataOf(body));
  if (order === undefined) throw new UnreadableAnswer('there is no order');
  return readOrder(order, symbol, 'price');
}

/** An order of a query or a list; among the open ones the price goes by the name of `priceAvg`, which elsewhere is the average. */
export function readOrder(order: Row, symbol: string, priceField: 'price' | 'priceAvg'): VenueOrder {
  if (text(order, 'symbol').toUpperCase() !== marketId(symbol).toUpperCase()) throw new UnreadableAnswer('the order is of another instrument');
  return orderOf(order, symbol, isGiven(order, priceField) ? amount(order, priceField) : null, { size: 'size', filled: 'baseVolume' });
}

/** `fields`: how the size and what is filled of it are called there. */
export function orderOf(order: Row, symbol: string, price: DecimalString | null, fields: { readonly size: string; readonly filled: string }): VenueOrder {
  const side = readSide(order);
  const isMarket = text(order, 'orderType') === 'market';
  const filledSize = amount(order, fields.filled);
  return {
    clientOrderId: text(order, 'clientOid'),
    venueOrderId: text(order, 'orderId'),
    symbol,
    side,
    status: readStatus(text(order, 'status')),
    price: isMarket || price === '0' ? null : price,
    // A market buy, as only a human places it, names an amount of money: its size is what it has bought.
    size: isMarket && side === 'buy' ? filledSize : amount(order, fields.size),
    filledSize,
    updatedAt: whole(order, isGiven(order, 'uTime') ? 'uTime' : 'cTime'),
  };
}

/** The venue writes nothing as an absent field, as `null` or as an empty text. */
export function isGiven(from: Row, field: string): boolean {
  const value = from[field];
  return value !== undefined && value !== null && value !== '';
}

export function readStatus(status: string): VenueOrderStatus {
  const known = STATUSES[status];
  if (known === undefined) throw new UnreadableAnswer(`unknown order status ${status}`);
  return known;
}

export function readSide(from: Row): 'buy' | 'sell' {
  const side = text(from, 'side');
  if (side !== 'buy' && side !== 'sell') throw new UnreadableAnswer(`unknown side ${side}`);
  return side;
}

/** An execution as the list of them tells it. */
export function readFill(fill: Row, symbol: string): VenueFill {
  const details: unknown = fill['feeDetail'];
  const fee = row(Array.isArray(details) ? details[0] : details);
  return {
    tradeId: text(fill, 'tradeId'),
    venueOrderId: text(fill, 'orderId'),
    clientOrderId: null,
    symbol,
    side: readSide(fill),
    price: amount(fill, 'priceAvg'),
    size: amount(fill, 'size'),
    feeAsset: isGiven(fee, 'feeCoin') ? text(fee, 'feeCoin') : settleOf(symbol),
    feeAmount: feeOf(fee, 'totalFee'),
    isMaker: text(fill, 'tradeScope') === 'maker',
    at: whole(fill, 'cTime'),
  };
}

/** An execution as the row of its order carries it on the stream; `null` when the row is about something else. */
export function readPushedFill(order: Row, of: VenueOrder): VenueFill | null {
  if (!isGiven(order, 'tradeId') || !isGiven(order, 'baseVolume')) return null;
  const size = amount(order, 'baseVolume');
  if (size === '0') return null;
  return {
    tradeId: text(order, 'tradeId'),
    venueOrderId: of.venueOrderId,
    clientOrderId: of.clientOrderId,
    symbol: of.symbol,
    side: of.side,
    price: amount(order, 'fillPrice'),
    size,
    feeAsset: isGiven(order, 'fillFeeCoin') ? text(order, 'fillFeeCoin') : settleOf(of.symbol),
    feeAmount: feeOf(order, 'fillFee'),
    isMaker: text(order, 'tradeScope') === 'M',
    at: whole(order, 'fillTime'),
  };
}

/**
 * What was paid. The venue writes the same fee as -0.1 in one place and as 0.1 in another (and with BGB's discount the
 * other way round), so the sign says nothing; rebates are not given on spot.
 */
export function feeOf(from: Row, field: string): DecimalString {
  return isGiven(from, field) ? plain(decimal(amount(from, field)).abs()) : '0';
}

export function readBalances(body: unknown): readonly Balance[] {
  return rows(dataOf(body))
    .map((balance) => ({
      asset: text(balance, 'coin').toUpperCase(),
      free: amount(balance, 'available'),
      locked: plain(decimal(amount(balance, 'frozen')).plus(amount(balance, 'locked'))),
    }))
    .filter(({ free, locked }) => free !== '0' || locked !== '0');
}

/** `stow`: spot trade, write; `coow`: contract orders, write; `wwow`: wallet withdrawal, write; the plain words are those of older keys. */
export function readKey(bodies: readonly unknown[]): KeyReport {
  const account = row(dataOf(bodies[0]));
  const authorities = account['authorities'];
  if (!Array.isArray(authorities)) throw new UnreadableAnswer('authorities is not a list');
  const ips = account['ips'];
  return {
    canTrade: authorities.includes('stow') || authorities.includes('trade'),
    canTradePerpetuals: authorities.includes('coow') || authorities.includes('trade'),
    canWithdraw: authorities.includes('wwow') || authorities.includes('withdraw'),
    isIpRestricted: typeof ips === 'string' && ips !== '',
  };
}
