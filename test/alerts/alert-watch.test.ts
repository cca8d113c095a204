/** Alerts as they are watched: over shared feeds and readings, told once each whoever watches, and not lost with a process or a database. */
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { randomIds } from '#adapters/ids.ts';
import { aesVault } from '#adapters/vault.ts';
import { AlertWatch, READ_MS, REFRESH_MS } from '#app/alerts/alert-watch.ts';
import { BotHistory } from '#app/bots/bot-stats.ts';
import { Shift, STAND_BY_MS } from '#app/fleet/shift.ts';
import { Feeds } from '#app/market/feeds.ts';
import { Accounts } from '#app/people/accounts.ts';
import type { AlertCondition } from '#core/alerts/alert.ts';
import { type AlertRecord, MAX_ALERTS } from '#core/alerts/alert-store.ts';
import { PortError } from '#core/errors.ts';
import type { FundingRate } from '#core/perpetual-ports.ts';
import type { Store } from '#core/store/store.ts';
import type { Balance, Quote, Venue } from '#core/venue-ports.ts';
import { createTestStore, type TestStore } from '#test/support/database.ts';
import { ManualClock, settle } from '#test/support/manual-clock.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import { makeAccount, makeBot, makeUser } from '#test/support/trading-world.ts';
import { until } from '#test/support/until.ts';

const AT = 1_700_000_000_000;

let database: TestStore;
let store: Store;
let clock: ManualClock;
let userId: string;
let exchange: ReturnType<typeof feedableVenue>;
/** How many watch, and how often they have looked at what there is to watch. */
let watching = 0;
let looks = 0;

beforeAll(async () => {
  database = await createTestStore();
  store = database.store;
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.query('delete from alerts');
  await database.query('delete from facts');
  clock = new ManualClock(AT);
  userId = await makeUser(store);
  exchange = feedableVenue();
  watching = 0;
});

/** A venue whose prices, funding and wallets a test says. */
function feedableVenue() {
  const listeners = new Map<string, Set<(quote: Quote) => void>>();
  const venue = {
    id: 'paper',
    funding: '0.0001',
    balances: [] as Balance[],
    isUp: true,
    asked: { feeds: 0, funding: 0, balances: 0 },
    price(symbol: string, price: string): void {
      for (const listener of listeners.get(symbol) ?? []) listener({ symbol, bid: price, ask: price, at: clock.now() });
    },
    watched: () => [...listeners].filter(([, each]) => each.size > 0).map(([symbol]) => symbol),
    market: {
      watchQuotes: (symbol: string, listener: (quote: Quote) => void) => {
        venue.asked.feeds += 1;
        const those = listeners.get(symbol) ?? new Set();
        listeners.set(symbol, those.add(listener));
        return () => void those.delete(listener);
      },
      perpetual: {
        fundingRate: async (symbol: string): Promise<FundingRate> => {
          venue.asked.funding += 1;
          if (!venue.isUp) throw new PortError('venue_unavailable', 'away', { outcome: 'failed' });
          return { symbol, rate: venue.funding, nextAt: 0, intervalMs: 1, markPrice: '1', indexPrice: '1' };
        },
      },
    },
    session: () => ({
      balances: async () => {
        venue.asked.balances += 1;
        return venue.balances;
      },
      close: async () => undefined,
    }),
  };
  return venue;
}

async function set(condition: AlertCondition, more: Partial<Pick<AlertRecord, 'note' | 'repeats' | 'cooldownMs'>> = {}): Promise<AlertRecord> {
  const alert = await store.alerts.create({ id: randomIds.next(), userId, condition, note: '', repeats: false, cooldownMs: 60_000, ...more, at: clock.now() });
  if (alert === 'full') throw new Error('full');
  return alert;
}

const partsOf = (over: Partial<Store> = {}) => {
  const alerts = over.alerts ?? store.alerts;
  const active = async () => {
    const found = await alerts.active();
    looks += 1;
    return found;
  };
  const venues = new Map([['paper', exchange as unknown as Venue]]);
  const vault = aesVault(Buffer.alloc(32, 3).toString('base64'));
  const parts = { store: { ...store, alerts: { ...alerts, active } }, venues, clock, ids: randomIds, log: quietLog(), vault, strategies: new Map() };
  return { ...parts, feeds: new Feeds(parts), accounts: new Accounts(parts), history: new BotHistory(parts) };
};

async function watch(over: Partial<Store> = {}): Promise<AlertWatch> {
  const watch = new AlertWatch(partsOf(over));
  await watch.start();
  watching += 1;
  onTestFinished(() => watch.close());
  return watch;
}

const facts = async () =>
  (
    await database.query<{ key: string; data: Readonly<Record<string, unknown>> }>(
      "select dedupe_key as key, data from facts where type = 'alert_triggered' order by id",
    )
  ).map(({ data }) => data);
async function told(count: number): Promise<readonly Readonly<Record<string, unknown>>[]> {
  await until(async () => (await facts()).length >= count, `${count} are told`);
  return facts();
}
/** A round of everybody who watches. */
async function round(): Promise<void> {
  const wanted = looks + watching;
  await clock.advance(REFRESH_MS);
  await until(() => looks >= wanted, 'all have looked');
  await settle();
}

