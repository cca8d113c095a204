/** What the five venues answer to bulk questions: their fields, their envelopes, numbers as they write them. */
import type { MarketState, Place, PlaceStates } from './place-state.ts';

const HOUR_MS = 3_600_000;
const LEVELS = 10;

type Market = 'spot' | 'futures';

export function venueAnswer(places: PlaceStates, place: Place, path: string, query: URLSearchParams): unknown {
  const of = (market: Market): readonly MarketState[] => places.marketsOf(place, market);
  if (place === 'mexc') return mexc(of, path, query, places.now());
  if (place === 'binance') return binance(of, path, query, places.now());
  if (place === 'bybit') return bybit(of, path, query, places.now());
  return place === 'okx' ? okx(of, path, query, places.now()) : bitget(of, path, query, places.now());
}

type Of = (market: Market) => readonly MarketState[];

function levels({ bid, ask, size }: MarketState, side: 'bids' | 'asks'): readonly (readonly [string, string])[] {
  return Array.from({ length: LEVELS }, (_, at) => {
    const price = side === 'bids' ? bid * (1 - at / 1_000) : ask * (1 + at / 1_000);
    return [price.toPrecision(12), String(size)] as const;
  });
}

const found = (of: Of, market: Market, id: string, name: (base: string) => string): MarketState | undefined => of(market).find(({ base }) => name(base) === id);
const joined = (base: string): string => `${base}USDT`;

function mexc(of: Of, path: string, query: URLSearchParams, now: number): unknown {
  const done = (data: unknown): unknown => ({ success: true, code: 0, data });
  const name = (base: string): string => `${base}_USDT`;
  if (path === '/api/v3/time') return { serverTime: now };
  if (path === '/api/v3/exchangeInfo')
    return {
      timezone: 'CST',
      serverTime: now,
      rateLimits: [],
      exchangeFilters: [],
      symbols: of('spot').map(({ base, taker, contract }) => ({
        ...{ symbol: joined(base), status: '1', baseAsset: base, baseAssetPrecision: 2, quoteAsset: 'USDT', quotePrecision: 6, quoteAssetPrecision: 6 },
        ...{ baseCommissionPrecision: 2, quoteCommissionPrecision: 6, orderTypes: ['LIMIT', 'MARKET', 'LIMIT_MAKER'], isSpotTradingAllowed: true },
        ...{ isMarginTradingAllowed: false, quoteAmountPrecision: '1', baseSizePrecision: '0.01', permissions: ['SPOT'], filters: [] },
        ...{ maxQuoteAmount: '4000000', makerCommission: '0', takerCommission: String(taker), fullName: base, tradeSideType: 1, contractAddress: contract },
        ...{ quoteAmountPrecisionMarket: '1', maxQuoteAmountMarket: '4000000', st: false },
      })),
    };
  if (path === '/api/v3/ticker/bookTicker')
    return of('spot').map((state) => ({
      ...{ symbol: joined(state.base), bidPrice: String(state.bid), bidQty: String(state.size), askPrice: String(state.ask), askQty: String(state.size) },
    }));
  if (path === '/api/v3/capital/config/getall') return of('spot').map((state) => networkListOf(state, 'contract'));
  if (path === '/api/v3/depth') {
    const state = found(of, 'spot', query.get('symbol') ?? '', joined);
    return state === undefined ? null : { lastUpdateId: now, bids: levels(state, 'bids'), asks: levels(state, 'asks'), timestamp: now };
  }
  if (path === '/api/v1/contract/detail')
    return done(
      of('futures').map(({ base, taker, contractSize }) => ({
        ...{ symbol: name(base), displayNameEn: `${name(base)} SWAP`, baseCoin: base, quoteCoin: 'USDT', settleCoin: 'USDT', contractSize, volScale: 0 },
        ...{ priceUnit: 0.0001, volUnit: 1, minVol: 1, takerFeeRate: taker, makerFeeRate: 0, indexOrigin: ['BINANCE', 'GATEIO'], state: 0, apiAllowed: false },
      })),
    );
  if (path === '/api/v1/contract/ticker')
    return done(
      of('futures').map(({ base, bid, ask, rate, index }) => ({
        ...{ symbol: name(base), lastPrice: (bid + ask) / 2, bid1: bid, ask1: ask, volume24: 4_045_530, amount24: 141_331, holdVol: 5_832 },
        ...{ indexPrice: index, fairPrice: index, fundingRate: rate, maxBidPrice: ask * 1.1, minAskPrice: bid * 0.9, timestamp: now },
      })),
    );
  if (path === '/api/v1/contract/funding_rate')
    return done(
      of('futures').map(({ base, rate, hours, nextAt, index, cap }) => ({
        ...{ symbol: name(base), fundingRate: rate, maxFundingRate: cap, minFundingRate: cap === null ? null : -cap, collectCycle: hours },
        ...{ nextSettleTime: nextAt, timestamp: now, idxPrice: index, fairPrice: index },
      })),
    );
  const depthOf = /^\/api\/v1\/contract\/depth\/(.+)$/.exec(path)?.[1];
  const state = depthOf === undefined ? undefined : found(of, 'futures', depthOf, name);
  if (state === undefined) return null;
  const counted = (side: 'bids' | 'asks'): unknown => levels(state, side).map(([price, size]) => [Number(price), Number(size), 3]);
  return done({ bids: counted('bids'), asks: counted('asks'), version: now, timestamp: now });
}

