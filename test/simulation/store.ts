/**
 * The Store port of one simulated process: every call travels to the database and back, may fail on the way, and may
 * have taken effect although no answer comes.
 */
import { PortError } from '#core/errors.ts';
import { isTerminal } from '#core/order.ts';
import type { OrderRecord } from '#core/store/orders.ts';
import type { Store } from '#core/store/store.ts';
import type { Scheduler, SimulatedProcess } from './clock.ts';
import type { Database } from './database.ts';
import type { Faults } from './faults.ts';

export const INSTALLATION = 7;
const TRAVEL_MS = 1;
/** A statement without an answer is given up after this long. */
const TIMEOUT_MS = 5_000;

export interface StoreParts {
  readonly database: Database;
  readonly scheduler: Scheduler;
  readonly faults: Faults;
  /** Until when the database does not answer, in true time. */
  readonly downUntil: () => number;
}

type Call = <Result>(work: () => Result) => Promise<Result>;

function caller({ database, scheduler, faults, downUntil }: StoreParts, process: SimulatedProcess): Call {
  return <Result>(work: () => Result) =>
    new Promise<Result>((resolve, reject) => {
      const fail = (outcome: 'failed' | 'unknown', ms: number): void => {
        process.later(ms, () => reject(new PortError('store_unavailable', 'the database does not answer', { outcome })));
      };
      const travelMs = TRAVEL_MS + (faults.strikes('databaseSlow') ? faults.length('databaseSlow') : 0);
      scheduler.schedule(travelMs, () => {
        if (scheduler.now < downUntil()) return fail('failed', TIMEOUT_MS * faults.draw('databaseDown'));
        if (faults.strikes('databaseFailed')) return fail('failed', TRAVEL_MS);
        const isLost = faults.strikes('databaseUnknown');
        if (isLost && faults.draw('databaseUnknown') < 0.4) return fail('unknown', TIMEOUT_MS);
        try {
          const result = database.transaction(work);
          if (isLost) fail('unknown', TIMEOUT_MS);
          else process.later(TRAVEL_MS, () => resolve(result));
        } catch (error) {
          process.later(TRAVEL_MS, () => reject(error instanceof Error ? error : new Error(String(error))));
        }
      });
    });
}

/** Renewals and beats have a lane of their own, which may hang while commits go on. */
function upkeepCaller({ scheduler, faults }: StoreParts, call: Call): Call {
  let hangsUntil = 0;
  return (work) =>
    call(() => {
      if (scheduler.now >= hangsUntil && faults.strikes('upkeepHangs')) hangsUntil = scheduler.now + faults.length('upkeepHangs');
      if (scheduler.now < hangsUntil && !faults.isHealed) throw new PortError('store_unavailable', 'the database does not answer', { outcome: 'failed' });
      return work();
    });
}

/** Nobody asks for backtests in a simulation. */
const NO_BACKTESTS: Store['backtests'] = {
  create: absent,
  list: absent,
  get: absent,
  begin: absent,
  progress: absent,
  finish: absent,
  cancel: absent,
  remove: absent,
  document: absent,
  unfinished: absent,
  addDataset: absent,
  packedDataset: absent,
  datasets: absent,
  dataset: absent,
  removeDataset: absent,
};

const NO_CHECKS: Store['checks'] = {
  create: absent,
  list: absent,
  get: absent,
  begin: absent,
  progress: absent,
  finish: absent,
  remove: absent,
  unfinished: absent,
};

/** Nor for optimisations. */
const NO_OPTIMIZATIONS: Store['optimizations'] = {
  create: absent,
  list: absent,
  get: absent,
  begin: absent,
  keepCandles: absent,
  candles: absent,
  keepChunk: absent,
  chunksDone: absent,
  chunksBefore: absent,
  finish: absent,
  change: absent,
  remove: absent,
  results: absent,
  result: absent,
  unfinished: absent,
};

const NO_TELEGRAM_USER: Store['telegramUser'] = {
  session: absent,
  keep: absent,
  mark: absent,
  drop: absent,
  readings: absent,
  bind: absent,
  move: absent,
  note: absent,
};

