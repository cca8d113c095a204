/** Signals in the store: the newest version stands, an old lease writes nothing, lists are narrowed, sorted and paged. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { aSignal } from '#core/signals/signal.fixture.ts';
import type { Signal } from '#core/signals/signal.ts';
import type { Lease } from '#core/store/leases.ts';
import { createTestStore, type TestStore } from '#test/support/database.ts';

let database: TestStore;
let lease: Lease;
beforeAll(async () => {
  database = await createTestStore();
});
afterAll(() => database.drop());
beforeEach(async () => {
  const taken = await database.store.leases.acquire('scanner:signals', 'tests', 60_000);
  if (taken === null) throw new Error('the lease is held by another');
  lease = taken;
  await database.query('delete from signals');
  await database.query('delete from removed_signals');
});

const keep = (...signals: readonly Signal[]) => database.store.signals.keep(lease, { signals, points: [], outcomes: [] });
const ids = async (
  ...[filter, sort = 'opened_at']: [filter: Parameters<TestStore['store']['signals']['list']>[0], sort?: 'opened_at' | 'net_percent' | 'max_size_quote']
) => (await database.store.signals.list(filter, sort, { limit: 50, cursor: null })).items.map(({ id }) => id);

describe('a signal', () => {
  it('stands in its newest version, whatever the sequence in which versions arrive', async () => {
    await keep(aSignal({ id: 'a', version: 2, netPercent: '2' }));
    await keep(aSignal({ id: 'a', version: 1, netPercent: '1' }));
    expect(await database.store.signals.get('a')).toEqual(aSignal({ id: 'a', version: 2, netPercent: '2' }));
    await keep(aSignal({ id: 'a', version: 3, state: 'closed', closedAt: 1_790_000_100_000, closeReason: 'spread_gone' }));
    expect((await database.store.signals.get('a'))?.closeReason).toBe('spread_gone');
    expect(await database.store.signals.leftOpen(10)).toEqual([]);
  });

  it('is not written under a lease that another scanner has by now', async () => {
    await expect(
      database.store.signals.keep({ ...lease, epoch: lease.epoch - 1 }, { signals: [aSignal({ id: 'b' })], points: [], outcomes: [] }),
    ).rejects.toMatchObject({
      code: 'lease_lost',
    });
    expect(await database.store.signals.get('b')).toBeNull();
  });

  it('has its course and its outcomes, each kept once, and takes them with it', async () => {
    const point = { signalId: 'c', at: 1_790_000_001_000, entryPercent: '2.7', exitPercent: '-3.2', netPercent: '2.3', maxSizeQuote: '2400' };
    const known = { signalId: 'c', minutes: 1, at: 1_790_000_060_000, netPercent: '-0.1', problem: '' as const };
    const unknown = { signalId: 'c', minutes: 5, at: 1_790_000_300_000, netPercent: null, problem: 'stale' as const };
    await database.store.signals.keep(lease, { signals: [aSignal({ id: 'c' })], points: [point, { ...point, at: point.at + 5 }], outcomes: [unknown, known] });
    await database.store.signals.keep(lease, { signals: [], points: [point, { ...point, signalId: 'gone' }], outcomes: [{ ...known, netPercent: '9' }] });
    const { signalId: _of, ...bare } = point;
    expect(await database.store.signals.history('c', 0, 10)).toEqual([bare, { ...bare, at: bare.at + 5 }]);
    expect(await database.store.signals.history('c', bare.at, 10)).toHaveLength(1);
    const found = (await database.store.signals.outcomes(['c', 'nobody'])).get('c');
    expect(found?.map(({ minutes, netPercent, problem }) => [minutes, netPercent, problem])).toEqual([
      [1, '-0.1', ''],
      [5, null, 'stale'],
    ]);
    expect(await database.store.signals.remove('c', 1_790_000_200_000)).toBe(true);
    expect(await database.store.signals.history('c', 0, 10)).toEqual([]);
    expect(await database.store.signals.remove('c', 1_790_000_200_000)).toBe(false);
    await keep(aSignal({ id: 'c', version: 9 }));
    expect(await database.store.signals.get('c'), 'its scanner does not bring it back').toBeNull();
  });

  it('is forgotten when it has been over for long, and never while it is open', async () => {
    await keep(aSignal({ id: 'open' }), aSignal({ id: 'over', state: 'closed', closedAt: 1_790_000_100_000 }));
    expect(await database.store.upkeep.forgetSignals(1_790_000_100_000, 10)).toBe(0);
    expect(await database.store.upkeep.forgetSignals(1_790_000_100_001, 10)).toBe(1);
    expect(await ids({})).toEqual(['open']);
  });
});

describe('a list of signals', () => {
  beforeEach(async () => {
    await keep(
      aSignal({ id: 'one', netPercent: '0.5', maxSizeQuote: '90', openedAt: 1_790_000_000_001 }),
      aSignal({ id: 'two', netPercent: '12.25', maxSizeQuote: '100.5', openedAt: 1_790_000_000_002, base: 'XYZ' }),
      aSignal({ id: 'three', netPercent: '-1', maxSizeQuote: '0', openedAt: 1_790_000_000_003, quarantine: 'implausible' }),
      aSignal({ id: 'four', netPercent: '3', openedAt: 1_790_000_000_004, state: 'closed', closedAt: 1_790_000_000_009, scanner: 'cross-venue' }),
    );
  });

  it.each([
    [{}, ['four', 'two', 'one']],
    [{ quarantined: 'with' }, ['four', 'three', 'two', 'one']],
    [{ quarantined: 'only' }, ['three']],
    [{ state: 'open' }, ['two', 'one']],
    [{ scanner: 'cross-venue' }, ['four']],
    [{ minNetPercent: '3' }, ['four', 'two']],
    [{ minSizeQuote: '100.5', state: 'open' }, ['two']],
    [{ venue: 'mexc', base: 'xyz' }, ['two']],
    [{ venue: 'okx' }, []],
    [{ openedFrom: 1_790_000_000_002, openedBefore: 1_790_000_000_004 }, ['two']],
    [{ search: 'xY' }, ['two']],
    [{ search: '%' }, []],
    [{ withoutScanners: ['cex-dex'], withoutBases: ['XYZ'] }, ['four', 'one']],
  ] as const)('is narrowed by %j', async (filter, expected) => {
    expect(await ids(filter)).toEqual(expected);
  });

  it('is sorted by what is left, and by size, as numbers', async () => {
    expect(await ids({ quarantined: 'with' }, 'net_percent')).toEqual(['two', 'four', 'one', 'three']);
    expect(await ids({ quarantined: 'with' }, 'max_size_quote')).toEqual(['four', 'two', 'one', 'three']);
  });

  it('goes on with the next page where the one before ended, below zero too', async () => {
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<TestStore['store']['signals']['list']>> = await database.store.signals.list({ quarantined: 'with' }, 'net_percent', {
        limit: 1,
        cursor,
      });
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(seen).toEqual(['two', 'four', 'one', 'three']);
  });
});
