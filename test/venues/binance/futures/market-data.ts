/** Binance futures' public answers that spot has not, or has otherwise. */
import { decimal, plain } from '#core/money.ts';
import type { World } from '../../_world.ts';
import type { Limits } from '../limits.ts';
import { book, symbolOf } from '../market-data.ts';
import type { Parameters } from '../parameters.ts';
import { fixed, symbolId } from '../shapes.ts';
import { FUTURES_STEP } from '../streams.ts';

const HOUR_MS = 3_600_000;
const ORDER_TYPES = ['LIMIT', 'MARKET', 'STOP', 'STOP_MARKET', 'TAKE_PROFIT', 'TAKE_PROFIT_MARKET', 'TRAILING_STOP_MARKET'] as const;

export function exchangeInfo(world: World, limits: Limits): unknown {
  const { weightPerMinute, ordersPer10s } = limits.options;
  return {
    timezone: 'UTC',
    serverTime: world.now(),
    futuresType: 'U_MARGINED',
    rateLimits: [
      { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: weightPerMinute },
      { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: ordersPer10s },
    ],
    exchangeFilters: [],
    assets: [{ asset: 'USDT', marginAvailable: true, autoAssetExchange: '-10000' }],
    symbols: [...world.symbolsOf('perpetual').map((symbol) => symbolInfo(world, symbol)), ...OTHERS],
  };
}

function symbolInfo(world: World, symbol: string): Record<string, unknown> {
  const { instrument } = world.scale(symbol);
  const maxQty = fixed(instrument.maxSize ?? '1000');
  return {
    symbol: symbolId(symbol),
    pair: symbolId(symbol),
    contractType: 'PERPETUAL',
    deliveryDate: 4_133_404_800_000,
    onboardDate: 1_569_398_400_000,
    status: world.exchange.isHalted(symbol) ? 'SETTLING' : 'TRADING',
    maintMarginPercent: '2.5000',
    requiredMarginPercent: '5.0000',
    baseAsset: instrument.base,
    quoteAsset: instrument.quote,
    marginAsset: instrument.settle,
    pricePrecision: 2,
    quantityPrecision: 3,
    baseAssetPrecision: 8,
    quotePrecision: 8,
    underlyingType: 'COIN',
    underlyingSubType: [],
    triggerProtect: '0.0500',
    liquidationFee: '0.012500',
    marketTakeBound: '0.05',
    filters: [
      { filterType: 'PRICE_FILTER', minPrice: instrument.minPrice, maxPrice: instrument.maxPrice ?? '0', tickSize: instrument.priceIncrement },
      { filterType: 'LOT_SIZE', minQty: instrument.minSize, maxQty, stepSize: instrument.sizeIncrement },
      { filterType: 'MARKET_LOT_SIZE', minQty: instrument.minSize, maxQty, stepSize: instrument.sizeIncrement },
      { filterType: 'MAX_NUM_ORDERS', limit: 200 },
      { filterType: 'MAX_NUM_ALGO_ORDERS', limit: 10 },
      { filterType: 'MIN_NOTIONAL', notional: instrument.minNotional },
      { filterType: 'PERCENT_PRICE', multiplierUp: '1.0500', multiplierDown: '0.9500', multiplierDecimal: '4' },
    ],
    orderTypes: ORDER_TYPES,
    timeInForce: ['GTC', 'IOC', 'FOK', 'GTX', 'GTD'],
  };
}

const QUARTER = { contractType: 'CURRENT_QUARTER', deliveryDate: Date.UTC(2027, 11, 31, 8) };
const PERPETUAL = { contractType: 'PERPETUAL', deliveryDate: 4_133_404_800_000 };

/** Contracts with an end, and margined in another coin, are in the same list. */
const OTHERS = [
  { symbol: 'BTCUSDT_271231', pair: 'BTCUSDT', ...QUARTER, status: 'TRADING', baseAsset: 'BTC', quoteAsset: 'USDT', marginAsset: 'USDT' },
  { symbol: 'BTCUSDC', pair: 'BTCUSDC', ...PERPETUAL, status: 'TRADING', baseAsset: 'BTC', quoteAsset: 'USDC', marginAsset: 'USDC' },
].map((each) => ({ ...each, onboardDate: 1, pricePrecision: 2, quantityPrecision: 3, orderTypes: ORDER_TYPES, filters: [] }));

/** Only instruments whose interval is not eight hours are listed. */
export function fundingInfo(world: World): unknown {
  return world.symbolsOf('perpetual').flatMap((symbol) => {
    const hours = (world.scale(symbol).instrument.perpetual?.fundingIntervalMs ?? 0) / HOUR_MS;
    const bounds = { adjustedFundingRateCap: '0.02', adjustedFundingRateFloor: '-0.02', disclaimer: false };
    return hours === 8 ? [] : [{ symbol: symbolId(symbol), fundingIntervalHours: hours, ...bounds }];
  });
}

export function premiumIndex(world: World, parameters: Parameters): unknown {
  const id = parameters.get('symbol');
  const write = (symbol: string): unknown => {
    const { rate, nextAt } = world.exchange.perpetuals.fundingRate(symbol, world.now());
    const { bidTicks, askTicks } = world.exchange.quote(symbol);
    const scale = world.scale(symbol);
    const middle = fixed(plain(decimal(scale.price(bidTicks)).plus(scale.price(askTicks)).div(2)));
    return {
      symbol: symbolId(symbol),
      markPrice: middle,
      indexPrice: middle,
      estimatedSettlePrice: middle,
      lastFundingRate: rate,
      interestRate: '0.00010000',
      nextFundingTime: nextAt,
      time: world.now(),
    };
  };
  return id === null ? world.symbolsOf('perpetual').map(write) : write(symbolOf(world, id, 'perpetual'));
}

export function depth(world: World, parameters: Parameters): unknown {
  const { lastUpdateId, ...levels } = book(world, symbolOf(world, parameters.need('symbol'), 'perpetual'), parameters.integer('limit') ?? 500);
  return { lastUpdateId: lastUpdateId * FUTURES_STEP, E: world.now(), T: world.now(), ...levels };
}

/** Every eight hours, a little late as there; the rate tells the hour. */
export function pastFunding(world: World, parameters: Parameters): unknown[] {
  const id = parameters.need('symbol');
  symbolOf(world, id, 'perpetual');
  const [from, to] = [parameters.integer('startTime') ?? 0, Math.min(parameters.integer('endTime') ?? world.now(), world.now())];
  const found = [];
  const limit = Math.min(parameters.integer('limit') ?? 100, 1_000);
  for (let due = Math.floor(from / SETTLED_EVERY_MS) * SETTLED_EVERY_MS; due <= to && found.length < limit; due += SETTLED_EVERY_MS) {
    const at = due + 3;
    if (at >= from && at <= to)
      found.push({ symbol: id, fundingTime: at, fundingRate: fixed(plain(decimal('0.0001').times(new Date(due).getUTCHours() + 1))), markPrice: '1.00000000' });
  }
  return found;
}

const SETTLED_EVERY_MS = 28_800_000;
