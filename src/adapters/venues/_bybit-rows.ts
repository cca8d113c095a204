/**
 * Bybit's rows in our words: spot instruments, and the orders, executions, balances and rights of a key of all categories, exact.
 */
import { parseClientOrderId } from '#core/client-order-id.ts';
import { type Instrument, isPerpetualSymbol, settleOf } from '#core/instrument.ts';
import { type DecimalString, decimal, plain } from '#core/money.ts';
import type { Balance, KeyReport, VenueFill, VenueOrder, VenueOrderStatus } from '#core/venue-ports.ts';
import { amount, flag, type Row, row, rows, text, UnreadableAnswer, whole } from './_fields.ts';

/** The rate everybody pays who has no discount; the list of instruments carries none. */
const STANDARD_FEE_RATE = '0.001';

const STATUSES: Readonly<Record<string, VenueOrderStatus>> = {
  Created: 'open',
  New: 'open',
  PartiallyFilled: 'open',
  Untriggered: 'open',
  Triggered: 'open',
  Filled: 'filled',
  Cancelled: 'cancelled',
  PartiallyFilledCanceled: 'cancelled',
  Deactivated: 'cancelled',
  Rejected: 'rejected',
};

/** Reasons of the venue to end what is left of an order by the order's own terms: immediate or cancel, fill or kill, market. */
const ENDED_BY_TERMS: ReadonlySet<string> = new Set([
  'EC_NoImmediateQtyToFill',
  'EC_CancelForNoFullFill',
  'EC_NoEnoughQtyToFill',
  // The price that protects a market order is reached, or it has traded with too many others.
  'EC_ReachRiskPriceLimit',
  'EC_ReachMarketPriceLimit',
  'EC_ReachMaxTradeNum',
]);

/** The list inside the envelope of an answer. */
export function listOf(body: unknown): readonly Row[] {
  return rows(row(row(body)['result'])['list']);
}

/** Spot instruments; one whose rules cannot be read is left out, so that one oddity does not close the whole venue. */
export function readInstruments(body: unknown): readonly Instrument[] {
  return listOf(body).flatMap((listed) => readInstrument(listed) ?? []);
}

function readInstrument(listed: Row): Instrument | null {
  try {
    const [price, size] = [row(listed['priceFilter']), row(listed['lotSizeFilter'])];
    const [base, quote] = [text(listed, 'baseCoin'), text(listed, 'quoteCoin')];
    const [priceIncrement, sizeIncrement] = [amount(price, 'tickSize'), amount(size, 'basePrecision')];
    if (priceIncrement === '0' || sizeIncrement === '0') return null;
    const minSize = amountOrZero(size, 'minOrderQty');
    // The maximum of a limit order; the older field speaks for both kinds.
    const maxSize = amountOrZero(size, size['maxLimitOrderQty'] === undefined ? 'maxOrderQty' : 'maxLimitOrderQty');
    return {
      venue: 'bybit',
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
      minSize: minSize === '0' ? sizeIncrement : minSize,
      maxSize: maxSize === '0' ? null : maxSize,
      minNotional: amountOrZero(size, 'minOrderAmt'),
      makerFeeRate: STANDARD_FEE_RATE,
      takerFeeRate: STANDARD_FEE_RATE,
      status: text(listed, 'status') === 'Trading' ? 'trading' : 'halted',
    };
  } catch (error) {
    if (error instanceof UnreadableAnswer) return null;
    throw error;
  }
}

export function readQuote(body: unknown): { readonly bid: DecimalString; readonly ask: DecimalString } {
  const ticker = listOf(body)[0];
  if (ticker === undefined) throw new UnreadableAnswer('no ticker');
  return { bid: amountOrZero(ticker, 'bid1Price'), ask: amountOrZero(ticker, 'ask1Price') };
}

/** An order, as the lists and the stream tell it alike. */
export function readOrder(order: Row, symbol: string): VenueOrder {
  const isMarket = text(order, 'orderType') === 'Market';
  const filledSize = amountOrZero(order, 'cumExecQty');
  return {
    clientOrderId: text(order, 'orderLinkId'),
    venueOrderId: text(order, 'orderId'),
    symbol,
    side: readSide(order),
    status: readStatus(order),
    // The price of a market order is the venue's own protection, not what was asked for.
    price: isMarket ? null : amount(order, 'price'),
    // A market order bought for an amount of money, as people do by hand, has no size but what it has bought.
    size: isMarket && isQuoteAmount(order) ? filledSize : amount(order, 'qty'),
    filledSize,
    updatedAt: whole(order, 'updatedTime'),
  };
}

