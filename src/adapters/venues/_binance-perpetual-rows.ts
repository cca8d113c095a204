/** Rows of Binance's futures API in our words: instruments, orders, conditional orders, executions, positions and funding, exact. */
import { PortError } from '#core/errors.ts';
import type { Instrument } from '#core/instrument.ts';
import { type DecimalString, decimal, plain } from '#core/money.ts';
import type { FundingPayment, FundingRate, VenuePosition } from '#core/perpetual-ports.ts';
import type { Balance, VenueFill, VenueOrder, VenueOrderStatus } from '#core/venue-ports.ts';
import { orElse, readOrder as readOrderOf, readSide, readStatus } from './_binance-rows.ts';
import { amount, flag, type Row, row, rows, text, UnreadableAnswer, whole } from './_fields.ts';
import type { HeldTerms } from './_perpetual-dialect.ts';

/** What everybody pays who has no discount; the list of instruments carries no rates. */
const STANDARD_FEES = { makerFeeRate: '0.0002', takerFeeRate: '0.0005' } as const;
const DEFAULT_INTERVAL_MS = 8 * 3_600_000;
const HOUR_MS = 3_600_000;
/** The highest that any symbol has; how much a symbol allows is told to nobody without a key, and refused where it is too much. */
const HIGHEST_LEVERAGE = 125;
/** Names that the venue gives to its own orders which close positions: liquidation, deleveraging, the end of a contract. */
const OWN_ORDERS = /^(autoclose-|adl_autoclose|settlement_autoclose-)/;

/** Linear perpetuals margined in USDT, out of a list that has other contracts too; `intervals` names those that are not settled every eight hours. */
export function readInstruments(body: unknown, intervals: unknown): readonly Instrument[] {
  const hours = new Map(rows(intervals).map((listed) => [text(listed, 'symbol'), whole(listed, 'fundingIntervalHours')]));
  return rows(row(body)['symbols'])
    .filter((listed) => listed['contractType'] === 'PERPETUAL' && listed['marginAsset'] === 'USDT' && listed['quoteAsset'] === 'USDT')
    .flatMap((listed) => readInstrument(listed, hours.get(text(listed, 'symbol'))) ?? []);
}

function readInstrument(listed: Row, hours: number | undefined): Instrument | null {
  const filters = new Map(rows(listed['filters']).map((filter) => [text(filter, 'filterType'), filter]));
  const [price, size, notional] = [filters.get('PRICE_FILTER'), filters.get('LOT_SIZE'), filters.get('MIN_NOTIONAL')];
  if (price === undefined || size === undefined) return null;
  const [base, quote] = [text(listed, 'baseAsset'), text(listed, 'quoteAsset')];
  const [priceIncrement, sizeIncrement] = [amount(price, 'tickSize'), amount(size, 'stepSize')];
  if (priceIncrement === '0' || sizeIncrement === '0') return null;
  return {
    venue: 'binance',
    symbol: `${base}/${quote}:${quote}`,
    base,
    quote,
    kind: 'perpetual',
    settle: quote,
    perpetual: {
      contractSize: '1',
      fundingIntervalMs: hours === undefined ? DEFAULT_INTERVAL_MS : hours * HOUR_MS,
      maxLeverage: HIGHEST_LEVERAGE,
      maintenanceMarginRate: null,
    },
    priceIncrement,
    sizeIncrement,
    minPrice: orElse(amount(price, 'minPrice'), priceIncrement),
    maxPrice: orElse(amount(price, 'maxPrice'), null),
    minSize: orElse(amount(size, 'minQty'), sizeIncrement),
    maxSize: orElse(amount(size, 'maxQty'), null),
    minNotional: notional === undefined ? '0' : amount(notional, 'notional'),
    ...STANDARD_FEES,
    status: text(listed, 'status') === 'TRADING' ? 'trading' : 'halted',
  };
}

/** An order in the book; `clientOrderId` is its own in every answer here, also in that to a cancel. */
export function readOrder(order: Row, symbol: string): VenueOrder {
  return readOrderOf(order, symbol, statusOf);
}

/** Orders of the venue's own, which close positions, have states of their own. */
export function statusOf(status: string): VenueOrderStatus {
  return status === 'NEW_INSURANCE' || status === 'NEW_ADL' ? 'open' : readStatus(status);
}

export function isOwnOrder(clientOrderId: string): boolean {
  return OWN_ORDERS.test(clientOrderId);
}

/** The id of the order that a conditional one has become, or `null` while it is one. */
export function becomeOf(conditional: Row): string | null {
  const id = conditional['actualOrderId'];
  return id === undefined || id === null || id === '' || id === '0' || id === 0 ? null : text(conditional, 'actualOrderId');
}

