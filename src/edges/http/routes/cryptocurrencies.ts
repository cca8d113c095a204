/** Quotes of the whole market, as they were last read. */
import { readQuotes } from '#app/quotes/market-quotes.ts';
import type { RouteParts } from '../parts.ts';
import { type HttpServer, operation } from '../route.ts';
import { CryptocurrencyPage, CryptocurrencyQuery, presentQuotes } from '../schemas/cryptocurrencies.ts';

const LIST = operation({
  tags: ['catalogue'],
  operationId: 'listCryptocurrencies',
  summary: 'Currencies of the market',
  description:
    'The largest by market value, with the age of each. They are read every five minutes; what cannot be read anew is served as it was and marked stale.',
  querystring: CryptocurrencyQuery,
  response: { 200: CryptocurrencyPage },
});

export function addCryptocurrencyRoutes(server: HttpServer, { store, clock }: RouteParts): void {
  server.get('/market/cryptocurrencies', { schema: LIST }, async ({ query }) => {
    const { search, sort, limit, cursor } = query;
    const isDescending = query.order === undefined ? sort !== 'rank' && sort !== 'name' : query.order === 'desc';
    const filter = { sort, isDescending, ...(search === undefined ? {} : { search }) };
    return presentQuotes(await readQuotes(store, filter, { limit, cursor: cursor ?? null }), clock.now());
  });
}
