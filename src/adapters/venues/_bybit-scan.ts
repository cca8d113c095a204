/** Bybit in bulk: its tickers tell everything at once. The interval is read with every rate, because it changes. */
import type { MarketScan } from '#core/signals/market-scan.ts';
import { marketId } from './_bybit-connection.ts';
import { listOf } from './_bybit-rows.ts';
import type { Row } from './_fields.ts';
import type { Ask } from './_request.ts';
import { type FundingRow, listedInstruments, numberIn, numberOrNull, type ScannedMarkets, scanOfMarkets, topUnder, transfersNotTold } from './_scan.ts';

const readTop = topUnder('bid1Price', 'bid1Size', 'ask1Price', 'ask1Size');
const tickers = (category: 'spot' | 'linear'): Ask => ({ endpoint: 'publicGetV5MarketTickers', params: { category }, weight: 1 });

export function bybitScan(markets: ScannedMarkets, now: () => number): MarketScan {
  return scanOfMarkets(
    markets,
    {
      ...{ venue: 'bybit', title: 'Bybit', idField: 'symbol' },
      list: listedInstruments(markets, marketId, transfersNotTold('Bybit')),
      tops: {
        spot: { ask: tickers('spot'), rows: listOf, read: readTop },
        futures: { ask: tickers('linear'), rows: listOf, read: readTop },
      },
      fundings: async (ask) => ({ rows: listOf(await ask(tickers('linear'))), read: readFunding }),
    },
    now,
  );
}

function readFunding(ticker: Row): FundingRow {
  const cap = numberOrNull(ticker, 'fundingCap');
  return {
    rate: numberIn(ticker, 'fundingRate'),
    intervalHours: numberIn(ticker, 'fundingIntervalHour'),
    nextAt: numberIn(ticker, 'nextFundingTime'),
    maxRate: cap,
    minRate: cap === null ? null : -cap,
    indexPrice: numberOrNull(ticker, 'indexPrice'),
  };
}
