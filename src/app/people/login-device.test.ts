/** Users hear of logins from where they have not logged in for long. */
import { expect, it, onTestFinished } from 'vitest';
import { templateOf } from '#core/notices/templates.ts';
import { wordsOf } from '#core/notices/wording.ts';
import { createTestStore } from '#test/support/database.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { takeFacts } from '#test/support/told-facts.ts';
import { DEVICE_KNOWN_MS, MAX_DEVICES } from './login-device.ts';
import { DEFAULT_THROTTLE, LoginThrottle } from './login-throttle.ts';
import { Users } from './users.ts';

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
const HOME = { address: '203.0.113.7', network: '203.0.113.7', agent: FIREFOX };
const ADA = { email: 'ada@example.org', password: 'a long password' };

async function world() {
  const { store, query, drop } = await createTestStore();
  onTestFinished(drop);
  const clock = new ManualClock();
  let last = 0;
  const next = (): string => {
    last += 1;
    return `id${last}`;
  };
  const users = new Users({
    store,
    clock,
    ids: { next, secret: next },
    passwords: { hash: async (password) => password, matches: async (password, hash) => password === hash },
    throttle: new LoginThrottle(clock, DEFAULT_THROTTLE),
    registration: 'open',
    digest: (text) => `digest of ${text.length} ${text}`,
  });
  const { id } = await users.register({ ...ADA, address: '127.0.0.1', isLocal: true, invitedBy: null });
  const login = (from: Partial<typeof HOME> = {}) => users.login({ ...ADA, ...HOME, ...from });
  const told = async () => (await takeFacts(store)).filter(({ type }) => type === 'login_new_device').map(({ userId, data }) => ({ userId, data }));
  return { store, query, clock, users, id, login, told };
}

it('is silent at the first login and from the same device, and tells of another network and another program once each', async () => {
  const { id, login, told } = await world();
  await login();
  await login();
  await login({ agent: FIREFOX.replaceAll('140.0', '141.0.2') });
  expect(await told(), 'a newer version is no new device').toEqual([]);
  await login({ address: '198.51.100.9', network: '198.51.100.9' });
  expect(await told()).toEqual([{ userId: id, data: { address: '198.51.100.9', device: 'Firefox, Linux' } }]);
  await login({ agent: 'curl/8.9.1' });
  expect(await told()).toEqual([{ userId: id, data: { address: HOME.address, device: 'curl' } }]);
  for (const from of [{}, { agent: 'curl/8.9.1' }, { address: '198.51.100.9', network: '198.51.100.9' }]) await login(from);
  expect(await told()).toEqual([]);
});

it('knows an address by its network', async () => {
  const { login, told } = await world();
  await login({ address: '2001:db8::1', network: '2001:db8:0:0::/64' });
  await login({ address: '2001:db8::2', network: '2001:db8:0:0::/64' });
  expect(await told()).toEqual([]);
});

it('tells again of a device that was not used for long, also when nobody has logged in meanwhile', async () => {
  const { clock, login, told } = await world();
  await login();
  await clock.advance(DEVICE_KNOWN_MS);
  await login();
  expect(await told()).toEqual([]);
  await clock.advance(DEVICE_KNOWN_MS + 1);
  await login();
  expect(await told()).toHaveLength(1);
});

it('shows nothing of what a stranger sends, and keeps only a digest of it', async () => {
  const { query, login, told } = await world();
  await login();
  await login({ agent: '<b>Call +1 555 0100</b> Chrome/1 Windows' });
  await login({ agent: 'secret-program' });
  const facts = await told();
  expect(facts.map(({ data }) => data['device'])).toEqual(['Chrome, Windows', null]);
  const { text } = templateOf('login_new_device');
  expect(facts.map(({ data }) => wordsOf(text.en, data, 'en'))).toEqual([
    'From 203.0.113.7. Chrome, Windows. If it was not you, change the password and close the other sessions.',
    'From 203.0.113.7. If it was not you, change the password and close the other sessions.',
  ]);
  expect(await query("select 1 from login_devices where device_hash not like 'digest of %'")).toEqual([]);
});

it('tells nothing of a wrong password, and once of several logins at once', async () => {
  const { query, id, users, login, told } = await world();
  await login();
  await expect(users.login({ ...ADA, ...HOME, password: 'wrong', agent: 'curl' })).rejects.toMatchObject({ code: 'invalid_credentials' });
  expect(await told()).toEqual([]);
  await Promise.all([login({ agent: 'curl' }), login({ agent: 'curl' }), login({ agent: 'curl' })]);
  expect(await told()).toHaveLength(1);
  await query('begin');
  await query(`select from users where id = '${id}' for no key update`);
  await query(
    `insert into login_devices select user_id, replace(device_hash, 'curl', 'wget'), last_login_at from login_devices where device_hash like '%curl%'`,
  );
  const behind = login({ agent: 'wget' });
  await expect.poll(() => query('select 1 from pg_locks where not granted and pg_backend_pid() = any (pg_blocking_pids(pid))')).toHaveLength(1);
  await query('commit');
  await behind;
  expect(await told(), 'who waits sees what the one before has noted').toEqual([]);
});

it('keeps so many devices of a user, those used last', async () => {
  const { query, clock, id, login, told } = await world();
  await query(`insert into login_devices (user_id, device_hash, last_login_at) select '${id}', 'old' || n, n from generate_series(1, ${MAX_DEVICES}) n`);
  await clock.advance(1);
  await login();
  expect(await told()).toHaveLength(1);
  const kept = await query<{ hash: string }>("select device_hash as hash from login_devices where device_hash like 'old%' order by last_login_at");
  expect([kept.length, kept[0]?.hash]).toEqual([MAX_DEVICES - 1, 'old2']);
});