export function readStatus(order: Row): VenueOrderStatus {
  const status = text(order, 'orderStatus');
  const known = STATUSES[status];
  if (known === undefined) throw new UnreadableAnswer(`unknown order status ${status}`);
  if (known !== 'cancelled') return known;
  const reason = order['rejectReason'];
  return typeof reason === 'string' && ENDED_BY_TERMS.has(reason) ? 'expired' : 'cancelled';
}

/** Not every row names the unit: without it a market buy is for money, but ours are always for a size. */
function isQuoteAmount(order: Row): boolean {
  const unit = order['marketUnit'];
  if (unit === 'quoteCoin' || unit === 'baseCoin') return unit === 'quoteCoin';
  return readSide(order) === 'buy' && parseClientOrderId(text(order, 'orderLinkId')) === null;
}

export function readSide(from: Row): 'buy' | 'sell' {
  const side = text(from, 'side');
  if (side !== 'Buy' && side !== 'Sell') throw new UnreadableAnswer(`unknown side ${side}`);
  return side === 'Buy' ? 'buy' : 'sell';
}

/** Whether an execution is a trade of ours, and not something the venue books in the same list. */
export function isTrade(execution: Row): boolean {
  return execution['execType'] === 'Trade' || isForced(execution);
}

/** The venue has closed a position out of margin, or against one that was. */
function isForced(execution: Row): boolean {
  return execution['execType'] === 'BustTrade' || execution['execType'] === 'AdlTrade';
}

/** One execution; a positive fee was charged, a negative one was paid to us. */
export function readFill(execution: Row, symbol: string): VenueFill {
  const clientOrderId = text(execution, 'orderLinkId');
  const feeAmount = amountOrZero(execution, 'execFee');
  const side = readSide(execution);
  return {
    tradeId: text(execution, 'execId'),
    venueOrderId: text(execution, 'orderId'),
    clientOrderId: clientOrderId === '' ? null : clientOrderId,
    symbol,
    side,
    price: amount(execution, 'execPrice'),
    size: amount(execution, 'execQty'),
    feeAsset:
      named(execution['feeCurrency']) ??
      named(execution['feeCoin']) ??
      (isPerpetualSymbol(symbol) ? settleOf(symbol) : feeAssetBySide(symbol, side, feeAmount)),
    feeAmount,
    isMaker: flag(execution, 'isMaker'),
    at: whole(execution, 'execTime'),
    ...(isForced(execution) ? { isLiquidation: true } : {}),
  };
}

/**
 * The coin of a fee that names none: what the trade brings, or for a rebate what it costs.
 * @see https://bybit-exchange.github.io/docs/v5/enum#spot-fee-currency-instruction
 */
function feeAssetBySide(symbol: string, side: 'buy' | 'sell', feeAmount: DecimalString): string {
  const [base = '', quote = ''] = symbol.split('/');
  return (side === 'buy') !== feeAmount.startsWith('-') ? base : quote;
}

function named(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** Coins of the unified account. What open spot orders and derivatives hold is not free. */
export function readBalances(body: unknown): readonly Balance[] {
  return listOf(body)
    .flatMap((account) => rows(account['coin']))
    .map((coin) => {
      const held = decimal(amountOrZero(coin, 'walletBalance'));
      const locked = ['locked', 'totalOrderIM', 'totalPositionIM'].reduce((sum, field) => sum.plus(amountOrZero(coin, field)), decimal('0'));
      const free = held.minus(locked);
      return { asset: text(coin, 'coin'), free: free.lt(0) ? '0' : plain(free), locked: plain(locked) };
    })
    .filter(({ free, locked }) => free !== '0' || locked !== '0');
}

/** The key's own rights; only a unified account can be traded from here. */
export function readKey(bodies: readonly unknown[]): KeyReport {
  const key = row(row(bodies[0])['result']);
  const permissions = row(key['permissions']);
  const has = (group: string, right: string): boolean => {
    const rights = permissions[group];
    return Array.isArray(rights) && rights.includes(right);
  };
  const addresses = key['ips'];
  return {
    canTrade: whole(key, 'readOnly') === 0 && whole(key, 'uta') === 1 && has('Spot', 'SpotTrade'),
    canWithdraw: has('Wallet', 'Withdraw'),
    canTradePerpetuals: whole(key, 'readOnly') === 0 && has('ContractTrade', 'Order') && has('ContractTrade', 'Position'),
    isIpRestricted: Array.isArray(addresses) && addresses.length > 0 && !addresses.includes('*'),
  };
}

/** Bybit writes an empty text where there is nothing. */
export function amountOrZero(from: Row, field: string): DecimalString {
  const value = from[field];
  return value === undefined || value === '' ? '0' : amount(from, field);
}
