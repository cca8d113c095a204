/**
 * A small venue for tests of automatic actions: it holds the legs an action has placed, does with them what a test says, and
 * keeps the tape.
 */

import { GRAINS_PER_LOT } from '../instrument.ts';
import type { OrderRequest } from '../order.ts';
import { type ActionEvent, type ActionPlan, type ActionState, type LegPurpose, newActionState } from './action-state.ts';
import { type ActionCommand, stepActions } from './actions.ts';

export const PLAN: ActionPlan = {
  instrument: {
    venue: 'test',
    symbol: 'BTC/USDT',
    base: 'BTC',
    quote: 'USDT',
    kind: 'spot',
    settle: 'USDT',
    perpetual: null,
    priceIncrement: '1',
    sizeIncrement: '1',
    minPrice: '1',
    maxPrice: null,
    minSize: '1',
    maxSize: null,
    minNotional: '1',
    makerFeeRate: '0',
    takerFeeRate: '0',
    status: 'trading',
  },
  entry: { side: 'buy', type: 'limit', priceTicks: 1_000, triggerTicks: 0, sizeLots: 100, timeInForce: 'gtc', postOnly: false, reduceOnly: false },
  placeAgainTimes: 0,
  cancelRestAfterMs: null,
  opposite: null,
  takeProfit: null,
  stopLoss: null,
  stopType: 'stopMarket',
  minLots: 1,
  minAtoms: 1,
  minTicks: 1,
  maxTicks: 1_000_000,
};

export interface VenueLeg {
  readonly index: number;
  readonly purpose: LegPurpose;
  readonly request: Omit<OrderRequest, 'tag'>;
  filled: number;
  isCancelAsked: boolean;
}

export class ActionRig {
  readonly plan: ActionPlan;
  readonly state: ActionState;
  readonly alive: VenueLeg[];
  readonly placed: VenueLeg[] = [];
  readonly told: string[] = [];
  readonly tape: { readonly event: ActionEvent; readonly commands: readonly ActionCommand[] }[] = [];
  at = 0;
  opened = 0;
  closed = 0;
  feeGrains = 0;

  constructor(change: Partial<ActionPlan> = {}) {
    this.plan = { ...PLAN, ...change };
    this.state = newActionState(this.plan);
    this.alive = [{ index: 0, purpose: 'entry', request: this.plan.entry, filled: 0, isCancelAsked: false }];
  }

  /** Alive orders in words, such as `stopLoss sell stopMarket 100 @900`. */
  get book(): string[] {
    return this.alive.map(({ purpose, request, filled }) => {
      const price = request.triggerTicks > 0 ? `!${request.triggerTicks}` : request.priceTicks > 0 ? `@${request.priceTicks}` : 'market';
      return `${purpose} ${request.side} ${request.sizeLots - filled} ${price}`;
    });
  }

  step(event: ActionEvent): void {
    const commands = stepActions(this.plan, this.state, event);
    this.tape.push({ event, commands });
    for (const command of commands) {
      if (command.type === 'tell') this.told.push(command.code);
      else if (command.type === 'cancelLeg') this.leg(command.index).isCancelAsked = true;
      else {
        const purpose = command.request.tag.slice('action:'.length) as LegPurpose;
        const leg: VenueLeg = { index: command.index, purpose, request: command.request, filled: 0, isCancelAsked: false };
        this.alive.push(leg);
        this.placed.push(leg);
      }
    }
  }

  leg(index: number): VenueLeg {
    const leg = this.alive.find((each) => each.index === index);
    if (leg === undefined) throw new Error(`leg ${index} is not alive`);
    return leg;
  }

  /** The only order of a purpose that is alive. */
  only(purpose: LegPurpose): VenueLeg {
    const legs = this.alive.filter((leg) => leg.purpose === purpose);
    if (legs.length !== 1 || legs[0] === undefined) throw new Error(`${legs.length} orders are alive as ${purpose}`);
    return legs[0];
  }

  fill(leg: VenueLeg, lots: number, priceTicks = leg.request.priceTicks, feeGrains = 0): void {
    leg.filled += lots;
    if (leg.purpose === 'entry') this.opened += lots;
    else this.closed += lots;
    if (this.plan.entry.side === 'buy') this.feeGrains += feeGrains;
    this.step({ type: 'legFilled', at: this.at, index: leg.index, purpose: leg.purpose, lots, priceTicks, feeGrains });
    if (leg.filled === leg.request.sizeLots) this.end(leg, 'filled');
  }

  end(leg: VenueLeg, end: 'filled' | 'cancelled' | 'expired' | 'rejected', code = ''): void {
    this.alive.splice(this.alive.indexOf(leg), 1);
    this.step({ type: 'legOver', at: this.at, index: leg.index, end, code });
  }

  quote(bidTicks: number, askTicks = bidTicks + 1): void {
    this.step({ type: 'quoteChanged', at: this.at, bidTicks, askTicks });
  }

  wait(ms: number): void {
    this.at += ms;
    this.step({ type: 'timeReached', at: this.at });
  }

  /** Lots that alive exits would still close. */
  get closing(): number {
    return this.alive.filter((leg) => leg.purpose !== 'entry').reduce((sum, leg) => sum + leg.request.sizeLots - leg.filled, 0);
  }

  /** Whole lots that are open after fees. */
  get open(): number {
    return Math.floor((this.opened * GRAINS_PER_LOT - this.feeGrains) / GRAINS_PER_LOT) - this.closed;
  }
}
