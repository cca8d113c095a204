/** Spot of MEXC against its perpetual: buy the cheaper, sell the dearer, and close both where they meet. */
import { coinAndPerpetual } from './_coin-and-perpetual.ts';

export const mexcSpotFutures = coinAndPerpetual(
  {
    name: 'mexc-spot-futures',
    title: { en: 'MEXC spot against futures', ru: 'MEXC: спот и фьючерсы' },
    summary: {
      en: 'The price of a coin on the spot market of MEXC differs from that of its perpetual by more than it costs to trade both.',
      ru: 'Цена монеты на споте MEXC отличается от цены её бессрочного контракта больше, чем стоит сделка на обоих рынках.',
    },
  },
  200,
  (venue) => venue === 'mexc',
);
