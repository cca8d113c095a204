import { afterEach, describe, expect, it } from 'vitest';
import { formatClientOrderId } from '#core/client-order-id.ts';
import type { AccountBooks, OutboundOrder, TradingSession, Venue, VenueFill, VenueOrder } from '#core/venue-ports.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { type KeptLine, quietLog } from '#test/support/quiet-log.ts';
import { until } from '#test/support/until.ts';
import { startBinance } from '#test/venues/binance.ts';
import { PUSH_MS } from './_paper-exchange.ts';
import { DECISION_MS } from './_paper-market.ts';
import { LATENCY_MS } from './_paper-session.ts';
import { paper } from './paper.ts';

const EMPTY: AccountBooks = { restingOrders: async () => [], netFlows: async () => [], positions: async () => [] };
const ACCOUNT = { accountId: 'a', credentials: null };
const START = 1_800_000_000_000;

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

let opened = 0;

function open(
  clock: ManualClock,
  options: { readonly url?: string | null; readonly urls?: Record<string, string>; readonly books?: AccountBooks; readonly log?: KeptLine[] } = {},
): Venue {
  opened += 1;
  const venue = paper.open({
    clock,
    ids: { next: () => `id${opened}`, secret: () => 'secret' },
    log: quietLog(options.log),
    url: options.url === undefined ? 'demo' : options.url,
    urls: options.urls ?? {},
    books: options.books ?? EMPTY,
  });
  closing.push(() => venue.close());
  return venue;
}

/** Moves the standing clock on until a call to the venue has its answer. */
async function answered<T>(clock: ManualClock, call: Promise<T>): Promise<T> {
  let isDone = false;
  const noted = call.finally(() => {
    isDone = true;
  });
  noted.catch(() => undefined);
  for (let turn = 0; turn < 200 && !isDone; turn += 1) await clock.advance(LATENCY_MS);
  return noted;
}

function asked(change: Partial<OutboundOrder>): OutboundOrder {
  return {
    clientOrderId: 'c1',
    symbol: 'BTC/USDT',
    side: 'buy',
    type: 'limit',
    price: '50000',
    triggerPrice: null,
    size: '0.01',
    timeInForce: 'gtc',
    postOnly: false,
    reduceOnly: false,
    ...change,
  };
}

async function hear(
  clock: ManualClock,
  session: TradingSession,
): Promise<{ readonly orders: VenueOrder[]; readonly fills: VenueFill[]; readonly states: string[] }> {
  const heard = { orders: [] as VenueOrder[], fills: [] as VenueFill[], states: [] as string[] };
  await session.listen({
    onOrder: (order) => heard.orders.push(order),
    onFill: (fill) => heard.fills.push(fill),
    onStream: (state) => heard.states.push(state),
  });
  expect(heard.states).toEqual([]);
  await clock.advance(0);
  expect(heard.states).toEqual(['up']);
  return heard;
}

describe('the paper venue on the demonstration market', () => {
  it('fills resting orders of a narrow grid within a minute, at their own prices, one by one', async () => {
    const clock = new ManualClock(START);
    const venue = open(clock);
    const session = venue.session(ACCOUNT);
    const heard = await hear(clock, session);
    const middle = Number((await venue.market.quote('BTC/USDT')).bid);
    for (let level = 1; level <= 10; level += 1) {
      const price = (middle * (1 - level * 0.001)).toFixed(2);
      expect(
        await answered(clock, session.place(asked({ clientOrderId: `b${level}`, price, size: '0.001' }), { timestampMs: clock.now(), windowMs: 5000 })),
      ).toMatchObject({ outcome: 'accepted' });
    }
    await clock.advance(60_000);
    expect(heard.fills.length).toBeGreaterThan(0);
    for (const fill of heard.fills)
      expect(fill).toMatchObject({
        isMaker: true,
        price: heard.orders.find(({ venueOrderId }) => venueOrderId === fill.venueOrderId)?.price,
        feeAsset: 'BTC',
        feeAmount: '0.000001',
      });
  });

  it('never pushes inside the call that places, and pushes soon after', async () => {
    const clock = new ManualClock(START);
    const session = open(clock).session(ACCOUNT);
    const heard = await hear(clock, session);
    const placing = session.place(asked({ type: 'market', price: null }), { timestampMs: clock.now(), windowMs: 5000 });
    await clock.advance(LATENCY_MS);
    expect(await placing).toMatchObject({ outcome: 'accepted' });
    expect(heard.fills).toEqual([]);
    await clock.advance(PUSH_MS);
    expect(heard.fills).toHaveLength(1);
    expect(heard.orders.map(({ status }) => status)).toEqual(['open', 'filled']);
  });

  it('starts an account with 100,000 of both dollars', async () => {
    const clock = new ManualClock(START);
    expect(await answered(clock, open(clock).session(ACCOUNT).balances())).toEqual([
      { asset: 'USDT', free: '100000', locked: '0' },
      { asset: 'USDC', free: '100000', locked: '0' },
    ]);
  });
});

