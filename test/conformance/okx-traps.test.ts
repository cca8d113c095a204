/** What OKX and the library behind its adapter do differently from what one would think, and that the adapter is not caught. */
import { describe, expect, it } from 'vitest';
import { newExchange } from '#adapters/venues/_exchange.ts';
import { until } from '#test/support/until.ts';
import { KEY } from '#test/venues/_world.ts';
import { startOkxRig } from './okx-rig.ts';
import { onStage, order, place, placed, SYMBOL, windowOf } from './venue-rig.ts';

const STOP = { type: 'stopLimit', triggerPrice: '60500', price: '60550' } as const;

describe('stops at OKX', () => {
  const stage = onStage(startOkxRig);

  it('are found by our id, cancelled by it, and known as cancelled after', async () => {
    const stop = order(STOP);
    const venueOrderId = await placed(stage.rig, stage.session, stop);
    const expected = { clientOrderId: stop.clientOrderId, venueOrderId, status: 'open', price: '60550', size: '0.001', filledSize: '0' };
    expect(await stage.session.findOrder(stop.clientOrderId, SYMBOL)).toMatchObject(expected);
    expect(await stage.session.openOrders(SYMBOL)).toMatchObject([expected]);
    expect((await stage.session.cancel(stop.clientOrderId, SYMBOL)).outcome).toBe('done');
    expect(await stage.session.findOrder(stop.clientOrderId, SYMBOL)).toMatchObject({ status: 'cancelled' });
    expect(await stage.session.openOrders(SYMBOL)).toEqual([]);
    expect(await stage.session.cancel(stop.clientOrderId, SYMBOL)).toEqual({ outcome: 'notOpen' });
  });

  it('that have become orders are still found, listed and cancelled by our id', async () => {
    const stop = order({ ...STOP, price: '60450' });
    const before = await placed(stage.rig, stage.session, stop);
    await stage.rig.move('60700');
    const found = await stage.session.findOrder(stop.clientOrderId, SYMBOL);
    expect(found).toMatchObject({ clientOrderId: stop.clientOrderId, status: 'open', price: '60450', size: '0.001' });
    expect(found?.venueOrderId).not.toBe(before);
    expect(await stage.session.openOrders(SYMBOL)).toEqual([found]);
    await until(() => stage.heard.orders.some(({ clientOrderId }) => clientOrderId === stop.clientOrderId), 'the order is pushed under our id');
    expect((await stage.session.cancel(stop.clientOrderId, SYMBOL)).outcome).toBe('done');
    expect(stage.rig.simulator.truth.openOrders()).toEqual([]);
  });

  it('give their executions under our id, pushed and listed alike', async () => {
    const stop = order({ ...STOP, type: 'stopMarket', price: null });
    await placed(stage.rig, stage.session, stop);
    await stage.rig.move('60600');
    await until(() => stage.heard.fills.length === 1, 'the fill is pushed');
    expect(stage.heard.fills[0]?.clientOrderId).toBe(stop.clientOrderId);
    const listed = await stage.session.fillsSince(SYMBOL, stage.rig.clock.now() - 60_000);
    expect(listed).toEqual(stage.heard.fills);
    const found = await stage.session.findOrder(stop.clientOrderId, SYMBOL);
    expect(await stage.session.fillsOf(found?.venueOrderId ?? '', SYMBOL)).toEqual(listed);
    const asked = stage.rig.simulator.log.list('findOrder').length;
    await stage.session.fillsSince(SYMBOL, stage.rig.clock.now() - 60_000);
    expect(stage.rig.simulator.log.list('findOrder')).toHaveLength(asked);
  });

  it('buy the size they name, not that much money', async () => {
    await placed(stage.rig, stage.session, order({ type: 'stopMarket', price: null, triggerPrice: '60500', size: '0.5' }));
    expect(stage.rig.simulator.truth.orders()).toMatchObject([{ type: 'stopMarket', size: '0.5' }]);
  });

  it('are refused when the price has passed them on the side of a sale too', async () => {
    const outcome = await place(stage.rig, stage.session, order({ type: 'stopMarket', side: 'sell', price: null, triggerPrice: '61000' }));
    expect(outcome).toMatchObject({ outcome: 'rejected', code: '51280' });
  });

  it('have no deadline of their own: one that is held up behind the door acts late, and is found', async () => {
    stage.rig.simulator.faults.add({ where: 'before', kind: 'hang', operation: 'placeOrder' });
    const stop = order(STOP);
    const placing = place(stage.rig, stage.session, stop);
    await until(() => stage.rig.simulator.heldCount === 1, 'the request is held up');
    stage.rig.clock.skip(12_000);
    expect((await placing).outcome).toBe('unknown');
    expect(await stage.session.findOrder(stop.clientOrderId, SYMBOL)).toBeNull();
    stage.rig.simulator.release();
    expect(await stage.session.findOrder(stop.clientOrderId, SYMBOL)).toMatchObject({ status: 'open' });
  });
});

