/**
 * Binance's rows in our words: instruments, orders, balances and the rights of a key, exact.
 */
import type { Instrument } from '#core/instrument.ts';
import type { DecimalString } from '#core/money.ts';
import type { Balance, KeyReport, VenueOrder, VenueOrderStatus } from '#core/venue-ports.ts';
import { amount, flag, type Row, row, rows, text, UnreadableAnswer, whole } from './_fields.ts';

/** The rate everybody pays who has no discount; the list of instruments carries none. */
const STANDARD_FEE_RATE = '0.001';

const STATUSES: Readonly<Record<string, VenueOrderStatus>> = {
  NEW: 'open',
  PENDING_NEW: 'open',
  PARTIALLY_FILLED: 'open',
  PENDING_CANCEL: 'open',
  FILLED: 'filled',
  CANCELED: 'cancelled',
  REJECTED: 'rejected',
  EXPIRED: 'expired',
  EXPIRED_IN_MATCH: 'expired',
};

export function readStatus(status: string): VenueOrderStatus {
  const known = STATUSES[status];
  if (known === undefined) throw new UnreadableAnswer(`unknown order status ${status}`);
  return known;
}

/** Spot instruments; a symbol whose filters cannot be read is left out, so that one oddity does not close the whole venue. */
export function readInstruments(body: unknown): readonly Instrument[] {
  const instruments: Instrument[] = [];
  for (const symbol of rows(row(body)['symbols'])) {
    if (symbol['isSpotTradingAllowed'] === false) continue;
    const instrument = readInstrument(symbol);
    if (instrument !== null) instruments.push(instrument);
  }
  return instruments;
}

function readInstrument(symbol: Row): Instrument | null {
  const filters = new Map(rows(symbol['filters']).map((filter) => [text(filter, 'filterType'), filter]));
  const price = filters.get('PRICE_FILTER');
  const size = filters.get('LOT_SIZE');
  const notional = filters.get('NOTIONAL') ?? filters.get('MIN_NOTIONAL');
  if (price === undefined || size === undefined) return null;
  const [base, quote] = [text(symbol, 'baseAsset'), text(symbol, 'quoteAsset')];
  const [priceIncrement, sizeIncrement] = [amount(price, 'tickSize'), amount(size, 'stepSize')];
  if (priceIncrement === '0' || sizeIncrement === '0') return null;
  return {
    venue: 'binance',
    symbol: `${base}/${quote}`,
    base,
    quote,
    kind: 'spot',
    settle: quote,
    perpetual: null,
    priceIncrement,
    sizeIncrement,
    minPrice: orElse(amount(price, 'minPrice'), priceIncrement),
    maxPrice: orElse(amount(price, 'maxPrice'), null),
    minSize: orElse(amount(size, 'minQty'), sizeIncrement),
    maxSize: orElse(amount(size, 'maxQty'), null),
    minNotional: notional === undefined ? '0' : amount(notional, 'minNotional'),
    makerFeeRate: STANDARD_FEE_RATE,
    takerFeeRate: STANDARD_FEE_RATE,
    status: text(symbol, 'status') === 'TRADING' ? 'trading' : 'halted',
  };
}

/** Zero in a filter means that the rule is off. */
export function orElse<Fallback>(value: DecimalString, fallback: Fallback): DecimalString | Fallback {
  return value === '0' ? fallback : value;
}

export function readQuote(body: unknown): { readonly bid: DecimalString; readonly ask: DecimalString } {
  const ticker = row(body);
  return { bid: amount(ticker, 'bidPrice'), ask: amount(ticker, 'askPrice') };
}

/** An order as a query tells it; `statusOf` reads the states of the market it is in. */
export function readOrder(order: Row, symbol: string, statusOf: (status: string) => VenueOrderStatus = readStatus): VenueOrder {
  return {
    clientOrderId: text(order, 'clientOrderId'),
    venueOrderId: text(order, 'orderId'),
    symbol,
    side: readSide(order, 'side'),
    status: statusOf(text(order, 'status')),
    price: orElse(amount(order, 'price'), null),
    size: amount(order, 'origQty'),
    filledSize: amount(order, 'executedQty'),
    updatedAt: whole(order, 'updateTime'),
  };
}

export function readSide(from: Row, field: string): 'buy' | 'sell' {
  const side = text(from, field);
  if (side !== 'BUY' && side !== 'SELL') throw new UnreadableAnswer(`unknown side ${side}`);
  return side === 'BUY' ? 'buy' : 'sell';
}

export function readBalances(body: unknown): readonly Balance[] {
  return rows(row(body)['balances'])
    .map((balance) => ({ asset: text(balance, 'asset'), free: amount(balance, 'free'), locked: amount(balance, 'locked') }))
    .filter(({ free, locked }) => free !== '0' || locked !== '0');
}

/** The key's own rights, and whether the account may trade at all. */
export function readKey(bodies: readonly unknown[]): KeyReport {
  const restrictions = row(bodies[0]);
  const account = row(bodies[1]);
  return {
    canTrade: flag(restrictions, 'enableSpotAndMarginTrading') && flag(account, 'canTrade'),
    canWithdraw: flag(restrictions, 'enableWithdrawals'),
    isIpRestricted: flag(restrictions, 'ipRestrict'),
    canTradePerpetuals: flag(restrictions, 'enableFutures'),
  };
}
