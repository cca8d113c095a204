/**
 * The rules of a bot's user, carried out inside its run: each order of the strategy that may have followers gets an action of
 * its own, stepped by the same machine as those of orders placed by hand. Events in, orders and cancels out through the
 * engine's own gate, state in the run's snapshot, so a tape replays with its rules.
 */

import type { Scale } from '../instrument.ts';
import type { Order, OrderRequest } from '../order.ts';
import type { Fill } from '../position.ts';
import type { ActionEvent, ActionLeg, ActionPlan, ActionState, Distance, Level } from './action-state.ts';
import { isExit, newActionState, profitTicks, stopTicks, type WatchedBids, watchedBids } from './action-state.ts';
import { type ActionCommand, stepActions, wakeAt, wantsQuote } from './actions.ts';

/** The rules of a bot in the engine's integers; `null` and 0 where there is none. */
export interface RunRules {
  readonly opposite: Distance | null;
  readonly placeAgainTimes: number;
  readonly cancelRestAfterMs: number | null;
  readonly takeProfit: Level | null;
  readonly stopLoss: Level | null;
  readonly stopType: ActionPlan['stopType'];
}

/** One action as the run's snapshot holds it. */
export interface RunAction {
  /** What the strategy asked for. */
  readonly entry: OrderRequest;
  readonly state: ActionState;
  /** ClientOrderIds of the orders that are not over, by the number of their leg. */
  readonly ids: Record<string, string>;
}

/** What of the engine the rules need. */
export interface RunActionsHost {
  readonly at: number;
  readonly actions: RunAction[];
  /** Passes the risk gate like any order; the code of a refusal. */
  place(request: OrderRequest): { readonly order: Readonly<Order>; readonly denial: string | null };
  cancel(clientOrderId: string): void;
  setTimer(name: string, at: number): void;
  clearTimer(name: string): void;
  report(text: string, code: string): void;
}

/** Timer of the rules; strategies have no such name. */
export const ACTIONS_TIMER = 'actions:wake';
const TAG = 'action:';

/** Whether the order belongs to the rules: strategies hear nothing of it. */
export function isOfActions({ tag }: Pick<OrderRequest, 'tag'>): boolean {
  return tag.startsWith(TAG);
}

export class RunActions {
  readonly #rules: RunRules;
  readonly #scale: Scale;
  readonly #host: RunActionsHost;
  /** `null` after anything has changed. */
  #watched: WatchedBids | null = null;

  constructor(rules: RunRules, scale: Scale, host: RunActionsHost) {
    this.#rules = rules;
    this.#scale = scale;
    this.#host = host;
  }

  /** Whether a quote would change anything at that time; where none is given, once no take profit pauses any more. */
  wantsQuote(bidTicks: number, askTicks: number, at = Number.POSITIVE_INFINITY): boolean {
    const { belowTicks, aboveTicks } = this.watched;
    if (bidTicks > belowTicks && bidTicks < aboveTicks) return false;
    return this.#host.actions.some((action) => wantsQuote(this.#planOf(action), action.state, bidTicks, askTicks, at));
  }

  /** The nearest bids that any of the actions waits for. They are all on purchases: what is sold opens nothing. */
  get watched(): WatchedBids {
    this.#watched ??= this.#host.actions.reduce<WatchedBids>(
      (nearest, action) => {
        const { belowTicks, aboveTicks } = watchedBids(this.#planOf(action), action.state);
        return { belowTicks: Math.max(nearest.belowTicks, belowTicks), aboveTicks: Math.min(nearest.aboveTicks, aboveTicks) };
      },
      { belowTicks: 0, aboveTicks: Number.POSITIVE_INFINITY },
    );
    return this.#watched;
  }

