/**
 * OKX's rows in our words: instruments, orders, stops, executions, balances and the rights of a key, exact. Everything is
 * text there, and what does not apply is an empty one.
 */

import type { FeeRates } from '#core/account-calls.ts';
import { PortError } from '#core/errors.ts';
import { type Instrument, isPerpetualSymbol, settleOf } from '#core/instrument.ts';
import { type DecimalString, decimal, plain } from '#core/money.ts';
import type { Balance, KeyReport, VenueFill, VenueOrder, VenueOrderStatus } from '#core/venue-ports.ts';
import { amount, type Row, row, rows, text, UnreadableAnswer, whole } from './_fields.ts';

/** The rates everybody pays who has no discount; the list of instruments carries none. */
const STANDARD_MAKER_RATE = '0.0008';
const STANDARD_TAKER_RATE = '0.001';

/** Why the venue ended an order: it was post-only and would have traded at once. */
const WOULD_TAKE = '31';
/** What is left of these when they have looked at the book ends by itself. */
const ENDING_AT_ONCE: ReadonlySet<string> = new Set(['ioc', 'fok', 'market', 'optimal_limit_ioc']);
/** A stop whose order goes to the market. */
export const AT_MARKET = '-1';

/** Executions by which the venue closes positions, wholly or in part, for want of margin or to make up for another's. */
const LIQUIDATING_FILLS: ReadonlySet<unknown> = new Set(['100', '101', '102', '103', '104', '105', '106', '107', '110', '111', '125', '126', '127', '128']);
const LIQUIDATING_ORDERS: ReadonlySet<unknown> = new Set(['full_liquidation', 'partial_liquidation', 'adl']);

/** The rows of an answer. */
export function dataOf(body: unknown): readonly Row[] {
  return rows(row(body)['data']);
}

/** The only row of an answer that has one. */
export function theRow(body: unknown): Row {
  const [first, ...others] = dataOf(body);
  if (first === undefined || others.length > 0) throw new UnreadableAnswer('expected one row');
  return first;
}

/** Spot instruments; one whose rules cannot be read (as before its listing) is left out, so that one oddity does not close the whole venue. */
export function readInstruments(body: unknown): readonly Instrument[] {
  const instruments: Instrument[] = [];
  for (const listed of dataOf(body)) {
    if (listed['instType'] !== 'SPOT') continue;
    if ([listed['tickSz'], listed['lotSz'], listed['minSz'], listed['baseCcy'], listed['quoteCcy']].includes('')) continue;
    instruments.push(readInstrument(listed));
  }
  return instruments;
}

function readInstrument(listed: Row): Instrument {
  const [base, quote] = [text(listed, 'baseCcy'), text(listed, 'quoteCcy')];
  const priceIncrement = amount(listed, 'tickSz');
  return {
    venue: 'okx',
    symbol: `${base}/${quote}`,
    base,
    quote,
    kind: 'spot',
    settle: quote,
    perpetual: null,
    priceIncrement,
    sizeIncrement: amount(listed, 'lotSz'),
    minPrice: priceIncrement,
    maxPrice: null,
    minSize: amount(listed, 'minSz'),
    maxSize: listed['maxLmtSz'] === '' || listed['maxLmtSz'] === undefined ? null : amount(listed, 'maxLmtSz'),
    // OKX knows a least size only.
    minNotional: '0',
    makerFeeRate: STANDARD_MAKER_RATE,
    takerFeeRate: STANDARD_TAKER_RATE,
    status: text(listed, 'state') === 'live' ? 'trading' : 'halted',
  };
}

export function readQuote(body: unknown): { readonly bid: DecimalString; readonly ask: DecimalString } {
  const ticker = theRow(body);
  return { bid: orZero(ticker, 'bidPx'), ask: orZero(ticker, 'askPx') };
}

function orZero(from: Row, field: string): DecimalString {
  return from[field] === '' ? '0' : amount(from, field);
}

