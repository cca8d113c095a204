/** OKX in bulk. A rate tells when it is settled and when the one after is: the time between is its interval, and where that is left out it is not known. */
import { PortError } from '#core/errors.ts';
import type { MarketScan } from '#core/signals/market-scan.ts';
import { type Row, row, rows, text } from './_fields.ts';
import { marketId } from './_okx-kind.ts';
import type { Ask, Asking } from './_request.ts';
import { type FundingRow, listedInstruments, numberIn, numberOrNull, type ScannedMarkets, scanOfMarkets, topUnder, transfersNotTold } from './_scan.ts';

const HOUR_MS = 3_600_000;
const readTop = topUnder('bidPx', 'bidSz', 'askPx', 'askSz');
const tickers = (instType: 'SPOT' | 'SWAP'): Ask => ({ endpoint: 'publicGetMarketTickers', params: { instType }, weight: 3 });
const dataRows = (body: unknown): readonly Row[] => rows(row(body)['data']);

export function okxScan(markets: ScannedMarkets, now: () => number): MarketScan {
  return scanOfMarkets(
    markets,
    {
      ...{ venue: 'okx', title: 'OKX', idField: 'instId' },
      list: listedInstruments(markets, marketId, transfersNotTold('OKX')),
      tops: {
        spot: { ask: tickers('SPOT'), rows: dataRows, read: readTop },
        futures: { ask: tickers('SWAP'), rows: dataRows, read: readTop },
      },
      fundings: async (ask) => {
        const rates = dataRows(await ask({ endpoint: 'publicGetPublicFundingRate', params: { instId: 'ANY' }, weight: 3 }));
        const indices = await indexPrices(ask);
        return { rows: rates, read: (rate) => readFunding(rate, indices.get(text(rate, 'instId').replace(/-SWAP$/, '')) ?? null) };
      },
    },
    now,
  );
}

function readFunding(rate: Row, indexPrice: number | null): FundingRow {
  const nextAt = numberIn(rate, 'fundingTime');
  return {
    rate: numberIn(rate, 'fundingRate'),
    intervalHours: (numberIn(rate, 'nextFundingTime') - nextAt) / HOUR_MS,
    nextAt,
    maxRate: numberOrNull(rate, 'maxFundingRate'),
    minRate: numberOrNull(rate, 'minFundingRate'),
    indexPrice,
  };
}

/** Without them rates are known all the same, and coins are told apart by less. */
async function indexPrices(ask: Asking): Promise<ReadonlyMap<string, number>> {
  try {
    const listed = dataRows(await ask({ endpoint: 'publicGetMarketIndexTickers', params: { quoteCcy: 'USDT' }, weight: 3 }));
    return new Map(listed.flatMap((each) => (each['idxPx'] === '' ? [] : [[text(each, 'instId'), numberIn(each, 'idxPx')] as const])));
  } catch (error) {
    if (error instanceof PortError) return new Map();
    throw error;
  }
}
