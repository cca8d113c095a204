/** Backtests: asked for, watched, read as tables or as a page, compared, and made into bots. */
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { MAX_DATASET_BYTES } from '#app/backtest/backtests.ts';
import { differingSettings } from '#app/backtest/compare.ts';
import { type TableName, tableOf } from '#app/backtest/document-tables.ts';
import { backtestPage } from '#app/backtest/html/page.ts';
import { languageOf } from '../language.ts';
import type { RouteParts } from '../parts.ts';
import { type HttpServer, operation } from '../route.ts';
import { presentReport, Report } from '../schemas/backtest-figures.ts';
import { venueModel } from '../schemas/backtest-models.ts';
import {
  BacktestItem,
  BacktestOfBot,
  BacktestPage,
  backtestInput,
  CompareQuery,
  Comparison,
  DatasetItem,
  DatasetPage,
  Deployment,
  NewBacktest,
  presentBacktest,
  presentDataset,
} from '../schemas/backtests.ts';
import { Bot, presentBot } from '../schemas/bots.ts';
import { IdParams, PageQuery, textInput } from '../schemas/shared-pieces.ts';
import { pageAnswer, pageRequest } from '../translate.ts';

const tags = ['backtests'];
const params = IdParams;
const TABLES = {
  trades: 'Closed trades: entry, exit, profit after fees, and how far the price went against and with each.',
  orders: 'Orders with what became of each.',
  fills: 'Executions.',
  equity: 'The curve of equity, with price and drawdown.',
} as const satisfies Readonly<Record<TableName, string>>;

const Table = z
  .string()
  .meta({ id: 'CsvTable', description: 'A table with a header line.', examples: ['at,equity,price,drawdown\r\n2026-11-01T00:00:00.000Z,1000,60000,0\r\n'] });
const ReportPage = z.string().meta({ id: 'ReportPage', description: 'A page of HTML.', examples: ['<!doctype html>'] });

const CREATE = operation({
  tags,
  operationId: 'createBacktest',
  summary: 'Ask for a backtest',
  description: 'Checks the settings, keeps them and has a worker compute them; watch `state` and `progress`. Bots trade on undisturbed meanwhile.',
  body: NewBacktest,
  response: { 202: BacktestItem },
  problems: ['strategy_unknown', 'exchange_unknown', 'symbol_unknown', 'backtest_too_large', 'too_many_kept', 'venue_unavailable', 'venue_rate_limited'],
});
const OF_BOT = operation({
  tags,
  operationId: 'createBacktestOfBot',
  summary: 'Explain a bot by its own backtest',
  description:
    'Computes the latest run of a bot over again, with its settings and instrument over the time in which it traded. The result holds, under `against`, what both did, what one did alone, and what each difference means for the profit.',
  params,
  body: BacktestOfBot,
  response: { 202: BacktestItem },
  problems: ['not_found', 'strategy_changed', 'backtest_too_large', 'too_many_kept'],
});
const BOT_REPORT = operation({
  tags: ['bots'],
  operationId: 'getBotReport',
  summary: 'The report of a bot',
  description: 'What its latest run is judged by: the figures of a backtest, computed in the same way from what it has really done.',
  params,
  response: { 200: Report },
  problems: ['not_found'],
});
const LIST = operation({
  tags,
  operationId: 'listBacktests',
  summary: 'List backtests',
  description: 'Your backtests, newest first.',
  querystring: PageQuery,
  response: { 200: BacktestPage },
});
const COMPARE = operation({
  tags,
  operationId: 'compareBacktests',
  summary: 'Compare backtests',
  description: 'Several of your backtests side by side, with the settings in which they differ.',
  querystring: CompareQuery,
  response: { 200: Comparison },
  problems: ['not_found'],
});
const GET = operation({
  tags,
  operationId: 'getBacktest',
  summary: 'Get a backtest',
  description: 'How far one of your backtests is, and its figures once it is done.',
  params,
  response: { 200: BacktestItem },
  problems: ['not_found'],
});
const CANCEL = operation({
  tags,
  operationId: 'cancelBacktest',
  summary: 'Cancel a backtest',
  description: 'Ends one that waits or runs; one that is over stays as it is.',
  params,
  response: { 200: BacktestItem },
  problems: ['not_found'],
});
const DELETE = operation({
  tags,
  operationId: 'deleteBacktest',
  summary: 'Delete a backtest',
  description: 'Deletes it with its result; one that runs is ended.',
  params,
  response: { 204: z.undefined().describe('Deleted.') },
  problems: ['not_found'],
});
const DEPLOY = operation({
  tags,
  operationId: 'deployBacktest',
  summary: 'Make a bot of a backtest',
  description: 'Creates a bot, stopped, with the strategy, version and settings that were tested. Refused when the strategy has another version by now.',
  params,
  body: Deployment,
  response: { 201: Bot },
  problems: ['not_found', 'backtest_unfinished', 'strategy_changed', 'venue_unavailable'],
});
const RESULT = operation({
  tags,
  operationId: 'getBacktestResult',
  summary: 'The whole result',
  description:
    'Everything of a backtest as JSON: assumptions, figures, months, curve, trades, executions, orders and notes. The guide on backtesting has its form.',
  params,
  response: { 200: z.record(z.string(), z.unknown()).meta({ description: 'The document of a backtest.', examples: [{ format: 1, strategy: 'grid' }] }) },
  problems: ['not_found', 'backtest_unfinished'],
});
const UPLOAD = operation({
  tags,
  operationId: 'uploadDataset',
  summary: 'Upload a file of candles',
  description: `A CSV file with the columns timestamp, open, high, low, close and volume as the body, up to ${MAX_DATASET_BYTES / 1_048_576} MiB. It is read strictly: what is not a candle is refused with its line.`,
  consumes: ['text/csv'],
  querystring: z.strictObject({ name: textInput(80).describe('Your own name for it.') }),
  response: { 201: DatasetItem },
  problems: ['candles_invalid', 'backtest_too_large', 'too_many_kept', 'payload_too_large'],
});
const LIST_DATASETS = operation({
  tags,
  operationId: 'listDatasets',
  summary: 'List files of candles',
  description: 'Your files of candles, newest first.',
  querystring: PageQuery,
  response: { 200: DatasetPage },
});
const DELETE_DATASET = operation({
  tags,
  operationId: 'deleteDataset',
  summary: 'Delete a file of candles',
  description: 'Deletes a file; results that came of it stay.',
  params,
  response: { 204: z.undefined().describe('Deleted.') },
  problems: ['not_found'],
});