describe('the paper venue after a restart', () => {
  const resting = { ...asked({ clientOrderId: 'old', price: '63000', size: '0.5' }), venueOrderId: 'p-17', filledSize: '0.2' };
  const books: AccountBooks = {
    restingOrders: async () => [resting],
    positions: async () => [],
    netFlows: async () => [
      { asset: 'BTC', amount: '0.1998' },
      { asset: 'USDT', amount: '-12600' },
    ],
  };

  it('brings an account back from the books: what it holds, what is bound, what rests', async () => {
    const clock = new ManualClock(START);
    const session = open(clock, { books }).session(ACCOUNT);
    expect(await answered(clock, session.balances())).toEqual([
      { asset: 'USDT', free: '68500', locked: '18900' },
      { asset: 'USDC', free: '100000', locked: '0' },
      { asset: 'BTC', free: '0.1998', locked: '0' },
    ]);
    expect(await answered(clock, session.openOrders('BTC/USDT'))).toMatchObject([
      { clientOrderId: 'old', venueOrderId: 'p-17', status: 'open', price: '63000', size: '0.5', filledSize: '0.2' },
    ]);
    expect(await answered(clock, session.cancel('old', 'BTC/USDT'))).toEqual({ outcome: 'done' });
    expect((await answered(clock, session.balances()))[0]).toEqual({ asset: 'USDT', free: '87400', locked: '0' });
  });

  it('goes on filling what rests, without anybody asking, under trade ids that were never used before', async () => {
    const clock = new ManualClock(START);
    const session = open(clock, { books: { ...books, restingOrders: async () => [{ ...resting, price: '70000' }] } }).session(ACCOUNT);
    const heard = await hear(clock, session);
    await clock.advance(1_000);
    expect(heard.fills).toMatchObject([
      { clientOrderId: 'old', venueOrderId: 'p-17', price: '70000', size: '0.3', tradeId: expect.stringMatching(/^pid\d+-1$/) },
    ]);
  });

  it('restores an account once for all its sessions, and again when the books could not be read', async () => {
    const clock = new ManualClock(START);
    let reads = 0;
    const failing: AccountBooks = {
      restingOrders: async () => {
        reads += 1;
        if (reads === 1) throw new Error('the database is away');
        return [resting];
      },
      netFlows: books.netFlows,
      positions: books.positions,
    };
    const venue = open(clock, { books: failing });
    const [one, two] = [venue.session(ACCOUNT), venue.session(ACCOUNT)];
    await expect(answered(clock, one.balances())).rejects.toThrow('the database is away');
    const both = await answered(clock, Promise.all([one.openOrders('BTC/USDT'), two.openOrders('BTC/USDT')]));
    expect(both[0]).toHaveLength(1);
    expect(both[1]).toEqual(both[0]);
    expect(reads).toBe(2);
  });

  const owned = (kind: 'bot' | 'account', number: number, sequence: number) => formatClientOrderId({ installation: 7, kind, number }, 1, sequence);
  const bookedOf = (kind: 'bot' | 'account', number: number, price: string) => {
    const clientOrderId = owned(kind, number, 1);
    return { ...resting, clientOrderId, venueOrderId: `p-${clientOrderId}`, price, size: '0.1', filledSize: '0' };
  };

  it('gives every owner of orders the account with its own orders alone', async () => {
    const clock = new ManualClock(START);
    const orders = [bookedOf('bot', 1, '50000'), bookedOf('bot', 2, '51000')];
    const venue = open(clock, { books: { ...EMPTY, restingOrders: async () => orders } });
    const [one, two] = [venue.session({ ...ACCOUNT, owner: 'bot:1' }), venue.session({ ...ACCOUNT, owner: 'bot:2' })];
    expect(await answered(clock, one.openOrders('BTC/USDT'))).toMatchObject([{ clientOrderId: owned('bot', 1, 1) }]);
    expect(await answered(clock, two.openOrders('BTC/USDT'))).toMatchObject([{ clientOrderId: owned('bot', 2, 1) }]);
    expect((await answered(clock, two.balances()))[0]).toEqual({ asset: 'USDT', free: '94900', locked: '5100' });
    expect((await answered(clock, venue.session(ACCOUNT).balances()))[0]).toEqual({ asset: 'USDT', free: '89900', locked: '10100' });
  });

  it('forgets an owner with its last session, and starts it from the books again', async () => {
    const clock = new ManualClock(START);
    let orders = [bookedOf('bot', 1, '50000')];
    const venue = open(clock, { books: { ...EMPTY, restingOrders: async () => orders } });
    const first = venue.session({ ...ACCOUNT, owner: 'bot:1' });
    expect(await answered(clock, first.openOrders('BTC/USDT'))).toHaveLength(1);
    await first.close();
    // Meanwhile the bot has worked in another process.
    const later = { ...bookedOf('bot', 1, '49000'), clientOrderId: owned('bot', 1, 2), venueOrderId: 'q-2' };
    orders = [later];
    const again = venue.session({ ...ACCOUNT, owner: 'bot:1' });
    expect(await answered(clock, again.openOrders('BTC/USDT'))).toMatchObject([{ clientOrderId: later.clientOrderId, venueOrderId: 'q-2' }]);
    expect(await answered(clock, again.findOrder(owned('bot', 1, 1), 'BTC/USDT'))).toBeNull();
    expect((await answered(clock, again.balances()))[0]).toEqual({ asset: 'USDT', free: '95100', locked: '4900' });
  });

  it('lets a steward spend what the orders of bots leave, as the books have it when the order comes', async () => {
    const clock = new ManualClock(START);
    let orders: ReturnType<typeof bookedOf>[] = [];
    const venue = open(clock, { books: { ...EMPTY, restingOrders: async () => orders } });
    const steward = venue.session({ ...ACCOUNT, owner: 'account:3' });
    await answered(clock, steward.openOrders('BTC/USDT'));
    orders = [{ ...bookedOf('bot', 1, '50000'), size: '1.9' }];
    const place = (sequence: number, size: string) =>
      answered(clock, steward.place(asked({ clientOrderId: owned('account', 3, sequence), size }), { timestampMs: clock.now(), windowMs: 5000 }));
    expect(await place(1, '0.2')).toMatchObject({ outcome: 'rejected', code: 'insufficient_balance' });
    expect(await place(2, '0.1')).toMatchObject({ outcome: 'accepted' });
    orders = [];
    expect(await place(3, '1.8')).toMatchObject({ outcome: 'accepted' });
  });

  it('says so when an order of the books cannot be put back', async () => {
    const clock = new ManualClock(START);
    const log: KeptLine[] = [];
    const session = open(clock, { log, books: { ...EMPTY, restingOrders: async () => [{ ...resting, symbol: 'NO/SUCH' }] } }).session(ACCOUNT);
    expect(await answered(clock, session.openOrders('BTC/USDT'))).toEqual([]);
    expect(log.filter(({ level }) => level === 'warn').map(({ fields }) => fields)).toEqual([
      expect.objectContaining({ clientOrderId: 'old', reason: 'unknownSymbol' }),
    ]);
  });
});

