/**
 * What must hold for automatic actions: judged by the venue's truth when one of their orders is accepted, and by their tape and
 * the books once everything has come to rest.
 */
import { isSameData } from '#app/run/tape.ts';
import type { ActionRecord } from '#core/actions/action-record.ts';
import { isExit, newActionState } from '#core/actions/action-state.ts';
import { stepActions } from '#core/actions/actions.ts';
import { parseClientOrderId } from '#core/client-order-id.ts';
import { GRAINS_PER_LOT, Scale } from '#core/instrument.ts';
import { Decimal, decimal, plain } from '#core/money.ts';
import { isTerminal } from '#core/order.ts';
import type { OrderRecord } from '#core/store/orders.ts';
import type { Database } from './database.ts';
import { INSTRUMENT } from './instrument.ts';
import type { VenueTruth } from './venue-truth.ts';
import type { Violation } from './violation.ts';

const ENTRY_TAG = 'action:entry';

/** When the venue has accepted an order of an action: what is out to close never exceeds what was opened, what is out to open never what was asked for. */
export function excess(database: Database, truth: VenueTruth, clientOrderId: string): string | null {
  const accepted = database.orders.get(clientOrderId);
  if (accepted?.parentOrderId == null) return null;
  const family = database.orders.values().filter((order) => order.id === accepted.parentOrderId || order.parentOrderId === accepted.parentOrderId);
  const root = family.find((order) => order.id === accepted.parentOrderId);
  const actions = database.actions.rows.get(accepted.parentOrderId);
  if (root === undefined || actions === undefined) return `${clientOrderId} belongs to no order with actions`;
  const ids = new Set(family.filter(isOpening).map((order) => order.clientOrderId));
  const fills = truth.fills(0).filter((fill) => ids.has(fill.clientOrderId ?? ''));
  const opened = fills.reduce(
    (sum, { size, feeAsset, feeAmount }) => sum.plus(size).minus(feeAsset === INSTRUMENT.base && root.side === 'buy' ? feeAmount : '0'),
    decimal('0'),
  );
  const [asked, closing] = [
    outAtVenue(truth, family.filter(isOpening)),
    outAtVenue(
      truth,
      family.filter((order) => !isOpening(order)),
    ),
  ];
  const again = family.filter((order) => order.tag === ENTRY_TAG).length;
  if (closing.gt(opened)) return `${clientOrderId}: orders for ${plain(closing)} are out or filled to close what has opened ${plain(opened)}`;
  if (asked.gt(root.size)) return `${clientOrderId}: orders for ${plain(asked)} are out or filled where ${root.size} was asked for`;
  if (again > actions.plan.placeAgainTimes) return `${root.clientOrderId} was placed again ${again} times, ${actions.plan.placeAgainTimes} were allowed`;
  return null;
}

function isOpening(order: OrderRecord): boolean {
  return order.parentOrderId === null || order.tag === ENTRY_TAG;
}

/** What of these has traded or may still trade. */
function outAtVenue(truth: VenueTruth, orders: readonly OrderRecord[]): Decimal {
  return orders.reduce((sum, { clientOrderId }) => {
    const there = truth.find(clientOrderId, 0);
    return there === null ? sum : sum.plus(there.status === 'open' ? there.size : there.filledSize);
  }, new Decimal(0));
}

/** What is not as it should be once the world has healed; empty when all actions stand as their orders do. */
export function actionDifferences(database: Database, now: number): readonly string[] {
  const found: string[] = [];
  for (const actions of database.actions.rows.values()) {
    const root = database.orders.values().find((order) => order.id === actions.orderId);
    if (root === undefined) continue;
    const children = database.orders.values().filter((order) => order.parentOrderId === root.id);
    for (const text of strays(actions, [root, ...children])) found.push(`actions of ${root.clientOrderId}: ${text}`);
    const lease = database.leases.get(`account:${root.accountId}`);
    if (actions.state.status === 'active' && (lease === undefined || lease.owner === '' || lease.expiresAt <= now))
      found.push(`nobody attends to the actions of ${root.clientOrderId}`);
  }
  return found;
}

