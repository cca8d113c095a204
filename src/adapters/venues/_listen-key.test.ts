import { beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '#test/support/manual-clock.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import type { VenueAnswer } from './_api.ts';
import type { CcxtDialect, ListenKeyDialect } from './_dialect.ts';
import { ListenKey } from './_listen-key.ts';
import type { Ask } from './_request.ts';

const HALF_HOUR_MS = 1_800_000;
const KEYS: ListenKeyDialect = {
  create: { endpoint: 'create', params: {}, weight: 1 },
  renew: (key) => ({ endpoint: 'renew', params: { key }, weight: 1 }),
  read: (body) => String(Reflect.get(Object(body), 'key')),
  renewMs: HALF_HOUR_MS,
};
const DIALECT = {
  title: 'A venue',
  isSuccess: ({ status }) => status === 200,
  failure: ({ status }) => ({ code: status === 429 ? 'venue_rate_limited' : 'venue_unavailable', message: `HTTP ${status}` }),
  news: () => ({ usedWeight: null, brakeMs: null }),
} as Pick<CcxtDialect, 'title' | 'isSuccess' | 'failure' | 'news'> as CcxtDialect;

const answered = (status: number, body: unknown = {}): VenueAnswer => ({ kind: 'answered', status, headers: new Headers(), body });
const LOST: VenueAnswer = { kind: 'lost', reason: 'ECONNRESET' };

describe('a listen key', () => {
  let clock: ManualClock;
  let asked: string[];
  let renewal: VenueAnswer;
  let lost: string[];
  let key: ListenKey;

  beforeEach(() => {
    clock = new ManualClock();
    [asked, lost, renewal] = [[], [], answered(200)];
    let count = 0;
    const send = ({ endpoint, params }: Ask): Promise<VenueAnswer> => {
      asked.push(endpoint === 'renew' ? `renew ${params['key']}` : endpoint);
      if (endpoint === 'renew') return Promise.resolve(renewal);
      count += 1;
      return Promise.resolve(answered(200, { key: `k${count}` }));
    };
    key = new ListenKey({ dialect: DIALECT, keys: KEYS, send, clock, log: quietLog() });
  });

  it('is asked for once, and again for a reconnect only whether it still holds', async () => {
    expect([await key.use(), await key.use(), await key.use()]).toEqual(['k1', 'k1', 'k1']);
    expect(asked).toEqual(['create', 'renew k1', 'renew k1']);
  });

  it('is replaced when the venue refuses it, and when it was forgotten', async () => {
    await key.use();
    renewal = answered(400);
    expect(await key.use()).toBe('k2');
    key.forget();
    expect(await key.use()).toBe('k3');
  });

  it.each([LOST, answered(503), answered(429), answered(302, '<html></html>')])('stays while the venue does not say: %o', async (answer) => {
    await key.use();
    renewal = answer;
    await expect(key.use()).rejects.toMatchObject({ name: 'PortError', outcome: 'failed' });
    renewal = answered(200);
    expect(await key.use()).toBe('k1');
  });

  it('is renewed every half hour while the stream is up, and once a minute after a failure', async () => {
    await key.use();
    key.keep((reason) => lost.push(reason));
    await clock.advance(3 * HALF_HOUR_MS);
    expect(asked).toEqual(['create', 'renew k1', 'renew k1', 'renew k1']);
    renewal = LOST;
    await clock.advance(HALF_HOUR_MS + 120_000);
    expect(asked.slice(4)).toEqual(['renew k1', 'renew k1', 'renew k1']);
    renewal = answered(200);
    await clock.advance(60_000 + HALF_HOUR_MS);
    expect(asked).toHaveLength(9);
    expect(lost).toEqual([]);
  });

  it('tells the latest connection when it has run out', async () => {
    await key.use();
    key.keep(() => lost.push('first'));
    await key.use();
    key.keep(() => lost.push('second'));
    renewal = answered(400);
    await clock.advance(HALF_HOUR_MS);
    expect(lost).toEqual(['second']);
    expect(await key.use()).toBe('k2');
  });

  it('is let go when it is closed', async () => {
    await key.use();
    key.keep(() => lost.push('lost'));
    key.close();
    expect(clock.waiting).toBe(0);
  });
});
