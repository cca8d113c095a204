/**
 * The planted bugs: each is a mistake that a protocol like ours could plausibly contain, and the simulation must find
 * every one of them. One that it cannot find says that the simulation does not test what it seems to.
 */

import { VenueMailReader } from '#app/desk/venue-mail.ts';
import { HeldLease } from '#app/fleet/lease-keeper.ts';
import { Steward } from '#app/orders/steward.ts';
import { LiveRun } from '#app/run/live-run.ts';
import { Engine } from '#core/engine/engine.ts';
import { PortError } from '#core/errors.ts';
import { TRANSITIONS } from '#core/order.ts';
import type { Store } from '#core/store/store.ts';
import { ACTION_MUTANTS } from './action-mutants.ts';
import { type Mutant, overSession, overStore, patched, withCapabilities } from './mutant.ts';

const transitions = TRANSITIONS as Record<string, Record<string, string>>;

const BOOKS: readonly Mutant[] = [
  { name: 'a commit does not check the lease', rules: { holdsLease: false } },
  { name: 'a change of owner does not raise the epoch', rules: { raisesEpoch: false } },
  { name: 'a lease can be taken before it has run out', rules: { expiresLeases: false } },
  { name: 'a commit may place orders under a kill switch', rules: { obeysKillSwitch: false } },
  { name: 'claims of other runs are not set aside', rules: { setsClaimsAside: false } },
  {
    name: 'a fill is booked as often as it is told',
    rules: { fillsAreUnique: false },
    wrapStore: (store) => overStore(store, { fills: { ...store.fills, known: () => Promise.resolve(new Set()) } }),
  },
  {
    name: 'a run may use three times what it was promised',
    rules: { keepsBudget: false },
    wrapStore: (store) =>
      overStore(store, {
        bots: {
          ...store.bots,
          beginRun: (lease, run, available) => {
            const limits = { ...run.recipe.limits, budgetAtoms: run.recipe.limits.budgetAtoms * 3 };
            const needs = run.needs.map((need) => ({ ...need, amount: String(Math.floor(Number(need.amount) / 3)) }));
            return store.bots.beginRun(lease, { ...run, needs, recipe: { ...run.recipe, limits } }, available);
          },
        },
      }),
  },
  {
    name: 'a commit without an answer counts as done',
    wrapStore: (store) =>
      overStore(store, {
        commit: async (commit) => {
          try {
            await store.commit(commit);
          } catch (error) {
            if (!(error instanceof PortError) || error.outcome !== 'unknown') throw error;
          }
        },
      }),
  },
  {
    name: 'orders leave before their commit has ended',
    wrapStore: (store) =>
      overStore(store, {
        commit: (commit) => {
          const work = store.commit(commit);
          work.catch(() => undefined);
          return commit.newOrders.length > 0 ? Promise.resolve() : work;
        },
      }),
  },
  {
    name: 'facts are written after the commit',
    wrapStore: (store) =>
      overStore(store, {
        commit: async (commit) => {
          await store.commit({ ...commit, facts: [] });
          for (const fact of commit.facts) store.facts.add(fact).catch(() => undefined);
        },
      }),
  },
  { name: 'a snapshot lags behind its journal', wrapStore: laggingSnapshots },
];

function laggingSnapshots(store: Store): Store {
  const last = new Map<string, NonNullable<Parameters<Store['commit']>[0]['run']>['state']>();
  return overStore(store, {
    commit: (commit) => {
      const { run } = commit;
      if (run === null || commit.newOrders.length > 0) return store.commit(commit);
      const state = structuredClone(run.state);
      const stale = last.get(run.id) ?? state;
      last.set(run.id, state);
      return store.commit({ ...commit, run: { ...run, state: stale } });
    },
  });
}

const REQUESTS: readonly Mutant[] = [
  {
    name: 'the request time is not fixed before sending',
    wrapVenue: overSession((session, process) => ({
      place: async (order, window) => {
        const aheadMs = window.timestampMs - process.clock.now();
        return session.place(order, {
          get timestampMs() {
            return process.clock.now() + aheadMs;
          },
          windowMs: window.windowMs,
        });
      },
    })),
  },
  {
    name: 'the request window is ten times as long as agreed',
    wrapVenue: overSession((session) => ({ place: (order, window) => session.place(order, { ...window, windowMs: window.windowMs * 10 }) })),
  },
  {
    name: 'an order without an answer is sent again',
    wrapVenue: overSession((session) => ({
      place: async (order, window) => {
        const outcome = await session.place(order, window);
        return outcome.outcome === 'unknown' ? session.place(order, window) : outcome;
      },
    })),
  },
  {
    name: 'an order without an answer counts as refused',
    wrapVenue: overSession((session) => ({
      place: async (order, window) => {
        const outcome = await session.place(order, window);
        return outcome.outcome === 'unknown' ? { ...outcome, outcome: 'rejected' } : outcome;
      },
    })),
  },
  { name: 'absence is believed as soon as the window has ended', wrapVenue: withCapabilities({ absenceMarginMs: 0 }) },
  { name: 'an order that is not found was never placed', wrapVenue: withCapabilities({ absenceMarginMs: -60_000 }) },
  {
    name: 'a failed query counts as not found',
    wrapVenue: overSession((session) => ({ findOrder: (id, symbol) => session.findOrder(id, symbol).catch(() => null) })),
  },
  { name: 'a cancel counts as done without asking', wrapVenue: cancelsBelieved(() => true) },
  { name: 'a cancel without an answer counts as done', wrapVenue: cancelsBelieved((outcome) => outcome === 'unknown') },
  { name: 'the venue is never asked what is open', wrapVenue: overSession(() => ({ openOrders: () => new Promise(() => undefined) })) },
  {
    name: 'executions are taken from the stream alone',
    wrapVenue: overSession(() => ({ fillsSince: () => Promise.resolve([]), fillsOf: () => Promise.resolve([]) })),
  },
];