function strays({ state, plan }: ActionRecord, family: readonly OrderRecord[]): readonly string[] {
  const alive = family.filter((order) => !isTerminal(order.state)).map(indexOf);
  if (state.status === 'finished') return alive.length > 0 ? [`are finished and leave orders ${alive.join()}`] : [];
  if (state.status !== 'active') return [];
  const legs = state.legs.map((leg) => leg.index);
  if (legs.sort().join() !== alive.sort().join()) return [`count orders ${legs.join()}, alive are ${alive.join()}`];
  const freeLots = Math.floor(state.openGrains / GRAINS_PER_LOT) - state.legs.filter(isExit).reduce((sum, leg) => sum + leg.sizeLots - leg.filledLots, 0);
  if (freeLots < 0) return [`have orders for ${-freeLots} lots more than are open`];
  const isEntryOver = !state.legs.some((leg) => leg.purpose === 'entry');
  const isGuarding =
    (plan.stopLoss !== null && !state.isStopWatched) || (plan.stopLoss === null && plan.takeProfit !== null) || (plan.opposite !== null && isEntryOver);
  const isWaiting = state.isHalted || state.retryAt !== null || state.exitMode !== 'protect';
  // Far below any minimum of this venue nothing can be placed.
  return isGuarding && !isWaiting && freeLots >= 5 && state.legs.filter(isExit).length === 0 ? [`leave ${freeLots} lots without an order`] : [];
}

/** The tape of every action gives the same commands and the same state; each order it asked for is in the books once; it counts what its fills come to. */
export function actionTapeFaults(database: Database): readonly Violation[] {
  const found: Violation[] = [];
  for (const { plan, state, orderId } of database.actions.rows.values()) {
    const rebuilt = newActionState(plan);
    const asked: number[] = [];
    for (const { sequence, event, commands } of database.actions.tape(orderId)) {
      const again = stepActions(plan, rebuilt, event);
      if (!isSameData(again, commands)) found.push({ id: 'I14', text: `the tape of the actions of ${orderId} differs at ${sequence}` });
      for (const command of commands) if (command.type === 'submitLeg') asked.push(command.index);
    }
    if (!isSameData(rebuilt, state)) found.push({ id: 'I14', text: `the state of the actions of ${orderId} is not what their tape gives` });
    const family = database.orders.values().filter((order) => order.parentOrderId === orderId || order.id === orderId);
    const placed = family.filter((order) => order.parentOrderId !== null).map(indexOf);
    if (asked.sort().join() !== placed.sort().join())
      found.push({ id: 'I15', text: `the actions of ${orderId} asked for orders ${asked.join()}, in the books are ${placed.join()}` });
    // Who was called off or has given up counts no more.
    if (state.status === 'active' || state.status === 'finished') found.push(...miscounts(database, plan.instrument, state.openGrains, family));
  }
  return found;
}

/** What the rules of bots have out is alive in the books, and never more than what they have opened. */
export function runRuleFaults(database: Database): readonly Violation[] {
  const found: Violation[] = [];
  for (const run of database.runs.values()) {
    if (run.endedAt !== null) continue;
    for (const { state, ids } of run.state?.actions ?? []) {
      const exits = state.legs.filter(isExit).reduce((sum, leg) => sum + leg.sizeLots - leg.filledLots, 0);
      if (exits > Math.floor(state.openGrains / GRAINS_PER_LOT))
        found.push({ id: 'I15', text: `a rule of run ${run.id} has orders for ${exits} lots to close ${state.openGrains} grains` });
      for (const leg of state.legs) {
        const order = database.orders.get(ids[leg.index] ?? '');
        if (order === undefined || isTerminal(order.state))
          found.push({ id: 'I15', text: `a rule of run ${run.id} counts on order ${ids[leg.index] ?? leg.index}, which is ${order?.state ?? 'unknown'}` });
      }
    }
  }
  return found;
}

function miscounts(database: Database, instrument: typeof INSTRUMENT, openGrains: number, family: readonly OrderRecord[]): readonly Violation[] {
  const scale = new Scale(instrument);
  const root = family.find((order) => order.parentOrderId === null);
  const byId = new Map(family.map((order) => [order.id, order]));
  let grains = 0;
  const filled = new Map<OrderRecord, Decimal>();
  for (const fill of database.fills.values()) {
    const order = byId.get(fill.orderId);
    if (order === undefined) continue;
    filled.set(order, (filled.get(order) ?? new Decimal(0)).plus(fill.size));
    const fee = fill.feeAsset === instrument.base ? scale.grains(decimal(fill.feeAmount), 'up') : 0;
    if (root?.side === 'buy') grains -= fee;
  }
  // Of parts of a lot what has opened counts down, what has closed up.
  for (const [order, size] of filled) grains += (isOpening(order) ? scale.lots(size, 'down') : -scale.lots(size, 'up')) * GRAINS_PER_LOT;
  return grains === openGrains
    ? []
    : [{ id: 'I15', text: `the actions of ${root?.clientOrderId ?? ''} count ${openGrains} grains open, their fills come to ${grains}` }];
}

function indexOf(order: OrderRecord): number {
  return order.parentOrderId === null ? 0 : (parseClientOrderId(order.clientOrderId)?.epoch ?? -1);
}
