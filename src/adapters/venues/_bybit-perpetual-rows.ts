/** Bybit's rows of linear perpetuals in our words: instruments, positions, leverage, margin mode and funding, exact. */
import { PortError } from '#core/errors.ts';
import type { Instrument } from '#core/instrument.ts';
import { decimal, plain } from '#core/money.ts';
import type { FundingPayment, FundingRate, MarginMode, VenuePosition } from '#core/perpetual-ports.ts';
import { amountOrZero, listOf } from './_bybit-rows.ts';
import { amount, type Row, row, text, UnreadableAnswer, whole } from './_fields.ts';

/** What everybody pays who has no discount; the list of instruments carries no rates. */
const STANDARD_FEES = { makerFeeRate: '0.0002', takerFeeRate: '0.00055' } as const;
const MINUTE_MS = 60_000;

/** A linear perpetual margined in USDT, or `null` for the other contracts of the list and for one whose rules cannot be read. */
export function readInstrument(listed: Row): Instrument | null {
  if (listed['contractType'] !== 'LinearPerpetual' || listed['settleCoin'] !== 'USDT' || listed['quoteCoin'] !== 'USDT') return null;
  try {
    const [price, size, leverage] = [row(listed['priceFilter']), row(listed['lotSizeFilter']), row(listed['leverageFilter'])];
    const [base, quote] = [text(listed, 'baseCoin'), text(listed, 'quoteCoin')];
    const [priceIncrement, sizeIncrement] = [amount(price, 'tickSize'), amount(size, 'qtyStep')];
    if (priceIncrement === '0' || sizeIncrement === '0') return null;
    return {
      venue: 'bybit',
      symbol: `${base}/${quote}:${quote}`,
      base,
      quote,
      kind: 'perpetual',
      settle: quote,
      perpetual: {
        contractSize: '1',
        fundingIntervalMs: whole(listed, 'fundingInterval') * MINUTE_MS,
        maxLeverage: Number(amount(leverage, 'maxLeverage')),
        maintenanceMarginRate: null,
      },
      priceIncrement,
      sizeIncrement,
      minPrice: amount(price, 'minPrice'),
      maxPrice: amount(price, 'maxPrice'),
      minSize: amount(size, 'minOrderQty'),
      maxSize: amount(size, 'maxOrderQty'),
      minNotional: amountOrZero(size, 'minNotionalValue'),
      ...STANDARD_FEES,
      status: text(listed, 'status') === 'Trading' ? 'trading' : 'halted',
    };
  } catch (error) {
    if (error instanceof UnreadableAnswer) return null;
    throw error;
  }
}

export function readFundingRate(body: unknown): Omit<FundingRate, 'symbol' | 'intervalMs'> {
  const [ticker] = listOf(body);
  if (ticker === undefined) throw new UnreadableAnswer('no ticker');
  return {
    rate: amount(ticker, 'fundingRate'),
    nextAt: whole(ticker, 'nextFundingTime'),
    markPrice: amount(ticker, 'markPrice'),
    indexPrice: amount(ticker, 'indexPrice'),
  };
}

/** The one margin mode of all positions of a unified account. */
export function readMarginMode(body: unknown): MarginMode {
  const mode = text(row(row(body)['result']), 'marginMode');
  if (mode === 'ISOLATED_MARGIN') return 'isolated';
  if (mode === 'REGULAR_MARGIN') return 'cross';
  throw unsupported(`The Bybit account is in the margin mode ${mode}; set it to isolated or cross margin in the settings of the unified account`);
}

export function unsupported(message: string): PortError {
  return new PortError('account_mode_unsupported', message, { outcome: 'failed' });
}

/** Throws PortError `account_mode_unsupported` for a row of an account that holds longs and shorts apart. */
export function oneWay(position: Row): Row {
  if (whole(position, 'positionIdx') === 0) return position;
  throw unsupported(
    `The Bybit account holds longs and shorts of ${text(position, 'symbol')} apart (hedge mode); switch its position mode to one-way, while no position or order is open`,
  );
}

/** The position that a row tells of, or `null` for a flat one. */
export function readPosition(told: Row, symbol: string, marginMode: MarginMode): VenuePosition | null {
  const size = amountOrZero(told, 'size');
  if (size === '0') return null;
  const side = text(oneWay(told), 'side');
  if (side !== 'Buy' && side !== 'Sell') throw new UnreadableAnswer(`a position on the side ${side}`);
  const liquidation = amountOrZero(told, 'liqPrice');
  return {
    symbol,
    size: side === 'Buy' ? size : plain(decimal(size).negated()),
    entryPrice: amount(told, 'avgPrice'),
    markPrice: amount(told, 'markPrice'),
    liquidationPrice: liquidation === '0' ? null : liquidation,
    unrealisedProfit: amountOrZero(told, 'unrealisedPnl'),
    leverage: Number(amountOrZero(told, 'leverage')),
    marginMode,
  };
}

/** A row of the log of transactions, where what is received is positive; among executions it is the other way round. */
export function readPayment(settlement: Row, symbol: string): FundingPayment {
  const rate = amountOrZero(settlement, 'feeRate');
  return {
    paymentId: text(settlement, 'id'),
    symbol,
    asset: text(settlement, 'currency'),
    amount: amount(settlement, 'funding'),
    rate: settlement['feeRate'] === '' || settlement['feeRate'] === undefined ? null : rate,
    at: whole(settlement, 'transactionTime'),
  };
}
