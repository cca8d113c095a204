/** Signals over HTTP: filters, pages, what each plan sees, and what each user wants to see. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PLAN_TERMS } from '#core/plans/plan.ts';
import { MAX_HIDDEN } from '#core/signals/choices.ts';
import { aSignal } from '#core/signals/signal.fixture.ts';
import type { Signal, SignalLeg, SignalPoint } from '#core/signals/signal.ts';
import { createTestStore, type TestStore } from '#test/support/database.ts';
import { type Answer, type Api, type Caller, fieldsOf, openApi } from './_api.ts';

let database: TestStore;
let api: Api;
let owner: Caller;
let vip: Caller;
let free: Caller;
const DELAY_MS = PLAN_TERMS.free.signalDelayMs;
const AGO = 3_600_000;

beforeAll(async () => {
  database = await createTestStore();
  api = await openApi(database.store);
  [owner, vip, free] = [await api.user(), await api.user(), await api.user()];
  await owner.call('PUT', `/admin/users/${vip.id}/subscription`, { plan: 'vip' });
});
beforeEach(async () => {
  for (const table of ['signals', 'removed_signals', 'signal_choices']) await database.query(`delete from ${table}`);
});
afterAll(async () => {
  await api.server.close();
  await database.drop();
});

const now = (): number => api.clock.now();
const point = (agoMs: number, netPercent: string): SignalPoint => ({
  at: now() - agoMs,
  entryPercent: '3',
  exitPercent: '-3',
  netPercent,
  maxSizeQuote: '1000',
});

/** Kept as its scanner does, with a course that begins at its opening. */
async function keep(parts: Partial<Signal> & Pick<Signal, 'id'>, points: readonly SignalPoint[] = []): Promise<void> {
  const lease = await database.store.leases.acquire('scanner:signals', 'tests', 60_000);
  if (lease === null) throw new Error('the lease is held by another');
  const signal = aSignal({ openedAt: now() - AGO, updatedAt: now(), ...parts });
  const first = {
    at: signal.openedAt,
    entryPercent: signal.entryPercent,
    exitPercent: signal.exitPercent,
    netPercent: signal.netPercent,
    maxSizeQuote: signal.maxSizeQuote,
  };
  await database.store.signals.keep(lease, { signals: [signal], points: [first, ...points].map((item) => ({ ...item, signalId: signal.id })), outcomes: [] });
}

const legs = (...venues: readonly [string, string]): Signal['legs'] => {
  const [one, two] = aSignal({ id: 'x' }).legs;
  return [{ ...one, venue: venues[0] } as SignalLeg, { ...two, venue: venues[1] } as SignalLeg];
};
const idsOf = (answer: Answer): string[] => {
  expect(answer.status, answer.text).toBe(200);
  return answer.body.items.map(({ id }) => id);
};
const list = async (user: Caller, query = ''): Promise<string[]> => idsOf(await user.call('GET', `/signals${query}`));

