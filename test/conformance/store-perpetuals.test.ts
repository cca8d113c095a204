/** Positions, funding and margin of perpetuals, as every store keeps them. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FundingPayment } from '#core/perpetual-ports.ts';
import { applyPerpetualFill } from '#core/perpetual-position.ts';
import { emptyPosition } from '#core/position.ts';
import type { Commit } from '#core/store/commit.ts';
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
const SYMBOL = 'BTC/USDT:USDT';
const PERPETUAL: RunRecipe = {
  ...RECIPE,
  feeAsset: 'quote',
  limits: { ...RECIPE.limits, leverage: 10 },
  marginMode: 'isolated',
  instrument: {
    ...RECIPE.instrument,
    symbol: SYMBOL,
    kind: 'perpetual',
    perpetual: { contractSize: '0.001', fundingIntervalMs: 28_800_000, maxLeverage: 100, maintenanceMarginRate: null },
  },
};

let runs = 0;
type Begun = Awaited<ReturnType<ReturnType<typeof store>['bots']['beginRun']>>;

async function begin(world: Omit<TradingWorld, 'runId'>, recipe: RunRecipe, margin: string, available: string, wallet?: 'spot' | 'perpetual') {
  runs += 1;
  const runId = `perpetual-run-${runs}`;
  const { bot, userId, account, lease } = world;
  const needs = [{ asset: 'USDT', amount: margin }];
  const run = { id: runId, botId: bot.id, userId, accountId: account.id, recipe, needs, ...(wallet === undefined ? {} : { wallet }), at: AT };
  const begun: Begun = await store().bots.beginRun(lease, run, [{ asset: 'USDT', amount: available }]);
  return { begun, world: { ...world, runId } };
}

async function makeWorld(of?: TradingWorld): Promise<Omit<TradingWorld, 'runId'>> {
  const userId = of?.userId ?? (await makeUser(store()));
  const account = of?.account ?? (await makeAccount(store(), userId));
  const bot = await makeBot(store(), userId, account.id);
  return { store: store(), userId, account, bot, lease: await holdLease(store(), `bot:${bot.id}`) };
}

/** A run on the perpetual with 1000 USDT of margin at ten times leverage. */
async function perpetualWorld(): Promise<TradingWorld> {
  const { begun, world } = await begin(await makeWorld(), PERPETUAL, '1000', '1000');
  expect(begun).toEqual({ outcome: 'begun' });
  return world;
}

const order = (world: TradingWorld, change: Parameters<typeof newOrder>[1] = {}) => newOrder(world, { symbol: SYMBOL, ...change });
const paid = (paymentId: string, amount: string): FundingPayment => ({ paymentId, symbol: SYMBOL, asset: 'USDT', amount, rate: '0.0001', at: AT + 1 });

/** One order of a run with its fills, done. */
async function trade(world: TradingWorld, fills: readonly (readonly [side: 'buy' | 'sell', price: string, size: string])[]): Promise<void> {
  for (const [side, price, size] of fills) {
    const placed = order(world, { side, size, type: 'market', price: null });
    await store().commit(newCommit(world, { newOrders: [placed] }));
    const fill = newFill(placed.clientOrderId, { symbol: SYMBOL, side, price, size, feeAsset: 'USDT', feeAmount: '0.5' });
    await store().commit(newCommit(world, { fills: [fill], orderChanges: [{ clientOrderId: placed.clientOrderId, state: 'filled' }] }));
  }
}

describe('a position in a perpetual', () => {
  it('is folded from the fills, and only what was closed moves money', async () => {
    const world = await perpetualWorld();
    await trade(world, [
      ['buy', '100', '2'],
      ['buy', '110', '2'],
      ['sell', '120', '1'],
    ]);
    expect(await store().fills.paperPositions(world.account.id)).toEqual([
      { symbol: SYMBOL, owner: `bot:${world.bot.number}`, size: '3', entryValue: '315', leverage: 10, marginMode: 'isolated' },
    ]);
    // 15 of profit less three fees of 0.5.
    expect(await store().fills.paperFlows(world.account.id)).toEqual([{ asset: 'USDT', amount: '13.5' }]);
    await trade(world, [['sell', '90', '5']]);
    expect(await store().fills.paperPositions(world.account.id)).toMatchObject([{ size: '-2', entryValue: '-180' }]);
    expect(await store().fills.paperFlows(world.account.id)).toEqual([{ asset: 'USDT', amount: '-32' }]);
    await trade(world, [['buy', '90', '2']]);
    expect(await store().fills.paperPositions(world.account.id)).toEqual([]);
  });

  it('is told flat, with how its run holds it, while an order may open it', async () => {
    const world = await perpetualWorld();
    const resting = order(world);
    await store().commit(newCommit(world, { newOrders: [resting, order(world)] }));
    const flat = { symbol: SYMBOL, owner: `bot:${world.bot.number}`, size: '0', entryValue: '0', leverage: 10, marginMode: 'isolated' };
    expect(await store().fills.paperPositions(world.account.id)).toEqual([flat]);
    await trade(world, [['buy', '100', '2']]);
    expect(await store().fills.paperPositions(world.account.id)).toEqual([{ ...flat, size: '2', entryValue: '200' }]);
  });

  it('agrees with what the engine counts of the same fills', async () => {
    const anyFill = fc.tuple(fc.constantFrom('buy' as const, 'sell' as const), fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 50 }));
    await fc.assert(
      fc.asyncProperty(fc.array(anyFill, { minLength: 1, maxLength: 12, size: 'max' }), async (fills) => {
        const world = await perpetualWorld();
        const position = emptyPosition();
        for (const [side, priceTicks, sizeLots] of fills)
          applyPerpetualFill(position, { tradeId: '', side, priceTicks, sizeLots, feeGrains: 0, feeAtoms: 0, otherFeeAtoms: 0, isMaker: true });
        await trade(
          world,
          fills.map(([side, price, size]) => [side, String(price), String(size)]),
        );
        const [held] = await store().fills.paperPositions(world.account.id);
        expect(Number(held?.size ?? 0)).toBe(position.baseGrains / 10_000);
        expect(Number(held?.entryValue ?? 0)).toBeCloseTo(position.costAtoms, -1);
        const [flow] = await store().fills.paperFlows(world.account.id);
        // The engine rounds averages to atoms; what was received less what was paid is the same to the last digit.
        expect(Number(flow?.amount ?? 0) + 0.5 * fills.length - Number(held?.entryValue ?? 0)).toBeCloseTo(position.quoteAtoms, 6);
      }),
      { numRuns: 10 },
    );
  });
});