export function readSide(from: Row): 'buy' | 'sell' {
  const side = text(from, 'side');
  if (side !== 'buy' && side !== 'sell') throw new UnreadableAnswer(`unknown side ${side}`);
  return side;
}

/** An order as a query tells it, and as the `orders` channel pushes it. */
export function readOrder(order: Row, symbol: string): VenueOrder {
  const venueOrderId = text(order, 'ordId');
  const filledSize = orZero(order, 'accFillSz');
  // A market order by quote amount, such as one placed by hand, has no size but what it filled.
  const isByAmount = order['tgtCcy'] === 'quote_ccy' && order['ordType'] === 'market';
  return {
    clientOrderId: ownIdOf(order) ?? venueOrderId,
    venueOrderId,
    symbol,
    side: readSide(order),
    status: statusOf(order),
    price: order['px'] === '' || order['px'] === undefined ? null : amount(order, 'px'),
    size: isByAmount ? filledSize : amount(order, 'sz'),
    filledSize,
    updatedAt: whole(order, 'uTime'),
  };
}

/** An order that a stop became carries the stop's id beside its own empty one. */
export function ownIdOf(order: Row): string | null {
  for (const field of ['clOrdId', 'algoClOrdId']) {
    const id = order[field];
    if (typeof id === 'string' && id !== '') return id;
  }
  return null;
}

function statusOf(order: Row): VenueOrderStatus {
  const state = text(order, 'state');
  if (state === 'live' || state === 'partially_filled') return 'open';
  if (state === 'filled') return 'filled';
  if (state !== 'canceled' && state !== 'mmp_canceled') throw new UnreadableAnswer(`unknown order state ${state}`);
  if (order['cancelSource'] === WOULD_TAKE) return 'rejected';
  // Its user can cancel such an order too, though there is hardly time to.
  return ENDING_AT_ONCE.has(text(order, 'ordType')) && order['cancelSource'] !== '1' ? 'expired' : 'cancelled';
}

/** The venue's id of the order that a stop has become, or `null` while it is one. */
export function becomeOf(stop: Row): string | null {
  if (stop['state'] !== 'effective') return null;
  const ids = stop['ordIdList'];
  if (Array.isArray(ids) && ids.length > 1) throw new UnreadableAnswer('a stop has become several orders');
  return text(stop, 'ordId');
}

/** A stop that is still one. */
export function readStop(stop: Row, symbol: string): VenueOrder {
  const state = text(stop, 'state');
  const price = amount(stop, 'slOrdPx');
  return {
    clientOrderId: ownIdOf({ clOrdId: stop['algoClOrdId'] }) ?? text(stop, 'algoId'),
    venueOrderId: text(stop, 'algoId'),
    symbol,
    side: readSide(stop),
    status: stopStatus(state),
    price: price === AT_MARKET ? null : price,
    size: amount(stop, 'sz'),
    filledSize: '0',
    updatedAt: whole(stop, 'uTime'),
  };
}

function stopStatus(state: string): VenueOrderStatus {
  if (state === 'live' || state === 'pause') return 'open';
  if (state === 'canceled') return 'cancelled';
  // It was triggered, and its order was refused.
  if (state === 'order_failed') return 'rejected';
  throw new UnreadableAnswer(`unknown state of a stop ${state}`);
}

/** An execution as the lists tell it; charged fees are negative there. */
export function readFill(fill: Row, symbol: string, clientOrderId: string | null): VenueFill {
  const side = readSide(fill);
  return {
    tradeId: text(fill, 'tradeId'),
    venueOrderId: text(fill, 'ordId'),
    clientOrderId,
    symbol,
    side,
    price: amount(fill, 'fillPx'),
    size: amount(fill, 'fillSz'),
    feeAsset: feeAssetOf(fill, 'feeCcy', side, symbol),
    feeAmount: charged(fill, 'fee'),
    isMaker: isMaker(fill),
    at: fill['fillTime'] === undefined || fill['fillTime'] === '' ? whole(fill, 'ts') : whole(fill, 'fillTime'),
    ...(LIQUIDATING_FILLS.has(fill['subType']) ? { isLiquidation: true } : {}),
  };
}

