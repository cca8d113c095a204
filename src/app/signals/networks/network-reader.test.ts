/** When networks of coins are asked for, by whose account, and what is said of them while nothing is known. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { PortError } from '#core/errors.ts';
import type { CoinNetworks } from '#core/signals/coin-networks.ts';
import type { NetworkSource } from '#core/signals/network-sources.ts';
import { aListing } from '#core/signals/signal-engine.fixture.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import { NETWORKS_STALE_MS } from './known-networks.ts';
import { NETWORKS_EVERY_MS, NetworkReader, SOURCE_LOOK_MS } from './network-reader.ts';

const ABC: CoinNetworks = {
  coin: 'ABC',
  contracts: [{ chain: 'ethereum', address: '0xAb' }],
  transfer: { canDeposit: true, canWithdraw: true, withdrawFee: '0.5', note: '' },
  networks: [{ chain: 'ethereum', canDeposit: true, canWithdraw: true, withdrawFee: '0.5' }],
};
const SPOT = aListing('binance', 'spot');

class World {
  readonly clock = new ManualClock();
  readonly asked: string[] = [];
  sources: NetworkSource[] = [];
  failure: PortError | null = null;
  open = 0;
  changes = 0;
  readonly reader: NetworkReader;

  constructor() {
    const session = ({ accountId }: { readonly accountId: string }) => {
      this.open += 1;
      return {
        coinNetworks: () => {
          this.asked.push(accountId);
          return this.failure === null ? Promise.resolve([ABC]) : Promise.reject(this.failure);
        },
        close: () => {
          this.open -= 1;
          return Promise.resolve();
        },
      };
    };
    const venues = new Map([
      ['binance', { id: 'binance', title: 'Binance', networksNeedKey: true, session }],
      ['bitget', { id: 'bitget', title: 'Bitget', session }],
    ]);
    const store = { networkSources: { list: () => Promise.resolve(this.sources) } };
    const parts = { store: store as never, venues: venues as never, vault: null as never, clock: this.clock, log: quietLog() };
    this.reader = new NetworkReader(parts, ['binance', 'bitget', 'dexscreener']);
    this.reader.of('binance')?.onChange(() => {
      this.changes += 1;
    });
    onTestFinished(() => this.reader.close());
  }

  name(accountId: string, exchange = 'binance'): void {
    const account = { id: accountId, number: 1, userId: 'owner', name: accountId, exchange, sealed: null, keyVersion: 0, keyHint: null, createdAt: 0 };
    this.sources = [{ account, setAt: 0 }];
  }

  async start(): Promise<void> {
    this.reader.start();
    await this.clock.advance(0);
  }

  shown(listing = SPOT) {
    return this.reader.of('binance')?.over([listing])[0];
  }
}

describe('the reader of networks', () => {
  it('asks nobody while no account is named, says so on each coin, and is no failure of anything', async () => {
    const world = new World();
    await world.start();
    await world.clock.advance(2 * NETWORKS_EVERY_MS);
    expect([world.asked, world.reader.standing()]).toEqual([[], []]);
    const note = 'Binance tells deposits and withdrawals only to holders of a key, and no account is named for that';
    expect(world.shown()?.transfer).toEqual({ canDeposit: null, canWithdraw: null, withdrawFee: null, note });
    expect(world.reader.of('bitget')).toBeNull();
  });

  it('asks by the account that is named, once in ten minutes, and closes its session each time', async () => {
    const world = new World();
    await world.start();
    world.name('mine');
    await world.clock.advance(SOURCE_LOOK_MS);
    expect(world.asked).toEqual(['mine']);
    expect(world.shown()).toMatchObject({ contracts: ABC.contracts, transfer: ABC.transfer, networks: ABC.networks });
    await world.clock.advance(NETWORKS_EVERY_MS - 1);
    expect(world.asked).toHaveLength(1);
    await world.clock.advance(SOURCE_LOOK_MS);
    expect([world.asked.length, world.open]).toEqual([2, 0]);
    expect(world.reader.standing()).toMatchObject([{ name: 'binance networks', everyMs: NETWORKS_EVERY_MS, problem: '', readAt: expect.any(Number) }]);
  });

  it('tells listeners once of what is new, and forgets everything with the account', async () => {
    const world = new World();
    world.name('mine');
    await world.start();
    const told = world.changes;
    await world.clock.advance(SOURCE_LOOK_MS);
    expect(world.changes).toBe(told);
    world.sources = [];
    await world.clock.advance(SOURCE_LOOK_MS);
    expect([world.changes, world.shown()?.transfer?.note, world.reader.standing()]).toEqual([told + 1, expect.stringContaining('no account is named'), []]);
  });

  it('asks anew at once by another account, and never shows what the one before was told', async () => {
    const world = new World();
    world.name('mine');
    await world.start();
    world.name('other');
    world.failure = new PortError('key_rejected', 'Binance answered -2015', { outcome: 'failed' });
    await world.clock.advance(SOURCE_LOOK_MS);
    expect(world.asked).toEqual(['mine', 'other']);
    expect(world.shown()?.transfer?.note).toBe('Binance has not told deposits and withdrawals yet');
    expect(world.reader.standing()).toMatchObject([{ problemCode: 'key_rejected', problem: 'Binance answered -2015' }]);
  });

  it('believes for half an hour what was told before, asks no more often for a failure, and then knows nothing', async () => {
    const world = new World();
    world.name('mine');
    await world.start();
    world.failure = new PortError('venue_unavailable', 'down', { outcome: 'failed' });
    await world.clock.advance(NETWORKS_STALE_MS - SOURCE_LOOK_MS);
    expect(world.shown()?.transfer?.canWithdraw).toBe(true);
    expect(world.asked.length).toBeLessThanOrEqual(4);
    await world.clock.advance(3 * SOURCE_LOOK_MS);
    expect(world.shown()?.transfer).toMatchObject({ canWithdraw: null, note: 'Binance has not told deposits and withdrawals for 30 minutes' });
  });

  it('says which coin the venue does not list, counts fees in single coins, and leaves perpetuals alone', async () => {
    const world = new World();
    world.name('mine');
    await world.start();
    expect(world.shown({ ...SPOT, symbol: 'XYZ/USDT' })?.transfer?.note).toBe('Binance does not list the networks of this coin');
    expect(world.shown({ ...SPOT, multiplier: 1_000 })).toMatchObject({ transfer: { withdrawFee: '500' }, networks: [{ withdrawFee: '500' }] });
    const future = aListing('binance', 'futures');
    expect(world.shown(future)).toBe(future);
  });
});
