/** What Bitget and the library behind its adapter do differently from what one would think, and that the adapter is not caught. */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import ccxt from 'ccxt';
import { describe, expect, it } from 'vitest';
import { bitget } from '#adapters/venues/bitget.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import { until } from '#test/support/until.ts';
import { bitgetCcxtOptions } from '#test/venues/bitget.ts';
import { startBitgetRig } from './bitget-rig.ts';
import { onStage, order, place, placed, SYMBOL, type VenueRig } from './venue-rig.ts';

const THREE_HOURS_MS = 3 * 3_600_000;

/** Who trades at the venue by other means, through unmodified ccxt. */
async function human(rig: VenueRig, trade: (client: InstanceType<typeof ccxt.bitget>) => Promise<unknown>): Promise<void> {
  const client = new ccxt.bitget({ ...bitgetCcxtOptions(rig.simulator), options: { uta: false, fetchMarkets: { types: ['spot'] } } });
  client.nonce = () => rig.clock.now();
  await trade(client);
}

function asked(rig: VenueRig, operation: string): number {
  return rig.simulator.log.list(operation).length;
}

describe('orders that Bitget knows by our id no more', () => {
  const stage = onStage(startBitgetRig);

  it('are found while they rest, and cancelled', async () => {
    const resting = order();
    const venueOrderId = await placed(stage.rig, stage.session, resting);
    stage.rig.clock.skip(THREE_HOURS_MS);
    const found = { clientOrderId: resting.clientOrderId, venueOrderId, price: '59000', size: '0.001', filledSize: '0' };
    expect(await stage.session.findOrder(resting.clientOrderId, SYMBOL)).toMatchObject({ ...found, status: 'open' });
    expect(await stage.session.cancel(resting.clientOrderId, SYMBOL)).toEqual({ outcome: 'done' });
    expect(stage.rig.simulator.truth.openOrders()).toEqual([]);
    expect(await stage.session.findOrder(resting.clientOrderId, SYMBOL)).toMatchObject({ ...found, status: 'cancelled' });
    expect(await stage.session.cancel(resting.clientOrderId, SYMBOL)).toEqual({ outcome: 'notOpen' });
  });

  it('are found when they have filled, behind a page of newer ones', async () => {
    const filled = order();
    await placed(stage.rig, stage.session, filled);
    const placedBy = stage.rig.clock.now();
    stage.rig.clock.skip(THREE_HOURS_MS);
    for (let index = 0; index < 120; index += 1) stage.rig.simulator.truth.placeByHand({ symbol: SYMBOL, side: 'buy', size: '0.001' });
    await stage.rig.move('58900');
    expect(await stage.session.findOrder(filled.clientOrderId, SYMBOL, placedBy)).toMatchObject({ status: 'filled', filledSize: '0.001' });
    expect(asked(stage.rig, 'allOrders')).toBe(2);
  });

  it('are not looked for in long lists while they are young', async () => {
    const never = order();
    expect(await stage.session.findOrder(never.clientOrderId, SYMBOL, stage.rig.clock.now() - 60_000)).toBeNull();
    expect([asked(stage.rig, 'openOrders'), asked(stage.rig, 'allOrders')]).toEqual([0, 0]);
    expect(await stage.session.findOrder(never.clientOrderId, SYMBOL, stage.rig.clock.now() - THREE_HOURS_MS)).toBeNull();
    expect([asked(stage.rig, 'openOrders'), asked(stage.rig, 'allOrders')]).toEqual([1, 1]);
  });

  it('are not taken for absent when a list cannot be read', async () => {
    stage.rig.simulator.faults.add({ where: 'after', kind: 'junk', operation: 'allOrders' });
    await expect(stage.session.findOrder(order().clientOrderId, SYMBOL)).rejects.toMatchObject({ code: 'venue_unavailable', outcome: 'failed' });
    stage.rig.simulator.faults.add({ where: 'after', kind: 'junk', operation: 'openOrders' });
    expect(await stage.session.cancel(order().clientOrderId, SYMBOL)).toMatchObject({ outcome: 'unknown' });
  });
});

describe('lists of Bitget', () => {
  const stage = onStage(startBitgetRig);

  it('are read to their end: all open orders, each once and at its own price', async () => {
    for (let index = 0; index < 150; index += 1)
      stage.rig.simulator.truth.placeByHand({ symbol: SYMBOL, side: 'buy', size: '0.001', price: String(50_000 + index) });
    const open = await stage.session.openOrders(SYMBOL);
    expect(open).toHaveLength(150);
    expect(new Set(open.map(({ venueOrderId }) => venueOrderId)).size).toBe(150);
    // The field that elsewhere is the average holds the price here.
    expect(open.map(({ price }) => Number(price)).sort()).toEqual(Array.from({ length: 150 }, (_, index) => 50_000 + index));
  });

  it('are asked for no faster than the venue grants an account', async () => {
    const reads = Array.from({ length: 30 }, () => stage.session.findOrder(order().clientOrderId, SYMBOL, stage.rig.clock.now()));
    const fills = Array.from({ length: 8 }, () => stage.session.fillsSince(SYMBOL, 0));
    await Promise.all([...reads, ...fills]);
    expect(stage.rig.simulator.log.list().filter(({ status }) => status === 429)).toEqual([]);
  });
});