/** As Binance and MEXC list networks. */
function networkListOf({ base, chains }: MarketState, address: string): unknown {
  return {
    ...{ coin: base, name: base },
    networkList: chains.map(({ chain, contract, canDeposit, canWithdraw, fee }) => ({
      ...{ coin: base, network: chain, netWork: chain, name: chain, depositEnable: canDeposit, withdrawEnable: canWithdraw, withdrawFee: fee },
      [address]: contract,
    })),
  };
}

function binance(of: Of, path: string, query: URLSearchParams, now: number): unknown {
  const market: Market = path.startsWith('/fapi/') ? 'futures' : 'spot';
  if (path.endsWith('/time')) return { serverTime: now };
  if (path.endsWith('/exchangeInfo'))
    return {
      ...{ timezone: 'UTC', serverTime: now, rateLimits: [], exchangeFilters: [] },
      symbols: of(market).map(({ base }) => ({
        ...{ symbol: joined(base), pair: joined(base), contractType: 'PERPETUAL', status: 'TRADING', baseAsset: base, quoteAsset: 'USDT', marginAsset: 'USDT' },
        orderTypes: ['LIMIT', 'MARKET'],
        isSpotTradingAllowed: true,
        filters: [
          { filterType: 'PRICE_FILTER', minPrice: '0.0001', maxPrice: '1000000', tickSize: '0.0001' },
          { filterType: 'LOT_SIZE', minQty: '1', maxQty: '9000000', stepSize: '1' },
          market === 'spot' ? { filterType: 'NOTIONAL', minNotional: '5' } : { filterType: 'MIN_NOTIONAL', notional: '5' },
        ],
      })),
    };
  if (path.endsWith('/ticker/bookTicker'))
    return of(market).map((state) => ({
      ...{ symbol: joined(state.base), bidPrice: String(state.bid), bidQty: String(state.size), askPrice: String(state.ask), askQty: String(state.size) },
      ...(market === 'futures' ? { time: now, lastUpdateId: now } : {}),
    }));
  if (path === '/sapi/v1/capital/config/getall') return of('spot').map((state) => networkListOf(state, 'contractAddress'));
  if (path === '/fapi/v1/fundingInfo')
    return of('futures')
      .filter(({ hours }) => hours !== 8)
      .map(({ base, hours, cap }) => ({
        ...{ symbol: joined(base), adjustedFundingRateCap: String(cap ?? 0.02), adjustedFundingRateFloor: String(-(cap ?? 0.02)) },
        ...{ fundingIntervalHours: hours, disclaimer: false },
      }));
  if (path === '/fapi/v1/premiumIndex')
    return [
      ...of('futures').map(({ base, rate, nextAt, index }) => ({
        ...{ symbol: joined(base), markPrice: String(index), indexPrice: String(index), estimatedSettlePrice: String(index), lastFundingRate: String(rate) },
        ...{ interestRate: '0.0001', nextFundingTime: nextAt, time: now },
      })),
      // A dated future has no funding.
      {
        symbol: 'BTCUSDT_261225',
        markPrice: '1',
        indexPrice: '1',
        estimatedSettlePrice: '1',
        lastFundingRate: '',
        interestRate: '',
        nextFundingTime: 0,
        time: now,
      },
    ];
  if (!path.endsWith('/depth')) return null;
  const state = found(of, market, query.get('symbol') ?? '', joined);
  return state === undefined ? null : { lastUpdateId: now, E: now, T: now, bids: levels(state, 'bids'), asks: levels(state, 'asks') };
}

