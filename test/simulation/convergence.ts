/**
 * Whether the books have come to agree with the venue, and every bot stands where its user wants it: what must be true
 * a while after the last fault has healed.
 */
import { setupOf } from '#app/run/run-setup.ts';
import { isSameData, replay } from '#app/run/tape.ts';
import { Engine } from '#core/engine/engine.ts';
import { GRAINS_PER_LOT } from '#core/instrument.ts';
import { decimal } from '#core/money.ts';
import { isTerminal, type OrderState } from '#core/order.ts';
import type { BotRecord } from '#core/store/bots.ts';
import type { Strategy } from '#core/strategy.ts';
import type { VenueOrder, VenueOrderStatus } from '#core/venue-ports.ts';
import { actionDifferences } from './action-invariants.ts';
import type { Database } from './database.ts';
import { isOurs } from './invariants.ts';
import type { VenueTruth } from './venue-truth.ts';
import type { InvariantId, Violation } from './violation.ts';

const MEANINGS: Readonly<Record<VenueOrderStatus, readonly OrderState[]>> = {
  open: ['accepted', 'partiallyFilled'],
  filled: ['filled'],
  cancelled: ['cancelled', 'expired'],
  expired: ['expired', 'cancelled'],
  rejected: ['rejected', 'cancelled'],
};

/** Everything that is not as it should be; empty once the world has converged. `now` is the database's clock. */
export function differences(database: Database, truth: VenueTruth, now: number): readonly Violation[] {
  const found: Violation[] = [];
  const add = (id: InvariantId, text: string): void => {
    found.push({ id, text });
  };
  const ours = new Map<string, VenueOrder>();
  for (const order of truth.all()) if (isOurs(order.clientOrderId)) ours.set(order.clientOrderId, order);
  for (const order of ours.values()) {
    const row = database.orders.get(order.clientOrderId);
    if (row === undefined) add('I1', `the venue has ${order.clientOrderId} (${order.status}), the books do not`);
    else if (!MEANINGS[order.status].includes(row.state))
      add(isTerminal(row.state) ? 'I1' : 'I9', `${order.clientOrderId} is ${order.status} at the venue and ${row.state} in the books`);
    if (row !== undefined && !decimal(row.filledSize).eq(order.filledSize))
      add('I4', `${order.clientOrderId} has traded ${order.filledSize} at the venue and ${row.filledSize} in the books`);
  }
  for (const row of database.orders.values()) {
    if (row.state === 'submitting' || row.state === 'unknown' || row.state === 'initialized') add('I8', `${row.clientOrderId} is still ${row.state}`);
    else if (!isTerminal(row.state) && !ours.has(row.clientOrderId)) add('I1', `${row.clientOrderId} is ${row.state} in the books and unknown to the venue`);
  }
  const trueFills = truth.fills(0).filter((fill) => isOurs(fill.clientOrderId ?? '')).length;
  const bookFills = database.fills.values().length;
  if (trueFills !== bookFills) add('I4', `the venue made ${trueFills} fills of ours, the books hold ${bookFills}`);
  for (const text of actionDifferences(database, now)) add('I15', text);
  for (const bot of database.bots.values()) for (const text of stuck(database, bot, now)) add('I9', text);
  return found;
}

function stuck(database: Database, bot: BotRecord, now: number): readonly string[] {
  const run = bot.runId === null ? undefined : database.runs.get(bot.runId);
  const isOpen = run !== undefined && run.endedAt === null;
  const alive = database.orders.values().filter((order) => order.runId !== null && order.runId === bot.runId && !isTerminal(order.state)).length;
  const isKilled = database.isKilled(bot.userId);
  if (bot.status === 'error') {
    // Refused before it began is an answer; a run that was given up is not.
    return isOpen ? [`bot ${bot.id} is in error with an open run: ${bot.statusReason}`] : [];
  }
  if (bot.desired === 'paused')
    return bot.status === 'paused' || bot.status === 'stopped'
      ? alive > 0
        ? [`bot ${bot.id} is ${bot.status} and has ${alive} orders`]
        : []
      : [`bot ${bot.id} is ${bot.status}, wanted paused`];
  if (bot.desired !== 'running') return bot.status !== 'stopped' ? [`bot ${bot.id} is ${bot.status}, wanted ${bot.desired}`] : [];
  if (bot.status !== 'running' || !isOpen) return [`bot ${bot.id} is ${bot.status}, wanted running`];
  const lease = database.leases.get(`bot:${bot.id}`);
  if (lease === undefined || lease.owner === '' || lease.expiresAt <= now) return [`nobody holds bot ${bot.id}`];
  if (isKilled) return alive > 0 ? [`the kill switch is on and bot ${bot.id} has ${alive} orders`] : [];
  const isWaiting = Object.keys(run.state?.timers ?? {}).length > 0;
  // A level whose order the user has taken off rests until the bot is paused and resumed.
  const isParked = database.orders.values().some((order) => order.runId === run.id && order.cancelRequestedAt !== null);
  return alive === 0 && !isWaiting && !isParked ? [`bot ${bot.id} runs without an order and waits for nothing`] : [];
}

/** The tape of every run must replay to the same commands and the same state, and its position must be that of its fills. */
export function rebuildFaults(database: Database, strategies: ReadonlyMap<string, Strategy>): readonly Violation[] {
  const found: Violation[] = [];
  for (const run of database.runs.values()) {
    const tape = database.tape(run.id);
    const setup = setupOf(strategies, run.recipe);
    const difference = replay(setup, tape);
    if (difference !== null) {
      found.push({ id: 'I14', text: `the tape of run ${run.id} differs at ${difference.sequence}: ${difference.problem}` });
      continue;
    }
    const engine = new Engine(setup);
    for (const entry of tape) engine.step(entry.event);
    const rebuilt: unknown = JSON.parse(JSON.stringify(engine.snapshot()));
    if (run.state !== null && !isSameData(rebuilt, run.state)) found.push({ id: 'I14', text: `the state of run ${run.id} is not what its tape gives` });
    const held = decimal(run.flows[run.recipe.instrument.base] ?? '0').plus(setup.scale.base(run.state?.strategy == null ? 0 : run.recipe.lentGrains));
    const grain = decimal(run.recipe.instrument.sizeIncrement).div(GRAINS_PER_LOT);
    const gap = held.minus(setup.scale.base(run.state?.position.baseGrains ?? 0)).abs();
    // Fees are rounded up to whole grains, one a fill; an order may end with less than a lot that the run does not count.
    const orders = database.orders
      .values()
      .filter((order) => order.runId === run.id && !decimal(order.filledSize).mod(run.recipe.instrument.sizeIncrement).isZero()).length;
    if (gap.gt(grain.times(run.state?.position.fillCount ?? 0).plus(decimal(run.recipe.instrument.sizeIncrement).times(orders))))
      found.push({ id: 'I4', text: `run ${run.id} counts ${setup.scale.base(run.state?.position.baseGrains ?? 0)} and its fills come to ${held.toFixed()}` });
  }
  return found;
}

/** Every order that was filled or refused was told of. */
export function untold(database: Database): readonly Violation[] {
  return database.orders
    .values()
    .filter((order) => order.state === 'filled' && database.facts.get(`${order.clientOrderId}:order_filled`) === undefined)
    .map((order) => ({ id: 'I10', text: `nobody was told that ${order.clientOrderId} was filled` }));
}