describe('market orders at Bitget', () => {
  const stage = onStage(startBitgetRig);

  it('buy the size that was asked for, though the venue takes an amount of money for them', async () => {
    const bought = order({ type: 'market', price: null, size: '0.00777' });
    await placed(stage.rig, stage.session, bought);
    expect(stage.rig.simulator.truth.orders()).toMatchObject([{ type: 'limit', size: '0.00777', filledSize: '0.00777', status: 'filled', price: '61200.01' }]);
    expect(stage.rig.simulator.truth.fills()).toMatchObject([{ price: '60000.01' }]);
  });

  it('end without what the book does not offer within the collar', async () => {
    const { exchange } = stage.rig.simulator.world;
    exchange.setQuote(SYMBOL, 5_999_999, 6_000_001, stage.rig.clock.now(), 100);
    const bought = order({ type: 'market', price: null, size: '0.002' });
    await placed(stage.rig, stage.session, bought);
    expect(await stage.session.findOrder(bought.clientOrderId, SYMBOL)).toMatchObject({ status: 'cancelled', size: '0.002', filledSize: '0.001' });
  });

  it('are not sent while the price is not known', async () => {
    stage.rig.simulator.faults.add({ where: 'before', kind: 'status', operation: 'quote' });
    expect(await place(stage.rig, stage.session, order({ type: 'market', price: null }))).toMatchObject({ outcome: 'rejected', code: 'not_sent' });
    expect(asked(stage.rig, 'placeOrder')).toBe(0);
  });

  it('of a human, which name money, are told by what they have bought', async () => {
    await human(stage.rig, (client) => client.createOrder(SYMBOL, 'market', 'buy', 600.01, undefined, { cost: 600.01, clientOrderId: 'byhand' }));
    await until(() => stage.heard.orders.some(({ status }) => status === 'filled'), 'the end of the order is pushed');
    const told = { clientOrderId: 'byhand', side: 'buy', price: null, size: '0.01', filledSize: '0.01', status: 'filled' };
    expect(stage.heard.orders.at(-1)).toMatchObject(told);
    expect(await stage.session.findOrder('byhand', SYMBOL)).toMatchObject(told);
    expect(stage.heard.fills).toMatchObject([{ clientOrderId: 'byhand', size: '0.01', price: '60000.01', feeAsset: 'BTC', feeAmount: '0.00001' }]);
  });
});

describe('requests to Bitget', () => {
  const stage = onStage(startBitgetRig);

  it('carry the window of an order in the body, pinned to the time that was fixed before', async () => {
    const timestampMs = stage.rig.clock.now() - 1_234;
    await stage.session.place(order(), { timestampMs, windowMs: 4_000 });
    const [sent] = stage.rig.simulator.log.list('placeOrder');
    expect(JSON.parse(sent?.parameters ?? '{}')).toMatchObject({ requestTime: String(timestampMs), receiveWindow: '4000' });
  });

  it('carry a language for their answers, and no word of the library’s broker', async () => {
    const heard: IncomingHttpHeaders[] = [];
    const server = createServer((request, response) => {
      heard.push(request.headers);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"code":"00000","msg":"success","data":{}}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { clock, account } = stage.rig;
    const books = { restingOrders: async () => [], netFlows: async () => [], positions: async () => [] };
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const venue = bitget.open({ clock, ids: { next: () => 'id', secret: () => 'secret' }, log: quietLog(), url, urls: {}, books });
    await venue.session(account).place(order(), { timestampMs: clock.now(), windowMs: 5_000 });
    expect(heard[0]).toMatchObject({ locale: 'en-US', 'access-passphrase': account.credentials?.passphrase });
    expect(heard[0]).not.toHaveProperty('x-channel-api-code');
    await venue.close();
    server.closeAllConnections();
    server.close();
  });

  it('never ask which kind of account it is, nor anything that was not wanted', async () => {
    await placed(stage.rig, stage.session, order({ type: 'market', price: null }));
    await stage.session.balances();
    await stage.session.openOrders(SYMBOL);
    const operations = new Set(stage.rig.simulator.log.list().map(({ operation }) => operation));
    expect([...operations].sort()).toEqual(['balances', 'instruments', 'openOrders', 'placeOrder', 'quote', 'time']);
  });
});
