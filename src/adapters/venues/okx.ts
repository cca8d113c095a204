/**
 * OKX (version 5), through unmodified ccxt: spot here, USDT perpetuals in _okx-perpetual.ts, and what both say alike in
 * _okx-both-markets.ts.
 * @see https://www.okx.com/docs-v5/en/
 */
import { okxCoins } from './_coin-lists.ts';
import type { CcxtDialect } from './_dialect.ts';
import { OKX_CAPABILITIES, okxCommon, placeAsk } from './_okx-both-markets.ts';
import { marketId, SPOT } from './_okx-kind.ts';
import { okxPerpetual } from './_okx-perpetual.ts';
import { readFeeRates, readInstruments } from './_okx-rows.ts';
import { okxScan } from './_okx-scan.ts';
import { twoMarketVenue } from './_two-markets.ts';
import { defineVenue } from './_venue.ts';

// Public data is counted by address and endpoint, whatever is asked about.
export const okx = defineVenue({
  id: 'okx',
  title: 'OKX',
  open: (options) => twoMarketVenue({ spot: okxSpot(), perpetual: okxPerpetual(), oneBudget: true, scanOf: okxScan }, options),
});

function okxSpot(): CcxtDialect {
  return {
    ...okxCommon(SPOT),
    capabilities: { ...OKX_CAPABILITIES, markets: ['spot'] },
    readInstruments,
    // Without the unit a market buy would take the size for an amount of money.
    place: (order) => placeAsk(order, { size: order.size, params: { tdMode: 'cash' }, marketParams: { tgtCcy: 'base_ccy' } }),
    // Six times a second.
    coinNetworks: { ask: { endpoint: 'privateGetAssetCurrencies', params: {}, weight: 0, accountWeight: 4 }, read: okxCoins },
    feeRates: {
      ask: (symbol) => ({ endpoint: 'privateGetAccountTradeFee', params: { instType: 'SPOT', instId: marketId(symbol) }, weight: 0, accountWeight: 16 }),
      read: readFeeRates,
    },
  };
}
