/** Traces of a whole installation, as a collector on this machine receives them; and nothing at all without one. */
import { execFileSync } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest';
import { type OpenTracing, otlpTracing } from '#adapters/tracing.ts';
import { ask, openApi } from '#test/e2e/_api.ts';
import { createTestStore } from '#test/support/database.ts';
import { Fleet } from '#test/support/fleet.ts';

interface WireSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly status?: { readonly code?: number };
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];
}

let collector: Server;
let open: OpenTracing;
let received: { readonly path: string; readonly body: string }[] = [];

beforeEach(async () => {
  received = [];
  collector = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      received.push({ path: request.url ?? '', body });
      response.setHeader('content-type', 'application/json').end('{}');
    });
  });
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  open = otlpTracing({ endpoint: `http://127.0.0.1:${(collector.address() as AddressInfo).port}/`, version: '9.8.7', instance: 'one' });
});

afterEach(async () => {
  await open.close();
  await new Promise((resolve) => collector.close(resolve));
});

/** Everything that was sent; closing sends what waits. */
async function spans(): Promise<readonly WireSpan[]> {
  await open.close();
  const bodies = received.map(({ body }) => JSON.parse(body) as { resourceSpans: { scopeSpans: { spans: WireSpan[] }[] }[] });
  return bodies.flatMap(({ resourceSpans }) => resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)));
}

const attributes = (span: WireSpan | undefined) => Object.fromEntries((span?.attributes ?? []).map(({ key, value }) => [key, Object.values(value)[0]]));

it('nests what happens inside a span, marks failures, and quotes none of their words', async () => {
  await open.tracing.span('run.step', { run_id: 'r1' }, async () => {
    await open.tracing.span('intent.commit', {}, async () => undefined);
    await open.tracing.span('venue.request', { venue: 'okx' }, () => Promise.reject(new Error('the secret is hunter2'))).catch(() => undefined);
  });
  const found = await spans();
  expect(received[0]?.path).toBe('/v1/traces');
  expect(received[0]?.body).toContain('"service.name"');
  expect(received.map(({ body }) => body).join()).not.toContain('hunter2');
  const [commit, request, step] = ['intent.commit', 'venue.request', 'run.step'].map((name) => found.find((span) => span.name === name));
  expect(new Set(found.map(({ traceId }) => traceId)).size).toBe(1);
  expect([commit?.parentSpanId, request?.parentSpanId, step?.parentSpanId]).toEqual([step?.spanId, step?.spanId, undefined]);
  expect(attributes(request)).toEqual({ venue: 'okx', 'error.type': 'Error' });
  expect([request?.status?.code, request?.kind]).toEqual([2, 3]);
});

it('follows a request of the API by its route', async () => {
  const database = await createTestStore();
  const api = await openApi(database.store, { tracing: open.tracing });
  onTestFinished(async () => {
    await api.server.close();
    await database.drop();
  });
  await ask(api.server, 'GET', '/api/v1/bots/somebody-elses?token=hunter2');
  const [span] = await spans();
  expect(attributes(span)).toMatchObject({ 'http.request.method': 'GET', 'http.route': '/api/v1/bots/:id', 'http.response.status_code': 401 });
  expect(received[0]?.body).not.toContain('hunter2');
});

it('follows a step of a run through its intent to the request at the venue', { timeout: 60_000 }, async () => {
  const fleet = await Fleet.open({ tracing: open.tracing });
  onTestFinished(() => fleet.close());
  const bot = await fleet.startGrid();
  await fleet.until('the grid rests', async () => fleet.simulator.truth.openOrders().length === 8 && (await fleet.agrees(bot.id)));
  const found = await spans();
  const byId = new Map(found.map((span) => [span.spanId, span]));
  const placing = found.filter((span) => attributes(span)['endpoint'] === 'privatePostOrder');
  expect(placing.length).toBeGreaterThanOrEqual(8);
  for (const span of placing) expect(byId.get(span.parentSpanId ?? '')?.name).toBe('run.step');
  const commits = found.filter(({ name }) => name === 'intent.commit');
  expect(commits.length).toBeGreaterThan(0);
  for (const commit of commits) expect(attributes(byId.get(commit.parentSpanId ?? ''))).toMatchObject({ bot_id: bot.id });
});

it('gives up on a collector that is gone, and holds nothing up', async () => {
  const gone = otlpTracing({ endpoint: 'http://127.0.0.1:9', version: '9.8.7', instance: 'one' });
  expect(await gone.tracing.span('run.step', {}, async () => 42)).toBe(42);
  const from = performance.now();
  await gone.close();
  expect(performance.now() - from).toBeLessThan(10_000);
});

it('loads nothing where no collector is configured', () => {
  // Resolving is seen by a hook that the script sets before anything of ours is loaded.
  const script = `import { registerHooks } from 'node:module';
    let loaded = 0;
    registerHooks({ resolve: (specifier, context, next) => { if (specifier.includes('opentelemetry')) loaded += 1; return next(specifier, context); } });
    const { openWorld } = await import('#roles/_world.ts');
    const { parseConfig } = await import('#config');
    const { Closing } = await import('#roles/_closing.ts');
    const { NO_TRACING } = await import('#core/tracing.ts');
    const open = (environment) => openWorld(parseConfig({ environment, directory: '/', isContainer: false }), {}, '1', new Closing());
    const off = await open({});
    const before = loaded;
    await open({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' });
    process.stdout.write(JSON.stringify([off.tracing === NO_TRACING, before, loaded > 0]));
    process.exit();`;
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd: dirname(dirname(import.meta.dirname)), encoding: 'utf8' });
  expect(JSON.parse(said)).toEqual([true, 0, true]);
});
