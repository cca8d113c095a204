/** Funding of one coin at two venues: long where it costs less, short where it pays more, as long as the rates stay apart. */
import { defineScanner } from '#core/signals/scanner.ts';

export const fundingSpread = defineScanner({
  name: 'funding-spread',
  title: { en: 'Funding rates across venues', ru: 'Ставки финансирования между биржами' },
  summary: {
    en: 'A perpetual pays its shorts more at one venue than its longs pay at another, by more than both positions cost within a day.',
    ru: 'Бессрочный контракт платит шортам на одной бирже больше, чем берёт с лонгов на другой, и за сутки это окупает обе позиции.',
  },
  strategy: 'funding',
  rules: { sizeQuote: 1_000, openAt: 0.001, holdMs: 10_000, closeAt: 0, horizonHours: 24 },
  pairs: (listings) => {
    const perpetuals = listings.filter(({ market }) => market === 'futures');
    return perpetuals.flatMap((one, index) =>
      perpetuals
        .slice(index + 1)
        .filter((other) => other.venue !== one.venue && other.quote === one.quote)
        .map((other) => [one, other] as const),
    );
  },
  plan: () => ({ exit: 'funding', warnings: [], costShare: 0 }),
});
