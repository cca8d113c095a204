/** Bitget's rows of perpetuals in our words: contracts, orders, executions, positions, funding and the wallet, exact. */
import { PortError } from '#core/errors.ts';
import { type Instrument, settleOf } from '#core/instrument.ts';
import { Decimal, type DecimalString, decimal, plain } from '#core/money.ts';
import type { FundingPayment, FundingRate, MarginMode, VenuePosition } from '#core/perpetual-ports.ts';
import type { Balance, VenueFill, VenueOrder } from '#core/venue-ports.ts';
import { dataOf, feeOf, isGiven, readPushedFill, readSide, readStatus } from './_bitget-rows.ts';
import { newsOf } from './_bitget-streams.ts';
import type { StreamNews } from './_dialect.ts';
import { amount, type Row, row, rows, text, UnreadableAnswer, whole } from './_fields.ts';
import type { HeldTerms } from './_perpetual-dialect.ts';

const HOUR_MS = 3_600_000;
const ONE_WAY = 'one_way_mode';

export const MARGIN_MODES: Readonly<Record<MarginMode, string>> = { cross: 'crossed', isolated: 'isolated' };

/** Executions by which the venue itself closes positions: for want of margin, in part or wholly, or to make up for another's. */
const LIQUIDATIONS = /^(?:reduce|burst|offset|dte_sys_adl)_/;

/** `BTC/USDT:USDT` is `BTCUSDT`, as its spot instrument is in the other market. */
export function marketId(symbol: string): string {
  return symbol.replace('/', '').replace(/:.*$/, '');
}

/** Perpetuals margined in USDT; one that cannot be read is left out, so that one oddity does not close the whole venue. */
export function readContracts(body: unknown): readonly Instrument[] {
  const listed = rows(dataOf(body)).filter((each) => each['symbolType'] === 'perpetual' && each['quoteCoin'] === 'USDT');
  const instruments: Instrument[] = [];
  for (const contract of listed) {
    try {
      instruments.push(readContract(contract));
    } catch (error) {
      if (!(error instanceof UnreadableAnswer)) throw error;
    }
  }
  if (listed.length > 0 && instruments.length === 0) throw new UnreadableAnswer('no contract can be read');
  return instruments;
}

function readContract(contract: Row): Instrument {
  const [base, quote] = [text(contract, 'baseCoin'), text(contract, 'quoteCoin')];
  const symbol = `${base}/${quote}:${quote}`;
  if (marketId(symbol) !== text(contract, 'symbol')) throw new UnreadableAnswer('the name of a contract is not that of its coins');
  // The last digit of a price moves in steps of this.
  const priceIncrement = plain(decimal(amount(contract, 'priceEndStep')).times(decimal('10').pow(-whole(contract, 'pricePlace'))));
  const most = isGiven(contract, 'maxOrderQty') ? amount(contract, 'maxOrderQty') : '0';
  return {
    venue: 'bitget',
    symbol,
    base,
    quote,
    kind: 'perpetual',
    settle: quote,
    perpetual: {
      contractSize: '1',
      fundingIntervalMs: Math.round(Number(amount(contract, 'fundInterval')) * HOUR_MS),
      maxLeverage: Number(amount(contract, 'maxLever')),
      // It differs by tiers that are asked for by instrument.
      maintenanceMarginRate: null,
    },
    priceIncrement,
    sizeIncrement: amount(contract, 'sizeMultiplier'),
    minPrice: priceIncrement,
    maxPrice: null,
    minSize: amount(contract, 'minTradeNum'),
    maxSize: most === '0' ? null : most,
    minNotional: isGiven(contract, 'minTradeUSDT') ? amount(contract, 'minTradeUSDT') : '0',
    makerFeeRate: amount(contract, 'makerFeeRate'),
    takerFeeRate: amount(contract, 'takerFeeRate'),
    status: text(contract, 'symbolStatus') === 'normal' ? 'trading' : 'halted',
  };
}

/** An order as its detail, a list or the stream tells it; what one calls `state`, the others call `status`. */
export function readOrder(order: Row, symbol: string, statusField: 'state' | 'status', filledField = 'baseVolume'): VenueOrder {
  const id = isGiven(order, 'symbol') ? 'symbol' : 'instId';
  if (text(order, id).toUpperCase() !== marketId(symbol).toUpperCase()) throw new UnreadableAnswer('the order is of another instrument');
  const price = isGiven(order, 'price') ? amount(order, 'price') : '0';
  return {
    clientOrderId: text(order, 'clientOid'),
    venueOrderId: text(order, 'orderId'),
    symbol,
    side: readSide(order),
    status: readStatus(text(order, statusField)),
    price: text(order, 'orderType') === 'market' || price === '0' ? null : price,
    size: amount(order, 'size'),
    filledSize: isGiven(order, filledField) ? amount(order, filledField) : '0',
    updatedAt: whole(order, isGiven(order, 'uTime') ? 'uTime' : 'cTime'),
  };
}

/** What a row of the stream tells: `baseVolume` is the last execution there, and `accBaseVolume` all of them. */
export function perpetualNews(told: Row, symbol: string): readonly StreamNews[] {
  const order = readOrder(told, symbol, 'status', 'accBaseVolume');
  const fill = readPushedFill(told, order);
  return newsOf(order, fill === null ? null : { ...fill, ...ofLiquidation(told) });
}