function bybit(of: Of, path: string, query: URLSearchParams, now: number): unknown {
  const market: Market = query.get('category') === 'linear' ? 'futures' : 'spot';
  const done = (result: unknown): unknown => ({ retCode: 0, retMsg: 'OK', result, retExtInfo: {}, time: now });
  if (path === '/v5/market/time') return done({ timeSecond: String(Math.floor(now / 1_000)), timeNano: String(now * 1_000_000) });
  if (path === '/v5/market/instruments-info')
    return done({
      category: query.get('category'),
      nextPageCursor: '',
      list: of(market).map(({ base, hours }) => ({
        ...{
          symbol: joined(base),
          contractType: 'LinearPerpetual',
          baseCoin: base,
          quoteCoin: 'USDT',
          settleCoin: 'USDT',
          status: 'Trading',
          fundingInterval: hours * 60,
        },
        priceFilter: { tickSize: '0.0001', minPrice: '0.0001', maxPrice: '1999999' },
        lotSizeFilter: {
          basePrecision: '1',
          qtyStep: '1',
          minOrderQty: '1',
          maxOrderQty: '9000000',
          maxLimitOrderQty: '9000000',
          minOrderAmt: '1',
          minNotionalValue: '5',
        },
        leverageFilter: { minLeverage: '1', maxLeverage: '50', leverageStep: '0.01' },
      })),
    });
  if (path === '/v5/market/tickers')
    return done({
      category: query.get('category'),
      list: of(market).map((state) => ({
        ...{
          symbol: joined(state.base),
          bid1Price: String(state.bid),
          bid1Size: String(state.size),
          ask1Price: String(state.ask),
          ask1Size: String(state.size),
        },
        ...{ lastPrice: String(state.bid), turnover24h: '1000000', volume24h: '1000000' },
        ...(market === 'spot'
          ? { usdIndexPrice: String(state.index) }
          : {
              ...{ indexPrice: String(state.index), markPrice: String(state.index), openInterestValue: '1', fundingRate: String(state.rate) },
              ...{ nextFundingTime: String(state.nextAt), fundingIntervalHour: String(state.hours), fundingCap: String(state.cap ?? '') },
            }),
      })),
    });
  if (path === '/v5/asset/coin/query-info')
    return done({
      rows: of('spot').map(({ base, chains }) => ({
        ...{ name: base, coin: base, remainAmount: '1000' },
        chains: chains.map(({ chain, contract, canDeposit, canWithdraw, fee }) => ({
          ...{ chainType: chain, chain, contractAddress: contract, chainDeposit: canDeposit ? '1' : '0', chainWithdraw: canWithdraw ? '1' : '0' },
          ...{ withdrawFee: fee, withdrawPercentageFee: '0', depositMin: '0', withdrawMin: '0', minAccuracy: '8', confirmation: '1' },
        })),
      })),
    });
  if (path !== '/v5/market/orderbook') return null;
  const state = found(of, market, query.get('symbol') ?? '', joined);
  return state === undefined ? null : done({ s: joined(state.base), b: levels(state, 'bids'), a: levels(state, 'asks'), ts: now, u: now, seq: now, cts: now });
}

