import { afterEach, describe, expect, it } from 'vitest';
import { withRules } from '#app/bots/bot-rules.ts';
import { Fleet } from '../support/fleet.ts';

let fleet: Fleet;
afterEach(() => fleet.close());

/** Prices wander up and down through the grid, one step at a time. */
async function wander(prices: readonly string[]): Promise<void> {
  for (const price of prices) {
    const before = fleet.simulator.truth.fills().length;
    fleet.simulator.world.setPrice('BTC/USDT', price);
    if (fleet.simulator.truth.fills().length > before)
      await fleet.until(
        'the answer to a fill rests',
        async () => (await fleet.store.fills.list(fleet.userId, {}, { limit: 200, cursor: null })).items.length === fleet.simulator.truth.fills().length,
      );
  }
}

describe('a live grid', () => {
  it('places its orders, answers each fill, and its books agree with the venue', async () => {
    fleet = await Fleet.open();
    const bot = await fleet.startGrid();
    await fleet.until('the grid rests', async () => fleet.simulator.truth.openOrders().length === 8 && (await fleet.agrees(bot.id)));
    await wander(['59400', '60100', '59400', '60600', '59900']);
    await fleet.until('books and venue agree', () => fleet.agrees(bot.id));
    expect(fleet.simulator.truth.openOrders()).toHaveLength(8);
    expect(fleet.simulator.truth.duplicates()).toEqual([]);
  });

  it('places again by the rule of its user what the exchange has cancelled, and its tape replays with the rule', async () => {
    fleet = await Fleet.open();
    const settings = { lower_price: '58000', upper_price: '62000', levels: 9, spacing: 'arithmetic', investment: '10000' };
    const rules = { opposite: null, placeAgainTimes: 2, cancelRestAfterSeconds: null, takeProfit: null, stopLoss: null };
    const bot = await fleet.startGrid({ config: withRules(settings, rules) });
    await fleet.until('the grid rests', async () => fleet.simulator.truth.openOrders().length === 8 && (await fleet.agrees(bot.id)));
    const [first] = fleet.simulator.truth.openOrders();
    fleet.simulator.truth.cancelByHand('BTC/USDT', first?.venueOrderId ?? '');
    await fleet.until('it rests again', async () => fleet.simulator.truth.openOrders().length === 8 && (await fleet.agrees(bot.id)));
    const orders = await fleet.orders(bot.id);
    const former = orders.find((order) => order.clientOrderId === first?.clientOrderId);
    expect(former?.state).toBe('cancelled');
    expect(orders.filter((order) => order.tag === former?.tag && order.state === 'accepted')).toHaveLength(1);
    await fleet.halt();
    await fleet.start();
    await wander(['59400', '60100']);
    await fleet.until('books and venue agree', () => fleet.agrees(bot.id));
    expect((await fleet.replay(bot.id)).difference).toBeNull();
  });

  it('replays its tape to identical commands, over take-overs', async () => {
    fleet = await Fleet.open();
    const bot = await fleet.startGrid();
    await fleet.until('the grid rests', async () => fleet.simulator.truth.openOrders().length === 8 && (await fleet.agrees(bot.id)));
    await wander(['59400', '60100']);
    await fleet.halt();
    await fleet.start();
    await fleet.until('the bot runs again', async () => (await fleet.bot(bot.id)).status === 'running');
    await wander(['59400', '60600']);
    await fleet.until('books and venue agree', () => fleet.agrees(bot.id));
    const { length, difference } = await fleet.replay(bot.id);
    expect(difference).toBeNull();
    expect(length).toBeGreaterThan(20);
  });

  it('finds fills that happened while nobody was there, and answers them', async () => {
    fleet = await Fleet.open();
    const bot = await fleet.startGrid();
    await fleet.until('the grid rests', async () => fleet.simulator.truth.openOrders().length === 8 && (await fleet.agrees(bot.id)));
    await fleet.halt();
    fleet.simulator.world.setPrice('BTC/USDT', '58900');
    const missed = fleet.simulator.truth.openOrders().length;
    expect(missed).toBeLessThan(8);
    await fleet.start();
    await fleet.until('the missed fills are answered', async () => fleet.simulator.truth.openOrders().length === 8 && (await fleet.agrees(bot.id)));
  });

  it('is handed over politely without leaving an order in doubt', async () => {
    fleet = await Fleet.open();
    fleet.simulator.faults.add({ where: 'before', kind: 'latency', operation: 'placeOrder', ms: 150, count: null });
    const bot = await fleet.startGrid();
    await fleet.until('the first order is on its way', async () => (await fleet.orders(bot.id)).some((order) => order.state === 'submitting'));
    await fleet.halt();
    expect((await fleet.orders(bot.id)).filter((order) => order.state === 'submitting' || order.state === 'unknown')).toEqual([]);
    await fleet.start();
    await fleet.until('the grid rests', async () => fleet.simulator.truth.openOrders().length === 8 && (await fleet.agrees(bot.id)));
  });

  it('cancels an order its user wants off the book, although the word of it was lost', async () => {
    fleet = await Fleet.open();
    const bot = await fleet.startGrid();
    await fleet.until('the grid rests', async () => fleet.simulator.truth.openOrders().length === 8 && (await fleet.agrees(bot.id)));
    const [order] = await fleet.orders(bot.id);
    if (order === undefined) throw new Error('the grid has no order');
    await fleet.store.orders.requestCancels(fleet.userId, { ids: [order.id] }, order.createdAt, 1);
    await fleet.until('it is cancelled', async () => (await fleet.store.orders.get(fleet.userId, order.id))?.state === 'cancelled');
    const { items } = await fleet.store.orders.life(fleet.userId, order.id, { limit: 50, cursor: null });
    expect([...items].reverse().map(({ type, reasonCode }) => [type, reasonCode])).toEqual([
      ['requested', null],
      ['submitting', null],
      ['accepted', null],
      ['cancel_requested', 'by_user'],
      ['cancelled', 'cancelled_on_request'],
    ]);
  });

  it('stops: cancels all, keeps the base, and leaves nothing behind', async () => {
    fleet = await Fleet.open();
    const bot = await fleet.startGrid();
    await fleet.until('the grid rests', async () => fleet.simulator.truth.openOrders().length === 8);
    await fleet.want(bot.id, 'stopped');
    await fleet.until('the bot has stopped', async () => (await fleet.bot(bot.id)).status === 'stopped');
    expect(fleet.simulator.truth.openOrders()).toEqual([]);
    expect((await fleet.bot(bot.id)).desired).toBe('stopped');
  });

  it('panics: cancels all and sells what the bot has bought', async () => {
    fleet = await Fleet.open();
    const before = fleet.simulator.truth.balances()['BTC']?.free;
    const bot = await fleet.startGrid();
    await fleet.until('the grid rests', async () => fleet.simulator.truth.openOrders().length === 8);
    await fleet.want(bot.id, 'panicked');
    await fleet.until('the bot has stopped', async () => (await fleet.bot(bot.id)).status === 'stopped');
    expect(fleet.simulator.truth.openOrders()).toEqual([]);
    const after = Number(fleet.simulator.truth.balances()['BTC']?.free);
    expect(Math.abs(after - Number(before))).toBeLessThan(0.00002);
  });

  it('pauses without orders at the venue and resumes with the same levels', async () => {
    fleet = await Fleet.open();
    const bot = await fleet.startGrid();
    await fleet.until('the grid rests', async () => fleet.simulator.truth.openOrders().length === 8);
    const levels = () =>
      fleet.simulator.truth
        .openOrders()
        .map((order) => `${order.side} ${order.price} ${order.size}`)
        .sort();
    const before = levels();
    await fleet.want(bot.id, 'paused');
    await fleet.until('the bot is paused', async () => (await fleet.bot(bot.id)).status === 'paused');
    expect(fleet.simulator.truth.openOrders()).toEqual([]);
    await fleet.want(bot.id, 'running');
    await fleet.until('the grid rests again', async () => fleet.simulator.truth.openOrders().length === 8 && (await fleet.agrees(bot.id)));
    expect(levels()).toEqual(before);
  });
});

