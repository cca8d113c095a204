/** Signals: lists by what they are, one with its course, and what a user wants to see of them. */
import { z } from 'zod';
import type { SignalQuery } from '#app/signal-views/signal-views.ts';
import { SCANNERS_OF_KIND } from '#core/signals/kinds.ts';
import type { RouteParts } from '../parts.ts';
import { type HttpServer, operation } from '../route.ts';
import { IdParams } from '../schemas/shared-pieces.ts';
import { presentChoices, readChoices, SignalChoicesInput, SignalChoicesItem } from '../schemas/signal-choices.ts';
import { AnySignalQuery, HistoryQuery, SignalQueryInput } from '../schemas/signal-query.ts';
import { presentPoint, presentSignal, presentSignals, SignalDetail, SignalHistory, SignalPage } from '../schemas/signals.ts';
import { pageRequest } from '../translate.ts';

const tags = ['signals'];
const LATER = 'The free plan sees the same a minute later, without prices of the legs, and the best ten alone.';
/** Points of the course that come with a signal. */
const POINTS_WITH_SIGNAL = 500;

/** The paths of lists and the scanner behind each. */
const LISTS = [
  { path: 'mexc-spot-futures', scanner: 'mexc-spot-futures', operationId: 'listMexcSpotFutures', summary: 'MEXC spot against its futures' },
  { path: 'funding-rate', scanner: 'funding-spread', operationId: 'listFundingRates', summary: 'Funding rates that differ between places' },
  { path: 'mexc-dex', scanner: 'cex-dex', operationId: 'listMexcDex', summary: 'MEXC against decentralised exchanges' },
] as const;

const ALL = operation({
  tags,
  operationId: 'listSignals',
  summary: 'Signals of all scanners, or of your posts',
  description: LATER,
  querystring: AnySignalQuery,
  response: { 200: SignalPage },
});

const GET = operation({
  tags,
  operationId: 'getSignal',
  summary: 'A signal with its course',
  description: `${LATER} One that is younger is not found.`,
  params: IdParams,
  response: { 200: SignalDetail },
  problems: ['not_found'],
});

const HISTORY = operation({
  tags,
  operationId: 'getSignalHistory',
  summary: 'The course of a signal',
  description: 'For a chart, oldest first.',
  params: IdParams,
  querystring: HistoryQuery,
  response: { 200: SignalHistory },
  problems: ['not_found'],
});

const REMOVE = operation({
  tags,
  operationId: 'deleteSignal',
  summary: 'Hide a signal',
  description: 'From the own lists. The owner of the installation removes it for everybody, with its course.',
  params: IdParams,
  response: { 204: z.undefined().describe('Hidden, or removed.') },
  problems: ['not_found', 'too_many_kept'],
});

const GET_CHOICES = operation({
  tags,
  operationId: 'getSignalChoices',
  summary: 'What I want to see',
  description: 'Own thresholds, mute and watch lists.',
  response: { 200: SignalChoicesItem },
});

const PUT_CHOICES = operation({
  tags,
  operationId: 'putSignalChoices',
  summary: 'Say what I want to see',
  description: 'Replaces all of it.',
  body: SignalChoicesInput,
  response: { 200: SignalChoicesItem },
});

export function addSignalRoutes(server: HttpServer, { signalViews }: RouteParts): void {
  const list = async (userId: string, query: z.output<typeof AnySignalQuery>) =>
    presentSignals(await signalViews.list(userId, queryOf(query), { limit: query.limit, cursor: query.cursor ?? null }));

  server.get('/signals', { schema: ALL }, async ({ userId, query }) => {
    if (query.origin === 'scanner') return list(userId, query);
    const state = query.state === 'all' ? null : query.state;
    return presentSignals(await signalViews.ofPosts(userId, state, pageRequest(query)));
  });
  for (const { path, scanner, operationId, summary } of LISTS) {
    const schema = operation({ tags, operationId, summary, description: LATER, querystring: SignalQueryInput, response: { 200: SignalPage } });
    server.get(`/signals/${path}`, { schema }, ({ userId, query }) => list(userId, { ...query, scanner, origin: 'scanner' }));
  }
  server.get('/signals/choices', { schema: GET_CHOICES }, async ({ userId }) => presentChoices(await signalViews.choices(userId)));
  server.put('/signals/choices', { schema: PUT_CHOICES }, async ({ userId, body }) => presentChoices(await signalViews.choose(userId, readChoices(body))));
  server.get('/signals/:id', { schema: GET }, async ({ userId, params }) => {
    const view = await signalViews.get(userId, params.id);
    const points = await signalViews.history(userId, params.id, 0, POINTS_WITH_SIGNAL);
    return { ...presentSignal(view), history: points.map(presentPoint) };
  });
  server.get('/signals/:id/history', { schema: HISTORY }, async ({ userId, params, query }) => {
    const points = await signalViews.history(userId, params.id, query.after ?? 0, query.limit);
    return { items: points.map(presentPoint), next_cursor: null };
  });
  server.delete('/signals/:id', { schema: REMOVE }, async ({ userId, params }, reply) => {
    await signalViews.remove(userId, params.id);
    return reply.code(204).send();
  });
}

function queryOf(query: z.output<typeof AnySignalQuery>): SignalQuery {
  const { scanner, kind, state, quarantined, min_net: minNetPercent, min_size: minSizeQuote, venue, symbol, search } = query;
  const base = symbol?.split('/')[0];
  return {
    filter: {
      ...(scanner === undefined ? {} : { scanner }),
      ...(kind === undefined ? {} : { scanners: SCANNERS_OF_KIND[kind] }),
      ...(state === 'all' ? {} : { state }),
      ...(quarantined === 'without' ? {} : { quarantined }),
      ...(minNetPercent === undefined ? {} : { minNetPercent }),
      ...(minSizeQuote === undefined ? {} : { minSizeQuote }),
      ...(venue === undefined ? {} : { venue }),
      ...(base === undefined ? {} : { base }),
      ...(search === undefined ? {} : { search }),
    },
    sort: query.sort,
    isWatchedOnly: query.watched === true,
    isUnchosen: query.unchosen === true,
    minAgeMs: query.min_age === undefined ? undefined : query.min_age * 1_000,
    maxAgeMs: query.max_age === undefined ? undefined : query.max_age * 1_000,
  };
}
