/** Automatic actions of orders placed by hand on a real venue's protocol: over restarts, withheld answers and lost frames, never more is closed than was filled. */
import { afterEach, describe, expect, it } from 'vitest';
import { randomIds } from '#adapters/ids.ts';
import { planActions } from '#app/orders/action-rules.ts';
import type { OrderTicket } from '#app/orders/order-checks.ts';
import type { ActionStep } from '#core/actions/action-record.ts';
import { type ActionRules, newActionState } from '#core/actions/action-state.ts';
import { stepActions } from '#core/actions/actions.ts';
import { formatClientOrderId, parseClientOrderId } from '#core/client-order-id.ts';
import type { OrderRecord } from '#core/store/orders.ts';
import { takeFacts } from '#test/support/told-facts.ts';
import { Fleet } from '../support/fleet.ts';

let fleet: Fleet;
afterEach(() => fleet.close());

const NO_RULES: ActionRules = { opposite: null, placeAgainTimes: null, cancelRestAfterSeconds: null, takeProfit: null, stopLoss: null };
const TICKET: OrderTicket = {
  symbol: 'BTC/USDT',
  side: 'buy',
  type: 'limit',
  quantity: '0.01',
  price: '59000',
  triggerPrice: null,
  timeInForce: 'gtc',
  postOnly: false,
  reduceOnly: false,
};
const BRACKET: Partial<ActionRules> = { takeProfit: { kind: 'price', price: '61000' }, stopLoss: { kind: 'price', price: '57000' } };

/** Places an order with rules as the API does, once checks are done. */
async function place(rules: Partial<ActionRules>, change: Partial<OrderTicket> = {}): Promise<OrderRecord> {
  const ticket = { ...TICKET, ...change };
  const { store, userId, accountId } = fleet;
  const account = await store.accounts.get(userId, accountId);
  const sequence = await store.accounts.nextOrderSequence(userId, accountId);
  if (account === null || sequence === null) throw new Error('the account is gone');
  const all = { ...NO_RULES, ...rules };
  const { instrument, quote, capabilities } = await fleet.market('binance', ticket.symbol);
  const plan = planActions(all, ticket, instrument, quote, capabilities);
  const { quantity, ...rest } = ticket;
  const order = await store.orders.request({
    ...rest,
    id: randomIds.next(),
    clientOrderId: formatClientOrderId({ installation: await store.installation(), kind: 'account', number: account.number }, 0, sequence),
    userId,
    accountId,
    botId: null,
    runId: null,
    size: quantity,
    state: 'initialized',
    reasonCode: null,
    reason: null,
    tag: 'manual',
    deadlineAt: null,
    createdAt: Date.now(),
    idempotency: null,
    actions: { rules: all, plan, state: newActionState(plan) },
  });
  wake(order);
  return order;
}

function wake(order: OrderRecord): void {
  fleet.bus.publish('order_commands', { action: 'place', accountId: fleet.accountId, orderId: order.id });
}

async function orders(): Promise<readonly OrderRecord[]> {
  return (await fleet.store.orders.list(fleet.userId, {}, { limit: 200, cursor: null })).items;
}

async function state(order: OrderRecord): Promise<OrderRecord['state'] | undefined> {
  return (await fleet.store.orders.get(fleet.userId, order.id))?.state;
}

async function status(order: OrderRecord): Promise<string | undefined> {
  return (await fleet.store.actions.of(fleet.userId, [order.id])).get(order.id)?.state.status;
}

/** What rests at the venue, such as `sell 0.01 stopMarket`. */
function book(): string[] {
  return fleet.simulator.truth.openOrders().map(({ side, size, type, price }) => `${side} ${size} ${type}${price === null ? '' : ` ${price}`}`);
}

async function rests(...expected: string[]): Promise<void> {
  await fleet.until(`${expected.join(', ') || 'nothing'} rests and is known`, async () => {
    const known = (await orders()).filter((order) => ['accepted', 'partiallyFilled'].includes(order.state)).length;
    const doubtful = (await orders()).some((order) => ['initialized', 'submitting', 'cancelling', 'unknown'].includes(order.state));
    return !doubtful && known === expected.length && book().sort().join() === [...expected].sort().join();
  });
}

