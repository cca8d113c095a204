/** The database of the simulation must refuse and keep what PostgreSQL refuses and keeps, or the simulation proves nothing. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newActionState } from '#core/actions/action-state.ts';
import { PLAN } from '#core/actions/actions.fixture.ts';
import { PortError } from '#core/errors.ts';
import type { OrderState } from '#core/order.ts';
import type { Commit } from '#core/store/commit.ts';
import type { Lease } from '#core/store/leases.ts';
import type { NewOrder } from '#core/store/orders.ts';
import type { Store } from '#core/store/store.ts';
import { createTestStore, type TestStore } from '../support/database.ts';
import { AT, holdLease, makeTradingWorld, newCommit, newFill, newOrder, RECIPE, type TradingWorld } from '../support/trading-world.ts';
import { type Random, seeded } from '../venues/_random.ts';
import { Scheduler, SimulatedProcess } from './clock.ts';
import { Database } from './database.ts';
import { Faults, KNOB_NAMES } from './faults.ts';
import { storeFor } from './store.ts';

const STEPS = 120;
const SEEDS = [1, 2, 3, 4, 5, 6];
const STATES: readonly OrderState[] = ['submitting', 'accepted', 'partiallyFilled', 'filled', 'cancelling', 'cancelled', 'unknown', 'rejected', 'expired'];
const SILENT = { onOrder: () => undefined, onFill: () => undefined, onSubmitting: () => undefined, onRunBegun: () => undefined, onRunEnded: () => undefined };

let real: TestStore;
beforeAll(async () => {
  real = await createTestStore();
});
afterAll(() => real.drop());

/** The simulated store with the same account, bot and first run as the real one. */
function simulatedTwin(world: TradingWorld, steward?: Lease): Store {
  const scheduler = new Scheduler();
  const process = new SimulatedProcess('twin', scheduler);
  const database = new Database(() => scheduler.now, SILENT);
  database.accounts.put(world.account.id, { ...world.account, orderSequence: 0 });
  database.bots.put(world.bot.id, world.bot);
  database.acquire(world.lease.subject, world.lease.owner, 60_000);
  if (steward !== undefined) database.acquire(steward.subject, steward.owner, 60_000);
  database.beginRun(
    world.lease,
    {
      id: world.runId,
      botId: world.bot.id,
      userId: world.userId,
      accountId: world.account.id,
      recipe: RECIPE,
      needs: [{ asset: 'USDT', amount: '1000' }],
      at: AT,
    },
    [{ asset: 'USDT', amount: '1000' }],
  );
  const store = storeFor({ database, scheduler, faults: new Faults(0, { off: new Set(KNOB_NAMES) }), downUntil: () => 0 }, process);
  const pump = async (): Promise<void> => scheduler.runUntil(scheduler.now + 5, () => false);
  return pumping(store, pump);
}

/** Lets time pass in the simulation while a call is under way. */
function pumping<Value extends object>(value: Value, pump: () => Promise<void>): Value {
  return new Proxy(value, {
    get: (target, key) => {
      const member: unknown = Reflect.get(target, key);
      if (typeof member === 'object' && member !== null) return pumping(member, pump);
      if (typeof member !== 'function') return member;
      return async (...args: unknown[]) => {
        const work: Promise<unknown> = member.apply(target, args);
        work.catch(() => undefined);
        await pump();
        return work;
      };
    },
  });
}

async function answerOf(work: Promise<unknown>): Promise<unknown> {
  try {
    return (await work) ?? 'done';
  } catch (error) {
    if (error instanceof PortError) return error.code;
    return error instanceof Error ? error.message : String(error);
  }
}

type Step = (store: Store) => Promise<unknown>;

/** One random wish, the same for both. */
class Wishes {
  readonly orders: string[] = [];
  readonly trades: string[] = [];
  readonly #world: TradingWorld;
  readonly #random: Random;
  /** Fills that both have taken. */
  readonly #booked: Commit['fills'][number][] = [];
  #sequence = 0;
  #lease: Lease;

  constructor(world: TradingWorld, random: Random) {
    this.#world = world;
    this.#random = random;
    this.#lease = world.lease;
  }