describe('a list', () => {
  beforeEach(async () => {
    await keep({ id: 'small', netPercent: '0.4', maxSizeQuote: '5000', base: 'AAA', openedAt: now() - 2 * AGO });
    await keep({ id: 'big', netPercent: '3', maxSizeQuote: '100', base: 'BBB', legs: legs('binance', 'bybit'), scanner: 'funding-spread' });
    await keep({ id: 'dex', netPercent: '2', maxSizeQuote: '900', base: 'CCC', legs: legs('mexc', 'raydium'), scanner: 'cex-dex' });
    await keep({ id: 'odd', netPercent: '900', quarantine: 'implausible' });
    await keep({ id: 'over', netPercent: '1', state: 'closed', closedAt: now() - 1_000, closeReason: 'spread_gone' });
    const past = { state: 'closed', closedAt: now() - 1_000, closeReason: 'spread_gone' } as const;
    await keep({ id: 'elsewhere', ...past, netPercent: '0.5', scanner: 'spot-futures', legs: legs('okx', 'okx'), openedAt: now() - AGO + 1 });
  });

  it.each([
    ['', ['big', 'dex', 'small']],
    ['?sort=max_size_quote', ['small', 'dex', 'big']],
    ['?sort=opened_at', ['dex', 'big', 'small']],
    ['?state=closed', ['over', 'elsewhere']],
    ['?state=all', ['big', 'dex', 'over', 'elsewhere', 'small']],
    ['?min_net=1.5', ['big', 'dex']],
    ['?min_size=900', ['dex', 'small']],
    ['?venue=bybit', ['big']],
    ['?symbol=aaa', ['small']],
    ['?symbol=AAA/USDT', ['small']],
    ['?search=raydi', ['dex']],
    ['?search=100%25', []],
    ['?min_age=7000', ['small']],
    ['?max_age=3700', ['big', 'dex']],
    ['?quarantined=only', ['odd']],
    ['?quarantined=with', ['odd', 'big', 'dex', 'small']],
    ['?scanner=cex-dex', ['dex']],
    ['?kind=spot-futures', ['small']],
    ['?kind=spot-futures&state=all&sort=opened_at', ['elsewhere', 'over', 'small']],
    ['?kind=cex-dex', ['dex']],
    ['?kind=funding-rate&scanner=cex-dex', []],
    ['/mexc-spot-futures', ['small']],
    ['/mexc-spot-futures?state=closed', ['over']],
    ['/funding-rate', ['big']],
    ['/mexc-dex', ['dex']],
  ])('%s shows what is asked for', async (query, ids) => {
    expect(await list(vip, query)).toEqual(ids);
  });

  it('goes page by page, each once', async () => {
    const first = await vip.call('GET', '/signals?limit=2');
    expect(idsOf(first)).toEqual(['big', 'dex']);
    const second = await vip.call('GET', `/signals?limit=2&cursor=${first.body.next_cursor}`);
    expect(idsOf(second)).toEqual(['small']);
    expect(second.body.next_cursor).toBeNull();
  });

  it.each([
    ['?min_net=abc', 'min_net'],
    ['?min_net=1e5', 'min_net'],
    ['?sort=age', 'sort'],
    ['?state=maybe', 'state'],
    ['?kind=mexc', 'kind'],
    ['/mexc-dex?kind=cex-dex', 'kind'],
    ['?limit=0', 'limit'],
    ['?cursor=nonsense', 'cursor'],
    ['?symbol=a%20b', 'symbol'],
    ['?nonsense=1', 'nonsense'],
    ['/mexc-dex?scanner=x', 'scanner'],
  ])('%s is refused, naming the field', async (query, field) => {
    const answer = await vip.call('GET', `/signals${query}`);
    expect(answer.status).toBe(422);
    expect(fieldsOf(answer)).toEqual([field]);
  });
});

