/** Binance in bulk. Intervals of funding are listed only where they are not eight hours; without that list no rate is told. */
import type { MarketScan } from '#core/signals/market-scan.ts';
import { marketId } from './_binance-connection.ts';
import { type Row, rows, text } from './_fields.ts';
import { type FundingRow, listedInstruments, numberIn, numberOrNull, type ScannedMarkets, scanOfMarkets, topUnder, transfersNotTold } from './_scan.ts';

const USUAL_HOURS = 8;
const readTop = topUnder('bidPrice', 'bidQty', 'askPrice', 'askQty');

export function binanceScan(markets: ScannedMarkets, now: () => number): MarketScan {
  return scanOfMarkets(
    markets,
    {
      ...{ venue: 'binance', title: 'Binance', idField: 'symbol' },
      list: listedInstruments(markets, marketId, transfersNotTold('Binance')),
      tops: {
        spot: { ask: { endpoint: 'publicGetTickerBookTicker', params: {}, weight: 4 }, rows, read: readTop },
        futures: { ask: { endpoint: 'fapiPublicGetTickerBookTicker', params: {}, weight: 5 }, rows, read: readTop },
      },
      fundings: async (ask) => {
        const adjusted = new Map(rows(await ask({ endpoint: 'fapiPublicGetFundingInfo', params: {}, weight: 1 })).map((each) => [text(each, 'symbol'), each]));
        const rates = rows(await ask({ endpoint: 'fapiPublicGetPremiumIndex', params: {}, weight: 10 }));
        return { rows: rates, read: (rate) => readFunding(rate, adjusted.get(text(rate, 'symbol'))) };
      },
    },
    now,
  );
}

function readFunding(rate: Row, adjusted: Row | undefined): FundingRow {
  return {
    // Named the last, it is that of the settlement to come.
    rate: numberIn(rate, 'lastFundingRate'),
    intervalHours: adjusted === undefined ? USUAL_HOURS : numberIn(adjusted, 'fundingIntervalHours'),
    nextAt: numberIn(rate, 'nextFundingTime'),
    maxRate: adjusted === undefined ? null : numberOrNull(adjusted, 'adjustedFundingRateCap'),
    minRate: adjusted === undefined ? null : numberOrNull(adjusted, 'adjustedFundingRateFloor'),
    indexPrice: numberOrNull(rate, 'indexPrice'),
  };
}
