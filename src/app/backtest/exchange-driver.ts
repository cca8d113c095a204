/**
 * Drives a run over several instruments against the simulated exchange: what the exchange reports goes to the engine as events, and
 * the engine's commands to the exchange, at once. It knows no history: whoever owns it moves prices and time.
 */
import type { Command } from '#core/commands.ts';
import type { Engine } from '#core/engine/engine.ts';
import type { Event } from '#core/events.ts';
import { decimal } from '#core/money.ts';
import type { Order } from '#core/order.ts';
import type { Fill } from '#core/position.ts';
import type { ExchangeEvent, SimulatedExchange, SimulatedFill } from '#core/simulated-exchange.ts';

/** The one account of the simulated exchange. */
export const DRIVEN_ACCOUNT = 'run';
/** Events of the engine's own making within one moment; more means that a strategy answers itself. */
export const MAX_EVENTS_PER_MOMENT = 20_000;

export interface ExchangeDriverParts {
  readonly engine: Engine;
  readonly exchange: SimulatedExchange;
  /** Sees every step as it happens. */
  readonly onStep: (event: Event, commands: readonly Command[]) => void;
}

export class ExchangeDriver {
  engine: Engine;
  readonly exchange: SimulatedExchange;
  /** Milliseconds since 1970; never set back. */
  now = 0;
  finishReason: string | null = null;
  readonly #onStep: ExchangeDriverParts['onStep'];
  readonly #timers = new Map<string, number>();
  #nextTimerAt = Number.POSITIVE_INFINITY;
  #eventsNow = 0;

  constructor({ engine, exchange, onStep }: ExchangeDriverParts) {
    this.engine = engine;
    this.exchange = exchange;
    this.#onStep = onStep;
  }

  /** When the next timer fires; infinity where none is set. */
  get nextTimerAt(): number {
    return this.#nextTimerAt;
  }

  /** Lets time go by; due timers fire on the way. */
  passTo(at: number): void {
    while (this.#nextTimerAt <= at) {
      const dueAt = this.#nextTimerAt;
      const name = this.#takeTimer(dueAt);
      this.#moveTo(dueAt);
      this.tell({ type: 'timerFired', at: this.now, name });
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
    this.#eventsNow += 1;
    if (this.#eventsNow > MAX_EVENTS_PER_MOMENT) throw new Error(`strategy ${this.engine.setup.strategy.name} acts without end at ${this.now}`);
    const commands = this.engine.step(event);
    this.#onStep(event, commands);
    for (const command of commands) this.#take(command);
  }

  protected place(order: Order): void {
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
    if (!answer.ok) this.report({ type: 'orderRejected', at: this.now, clientOrderId, code: answer.reason, message: 'refused by the simulated exchange' });
  }

  /** Word of an order. */
  protected report(event: Event & { readonly clientOrderId: string }): void {
    this.step(event);
  }

  #moveTo(at: number): void {
    if (at <= this.now) return;
    this.now = at;
    this.#eventsNow = 0;
  }

  /** The oldest of those that are due then. */
  #takeTimer(dueAt: number): string {
    for (const [name, at] of this.#timers) {
      if (at !== dueAt) continue;
      this.#timers.delete(name);
      this.#findNextTimer();
      return name;
    }
    throw new Error(`no timer is due at ${dueAt}`);
  }

  #findNextTimer(): void {
    this.#nextTimerAt = Number.POSITIVE_INFINITY;
    for (const at of this.#timers.values()) if (at < this.#nextTimerAt) this.#nextTimerAt = at;
  }

  #take(command: Command): void {
    switch (command.type) {
      case 'submitOrder':
        return this.place(command.order);
      case 'cancelOrder':
        this.exchange.cancel(DRIVEN_ACCOUNT, this.engine.legs.of(command.leg).symbol, { clientOrderId: command.clientOrderId }, this.now);
        return;
      case 'setTimer':
        this.#timers.set(command.name, command.at);
        return this.#findNextTimer();
      case 'clearTimer':
        this.#timers.delete(command.name);
        return this.#findNextTimer();
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
    if (event.type === 'fill') return this.report({ type: 'orderFilled', at, clientOrderId, fill: this.#fillOf(event.fill), ...this.#markOf(symbol) });
    if (event.cause === 'accepted') return this.report({ type: 'orderAccepted', at, clientOrderId, venueOrderId });
    if (event.cause === 'triggered') return;
    this.report({ type: event.cause === 'cancelled' ? 'orderCancelled' : 'orderExpired', at, clientOrderId });
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