/** The execution that a pushed order row tells of, or `null` when it tells of none. */
export function readPushedFill(order: Row, symbol: string): VenueFill | null {
  const state = order['state'];
  if ((state !== 'partially_filled' && state !== 'filled') || order['tradeId'] === '' || order['tradeId'] === undefined) return null;
  const side = readSide(order);
  return {
    tradeId: text(order, 'tradeId'),
    venueOrderId: text(order, 'ordId'),
    clientOrderId: ownIdOf(order),
    symbol,
    side,
    price: amount(order, 'fillPx'),
    size: amount(order, 'fillSz'),
    feeAsset: feeAssetOf(order, 'fillFeeCcy', side, symbol),
    feeAmount: charged(order, 'fillFee'),
    isMaker: isMaker(order),
    at: whole(order, 'fillTime'),
    ...(LIQUIDATING_ORDERS.has(order['category']) ? { isLiquidation: true } : {}),
  };
}

function charged(from: Row, field: string): DecimalString {
  return plain(decimal(orZero(from, field)).neg());
}

/** Where nothing was charged the venue may name no coin; it would have been the one received. */
function feeAssetOf(from: Row, field: string, side: 'buy' | 'sell', symbol: string): string {
  const named = text(from, field);
  if (named !== '') return named;
  const [base = ''] = symbol.split('/');
  return side === 'buy' && !isPerpetualSymbol(symbol) ? base : settleOf(symbol);
}

function isMaker(from: Row): boolean {
  const kind = text(from, 'execType');
  if (kind !== 'M' && kind !== 'T') throw new UnreadableAnswer(`unknown kind of execution ${kind}`);
  return kind === 'M';
}

export function readBalances(body: unknown): readonly Balance[] {
  return rows(theRow(body)['details'])
    .map((balance) => ({ asset: text(balance, 'ccy'), free: orZero(balance, 'availBal'), locked: orZero(balance, 'frozenBal') }))
    .filter(({ free, locked }) => free !== '0' || locked !== '0');
}

/** Spot mode, which knows no positions. */
export const SPOT_MODE = '1';
/** Account modes in which spot is traded with what the account holds: spot mode and futures mode. In the others orders could borrow. */
const PLAIN_MODES: ReadonlySet<unknown> = new Set([SPOT_MODE, '2']);

/** One signed position an instrument. */
export const ONE_WAY = 'net_mode';

/** `perm` lists the key's rights, `ip` the addresses it is bound to. Throws for an account in a mode in which spot orders are margin orders. */
export function readKey(bodies: readonly unknown[]): KeyReport {
  const config = theRow(bodies[0]);
  if (!PLAIN_MODES.has(config['acctLv'])) {
    const message = 'The OKX account is in a margin mode of several currencies, where spot orders may borrow; set its account mode to spot or futures mode';
    throw new PortError('account_mode_unsupported', message, { outcome: 'failed' });
  }
  const rights = text(config, 'perm').split(',');
  const canTrade = rights.includes('trade');
  return {
    canTrade,
    canTradePerpetuals: canTrade && config['acctLv'] !== SPOT_MODE && config['posMode'] === ONE_WAY,
    canWithdraw: rights.includes('withdraw'),
    isIpRestricted: text(config, 'ip') !== '',
  };
}

/** What is paid is negative here, and pairs with USDC have rates of their own. */
export function readFeeRates(body: unknown, symbol: string): FeeRates {
  const told = theRow(body);
  const rate = (kind: 'maker' | 'taker'): DecimalString => {
    const special = `${kind}USDC`;
    const isSpecial = symbol.endsWith('/USDC') && typeof told[special] === 'string' && told[special] !== '';
    return plain(decimal(amount(told, isSpecial ? special : kind)).negated());
  };
  return { maker: rate('maker'), taker: rate('taker') };
}
