/** Bots with strategies of their user's own: real database, paper venue and simulated exchange, and a real sandbox. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '#adapters/clock.ts';
import { randomIds } from '#adapters/ids.ts';
import { withRules } from '#app/bots/bot-rules.ts';
import type { ActionRules } from '#core/actions/action-state.ts';
import type { StrategySandbox } from '#core/sandbox/port.ts';
import type { ProgramFile } from '#core/sandbox/program.ts';
import { openStrategySandbox } from '#roles/_sandbox.ts';
import { Fleet } from '../support/fleet.ts';
import { example } from './examples.ts';

let sandbox: StrategySandbox;
let fleet: Fleet;
beforeAll(() => {
  sandbox = openStrategySandbox();
});
afterEach(() => fleet.close());
afterAll(() => sandbox.close());

async function startOwn(files: readonly ProgramFile[], config: Readonly<Record<string, unknown>> = {}, mode: 'live' | 'paper' = 'live') {
  const { own } = fleet;
  if (own === undefined) throw new Error('the fleet has no sandbox');
  const { version } = await own.upload(fleet.userId, files, '');
  const pinned = await own.find(fleet.userId, `custom:${version.name}@${version.version}`);
  return await fleet.startGrid({ strategy: pinned?.reference ?? '', config, mode });
}

const BROKEN = `import { defineStrategy } from 'argosy/strategy';
export default defineStrategy({
  name: 'broken', version: 1, title: 'Broken', summary: 'Fails when the price falls.', params: {}, wants: { bars: false, quotes: false },
  plan: ({ scale }) => ({ ok: true, quoteAtoms: scale.atoms('1000', 'down'), baseGrains: 0, preview: {} }),
  start(context) {
    const priceTicks = Math.floor(context.bidTicks * 0.95);
    const sizeLots = Math.ceil(context.scale.minAtoms * 2 / priceTicks);
    context.submit({ side: 'buy', type: 'limit', priceTicks, triggerTicks: 0, sizeLots, timeInForce: 'gtc', postOnly: false, reduceOnly: false, tag: 'rest' });
    context.watchPrice(Math.floor(context.bidTicks * 0.995), Infinity);
    return {};
  },
  on(context, state, event) { if (event.type === 'priceReached' && context.scale.instrument.base === 'BTC') throw new Error('I do not like this'); },
});
`;

const NO_RULES: ActionRules = { opposite: null, placeAgainTimes: null, cancelRestAfterSeconds: null, takeProfit: null, stopLoss: null };
const BUYER = `import { defineStrategy } from 'argosy/strategy';
export default defineStrategy({
  name: 'buyer', version: 1, title: 'Buyer', summary: 'Buys once.', params: {}, wants: { bars: false, quotes: false }, rules: ['takeProfit'],
  plan: ({ scale }) => ({ ok: true, quoteAtoms: scale.atoms('1000', 'down'), baseGrains: 0, preview: {} }),
  start(context) {
    const sizeLots = Math.floor(context.freeQuoteAtoms() * 0.8 / context.askTicks);
    context.submit({ side: 'buy', type: 'market', priceTicks: 0, triggerTicks: 0, sizeLots, timeInForce: 'ioc', postOnly: false, reduceOnly: false, tag: 'all' });
    return {};
  },
  on(context, state, event) { if (event.type === 'orderFilled') context.report('strategy_note', 'was told of a ' + event.order.side); },
});
`;

describe('a bot with a strategy of its own', () => {
  it('is stopped alone when its strategy fails: its order is taken back, and its user is told where', async () => {
    fleet = await Fleet.open({ sandbox });
    const broken = await startOwn([{ path: 'main.js', text: BROKEN }]);
    const healthy = await startOwn(example('hourly-bid.ts'), { below_percent: '10' });
    await fleet.until('both rest', () => fleet.simulator.truth.openOrders().length === 2);
    const price = await fleet.price('binance', 'BTC/USDT');
    fleet.simulator.world.setPrice('BTC/USDT', String(Math.round(price * 0.99)));
    await fleet.until('it is stopped', async () => (await fleet.bot(broken.id)).status === 'stopped');
    expect((await fleet.bot(broken.id)).statusReason).toMatch(/^your strategy was stopped: Error: I do not like this \(main.js, line 12, column \d+\)$/);
    expect((await fleet.orders(broken.id)).map(({ state }) => state)).toEqual(['cancelled']);
    const facts = await fleet.database.query<{ data: { reason: string } }>("select data from facts where type = 'bot_error'");
    expect(facts.map(({ data }) => data.reason)).toEqual([expect.stringContaining('I do not like this')]);
    expect((await fleet.bot(healthy.id)).status).toBe('running');
    expect(fleet.simulator.truth.openOrders()).toHaveLength(1);
  }, 60_000);

  it('bids, moves on a take-over, and does what it is told', async () => {
    fleet = await Fleet.open({ sandbox });
    const bot = await startOwn(example('hourly-bid.ts'), { below_percent: '0.5' });
    await fleet.until('the bid rests', async () => fleet.simulator.truth.openOrders().length === 1 && (await fleet.agrees(bot.id)));
    const [bid] = fleet.simulator.truth.openOrders();
    expect(bid).toMatchObject({ side: 'buy' });
    await fleet.halt();
    await fleet.start();
    const price = await fleet.price('binance', 'BTC/USDT');
    fleet.simulator.world.setPrice('BTC/USDT', String(Math.round(price * 0.99)));
    await fleet.until('the bid is filled', async () => (await fleet.orders(bot.id)).some((order) => order.state === 'filled'));
    await fleet.store.commands.request({
      commandId: randomIds.next(),
      botId: bot.id,
      userId: fleet.userId,
      name: 'sell_all',
      params: {},
      at: systemClock.now(),
    });
    await fleet.until(
      'all is sold',
      async () => (await fleet.orders(bot.id)).filter((order) => order.state === 'filled' && order.side === 'sell').length === 1,
    );
    expect(fleet.simulator.truth.duplicates()).toEqual([]);
    expect((await fleet.bot(bot.id)).status).toBe('running');
    await fleet.want(bot.id, 'stopped');
    await fleet.until('it is stopped', async () => (await fleet.bot(bot.id)).status === 'stopped');
  }, 60_000);

  it('has its fills guarded by the rules of its user, over a take-over as well', async () => {
    fleet = await Fleet.open({ sandbox });
    const bot = await startOwn([{ path: 'main.js', text: BUYER }], withRules({}, { ...NO_RULES, takeProfit: { kind: 'percent', percent: '2' } }));
    const rests = async () => (await fleet.orders(bot.id)).filter(({ side, state }) => side === 'sell' && state === 'accepted').length === 1;
    await fleet.until('the first part is guarded', rests);
    await fleet.halt();
    await fleet.start();
    const price = await fleet.price('binance', 'BTC/USDT');
    fleet.simulator.world.setPrice('BTC/USDT', String(Math.round(price * 1.03)));
    const sold = async () => (await fleet.orders(bot.id)).some(({ side, state }) => side === 'sell' && state === 'filled');
    await fleet.until('it is sold with a profit', sold);
    expect(fleet.simulator.truth.duplicates()).toEqual([]);
    expect(await fleet.bot(bot.id)).toMatchObject({ status: 'running', statusReason: '' });
    const told = await fleet.database.query<{ data: { text: string } }>("select data from facts where data->>'text' like 'was told%'");
    expect(
      told.map(({ data }) => data.text),
      'of what follows its orders it is not told',
    ).toEqual(['was told of a buy']);
  }, 60_000);
});
