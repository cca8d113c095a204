/** What the library and the venue have in store for the unwary, and that this adapter is not caught by it. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { formatClientOrderId } from '#core/client-order-id.ts';
import type { OutboundOrder, TradingSession, Venue, VenueOrder } from '#core/venue-ports.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import type { VenueServer } from '#test/venues/_server.ts';
import { KEY } from '#test/venues/_world.ts';
import { type BybitOptions, startBybit } from '#test/venues/bybit.ts';
import { bybit } from './bybit.ts';

const SYMBOL = 'BTC/USDT';
const opened: { close(): Promise<unknown> }[] = [];

afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
});

function open(url: string): Venue {
  const clock = {
    now: () => Date.now(),
    after: (ms: number, callback: () => void) => {
      const timer = setTimeout(callback, ms);
      return () => clearTimeout(timer);
    },
  };
  const books = { restingOrders: async () => [], netFlows: async () => [], positions: async () => [] };
  const venue = bybit.open({ clock, ids: { next: () => 'id', secret: () => 'secret' }, log: quietLog(), url, urls: {}, books });
  opened.push(venue);
  return venue;
}

function sessionOf(venue: Venue): TradingSession {
  return venue.session({ accountId: 'main', credentials: { apiKey: KEY.apiKey, apiSecret: KEY.secret, passphrase: null } });
}

async function stage(options: BybitOptions = {}): Promise<{ readonly server: VenueServer; readonly venue: Venue; readonly session: TradingSession }> {
  const server = await startBybit({ seed: 7, ...options });
  opened.push(server);
  const venue = open(server.url);
  return { server, venue, session: sessionOf(venue) };
}

let sequence = 0;

function order(change: Partial<OutboundOrder> = {}): OutboundOrder {
  sequence += 1;
  const clientOrderId = formatClientOrderId({ installation: 7, kind: 'bot', number: 1 }, 1, sequence);
  const limit = {
    side: 'buy',
    type: 'limit',
    price: '59000',
    triggerPrice: null,
    size: '0.001',
    timeInForce: 'gtc',
    postOnly: false,
    reduceOnly: false,
  } as const;
  return { clientOrderId, symbol: SYMBOL, ...limit, ...change };
}

const STOP = { type: 'stopMarket', side: 'sell', price: null, triggerPrice: '59000' } as const;

async function place(session: TradingSession, asked: OutboundOrder): Promise<OutboundOrder> {
  const outcome = await session.place(asked, { timestampMs: Date.now(), windowMs: 5000 });
  expect(outcome).toMatchObject({ outcome: 'accepted' });
  return asked;
}

describe('finding an order', () => {
  it('tells the order that is asked for, not the newest', async () => {
    const { session } = await stage();
    const first = await place(session, order({ price: '50000' }));
    await place(session, order({ price: '51000' }));
    expect(await session.findOrder(first.clientOrderId, SYMBOL)).toMatchObject({ clientOrderId: first.clientOrderId, price: '50000' });
  });

  it('takes no other order for an answer', async () => {
    const foreign = { symbol: 'BTCUSDT', orderId: '9', orderLinkId: 'somebody-elses', side: 'Buy', orderType: 'Limit', price: '1', qty: '1', cumExecQty: '0' };
    const row = { ...foreign, orderStatus: 'New', rejectReason: 'EC_NoError', updatedTime: '1' };
    const server = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ retCode: 0, retMsg: 'OK', result: { category: 'spot', list: [row], nextPageCursor: '' }, time: Date.now() }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    opened.push({ close: () => new Promise((resolve) => server.close(resolve)) });
    const session = sessionOf(open(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
    await expect(session.findOrder('mine', SYMBOL)).rejects.toMatchObject({ name: 'PortError', code: 'venue_unavailable', outcome: 'failed' });
  });

  it('finds what is over in the history when the venue has forgotten it everywhere else', async () => {
    const { session } = await stage({ recentLimit: 0 });
    const filled = await place(session, order({ type: 'market', price: null }));
    const cancelled = await place(session, order());
    expect(await session.cancel(cancelled.clientOrderId, SYMBOL)).toEqual({ outcome: 'done' });
    expect(await session.findOrder(filled.clientOrderId, SYMBOL)).toMatchObject({ status: 'filled' });
    expect(await session.findOrder(cancelled.clientOrderId, SYMBOL)).toMatchObject({ status: 'cancelled' });
    expect(await session.findOrder(order().clientOrderId, SYMBOL)).toBeNull();
  });

  it('lists all open orders, over all pages', async () => {
    const { server, session } = await stage();
    for (let index = 0; index < 120; index += 1) server.truth.placeByHand({ symbol: SYMBOL, side: 'buy', size: '0.001', price: String(50_000 + index) });
    const orders = await session.openOrders(SYMBOL);
    expect(new Set(orders.map(({ venueOrderId }) => venueOrderId)).size).toBe(120);
    expect(server.log.list('openOrders')).toHaveLength(3);
  });
});

describe('market orders', () => {
  it('buy a size of the coin, not an amount of money', async () => {
    const { server, session } = await stage();
    await place(session, order({ type: 'market', price: null, size: '0.01' }));
    expect(server.truth.orders()).toMatchObject([{ size: '0.01', filledSize: '0.01' }]);
  });

  it('that find too little end with what they got', async () => {
    const { session } = await stage({ walk: { liquidityLots: [300, 300] } });
    const asked = await place(session, order({ type: 'market', price: null, size: '0.01' }));
    expect(await session.findOrder(asked.clientOrderId, SYMBOL)).toMatchObject({ status: 'expired', size: '0.01', filledSize: '0.003', price: null });
  });
});

describe('stops', () => {
  it('are cancelled from their own list before they trigger, and from that of orders after', async () => {
    const { server, session } = await stage();
    const waiting = await place(session, order(STOP));
    expect(await session.cancel(waiting.clientOrderId, SYMBOL)).toEqual({ outcome: 'done' });
    expect(await session.findOrder(waiting.clientOrderId, SYMBOL)).toMatchObject({ status: 'cancelled' });
    const triggered = await place(session, order({ ...STOP, type: 'stopLimit', price: '59500' }));
    server.world.setPrice(SYMBOL, '58900');
    expect(await session.findOrder(triggered.clientOrderId, SYMBOL)).toMatchObject({ status: 'open' });
    expect(await session.cancel(triggered.clientOrderId, SYMBOL)).toEqual({ outcome: 'done' });
    expect(server.truth.openOrders()).toEqual([]);
    expect(server.truth.fills()).toEqual([]);
  });

  it('that trigger between two looks for them are not missed by a cancel', async () => {
    const { server, session } = await stage();
    const asked = await place(session, order({ ...STOP, type: 'stopLimit', price: '59500' }));
    // The first look has passed without the order; it triggers before the second.
    server.faults.add({ where: 'before', kind: 'hang', operation: 'cancelOrder', skip: 1 });
    const cancelling = session.cancel(asked.clientOrderId, SYMBOL);
    await expect.poll(() => server.heldCount, { interval: 5 }).toBe(1);
    server.world.setPrice(SYMBOL, '58900');
    server.release();
    expect(await cancelling).toEqual({ outcome: 'done' });
    expect(server.truth.openOrders()).toEqual([]);
  });

  it('that the price has passed are not sent: the venue would wait for it to come back', async () => {
    const { server, session } = await stage();
    const window = { timestampMs: Date.now(), windowMs: 5000 };
    for (const change of [
      { side: 'sell', triggerPrice: '60000' },
      { side: 'buy', triggerPrice: '60000' },
    ] as const)
      expect(await session.place(order({ ...STOP, ...change }), window)).toMatchObject({ outcome: 'rejected', code: 'stop_passed' });
    server.faults.add({ where: 'before', kind: 'status', operation: 'quote' });
    expect(await session.place(order(STOP), window)).toMatchObject({ outcome: 'rejected', code: 'not_sent' });
    expect(server.log.list('placeOrder')).toEqual([]);
  });
});

describe('requests', () => {
  it('carry their own time and window each, however many are made at once', async () => {
    const { session, server } = await stage();
    await session.balances();
    const now = Date.now();
    const place = (timestampMs: number, windowMs: number) => session.place(order({ price: '50000' }), { timestampMs, windowMs });
    const outcomes = await Promise.all([
      place(now - 4_000, 3_000),
      place(now, 3_000),
      place(now - 4_000, 6_000),
      session.openOrders(SYMBOL),
      place(now - 9_000, 8_000),
    ]);
    expect(outcomes).toMatchObject([{ code: '10002' }, { outcome: 'accepted' }, { outcome: 'accepted' }, expect.any(Array), { code: '10002' }]);
    expect(server.truth.orders()).toHaveLength(2);
  });

  it('never ask what kind of account it is, so that no answer can be remembered wrongly', async () => {
    const { session, server } = await stage();
    await place(session, order());
    await session.balances();
    expect(new Set(server.log.list().map(({ operation }) => operation))).toEqual(new Set(['time', 'placeOrder', 'balances']));
  });

  it('stay within what the venue allows an account in any second', async () => {
    const { session, server } = await stage();
    await session.balances();
    const window = () => ({ timestampMs: Date.now(), windowMs: 5000 });
    const placed = await Promise.all(Array.from({ length: 12 }, () => session.place(order({ price: '50000' }), window())));
    expect(new Set(placed.map(({ outcome }) => outcome))).toEqual(new Set(['accepted']));
    await Promise.all(Array.from({ length: 60 }, () => session.openOrders(SYMBOL)));
    expect(server.log.list().filter(({ code }) => code !== null)).toEqual([]);
    const times = server.log.list('openOrders').map(({ receivedAt }) => receivedAt);
    expect(Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + 1_000).length))).toBeLessThanOrEqual(50);
  });

  it('cease for ten minutes when the address is shut out', async () => {
    const { session, server } = await stage();
    server.faults.add({ where: 'before', kind: 'banned', operation: 'balances' });
    await expect(session.balances()).rejects.toMatchObject({ code: 'venue_rate_limited', retryAfterMs: 600_000 });
    const asked = server.log.list().length;
    const cancelling = await Promise.race([session.cancel('x', SYMBOL), new Promise((resolve) => setTimeout(() => resolve('still silent'), 50))]);
    expect(cancelling).toBe('still silent');
    expect(server.log.list()).toHaveLength(asked);
  });
});

describe('streams', () => {
  it('of prices are not silenced by an instrument that is not traded', async () => {
    const { server, venue } = await stage();
    const seen: string[] = [];
    venue.market.watchQuotes('NO/SUCH', () => seen.push('no such'));
    venue.market.watchQuotes(SYMBOL, ({ bid }) => seen.push(bid));
    await expect.poll(() => seen, { interval: 5 }).toContain('59999.99');
    server.world.setPrice(SYMBOL, '61000');
    await expect.poll(() => seen.at(-1), { interval: 5 }).toBe('60999.99');
    expect(seen).not.toContain('no such');
  });

  it('tell a post-only order that would have traded as rejected, without a fill', async () => {
    const { session } = await stage();
    const orders: VenueOrder[] = [];
    const states: string[] = [];
    await session.listen({
      onOrder: (told) => orders.push(told),
      onFill: () => expect.unreachable('it must not trade'),
      onStream: (state) => states.push(state),
    });
    await expect.poll(() => states, { interval: 5 }).toEqual(['up']);
    const asked = await place(session, order({ postOnly: true, price: '61000' }));
    await expect.poll(() => orders, { interval: 5 }).toMatchObject([{ clientOrderId: asked.clientOrderId, status: 'rejected', filledSize: '0' }]);
  });
});