const crosses = (price: string, symbol = 'BTC/USDT'): AlertCondition => ({ kind: 'price_crosses', exchange: 'paper', symbol, price, direction: 'up' });

describe('prices', () => {
  it('are watched over one feed an instrument, and told once with what they were', async () => {
    await set(crosses('100'), { note: 'a hundred' });
    await set(crosses('120'));
    await set(crosses('10', 'ETH/USDT'));
    const watched = await watch();
    expect([watched.size, exchange.asked.feeds]).toEqual([3, 2]);
    exchange.price('BTC/USDT', '90');
    exchange.price('BTC/USDT', '101.5');
    exchange.price('BTC/USDT', '102');
    const [fact, ...others] = await told(1);
    expect(others).toEqual([]);
    expect(fact).toMatchObject({ kind: 'price_crosses', name: 'a hundred', symbol: 'BTC/USDT', exchange: 'paper', value: '101.5', threshold: '100' });
    await round();
    expect(watched.size).toBe(2);
    expect((await store.alerts.list(userId, { limit: 5, cursor: null })).items.map(({ isOn, timesTriggered }) => [isOn, timesTriggered])).toContainEqual([
      false,
      1,
    ]);
  });

  it('that move by so many per cent are told, and the next move counts from there', async () => {
    const moves: AlertCondition = { kind: 'price_moves', exchange: 'paper', symbol: 'BTC/USDT', percent: '5', windowMinutes: 10, direction: 'either' };
    await set(moves, { repeats: true, cooldownMs: 0 });
    let tellings = 0;
    const trigger: Store['alerts']['trigger'] = (...all) => store.alerts.trigger(...all).finally(() => void (tellings += 1));
    await watch({ alerts: { ...store.alerts, trigger } });
    for (const price of ['100', '103', '105']) exchange.price('BTC/USDT', price);
    expect(await told(1)).toMatchObject([{ value: '5', threshold: '5', unit: '%' }]);
    // Whoever is telling does not listen, and begins anew afterwards.
    await until(() => tellings === 1, 'it listens again');
    for (const price of ['106', '107', '101']) exchange.price('BTC/USDT', price);
    expect((await told(2)).map(({ value }) => value)).toEqual(['5', '-5.61']);
  });

  it('speak again only after the price was clearly back and the pause is over', async () => {
    await set(crosses('100'), { repeats: true, cooldownMs: 60_000 });
    await watch();
    const cross = (): void => {
      exchange.price('BTC/USDT', '90');
      exchange.price('BTC/USDT', '110');
    };
    cross();
    await told(1);
    await round();
    cross();
    await round();
    expect(await facts()).toHaveLength(1);
    await clock.advance(60_000);
    await until(async () => {
      cross();
      return (await facts()).length > 1;
    }, 'it speaks again');
    expect(await facts()).toHaveLength(2);
  });
});

describe('what is looked at', () => {
  it('costs one question, however many alerts it has, once a minute', async () => {
    const account = await makeAccount(store, userId);
    const low = (asset: string, amount: string): AlertCondition => ({ kind: 'balance_below', accountId: account.id, asset, amount });
    const funding: AlertCondition = { kind: 'funding_beyond', exchange: 'paper', symbol: 'BTC/USDT:USDT', percent: '0.05', side: 'above' };
    for (const condition of [low('USDT', '100'), low('USDT', '50'), low('BTC', '1'), funding, { ...funding, percent: '0.01' }]) await set(condition);
    exchange.balances = [
      { asset: 'USDT', free: '60', locked: '15' },
      { asset: 'BTC', free: '1', locked: '0' },
    ];
    await watch();
    const texts = (await told(2)).map(({ kind, account: name, asset, value, threshold }) => [kind, name, asset, value, threshold]);
    expect(texts.sort()).toEqual([
      ['balance_below', 'Paper', 'USDT', '75', '100'],
      ['funding_beyond', undefined, undefined, '0.01', '0.01'],
    ]);
    expect(exchange.asked).toEqual({ feeds: 0, funding: 1, balances: 1 });
    await round();
    expect(exchange.asked).toEqual({ feeds: 0, funding: 1, balances: 1 });
    await clock.advance(READ_MS - REFRESH_MS);
    await round();
    await until(() => exchange.asked.balances === 2 && exchange.asked.funding === 2, 'they are asked again');
    expect(exchange.asked).toEqual({ feeds: 0, funding: 2, balances: 2 });
  });

  it('may be away for a while, and is told when it is back', async () => {
    exchange.isUp = false;
    exchange.funding = '0.01';
    await set({ kind: 'funding_beyond', exchange: 'paper', symbol: 'BTC/USDT:USDT', percent: '0.5', side: 'above' });
    await watch();
    await until(() => exchange.asked.funding === 1, 'it was asked');
    expect(await facts()).toEqual([]);
    exchange.isUp = true;
    await until(async () => {
      await clock.advance(READ_MS);
      return (await facts()).length > 0;
    }, 'it is told');
    expect(await facts()).toMatchObject([{ value: '1', threshold: '0.5' }]);
  });

  it('switches off what is about a bot that is gone', async () => {
    const bot = await makeBot(store, userId, (await makeAccount(store, userId)).id);
    const alert = await set({ kind: 'target_reached', botId: bot.id, amount: '5' });
    await store.bots.remove(userId, bot.id, clock.now());
    await watch();
    await until(async () => (await store.alerts.get(userId, alert.id))?.isOn === false, 'it is off');
  });
});