describe('the free plan', () => {
  it('sees the same shape, later, without prices, and as things were', async () => {
    await keep({ id: 'old', netPercent: '2.5', openedAt: now() - AGO }, [point(DELAY_MS + 5_000, '1.5'), point(DELAY_MS - 1_000, '2.2')]);
    await keep({ id: 'young', netPercent: '9', openedAt: now() - DELAY_MS + 1 });
    const [hers, his] = [await vip.call('GET', '/signals'), await free.call('GET', '/signals')];
    expect(idsOf(hers)).toEqual(['young', 'old']);
    expect(idsOf(his)).toEqual(['old']);
    const shapeOf = (value: unknown): unknown =>
      Array.isArray(value)
        ? value.map(shapeOf)
        : typeof value === 'object' && value !== null
          ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shapeOf(inner)]))
          : null;
    expect(shapeOf(his.body.items[0])).toEqual(shapeOf(hers.body.items[1]));
    expect(his.body.items[0]).toMatchObject({
      net_percent: '1.5',
      max_size_quote: '1000',
      net_quote: '7.5',
      peak_net_percent: '1.5',
      is_delayed: true,
      updated_at: new Date(now() - DELAY_MS - 5_000).toISOString(),
    });
    expect(hers.body.items[1]).toMatchObject({ net_percent: '2.5', is_delayed: false });
    for (const price of ['0.02108', '0.02114', '0.02171', '0.02176', '2.5', '3.2258', '-3.125']) expect(his.text).not.toContain(`"${price}"`);
    expect(his.body).toMatchObject({ delay_seconds: 60, is_cut: false });
    expect((await free.call('GET', '/signals/young')).status).toBe(404);
    expect((await free.call('GET', '/signals/young/history')).status).toBe(404);
    expect(((await free.call('GET', '/signals/old/history')).body.items as unknown as { net_percent: string }[]).map((item) => item.net_percent)).toEqual([
      '2.5',
      '1.5',
    ]);
    await api.clock.advance(1);
    expect(await list(free)).toEqual(['young', 'old']);
  });

  it('learns nothing of the present by thresholds or by the sequence', async () => {
    await keep({ id: 'rising', netPercent: '9' }, [point(DELAY_MS + 1_000, '1')]);
    await keep({ id: 'falling', netPercent: '1' }, [point(DELAY_MS + 1_000, '5')]);
    expect(await list(free)).toEqual(['falling', 'rising']);
    expect(await list(vip)).toEqual(['rising', 'falling']);
    expect(await list(free, '?min_net=4')).toEqual(['falling']);
    expect(await list(free, '?min_size=1001')).toEqual([]);
  });

  it('learns of an end as late as of everything', async () => {
    await keep({ id: 'gone', state: 'closed', closedAt: now() - DELAY_MS + 1, closeReason: 'spread_gone' });
    expect((await free.call('GET', '/signals/gone')).body).toMatchObject({ state: 'open', closed_at: null });
    await api.clock.advance(1);
    expect((await free.call('GET', '/signals/gone')).body).toMatchObject({ state: 'closed', close_reason: 'spread_gone' });
  });

  it('sees the ten best of any list and turns no page', async () => {
    for (let number = 10; number < 25; number += 1) await keep({ id: `s${number}`, netPercent: String(number) });
    const page = await free.call('GET', '/signals?limit=200');
    expect(idsOf(page)).toHaveLength(10);
    expect(page.body.items[0]?.id).toBe('s24');
    expect(page.body).toMatchObject({ next_cursor: null, is_cut: true });
    const cursor = (await vip.call('GET', '/signals?limit=10')).body.next_cursor;
    expect(await list(free, `?cursor=${cursor}`)).toEqual(idsOf(page));
    expect(await list(vip, '?limit=200')).toHaveLength(15);
  });

  it('is what a plan that has ended is', async () => {
    await keep({ id: 'young', openedAt: now() - 1_000 });
    const user = await api.user();
    await owner.call('PUT', `/admin/users/${user.id}/subscription`, { plan: 'vip', until: new Date(now() + 10_000).toISOString() });
    expect(await list(user)).toEqual(['young']);
    await api.clock.advance(10_000);
    expect(await list(user)).toEqual([]);
  });
});

describe('one signal', () => {
  it('comes with its course, oldest first, from any point on', async () => {
    await keep({ id: 'a' }, [point(3_000, '1'), point(2_000, '2'), point(1_000, '3')]);
    const whole = await vip.call('GET', '/signals/a');
    expect(whole.body).toMatchObject({ id: 'a', base: 'ABC', size_quote: '500', legs: [{ venue: 'mexc', bid: '0.02108' }, { market: 'futures' }] });
    const course = (whole.body as unknown as { history: { at: string; net_percent: string }[] }).history;
    expect(course.map((item) => item.net_percent)).toEqual(['2.2963', '1', '2', '3']);
    const rest = await vip.call('GET', `/signals/a/history?after=${course[1]?.at}&limit=1`);
    expect((rest.body.items as unknown as { net_percent: string }[]).map((item) => item.net_percent)).toEqual(['2']);
  });

  it('is not found when it is not there, whoever asks', async () => {
    for (const [method, path] of [
      ['GET', '/signals/nobody'],
      ['GET', '/signals/nobody/history'],
      ['DELETE', '/signals/nobody'],
    ] as const)
      for (const user of [vip, free, owner]) expect((await user.call(method, path)).status).toBe(404);
  });

  it('is hidden by its user from the own lists alone', async () => {
    await keep({ id: 'a' });
    await keep({ id: 'b' });
    expect((await vip.call('DELETE', '/signals/a')).status).toBe(204);
    expect((await vip.call('DELETE', '/signals/a')).status, 'twice is once').toBe(204);
    expect(await list(vip)).toEqual(['b']);
    expect(await list(owner)).toHaveLength(2);
    expect((await vip.call('GET', '/signals/a')).status).toBe(200);
  });

  it('can be hidden up to a number', async () => {
    await keep({ id: 'a' });
    await database.query(
      `insert into signals select 'n' || n, version, key, scanner, base, venues, state, is_quarantined, net_parts, size_parts, searched, opened_at, closed_at, document
       from signals, generate_series(1, $1) n where id = 'a'`,
      [MAX_HIDDEN],
    );
    await database.query(`insert into hidden_signals select $1, 'n' || n, 0 from generate_series(1, $2) n`, [vip.id, MAX_HIDDEN]);
    const refused = await vip.call('DELETE', '/signals/a');
    expect([refused.status, refused.problem.code]).toEqual([409, 'too_many_kept']);
  });

  it('is removed by the owner for everybody, for good, and noted', async () => {
    await keep({ id: 'a' });
    expect((await owner.call('DELETE', '/signals/a')).status).toBe(204);
    await keep({ id: 'a', version: 7 });
    expect(await list(vip)).toEqual([]);
    expect((await owner.call('GET', '/admin/audit')).text).toContain('signal_removed');
  });
});

