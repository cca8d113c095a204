/** Spot of MEXC against its perpetual: buy the cheaper, sell the dearer, and close both where they meet. */
import { defineScanner } from '#core/signals/scanner.ts';

export const mexcSpotFutures = defineScanner({
  name: 'mexc-spot-futures',
  title: { en: 'MEXC spot against futures', ru: 'MEXC: спот и фьючерсы' },
  summary: {
    en: 'The price of a coin on the spot market of MEXC differs from that of its perpetual by more than it costs to trade both.',
    ru: 'Цена монеты на споте MEXC отличается от цены её бессрочного контракта больше, чем стоит сделка на обоих рынках.',
  },
  strategy: 'spot_futures',
  rules: { sizeQuote: 200, openAt: 0.003, holdMs: 1_000, closeAt: 0.001, horizonHours: 8 },
  pairs: (listings) => {
    const ofMexc = listings.filter(({ venue }) => venue === 'mexc');
    const perpetuals = ofMexc.filter(({ market }) => market === 'futures');
    return ofMexc
      .filter(({ market }) => market === 'spot')
      .flatMap((spot) => perpetuals.filter(({ quote }) => quote === spot.quote).map((each) => [spot, each] as const));
  },
  // Who has no coins must borrow them to sell them.
  plan: (_buy, sell) => ({ exit: 'convergence', warnings: sell.market === 'spot' ? ['needs_inventory'] : [], costShare: 0 }),
});
