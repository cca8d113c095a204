/** MEXC against pools of decentralised exchanges: spot by moving coins, futures by holding both sides until they meet. */
import { defineScanner } from '#core/signals/scanner.ts';

/** Pools are priced in US dollars and MEXC in USDT: so much of the size may be nothing but the difference of the two. */
const DOLLAR_DOUBT = 0.003;

export const cexDex = defineScanner({
  name: 'cex-dex',
  title: { en: 'MEXC against pools', ru: 'MEXC и децентрализованные биржи' },
  summary: {
    en: 'A coin costs less in a pool than at MEXC, or the other way round, after fees, gas and the depth of both.',
    ru: 'Монета в пуле стоит дешевле, чем на MEXC, или наоборот, с учётом комиссий, газа и глубины обеих сторон.',
  },
  strategy: 'cex_dex',
  rules: { sizeQuote: 500, openAt: 0.01, holdMs: 5_000, closeAt: 0.004, horizonHours: 8 },
  pairs: (listings) => {
    const pools = listings.filter(({ market }) => market === 'dex');
    const ofMexc = listings.filter(({ venue, quote }) => venue === 'mexc' && quote === 'USDT');
    return pools.flatMap((pool) => ofMexc.map((each) => [pool, each] as const));
  },
  plan: (buy, sell) => {
    const costShare = [buy, sell].some(({ quote }) => quote === 'USD') ? DOLLAR_DOUBT : 0;
    const doubts = [...(costShare > 0 ? (['usd_is_not_usdt'] as const) : []), 'gas_assumed' as const];
    if ([buy, sell].some(({ market }) => market === 'spot')) return { exit: 'transfer', warnings: doubts, costShare };
    return { exit: 'convergence', warnings: sell.market === 'dex' ? [...doubts, 'needs_inventory'] : doubts, costShare };
  },
});