  #pick<Item>(items: readonly Item[]): Item | undefined {
    return items[Math.floor(this.#random() * items.length)];
  }

  next(): { readonly name: string; readonly run: Step; readonly took: (answer: unknown) => void } {
    const dice = this.#random();
    const { subject } = this.#lease;
    const nothing = (): void => undefined;
    const owner = this.#pick(['owner-1', 'owner-2']) ?? '';
    const ttlMs = this.#random() < 0.4 ? -1_000 : 60_000;
    const taken = (answer: unknown): void => {
      if (typeof answer === 'object' && answer !== null) this.#lease = answer as Lease;
    };
    if (dice < 0.1) return { name: `acquire ${owner} ${ttlMs}`, run: (store) => store.leases.acquire(subject, owner, ttlMs), took: taken };
    const lease = this.#lease;
    if (dice < 0.14) return { name: 'renew', run: (store) => store.leases.renew(lease, 60_000), took: nothing };
    if (dice < 0.16) return { name: 'release', run: (store) => store.leases.release(lease), took: nothing };
    const isOn = this.#random() < 0.15;
    if (dice < 0.2) return { name: `kill ${isOn}`, run: (store) => store.killSwitch.set(this.#world.userId, isOn, '', AT), took: nothing };
    if (dice < 0.24) {
      const desired = this.#pick(['running', 'paused', 'stopped'] as const) ?? 'stopped';
      return {
        name: desired,
        run: async (store) => (await store.bots.setDesired(this.#world.userId, this.#world.bot.id, desired, AT))?.desired,
        took: nothing,
      };
    }
    const commit = this.#commit();
    return {
      name: `commit ${JSON.stringify({ ...commit, run: { ...commit.run, state: null } })}`,
      run: (store) => store.commit(commit),
      took: (answer) => {
        if (answer !== 'done') return;
        this.#sequence += commit.run?.entries.length ?? 0;
        this.#booked.push(...commit.fills);
      },
    };
  }

  #commit(): Commit {
    const world = { ...this.#world, lease: this.#lease };
    const base = newCommit(world);
    const newOrders = this.#random() < 0.5 ? [newOrder(world, { size: this.#pick(['1', '3', '6']) ?? '1', side: this.#random() < 0.7 ? 'buy' : 'sell' })] : [];
    const known = this.#pick(this.orders);
    const state = this.#pick(STATES);
    const orderChanges =
      known !== undefined && this.#random() < 0.6 ? [{ clientOrderId: known, ...(state === undefined ? {} : { state }), venueOrderId: `v-${known}` }] : [];
    const filled = this.#pick(this.orders);
    const side = this.#random() < 0.7 ? 'buy' : 'sell';
    const again = this.#random() < 0.2 ? this.#pick(this.#booked) : undefined;
    const fresh = filled !== undefined && this.#random() < 0.4 ? [newFill(filled, { side, size: '0.5' })] : [];
    const fills = again === undefined ? fresh : [again];
    for (const order of newOrders) this.orders.push(order.clientOrderId);
    for (const fill of fills) this.trades.push(fill.tradeId);
    const sequence = this.#sequence + (this.#random() < 0.1 ? 2 : 1);
    const entries = [{ sequence, event: { type: 'pauseRequested' as const, at: AT }, commands: [] }];
    const status = this.#random() < 0.3 ? { status: this.#pick(['running', 'paused', 'error'] as const) ?? 'running', reason: '' } : null;
    return { ...base, run: base.run === null ? null : { ...base.run, entries }, newOrders, orderChanges, fills, status };
  }
}

async function view(store: Store, world: TradingWorld, wishes: Wishes): Promise<unknown> {
  const orders = [];
  for (const id of wishes.orders) {
    const order = await store.orders.byClientOrderId(id);
    orders.push(order === null ? null : [id, order.state, Number(order.filledSize), Number(order.filledQuote), order.venueOrderId]);
  }
  const run = await store.runs.get(world.runId);
  return {
    orders,
    alive: (await store.orders.alive(world.account.id, world.runId)).map((order) => order.clientOrderId).sort(),
    trades: [...(await store.fills.known(world.account.id, 'BTC/USDT', wishes.trades))].sort(),
    run: [run?.sequence, run?.endedAt ?? null],
    due: (await store.bots.due()).filter((bot) => bot.id === world.bot.id).map((bot) => [bot.desired, bot.status]),
    stewards: (await store.stewardship.due()).filter(({ account }) => account.id === world.account.id).length,
    isKilled: await store.killSwitch.isOn(world.userId),
  };
}

describe('the database of the simulation', () => {
  it.each(SEEDS)('answers %i like PostgreSQL, whatever is wished', { timeout: 60_000 }, async (seed) => {
    const world = await makeTradingWorld(real.store);
    const twin = simulatedTwin(world);
    const wishes = new Wishes(world, seeded(seed));
    for (let step = 0; step < STEPS; step += 1) {
      const { name, run, took } = wishes.next();
      const [expected, given] = [await answerOf(run(real.store)), await answerOf(run(twin))];
      expect(given, `seed ${seed}, step ${step}: ${name}`).toEqual(expected);
      took(expected);
      if (step % 10 === 0) expect(await view(twin, world, wishes), `seed ${seed}, after step ${step}: ${name}`).toEqual(await view(real.store, world, wishes));
    }
    expect(await view(twin, world, wishes)).toEqual(await view(real.store, world, wishes));
  });
});

const RULES = { opposite: { kind: 'step', step: '50' }, placeAgainTimes: null, cancelRestAfterSeconds: null, takeProfit: null, stopLoss: null } as const;
const STATUSES = ['active', 'active', 'active', 'finished', 'failed', 'calledOff'] as const;

/** Random wishes about automatic actions of orders placed by hand. */
class ActionWishes {
  readonly roots: NewOrder[] = [];
  readonly children: string[] = [];
  readonly #world: TradingWorld;
  readonly #lease: Lease;
  readonly #random: Random;
  /** How far the tape of each root has come, by its id. */
  readonly #sequences = new Map<string, number>();

  constructor(world: TradingWorld, lease: Lease, random: Random) {
    this.#world = world;
    this.#lease = lease;
    this.#random = random;
  }

  next(step: number): { readonly name: string; readonly run: Step; readonly took: (answer: unknown) => void } {
    const root = this.roots[Math.floor(this.#random() * this.roots.length)];
    const dice = this.#random();
    if (root === undefined || dice < 0.15) {
      const order = newOrder(this.#world, {
        botId: null,
        runId: null,
        state: 'initialized',
        deadlineAt: null,
        reduceOnly: this.#random() < 0.3,
        createdAt: AT + step,
      });
      this.roots.push(order);
      const actions = this.#random() < 0.8 ? { rules: RULES, plan: PLAN, state: newActionState(PLAN) } : null;
      return { name: 'request', run: async (store) => (await store.orders.request({ ...order, idempotency: null, actions })).id, took: () => undefined };
    }
    if (dice < 0.25) {
      const who = this.#random() < 0.8 ? this.#world.userId : 'somebody else';
      return { name: `call off ${root.id}`, run: (store) => store.actions.callOff(who, root.id, AT + step), took: () => undefined };
    }
    const commit = this.#commit(root, step);
    return {
      name: `advance ${JSON.stringify(commit.actions)}`,
      run: (store) => store.commit(commit),
      took: (answer) => {
        if (answer === 'done') this.#sequences.set(root.id, (this.#sequences.get(root.id) ?? 0) + (commit.actions?.[0]?.steps.length ?? 0));
      },
    };
  }

  #commit(root: NewOrder, step: number): Commit {
    const from = (this.#sequences.get(root.id) ?? 0) + (this.#random() < 0.15 ? 2 : 1);
    const steps = Array.from({ length: 1 + Math.floor(this.#random() * 2) }, (_, index) => ({
      sequence: from + index,
      event: { type: 'timeReached' as const, at: AT + step },
      commands: [],
    }));
    const status = STATUSES[Math.floor(this.#random() * STATUSES.length)] ?? 'active';
    const child = newOrder(this.#world, { botId: null, runId: null, parentOrderId: root.id, side: 'sell', tag: 'action:opposite' });
    const newOrders = this.#random() < 0.3 ? [child] : [];
    for (const order of newOrders) this.children.push(order.clientOrderId);
    const wished = this.#random() < 0.2 ? [{ clientOrderId: root.clientOrderId, cancelRequestedAt: AT + step, reasonCode: 'by_rule', reason: 'a rule' }] : [];
    const state = { ...newActionState(PLAN), status, nextIndex: 1 + step };
    const actions = [{ orderId: root.id, steps, state, notes: [] }];
    return newCommit(this.#world, { lease: this.#lease, botId: null, run: null, newOrders, orderChanges: wished, actions, at: AT + step });
  }
}

async function actionsView(store: Store, world: TradingWorld, wishes: ActionWishes): Promise<unknown> {
  const ids = wishes.roots.map((root) => root.id);
  const orders = [];
  for (const id of [...wishes.roots.map((root) => root.clientOrderId), ...wishes.children]) {
    const order = await store.orders.byClientOrderId(id);
    orders.push(order === null ? null : [id, order.state, order.parentOrderId, order.reduceOnly, order.cancelRequestedAt, order.reasonCode]);
  }
  return {
    orders,
    alive: (await store.actions.alive(world.account.id)).map(({ root, actions }) => [root.id, actions]),
    of: Object.fromEntries(await store.actions.of(world.userId, ids)),
    foreign: (await store.actions.of('somebody else', ids)).size,
    tapes: await Promise.all(ids.map((id) => store.actions.tape(world.userId, id, 1, 5))),
  };
}

describe('the actions in the database of the simulation', () => {
  it.each(SEEDS)('stand like those in PostgreSQL, whatever is wished (%i)', { timeout: 60_000 }, async (seed) => {
    const world = await makeTradingWorld(real.store);
    const lease = await holdLease(real.store, `account:${world.account.id}`);
    const twin = simulatedTwin(world, lease);
    const wishes = new ActionWishes(world, lease, seeded(seed));
    for (let step = 0; step < STEPS; step += 1) {
      const { name, run, took } = wishes.next(step);
      const [expected, given] = [await answerOf(run(real.store)), await answerOf(run(twin))];
      expect(given, `seed ${seed}, step ${step}: ${name}`).toEqual(expected);
      took(expected);
    }
    const seen = await actionsView(real.store, world, wishes);
    expect(await actionsView(twin, world, wishes)).toEqual(seen);
    expect(wishes.children.length).toBeGreaterThan(0);
  });
});
