import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ChannelName } from '#core/notices/notice.ts';
import { createTestStore, type TestStore } from '#test/support/database.ts';
import { takeFacts } from '#test/support/told-facts.ts';

let fresh: TestStore;
beforeEach(async () => {
  fresh = await createTestStore();
  for (const id of ['ann', 'bob']) await fresh.store.users.create({ id, email: `${id}@example.org`, passwordHash: 'hash', at: 1 });
});
afterEach(() => fresh.drop());

const chat = (id: string, userId: string, fingerprint = id, channel: ChannelName = 'telegram') => ({
  id,
  userId,
  channel,
  address: fingerprint,
  hint: fingerprint,
  fingerprint,
  createdAt: 1,
});
/** Tells as many facts and puts them under way to an address. */
async function underWay(userId: string, targetId: string, keys: readonly string[], more: { readonly isGathered?: boolean; readonly dueAt?: number } = {}) {
  for (const key of keys) await fresh.store.facts.add({ dedupeKey: key, userId, botId: null, type: 'bot_error', data: {}, at: 1 });
  const { isGathered = false, dueAt = 0 } = more;
  await fresh.store.notices.spread(100, (facts) =>
    facts.map((fact) => ({ fact, deliveries: [{ targetId, channel: 'telegram' as const, isGathered, dueAt }] })),
  );
}
const claim = async (targets = 10, each = 10) =>
  (await fresh.store.notices.claim('telegram', targets, each, 60_000)).map(({ target, items }) => [target.id, items.map(({ notice }) => notice.dedupeKey)]);

describe('facts', () => {
  it('are in the list once although they are written again after they were told', async () => {
    for (const _ of [1, 2]) {
      await underWay('ann', 'ann-email', ['a']);
      await fresh.query('delete from facts');
    }
    expect((await fresh.store.notices.list('ann', { limit: 9, cursor: null }, false)).items).toHaveLength(1);
    expect(await fresh.query('select 1 from deliveries')).toHaveLength(1);
  });

  it('are spread by one at a time', async () => {
    await fresh.store.facts.add({ dedupeKey: 'a', userId: 'ann', botId: null, type: 'bot_error', data: {}, at: 1 });
    const rounds = await Promise.all([1, 2, 3].map(() => takeFacts(fresh.store)));
    expect(rounds.flat()).toHaveLength(1);
  });
});

describe('what is under way', () => {
  beforeEach(async () => {
    await fresh.store.notices.putTarget(chat('chat-a', 'ann'), 9);
    await fresh.store.notices.putTarget(chat('chat-b', 'bob'), 9);
  });

  it('to an address is claimed from its oldest on, by one at a time, and goes on where that one has ended', async () => {
    await underWay('ann', 'chat-a', ['a1', 'a2', 'a3']);
    await underWay('bob', 'chat-b', ['b1']);
    const claims = await Promise.all([claim(1, 2), claim(1, 2), claim(1, 2)]);
    expect(claims.flat().sort()).toEqual([
      ['chat-a', ['a1', 'a2']],
      ['chat-b', ['b1']],
    ]);
    expect(await claim()).toEqual([]);
    await fresh.store.notices.sent(['1']);
    // The second is still in the hands of whoever took both.
    expect(await claim()).toEqual([]);
    await fresh.store.notices.later(['2'], 0, null);
    expect(await claim()).toEqual([['chat-a', ['a2', 'a3']]]);
  });

  it('is held up by its oldest, and free again when that is dead or whoever had it has died', async () => {
    await underWay('ann', 'chat-a', ['a1', 'a2']);
    await claim();
    await fresh.store.notices.later(['1', '2'], 0, null);
    await fresh.store.notices.later(['1'], 60_000, 'not now');
    expect(await claim()).toEqual([]);
    await fresh.store.notices.dead(['1'], 'never');
    expect(await claim()).toEqual([['chat-a', ['a2']]]);
    await fresh.query('update deliveries set claimed_until = clock_timestamp()');
    expect(await claim()).toEqual([['chat-a', ['a2']]]);
  });

  it('is taken without a gap, also where one in the middle was set back for longer than the oldest', async () => {
    await underWay('ann', 'chat-a', ['a1', 'a2', 'a3']);
    await fresh.query("update deliveries set due_at = clock_timestamp() + interval '1 minute' where id = 2");
    expect(await claim()).toEqual([['chat-a', ['a1', 'a2', 'a3']]]);
  });

  it('that is gathered waits for its time and holds nothing else up', async () => {
    await underWay('ann', 'chat-a', ['later'], { isGathered: true, dueAt: Date.now() + 3_600_000 });
    await underWay('ann', 'chat-a', ['now']);
    expect(await claim()).toEqual([['chat-a', ['now']]]);
    await fresh.query('update deliveries set due_at = clock_timestamp() where is_gathered');
    expect(await claim()).toEqual([['chat-a', ['later']]]);
  });

  it('goes with its address: dead when that is switched off, of which there is one fact, and gone when it is removed', async () => {
    await underWay('ann', 'chat-a', ['a1']);
    const fact = { dedupeKey: 'off', userId: 'ann', botId: null, type: 'channel_disabled', data: {}, at: 1 } as const;
    for (const key of ['off', 'off again']) await fresh.store.notices.switchOff('chat-a', 'blocked', { ...fact, dedupeKey: key });
    expect((await takeFacts(fresh.store)).map(({ dedupeKey }) => dedupeKey)).toEqual(['off']);
    expect(await fresh.query('select state, problem from deliveries')).toEqual([{ state: 'dead', problem: 'blocked' }]);
    expect(await fresh.store.notices.retry('ann', '1')).toBe(false);
    expect(await fresh.store.notices.removeTarget('bob', 'chat-a')).toBe(false);
    expect(await fresh.store.notices.removeTarget('ann', 'chat-a')).toBe(true);
    expect(await fresh.query('select 1 from deliveries')).toEqual([]);
  });
});

describe('an address', () => {
  it('of a chat belongs to one user while it is on, and is found by its number', async () => {
    expect(await fresh.store.notices.putTarget(chat('chat-a', 'ann', '7'), 9)).toMatchObject({ isOn: true });
    expect(await fresh.store.notices.putTarget(chat('chat-b', 'bob', '7'), 9)).toBe('taken');
    expect(await fresh.store.notices.targetByFingerprint('telegram', '7')).toMatchObject({ userId: 'ann' });
    await fresh.store.notices.switchOff('chat-a', 'blocked', null);
    expect(await fresh.store.notices.targetByFingerprint('telegram', '7')).toBeNull();
    expect(await fresh.store.notices.putTarget(chat('chat-b', 'bob', '7'), 9)).toMatchObject({ userId: 'bob' });
    expect(await fresh.store.notices.putTarget(chat('chat-a', 'ann', '7'), 9)).toBe('taken');
  });

  it('is one of so many, counted also when several come at once', async () => {
    const put = await Promise.all([1, 2, 3, 4].map((number) => fresh.store.notices.putTarget(chat(`s${number}`, 'ann', `s${number}`, 'slack'), 2)));
    expect(put.filter((each) => each === 'full')).toHaveLength(2);
  });
});
