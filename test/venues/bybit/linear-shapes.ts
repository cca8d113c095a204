/** How Bybit writes what only linear perpetuals have: their rules, mark prices, positions and funding. */
import { decimal, plain } from '#core/money.ts';
import type { SimulatedFunding, SimulatedPosition } from '#core/simulated-exchange.ts';
import type { World } from '../_world.ts';
import type { Parameters } from './parameters.ts';
import { symbolId } from './shapes.ts';

/** Two a page at first, so that whoever does not turn pages does not see all; a contract with an end and one in another coin are in the list too. */
export function linearInstruments(world: World, symbols: readonly string[], parameters: Parameters): unknown {
  const listed = [...symbols.map((symbol) => instrumentShape(world, symbol)), ...(parameters.get('symbol') === null ? OTHERS : [])];
  const start = Number(parameters.get('cursor') ?? '0');
  const limit = Math.min(parameters.integer('limit') ?? 500, 3);
  const rest = listed.length - start - limit;
  return { category: 'linear', list: listed.slice(start, start + limit), nextPageCursor: rest > 0 ? String(start + limit) : '' };
}

function instrumentShape(world: World, symbol: string): Record<string, unknown> {
  const { instrument } = world.scale(symbol);
  const maxSize = instrument.maxSize ?? '1000';
  return {
    symbol: symbolId(symbol),
    contractType: 'LinearPerpetual',
    status: world.exchange.isHalted(symbol) ? 'PreLaunch' : 'Trading',
    baseCoin: instrument.base,
    quoteCoin: instrument.quote,
    launchTime: '1584230400000',
    deliveryTime: '0',
    deliveryFeeRate: '',
    priceScale: '2',
    leverageFilter: { minLeverage: '1', maxLeverage: String(instrument.perpetual?.maxLeverage ?? 1), leverageStep: '0.01' },
    priceFilter: { minPrice: instrument.minPrice, maxPrice: instrument.maxPrice ?? '1000000', tickSize: instrument.priceIncrement },
    lotSizeFilter: {
      maxOrderQty: maxSize,
      minOrderQty: instrument.minSize,
      qtyStep: instrument.sizeIncrement,
      postOnlyMaxOrderQty: maxSize,
      maxMktOrderQty: maxSize,
      minNotionalValue: instrument.minNotional,
    },
    unifiedMarginTrade: true,
    fundingInterval: (instrument.perpetual?.fundingIntervalMs ?? 0) / 60_000,
    settleCoin: instrument.settle,
    copyTrading: 'both',
    upperFundingRate: '0.00375',
    lowerFundingRate: '-0.00375',
    isPreListing: false,
    preListingInfo: null,
  };
}

const OTHERS = [
  { symbol: 'BTCPERP', contractType: 'LinearPerpetual', baseCoin: 'BTC', quoteCoin: 'USDC', settleCoin: 'USDC' },
  { symbol: 'BTCUSDT-31DEC27', contractType: 'LinearFutures', baseCoin: 'BTC', quoteCoin: 'USDT', settleCoin: 'USDT' },
].map((each) => ({
  ...each,
  status: 'Trading',
  launchTime: '1584230400000',
  deliveryTime: '0',
  priceScale: '2',
  leverageFilter: { minLeverage: '1', maxLeverage: '50', leverageStep: '0.01' },
  priceFilter: { minPrice: '0.1', maxPrice: '1000000', tickSize: '0.1' },
  lotSizeFilter: { maxOrderQty: '100', minOrderQty: '0.001', qtyStep: '0.001', postOnlyMaxOrderQty: '100', maxMktOrderQty: '100', minNotionalValue: '5' },
  fundingInterval: 480,
}));

/** What a ticker tells beyond the prices of trades. */
export function markShape(world: World, symbol: string): Record<string, unknown> {
  const { rate, nextAt } = world.exchange.perpetuals.fundingRate(symbol, world.now());
  const { bidTicks, askTicks } = world.exchange.quote(symbol);
  const scale = world.scale(symbol);
  const middle = plain(decimal(scale.price(bidTicks)).plus(scale.price(askTicks)).div(2));
  const hours = (scale.instrument.perpetual?.fundingIntervalMs ?? 0) / 3_600_000;
  return {
    ...{ markPrice: middle, indexPrice: middle, fundingRate: rate, nextFundingTime: String(nextAt), openInterest: '0', openInterestValue: '0' },
    ...{ fundingIntervalHour: String(hours), fundingCap: '0.005' },
  };
}

/** A row of the list of positions; a flat one has no side, and in hedge mode there are two. */
export function positionShape(position: SimulatedPosition, positionIdx: number): Record<string, unknown> {
  const { lots, size, leverage } = position;
  return {
    positionIdx,
    riskId: 1,
    riskLimitValue: '2000000',
    symbol: symbolId(position.symbol),
    side: lots === 0 ? '' : lots > 0 ? 'Buy' : 'Sell',
    size: plain(decimal(size).abs()),
    avgPrice: position.entryPrice,
    positionValue: lots === 0 ? '' : plain(decimal(size).abs().times(position.entryPrice)),
    tradeMode: 0,
    autoAddMargin: 0,
    positionStatus: 'Normal',
    leverage: String(leverage),
    markPrice: position.markPrice,
    liqPrice: position.liquidationPrice ?? '',
    bustPrice: '',
    positionIM: position.margin,
    positionMM: position.maintenanceMargin,
    unrealisedPnl: lots === 0 ? '' : position.unrealisedProfit,
    cumRealisedPnl: '0',
    createdTime: String(position.updatedAt),
    updatedTime: String(position.updatedAt),
    seq: 1,
    isReduceOnly: false,
  };
}

/** Funding in the log of transactions: positive when received. */
export function settlementShape(world: World, { symbol, amount, asset, at, paymentId, rate, lots, markTicks }: SimulatedFunding): Record<string, unknown> {
  const scale = world.scale(symbol);
  return {
    id: `log-${paymentId}`,
    symbol: symbolId(symbol),
    category: 'linear',
    side: lots > 0 ? 'Buy' : 'Sell',
    transactionTime: String(at),
    type: 'SETTLEMENT',
    transSubType: '',
    qty: scale.size(Math.abs(lots)),
    size: scale.size(lots),
    currency: asset,
    tradePrice: scale.price(markTicks),
    funding: amount,
    fee: '0',
    cashFlow: '0',
    change: amount,
    cashBalance: '0',
    feeRate: rate,
    bonusChange: '',
    tradeId: `trade-${paymentId}`,
    orderId: '',
    orderLinkId: '',
  };
}

/** The same among executions: here what is paid is positive. */
export function fundingExecutionShape(world: World, funding: SimulatedFunding): Record<string, unknown> {
  const scale = world.scale(funding.symbol);
  const size = scale.size(Math.abs(funding.lots));
  return {
    symbol: symbolId(funding.symbol),
    orderId: `funding-${funding.paymentId}`,
    orderLinkId: '',
    side: funding.lots > 0 ? 'Buy' : 'Sell',
    orderType: 'UNKNOWN',
    execId: `trade-${funding.paymentId}`,
    execPrice: scale.price(funding.markTicks),
    execQty: size,
    execValue: '',
    execFee: plain(decimal(funding.amount).negated()),
    feeCurrency: '',
    feeRate: funding.rate,
    execType: 'Funding',
    execTime: String(funding.at),
    isMaker: false,
    leavesQty: '0',
  };
}
