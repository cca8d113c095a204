/** Reads the quotes of the market every five minutes, where there is a key for them. */
import { syncQuotes } from '../../quotes/market-quotes.ts';
import type { JobKind } from '../job-kind.ts';

export const marketQuotes: JobKind = {
  kind: 'market_quotes',
  title: { en: 'Read the quotes of the market', ru: 'Обновление котировок рынка' },
  repeat: ({ quoteSource }) => (quoteSource === null ? null : { cron: '*/5 * * * *' }),
  run: async (_job, { quoteSource, store, clock, log }) => {
    if (quoteSource === null) throw new Error('there is no source of quotes: COINMARKETCAP_API_KEY is not set');
    return { ...(await syncQuotes({ store, source: quoteSource, clock, log })) };
  },
};
