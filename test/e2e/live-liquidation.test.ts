/** What the venue does to a run's position by itself: liquidations and funding reach engine and books once, with the run's next step. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '#adapters/clock.ts';
import { randomIds } from '#adapters/ids.ts';
import type { OrderDesk } from '#app/desk/order-desk.ts';
import { LiveRun } from '#app/run/live-run.ts';
import { Engine } from '#core/engine/engine.ts';
import { Scale } from '#core/instrument.ts';
import type { RunRecipe } from '#core/store/runs.ts';
import { defineStrategy } from '#core/strategy.ts';
import type { VenueFill } from '#core/venue-ports.ts';
import { until } from '#test/support/until.ts';
import { createTestStore, type TestStore } from '../support/database.ts';
import { quietLog } from '../support/quiet-log.ts';
import { AT, holdLease, makeAccount, makeBot, makeUser, RECIPE } from '../support/trading-world.ts';

let database: TestStore;
beforeAll(async () => {
  database = await createTestStore();
});
afterAll(() => database.drop());

const SYMBOL = 'BTC/USDT:USDT';
const INSTRUMENT = {
  ...RECIPE.instrument,
  symbol: SYMBOL,
  sizeIncrement: '0.1',
  minSize: '0.1',
  kind: 'perpetual',
  perpetual: { contractSize: '0.001', fundingIntervalMs: 28_800_000, maxLeverage: 100, maintenanceMarginRate: null },
} as const;

const idle = defineStrategy({
  name: 'idle',
  version: 1,
  title: { en: '', ru: '' },
  summary: { en: '', ru: '' },
  params: {},
  wants: { bars: false, quotes: false },
  plan: () => ({ ok: true, quoteAtoms: 0, baseGrains: 0, preview: {} }),
  start: (context) => ({ id: context.submit({ side: 'buy', type: 'market', priceTicks: 0, triggerTicks: 0, sizeLots: 3, timeInForce: 'ioc', ...REST }) }),
  on: () => undefined,
});
const REST = { postOnly: false, reduceOnly: false, tag: 'entry' } as const;

function fill(tradeId: string, side: 'buy' | 'sell', size: string, price: string, more: Partial<VenueFill> = {}): VenueFill {
  const order = { venueOrderId: 'v1', clientOrderId: null, symbol: SYMBOL, side };
  return { tradeId, ...order, size, price, feeAsset: 'USDT', feeAmount: '0', isMaker: false, at: AT + 5, ...more };
}

/** A run that has bought three lots at 100, on a desk that sends nothing. */
async function openRun() {
  const { store } = database;
  const userId = await makeUser(store);
  const account = await makeAccount(store, userId);
  const bot = await makeBot(store, userId, account.id);
  const lease = await holdLease(store, `bot:${bot.id}`);
  const scale = new Scale(INSTRUMENT);
  const limits = { ...RECIPE.limits, budgetAtoms: scale.atoms('1000', 'up'), maxOrderAtoms: scale.atoms('10000', 'up'), leverage: 5 };
  const recipe: RunRecipe = { ...RECIPE, instrument: INSTRUMENT, feeAsset: 'quote', limits, marginMode: 'isolated' };
  const runId = randomIds.next();
  await store.bots.beginRun(lease, { id: runId, botId: bot.id, userId, accountId: account.id, recipe, needs: [], at: AT }, []);
  const sent: string[] = [];
  const desk: Pick<OrderDesk, 'place' | 'cancel' | 'fetchFills' | 'windowMs'> = {
    windowMs: 5_000,
    place: (_holder, order) => void sent.push(order.clientOrderId),
    cancel: () => undefined,
    fetchFills: () => undefined,
  };
  const owner = { installation: 1, kind: 'bot', number: bot.number } as const;
  const engine = new Engine({ strategy: idle as never, params: {}, scale, feeAsset: 'quote', limits, owner, lentGrains: 0 });
  const ends: unknown[] = [];
  const run = new LiveRun({
    store,
    clock: systemClock,
    ids: randomIds,
    log: quietLog(),
    identity: { runId, bot: { ...bot, symbol: SYMBOL }, scale },
    engine,
    held: { lease, holdUntil: async () => true } as never,
    desk: desk as OrderDesk,
    sequence: 0,
    orders: [],
    onEnd: (end) => void ends.push(end),
  });
  run.start({ symbol: SYMBOL, bid: '100', ask: '100', at: AT });
  await until(() => sent.length === 1, 'it is sent');
  const [clientOrderId = ''] = sent;
  run.onFill(fill('t1', 'buy', '0.3', '100', { clientOrderId }), clientOrderId);
  await until(() => run.positionSize(SYMBOL) !== '0', 'it holds a position');
  return { store, run, engine, bot, account, userId, runId, ends };
}