describe('where the paper venue’s prices come from', () => {
  it('is the demonstration market at once when that is asked for', () => {
    expect(open(new ManualClock(START)).market.notice()?.en).toContain('Demonstration market');
  });

  it('is the real venue when it answers, and then there is nothing to say', async () => {
    const simulator = await startBinance();
    closing.push(() => simulator.close());
    const venue = open(new ManualClock(START), { url: null, urls: { binance: simulator.url } });
    expect(await venue.market.quote('BTC/USDT')).toMatchObject({ bid: '59999.99', ask: '60000.01' });
    expect(venue.market.notice()).toBeNull();
    expect((await venue.market.instruments()).get('ETH/BTC')).toMatchObject({ venue: 'paper', takerFeeRate: '0.001' });
  });

  it('is the demonstration market when the real venue is not there', async () => {
    const venue = open(new ManualClock(START), { url: 'http://127.0.0.1:9' });
    expect((await venue.market.instruments()).has('WLD/USDT')).toBe(true);
    expect(venue.market.notice()?.ru).toContain('Демонстрационный рынок');
  });

  it('is the demonstration market when the real venue keeps silent for three seconds, and stays so while it is in use', async () => {
    const simulator = await startBinance();
    closing.push(() => simulator.close());
    simulator.faults.add({ where: 'before', kind: 'hang', operation: 'quote' });
    const clock = new ManualClock(START);
    const venue = open(clock, { url: simulator.url });
    const quoting = venue.market.quote('BTC/USDT');
    await until(() => simulator.heldCount > 0, 'it is asked');
    await clock.advance(DECISION_MS - 1);
    expect(venue.market.notice()).toBeNull();
    await clock.advance(1);
    expect(Number((await quoting).bid)).not.toBe(59_999.99);
    const unwatch = venue.market.watchQuotes('BTC/USDT', () => undefined);
    await clock.advance(120_000);
    expect(venue.market.notice()).not.toBeNull();
    unwatch();
    await clock.advance(60_000);
    await until(() => venue.market.notice() === null, 'it is the real one again');
    expect(await venue.market.quote('BTC/USDT')).toMatchObject({ bid: '59999.99' });
  });
});
