/** Automatic actions, as every store keeps them: stored with their order, advanced by one owner, a step at a time. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ActionAdvance } from '#core/actions/action-record.ts';
import { type ActionState, newActionState } from '#core/actions/action-state.ts';
import { PLAN } from '#core/actions/actions.fixture.ts';
import type { NewOrder } from '#core/store/orders.ts';
import { createTestStore, type TestStore } from '#test/support/database.ts';
import { AT, holdLease, makeTradingWorld, newCommit, newFill, newOrder, type TradingWorld } from '#test/support/trading-world.ts';

let database: TestStore;
beforeAll(async () => {
  database = await createTestStore();
});
afterAll(() => database.drop());

const store = () => database.store;
const conflict = expect.objectContaining({ name: 'PortError', code: 'store_conflict' });
const RULES = { opposite: { kind: 'step', step: '50' }, placeAgainTimes: null, cancelRestAfterSeconds: null, takeProfit: null, stopLoss: null } as const;

interface Acting {
  readonly world: TradingWorld;
  readonly root: NewOrder;
  commit(changes: Parameters<typeof newCommit>[1]): Promise<void>;
}

/** An order placed by hand with rules, and its account's steward. */
async function acting(): Promise<Acting> {
  const world = await makeTradingWorld(store());
  const root = newOrder(world, { botId: null, runId: null, state: 'initialized', deadlineAt: null });
  await store().orders.request({ ...root, idempotency: null, actions: { rules: RULES, plan: PLAN, state: newActionState(PLAN) } });
  const lease = await holdLease(store(), `account:${world.account.id}`);
  return { world, root, commit: (changes) => store().commit(newCommit(world, { lease, botId: null, run: null, ...changes })) };
}

function advance(root: NewOrder, from: number, change: Partial<ActionState> = {}, relatedOrderId: string | null = null): ActionAdvance {
  return {
    orderId: root.id,
    steps: [{ sequence: from, event: { type: 'timeReached', at: AT + from }, commands: [] }],
    state: { ...newActionState(PLAN), ...change },
    notes: [{ at: AT + from, reasonCode: 'opposite_placed', reason: 'placed', relatedOrderId }],
  };
}

describe('automatic actions', () => {
  it('are stored with their order, and make its account need a steward until they are over', async () => {
    const { world, root, commit } = await acting();
    await store().bots.setDesired(world.userId, world.bot.id, 'stopped', AT);
    await database.query('update runs set ended_at = 1, end_reason = $2 where id = $1', [world.runId, 'over']);
    const needsSteward = async () => (await store().stewardship.due()).some(({ account }) => account.id === world.account.id);
    expect(await store().actions.alive(world.account.id)).toEqual([
      {
        root: expect.objectContaining({ id: root.id, state: 'initialized' }),
        actions: { orderId: root.id, rules: RULES, plan: PLAN, state: newActionState(PLAN), sequence: 0, calledOffAt: null },
      },
    ]);
    await commit({ orderChanges: [{ clientOrderId: root.clientOrderId, state: 'denied' }] });
    expect(await needsSteward(), 'its order is over, its actions are not').toBe(true);
    await commit({ actions: [advance(root, 1, { status: 'finished' })] });
    expect([await needsSteward(), await store().actions.alive(world.account.id)]).toEqual([false, []]);
  });

  it('advance in the transaction of the step, with a line in the life of their order and a tape', async () => {
    const { world, root, commit } = await acting();
    const leg = newOrder(world, { botId: null, runId: null, parentOrderId: root.id, side: 'sell', tag: 'action:opposite' });
    await commit({ newOrders: [leg], actions: [advance(root, 1, { nextIndex: 2 }, leg.id)] });
    await commit({ actions: [advance(root, 2, { nextIndex: 3 })] });
    expect((await store().actions.of(world.userId, [root.id, leg.id])).get(root.id)).toMatchObject({ sequence: 2, state: { nextIndex: 3 } });
    expect((await store().actions.tape(world.userId, root.id, 0, 10)).map(({ sequence, event }) => [sequence, event.at])).toEqual([
      [1, AT + 1],
      [2, AT + 2],
    ]);
    expect(await store().actions.tape(world.userId, root.id, 1, 10)).toHaveLength(1);
    const [, note] = (await store().orders.life(world.userId, root.id, { limit: 10, cursor: null })).items;
    expect(note).toMatchObject({ type: 'action', reasonCode: 'opposite_placed', relatedOrderId: leg.id });
    expect(await store().orders.get(world.userId, leg.id)).toMatchObject({ parentOrderId: root.id });
  });

  it.each([
    ['a step that is there already', 1],
    ['a step too far', 3],
  ])('refuse %s, and nothing of its commit is kept', async (_name, from) => {
    const { world, root, commit } = await acting();
    await commit({ actions: [advance(root, 1)] });
    const leg = newOrder(world, { botId: null, runId: null, parentOrderId: root.id });
    const refused = commit({ newOrders: [leg], fills: [newFill(leg.clientOrderId)], actions: [advance(root, from)] });
    await expect(refused).rejects.toEqual(conflict);
    expect(await store().orders.get(world.userId, leg.id)).toBeNull();
  });

  it('that are over advance no more', async () => {
    const { root, commit } = await acting();
    await commit({ actions: [advance(root, 1, { status: 'failed' })] });
    await expect(commit({ actions: [advance(root, 2)] })).rejects.toEqual(conflict);
  });

  it('are called off by their user only, and only while they are active', async () => {
    const { world, root, commit } = await acting();
    expect(await store().actions.callOff('somebody else', root.id, AT + 1)).toBeNull();
    expect(await store().actions.callOff(world.userId, root.id, AT + 1)).toBe('noted');
    expect(await store().actions.callOff(world.userId, root.id, AT + 2)).toBe('noted');
    expect((await store().actions.alive(world.account.id))[0]?.actions.calledOffAt).toBe(AT + 1);
    await commit({ actions: [advance(root, 1, { status: 'calledOff' })] });
    expect(await store().actions.callOff(world.userId, root.id, AT + 3)).toBe('over');
    expect(await store().actions.tape('somebody else', root.id, 0, 10)).toEqual([]);
    expect((await store().actions.of('somebody else', [root.id])).size).toBe(0);
  });
});
