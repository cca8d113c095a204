/** Candles of the past on the server's disk: what there is, for everybody; downloads, for the owner, whose disk and request budget they use. */
import { z } from 'zod';
import { downloadJob, downloads, orderDownload } from '#app/history/download-orders.ts';
import { requireOwner } from '../operators.ts';
import { pageByKey } from '../page-by-key.ts';
import type { RouteParts } from '../parts.ts';
import { type HttpServer, operation } from '../route.ts';
import { DownloadWish, HistoryPage, presentSeries } from '../schemas/history.ts';
import { Job, JobIdParams, presentJob } from '../schemas/jobs.ts';
import { pageOf, pageQuery } from '../schemas/shared-pieces.ts';

const HistoryQuery = pageQuery({
  exchange: z.string().min(1).max(40).optional().describe('Only candles from this exchange.'),
  symbol: z.string().min(1).max(80).optional().describe('Only candles of this.'),
});
const DownloadPage = pageOf('DownloadPage', Job, 'Downloads, the newest first; queues keep the newest only.');

const tags = ['catalogue'];

const LIST_HISTORY = operation({
  tags,
  operationId: 'listHistory',
  summary: 'Candles of the past on the disk',
  description: 'What has been downloaded or imported; a backtest can use it without asking an exchange.',
  querystring: HistoryQuery,
  response: { 200: HistoryPage },
  problems: ['history_damaged', 'history_unavailable'],
});

const ORDER_DOWNLOAD = operation({
  tags,
  operationId: 'orderDownload',
  summary: 'Download candles of the past',
  description:
    'For the owner. A job: its progress tells `share`, `symbol`, `interval` and `added`. Only what is not there is asked for; a job that is cancelled keeps what has come, and the same wish goes on from there.',
  body: DownloadWish,
  response: { 202: Job },
  problems: ['forbidden', 'exchange_unknown', 'symbol_unknown', 'venue_unavailable', 'venue_rate_limited'],
});

const LIST_DOWNLOADS = operation({
  tags,
  operationId: 'listDownloads',
  summary: 'Downloads of candles',
  description: 'For the owner.',
  response: { 200: DownloadPage },
  problems: ['forbidden'],
});

const GET_DOWNLOAD = operation({
  tags,
  operationId: 'getDownload',
  summary: 'Get a download',
  description: 'For the owner.',
  params: JobIdParams,
  response: { 200: Job },
  problems: ['forbidden', 'not_found'],
});

const CANCEL_DOWNLOAD = operation({
  tags,
  operationId: 'cancelDownload',
  summary: 'Cancel a download',
  description: 'For the owner. What has come stays.',
  params: JobIdParams,
  response: { 202: Job },
  problems: ['forbidden', 'not_found', 'job_state_conflict'],
});

export function addHistoryRoutes(server: HttpServer, parts: RouteParts): void {
  const { candleHistory, accounts, store, jobOffice } = parts;

  server.get('/market/history', { schema: LIST_HISTORY }, async ({ query }) => {
    const { exchange, symbol } = query;
    const found = (await candleHistory.list()).filter((each) => (exchange ?? each.venue) === each.venue && (symbol ?? each.symbol) === each.symbol);
    return pageByKey(found.map(presentSeries), (series) => `${series.exchange} ${series.symbol} ${series.interval}`, query);
  });

  server.post('/market/history/downloads', { schema: ORDER_DOWNLOAD }, async ({ userId, body }, reply) => {
    await requireOwner(userId, store);
    return reply.code(202).send(presentJob(await orderDownload(accounts.venue(body.exchange), body, parts)));
  });

  server.get('/market/history/downloads', { schema: LIST_DOWNLOADS }, async ({ userId }) => {
    await requireOwner(userId, store);
    return { items: (await downloads(parts)).map(presentJob), next_cursor: null };
  });

  server.get('/market/history/downloads/:id', { schema: GET_DOWNLOAD }, async ({ userId, params }) => {
    await requireOwner(userId, store);
    return presentJob(await downloadJob(params.id, parts));
  });

  server.post('/market/history/downloads/:id/cancel', { schema: CANCEL_DOWNLOAD }, async ({ userId, params }, reply) => {
    await requireOwner(userId, store);
    await downloadJob(params.id, parts);
    return reply.code(202).send(presentJob(await jobOffice.cancel(params.id)));
  });
}