describe('a liquidation', () => {
  it('closes the position in engine and books with an order of its own, told to the user', async () => {
    const { store, run, account, userId, bot, ends } = await openRun();
    const struck = [fill('t2', 'sell', '0.1', '80'), fill('t3', 'sell', '0.2', '79')];
    for (const each of struck) {
      const liquidation: VenueFill = { ...each, clientOrderId: 'autoclose-1', venueOrderId: 'v9', isLiquidation: true };
      const id = (await run.clientOrderIdOf(liquidation)) ?? '';
      expect(id).toBe(`liquidation:${account.id}:${SYMBOL}:${each.tradeId}`);
      run.onFill(liquidation, id);
      run.onFill(liquidation, id);
    }
    await until(() => run.positionSize(SYMBOL) === '0', 'it holds none');
    await until(async () => (await store.fills.paperPositions(account.id)).length === 0, 'the books hold none');
    expect(ends).toEqual([]);
    const { items } = await store.orders.list(userId, { botId: bot.id }, { limit: 10, cursor: null });
    const liquidations = items.filter((order) => order.tag === 'liquidation');
    expect(
      liquidations.map(({ side, size, filledSize, state, reasonCode, reduceOnly }) => [side, size, filledSize, state, reasonCode, reduceOnly]).sort(),
    ).toEqual(['0.1', '0.2'].map((size) => ['sell', size, size, 'filled', 'liquidated_by_exchange', true]));
    expect(await store.fills.paperPositions(account.id)).toEqual([]);
    const facts = await store.facts.ofBot(userId, bot.id, { limit: 10, cursor: null });
    expect(facts.items.filter((fact) => fact.type === 'exchange_error')).toHaveLength(2);
  });

  it('is none of a run that does not trade the symbol', async () => {
    const { run } = await openRun();
    expect(await run.clientOrderIdOf(fill('t9', 'sell', '1', '80', { symbol: 'ETH/USDT:USDT', isLiquidation: true }))).toBeNull();
  });
});

describe('funding', () => {
  it('is counted and booked once, however often it is told', async () => {
    const { store, run, engine, account, runId, ends } = await openRun();
    const payment = { paymentId: 'f1', symbol: SYMBOL, asset: 'USDT', amount: '-0.123456789', rate: '0.0001', at: AT + 9 };
    run.onFunding(payment);
    run.onFunding(payment);
    await until(() => engine.state.payments?.length === 1, 'the payment is counted');
    await until(async () => (await store.funding.newestAt(runId, SYMBOL)) !== null, 'the payment is booked');
    expect(ends).toEqual([]);
    // What is paid is rounded up to whole atoms.
    expect(engine.setup.scale.quote(engine.state.position.fundingAtoms ?? 0)).toBe(
      `-${engine.setup.scale.quote(engine.setup.scale.atoms('0.123456789', 'up'))}`,
    );
    expect(await store.funding.known(account.id, SYMBOL, ['f1'])).toEqual(new Set(['f1']));
    expect(await store.funding.newestAt(runId, SYMBOL)).toBe(AT + 9);
  });
});
