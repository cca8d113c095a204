/**
 * People, an account and a bot with an open run in a store: the least that trading state needs around it.
 */
import { newRunState } from '#core/engine/run-state.ts';
import type { AccountRecord } from '#core/store/accounts.ts';
import type { BotRecord } from '#core/store/bots.ts';
import type { Commit } from '#core/store/commit.ts';
import type { Lease } from '#core/store/leases.ts';
import type { NewOrder } from '#core/store/orders.ts';
import type { RunRecipe } from '#core/store/runs.ts';
import type { Store } from '#core/store/store.ts';

export const AT = 1_700_000_000_000;
const TERM_MS = 60_000;

export const RECIPE: RunRecipe = {
  strategy: 'grid',
  strategyVersion: 1,
  params: { levels: 3 },
  instrument: {
    venue: 'paper',
    symbol: 'BTC/USDT',
    base: 'BTC',
    quote: 'USDT',
    kind: 'spot',
    settle: 'USDT',
    perpetual: null,
    priceIncrement: '0.01',
    sizeIncrement: '0.00001',
    minPrice: '0.01',
    maxPrice: null,
    minSize: '0.00001',
    maxSize: null,
    minNotional: '5',
    makerFeeRate: '0.001',
    takerFeeRate: '0.001',
    status: 'trading',
  },
  feeAsset: 'received',
  limits: { budgetAtoms: 1, maxOrderAtoms: 1, maxOpenOrders: 100, priceCollar: 0.1, ordersPerMinute: 100 },
  lentGrains: 0,
  installation: 1,
  botNumber: 1,
  mode: 'paper',
};

let count = 0;

/** Text that differs every time. */
export function unique(word: string): string {
  count += 1;
  return `${word}-${count}`;
}

export async function makeUser(store: Store): Promise<string> {
  const id = unique('user');
  await store.users.create({ id, email: `${id}@example.org`, passwordHash: 'hash', at: AT });
  return id;
}

export async function makeAccount(store: Store, userId: string): Promise<AccountRecord> {
  return store.accounts.create({ id: unique('account'), userId, name: 'Paper', exchange: 'paper', sealed: null, keyVersion: 0, keyHint: null, createdAt: AT });
}

export async function makeBot(store: Store, userId: string, accountId: string): Promise<BotRecord> {
  return store.bots.create({
    id: unique('bot'),
    userId,
    accountId,
    name: unique('Grid'),
    strategy: 'grid',
    symbol: 'BTC/USDT',
    mode: 'paper',
    config: { levels: 3 },
    at: AT,
  });
}

export async function holdLease(store: Store, subject: string, owner = 'owner-1'): Promise<Lease> {
  const lease = await store.leases.acquire(subject, owner, TERM_MS);
  if (lease === null) throw new Error(`${subject} is held by another`);
  return lease;
}

export interface TradingWorld {
  readonly store: Store;
  readonly userId: string;
  readonly account: AccountRecord;
  readonly bot: BotRecord;
  readonly lease: Lease;
  readonly runId: string;
}

/** A user with a bot whose run was promised 1000 USDT. */
export async function makeTradingWorld(store: Store): Promise<TradingWorld> {
  const userId = await makeUser(store);
  const account = await makeAccount(store, userId);
  const bot = await makeBot(store, userId, account.id);
  const lease = await holdLease(store, `bot:${bot.id}`);
  const runId = unique('run');
  const begun = await store.bots.beginRun(
    lease,
    { id: runId, botId: bot.id, userId, accountId: account.id, recipe: RECIPE, needs: [{ asset: 'USDT', amount: '1000' }], at: AT },
    [{ asset: 'USDT', amount: '1000' }],
  );
  if (begun.outcome !== 'begun') throw new Error('the run did not begin');
  return { store, userId, account, bot, lease, runId };
}

export function newOrder(world: TradingWorld, changes: Partial<NewOrder> = {}): NewOrder {
  return {
    id: unique('order'),
    clientOrderId: unique('client'),
    userId: world.userId,
    accountId: world.account.id,
    botId: world.bot.id,
    runId: world.runId,
    symbol: 'BTC/USDT',
    side: 'buy',
    type: 'limit',
    timeInForce: 'gtc',
    postOnly: false,
    price: '100',
    triggerPrice: null,
    size: '2',
    state: 'submitting',
    reasonCode: null,
    reason: null,
    tag: 'level:1:buy',
    deadlineAt: AT + 5_000,
    createdAt: AT,
    ...changes,
  };
}

export function newFill(clientOrderId: string, changes: Partial<Commit['fills'][number]> = {}): Commit['fills'][number] {
  return {
    tradeId: unique('trade'),
    venueOrderId: unique('venue-order'),
    clientOrderId,
    symbol: 'BTC/USDT',
    side: 'buy',
    price: '100',
    size: '1',
    feeAsset: 'BTC',
    feeAmount: '0.001',
    isMaker: true,
    at: AT,
    ...changes,
  };
}

/** A commit of the world's run that changes nothing but what is given. */
export function newCommit(world: TradingWorld, changes: Partial<Commit> = {}): Commit {
  return {
    lease: world.lease,
    userId: world.userId,
    accountId: world.account.id,
    botId: world.bot.id,
    run: { id: world.runId, entries: [], state: newRunState(1, 100), end: null },
    newOrders: [],
    orderChanges: [],
    fills: [],
    facts: [],
    status: null,
    at: AT,
    ...changes,
  };
}

/** A run's part of a commit with one journal line of this number. */
export function entryOf(world: TradingWorld, sequence: number): NonNullable<Commit['run']> {
  return {
    id: world.runId,
    entries: [{ sequence, event: { type: 'pauseRequested', at: AT + sequence }, commands: [] }],
    state: newRunState(1, 100),
    end: null,
  };
}