/** What trading never asks of a store. */
const UNUSED = {
  telegramUser: NO_TELEGRAM_USER,
  users: { create: absent, count: absent, byEmail: absent, byId: absent, owner: absent },
  refreshTokens: { insert: absent, rotate: absent, revokeFamilyOf: absent, aliveAmong: absent },
  backtests: NO_BACKTESTS,
  checks: NO_CHECKS,
  optimizations: NO_OPTIMIZATIONS,
  notices: {
    settings: absent,
    putSettings: absent,
    targets: absent,
    putTarget: absent,
    removeTarget: absent,
    targetByFingerprint: absent,
    switchOff: absent,
    spread: absent,
    list: absent,
    unread: absent,
    markRead: absent,
    markAllRead: absent,
    claim: absent,
    sent: absent,
    later: absent,
    dead: absent,
    deliveries: absent,
    retry: absent,
    keepSecret: absent,
  },
  chats: { issueCode: absent, redeem: absent, ofUser: absent, ofChat: absent, unlink: absent },
  chatUpdates: {
    takeTurn: absent,
    giveTurn: absent,
    setName: absent,
    name: absent,
    receive: absent,
    position: absent,
    claim: absent,
    settle: absent,
    forget: absent,
  },
  hooks: { put: absent, get: absent, change: absent, remove: absent, byHookId: absent, hasReceipt: absent, note: absent, forgetReceipts: absent },
  alerts: { create: absent, list: absent, get: absent, change: absent, remove: absent, active: absent, note: absent, trigger: absent },
  socketTickets: { insert: absent, take: absent },
  subscriptions: {
    get: absent,
    of: absent,
    list: absent,
    tellOfEnds: absent,
    grant: absent,
    giveUp: absent,
    addCode: absent,
    codes: absent,
    revokeCode: absent,
    redeem: absent,
    pay: absent,
  },
  live: { newestOrderEvent: absent, bots: absent, jobs: absent, openOrders: absent, orderEvents: absent, orders: absent },
  signalChoices: { get: absent, put: absent, hide: absent, hiddenOf: absent },
  signalTellings: { opened: absent, tellOpened: absent, closed: absent, tellClosed: absent, tellBeyond: absent, waiting: absent },
  quotes: { list: absent, state: absent, keep: absent },
  audit: { add: absent, list: absent, ofUser: absent },
  signals: { keep: absent, leftOpen: absent, list: absent, get: absent, history: absent, outcomes: absent, pointsAt: absent, remove: absent, waiters: absent },
  posts: {
    addSource: absent,
    changeSource: absent,
    removeSource: absent,
    source: absent,
    sources: absent,
    bindChannel: absent,
    ofChannel: absent,
    keep: absent,
    list: absent,
    get: absent,
    versions: absent,
    lastCall: absent,
    withdraw: absent,
    noteDeed: absent,
    dueClaims: absent,
    noteCheck: absent,
    openSignals: absent,
    signal: absent,
    signals: absent,
  },
  upkeep: {
    forgetSessions: absent,
    forgetTapes: absent,
    forgetEquity: absent,
    forgetFacts: absent,
    forgetNotices: absent,
    forgetCommands: absent,
    forgetSignals: absent,
    forgetSignalPoints: absent,
    forgetRemovedSignals: absent,
    forgetToldSignals: absent,
    forgetSignalHours: absent,
    forgetPosts: absent,
  },
  networkSources: { list: absent, set: absent, remove: absent },
} satisfies Partial<Store>;

/** The port as a process sees it. What the application does not use in a simulation throws. */
export function storeFor(parts: StoreParts, process: SimulatedProcess): Store {
  const { database, faults } = parts;
  const call = caller(parts, process);
  const upkeep = upkeepCaller(parts, call);
  return {
    ...UNUSED,
    installation: () => call(() => INSTALLATION),
    ping: () => call(() => undefined),
    close: () => Promise.resolve(),
    accounts: accountsOf(database, call),
    bots: botsOf(database, call),
    runs: {
      get: (id) => call(() => copy(database.runs.get(id) ?? null)),
      latest: absent,
      tape: absent,
      addEquity: () => call(() => undefined),
      equity: absent,
    },
    commit: (commit) => {
      // What is handed over is what is sent, whatever becomes of the objects afterwards.
      const sent = copy(commit);
      return call(() => database.commit(sent));
    },
    orders: ordersOf(database, call),
    commands: { request: absent, due: () => call(() => []) },
    programs: { add: absent, list: absent, get: absent, versions: absent, version: absent, choose: absent, remove: absent },
    actions: actionsOf(database, call),
    fills: {
      list: absent,
      feesOf: () => call(() => new Map()),
      known: (accountId, symbol, tradeIds) => call(() => new Set(tradeIds.filter((id) => database.fills.get(`${accountId} ${symbol} ${id}`) !== undefined))),
      paperFlows: absent,
      paperPositions: absent,
      totals: absent,
    },
    funding: { known: absent, newestAt: absent },
    leases: {
      acquire: (subject, owner, ttlMs) => call(() => database.acquire(subject, owner, ttlMs)),
      renew: (lease, ttlMs) =>
        upkeep(() => {
          // Leases run low while everything else goes on.
          if (faults.strikes('renewalFailed')) throw new PortError('store_unavailable', 'the lease could not be renewed', { outcome: 'failed' });
          return database.renew(lease, ttlMs);
        }),
      renewAll: (leases, ttlMs) =>
        upkeep(() => {
          if (faults.strikes('renewalFailed')) throw new PortError('store_unavailable', 'the leases could not be renewed', { outcome: 'failed' });
          return new Set(leases.filter((lease) => database.renew(lease, ttlMs)).map(({ subject }) => subject));
        }),
      release: (lease) => call(() => database.release(lease)),
      expireOthers: absent,
    },
    facts: { ofBot: absent, add: (fact) => call(() => database.addFact(fact)), failed: absent, parked: absent },
    stewardship: { due: () => call(() => database.dueAccounts()) },
    runners: {
      beat: (runner, ttlMs) => upkeep(() => database.beat(runner, ttlMs)),
      live: absent,
      leave: (id) => call(() => database.leaveRunner(id)),
      holding: absent,
    },
    // Looked at in every sweep; no fault of its own, so that it moves no other.
    operations: { overview: absent, bots: absent, observing: () => Promise.resolve(null), setObserving: absent },
    killSwitch: {
      set: (userId, isOn) => call(() => database.killSwitches.put(userId ?? '', isOn)),
      isOn: (userId) => call(() => database.isKilled(userId)),
      onAmong: (userIds) => call(() => new Set(userIds.filter((userId) => database.isKilled(userId)))),
    },
  };
}