  /** Whether something that was bought has both its stop and its take profit between these bids. */
  hasBothExits(lowTicks: number, highTicks: number): boolean {
    const { takeProfit, stopLoss } = this.#rules;
    if (takeProfit === null || stopLoss === null) return false;
    return this.#host.actions.some(({ entry, state }) => {
      const plan = this.#planFor(entry);
      const [stop, profit] = [stopTicks(plan, state), profitTicks(plan, state)];
      return state.openGrains > 0 && stop !== null && profit !== null && stop >= lowTicks && profit <= highTicks;
    });
  }

  /** The strategy's order is on its way. */
  follow(order: Readonly<Order>): void {
    // What may only reduce opens nothing that would have to be closed.
    if (order.reduceOnly) return;
    const { side, type, priceTicks, triggerTicks, sizeLots, timeInForce, postOnly, reduceOnly, tag } = order;
    const entry = { side, type, priceTicks, triggerTicks, sizeLots, timeInForce, postOnly, reduceOnly, tag };
    const plan = this.#planFor(entry);
    const hasExit = plan.opposite !== null || plan.takeProfit !== null || plan.stopLoss !== null;
    if (!hasExit && plan.placeAgainTimes === 0 && plan.cancelRestAfterMs === null) return;
    this.#watched = null;
    this.#host.actions.push({ entry, state: newActionState(plan), ids: { 0: order.clientOrderId } });
  }

  filled(order: Readonly<Order>, fill: Fill): void {
    const found = this.#find(order.clientOrderId);
    if (found === null) return;
    const { action, leg } = found;
    const { sizeLots: lots, priceTicks, feeGrains } = fill;
    this.#step(action, { type: 'legFilled', at: this.#host.at, index: leg.index, purpose: leg.purpose, lots, priceTicks, feeGrains });
    if (order.state === 'filled') this.over(order, '');
  }

  /** An order is over. The order that was placed in its stead, or `null` when there is none. */
  over(order: Readonly<Order>, code: string): Readonly<Order> | null {
    const found = this.#find(order.clientOrderId);
    if (found === null) return null;
    const { action, leg } = found;
    delete action.ids[leg.index];
    const { state } = order;
    const end = state === 'filled' || state === 'cancelled' || state === 'expired' ? state : 'rejected';
    return this.#step(action, { type: 'legOver', at: this.#host.at, index: leg.index, end, code });
  }

  /** Somebody wants the order off the book: its strategy or its user. */
  cancelWanted(clientOrderId: string): void {
    const found = this.#find(clientOrderId);
    if (found?.leg.cancel === 'none') this.#step(found.action, { type: 'legCancelRequested', at: this.#host.at, index: found.leg.index });
  }

  /** Everything of the run goes off the book for a while: the strategy places its own orders again, the rules place theirs. */
  halt(): void {
    for (const action of [...this.#host.actions]) {
      for (const leg of action.state.legs) if (leg.cancel === 'none') leg.cancel = isExit(leg) ? 'rule' : 'user';
      this.#step(action, { type: 'tradingStateChanged', at: this.#host.at, isHalted: true });
    }
  }

  goOn(): void {
    for (const action of [...this.#host.actions])
      if (action.state.isHalted) this.#step(action, { type: 'tradingStateChanged', at: this.#host.at, isHalted: false });
  }

  /** The run ends: nothing follows any more. */
  end(): void {
    this.#host.actions.length = 0;
    this.#watched = null;
    this.#setTimer();
  }

  quote(bidTicks: number, askTicks: number): void {
    for (const action of [...this.#host.actions])
      if (wantsQuote(this.#planOf(action), action.state, bidTicks, askTicks, this.#host.at))
        this.#step(action, { type: 'quoteChanged', at: this.#host.at, bidTicks, askTicks });
  }

  time(): void {
    for (const action of [...this.#host.actions])
      if ((wakeAt(action.state) ?? Number.POSITIVE_INFINITY) <= this.#host.at) this.#step(action, { type: 'timeReached', at: this.#host.at });
    this.#setTimer();
  }

  /** Carries out what the action wants; returns an order placed in the stead of the strategy's. */
  #step(action: RunAction, event: ActionEvent): Readonly<Order> | null {
    let again: Readonly<Order> | null = null;
    this.#watched = null;
    for (const command of stepActions(this.#planOf(action), action.state, event)) again = this.#carry(action, command) ?? again;
    if (action.state.status !== 'active') this.#forget(action);
    this.#setTimer();
    return again;
  }

  #carry(action: RunAction, command: ActionCommand): Readonly<Order> | null {
    const host = this.#host;
    switch (command.type) {
      case 'submitLeg': {
        // An order placed again keeps the name its strategy has given it.
        const isAgain = !isExitTag(command.request.tag);
        const { order, denial } = host.place(isAgain ? { ...command.request, tag: action.entry.tag } : command.request);
        if (denial === null) action.ids[command.index] = order.clientOrderId;
        else this.#step(action, { type: 'legOver', at: host.at, index: command.index, end: 'rejected', code: denial });
        return isAgain && denial === null ? order : null;
      }
      case 'cancelLeg': {
        const clientOrderId = action.ids[command.index];
        if (clientOrderId !== undefined) host.cancel(clientOrderId);
        return null;
      }
      case 'tell':
        // That trading is halted the bot tells by itself.
        if (command.isTrouble && command.code !== 'trading_killed') host.report(command.text, command.code);
        return null;
    }
  }

  #forget(action: RunAction): void {
    const at = this.#host.actions.indexOf(action);
    if (at >= 0) this.#host.actions.splice(at, 1);
  }

  /** One timer for all of them, at the next moment that matters to one. */
  #setTimer(): void {
    const times = this.#host.actions.map((action) => wakeAt(action.state)).filter((at) => at !== null);
    if (times.length === 0) this.#host.clearTimer(ACTIONS_TIMER);
    else this.#host.setTimer(ACTIONS_TIMER, Math.min(...times));
  }

  #find(clientOrderId: string): { readonly action: RunAction; readonly leg: ActionLeg } | null {
    for (const action of this.#host.actions) for (const leg of action.state.legs) if (action.ids[leg.index] === clientOrderId) return { action, leg };
    return null;
  }

  #planOf(action: RunAction): ActionPlan {
    return this.#planFor(action.entry);
  }

  /** What is sold opens nothing that would have to be closed. */
  #planFor(entry: OrderRequest): ActionPlan {
    const { opposite, placeAgainTimes, cancelRestAfterMs, takeProfit, stopLoss, stopType } = this.#rules;
    const isOpening = entry.side === 'buy';
    const canRest = entry.type !== 'market' && entry.timeInForce === 'gtc';
    const { instrument, minLots, minAtoms, minTicks, maxTicks } = this.#scale;
    return {
      instrument,
      entry,
      placeAgainTimes: entry.type === 'limit' && canRest ? placeAgainTimes : 0,
      cancelRestAfterMs: canRest ? cancelRestAfterMs : null,
      opposite: isOpening ? opposite : null,
      takeProfit: isOpening ? takeProfit : null,
      stopLoss: isOpening ? stopLoss : null,
      stopType,
      minLots,
      minAtoms,
      minTicks,
      maxTicks,
    };
  }
}

function isExitTag(tag: string): boolean {
  return tag !== `${TAG}entry`;
}