function okx(of: Of, path: string, query: URLSearchParams, now: number): unknown {
  const done = (data: unknown): unknown => ({ code: '0', msg: '', data });
  const spot = (base: string): string => `${base}-USDT`;
  const swap = (base: string): string => `${base}-USDT-SWAP`;
  const isSwap = query.get('instType') === 'SWAP';
  const [market, name]: [Market, typeof spot] = isSwap ? ['futures', swap] : ['spot', spot];
  if (path === '/api/v5/public/time') return done([{ ts: String(now) }]);
  if (path === '/api/v5/public/instruments')
    return done(
      of(market).map(({ base, contractSize }) => ({
        ...{
          instType: isSwap ? 'SWAP' : 'SPOT',
          instId: name(base),
          baseCcy: isSwap ? '' : base,
          quoteCcy: isSwap ? '' : 'USDT',
          tickSz: '0.0001',
          lotSz: '1',
        },
        ...{
          minSz: '1',
          maxLmtSz: '9000000',
          state: 'live',
          ctVal: isSwap ? String(contractSize) : '',
          ctMult: isSwap ? '1' : '',
          ctValCcy: isSwap ? base : '',
        },
        ...{
          ctType: isSwap ? 'linear' : '',
          settleCcy: isSwap ? 'USDT' : '',
          lever: isSwap ? '50' : '',
          instFamily: isSwap ? spot(base) : '',
          uly: isSwap ? spot(base) : '',
        },
      })),
    );
  if (path === '/api/v5/market/tickers')
    return done(
      of(market).map((state) => ({
        ...{ instType: isSwap ? 'SWAP' : 'SPOT', instId: name(state.base), last: String(state.bid), askPx: String(state.ask), askSz: String(state.size) },
        ...{ bidPx: String(state.bid), bidSz: String(state.size), vol24h: '1', volCcy24h: '1', ts: String(now) },
      })),
    );
  if (path === '/api/v5/public/funding-rate')
    return done(
      of('futures').map(({ base, rate, hours, nextAt, cap }) => ({
        ...{ instType: 'SWAP', instId: swap(base), method: 'current_period', formulaType: 'withRate', fundingRate: String(rate), nextFundingRate: '' },
        ...{ fundingTime: String(nextAt), nextFundingTime: String(nextAt + hours * HOUR_MS), minFundingRate: String(-(cap ?? 0.02)) },
        ...{ maxFundingRate: String(cap ?? 0.02), settState: 'settled', settFundingRate: '0', premium: '0', ts: String(now) },
      })),
    );
  if (path === '/api/v5/market/index-tickers')
    return done(
      of('futures').map(({ base, index }) => ({ instId: spot(base), idxPx: String(index), high24h: '1', low24h: '1', open24h: '1', ts: String(now) })),
    );
  if (path === '/api/v5/asset/currencies')
    return done(
      of('spot').flatMap(({ base, chains }) =>
        chains.map(({ chain, contract, canDeposit, canWithdraw, fee }) => ({
          ...{ ccy: base, name: base, chain: `${base}-${chain}`, ctAddr: contract.slice(-6), canDep: canDeposit, canWd: canWithdraw, canInternal: true },
          ...{ fee, minFee: fee, maxFee: fee, burningFeeRate: '', mainNet: false, minDep: '0', minWd: '0', maxWd: '1000', wdTickSz: '8' },
        })),
      ),
    );
  if (path !== '/api/v5/market/books') return null;
  const id = query.get('instId') ?? '';
  const state = found(of, 'spot', id, spot) ?? found(of, 'futures', id, swap);
  const counted = (side: 'bids' | 'asks', of: MarketState): unknown => levels(of, side).map(([price, size]) => [price, size, '0', '3']);
  return state === undefined ? null : done([{ bids: counted('bids', state), asks: counted('asks', state), ts: String(now), seqId: now }]);
}