describe('own choices', () => {
  const NONE = { min_net_percent: null, min_size: null, muted_symbols: [], muted_venues: [], muted_scanners: [], watched_symbols: [], told: 'all' };

  it('are empty, kept whole, and nobody else’s', async () => {
    expect((await vip.call('GET', '/signals/choices')).body).toEqual(NONE);
    const wish = { min_net_percent: '0.5', min_size: 200, muted_symbols: ['leo', 'LEO'], watched_symbols: ['btc'] };
    const kept = { ...NONE, min_net_percent: '0.5', min_size: '200', muted_symbols: ['LEO'], watched_symbols: ['BTC'], told: 'watched' };
    expect((await vip.call('PUT', '/signals/choices', wish)).body).toEqual(kept);
    expect((await vip.call('GET', '/signals/choices')).body).toEqual(kept);
    expect((await vip.call('PUT', '/signals/choices', { ...wish, told: 'none' })).body).toEqual({ ...kept, told: 'none' });
    expect((await vip.call('PUT', '/signals/choices', { told: 'some' })).body).toMatchObject({ errors: [{ field: 'told' }] });
    expect((await free.call('GET', '/signals/choices')).body).toEqual(NONE);
  });

  it('narrow every list, unless they are left aside', async () => {
    await keep({ id: 'a', netPercent: '1', base: 'AAA' });
    await keep({ id: 'b', netPercent: '2', base: 'BBB', legs: legs('binance', 'bybit') });
    await keep({ id: 'c', netPercent: '3', base: 'CCC', maxSizeQuote: '10' });
    await keep({ id: 'd', netPercent: '4', base: 'DDD', scanner: 'cex-dex' });
    for (const [choices, ids] of [
      [{}, ['d', 'c', 'b', 'a']],
      [{ min_net_percent: '2' }, ['d', 'c', 'b']],
      [{ min_size: '100' }, ['d', 'b', 'a']],
      [{ muted_symbols: ['ccc', 'ddd'] }, ['b', 'a']],
      [{ muted_venues: ['bybit'] }, ['d', 'c', 'a']],
      [{ muted_scanners: ['mexc-spot-futures'] }, ['d']],
    ] as const) {
      await vip.call('PUT', '/signals/choices', choices);
      expect(await list(vip), JSON.stringify(choices)).toEqual(ids);
      expect(await list(vip, '?unchosen=true')).toEqual(['d', 'c', 'b', 'a']);
    }
    await vip.call('PUT', '/signals/choices', { min_net_percent: '2' });
    expect(await list(vip, '?min_net=3'), 'the stricter of both').toEqual(['d', 'c']);
    expect(await list(vip, '?min_net=1')).toEqual(['d', 'c', 'b']);
    expect(await list(vip, '?watched=true'), 'an empty watch list has nothing on it').toEqual([]);
    await vip.call('PUT', '/signals/choices', { watched_symbols: ['AAA', 'DDD'] });
    expect(await list(vip, '?watched=true')).toEqual(['d', 'a']);
  });

  it.each([
    [{ min_net_percent: 'much' }, 'min_net_percent'],
    [{ muted_symbols: ['a b'] }, 'muted_symbols.0'],
    [{ muted_venues: ["'; drop"] }, 'muted_venues.0'],
    [{ watched_symbols: Array.from({ length: 501 }, (_, index) => `C${index}`) }, 'watched_symbols'],
    [{ user_id: 'me' }, 'user_id'],
  ])('%j are refused, naming the field', async (choices, field) => {
    const answer = await vip.call('PUT', '/signals/choices', choices);
    expect(answer.status).toBe(422);
    expect(fieldsOf(answer)).toEqual([field]);
  });
});
