/** Channels that are read by the account of the owner, from the login to what bots do. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { POST_PACE } from '#app/posts/posts.ts';
import { endUserSession } from '#app/telegram-user/user-login.ts';
import { CHANNEL, PostRig } from './post-rig.ts';
import { UserRig } from './user-rig.ts';

const LONG = 'BTC/USDT LONG\nEntry 59000\nTargets 62000 64000\nStop 57000';
const soon = (): number => Math.floor(Date.now() / 1_000) + 1;
const TEST_MS = 90_000;

let rig: PostRig;
let reader: UserRig;
beforeEach(async () => {
  rig = await PostRig.open();
  rig.fleet.simulator.world.setPrice('BTC/USDT', '60000');
  reader = await UserRig.open(rig);
  await reader.logIn();
  await reader.start();
});
afterEach(async () => {
  await reader.close();
  await rig.close();
});

const commands = async (): Promise<readonly unknown[]> => rig.fleet.database.query('select command, outcome from post_deeds order by at');

it('is followed from entry to edit and deletion', { timeout: TEST_MS }, async () => {
  const bot = await rig.follower();
  const calls = reader.telegram.channel(1_234, 'calls');
  reader.telegram.say(calls, 1, LONG);
  await reader.reads(calls, [bot]);
  reader.telegram.say(calls, 2, LONG);
  await reader.passedOn(1);
  expect(await rig.posts()).toMatchObject([{ message_id: '2', edit: 0, results: [{ kind: 'call', deeds: [{ command: 'signal', outcome: 'given' }] }] }]);
  await rig.rests(bot, 'buy 59000');
  reader.telegram.say(calls, 2, LONG.replace('59000', '58000'), { editDate: soon() });
  await reader.passedOn(2);
  await rig.rests(bot, 'buy 58000');
  reader.telegram.remove(calls, 2);
  await reader.passedOn(3);
  expect(await rig.posts()).toMatchObject([{ withdrawn: true }, { withdrawn: true }]);
  await rig.rests(bot);
});

it('goes on after a restart where it was, and acts on nothing twice', { timeout: TEST_MS }, async () => {
  const bot = await rig.follower();
  const calls = reader.telegram.channel(1_234, null, { title: 'Private' });
  await reader.reads(calls, [bot]);
  reader.telegram.say(calls, 1, LONG);
  await reader.passedOn(1);
  await reader.stop();
  reader.telegram.say(calls, 2, 'ETH/USDT long 3000, targets 3100 3200, stop 2900');
  reader.telegram.say(calls, 3, 'BTC/USDT LONG\nEntry 50000\nTargets 62000 64000\nStop 47000');
  // Nobody acts on what was deleted while nobody listened.
  reader.telegram.remove(calls, 3);
  await reader.start();
  await reader.passedOn(2);
  expect((await rig.posts()).map(({ message_id: id }) => id)).toEqual(['2', '1']);
  expect(await commands()).toEqual([{ command: 'signal', outcome: 'given' }]);
  // As when a process dies before it has noted how far it was.
  await reader.stop();
  await rig.fleet.database.query('update channel_readings set pts = 10, last_message_id = 0');
  await reader.start();
  await reader.passedOn(3);
  expect((await rig.posts()).map(({ message_id: id }) => id)).toEqual(['2', '1']);
  expect(await commands()).toEqual([{ command: 'signal', outcome: 'given' }]);
});

it('makes one signal of a post that the bot brings too, whichever is first', { timeout: TEST_MS }, async () => {
  await rig.listen();
  const bot = await rig.follower();
  const calls = reader.telegram.channel(-CHANNEL - 1_000_000_000_000, 'calls');
  await reader.reads(calls, [bot]);
  const date = Math.floor(Date.now() / 1_000);
  reader.telegram.say(calls, 5, LONG, { date });
  await reader.passedOn(1);
  await rig.channelSays(5, LONG, { date });
  const edited = LONG.replace('59000', '58000');
  await rig.channelSays(5, edited, { date, edit_date: date + 2 });
  reader.telegram.say(calls, 5, edited, { date, editDate: date + 2 });
  await reader.passedOn(2);
  expect(await rig.posts()).toMatchObject([
    { message_id: '5', edit: date + 2 },
    { message_id: '5', edit: 0 },
  ]);
  expect(await commands()).toEqual([
    { command: 'signal', outcome: 'given' },
    { command: 'change_signal', outcome: 'given' },
  ]);
  // Nor can the channel become a second source by its code.
  const { code } = await rig.source('telegram_channel', [bot]);
  await rig.channelSays(6, `argosy ${code}`);
  expect((await rig.user.call('GET', '/posts/sources')).body.items).toMatchObject([{ is_listening: true }, { is_listening: false }]);
});

it('refuses a second source of one channel, and another channel for a source', { timeout: TEST_MS }, async () => {
  const calls = reader.telegram.channel(1_234, 'calls');
  reader.telegram.channel(4_321, 'other');
  const first = await reader.reads(calls);
  const { id: second } = await rig.source('telegram_channel', [], rig.user, '-1000000001234');
  await reader.until('it is refused', async () => (await reader.reading(second))?.problem === 'already_a_source');
  await rig.user.call('PATCH', `/posts/sources/${first}`, { channel: '@other' });
  await reader.until('it is refused', async () => (await reader.reading(first))?.problem === 'another_channel');
  await rig.user.call('PATCH', `/posts/sources/${first}`, { channel: 't.me/Calls' });
  await reader.until('it is read again', async () => (await reader.reading(first))?.status === 'reading');
  await rig.user.call('PATCH', `/posts/sources/${first}`, { channel: null });
  expect(await reader.reading(first)).toBeNull();
});

it('takes more posts at once than a source may bring, in its time', { timeout: TEST_MS }, async () => {
  const calls = reader.telegram.channel(1_234, 'calls');
  await reader.reads(calls);
  const count = POST_PACE.capacity + 2;
  for (let id = 1; id <= count; id += 1) reader.telegram.say(calls, id, `nothing to see ${id}`);
  await reader.passedOn(count);
  expect(await rig.fleet.database.query('select count(*)::int as count from posts')).toEqual([{ count }]);
});

it('tells the owner once when Telegram ends the session, and goes on after a new login', { timeout: TEST_MS }, async () => {
  const calls = reader.telegram.channel(1_234, 'calls');
  await reader.reads(calls);
  reader.telegram.revoke();
  reader.telegram.say(calls, 1, 'said meanwhile');
  await reader.until('it is noted', () => reader.desk.standing().mode === 'revoked');
  const told = () => rig.fleet.database.query(`select user_id, type, data from facts where type = 'telegram_session_ended'`);
  expect(await told()).toEqual([{ user_id: rig.user.id, type: 'telegram_session_ended', data: { name: 'Ann Owner', reason: 'AUTH_KEY_UNREGISTERED' } }]);
  await reader.stop();
  const asked = reader.telegram.requests.length;
  await reader.start();
  await reader.until('it is known', () => reader.desk.standing().mode === 'revoked');
  expect(reader.telegram.requests.length).toBe(asked);
  expect(await told()).toHaveLength(1);
  await reader.logIn();
  await reader.passedOn(1);
  expect(await rig.posts()).toMatchObject([{ message_id: '1' }]);
});

it('ends at Telegram by the process that reads, when the owner logs out', { timeout: TEST_MS }, async () => {
  const calls = reader.telegram.channel(1_234, 'calls');
  const source = await reader.reads(calls);
  const lease = await rig.fleet.store.leases.acquire('telegram:user', 'the process that reads', 60_000);
  let outcome = '';
  void endUserSession(reader.parts).then((ended) => {
    outcome = ended;
  });
  await reader.until('it has ended', () => outcome === 'ended');
  expect(reader.telegram.sessions).toBe(0);
  expect(await rig.fleet.store.telegramUser.session()).toBeNull();
  expect(await rig.fleet.database.query(`select action from audit_log where action like 'telegram_session%' order by id`)).toEqual([
    { action: 'telegram_session_begun' },
    { action: 'telegram_session_ended' },
  ]);
  // Another session finds the channel anew and goes on there.
  reader.telegram.say(calls, 1, 'said meanwhile');
  await reader.logIn();
  await reader.passedOn(1);
  expect(await reader.reading(source)).toMatchObject({ status: 'reading' });
  if (lease !== null) await rig.fleet.store.leases.release(lease);
});
