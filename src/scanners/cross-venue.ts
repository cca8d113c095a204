/** Spot of one coin at two venues: buy it where it is cheap, move it, sell it where it is dear. */
import { defineScanner } from '#core/signals/scanner.ts';

export const crossVenue = defineScanner({
  name: 'cross-venue',
  title: { en: 'Spot across venues', ru: 'Спот между биржами' },
  summary: {
    en: 'A coin is sold for less on the spot market of one venue than it is bought for at another, after both fees and the withdrawal.',
    ru: 'Монета на споте одной биржи дешевле, чем её покупают на другой, с учётом обеих комиссий и вывода.',
  },
  strategy: 'cross_venue',
  rules: { sizeQuote: 500, openAt: 0.005, holdMs: 2_000, closeAt: 0.002, horizonHours: 0 },
  pairs: (listings) => {
    const spots = listings.filter(({ market }) => market === 'spot');
    return spots.flatMap((one, index) =>
      spots
        .slice(index + 1)
        .filter((other) => other.venue !== one.venue && other.quote === one.quote)
        .map((other) => [one, other] as const),
    );
  },
  plan: () => ({ exit: 'transfer', warnings: [], costShare: 0 }),
});
