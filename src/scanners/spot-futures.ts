/** Spot against the perpetual at every venue but MEXC, whose signals have had a name of their own from the beginning. */
import { coinAndPerpetual } from './_coin-and-perpetual.ts';

export const spotFutures = coinAndPerpetual(
  {
    name: 'spot-futures',
    title: { en: 'Spot against futures', ru: 'Спот и фьючерсы' },
    summary: {
      en: 'The price of a coin on the spot market of Binance, Bybit, OKX or Bitget differs from that of its perpetual there by more than it costs to trade both.',
      ru: 'Цена монеты на споте Binance, Bybit, OKX или Bitget отличается от цены её бессрочного контракта там же больше, чем стоит сделка на обоих рынках.',
    },
  },
  500,
  (venue) => venue !== 'mexc',
);