describe('orders at OKX', () => {
  const stage = onStage(startOkxRig);

  it('that buy at the market buy the size they name, not that much money', async () => {
    await placed(stage.rig, stage.session, order({ type: 'market', price: null, size: '0.25' }));
    expect(stage.rig.simulator.truth.orders()).toMatchObject([{ size: '0.25', filledSize: '0.25', status: 'filled' }]);
  });

  it('that buy more than the account can pay are made smaller, and told so', async () => {
    const asked = order({ type: 'market', price: null, size: '5' });
    await placed(stage.rig, stage.session, asked);
    expect(await stage.session.findOrder(asked.clientOrderId, SYMBOL)).toMatchObject({ status: 'filled', size: '1.66666', filledSize: '1.66666' });
  });

  it('are let in until the end of their window and not after, though a request may be half a minute old there', async () => {
    const window = await windowOf(stage.rig, stage.session);
    const ending = (ms: number) => ({ ...window, timestampMs: window.timestampMs - window.windowMs + ms });
    expect((await stage.session.place(order(), ending(1_000))).outcome).toBe('accepted');
    expect(await stage.session.place(order(), ending(-50))).toMatchObject({ outcome: 'rejected', code: '50102' });
  });

  it('carry the same deadline to the book, where it is looked at once more', async () => {
    stage.rig.simulator.faults.add({ where: 'before', kind: 'hang', operation: 'placeOrder' });
    const asked = order();
    const placing = place(stage.rig, stage.session, asked);
    await until(() => stage.rig.simulator.heldCount === 1, 'the request is held up');
    stage.rig.simulator.world.skewMs = 5_500;
    stage.rig.simulator.release();
    expect(await placing).toMatchObject({ outcome: 'unknown', code: '51054' });
    expect(stage.rig.simulator.truth.orders()).toEqual([]);
  });

  it('that are post-only and would trade are told as rejected, the rest of an immediate one as expired', async () => {
    const maker = order({ postOnly: true, price: '61000' });
    const taker = order({ timeInForce: 'ioc' });
    await placed(stage.rig, stage.session, maker);
    await placed(stage.rig, stage.session, taker);
    expect(await stage.session.findOrder(maker.clientOrderId, SYMBOL)).toMatchObject({ status: 'rejected', filledSize: '0' });
    expect(await stage.session.findOrder(taker.clientOrderId, SYMBOL)).toMatchObject({ status: 'expired', filledSize: '0' });
  });

  it('are all listed, over pages of a hundred', async () => {
    for (let index = 0; index < 130; index += 1)
      stage.rig.simulator.truth.placeByHand({ symbol: SYMBOL, side: 'buy', size: '0.0001', price: '50000', clientOrderId: `hand${index}` });
    for (let index = 0; index < 60; index += 1)
      stage.rig.simulator.truth.placeByHand({
        symbol: SYMBOL,
        side: 'buy',
        size: '0.0001',
        price: '70000',
        triggerPrice: '69000',
        type: 'stopLimit',
        clientOrderId: `stop${index}`,
      });
    const open = await stage.session.openOrders(SYMBOL);
    expect(open).toHaveLength(190);
    expect(new Set(open.map(({ clientOrderId }) => clientOrderId)).size).toBe(190);
  });

  it('are done with a cancel only when the order itself is over: the answer to a cancel is but a note', async () => {
    const asked = order();
    await placed(stage.rig, stage.session, asked);
    stage.rig.simulator.faults.add({ where: 'after', kind: 'junk', operation: 'findOrder', count: null });
    expect(await stage.session.cancel(asked.clientOrderId, SYMBOL)).toMatchObject({ outcome: 'unknown', code: 'cancel_pending' });
    stage.rig.simulator.faults.clear();
    expect(await stage.session.cancel(asked.clientOrderId, SYMBOL)).toEqual({ outcome: 'notOpen' });
  });

  it('of a human without an id of ours go by the venue’s', async () => {
    const { venueOrderId } = stage.rig.simulator.truth.placeByHand({ symbol: SYMBOL, side: 'buy', size: '0.0001', price: '50000', clientOrderId: '' });
    const [open] = await stage.session.openOrders(SYMBOL);
    expect(open?.clientOrderId).not.toBe('');
    expect(stage.rig.simulator.truth.cancelByHand(SYMBOL, venueOrderId)).toBe(true);
  });
});

