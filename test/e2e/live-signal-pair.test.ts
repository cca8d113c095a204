/** From prices of a venue to money on its account: the scanner finds a dear perpetual, a bot is made of the signal and trades it live, on each venue's own protocol. */
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '#adapters/clock.ts';
import { randomIds } from '#adapters/ids.ts';
import { Bots } from '#app/bots/bots.ts';
import { Shift } from '#app/fleet/shift.ts';
import { Accounts } from '#app/people/accounts.ts';
import { GateWatch } from '#app/signal-bots/gate-watch.ts';
import { NetworkReader } from '#app/signals/networks/network-reader.ts';
import { decimal } from '#core/money.ts';
import type { Signal } from '#core/signals/signal.ts';
import { openSignalDesk } from '#roles/_signals.ts';
import { SCANNERS } from '#scanners/index.gen.ts';
import { Fleet } from '../support/fleet.ts';
import { quietLog } from '../support/quiet-log.ts';
import type { SimulatedVenue } from '../venues/_simulators.ts';
import { KEY } from '../venues/_world.ts';
import { type Caller, openApi, type Wire } from './_api.ts';

const SPOT = 'BTC/USDT';
const PERPETUAL = 'BTC/USDT:USDT';
const PATIENCE_MS = 60_000;
/** The user's own account there; the fleet has one of its own. */
const OWN = { apiKey: 'own-key-own-key-own-key-own-key-own-key-own-key-own-key-own-key-', account: 'own' };
let fleet: Fleet;
afterEach(() => fleet.close());

interface Leg {
  readonly symbol: string;
  readonly base_held: string;
  readonly open_orders: number;
}

/** What the roles api, scanner, worker and bots are made of, around one venue and one user who may have bots out of signals. */
async function opened(venue: SimulatedVenue): Promise<{ readonly user: Caller; readonly accountId: string }> {
  fleet = await Fleet.open({ venue });
  const parts = {
    ...{ store: fleet.store, venues: fleet.venues, strategies: fleet.strategies, bus: fleet.bus, vault: fleet.vault },
    ...{ clock: systemClock, ids: randomIds, log: quietLog(fleet.lines) },
  };
  const api = await openApi(fleet.store, { venues: parts.venues, strategies: parts.strategies, bus: parts.bus, vault: parts.vault, clock: systemClock });
  onTestFinished(() => api.server.close());
  const user = await api.user();
  await fleet.store.subscriptions.grant(user.id, 'vip', null, systemClock.now());
  fleet.simulator.world.addKey({ ...KEY, ...OWN }, { USDT: '100000' });
  const isPhrased = parts.venues.get(venue)?.credentials.includes('passphrase') === true;
  const keys = { api_key: OWN.apiKey, api_secret: KEY.secret, ...(isPhrased ? { passphrase: KEY.passphrase } : {}) };
  const account = await user.call('POST', '/accounts', { name: 'Own', exchange: venue, ...keys });
  expect(account.status, account.text).toBe(201);
  const watch = new GateWatch({ ...parts, bots: new Bots({ ...parts, accounts: new Accounts(parts) }) });
  onTestFinished(() => watch.close());
  watch.start();
  const shift = new Shift({ ...parts, owner: 'scanner', subject: 'scanner:signals' }, (lease) =>
    openSignalDesk({ ...parts, scanners: SCANNERS, networks: new NetworkReader(parts, []), urls: {} }, [venue], lease),
  );
  onTestFinished(() => shift.close());
  shift.start();
  const isRead = (): boolean => shift.work?.standing().feeds.every(({ readAt }) => readAt !== null) === true;
  await fleet.until('every feed of the venue is read', isRead, PATIENCE_MS);
  return { user, accountId: account.body.id };
}

const signalsOf = async (user: Caller, state: string): Promise<readonly Wire[]> =>
  (await user.call('GET', `/signals?kind=spot-futures&state=${state}`)).body.items;

async function legsOf(user: Caller, botId: string): Promise<readonly Leg[]> {
  return ((await user.call('GET', `/bots/${botId}/stats`)).body as unknown as { readonly legs: readonly Leg[] }).legs;
}