describe('a hostile network', () => {
  it('knows an order within ten seconds whose acceptance was withheld, and never sends it twice', async () => {
    fleet = await Fleet.open();
    fleet.simulator.faults.add({ where: 'after', kind: 'hang', operation: 'placeOrder', count: 2 });
    fleet.simulator.faults.add({ where: 'stream', kind: 'lose', stream: 'private', count: 6 });
    const bot = await fleet.startGrid();
    const knownAt = new Map<string, number>();
    await fleet.until(
      'every accepted order is known',
      async () => {
        for (const order of await fleet.orders(bot.id))
          if (!['submitting', 'unknown'].includes(order.state) && !knownAt.has(order.clientOrderId))
            knownAt.set(order.clientOrderId, performance.timeOrigin + performance.now());
        const accepted = fleet.simulator.truth.orders();
        return accepted.length >= 9 && accepted.every((order) => knownAt.has(order.clientOrderId));
      },
      30_000,
    );
    const delays = fleet.simulator.truth.orders().map((order) => (knownAt.get(order.clientOrderId) ?? Number.POSITIVE_INFINITY) - order.createdAt);
    expect(Math.max(...delays), 'milliseconds from acceptance to knowledge').toBeLessThan(10_000);
    expect(fleet.simulator.truth.duplicates()).toEqual([]);
    const sent = fleet.simulator.log.list('placeOrder').map((request) => request.clientOrderId);
    expect(new Set(sent).size).toBe(sent.length);
    await fleet.until('books and venue agree', () => fleet.agrees(bot.id));
  });

  it('catches up after the private stream was lost and fills were missed', async () => {
    fleet = await Fleet.open();
    const bot = await fleet.startGrid();
    await fleet.until('the grid rests', async () => fleet.simulator.truth.openOrders().length === 8 && (await fleet.agrees(bot.id)));
    fleet.simulator.faults.add({ where: 'stream', kind: 'silent', stream: 'private', count: null });
    fleet.simulator.world.setPrice('BTC/USDT', '58900');
    await fleet.until('the fills are found by asking', async () => fleet.simulator.truth.openOrders().length === 8 && (await fleet.agrees(bot.id)));
  });

  it('keeps away from orders that the user places by hand on the same account', async () => {
    fleet = await Fleet.open();
    fleet.simulator.truth.placeByHand({ symbol: 'BTC/USDT', side: 'buy', size: '0.01', price: '50000' });
    const bot = await fleet.startGrid();
    await fleet.until('the grid rests', async () => fleet.simulator.truth.openOrders().length === 9);
    await fleet.want(bot.id, 'stopped');
    await fleet.until('the bot has stopped', async () => (await fleet.bot(bot.id)).status === 'stopped');
    expect(fleet.simulator.truth.openOrders().map((order) => order.clientOrderId)).toEqual(['web_1']);
  });

  it('refuses a bot that the account cannot pay for, and says what is missing', async () => {
    fleet = await Fleet.open();
    const bot = await fleet.startGrid({ config: { lower_price: '58000', upper_price: '62000', levels: 9, spacing: 'arithmetic', investment: '1000000' } });
    await fleet.until('the bot is refused', async () => (await fleet.bot(bot.id)).status === 'error');
    expect((await fleet.bot(bot.id)).statusReason).toContain('USDT are missing');
    expect(fleet.simulator.truth.orders()).toEqual([]);
  });

  it('takes everything off the book when the kill switch is turned, and goes on after it', async () => {
    fleet = await Fleet.open();
    const bot = await fleet.startGrid();
    await fleet.until('the grid rests', async () => fleet.simulator.truth.openOrders().length === 8 && (await fleet.agrees(bot.id)));
    await fleet.store.killSwitch.set(fleet.userId, true, 'test', 0);
    await fleet.until('nothing rests', () => fleet.simulator.truth.openOrders().length === 0);
    await fleet.store.killSwitch.set(fleet.userId, false, '', 0);
    await fleet.until('the grid rests again', () => fleet.simulator.truth.openOrders().length === 8, 60_000);
  }, 90_000);
});

describe('a paper grid', () => {
  it('replays its tape to identical commands', async () => {
    fleet = await Fleet.open();
    const price = await fleet.price('paper', 'BTC/USDT');
    const config = { lower_price: (price * 0.988).toFixed(2), upper_price: (price * 1.012).toFixed(2), levels: 11, spacing: 'geometric', investment: '10000' };
    const bot = await fleet.startGrid({ mode: 'paper', config });
    await fleet.until('some fills have happened', async () => (await fleet.orders(bot.id)).filter((order) => order.state === 'filled').length >= 3, 60_000);
    await fleet.want(bot.id, 'stopped');
    await fleet.until('the bot has stopped', async () => (await fleet.bot(bot.id)).status === 'stopped');
    const { length, difference } = await fleet.replay(bot.id);
    expect(difference).toBeNull();
    expect(length).toBeGreaterThan(20);
  }, 90_000);
});