describe('whoever watches', () => {
  it('begins and ends with what users set, change and take away', async () => {
    const watched = await watch();
    const alert = await set(crosses('100'));
    await round();
    exchange.price('BTC/USDT', '90');
    await store.alerts.change(userId, alert.id, { condition: crosses('200'), at: clock.now() });
    await round();
    exchange.price('BTC/USDT', '110');
    exchange.price('BTC/USDT', '210');
    expect(await told(1)).toMatchObject([{ threshold: '200' }]);
    const other = await set(crosses('300'));
    await round();
    expect([watched.size, exchange.watched()]).toEqual([1, ['BTC/USDT']]);
    await store.alerts.remove(userId, other.id);
    await round();
    expect([watched.size, exchange.watched()]).toEqual([0, []]);
  });

  it('tells once where two watch, and what the other has told is over for both', async () => {
    await set(crosses('100'));
    const both = [await watch(), await watch()];
    exchange.price('BTC/USDT', '90');
    exchange.price('BTC/USDT', '110');
    expect(await told(1)).toHaveLength(1);
    await until(() => both.every(({ size }) => size === 0), 'it is over for both');
    expect(await facts()).toHaveLength(1);
  });

  it('tells of a price that came to its mark while nobody watched', async () => {
    await set(crosses('100'));
    const first = await watch();
    exchange.price('BTC/USDT', '90');
    await first.close();
    watching -= 1;
    await watch();
    exchange.price('BTC/USDT', '120');
    expect(await told(1)).toMatchObject([{ value: '120' }]);
  });

  it('tells later what the database did not take', async () => {
    await set(crosses('100'));
    let isAway = true;
    let tries = 0;
    const trigger: Store['alerts']['trigger'] = async (...all) => {
      tries += 1;
      if (isAway) throw new PortError('store_unavailable', 'away', { outcome: 'failed' });
      return store.alerts.trigger(...all);
    };
    await watch({ alerts: { ...store.alerts, trigger } });
    exchange.price('BTC/USDT', '90');
    exchange.price('BTC/USDT', '110');
    await until(() => tries === 1, 'it has tried');
    expect(await facts()).toEqual([]);
    isAway = false;
    await until(async () => {
      exchange.price('BTC/USDT', '111');
      return (await facts()).length > 0;
    }, 'it is told');
    expect(await facts()).toMatchObject([{ value: '111' }]);
  });

  it('is one process of two, and the other as soon as that ends', async () => {
    const work = (name: string, began: string[]) => () => ({ start: async () => void began.push(name), close: async () => void began.push(`${name} ends`) });
    const began: string[] = [];
    const shift = (owner: string) => new Shift({ ...partsOf(), owner, subject: 'alerts:all' }, work(owner, began));
    const [one, two] = [shift('one'), shift('two')];
    onTestFinished(() => two.close());
    one.start();
    await until(() => began.length === 1, 'one has begun');
    two.start();
    await clock.advance(STAND_BY_MS);
    expect(began).toEqual(['one']);
    await one.close();
    await until(async () => {
      await clock.advance(STAND_BY_MS);
      return began.length === 3;
    }, 'the other has begun');
    expect(began).toEqual(['one', 'one ends', 'two']);
  });
});

describe('the store', () => {
  it('keeps no more than so many of one user', async () => {
    for (let count = 0; count < MAX_ALERTS; count += 1) await set(crosses('100'));
    await expect(set(crosses('100'))).rejects.toThrow('full');
    userId = await makeUser(store);
    await set(crosses('100'));
  });

  it("gives nobody another's", async () => {
    const alert = await set(crosses('100'));
    const eve = await makeUser(store);
    expect(await store.alerts.get(eve, alert.id)).toBeNull();
    expect(await store.alerts.change(eve, alert.id, { isOn: false, at: AT })).toBeNull();
    expect(await store.alerts.remove(eve, alert.id)).toBe(false);
    expect((await store.alerts.list(eve, { limit: 5, cursor: null })).items).toEqual([]);
    expect((await store.alerts.get(userId, alert.id))?.isOn).toBe(true);
  });

  it('tells of nothing that its user has changed since it was seen', async () => {
    const alert = await set(crosses('100'));
    await store.alerts.change(userId, alert.id, { note: 'other', at: AT });
    const fact = { dedupeKey: 'x', userId, botId: null, type: 'alert_triggered', data: {}, at: AT } as const;
    expect(await store.alerts.trigger(alert, { isArmed: false, triggeredAt: AT, memory: {} }, fact)).toBe(false);
    expect(await facts()).toEqual([]);
  });
});