/** A conditional order that is still one, or never became another. */
export function readConditional(conditional: Row, symbol: string): VenueOrder {
  return {
    clientOrderId: text(conditional, 'clientAlgoId'),
    venueOrderId: text(conditional, 'algoId'),
    symbol,
    side: readSide(conditional, 'side'),
    status: conditionalStatus(text(conditional, 'algoStatus')),
    price: orElse(amount(conditional, 'price'), null),
    size: amount(conditional, 'quantity'),
    filledSize: '0',
    updatedAt: whole(conditional, 'updateTime'),
  };
}

export function conditionalStatus(status: string): VenueOrderStatus {
  switch (status) {
    case 'NEW':
    case 'TRIGGERING':
      return 'open';
    case 'CANCELED':
      return 'cancelled';
    case 'EXPIRED':
      return 'expired';
    case 'REJECTED':
      return 'rejected';
    default:
      throw new UnreadableAnswer(`a conditional order that is ${status} without the order that it became`);
  }
}

/** An execution as the list tells it; `clientOrderId` comes from its order. */
export function readFill(trade: Row, symbol: string, clientOrderId: string | null): VenueFill {
  return {
    tradeId: text(trade, 'id'),
    venueOrderId: text(trade, 'orderId'),
    clientOrderId,
    symbol,
    side: readSide(trade, 'side'),
    price: amount(trade, 'price'),
    size: amount(trade, 'qty'),
    feeAsset: text(trade, 'commissionAsset'),
    feeAmount: amount(trade, 'commission'),
    isMaker: flag(trade, 'maker'),
    at: whole(trade, 'time'),
    ...(clientOrderId !== null && isOwnOrder(clientOrderId) ? { isLiquidation: true } : {}),
  };
}

/** What is available counts gains that are not taken, which are not the wallet's. */
export function readBalances(body: unknown): readonly Balance[] {
  return rows(body)
    .map((held) => {
      const wallet = decimal(amount(held, 'balance'));
      const available = decimal(amount(held, 'availableBalance'));
      const free = available.gt(wallet) ? wallet : available.lt(0) ? decimal('0') : available;
      return { asset: text(held, 'asset'), free: plain(free), locked: plain(wallet.minus(free)) };
    })
    .filter(({ free, locked }) => free !== '0' || locked !== '0');
}

export function readFundingRate(body: unknown): Omit<FundingRate, 'symbol' | 'intervalMs'> {
  const told = row(body);
  return {
    rate: amount(told, 'lastFundingRate'),
    nextAt: whole(told, 'nextFundingTime'),
    markPrice: amount(told, 'markPrice'),
    indexPrice: amount(told, 'indexPrice'),
  };
}

/** Throws PortError `account_mode_unsupported` for an account in a mode in which orders would mean something else. */
export function checkAccountMode(body: unknown): void {
  const config = row(body);
  if (flag(config, 'dualSidePosition')) throw hedged();
  if (config['multiAssetsMargin'] === true)
    throw unsupported('The Binance futures account margins all of its assets together; switch it to single-asset mode in the futures preferences');
}

function hedged(): PortError {
  return unsupported(
    'The Binance futures account holds longs and shorts apart (hedge mode); switch its position mode to one-way in the futures preferences, while no position or order is open',
  );
}

function unsupported(message: string): PortError {
  return new PortError('account_mode_unsupported', message, { outcome: 'failed' });
}

/** A row of `symbolConfig`. */
export function readTerms(config: Row): HeldTerms {
  const type = text(config, 'marginType').toUpperCase();
  if (type !== 'ISOLATED' && type !== 'CROSSED') throw new UnreadableAnswer(`unknown margin type ${type}`);
  return { leverage: whole(config, 'leverage'), marginMode: type === 'ISOLATED' ? 'isolated' : 'cross' };
}

/** The position that a row tells of, or `null` for a flat one. */
export function readPosition(told: Row, symbol: string, { leverage, marginMode }: HeldTerms): VenuePosition | null {
  const size = amount(told, 'positionAmt');
  if (size === '0') return null;
  if (told['positionSide'] !== 'BOTH') throw hedged();
  const liquidation: DecimalString = amount(told, 'liquidationPrice');
  return {
    symbol,
    size,
    entryPrice: amount(told, 'entryPrice'),
    markPrice: amount(told, 'markPrice'),
    liquidationPrice: liquidation === '0' ? null : liquidation,
    unrealisedProfit: amount(told, 'unRealizedProfit'),
    leverage,
    marginMode,
  };
}

/** A row of the list of incomes; its rate is not told. */
export function readPayment(income: Row, symbol: string): FundingPayment {
  return { paymentId: text(income, 'tranId'), symbol, asset: text(income, 'asset'), amount: amount(income, 'income'), rate: null, at: whole(income, 'time') };
}