/** After a cancel that is believed every question about the order hears that it is over. */
function cancelsBelieved(isBelieved: (outcome: string) => boolean): NonNullable<Mutant['wrapVenue']> {
  return overSession((session) => {
    const cancelled = new Set<string>();
    return {
      cancel: async (id, symbol) => {
        const outcome = isBelieved('') ? ({ outcome: 'done' } as const) : await session.cancel(id, symbol);
        if (isBelieved(outcome.outcome)) cancelled.add(id);
        return cancelled.has(id) ? { outcome: 'done' } : outcome;
      },
      findOrder: async (id, symbol) => {
        const found = await session.findOrder(id, symbol);
        return found?.status === 'open' && cancelled.has(id) ? { ...found, status: 'cancelled' } : found;
      },
    };
  });
}

const TAKING_OVER: readonly Mutant[] = [
  { name: 'the lease need not outlast the window', patch: patched(HeldLease.prototype, 'holdUntil', () => () => Promise.resolve(true)) },
  {
    name: 'a new owner forgets what was being sent',
    wrapStore: (store) =>
      overStore(store, {
        runs: {
          ...store.runs,
          get: async (id) => {
            const run = await store.runs.get(id);
            if (run?.state) run.state.orders = run.state.orders.filter((order) => order.state !== 'submitting');
            return run;
          },
        },
      }),
  },
  {
    name: 'a new steward sends again what was being sent',
    rules: { sendsOnce: false },
    wrapStore: (store) =>
      overStore(store, {
        orders: {
          ...store.orders,
          alive: async (accountId, runId) => {
            const orders = await store.orders.alive(accountId, runId);
            return runId === null ? orders.map((order) => (order.state === 'submitting' ? { ...order, state: 'initialized' } : order)) : orders;
          },
        },
      }),
  },
  {
    name: 'nobody takes over a bot that runs',
    wrapStore: (store) => overStore(store, { bots: { ...store.bots, due: async () => (await store.bots.due()).filter((bot) => bot.status !== 'running') } }),
  },
  {
    name: 'every owner names its orders after epoch 1',
    patch: patched(
      Engine.prototype,
      'step',
      (original) =>
        function (this: Engine, event) {
          return original.call(this, event.type === 'runStarted' ? { ...event, epoch: 1 } : event);
        },
    ),
  },
  {
    name: 'whoever sees an execution books it',
    patch: () => {
      const undo = [LiveRun.prototype, Steward.prototype].map((prototype) =>
        patched(
          prototype,
          'clientOrderIdOf',
          (original) =>
            async function (this: never, fill: Parameters<LiveRun['clientOrderIdOf']>[0]) {
              return fill.clientOrderId ?? (await original.call(this, fill));
            },
        )(),
      );
      return () => {
        for (const step of undo) step();
      };
    },
  },
];

const BELIEFS: readonly Mutant[] = [
  { name: 'absence is never concluded', patch: patched(LiveRun.prototype, 'onAbsent', () => () => undefined) },
  { name: 'the steward never concludes absence', patch: patched(Steward.prototype, 'onAbsent', () => () => undefined) },
  { name: 'a run ignores executions it is told of', patch: patched(LiveRun.prototype, 'onFill', () => () => undefined) },
  { name: 'the steward ignores what reports say', patch: patched(Steward.prototype, 'onReport', () => () => undefined) },
  { name: 'a halt leaves orders where they are', patch: patched(LiveRun.prototype, 'halt', () => () => undefined) },
  {
    name: 'an end is believed before its executions are in',
    patch: patched(
      VenueMailReader.prototype,
      'read',
      (original) =>
        function (this: VenueMailReader, mail, at) {
          return original.call(this, mail.kind === 'report' ? { ...mail, report: { ...mail.report, filledSize: '0' } } : mail, at);
        },
    ),
  },
  {
    name: 'a cancel that was lost is not repeated',
    patch: patched(
      VenueMailReader.prototype,
      'read',
      (original) =>
        function (this: VenueMailReader, mail, at) {
          return { ...original.call(this, mail, at), isCancelLost: false };
        },
    ),
  },
  {
    name: 'an order in doubt that rests is not taken back',
    patch: patched(
      VenueMailReader.prototype,
      'read',
      (original) =>
        function (this: VenueMailReader, mail, at) {
          return mail.kind === 'report' && mail.report.status === 'open' ? { events: [] } : original.call(this, mail, at);
        },
    ),
  },
  { name: 'an answer that was lost is a refusal in the table of states', patch: transition('submitting', 'loseAnswer', 'rejected') },
  { name: 'an order is cancelled once that is asked for', patch: transition('accepted', 'requestCancel', 'cancelled') },
  { name: 'a cancel wins over a fill', patch: transition('cancelling', 'fillAll', 'cancelled') },
  { name: 'an order in doubt cannot turn out filled', patch: transition('unknown', 'fillAll', 'unknown') },
];

function transition(state: string, fact: string, next: string): () => () => void {
  return () => {
    const row = transitions[state] ?? {};
    const former = row[fact];
    row[fact] = next;
    return () => {
      if (former === undefined) delete row[fact];
      else row[fact] = former;
    };
  };
}

export const MUTANTS: readonly Mutant[] = [...BOOKS, ...REQUESTS, ...TAKING_OVER, ...BELIEFS, ...ACTION_MUTANTS];