function bitget(of: Of, path: string, query: URLSearchParams, now: number): unknown {
  const done = (data: unknown): unknown => ({ code: '00000', msg: 'success', requestTime: now, data });
  const top = ({ base, bid, ask, size }: MarketState): Record<string, string> => ({
    ...{ symbol: joined(base), lastPr: String(bid), bidPr: String(bid), bidSz: String(size), askPr: String(ask), askSz: String(size), ts: String(now) },
  });
  if (path === '/api/v2/public/time') return done({ serverTime: String(now) });
  if (path === '/api/v2/spot/public/symbols')
    return done(
      of('spot').map(({ base, taker }) => ({
        ...{ symbol: joined(base), baseCoin: base, quoteCoin: 'USDT', minTradeAmount: '0', maxTradeAmount: '900000000', takerFeeRate: String(taker) },
        ...{ makerFeeRate: String(taker), pricePrecision: '4', quantityPrecision: '2', quotePrecision: '6', status: 'online', minTradeUSDT: '1' },
      })),
    );
  if (path === '/api/v2/spot/public/coins')
    return done(
      of('spot').map(({ base, chains }) => ({
        ...{ coinId: '1', coin: base, transfer: 'true' },
        chains: chains.map(({ chain, contract, canDeposit, canWithdraw, fee }) => ({
          ...{ chain, needTag: 'false', withdrawable: String(canWithdraw), rechargeable: String(canDeposit), withdrawFee: fee, extraWithdrawFee: '0' },
          ...{ depositConfirm: '1', withdrawConfirm: '1', minDepositAmount: '0', minWithdrawAmount: '0', contractAddress: contract, congestion: 'normal' },
        })),
      })),
    );
  if (path === '/api/v2/spot/market/tickers') return done(of('spot').map(top));
  if (path === '/api/v2/mix/market/tickers')
    return done(
      of('futures').map((state) => ({
        ...top(state),
        indexPrice: String(state.index),
        markPrice: String(state.index),
        fundingRate: String(state.rate),
        holdingAmount: '1',
      })),
    );
  if (path === '/api/v2/mix/market/contracts')
    return done(
      of('futures').map(({ base, taker, hours }) => ({
        ...{
          symbol: joined(base),
          baseCoin: base,
          quoteCoin: 'USDT',
          symbolStatus: 'normal',
          symbolType: 'perpetual',
          fundInterval: String(hours),
          maxLever: '50',
        },
        ...{
          makerFeeRate: String(taker),
          takerFeeRate: String(taker),
          minTradeNum: '1',
          priceEndStep: '1',
          pricePlace: '4',
          volumePlace: '0',
          sizeMultiplier: '1',
        },
        ...{ minTradeUSDT: '5', maxOrderQty: '9000000' },
      })),
    );
  if (path === '/api/v2/mix/market/current-fund-rate')
    return done(
      of('futures').map(({ base, rate, hours, nextAt, cap }) => ({
        ...{ symbol: joined(base), fundingRate: String(rate), fundingRateInterval: String(hours), nextUpdate: String(nextAt) },
        ...{ minFundingRate: String(-(cap ?? 0.02)), maxFundingRate: String(cap ?? 0.02) },
      })),
    );
  const market: Market | null = path === '/api/v2/spot/market/orderbook' ? 'spot' : path === '/api/v2/mix/market/merge-depth' ? 'futures' : null;
  const state = market === null ? undefined : found(of, market, query.get('symbol') ?? '', joined);
  return state === undefined ? null : done({ bids: levels(state, 'bids'), asks: levels(state, 'asks'), ts: String(now), scale: '0.0001', precision: 'scale0' });
}
