/** The exposition: parses, keeps to the conventions of Prometheus, and is not held up by what cannot be read. */
import { tmpdir } from 'node:os';
import parseMetrics from 'parse-prometheus-text-format';
import { describe, expect, it } from 'vitest';
import { exampleExposition } from '#test/operations/exposition.ts';
import { promMetrics } from './metrics.ts';

const families = parseMetrics(await exampleExposition());
const ours = families.filter(({ name }) => name.startsWith('argosy_'));
const open = () => promMetrics({ version: '1.2.3', dataDirectory: tmpdir(), withRuntime: false });
const family = async (text: Promise<string>, name: string) => parseMetrics(await text).find((one) => one.name === name)?.metrics;

/** What promtool's linter looks for, on names and help. */
function faultsOf({ name, help, type }: (typeof families)[number]): readonly string[] {
  return [
    ...(help === '' ? ['has no help'] : []),
    ...(/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(name) ? [] : ['is not in snake case']),
    ...(type === 'COUNTER' && !name.endsWith('_total') ? ['is a counter without _total'] : []),
    ...(type !== 'COUNTER' && /_(total|count|sum|bucket)$/.test(name) ? ['ends like something else'] : []),
    ...(/_(ms|milliseconds|minutes|hours|kb|mb|kilobytes|percent)(_|$)/.test(name) ? ['is not in base units'] : []),
    ...(/_(gauge|counter|histogram|summary)(_|$)/.test(name) ? ['names its type'] : []),
    ...(type === 'HISTOGRAM' && !/_(seconds|bytes|ratio)$/.test(name) ? ['is a histogram without a unit'] : []),
  ];
}

it('keeps to the conventions for names', () => {
  expect(ours.length).toBeGreaterThan(25);
  expect(ours.flatMap((one) => faultsOf(one).map((fault) => `${one.name} ${fault}`))).toEqual([]);
  expect(faultsOf({ name: 'argosy_wait_ms', help: '', type: 'COUNTER', metrics: [] })).toEqual([
    'has no help',
    'is a counter without _total',
    'is not in base units',
  ]);
});

it('counts orders by venue and outcome', async () => {
  const { metrics, exposition } = open();
  metrics.countOrder('okx', 'filled');
  metrics.countOrder('okx', 'filled');
  metrics.countOrder('okx', 'unknown');
  expect(await family(exposition(), 'argosy_orders_total')).toEqual([
    { value: '2', labels: { venue: 'okx', outcome: 'filled' } },
    { value: '1', labels: { venue: 'okx', outcome: 'unknown' } },
  ]);
});

it('tells durations in seconds', async () => {
  const { metrics, exposition } = open();
  metrics.observeIntent(4);
  const [intent] = (await family(exposition(), 'argosy_intent_duration_seconds')) ?? [];
  expect(intent).toMatchObject({ count: '1', sum: '0.004', buckets: { '0.0025': '0', '0.005': '1' } });
});

describe('a gauge', () => {
  it('is read when somebody asks, in its own unit, from all who have something to say', async () => {
    const { metrics, exposition } = open();
    let ageMs = 1_500;
    metrics.watch('feedAgeMax', () => [{ labels: { venue: 'okx' }, value: ageMs }]);
    const stop = metrics.watch('feedAgeMax', () => Promise.resolve([{ labels: { venue: 'mexc' }, value: 10 }]));
    const name = 'argosy_feed_age_max_seconds';
    expect(await family(exposition(), name)).toEqual([
      { value: '1.5', labels: { venue: 'okx' } },
      { value: '0.01', labels: { venue: 'mexc' } },
    ]);
    ageMs = 2_000;
    stop();
    expect(await family(exposition(), name)).toEqual([{ value: '2', labels: { venue: 'okx' } }]);
  });

  it('that cannot be read is absent, and counted, while the others are there', async () => {
    const { metrics, exposition } = open();
    metrics.watch('outboxDepth', () => Promise.reject(new Error('the database is away')));
    metrics.watch('databaseUp', () => [{ labels: {}, value: 0 }]);
    const text = await exposition();
    expect(text).not.toMatch(/^argosy_outbox_depth /m);
    expect(text).toMatch(/^argosy_database_up 0$/m);
    expect(text).toMatch(/^argosy_metrics_failed_reads_total\{gauge="argosy_outbox_depth"\} 1$/m);
  });

  it('that hangs keeps nobody waiting', async () => {
    const { metrics, exposition } = open();
    metrics.watch('outboxDepth', () => new Promise(() => undefined));
    expect(await exposition()).toContain('argosy_build_info{version="1.2.3"} 1');
  });

  it('that nobody has anything to say of shows no value', async () => {
    expect(await open().exposition()).not.toMatch(/^argosy_(observe_only|outbox_depth|feeds)[ {]/m);
  });
});