function accountsOf(database: Database, call: Call): Store['accounts'] {
  return {
    create: absent,
    list: absent,
    get: (userId, id) =>
      call(() => {
        const account = database.accounts.get(id);
        return account?.userId === userId ? account : null;
      }),
    rename: absent,
    replaceKeys: absent,
    remove: absent,
    nextOrderSequence: (userId, id) =>
      call(() => {
        const account = database.accounts.get(id);
        if (account?.userId !== userId) return null;
        database.accounts.put(id, { ...account, orderSequence: account.orderSequence + 1 });
        return account.orderSequence + 1;
      }),
  };
}

function botsOf(database: Database, call: Call): Store['bots'] {
  return {
    create: absent,
    countByStatus: absent,
    list: absent,
    get: (userId, id) =>
      call(() => {
        const bot = database.bots.get(id);
        return bot?.userId === userId ? bot : null;
      }),
    update: absent,
    configs: absent,
    config: absent,
    remove: absent,
    setDesired: (userId, id, desired, at) => call(() => database.setDesired(userId, id, desired, at)),
    due: (which = 'all') => call(() => database.dueBots(which)),
    setStatus: (lease, botId, status, reason, at) =>
      call(() => {
        database.holdLease(lease);
        database.setStatus(botId, status, reason, at);
      }),
    beginRun: (lease, run, available) => call(() => database.beginRun(lease, run, available)),
  };
}

function ordersOf(database: Database, call: Call): Store['orders'] {
  const find = (isWanted: (order: OrderRecord) => boolean): OrderRecord | null => database.orders.values().find(isWanted) ?? null;
  return {
    list: absent,
    get: (userId, id) => call(() => find((order) => order.userId === userId && order.id === id)),
    life: absent,
    requestCancels: absent,
    byIdempotencyKey: (userId, key) =>
      call(() => {
        const order = database.orders.values().find((each) => each.userId === userId && each.idempotency?.key === key);
        return order === undefined ? null : { order, request: order.idempotency?.request ?? null };
      }),
    wishedOff: () =>
      call(() =>
        database.orders
          .values()
          .filter((order) => order.runId !== null && order.cancelRequestedAt !== null && !isTerminal(order.state) && order.state !== 'cancelling')
          .flatMap(({ botId, clientOrderId }) => (botId === null ? [] : [{ botId, clientOrderId }])),
      ),
    request: ({ idempotency, actions = null, ...order }) =>
      call(() => {
        const known = idempotency === null ? undefined : database.orders.values().find((other) => other.idempotency?.key === idempotency.key);
        return known ?? database.insertOrder(order, idempotency, order.createdAt, actions);
      }),
    requestCancel: (userId, id, at) =>
      call(() => {
        const order = database.orders.values().find((each) => each.userId === userId && each.id === id);
        if (order === undefined) return null;
        if (isTerminal(order.state)) return 'notOpen';
        const next = { ...order, cancelRequestedAt: order.cancelRequestedAt ?? at, updatedAt: at };
        database.orders.put(order.clientOrderId, next);
        return next;
      }),
    alive: (accountId, runId) =>
      call(() =>
        database.orders
          .values()
          .filter((order) => order.accountId === accountId && !isTerminal(order.state) && (runId === undefined || order.runId === runId))
          .sort((a, b) => a.createdAt - b.createdAt || (a.clientOrderId < b.clientOrderId ? -1 : 1)),
      ),
    aliveOnPaper: absent,
    byClientOrderId: (clientOrderId) => call(() => database.orders.get(clientOrderId) ?? null),
    byVenueOrderId: (accountId, symbol, venueOrderId) =>
      call(() => find((order) => order.accountId === accountId && order.symbol === symbol && order.venueOrderId === venueOrderId)),
  };
}

function actionsOf({ actions, orders }: Database, call: Call): Store['actions'] {
  return {
    alive: (accountId) =>
      call(() =>
        actions.aliveOf(accountId).flatMap((record) => {
          const root = orders.values().find((order) => order.id === record.orderId);
          return root === undefined ? [] : [{ root, actions: record }];
        }),
      ),
    of: (userId, orderIds) => call(() => actions.of(userId, orderIds)),
    callOff: (userId, orderId, at) => call(() => actions.callOff(userId, orderId, at)),
    tape: (userId, orderId, after, limit) => call(() => (actions.of(userId, [orderId]).size === 0 ? [] : actions.tape(orderId, after).slice(0, limit))),
  };
}

function absent(): never {
  throw new Error('the simulated database does not have this');
}

/** Nothing crosses the wire by reference. */
function copy<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value)) as Value;
}