/** Moves the price and waits until the books have every execution. */
async function price(value: string): Promise<void> {
  fleet.simulator.world.setPrice('BTC/USDT', value);
  await fleet.until('every execution is booked', async () => {
    const booked = (await fleet.store.fills.list(fleet.userId, {}, { limit: 200, cursor: null })).items;
    return booked.length === fleet.simulator.truth.fills().length;
  });
}

async function restart(): Promise<void> {
  await fleet.halt();
  await fleet.start();
}

/** What must hold at the end of every story: nothing doubled, nothing oversold, and the tape replays. */
async function settled(order: OrderRecord): Promise<void> {
  expect(fleet.simulator.truth.duplicates()).toEqual([]);
  const sum = (side: string) => fleet.simulator.truth.fills().reduce((total, fill) => (fill.side === side ? total + Number(fill.size) : total), 0);
  expect(sum('sell')).toBeLessThanOrEqual(sum('buy') + 1e-12);
  const record = (await fleet.store.actions.of(fleet.userId, [order.id])).get(order.id);
  const tape: readonly ActionStep[] = await fleet.store.actions.tape(fleet.userId, order.id, 0, 1_000);
  if (record === undefined) throw new Error('the actions are gone');
  const replayed = newActionState(record.plan);
  for (const { event, commands } of tape) expect(JSON.parse(JSON.stringify(stepActions(record.plan, replayed, event)))).toEqual(commands);
  expect(JSON.parse(JSON.stringify(replayed))).toEqual(record.state);
  expect(tape.map(({ sequence }) => sequence)).toEqual(tape.map((_, index) => index + 1));
}

/** What the actions have done, as the life of the order tells it. */
async function told(order: OrderRecord): Promise<readonly (string | null)[]> {
  const { items } = await fleet.store.orders.life(fleet.userId, order.id, { limit: 200, cursor: null });
  return items.flatMap(({ type, reasonCode }) => (type === 'action' ? [reasonCode] : [])).reverse();
}

describe('the opposite order', () => {
  it('follows a filled order for what was received, under a name that follows from the first', async () => {
    fleet = await Fleet.open();
    const entry = await place({ opposite: { kind: 'step', step: '500' } });
    await rests('buy 0.01 limit 59000');
    await price('58900');
    await rests('sell 0.00999 limit 59500');
    const [opposite] = await orders();
    expect(opposite).toMatchObject({ parentOrderId: entry.id, tag: 'action:opposite', runId: null });
    const [first, second] = [entry, opposite].map((order) => parseClientOrderId(order?.clientOrderId ?? ''));
    expect(second).toEqual({ ...first, epoch: 1 });
    await price('59600');
    await fleet.until('the actions are over', async () => (await status(entry)) === 'finished');
    expect(await told(entry)).toEqual(['opposite_placed']);
    await settled(entry);
  });

  it('follows a fill that came while nobody was there', async () => {
    fleet = await Fleet.open();
    const entry = await place({ opposite: { kind: 'percent', percent: '1' } });
    await rests('buy 0.01 limit 59000');
    await fleet.halt();
    fleet.simulator.world.setPrice('BTC/USDT', '58900');
    await fleet.start();
    await rests('sell 0.00999 limit 59590');
    await settled(entry);
  });

  it('is not sent twice when its answer is withheld, frames are lost and the process ends in between', async () => {
    fleet = await Fleet.open();
    const entry = await place({ opposite: { kind: 'step', step: '500' } });
    await rests('buy 0.01 limit 59000');
    fleet.simulator.faults.add({ where: 'after', kind: 'hang', operation: 'placeOrder' });
    fleet.simulator.world.setPrice('BTC/USDT', '58900');
    await fleet.until('the venue has it', () => book().length === 1);
    fleet.simulator.faults.add({ where: 'stream', kind: 'lose', stream: 'private', count: null });
    await restart();
    await rests('sell 0.00999 limit 59500');
    expect(fleet.simulator.log.list('placeOrder')).toHaveLength(2);
    await settled(entry);
  });

  it('is sent again under a new name when the process ended between its intent and its sending', async () => {
    fleet = await Fleet.open();
    const entry = await place({ opposite: { kind: 'step', step: '500' } });
    await rests('buy 0.01 limit 59000');
    fleet.simulator.faults.add({ where: 'before', kind: 'hang', operation: 'placeOrder' });
    fleet.simulator.world.setPrice('BTC/USDT', '58900');
    await fleet.until('its intent is durable', async () => (await orders()).length === 2);
    await fleet.halt();
    // The venue proves absence only long after the window has ended; the test does not wait for that.
    await fleet.database.query(`update orders set deadline_at = 1 where state = 'submitting'`);
    await fleet.start();
    await fleet.until('it is proven never to have been placed', async () => (await orders()).some((order) => order.reasonCode === 'never_placed'));
    await rests('sell 0.00999 limit 59500');
    expect((await orders()).map((order) => parseClientOrderId(order.clientOrderId)?.epoch)).toEqual([2, 1, 0]);
    await settled(entry);
  }, 60_000);
});

