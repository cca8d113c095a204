/**
 * MEXC's rows in our words: instruments, orders, executions, balances and the rights of a key, exact.
 */
import type { Instrument } from '#core/instrument.ts';
import { Decimal, type DecimalString, plain } from '#core/money.ts';
import type { Balance, KeyReport, VenueFill, VenueOrder, VenueOrderStatus } from '#core/venue-ports.ts';
import { amount, flag, type Row, row, rows, text, UnreadableAnswer, whole } from './_fields.ts';
import { codeOf, NO_PERMISSION } from './_mexc-codes.ts';

/** More decimals than this are no precision but an error. */
const MOST_PLACES = 18;

const STATUSES: Readonly<Record<string, VenueOrderStatus>> = {
  NEW: 'open',
  PARTIALLY_FILLED: 'open',
  FILLED: 'filled',
  CANCELED: 'cancelled',
  PARTIALLY_CANCELED: 'cancelled',
};
/** Orders that end by themselves: the venue calls that cancelled too. */
const PASSING_TYPES: ReadonlySet<string> = new Set(['IMMEDIATE_OR_CANCEL', 'FILL_OR_KILL', 'MARKET']);

export function readStatus(status: string, type: string): VenueOrderStatus {
  const known = STATUSES[status];
  if (known === undefined) throw new UnreadableAnswer(`unknown order status ${status}`);
  return known === 'cancelled' && PASSING_TYPES.has(type) ? 'expired' : known;
}

/** Spot instruments; one that cannot be read is left out, so that one oddity does not close the whole venue. */
export function readInstruments(body: unknown): readonly Instrument[] {
  return rows(row(body)['symbols']).flatMap((symbol) => {
    try {
      return [readInstrument(symbol)];
    } catch (error) {
      if (error instanceof UnreadableAnswer) return [];
      throw error;
    }
  });
}

/** `baseSizePrecision` and `quoteAmountPrecision` are the least size and value of an order, whatever their names say. */
function readInstrument(symbol: Row): Instrument {
  const [base, quote] = [text(symbol, 'baseAsset'), text(symbol, 'quoteAsset')];
  const [priceIncrement, sizeIncrement] = [increment(symbol, 'quoteAssetPrecision'), increment(symbol, 'baseAssetPrecision')];
  const minimums = ['quoteAmountPrecision', 'quoteAmountPrecisionMarket'].map((field) => (symbol[field] === undefined ? '0' : amount(symbol, field)));
  const isOpen = ['1', 'ENABLED'].includes(text(symbol, 'status')) && symbol['isSpotTradingAllowed'] !== false;
  // 2, 3 and 4: only buying, only selling, closed.
  const isTwoSided = symbol['tradeSideType'] === undefined || text(symbol, 'tradeSideType') === '1';
  return {
    venue: 'mexc',
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
    minSize: plain(Decimal.max(amount(symbol, 'baseSizePrecision'), sizeIncrement)),
    maxSize: null,
    minNotional: plain(Decimal.max(...minimums)),
    makerFeeRate: amount(symbol, 'makerCommission'),
    takerFeeRate: amount(symbol, 'takerCommission'),
    status: isOpen && isTwoSided ? 'trading' : 'halted',
  };
}

/** The smallest step of that many decimals. */
function increment(symbol: Row, field: string): DecimalString {
  const places = whole(symbol, field);
  if (places < 0 || places > MOST_PLACES) throw new UnreadableAnswer(`${field} is no number of decimals`);
  return plain(new Decimal(10).pow(-places));
}

export function readQuote(body: unknown): { readonly bid: DecimalString; readonly ask: DecimalString } {
  const ticker = row(body);
  return { bid: amount(ticker, 'bidPrice'), ask: amount(ticker, 'askPrice') };
}

/** An order as a query tells it. Orders without an id of their own go by the venue's. */
export function readOrder(order: Row, symbol: string): VenueOrder {
  const price = order['price'] === null ? '0' : amount(order, 'price');
  const type = text(order, 'type');
  return {
    clientOrderId: named(order, 'clientOrderId') ?? text(order, 'orderId'),
    venueOrderId: text(order, 'orderId'),
    symbol,
    side: readSide(order),
    status: readStatus(text(order, 'status'), type),
    price: price === '0' || type === 'MARKET' ? null : price,
    size: amount(order, 'origQty'),
    filledSize: amount(order, 'executedQty'),
    updatedAt: order['updateTime'] === null ? whole(order, 'time') : whole(order, 'updateTime'),
  };
}

function readSide(from: Row): 'buy' | 'sell' {
  const side = text(from, 'side');
  if (side !== 'BUY' && side !== 'SELL') throw new UnreadableAnswer(`unknown side ${side}`);
  return side === 'BUY' ? 'buy' : 'sell';
}

/** A text that may be missing. */
function named(from: Row, field: string): string | null {
  const value = from[field];
  return typeof value === 'string' && value !== '' ? value : null;
}

export function readFill(trade: Row, symbol: string): VenueFill {
  return {
    tradeId: text(trade, 'id'),
    venueOrderId: text(trade, 'orderId'),
    clientOrderId: named(trade, 'clientOrderId'),
    symbol,
    side: flag(trade, 'isBuyer') ? 'buy' : 'sell',
    price: amount(trade, 'price'),
    size: amount(trade, 'qty'),
    feeAsset: text(trade, 'commissionAsset'),
    feeAmount: amount(trade, 'commission'),
    isMaker: flag(trade, 'isMaker'),
    at: wholeSecond(whole(trade, 'time')),
  };
}

/**
 * Lists carry whole seconds, streams milliseconds; we tell whole seconds everywhere, so that the same execution is the
 * same fill, and looking from its time on finds it again.
 */
export function wholeSecond(at: number): number {
  return Math.floor(at / 1000) * 1000;
}

export function readBalances(body: unknown): readonly Balance[] {
  return rows(row(body)['balances'])
    .map((balance) => ({ asset: text(balance, 'asset'), free: amount(balance, 'free'), locked: amount(balance, 'locked') }))
    .filter(({ free, locked }) => free !== '0' || locked !== '0');
}

/**
 * The rights of a key, from what it is let do: the venue lists them nowhere, and what the account's answer says of them
 * is about the account. A key that may look at withdrawals counts as one that may withdraw.
 */
export function readKey(bodies: readonly unknown[]): KeyReport {
  const [account, testedOrder, withdrawals] = bodies;
  return { canTrade: flag(row(account), 'canTrade') && !isForbidden(testedOrder), canWithdraw: !isForbidden(withdrawals), isIpRestricted: null };
}

function isForbidden(body: unknown): boolean {
  return typeof body === 'object' && body !== null && codeOf(body) === NO_PERMISSION;
}