describe('funding', () => {
  it('is booked once, with the step that counted it', async () => {
    const world = await perpetualWorld();
    const funding = (...payments: readonly FundingPayment[]): Partial<Commit> => ({ funding: payments });
    expect(await store().funding.newestAt(world.runId, SYMBOL)).toBeNull();
    await store().commit(newCommit(world, funding(paid('f1', '-2'), paid('f2', '0.5'))));
    await expect(store().commit(newCommit(world, funding(paid('f2', '0.5'))))).rejects.toEqual(conflict);
    expect([...(await store().funding.known(world.account.id, SYMBOL, ['f1', 'f2', 'f3']))].sort()).toEqual(['f1', 'f2']);
    expect(await store().funding.newestAt(world.runId, SYMBOL)).toBe(AT + 1);
    expect(await store().fills.paperFlows(world.account.id)).toEqual([{ asset: 'USDT', amount: '-1.5' }]);
    const stranger = await perpetualWorld();
    await store().commit(newCommit(stranger, funding(paid('f1', '7'))));
    expect(await store().funding.known(stranger.account.id, SYMBOL, ['f1', 'f2'])).toEqual(new Set(['f1']));
  });
});

describe('the margin of a run', () => {
  it('covers position and orders up to its leverage', async () => {
    const world = await perpetualWorld();
    await store().commit(newCommit(world, { newOrders: [order(world, { price: '100', size: '99' })] }));
    await expect(store().commit(newCommit(world, { newOrders: [order(world, { price: '100', size: '2' })] }))).rejects.toEqual(conflict);
    // The other direction is another story: only one of both can come true.
    await store().commit(newCommit(world, { newOrders: [order(world, { side: 'sell', price: '100', size: '99' })] }));
    await expect(store().commit(newCommit(world, { newOrders: [order(world, { side: 'sell', price: '100', size: '2' })] }))).rejects.toEqual(conflict);
    await store().commit(newCommit(world, { newOrders: [order(world, { side: 'sell', price: '100', size: '50', reduceOnly: true })] }));
  });

  it('lets an order pass that only closes, whatever was lost, and shrinks with losses', async () => {
    const world = await perpetualWorld();
    await trade(world, [
      ['buy', '100', '90'],
      ['sell', '92', '40'],
    ]);
    // 320 and two fees are lost: 679 are left, 5000 of value are held.
    await store().commit(newCommit(world, { newOrders: [order(world, { side: 'sell', price: '92', size: '50' })] }));
    await expect(store().commit(newCommit(world, { newOrders: [order(world, { price: '92', size: '20' })] }))).rejects.toEqual(conflict);
    await store().commit(newCommit(world, { newOrders: [order(world, { price: '92', size: '18' })] }));
  });

  it('is set aside from the wallet that it draws on, with what was earned and paid', async () => {
    const world = await perpetualWorld();
    await store().commit(newCommit(world, { funding: [paid('f1', '-100')] }));
    const spot = await begin(await makeWorld(world), RECIPE, '500', '1300');
    expect(spot.begun).toEqual({ outcome: 'short', asset: 'USDT', missing: '100' });
    const apart = await begin(await makeWorld(world), RECIPE, '500', '500', 'spot');
    expect(apart.begun).toEqual({ outcome: 'begun' });
    const other: RunRecipe = { ...PERPETUAL, instrument: { ...PERPETUAL.instrument, symbol: 'ETH/USDT:USDT' } };
    const second = await begin(await makeWorld(world), other, '500', '1300', 'perpetual');
    expect(second.begun).toEqual({ outcome: 'short', asset: 'USDT', missing: '100' });
  });

  it('serves one run a symbol and account: there is one position for all', async () => {
    const world = await perpetualWorld();
    const second = await begin(await makeWorld(world), PERPETUAL, '10', '100000');
    expect(second.begun).toEqual({ outcome: 'occupied', botName: world.bot.name, symbol: PERPETUAL.instrument.symbol });
    expect((await begin(await makeWorld(world), { ...PERPETUAL, mode: 'live' }, '10', '100000')).begun).toEqual({ outcome: 'begun' });
  });
});