describe('an order the exchange cancels', () => {
  it('is placed again up to the number given, also over a restart, and says so', async () => {
    fleet = await Fleet.open();
    const entry = await place({ placeAgainTimes: 2 });
    const cancelThere = () => fleet.simulator.truth.cancelByHand('BTC/USDT', fleet.simulator.truth.openOrders()[0]?.venueOrderId ?? '');
    await rests('buy 0.01 limit 59000');
    cancelThere();
    await fleet.until('it was placed again', async () => (await orders()).length === 2);
    await rests('buy 0.01 limit 59000');
    await fleet.halt();
    cancelThere();
    await fleet.start();
    await fleet.until('it was placed again', async () => (await orders()).length === 3);
    await rests('buy 0.01 limit 59000');
    cancelThere();
    await fleet.until('the actions are over', async () => (await status(entry)) === 'finished');
    expect(await told(entry)).toEqual(['placed_again', 'placed_again', 'placed_again_enough']);
    expect(book()).toEqual([]);
    await settled(entry);
  });

  it('stays cancelled when its user has cancelled it, even when nobody was there to hear of it', async () => {
    fleet = await Fleet.open();
    const entry = await place({ placeAgainTimes: 5 });
    await rests('buy 0.01 limit 59000');
    await fleet.halt();
    await fleet.store.orders.requestCancel(fleet.userId, entry.id, Date.now());
    await fleet.start();
    await fleet.until('the actions are over', async () => (await status(entry)) === 'finished');
    expect([book(), await state(entry), (await orders()).length]).toEqual([[], 'cancelled', 1]);
    await settled(entry);
  });
});

describe('an order that is partially filled for too long', () => {
  it('has its rest cancelled after the time given, counted over a restart, and what was filled is answered', async () => {
    fleet = await Fleet.open();
    const entry = await place({ cancelRestAfterSeconds: 3, opposite: { kind: 'step', step: '500' } });
    await rests('buy 0.01 limit 59000');
    fleet.simulator.world.exchange.setQuote('BTC/USDT', 5_899_000, 5_900_000, Date.now(), 400);
    fleet.simulator.world.flush();
    await fleet.until('part of it is filled', async () => (await state(entry)) === 'partiallyFilled');
    await restart();
    await rests('sell 0.00399 limit 59500');
    expect(await fleet.store.orders.get(fleet.userId, entry.id)).toMatchObject({ state: 'cancelled', filledSize: '0.004', reasonCode: 'cancelled_on_request' });
    await settled(entry);
  });
});