describe('the rest of OKX', () => {
  const stage = onStage(startOkxRig);

  it('charges fees with one sign, whichever way they are told', async () => {
    await placed(stage.rig, stage.session, order({ type: 'market', price: null, size: '0.01' }));
    await until(() => stage.heard.fills.length === 1, 'the fill is pushed');
    const [listed] = await stage.session.fillsSince(SYMBOL, 0);
    expect([stage.heard.fills[0]?.feeAmount, listed?.feeAmount]).toEqual(['0.00001', '0.00001']);
  });

  it('is not given up by the library’s own watch, which never hears the text pongs behind a link', async () => {
    const socket = (await newExchange('okx', {})).client('wss://127.0.0.1:1/ws/v5/private');
    expect(Reflect.get(socket, 'keepAlive')).toBe(0);
  });

  it('keeps a quiet stream alive by text pings', async () => {
    for (let second = 0; second < 120; second += 4) {
      stage.rig.clock.skip(4_000);
      await new Promise((resolve) => setImmediate(resolve));
      await stage.session.balances();
    }
    expect(stage.heard.states).toEqual(['up']);
  });

  it('refuses a wrong passphrase, in words that do not repeat it', async () => {
    const credentials = { apiKey: KEY.apiKey, apiSecret: KEY.secret, passphrase: 'a-wrong-passphrase' };
    const session = stage.rig.venue.session({ accountId: 'wrong', credentials });
    await expect(session.checkKey()).rejects.toMatchObject({ code: 'key_rejected' });
    await session.listen(stage.heard);
    await until(() => stage.rig.log.some(({ fields }) => fields['reason'] === 'error 60024'), 'the refused login is logged');
    expect(JSON.stringify(stage.rig.log)).not.toContain('a-wrong-passphrase');
  });

  it('tells old executions from its slow list, and recent ones from its quick one', async () => {
    const buy = (): unknown => stage.rig.simulator.truth.placeByHand({ symbol: SYMBOL, side: 'buy', size: '0.0001' });
    const since = stage.rig.clock.now();
    for (const days of [0, 1, 1, 1, 1]) {
      stage.rig.clock.skip(days * 86_400_000);
      buy();
    }
    expect((await stage.session.fillsSince(SYMBOL, since)).map(({ tradeId }) => tradeId)).toEqual(['1', '2', '3', '4', '5']);
    const paths = (): string[] => stage.rig.simulator.log.list('fills').map(({ path }) => path.slice('/api/v5/trade/'.length));
    expect(new Set(paths())).toEqual(new Set(['fills', 'fills-history']));
    const asked = paths().length;
    await stage.session.fillsSince(SYMBOL, stage.rig.clock.now() - 60_000);
    expect(paths().slice(asked)).toEqual(['fills']);
  });

  it('is asked no more often than its limits allow: five times in two seconds what a key may do', async () => {
    await Promise.all(Array.from({ length: 6 }, () => stage.session.checkKey()));
    expect(stage.rig.simulator.log.list('checkKey').map(({ code }) => code)).toEqual(Array.from({ length: 6 }, () => null));
  });
});
