/** Bitget in bulk. It alone tells everybody of networks: contracts of tokens, deposits, withdrawals and their fees. */

import type { CoinNetworks } from '#core/signals/coin-networks.ts';
import type { MarketScan } from '#core/signals/market-scan.ts';
import type { TransferState } from '#core/signals/signal.ts';
import { dataOf, marketId } from './_bitget-rows.ts';
import { amount, type Row, rows, text } from './_fields.ts';
import { coinNetworks, type NetworkRow } from './_networks.ts';
import type { Ask, Asking } from './_request.ts';
import { type FundingRow, type ListedRow, listedInstruments, numberIn, numberOrNull, type ScannedMarkets, scanOfMarkets, topUnder } from './_scan.ts';

const FUTURES = { productType: 'USDT-FUTURES' };
const UNKNOWN: TransferState = { canDeposit: null, canWithdraw: null, withdrawFee: null, note: 'Bitget does not list the networks of this coin' };
const readTop = topUnder('bidPr', 'bidSz', 'askPr', 'askSz');
const dataRows = (body: unknown): readonly Row[] => rows(dataOf(body));
const FUTURES_TICKERS: Ask = { endpoint: 'publicMixGetV2MixMarketTickers', params: FUTURES, weight: 1 };

export function bitgetScan(markets: ScannedMarkets, now: () => number): MarketScan {
  const listed = listedInstruments(markets, (symbol) => marketId(symbol.split(':')[0] ?? symbol), UNKNOWN);
  return scanOfMarkets(
    markets,
    {
      ...{ venue: 'bitget', title: 'Bitget', idField: 'symbol' },
      list: {
        spot: async () => {
          const coins = await networksOf(markets.spot.asking);
          return (await listed.spot()).map((each): ListedRow => ({ ...each, ...coins.get(each.base) }));
        },
        futures: listed.futures,
      },
      tops: {
        spot: { ask: { endpoint: 'publicSpotGetV2SpotMarketTickers', params: {}, weight: 1 }, rows: dataRows, read: readTop },
        futures: { ask: FUTURES_TICKERS, rows: dataRows, read: readTop },
      },
      fundings: async (ask) => {
        const rates = dataRows(await ask({ endpoint: 'publicMixGetV2MixMarketCurrentFundRate', params: FUTURES, weight: 1 }));
        const indices = new Map(dataRows(await ask(FUTURES_TICKERS)).map((each) => [text(each, 'symbol'), numberOrNull(each, 'indexPrice')]));
        return { rows: rates, read: (rate) => readFunding(rate, indices.get(text(rate, 'symbol')) ?? null) };
      },
    },
    now,
  );
}

function readFunding(rate: Row, indexPrice: number | null): FundingRow {
  return {
    rate: numberIn(rate, 'fundingRate'),
    intervalHours: numberIn(rate, 'fundingRateInterval'),
    nextAt: numberIn(rate, 'nextUpdate'),
    maxRate: numberOrNull(rate, 'maxFundingRate'),
    minRate: numberOrNull(rate, 'minFundingRate'),
    indexPrice,
  };
}

async function networksOf(ask: Asking): Promise<ReadonlyMap<string, Pick<CoinNetworks, 'contracts' | 'transfer' | 'networks'>>> {
  const coins = dataRows(await ask({ endpoint: 'publicSpotGetV2SpotPublicCoins', params: {}, weight: 7 }));
  return new Map(
    coins.map((coin) => {
      const name = text(coin, 'coin');
      const { contracts, transfer, networks } = coinNetworks(name, rows(coin['chains']).map(networkIn));
      return [name, { contracts, transfer, networks }];
    }),
  );
}

function networkIn(chain: Row): NetworkRow {
  const [address, fee] = [chain['contractAddress'], chain['withdrawFee']];
  return {
    chain: text(chain, 'chain'),
    contract: typeof address === 'string' ? address : '',
    canDeposit: String(chain['rechargeable']) === 'true',
    canWithdraw: String(chain['withdrawable']) === 'true',
    withdrawFee: fee === '' || fee === undefined ? null : amount(chain, 'withdrawFee'),
  };
}
