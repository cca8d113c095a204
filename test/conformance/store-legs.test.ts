/** Runs over several instruments, as every store keeps them: promises, money and positions by leg. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunRecipe } from '#core/store/runs.ts';
import { createTestStore, type TestStore } from '#test/support/database.ts';
import { AT, holdLease, makeAccount, makeBot, makeUser, newCommit, newFill, newOrder, RECIPE, type TradingWorld } from '#test/support/trading-world.ts';

let database: TestStore;
beforeAll(async () => {
  database = await createTestStore();
});
afterAll(() => database.drop());

const store = () => database.store;
const conflict = expect.objectContaining({ name: 'PortError', code: 'store_conflict' });
const SPOT = RECIPE.instrument.symbol;
const SHORT = 'BTC/USDT:USDT';
const perpetualOf = (symbol: string) => ({
  ...RECIPE.instrument,
  symbol,
  kind: 'perpetual' as const,
  perpetual: { contractSize: '0.001', fundingIntervalMs: 28_800_000, maxLeverage: 100, maintenanceMarginRate: null },
});
const LEG = { name: 'perpetual', instrument: perpetualOf(SHORT), feeAsset: 'quote' as const, limits: { ...RECIPE.limits, leverage: 3 }, lentGrains: 0 };
const PAIR: RunRecipe = { ...RECIPE, legName: 'spot', otherLegs: [{ ...LEG, marginMode: 'isolated' }] };
const NEEDS = [
  { symbol: SPOT, asset: 'USDT', amount: '1000' },
  { symbol: SHORT, asset: 'USDT', amount: '500' },
];

let runs = 0;

async function makeWorld(of?: TradingWorld): Promise<Omit<TradingWorld, 'runId'>> {
  const userId = of?.userId ?? (await makeUser(store()));
  const account = of?.account ?? (await makeAccount(store(), userId));
  const bot = await makeBot(store(), userId, account.id);
  return { store: store(), userId, account, bot, lease: await holdLease(store(), `bot:${bot.id}`) };
}

async function begin(world: Omit<TradingWorld, 'runId'>, available: string, recipe: RunRecipe = PAIR) {
  const { bot, userId, account, lease } = world;
  runs += 1;
  const run = { id: `pair-run-${runs}`, botId: bot.id, userId, accountId: account.id, recipe, needs: NEEDS, at: AT };
  return { begun: await store().bots.beginRun(lease, run, [{ asset: 'USDT', amount: available }]), world: { ...world, runId: run.id } };
}

async function pairWorld(): Promise<TradingWorld> {
  const { begun, world } = await begin(await makeWorld(), '1500');
  expect(begun).toEqual({ outcome: 'begun' });
  return world;
}

const short = (world: TradingWorld, change: Parameters<typeof newOrder>[1] = {}) => newOrder(world, { symbol: SHORT, side: 'sell', ...change });

describe('the beginning of a run over two instruments', () => {
  it('needs the money of both', async () => {
    expect((await begin(await makeWorld(), '1499')).begun).toEqual({ outcome: 'short', asset: 'USDT', missing: '1' });
  });

  it('sets the money of both aside, and takes the position of each for itself', async () => {
    const world = await pairWorld();
    const second = await begin(await makeWorld(world), '2999');
    expect(second.begun).toEqual({ outcome: 'occupied', botName: world.bot.name, symbol: SHORT });
    const other = { ...PAIR, otherLegs: [{ ...LEG, instrument: perpetualOf('ETH/USDT:USDT') }] };
    expect((await begin(await makeWorld(world), '2999', other)).begun).toEqual({ outcome: 'short', asset: 'USDT', missing: '1' });
    expect((await begin(await makeWorld(world), '3000', other)).begun).toEqual({ outcome: 'begun' });
  });

  it('is asked of each wallet where the venue keeps two', async () => {
    const world = await makeWorld();
    const { bot, userId, account, lease } = world;
    const [ofSpot, ofShort] = NEEDS.map((need) => [need]);
    const run = { id: 'pair-run-apart', botId: bot.id, userId, accountId: account.id, recipe: PAIR, needs: ofSpot ?? [], wallet: 'spot' as const, at: AT };
    const purse = (amount: string) => [{ wallet: 'perpetual' as const, needs: ofShort ?? [], available: [{ asset: 'USDT', amount }] }];
    const available = [{ asset: 'USDT', amount: '1000' }];
    expect(await store().bots.beginRun(lease, { ...run, otherPurses: purse('499') }, available)).toEqual({ outcome: 'short', asset: 'USDT', missing: '1' });
    expect(await store().bots.beginRun(lease, { ...run, otherPurses: purse('500') }, available)).toEqual({ outcome: 'begun' });
    // What the pair was promised of the wallet of perpetuals is not there for another run, and what it was promised of the other is another matter.
    const next = await makeWorld({ ...world, runId: '' });
    const recipe = { ...RECIPE, instrument: perpetualOf('ETH/USDT:USDT') };
    const lone = {
      id: 'lone-run',
      botId: next.bot.id,
      userId,
      accountId: account.id,
      recipe,
      needs: [{ asset: 'USDT', amount: '100' }],
      wallet: 'perpetual' as const,
      at: AT,
    };
    const begun = await store().bots.beginRun(next.lease, lone, [{ asset: 'USDT', amount: '599' }]);
    expect(begun).toEqual({ outcome: 'short', asset: 'USDT', missing: '1' });
  });
});

describe('the budget of each leg', () => {
  it('is its own: money of the margin buys no coin, and money for coin is no margin', async () => {
    const world = await pairWorld();
    const both = { newOrders: [newOrder(world, { price: '100', size: '10' }), short(world, { price: '100', size: '15' })] };
    await store().commit(newCommit(world, both));
    await expect(store().commit(newCommit(world, { newOrders: [newOrder(world, { price: '1', size: '1' })] }))).rejects.toEqual(conflict);
    await expect(store().commit(newCommit(world, { newOrders: [short(world, { price: '1', size: '1' })] }))).rejects.toEqual(conflict);
  });

  it('is checked for both in one commit', async () => {
    const world = await pairWorld();
    const orders = [newOrder(world, { price: '100', size: '1' }), short(world, { price: '100', size: '15.1' })];
    await expect(store().commit(newCommit(world, { newOrders: orders }))).rejects.toEqual(conflict);
    const reversed = [short(world, { price: '100', size: '1' }), newOrder(world, { price: '100', size: '10.1' })];
    await expect(store().commit(newCommit(world, { newOrders: reversed }))).rejects.toEqual(conflict);
  });

  it('grows and shrinks with what its own fills bring', async () => {
    const world = await pairWorld();
    const opened = short(world, { price: '100', size: '10' });
    const closed = short(world, { side: 'buy', type: 'market', price: null, size: '10', reduceOnly: true });
    await store().commit(newCommit(world, { newOrders: [opened, closed] }));
    const fill = (order: typeof opened, price: string) =>
      newFill(order.clientOrderId, { symbol: SHORT, side: order.side, price, size: '10', feeAsset: 'USDT', feeAmount: '0' });
    await store().commit(newCommit(world, { fills: [fill(opened, '100'), fill(closed, '90')] }));
    // A hundred was earned by the short: 600 of margin carry 1800, and the coin has its 1000 still.
    await store().commit(newCommit(world, { newOrders: [short(world, { price: '100', size: '18' })] }));
    await expect(store().commit(newCommit(world, { newOrders: [newOrder(world, { price: '100', size: '10.1' })] }))).rejects.toEqual(conflict);
  });
});

describe('the budgets of several coins', () => {
  it('are one purse by their quote: what one has not spent another may, and not more than all', async () => {
    const ETH = { ...RECIPE.instrument, symbol: 'ETH/USDT', base: 'ETH' };
    const coins: RunRecipe = {
      ...RECIPE,
      legName: 'first',
      otherLegs: [{ name: ETH.symbol, instrument: ETH, feeAsset: 'received', limits: RECIPE.limits, lentGrains: 0 }],
    };
    const world = await makeWorld();
    const { bot, userId, account, lease } = world;
    const needs = [
      { symbol: SPOT, asset: 'USDT', amount: '400' },
      { symbol: ETH.symbol, asset: 'USDT', amount: '600' },
    ];
    const run = { id: 'coins-run', botId: bot.id, userId, accountId: account.id, recipe: coins, needs, at: AT };
    expect(await store().bots.beginRun(lease, run, [{ asset: 'USDT', amount: '1000' }])).toEqual({ outcome: 'begun' });
    const running = { ...world, runId: run.id };
    await store().commit(newCommit(running, { newOrders: [newOrder(running, { price: '100', size: '9' })] }));
    const more = (size: string) => newCommit(running, { newOrders: [newOrder(running, { symbol: ETH.symbol, price: '100', size })] });
    await expect(store().commit(more('1.1'))).rejects.toEqual(conflict);
    await store().commit(more('1'));
  });
});

describe('what is told of a run', () => {
  it('is told by instrument: sums, funding and positions with their leverage', async () => {
    const world = await pairWorld();
    const long = newOrder(world, { price: '100', size: '2' });
    const sold = short(world, { price: '101', size: '2' });
    await store().commit(newCommit(world, { newOrders: [long, sold] }));
    const fills = [
      newFill(long.clientOrderId, { price: '100', size: '2', feeAsset: 'BTC', feeAmount: '0.002' }),
      newFill(sold.clientOrderId, { symbol: SHORT, side: 'sell', price: '101', size: '2', feeAsset: 'USDT', feeAmount: '0.1' }),
    ];
    const paid = { paymentId: 'f1', symbol: SHORT, asset: 'USDT', amount: '0.3', rate: null, at: AT + 5 };
    await store().commit(newCommit(world, { fills, funding: [paid] }));
    const of = (symbol?: string) => store().fills.totals(world.userId, world.bot.id, world.runId, symbol);
    expect(await of(SPOT)).toMatchObject({ count: 1, boughtSize: '2', soldSize: '0', fees: [{ asset: 'BTC', amount: '0.002' }] });
    expect(await of(SHORT)).toMatchObject({ count: 1, boughtSize: '0', soldSize: '2', fees: [{ asset: 'USDT', amount: '0.1' }] });
    expect(await of()).toMatchObject({ count: 2 });
    expect([await store().funding.newestAt(world.runId, SHORT), await store().funding.newestAt(world.runId, SPOT)]).toEqual([AT + 5, null]);
    expect(await store().fills.paperPositions(world.account.id)).toEqual([
      { symbol: SHORT, owner: `bot:${world.bot.number}`, size: '-2', entryValue: '-202', leverage: 3, marginMode: 'isolated' },
    ]);
  });
});
