/** The owner names accounts by which networks of coins are read: through the API, against the signed protocol of each simulated venue. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '#adapters/clock.ts';
import { randomIds } from '#adapters/ids.ts';
import { booksOf } from '#adapters/store/books.ts';
import { aesVault } from '#adapters/vault.ts';
import { VENUES } from '#adapters/venues/index.gen.ts';
import { openCredentials, sealCredentials } from '#app/people/credentials.ts';
import type { Venue } from '#core/venue-ports.ts';
import { createTestStore, type TestStore } from '../support/database.ts';
import { quietLog } from '../support/quiet-log.ts';
import type { VenueServer } from '../venues/_server.ts';
import { SIMULATORS } from '../venues/_simulators.ts';
import { KEY } from '../venues/_world.ts';
import { type Api, type Caller, openApi } from './_api.ts';

const NEEDING = ['binance', 'bybit', 'mexc', 'okx'] as const;
/** What each calls Ethereum. */
const ETHEREUM = { binance: 'ETH', bybit: 'ETH', mexc: 'ETH', okx: 'ERC20' } as const;
const TOKEN = '0x64bc2ca1be492be7185faa2c8835d9b824c8a194';

let database: TestStore;
let api: Api;
let owner: Caller;
let stranger: Caller;
const vault = aesVault('0'.repeat(64));
const simulators = new Map<string, VenueServer>();
let venues: ReadonlyMap<string, Venue>;

beforeAll(async () => {
  database = await createTestStore();
  for (const name of NEEDING) simulators.set(name, await SIMULATORS[name]({ keys: [KEY, { ...KEY, apiKey: 'other', account: 'other' }] }));
  const urls = Object.fromEntries([...simulators].map(([name, { url }]) => [name, url]));
  const world = { clock: systemClock, ids: randomIds, log: quietLog(), books: booksOf(database.store), urls };
  venues = new Map(VENUES.map((module) => [module.id, module.open({ ...world, url: urls[module.id] ?? null })]));
  api = await openApi(database.store, { venues, vault, clock: systemClock });
  [owner, stranger] = [await api.user(), await api.user()];
});
afterAll(async () => {
  await api.server.close();
  for (const venue of venues.values()) await venue.close();
  for (const simulator of simulators.values()) await simulator.close();
  await database.drop();
});

async function accountOf({ id: userId }: Caller, exchange: string, apiKey = KEY.apiKey): Promise<string> {
  const answer = { apiKey, apiSecret: KEY.secret, passphrase: exchange === 'okx' ? KEY.passphrase : null };
  const id = randomIds.next();

  await database.store.accounts.create({
    ...{ id, userId, name: `Own ${exchange}`, exchange, ...sealCredentials(vault, userId, id, exchange, answer) },
    createdAt: systemClock.now(),
  });
  return id;
}

/** Lets the simulated venue tell of this network alone. */
function network(exchange: (typeof NEEDING)[number], apiKey: string): void {
  const { world } = simulators.get(exchange) as VenueServer;
  world.networks.set('BTC', [{ chain: ETHEREUM[exchange], contract: TOKEN, canDeposit: true, canWithdraw: false, fee: '3' }]);
  // MEXC tells them to keys that may look into withdrawals.
  if (exchange === 'mexc') world.keys.set(apiKey, { ...KEY, apiKey, canWithdraw: true });
}

describe.each(NEEDING)('at %s', (exchange) => {
  it('an own account is asked once and named, and its session tells what the venue does', async () => {
    network(exchange, KEY.apiKey);
    const id = await accountOf(owner, exchange);
    const named = await owner.call('PUT', `/admin/network-sources/${exchange}`, { account_id: id });
    expect([named.status, named.body]).toMatchObject([200, { exchange, account_id: id, account_name: `Own ${exchange}`, set_at: expect.any(String) }]);
    const [source] = (await database.store.networkSources.list()).filter(({ account }) => account.exchange === exchange);
    if (source === undefined) throw new Error('it is not kept');
    const session = venues.get(exchange)?.session({ accountId: id, credentials: openCredentials(vault, source.account) });
    const told = await session?.coinNetworks?.();
    await session?.close();
    expect(told?.find(({ coin }) => coin === 'BTC')).toEqual({
      coin: 'BTC',
      contracts: [{ chain: 'ethereum', address: exchange === 'okx' ? '…c8a194' : TOKEN }],
      transfer: { canDeposit: true, canWithdraw: false, withdrawFee: null, note: '' },
      networks: [{ chain: 'ethereum', canDeposit: true, canWithdraw: false, withdrawFee: exchange === 'bybit' ? null : '3' }],
    });
    expect(told?.find(({ coin }) => coin === 'USDT')?.transfer).toMatchObject({ canWithdraw: true, withdrawFee: '0.0001' });
  });
});

describe('the sources', () => {
  it('are listed for every venue that needs one, and removed', async () => {
    await owner.call('PUT', '/admin/network-sources/bybit', { account_id: await accountOf(owner, 'bybit', 'other') });
    const list = await owner.call('GET', '/admin/network-sources');
    expect(list.body.items.map((item) => Reflect.get(item, 'exchange')).sort()).toEqual([...NEEDING]);
    expect((await owner.call('DELETE', '/admin/network-sources/bybit')).status).toBe(204);
    expect((await owner.call('DELETE', '/admin/network-sources/bybit')).status).toBe(404);
    const audit = (await owner.call('GET', '/admin/audit')).text;
    for (const action of ['network_source_set', 'network_source_removed']) expect(audit).toContain(action);
  });

  it('are never those of another user, whoever asks', async () => {
    const theirs = await accountOf(stranger, 'okx', 'other');
    expect((await owner.call('PUT', '/admin/network-sources/okx', { account_id: theirs })).status).toBe(404);
    expect((await stranger.call('PUT', '/admin/network-sources/okx', { account_id: theirs })).status).toBe(403);
    expect(await database.store.networkSources.set(stranger.id, theirs, 1)).toBeNull();
    // Even a row that came there otherwise is not used.
    await database.query('insert into network_sources values ($1, $2, 1) on conflict (exchange) do update set account_id = $2', ['okx', theirs]);
    expect((await database.store.networkSources.list()).map(({ account }) => account.userId)).not.toContain(stranger.id);
    await database.query("delete from network_sources where exchange = 'okx'");
  });

  it('end with their account', async () => {
    const id = await accountOf(owner, 'okx', 'third');
    expect(await database.store.networkSources.set(owner.id, id, 1)).not.toBeNull();
    expect((await owner.call('DELETE', `/accounts/${id}`)).status).toBe(204);
    expect((await database.store.networkSources.list()).map(({ account }) => account.id)).not.toContain(id);
  });

  it.each<readonly [string, string, () => Promise<string>, number, string | undefined]>([
    ['another exchange’s account', 'okx', async () => accountOf(owner, 'binance', 'second'), 422, 'account_id'],
    ['an exchange that tells everybody', 'bitget', async () => 'x', 422, 'exchange'],
    ['an exchange that is none', 'nowhere', async () => 'x', 422, 'exchange'],
    ['no account', 'okx', async () => 'missing', 404, undefined],
    ['a key that may not', 'mexc', async () => accountOf(owner, 'mexc', 'other'), 422, 'account_id'],
  ])('refuse %s', async (_what, exchange, account, status, field) => {
    const before = await database.store.networkSources.list();
    const answer = await owner.call('PUT', `/admin/network-sources/${exchange}`, { account_id: await account() });
    expect([answer.status, answer.problem.errors?.[0]?.field], answer.text).toEqual([status, field]);
    expect(await database.store.networkSources.list()).toEqual(before);
  });
});