function ofLiquidation(told: Row): Pick<VenueFill, 'isLiquidation'> {
  return LIQUIDATIONS.test(String(told['tradeSide'])) ? { isLiquidation: true } : {};
}

/** An execution as the list of them tells it. */
export function readFill(fill: Row, symbol: string): VenueFill {
  const details: unknown = fill['feeDetail'];
  const fee = row(Array.isArray(details) ? (details[0] ?? {}) : details);
  return {
    tradeId: text(fill, 'tradeId'),
    venueOrderId: text(fill, 'orderId'),
    clientOrderId: null,
    symbol,
    side: readSide(fill),
    price: amount(fill, 'price'),
    size: amount(fill, 'baseVolume'),
    feeAsset: isGiven(fee, 'feeCoin') ? text(fee, 'feeCoin') : settleOf(symbol),
    feeAmount: feeOf(fee, 'totalFee'),
    isMaker: text(fill, 'tradeScope') === 'maker',
    at: whole(fill, 'cTime'),
    ...ofLiquidation(fill),
  };
}

function hedged(): PortError {
  const message =
    'The Bitget futures account keeps longs and shorts apart (hedge mode); close its positions, cancel its orders and set the position mode to one-way at Bitget';
  return new PortError('account_mode_unsupported', message, { outcome: 'failed' });
}

export function checkAccountMode(body: unknown): void {
  if (row(dataOf(body))['posMode'] !== ONE_WAY) throw hedged();
}

/** Nothing for a flat one, and for one in a contract that we do not trade. */
export function readPosition(held: Row, symbol: string | null): readonly VenuePosition[] {
  const total = amount(held, 'total');
  if (symbol === null || total === '0') return [];
  if (held['posMode'] !== ONE_WAY) throw hedged();
  const side = text(held, 'holdSide');
  if (side !== 'long' && side !== 'short') throw new UnreadableAnswer(`unknown side of a position ${side}`);
  return [
    {
      symbol,
      size: side === 'long' ? total : plain(decimal(total).neg()),
      entryPrice: amount(held, 'openPriceAvg'),
      markPrice: amount(held, 'markPrice'),
      liquidationPrice: isGiven(held, 'liquidationPrice') ? aPrice(amount(held, 'liquidationPrice')) : null,
      unrealisedProfit: amount(held, 'unrealizedPL'),
      leverage: Number(amount(held, 'leverage')),
      marginMode: marginMode(held),
    },
  ];
}

/** What cannot be liquidated has a price of nothing, or less. */
function aPrice(told: DecimalString): DecimalString | null {
  return decimal(told).gt(0) ? told : null;
}

function marginMode(from: Row): MarginMode {
  const mode = text(from, 'marginMode');
  if (mode !== 'crossed' && mode !== 'isolated') throw new UnreadableAnswer(`unknown margin mode ${mode}`);
  return mode === 'crossed' ? 'cross' : 'isolated';
}

/** Isolated positions have a leverage for each direction; where these differ, none is that of the symbol. */
export function readTerms(body: unknown): HeldTerms {
  const account = row(dataOf(body));
  if (account['posMode'] !== ONE_WAY) throw hedged();
  const mode = marginMode(account);
  if (mode === 'cross') return { marginMode: mode, leverage: whole(account, 'crossedMarginLeverage') };
  const [long, short] = [whole(account, 'isolatedLongLever'), whole(account, 'isolatedShortLever')];
  return { marginMode: mode, leverage: long === short ? long : 0 };
}

export function readPayment(bill: Row, symbol: string): FundingPayment {
  return {
    paymentId: text(bill, 'billId'),
    symbol,
    asset: text(bill, 'coin').toUpperCase(),
    amount: amount(bill, 'amount'),
    rate: null,
    at: whole(bill, 'cTime'),
  };
}

export function readFundingRate(rateBody: unknown, priceBody: unknown): Omit<FundingRate, 'symbol' | 'intervalMs'> {
  const [rate] = rows(dataOf(rateBody));
  const [prices] = rows(dataOf(priceBody));
  if (rate === undefined || prices === undefined) throw new UnreadableAnswer('there is no funding rate');
  return {
    rate: amount(rate, 'fundingRate'),
    nextAt: whole(rate, 'nextUpdate'),
    markPrice: amount(prices, 'markPrice'),
    indexPrice: amount(prices, 'indexPrice'),
  };
}

/** The wallet is the equity without what positions would gain or lose; what new orders may use of it is free. */
export function readBalances(body: unknown): readonly Balance[] {
  return rows(dataOf(body)).flatMap((account) => {
    const wallet = decimal(amount(account, 'accountEquity')).minus(isGiven(account, 'unrealizedPL') ? amount(account, 'unrealizedPL') : '0');
    const free = Decimal.max(0, Decimal.min(wallet, amount(account, 'crossedMaxAvailable')));
    const told = { asset: text(account, 'marginCoin').toUpperCase(), free: plain(free), locked: plain(Decimal.max(0, wallet.minus(free))) };
    return told.free === '0' && told.locked === '0' ? [] : [told];
  });
}
