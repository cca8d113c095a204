/** A DCA bot against a simulated exchange over the wire, with real processes, database and commands. */
import { afterEach, describe, expect, it } from 'vitest';
import { randomIds } from '#adapters/ids.ts';
import { Fleet } from '../support/fleet.ts';

let fleet: Fleet;
afterEach(() => fleet.close());

const CONFIG = {
  base_order_size: '1000',
  safety_orders: 2,
  safety_order_size: '1000',
  price_step_percent: '1',
  take_profit_percent: '1',
  max_deals: 2,
  cooldown_seconds: 1,
  extra_funds: '500',
};

/** Sides of the orders at the venue, sorted. */
const sides = () =>
  fleet.simulator.truth
    .openOrders()
    .map(({ side }) => side)
    .toSorted()
    .join(' ');
const restsAs = (expected: string, botId: string) => fleet.until(`it rests as ${expected}`, async () => sides() === expected && (await fleet.agrees(botId)));

describe('a live DCA bot', () => {
  it('buys, buys more, sells at its profit over a take-over, and its tape replays', async () => {
    fleet = await Fleet.open();
    const bot = await fleet.startGrid({ strategy: 'dca', config: CONFIG });
    await restsAs('buy buy sell', bot.id);
    fleet.simulator.world.setPrice('BTC/USDT', '59300');
    await restsAs('buy sell', bot.id);
    await fleet.halt();
    // The second safety order fills while nobody is there.
    fleet.simulator.world.setPrice('BTC/USDT', '58700');
    await fleet.start();
    await restsAs('sell', bot.id);
    const [sale] = fleet.simulator.truth.openOrders();
    const before = fleet.simulator.truth.fills().length;
    fleet.simulator.world.setPrice('BTC/USDT', '60500');
    await fleet.until(
      'everything is sold and the next deal stands',
      async () => fleet.simulator.truth.fills().length >= before + 2 && sides() === 'buy buy sell',
    );
    expect(fleet.simulator.truth.openOrders().some(({ clientOrderId }) => clientOrderId === sale?.clientOrderId)).toBe(false);
    expect(fleet.simulator.truth.duplicates()).toEqual([]);
    expect((await fleet.replay(bot.id)).difference).toBeNull();
  });

  it('does what its user tells it once, also when told while nobody is there', async () => {
    fleet = await Fleet.open();
    const bot = await fleet.startGrid({ strategy: 'dca', config: CONFIG });
    await restsAs('buy buy sell', bot.id);
    const tell = (name: string, params: Readonly<Record<string, unknown>> = {}) =>
      fleet.store.commands.request({ commandId: randomIds.next(), botId: bot.id, userId: fleet.userId, name, params, at: 1 });
    const fills = fleet.simulator.truth.fills().length;
    await fleet.halt();
    expect(await tell('add_funds', { amount: '400' })).toBe(true);
    await fleet.start();
    await fleet.until('the funds are added', () => fleet.simulator.truth.fills().length === fills + 1);
    await restsAs('buy buy sell', bot.id);
    await fleet.until('the command is taken', async () => (await fleet.store.commands.due()).length === 0);
    await tell('close_deal');
    fleet.bus.publish('bot_commands', { botId: bot.id });
    await fleet.until('it is sold', async () => (await fleet.store.commands.due()).length === 0 && fleet.simulator.truth.fills().length > fills + 1);
    expect((await fleet.replay(bot.id)).difference).toBeNull();
  });

  it('sells at the take profit its user has changed, also over a take-over, and keeps it in its settings', async () => {
    fleet = await Fleet.open();
    const bot = await fleet.startGrid({ strategy: 'dca', config: CONFIG });
    await restsAs('buy buy sell', bot.id);
    const saleAt = () => Number(fleet.simulator.truth.openOrders().find(({ side }) => side === 'sell')?.price);
    const before = saleAt();
    await fleet.halt();
    const command = { commandId: randomIds.next(), botId: bot.id, userId: fleet.userId, name: 'change_dca', params: { take_profit_percent: '3' }, at: 1 };
    expect(await fleet.store.commands.request(command)).toBe(true);
    await fleet.start();
    await fleet.until('it asks for more', async () => saleAt() > before * 1.019 && (await fleet.agrees(bot.id)));
    expect(fleet.simulator.truth.openOrders()).toHaveLength(3);
    expect(await fleet.bot(bot.id)).toMatchObject({ configVersion: 2, config: { ...CONFIG, take_profit_percent: '3' } });
    expect((await fleet.replay(bot.id)).difference).toBeNull();
  });
});