describe('take profit and stop loss', () => {
  it('the stop rests as soon as the entry is filled, and its fill ends the actions', async () => {
    fleet = await Fleet.open();
    const entry = await place(BRACKET);
    await rests('buy 0.01 limit 59000');
    await price('58900');
    await rests('sell 0.00999 stopMarket');
    await price('56900');
    await fleet.until('the actions are over', async () => (await status(entry)) === 'finished');
    expect([book(), await told(entry)]).toEqual([[], ['stop_loss_placed']]);
    await settled(entry);
  });

  it('the take profit comes when the market reaches it, after the stop is off the book', async () => {
    fleet = await Fleet.open();
    const entry = await place(BRACKET);
    await rests('buy 0.01 limit 59000');
    await price('58900');
    await rests('sell 0.00999 stopMarket');
    fleet.simulator.world.setPrice('BTC/USDT', '61100');
    await fleet.until('the actions are over', async () => (await status(entry)) === 'finished');
    expect([book(), await told(entry)]).toEqual([[], ['stop_loss_placed', 'take_profit_placed']]);
    expect(fleet.simulator.truth.fills().map(({ side, size }) => `${side} ${size}`)).toEqual(['buy 0.01', 'sell 0.00999']);
    await settled(entry);
  });

  it('a process that ends while the stop is being cancelled goes on where it was, whichever filled', async () => {
    fleet = await Fleet.open();
    const entry = await place(BRACKET);
    await rests('buy 0.01 limit 59000');
    await price('58900');
    await rests('sell 0.00999 stopMarket');
    fleet.simulator.faults.add({ where: 'before', kind: 'hang', operation: 'cancelOrder' });
    fleet.simulator.world.setPrice('BTC/USDT', '61100');
    await fleet.until('the cancel is on its way', async () => (await orders()).some((order) => order.state === 'cancelling'));
    await restart();
    await fleet.until('the actions are over', async () => (await status(entry)) === 'finished');
    expect(book()).toEqual([]);
    expect(fleet.simulator.truth.fills()).toHaveLength(2);
    await settled(entry);
  }, 60_000);

  it('watch the price from here when the exchange refuses the stop order', async () => {
    fleet = await Fleet.open();
    const entry = await place(BRACKET);
    await rests('buy 0.01 limit 59000');
    // The price falls through entry and stop at once: a stop order would trigger immediately, which venues refuse.
    fleet.simulator.world.setPrice('BTC/USDT', '56500');
    await fleet.until('the actions are over', async () => (await status(entry)) === 'finished');
    expect((await told(entry)).slice(0, 2)).toEqual(['stop_loss_placed', 'stop_watched']);
    expect((await told(entry)).at(-1)).toBe('stop_loss_sent');
    expect(fleet.simulator.truth.fills().map(({ side, size }) => `${side} ${size}`)).toEqual(['buy 0.01', 'sell 0.00999']);
    await settled(entry);
  }, 60_000);

  it('wait while the kill switch is on, book what happens meanwhile, and follow when it is off', async () => {
    fleet = await Fleet.open();
    const entry = await place(BRACKET);
    await rests('buy 0.01 limit 59000');
    await fleet.store.killSwitch.set(fleet.userId, true, 'test', Date.now());
    await price('58900');
    expect([await state(entry), book(), await told(entry)]).toEqual(['filled', [], ['trading_killed']]);
    const facts = await takeFacts(fleet.store);
    expect(facts.filter((fact) => fact.type === 'order_action').map((fact) => fact.data['code'])).toEqual(['trading_killed']);
    await fleet.store.killSwitch.set(fleet.userId, false, 'test', Date.now());
    await rests('sell 0.00999 stopMarket');
    await settled(entry);
  });

  it('end when they are called off; what rests stays', async () => {
    fleet = await Fleet.open();
    const entry = await place(BRACKET);
    await rests('buy 0.01 limit 59000');
    expect(await fleet.store.actions.callOff(fleet.userId, entry.id, Date.now())).toBe('noted');
    wake(entry);
    await fleet.until('they are called off', async () => (await status(entry)) === 'calledOff');
    await price('58900');
    expect([await state(entry), book()]).toEqual(['filled', []]);
    expect(await fleet.store.actions.callOff(fleet.userId, entry.id, Date.now())).toBe('over');
    await settled(entry);
  });

  it('end when the user cancels the stop', async () => {
    fleet = await Fleet.open();
    const entry = await place(BRACKET);
    await rests('buy 0.01 limit 59000');
    await price('58900');
    await rests('sell 0.00999 stopMarket');
    const [stop] = await orders();
    await fleet.store.orders.requestCancel(fleet.userId, stop?.id ?? '', Date.now());
    wake(entry);
    await fleet.until('they are over', async () => (await status(entry)) === 'calledOff');
    expect(book()).toEqual([]);
    await settled(entry);
  });
});
