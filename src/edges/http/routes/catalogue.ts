/** What everybody who is logged in can look up: strategies, exchanges, instruments and prices. */
import { z } from 'zod';
import { instrumentOf } from '#app/bots/bot-planning.ts';
import { describeStrategies } from '#app/bots/strategies.ts';
import { languageOf } from '../language.ts';
import { pageByKey } from '../page-by-key.ts';
import type { RouteParts } from '../parts.ts';
import { type HttpServer, operation } from '../route.ts';
import { exchangeInput } from '../schemas/accounts.ts';
import {
  ExchangePage,
  InstrumentPage,
  presentExchange,
  presentInstrument,
  presentStrategy,
  presentTicker,
  StrategyPage,
  Ticker,
} from '../schemas/catalogue.ts';
import { PageQuery, pageQuery, symbolInput } from '../schemas/shared-pieces.ts';

const InstrumentQuery = pageQuery({
  exchange: exchangeInput,
  quote: z.string().min(1).max(20).optional().describe('Only instruments traded for this coin.'),
  kind: z.enum(['spot', 'perpetual']).optional().describe('Only spot instruments, or only perpetuals.'),
});
const TickerQuery = z.strictObject({ exchange: exchangeInput, symbol: symbolInput.describe('What is traded, such as `BTC/USDT`.') });

const tags = ['catalogue'];

const LIST_STRATEGIES = operation({
  tags,
  operationId: 'listStrategies',
  summary: 'List strategies',
  description: 'All strategies, your own among them as `custom:…`, with the JSON Schema of their settings, in the language of `Accept-Language`.',
  querystring: PageQuery,
  response: { 200: StrategyPage },
});

const LIST_EXCHANGES = operation({
  tags,
  operationId: 'listExchanges',
  summary: 'List exchanges',
  description: 'All exchanges with what they can do and which keys they need.',
  querystring: PageQuery,
  response: { 200: ExchangePage },
});

const LIST_INSTRUMENTS = operation({
  tags,
  operationId: 'listInstruments',
  summary: 'List instruments',
  description: 'What an exchange trades, with increments, minimums and fees, in the order of the symbols.',
  querystring: InstrumentQuery,
  response: { 200: InstrumentPage },
  problems: ['exchange_unknown', 'venue_unavailable', 'venue_rate_limited'],
});

const GET_TICKER = operation({
  tags,
  operationId: 'getTicker',
  summary: 'The price now',
  description: 'Best bid and ask of an instrument.',
  querystring: TickerQuery,
  response: { 200: Ticker },
  problems: ['exchange_unknown', 'symbol_unknown', 'venue_unavailable', 'venue_rate_limited'],
});

export function addCatalogueRoutes(server: HttpServer, { accounts, strategies, own, venues }: RouteParts): void {
  server.get('/strategies', { schema: LIST_STRATEGIES }, async (request) => {
    const all = new Map([...strategies, ...((await own?.described(request.userId)) ?? [])]);
    return pageByKey(describeStrategies(all, languageOf(request.headers['accept-language'])).map(presentStrategy), (strategy) => strategy.name, request.query);
  });

  server.get('/exchanges', { schema: LIST_EXCHANGES }, async (request) => {
    const language = languageOf(request.headers['accept-language']);
    return pageByKey(
      [...venues.values()].map((venue) => presentExchange(venue, language)),
      (exchange) => exchange.id,
      request.query,
    );
  });

  server.get('/market/instruments', { schema: LIST_INSTRUMENTS }, async (request) => {
    const instruments = [...(await accounts.venue(request.query.exchange).market.instruments()).values()];
    const { quote, kind } = request.query;
    const wanted = instruments.filter((instrument) => (quote === undefined || instrument.quote === quote) && (kind === undefined || instrument.kind === kind));
    return pageByKey(wanted.map(presentInstrument), (instrument) => instrument.symbol, request.query);
  });

  server.get('/market/ticker', { schema: GET_TICKER }, async (request) => {
    const venue = accounts.venue(request.query.exchange);
    await instrumentOf(venue, request.query.symbol);
    return presentTicker(venue, await venue.market.quote(request.query.symbol), languageOf(request.headers['accept-language']));
  });
}
