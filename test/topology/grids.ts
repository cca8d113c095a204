/** Many small grid bots of one user on accounts at simulated venues, made past the API, which would take a minute to be asked that often. */
import { systemClock } from '#adapters/clock.ts';
import { randomIds } from '#adapters/ids.ts';
import { openStore } from '#adapters/store/store.ts';
import { aesVault } from '#adapters/vault.ts';
import { sealCredentials } from '#app/people/credentials.ts';
import { quietLog } from '../support/quiet-log.ts';
import type { Topology } from './topology.ts';

/** Exchanges allow an account so many orders in ten seconds; this many bots start at once on one. */
const BOTS_PER_ACCOUNT = 25;
const MARKETS = [
  { symbol: 'BTC/USDT', config: { lower_price: '59700', upper_price: '60300', levels: 4, spacing: 'arithmetic', investment: '600' } },
  { symbol: 'ETH/USDT', config: { lower_price: '2985', upper_price: '3015', levels: 4, spacing: 'arithmetic', investment: '600' } },
  { symbol: 'BNB/USDT', config: { lower_price: '597', upper_price: '603', levels: 4, spacing: 'arithmetic', investment: '600' } },
] as const;

/** Makes and starts them, and returns their ids. */
export async function startGrids(topology: Topology, count: number): Promise<readonly string[]> {
  const { databaseUrl, masterKey, venues, client } = topology;
  const store = await openStore({ url: databaseUrl, log: quietLog() });
  const vault = aesVault(masterKey);
  const { id: userId } = await client.get<{ id: string }>('/auth/me');
  const bots: string[] = [];
  try {
    for (let account = 0; bots.length < count; account += 1) {
      const venue = venues[account % venues.length];
      const market = MARKETS[account % MARKETS.length];
      if (venue === undefined || market === undefined) throw new RangeError('a fleet needs a venue');
      const name = `fleet-${account}`;
      const keys = await venue.addAccount(name);
      const accountId = randomIds.next();
      const credentials = { apiKey: keys.api_key, apiSecret: keys.api_secret, passphrase: keys.passphrase };
      const sealed = sealCredentials(vault, userId, accountId, venue.id, credentials);
      await store.accounts.create({ id: accountId, userId, name, exchange: venue.id, ...sealed, createdAt: systemClock.now() });
      for (let index = 0; index < BOTS_PER_ACCOUNT && bots.length < count; index += 1) {
        const bot = { userId, accountId, name: `Grid ${bots.length + 1}`, strategy: 'grid', mode: 'live', ...market } as const;
        const { id } = await store.bots.create({ ...bot, id: randomIds.next(), at: systemClock.now() });
        bots.push(id);
      }
    }
    for (const id of bots) await store.bots.setDesired(userId, id, 'running', systemClock.now());
  } finally {
    await store.close();
  }
  return bots;
}