describe.each(['binance', 'bybit', 'okx', 'bitget'] as const)('on %s', (venue) => {
  it('a signal opens, a bot out of it fills both legs, leaves when the prices meet, and its books are those of the venue', async () => {
    const { user, accountId } = await opened(venue);
    const { world, truth } = fleet.simulator;
    expect(await signalsOf(user, 'all')).toEqual([]);
    world.setPrice(PERPETUAL, '61200');
    await fleet.until('a signal is open', async () => (await signalsOf(user, 'open')).length > 0, PATIENCE_MS);
    const [told] = await signalsOf(user, 'open');
    const signal = (await fleet.store.signals.get(told?.id ?? '')) as Signal;
    expect(signal).toMatchObject({ scanner: 'spot-futures', direction: 'forward', base: 'BTC', quarantine: null, identity: { status: 'likely' } });
    expect(signal.legs.map((leg) => [leg.venue, leg.symbol])).toEqual([
      [venue, SPOT],
      [venue, PERPETUAL],
    ]);

    const wish = { name: 'Spread', mode: 'live', account_id: accountId, config: { investment: '3100', max_slippage_percent: '2' } };
    const made = await user.call('POST', `/signals/${signal.id}/bots`, wish);
    expect(made.status, made.text).toBe(201);
    const botId = made.body.id;
    expect(made.body.config).toMatchObject({ start_signal: 'spot-futures', rounds: 1, perpetual_symbol: PERPETUAL });
    expect((await user.call('POST', `/bots/${botId}/start`)).status).toBe(202);
    const isHolding = async (): Promise<boolean> => {
      const legs = await legsOf(user, botId);
      return legs.length === 2 && legs.every((leg) => leg.base_held !== '0' && leg.open_orders === 0);
    };
    await fleet.until('both legs are filled', isHolding, PATIENCE_MS);
    const [spot, perpetual] = await legsOf(user, botId);
    expect(
      Math.abs(
        decimal(spot?.base_held ?? 'x')
          .plus(perpetual?.base_held ?? 'x')
          .toNumber(),
      ),
    ).toBeLessThan(0.001);

    // Below the coin, so that the ask of the one is not above the bid of the other.
    world.setPrice(PERPETUAL, '59990');
    await fleet.until('the signal has closed', async () => (await signalsOf(user, 'open')).length === 0, PATIENCE_MS);
    await fleet.until('its one round is over', async () => String((await user.call('GET', `/bots/${botId}`)).body.status) === 'stopped', PATIENCE_MS);
    expect((await fleet.store.signals.get(signal.id))?.closeReason).toBe('spread_gone');
    expect((await legsOf(user, botId)).at(1)?.base_held).toBe('0');

    const fills = (await fleet.store.fills.list(user.id, { botId }, { limit: 200, cursor: null })).items;
    const line = (each: { readonly symbol: string; readonly side: string; readonly price: string; readonly size: string }): string =>
      [each.symbol, each.side, decimal(each.price), decimal(each.size)].join(' ');
    expect(fills.map(line).sort()).toEqual(truth.fills(OWN.account).map(line).sort());
    expect(new Set(fills.map(({ symbol, side }) => `${side} ${symbol}`))).toEqual(
      new Set([`buy ${SPOT}`, `sell ${PERPETUAL}`, `buy ${PERPETUAL}`, `sell ${SPOT}`]),
    );
    expect(truth.openOrders()).toEqual([]);
    expect(truth.duplicates()).toEqual([]);
    // What the signal promised for its size the round has earned on what it bought, but for rounding of lots. Fees in the coin are lacking in what is left of it.
    const worth = ({ price, size }: { readonly price: string; readonly size: string }): number => Number(price) * Number(size);
    const bought = fills.filter(({ symbol, side }) => symbol === SPOT && side === 'buy').reduce((sum, each) => sum + worth(each), 0);
    const flow = fills.reduce((sum, each) => sum + (each.side === 'sell' ? worth(each) : -worth(each)), 0);
    const fees = fills.reduce((sum, { feeAsset, feeAmount }) => sum + (feeAsset === 'USDT' ? Number(feeAmount) : 0), 0);
    const dust = Number((await legsOf(user, botId)).at(0)?.base_held) * 60_000;
    expect(((flow - fees + dust) / bought) * 100).toBeCloseTo(Number(signal.netPercent), 1);
    const { difference } = await fleet.replay(botId, user.id);
    expect(difference).toBeNull();
  }, 240_000);
});
