/** Orders placed by hand on a real venue's protocol: sent once by the account's steward, followed to their end, cancelled, found after a restart. */
import { afterEach, describe, expect, it } from 'vitest';
import { randomIds } from '#adapters/ids.ts';
import { formatClientOrderId } from '#core/client-order-id.ts';
import type { OrderRecord } from '#core/store/orders.ts';
import { takeFacts } from '#test/support/told-facts.ts';
import { Fleet } from '../support/fleet.ts';

let fleet: Fleet;
afterEach(() => fleet.close());

async function place(change: Partial<OrderRecord> = {}): Promise<OrderRecord> {
  const account = await fleet.store.accounts.get(fleet.userId, fleet.accountId);
  const sequence = await fleet.store.accounts.nextOrderSequence(fleet.userId, fleet.accountId);
  if (account === null || sequence === null) throw new Error('the account is gone');
  const owner = { installation: await fleet.store.installation(), kind: 'account', number: account.number } as const;
  const order = await fleet.store.orders.request({
    id: randomIds.next(),
    clientOrderId: formatClientOrderId(owner, 0, sequence),
    userId: fleet.userId,
    accountId: fleet.accountId,
    botId: null,
    runId: null,
    symbol: 'BTC/USDT',
    side: 'buy',
    type: 'limit',
    timeInForce: 'gtc',
    postOnly: false,
    price: '59000',
    triggerPrice: null,
    size: '0.01',
    state: 'initialized',
    reasonCode: null,
    reason: null,
    tag: '',
    deadlineAt: null,
    createdAt: Date.now(),
    idempotency: null,
    ...change,
  });
  fleet.bus.publish('order_commands', { action: 'place', accountId: fleet.accountId, orderId: order.id });
  return order;
}

async function state(order: OrderRecord): Promise<OrderRecord['state'] | undefined> {
  return (await fleet.store.orders.get(fleet.userId, order.id))?.state;
}

async function cancel(order: OrderRecord): Promise<void> {
  await fleet.store.orders.requestCancel(fleet.userId, order.id, 2);
  fleet.bus.publish('order_commands', { action: 'cancel', accountId: fleet.accountId, orderId: order.id, clientOrderId: order.clientOrderId });
}

async function life(order: OrderRecord): Promise<readonly string[]> {
  const { items } = await fleet.store.orders.life(fleet.userId, order.id, { limit: 50, cursor: null });
  return [...items].reverse().map(({ type, reasonCode }) => (reasonCode === null ? type : `${type} ${reasonCode}`));
}

