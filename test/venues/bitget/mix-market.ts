/** Bitget's public answers about perpetuals. Books are numbers here, not texts. */
import { decimal, plain } from '#core/money.ts';
import type { World } from '../_world.ts';
import { bookShape, candles, day, digits, historyCandles, publicTrades, symbolOf, symbolsIn } from './market-data.ts';
import type { Parameters } from './parameters.ts';
import { BitgetRefusal, wrongParameter } from './refusals.ts';
import { symbolId } from './shapes.ts';

const HOUR_MS = 3_600_000;
const OURS = 'USDT-FUTURES';
const PRODUCTS: ReadonlySet<string> = new Set([OURS, 'COIN-FUTURES', 'USDC-FUTURES', 'SUSDT-FUTURES', 'SCOIN-FUTURES', 'SUSDC-FUTURES']);

/** Whether a request is about the contracts that are traded here; refuses what is no kind of contracts. */
export function isOurs(parameters: Parameters): boolean {
  const product = parameters.need('productType').toUpperCase();
  if (!PRODUCTS.has(product)) throw wrongParameter('productType');
  return product === OURS;
}

export function mixSymbol(world: World, parameters: Parameters): string {
  if (!isOurs(parameters)) throw new BitgetRefusal('40034', 'Parameter symbol does not exist');
  return symbolOf(world, parameters.need('symbol'), 'perpetual');
}

export function mixSymbols(world: World, parameters: Parameters): readonly string[] {
  return isOurs(parameters) ? symbolsIn(world, parameters, 'perpetual') : [];
}

export function contracts(world: World, parameters: Parameters): unknown {
  return mixSymbols(world, parameters).map((symbol) => {
    const { instrument } = world.scale(symbol);
    const { base, quote, settle, priceIncrement, sizeIncrement, minSize, minNotional, maxSize, makerFeeRate, takerFeeRate, perpetual } = instrument;
    const places = decimal(priceIncrement).decimalPlaces();
    return {
      symbol: symbolId(symbol),
      baseCoin: base,
      quoteCoin: quote,
      buyLimitPriceRatio: '0.05',
      sellLimitPriceRatio: '0.05',
      feeRateUpRatio: '0.005',
      makerFeeRate,
      takerFeeRate,
      openCostUpRatio: '0.01',
      supportMarginCoins: [settle],
      minTradeNum: minSize,
      priceEndStep: plain(decimal(priceIncrement).times(decimal('10').pow(places))),
      volumePlace: digits(sizeIncrement),
      pricePlace: String(places),
      sizeMultiplier: sizeIncrement,
      symbolType: 'perpetual',
      minTradeUSDT: minNotional,
      maxSymbolOrderNum: '200',
      maxProductOrderNum: '1000',
      maxPositionNum: '150',
      symbolStatus: world.exchange.isHalted(symbol) ? 'maintain' : 'normal',
      offTime: '-1',
      limitOpenTime: '-1',
      deliveryTime: '',
      deliveryStartTime: '',
      deliveryPeriod: '',
      launchTime: '',
      fundInterval: String((perpetual?.fundingIntervalMs ?? 0) / HOUR_MS),
      minLever: '1',
      maxLever: String(perpetual?.maxLeverage ?? 1),
      posLimit: '0.1',
      maintainTime: '',
      openTime: '',
      maxMarketOrderQty: maxSize ?? '',
      maxOrderQty: maxSize ?? '',
    };
  });
}

function tickerShape(world: World, symbol: string): Record<string, unknown> {
  const row = day(world, symbol);
  const { rate } = world.exchange.perpetuals.fundingRate(symbol, world.now());
  const { markPrice, indexPrice } = pricesOf(world, symbol);
  return {
    symbol: symbolId(symbol),
    ...row,
    open24h: row['openUtc'],
    usdtVolume: row['quoteVolume'],
    indexPrice,
    markPrice,
    fundingRate: rate,
    holdingAmount: '1000',
    deliveryStartTime: null,
    deliveryTime: null,
    deliveryStatus: '',
  };
}

export function mixTicker(world: World, parameters: Parameters): unknown {
  return [tickerShape(world, mixSymbol(world, parameters))];
}

export function mixTickers(world: World, parameters: Parameters): unknown {
  return mixSymbols(world, parameters).map((symbol) => tickerShape(world, symbol));
}

const DEPTHS: Readonly<Record<string, number>> = { '1': 1, '5': 5, '15': 15, '50': 50, max: 200 };

export function mergeDepth(world: World, parameters: Parameters): unknown {
  const symbol = mixSymbol(world, parameters);
  const levels = DEPTHS[parameters.get('limit') ?? '100'];
  const { asks, bids, ts } = bookShape(world, symbol, levels ?? 100);
  const numbers = (side: readonly (readonly string[])[]) => side.map((level) => level.map(Number));
  return { asks: numbers(asks), bids: numbers(bids), ts, scale: world.scale(symbol).instrument.priceIncrement, precision: 'scale0', isMaxPrecision: 'NO' };
}

export function mixCandles(world: World, parameters: Parameters): unknown {
  mixSymbol(world, parameters);
  return candles(world, parameters, 'perpetual');
}

export function mixHistoryCandles(world: World, parameters: Parameters): unknown {
  mixSymbol(world, parameters);
  return historyCandles(world, parameters, 'perpetual');
}

export function mixTrades(world: World, parameters: Parameters): unknown {
  mixSymbol(world, parameters);
  return publicTrades(world, parameters, 'perpetual');
}

function pricesOf(world: World, symbol: string): { readonly price: string; readonly markPrice: string; readonly indexPrice: string } {
  const scale = world.scale(symbol);
  const { markTicks } = world.exchange.perpetuals.fundingRate(symbol, world.now());
  const [pair = ''] = symbol.split(':');
  return {
    price: scale.price(world.path(symbol).lastTicks),
    markPrice: scale.price(markTicks),
    indexPrice: world.scale(pair).price(world.path(pair).lastTicks),
  };
}

export function symbolPrice(world: World, parameters: Parameters): unknown {
  const symbol = mixSymbol(world, parameters);
  return [{ symbol: symbolId(symbol), ...pricesOf(world, symbol), ts: String(world.now()) }];
}

export function fundRate(world: World, parameters: Parameters): unknown {
  return mixSymbols(world, parameters).map((symbol) => {
    const { rate, nextAt } = world.exchange.perpetuals.fundingRate(symbol, world.now());
    const intervalMs = world.scale(symbol).instrument.perpetual?.fundingIntervalMs ?? 0;
    return {
      symbol: symbolId(symbol),
      fundingRate: rate,
      fundingRateInterval: String(intervalMs / HOUR_MS),
      nextUpdate: String(nextAt),
      minFundingRate: '-0.003',
      maxFundingRate: '0.003',
    };
  });
}
