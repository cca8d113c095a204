/**
 * MEXC in bulk: spot and contracts, each at its own address and with limits of its own. ccxt's unified calls give contracts no best prices
 * and no intervals of funding, so the venue's own are asked.
 * @see https://www.mexc.com/api-docs/futures/market-endpoints
 */

import type { Depth, MarketScan } from '#core/signals/market-scan.ts';
import type { VenueOptions } from '#core/venue-ports.ts';
import { Budgets } from './_budgets.ts';
import { openDialect } from './_ccxt.ts';
import type { CcxtMarket } from './_ccxt-market.ts';
import type { CcxtDialect } from './_dialect.ts';
import { type Row, row, rows, text } from './_fields.ts';
import { errorOf } from './_mexc-codes.ts';
import { Pulse } from './_pulse.ts';
import type { Answered } from './_request.ts';
import {
  depthInCells,
  type FundingRow,
  type ListedRow,
  marketScan,
  numberIn,
  numberOrNull,
  readLines,
  SCAN_LEVELS,
  topUnder,
  transfersNotTold,
} from './_scan.ts';

/** The contract API counts by itself: a brake of it must not hold back orders on spot. */
const CONTRACT_BUDGET = { weight: 20, windowMs: 2_000 };
const EXCHANGE_INFO = { endpoint: 'spotPublicGetExchangeInfo', params: {}, weight: 25 } as const;
const TOO_FREQUENT = 510;
const TOO_FREQUENT_MS = 2_000;

/** `spot` is the market that the venue trades on, whose budget is shared with orders. */
export function mexcScan(dialect: CcxtDialect, options: VenueOptions, spot: CcxtMarket): { readonly scan: MarketScan; readonly close: () => Promise<void> } {
  const contractDialect = contractsOf(dialect);
  const budgets = new Budgets(contractDialect, options, 'mexc contracts');
  const contracts = openDialect(contractDialect, options, { budgets, pulse: new Pulse() });
  const asking = { spot: spot.asking, futures: contracts.market.asking };
  const scan = marketScan(
    {
      venue: 'mexc',
      title: 'MEXC',
      asking,
      idField: 'symbol',
      list: {
        spot: async () => readLines(rows(row(await asking.spot(EXCHANGE_INFO))['symbols']), listedSpot),
        futures: async () => readLines(dataRows(await asking.futures({ endpoint: 'contractPublicGetDetail', params: {}, weight: 5 })), listedContract),
      },
      tops: {
        spot: { ask: { endpoint: 'spotPublicGetTickerBookTicker', params: {}, weight: 1 }, rows, read: topUnder('bidPrice', 'bidQty', 'askPrice', 'askQty') },
        // Sizes are not told here.
        futures: { ask: { endpoint: 'contractPublicGetTicker', params: {}, weight: 1 }, rows: dataRows, read: topUnder('bid1', null, 'ask1', null) },
      },
      fundings: async (ask) => {
        const rates = dataRows(await ask({ endpoint: 'contractPublicGetFundingRate', params: {}, weight: 1 }));
        return { rows: rates, read: readFunding };
      },
      depth: async (listed) => depthOf(listed, asking),
    },
    () => options.clock.now(),
  );
  return {
    scan,
    close: async () => {
      await contracts.close();
      budgets.close();
    },
  };
}

/** An endpoint that ccxt knows for one symbol only: without a symbol it tells of all contracts. */
export const CONTRACT_ENDPOINTS = { contract: { public: { get: { funding_rate: { cost: 2 } } } } };

function contractsOf(dialect: CcxtDialect): CcxtDialect {
  const isTooFrequent = (body: unknown): boolean => typeof body === 'object' && body !== null && Number(Reflect.get(body, 'code')) === TOO_FREQUENT;
  return {
    ...dialect,
    budget: CONTRACT_BUDGET,
    isSuccess: ({ status, body }) => status === 200 && typeof body === 'object' && body !== null && Reflect.get(body, 'success') === true,
    news: (status, headers, body) => (isTooFrequent(body) ? { usedWeight: null, brakeMs: TOO_FREQUENT_MS } : dialect.news(status, headers, body)),
    failure: (answer: Answered) => {
      const { code, text: said } = errorOf(answer);
      return isTooFrequent(answer.body) ? { code: 'venue_rate_limited', message: `MEXC answered ${code}: ${said}` } : dialect.failure(answer);
    },
  };
}

function listedSpot(line: Row): ListedRow | null {
  if (text(line, 'status') !== '1' || line['isSpotTradingAllowed'] === false) return null;
  const [base, quote] = [text(line, 'baseAsset'), text(line, 'quoteAsset')];
  const address = line['contractAddress'];
  return {
    ...{ id: text(line, 'symbol'), market: 'spot', symbol: `${base}/${quote}`, base, quote, contractSize: 1 },
    takerFeeRate: numberIn(line, 'takerCommission'),
    // The list names the token and not its chain.
    contracts: typeof address === 'string' && address !== '' ? [{ chain: '', address }] : [],
    transfer: NOT_TOLD,
  };
}

const NOT_TOLD = transfersNotTold('MEXC');

function listedContract(line: Row): ListedRow | null {
  const [base, quote] = [text(line, 'baseCoin'), text(line, 'quoteCoin')];
  if (text(line, 'settleCoin') !== quote || numberIn(line, 'state') !== 0) return null;
  return {
    ...{ id: text(line, 'symbol'), market: 'futures', symbol: `${base}/${quote}:${quote}`, base, quote },
    ...{ contractSize: numberIn(line, 'contractSize'), takerFeeRate: numberIn(line, 'takerFeeRate'), contracts: [], transfer: null },
  };
}

function readFunding(line: Row): FundingRow {
  return {
    rate: numberIn(line, 'fundingRate'),
    intervalHours: numberIn(line, 'collectCycle'),
    nextAt: numberIn(line, 'nextSettleTime'),
    maxRate: numberOrNull(line, 'maxFundingRate'),
    minRate: numberOrNull(line, 'minFundingRate'),
    indexPrice: numberOrNull(line, 'idxPrice'),
  };
}

function dataRows(body: unknown): readonly Row[] {
  return rows(row(body)['data']);
}

async function depthOf({ id, market, contractSize }: ListedRow, asking: Readonly<Record<'spot' | 'futures', CcxtMarket['asking']>>): Promise<Depth> {
  if (market === 'spot') return depthInCells(row(await asking.spot({ endpoint: 'spotPublicGetDepth', params: { symbol: id, limit: SCAN_LEVELS }, weight: 1 })));
  // Sizes are contracts, and each level ends with a count of orders.
  const book = await asking.futures({ endpoint: 'contractPublicGetDepthSymbol', params: { symbol: id, limit: SCAN_LEVELS }, weight: 1 });
  return depthInCells(row(row(book)['data']), contractSize);
}
