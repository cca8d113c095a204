/**
 * Drives a run over several instruments against the simulated exchange as plainly as can be: every price is told, orders go in decimals as to
 * any venue, and nothing is passed over.
 */

import { DRIVEN_ACCOUNT } from '#app/backtest/exchange-driver.ts';
import type { Command } from '#core/commands.ts';
import type { Engine } from '#core/engine/engine.ts';
import type { Event } from '#core/events.ts';
import { decimal } from '#core/money.ts';
import type { Order } from '#core/order.ts';
import type { Fill } from '#core/position.ts';
import type { ExchangeEvent, SimulatedExchange, SimulatedFill } from '#core/simulated-exchange.ts';

export interface NaiveDriverParts {
  readonly engine: Engine;
  readonly exchange: SimulatedExchange;
  /** Sees every step as it happens. */
  readonly onStep: (event: Event, commands: readonly Command[]) => void;
}

export class NaiveDriver {
  readonly engine: Engine;
  readonly exchange: SimulatedExchange;
  /** Milliseconds since 1970; never set back. */
  now = 0;
  finishReason: string | null = null;
  readonly #onStep: NaiveDriverParts['onStep'];
  readonly #timers = new Map<string, number>();

  constructor({ engine, exchange, onStep }: NaiveDriverParts) {
    this.engine = engine;
    this.exchange = exchange;
    this.#onStep = onStep;
  }

  /** Lets time go by; due timers fire on the way. */
  passTo(at: number): void {
    for (let due = this.#due(at); due !== null; due = this.#due(at)) {
      this.#timers.delete(due.name);
      this.#moveTo(due.at);
      this.tell({ type: 'timerFired', at: this.now, name: due.name });
    }
    this.#moveTo(at);
  }

  /** Tells the engine every price that has changed, as of one moment, and then what they have led to. */
  sync(): void {
    const changed = this.engine.legs.all.filter(({ symbol, state }) => {
      const { bidTicks, askTicks } = this.exchange.quote(symbol);
      return bidTicks !== state.bidTicks || askTicks !== state.askTicks;
    });
    for (const [index, { symbol, mark }] of changed.entries()) {
      const hasMore = index < changed.length - 1 ? { hasMore: true as const } : {};
      this.step({ type: 'quoteChanged', at: this.now, ...this.exchange.quote(symbol), ...mark, ...hasMore });
    }
    this.deliver();
  }

  tell(event: Event): void {
    this.step(event);
    this.deliver();
  }

  /** Passes on what the exchange has done until nothing is left, its answers to the engine's own orders included. */
  deliver(): void {
    for (let events = this.exchange.takeEvents(); events.length > 0; events = this.exchange.takeEvents()) for (const event of events) this.#hear(event);
  }

  step(event: Event): void {
    const commands = this.engine.step(event);
    this.#onStep(event, commands);
    for (const command of commands) this.#take(command);
  }

  #place(order: Order): void {
    const { clientOrderId, side, type, priceTicks, triggerTicks, sizeLots, timeInForce, postOnly, reduceOnly } = order;
    const { scale } = this.engine.legs.ofOrder(order).terms;
    const answer = this.exchange.place(
      DRIVEN_ACCOUNT,
      {
        clientOrderId,
        symbol: scale.instrument.symbol,
        side,
        type,
        price: priceTicks > 0 ? scale.price(priceTicks) : null,
        triggerPrice: triggerTicks > 0 ? scale.price(triggerTicks) : null,
        size: scale.size(sizeLots),
        timeInForce,
        postOnly,
        reduceOnly,
      },
      this.now,
    );
    if (!answer.ok) this.step({ type: 'orderRejected', at: this.now, clientOrderId, code: answer.reason, message: 'refused by the simulated exchange' });
  }

  #moveTo(at: number): void {
    if (at <= this.now) return;
    this.now = at;
  }

  #due(by: number): { readonly name: string; readonly at: number } | null {
    let next: { readonly name: string; readonly at: number } | null = null;
    for (const [name, at] of this.#timers) if (at <= by && (next === null || at < next.at)) next = { name, at };
    return next;
  }

  #take(command: Command): void {
    switch (command.type) {
      case 'submitOrder':
        return this.#place(command.order);
      case 'cancelOrder':
        this.exchange.cancel(DRIVEN_ACCOUNT, this.engine.legs.of(command.leg).symbol, { clientOrderId: command.clientOrderId }, this.now);
        return;
      case 'setTimer':
        this.#timers.set(command.name, command.at);
        return;
      case 'clearTimer':
        this.#timers.delete(command.name);
        return;
      case 'finishRun':
        this.finishReason = command.reason;
        return;
      default:
        return;
    }
  }

  #hear(event: ExchangeEvent): void {
    if (event.type === 'funding') return this.#hearFunding(event.funding);
    if (event.type !== 'order' && event.type !== 'fill') return;
    const { clientOrderId, venueOrderId, symbol } = event.order;
    const at = this.now;
    if (event.type === 'fill') return this.step({ type: 'orderFilled', at, clientOrderId, fill: this.#fillOf(event.fill), ...this.#markOf(symbol) });
    if (event.cause === 'accepted') return this.step({ type: 'orderAccepted', at, clientOrderId, venueOrderId });
    if (event.cause === 'triggered') return;
    this.step({ type: event.cause === 'cancelled' ? 'orderCancelled' : 'orderExpired', at, clientOrderId });
  }

  /** What is paid is rounded up and what is received down. */
  #hearFunding({ symbol, paymentId, amount }: { readonly symbol: string; readonly paymentId: string; readonly amount: string }): void {
    const scale = this.exchange.scale(symbol);
    if (scale === undefined) return;
    const paid = decimal(amount);
    const atoms = scale.atoms(paid.abs(), paid.isNegative() ? 'up' : 'down');
    this.step({ type: 'fundingPaid', at: this.now, paymentId, amountAtoms: paid.isNegative() ? -atoms : atoms, ...this.#markOf(symbol) });
  }

  #markOf(symbol: string): { readonly leg?: string } {
    return this.engine.legs.ofSymbol(symbol)?.mark ?? {};
  }

  #fillOf({ tradeId, side, priceTicks, sizeLots, feeAsset, feeAmount, isMaker, symbol }: SimulatedFill): Fill {
    const scale = this.exchange.scale(symbol);
    if (scale === undefined) throw new Error(`${symbol} is not traded at this exchange`);
    const isBase = feeAsset === scale.instrument.base;
    return {
      tradeId,
      side,
      priceTicks,
      sizeLots,
      feeGrains: isBase ? scale.grains(feeAmount, 'up') : 0,
      feeAtoms: isBase ? 0 : scale.atoms(feeAmount, 'up'),
      otherFeeAtoms: 0,
      isMaker,
    };
  }
}
