/** Candles of the past on the server's disk: what there is, for everybody; downloads, for the owner, whose disk and request budget they use. */
import { z } from 'zod';
import { orderDownload } from '#app/history/download-orders.ts';
import { requireOwner } from '../operators.ts';
import { pageByKey } from '../page-by-key.ts';
import type { RouteParts } from '../parts.ts';
import { type HttpServer, operation } from '../route.ts';
import { DownloadWish, HistoryPage, presentRecords, presentSeries } from '../schemas/history.ts';
import { Job, presentJob } from '../schemas/jobs.ts';
import { pageQuery } from '../schemas/shared-pieces.ts';

const HistoryQuery = pageQuery({
  exchange: z.string().min(1).max(40).optional().describe('Only candles from this exchange.'),
  symbol: z.string().min(1).max(80).optional().describe('Only candles of this.'),
});

const tags = ['catalogue'];

const LIST_HISTORY = operation({
  tags,
  operationId: 'listHistory',
  summary: 'What there is of the past on the disk',
  description: 'What has been downloaded or imported; a backtest can use it without asking an exchange.',
  querystring: HistoryQuery,
  response: { 200: HistoryPage },
  problems: ['history_unavailable'],
});

const ORDER_DOWNLOAD = operation({
  tags,
  operationId: 'orderDownload',
  summary: 'Download candles, funding or trades of the past',
  description:
    'For the owner. A job: `GET /admin/jobs/{id}` tells how far it is (`share`, `symbol`, `interval`, `added`), `POST /admin/jobs/{id}/cancel` ends it. What has come stays, and the same wish goes on from there.',
  body: DownloadWish,
  response: { 202: Job },
  problems: ['forbidden', 'exchange_unknown', 'symbol_unknown', 'venue_unavailable', 'venue_rate_limited'],
});

export function addHistoryRoutes(server: HttpServer, parts: RouteParts): void {
  const { candleHistory, accounts, store } = parts;

  server.get('/market/history', { schema: LIST_HISTORY }, async ({ query }) => {
    const { exchange, symbol } = query;
    const all = [...(await candleHistory.list()).map(presentSeries), ...(await candleHistory.records.list()).map(presentRecords)];
    const found = all.filter((each) => (exchange ?? each.exchange) === each.exchange && (symbol ?? each.symbol) === each.symbol);
    return pageByKey(found, (series) => `${series.exchange} ${series.symbol} ${series.interval}`, query);
  });

  server.post('/market/history/downloads', { schema: ORDER_DOWNLOAD }, async ({ userId, body }, reply) => {
    await requireOwner(userId, store);
    return reply.code(202).send(presentJob(await orderDownload(accounts.venue(body.exchange), body, parts)));
  });
}