export function addBacktestRoutes(server: HttpServer, { backtests, bots, history }: RouteParts): void {
  server.get('/bots/:id/report', { schema: BOT_REPORT }, async (request) =>
    presentReport(await history.report(await bots.get(request.userId, request.params.id))),
  );
  server.post('/backtests', { schema: CREATE }, async (request, reply) => {
    const record = await backtests.create(request.userId, backtestInput(request.body));
    return reply.code(202).header('location', `/api/v1/backtests/${record.id}`).send(presentBacktest(record));
  });
  server.post('/bots/:id/backtest', { schema: OF_BOT }, async (request, reply) => {
    const { name, models } = request.body;
    const record = await backtests.createOfBot(request.userId, request.params.id, { name, venue: venueModel(models) });
    return reply.code(202).header('location', `/api/v1/backtests/${record.id}`).send(presentBacktest(record));
  });
  server.get('/backtests', { schema: LIST }, async (request) => pageAnswer(await backtests.list(request.userId, pageRequest(request.query)), presentBacktest));
  server.get('/backtests/compare', { schema: COMPARE }, async (request) => {
    const records = await Promise.all(request.query.ids.map((id) => backtests.get(request.userId, id)));
    return { items: records.map(presentBacktest), differences: differingSettings(records).map(({ setting, values }) => ({ setting, values: [...values] })) };
  });
  server.get('/backtests/:id', { schema: GET }, async (request) => presentBacktest(await backtests.get(request.userId, request.params.id)));
  server.post('/backtests/:id/cancel', { schema: CANCEL }, async (request) => presentBacktest(await backtests.cancel(request.userId, request.params.id)));
  server.delete('/backtests/:id', { schema: DELETE }, async (request, reply) => {
    await backtests.remove(request.userId, request.params.id);
    return reply.code(204).send();
  });
  server.post('/backtests/:id/deploy', { schema: DEPLOY }, async (request, reply) => {
    const { name, account_id: accountId, mode } = request.body;
    return reply.code(201).send(presentBot(await backtests.deploy(request.userId, request.params.id, { name, accountId, mode })));
  });
  addResults(server, backtests);
  addDatasets(server, backtests);
}

function addResults(server: HttpServer, backtests: RouteParts['backtests']): void {
  server.get('/backtests/:id/result', { schema: RESULT }, async (request) => ({ ...(await backtests.document(request.userId, request.params.id)) }));
  for (const name of Object.keys(TABLES) as TableName[]) {
    server.get(
      `/backtests/:id/${name}.csv`,
      { schema: textOf(`getBacktest_${name}`, `The ${name} as CSV`, TABLES[name], 'text/csv') },
      async (request, reply) =>
        sendText(reply, 'text/csv; charset=utf-8', `${name}.csv`, tableOf(await backtests.document(request.userId, request.params.id), name)),
    );
  }
  const description = 'One page with charts that needs nothing else, in the language of `Accept-Language`.';
  server.get('/backtests/:id/report.html', { schema: textOf('getBacktestReport', 'The report as a page', description, 'text/html') }, async (request, reply) =>
    sendText(
      reply.header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'"),
      'text/html; charset=utf-8',
      'report.html',
      backtestPage(await backtests.document(request.userId, request.params.id), languageOf(request.headers['accept-language'])),
    ),
  );
}

function addDatasets(server: HttpServer, backtests: RouteParts['backtests']): void {
  // Only here: everywhere else a body is JSON.
  server.register(async (scope) => {
    scope.addContentTypeParser('text/csv', { parseAs: 'buffer', bodyLimit: MAX_DATASET_BYTES }, (_request, body, done) => done(null, body));
    (scope as unknown as HttpServer).post('/datasets', { schema: UPLOAD, bodyLimit: MAX_DATASET_BYTES }, async (request, reply) => {
      const bytes = request.body instanceof Uint8Array ? request.body : new Uint8Array();
      return reply.code(201).send(presentDataset(await backtests.addDataset(request.userId, request.query.name, bytes)));
    });
  });
  server.get('/datasets', { schema: LIST_DATASETS }, async (request) =>
    pageAnswer(await backtests.datasets(request.userId, pageRequest(request.query)), presentDataset),
  );
  server.delete('/datasets/:id', { schema: DELETE_DATASET }, async (request, reply) => {
    await backtests.removeDataset(request.userId, request.params.id);
    return reply.code(204).send();
  });
}

function textOf(operationId: string, summary: string, description: string, type: 'text/csv' | 'text/html') {
  const schema = type === 'text/csv' ? Table : ReportPage;
  const response = { 200: { description: summary, content: { [type]: { schema } } } };
  return operation({ tags, operationId, summary, description, params, response, problems: ['not_found', 'backtest_unfinished'] });
}

function sendText(reply: FastifyReply, type: string, fileName: string, text: string): FastifyReply {
  return reply.type(type).header('content-disposition', `attachment; filename="${fileName}"`).serializer(String).send(text);
}