describe('an order placed by hand', () => {
  it('rests, fills, and stands in the books with its execution', async () => {
    fleet = await Fleet.open();
    const order = await place();
    await fleet.until('it rests', async () => (await state(order)) === 'accepted');
    fleet.simulator.world.setPrice('BTC/USDT', '58900');
    await fleet.until('it is filled', async () => (await state(order)) === 'filled');
    expect(await fleet.store.orders.get(fleet.userId, order.id)).toMatchObject({ filledSize: '0.01', filledQuote: '590' });
    expect(await life(order)).toEqual(['requested', 'submitting', 'accepted', 'fill', 'filled']);
  });

  it('is cancelled when its user wants that', async () => {
    fleet = await Fleet.open();
    const order = await place();
    await fleet.until('it rests', async () => (await state(order)) === 'accepted');
    await cancel(order);
    await fleet.until('it is off the book', async () => (await state(order)) === 'cancelled');
    expect(fleet.simulator.truth.openOrders()).toEqual([]);
    expect(await life(order)).toEqual(['requested', 'submitting', 'accepted', 'cancel_requested by_user', 'cancelled cancelled_on_request']);
  });

  it('says so when nobody here has cancelled it', async () => {
    fleet = await Fleet.open();
    const order = await place();
    await fleet.until('it rests', async () => (await state(order)) === 'accepted');
    fleet.simulator.truth.cancelByHand('BTC/USDT', fleet.simulator.truth.openOrders()[0]?.venueOrderId ?? '');
    await fleet.until('it is known to be off the book', async () => (await state(order)) === 'cancelled');
    expect(await fleet.store.orders.get(fleet.userId, order.id)).toMatchObject({ reasonCode: 'cancelled_by_exchange' });
  });

  it('ends as rejected with the reason of the venue', async () => {
    fleet = await Fleet.open();
    const order = await place({ size: '100' });
    await fleet.until('it is refused', async () => (await state(order)) === 'rejected');
    expect(await fleet.store.orders.get(fleet.userId, order.id)).toMatchObject({
      reasonCode: '-2010',
      reason: expect.stringContaining('insufficient balance'),
    });
  });

  it('is found after a restart that came before its answer, and is not sent again', async () => {
    fleet = await Fleet.open();
    fleet.simulator.faults.add({ where: 'after', kind: 'hang', operation: 'placeOrder' });
    fleet.simulator.faults.add({ where: 'stream', kind: 'lose', stream: 'private', count: null });
    const order = await place();
    await fleet.until('the venue has it', () => fleet.simulator.truth.openOrders().length === 1);
    await fleet.halt();
    await fleet.start();
    await fleet.until('it is known', async () => (await state(order)) === 'accepted');
    expect(fleet.simulator.log.list('placeOrder')).toHaveLength(1);
    // A round of reconciliation may have found it before the restart did.
    expect((await life(order)).filter((event) => event !== 'unknown')).toEqual(['requested', 'submitting', 'accepted']);
  });

  it('that fills while nobody is there is found with its execution', async () => {
    fleet = await Fleet.open();
    const order = await place();
    await fleet.until('it rests', async () => (await state(order)) === 'accepted');
    await fleet.halt();
    fleet.simulator.world.setPrice('BTC/USDT', '58900');
    await fleet.start();
    await fleet.until('it is filled', async () => (await state(order)) === 'filled');
    expect((await fleet.store.fills.list(fleet.userId, { orderId: order.id }, { limit: 10, cursor: null })).items).toHaveLength(1);
  });

  it('is refused with its reason in order, life and fact when the kill switch goes on before it is sent', async () => {
    fleet = await Fleet.open();
    await fleet.store.killSwitch.set(fleet.userId, true, 'test', 0);
    const order = await place();
    await fleet.until('it is refused', async () => (await state(order)) === 'denied');
    expect(await fleet.store.orders.get(fleet.userId, order.id)).toMatchObject({
      reasonCode: 'trading_killed',
      reason: expect.stringContaining('kill switch'),
    });
    expect(await life(order)).toEqual(['requested', 'denied trading_killed']);
    const facts = await takeFacts(fleet.store);
    expect(facts.map(({ type, data }) => [type, data['code']])).toEqual([['risk_denied', 'trading_killed']]);
    await fleet.store.killSwitch.set(fleet.userId, false, 'test', 0);
    expect(fleet.simulator.log.list('placeOrder')).toEqual([]);
  });

  it('is not sent long after it was asked for, and says why', async () => {
    fleet = await Fleet.open();
    const order = await place({ createdAt: Date.now() - 61_000 });
    await fleet.until('it is refused', async () => (await state(order)) === 'denied');
    expect(await life(order)).toEqual(['requested', 'denied not_sent_in_time']);
    expect(fleet.simulator.log.list('placeOrder')).toEqual([]);
  });

  it('that is cancelled before anybody could send it is never sent, and says why', async () => {
    fleet = await Fleet.open();
    await fleet.halt();
    const order = await place();
    await fleet.store.orders.requestCancel(fleet.userId, order.id, 2);
    await fleet.start();
    await fleet.until('it is cancelled', async () => (await state(order)) === 'cancelled');
    expect(await life(order)).toEqual(['requested', 'cancel_requested by_user', 'cancelled cancelled_before_sent']);
    expect(fleet.simulator.log.list('placeOrder')).toEqual([]);
  });

  it('that never reached the exchange is proven not to be there, and says why', async () => {
    fleet = await Fleet.open();
    fleet.simulator.faults.add({ where: 'before', kind: 'reset', operation: 'placeOrder' });
    const order = await place();
    await fleet.until('its answer is lost', async () => (await state(order)) === 'unknown');
    await fleet.halt();
    await fleet.database.query('update orders set deadline_at = 1');
    await fleet.start();
    await fleet.until('it is over', async () => (await state(order)) === 'rejected');
    expect(await life(order)).toEqual(['requested', 'submitting', 'unknown', 'rejected never_placed']);
    const [fact] = (await takeFacts(fleet.store)).filter(({ type }) => type === 'order_rejected');
    expect(fact?.data).toMatchObject({ code: 'never_placed', reason: 'the exchange never received the order' });
  });
});
