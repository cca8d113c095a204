/**
 * Collects what a batch of steps has changed and turns it into one commit: journal lines, orders, fills, facts.
 * Pure translation from the engine's integers to the books' decimals.
 */

import type { BotStatus } from '#core/bot-states.ts';
import type { Command } from '#core/commands.ts';
import type { RunPhase } from '#core/engine/run-state.ts';
import type { Event } from '#core/events.ts';
import type { FactType, NewFact } from '#core/facts.ts';
import type { Scale } from '#core/instrument.ts';
import type { Order, OrderState } from '#core/order.ts';
import { endReason } from '#core/order-life.ts';
import type { FundingPayment } from '#core/perpetual-ports.ts';
import type { BotRecord } from '#core/store/bots.ts';
import type { KeptSettings } from '#core/store/commit.ts';
import type { NewOrder, OrderChange } from '#core/store/orders.ts';
import type { JournalEntry } from '#core/store/runs.ts';
import type { OutboundOrder, VenueFill } from '#core/venue-ports.ts';

/** Whose run it is; enters every row. */
export interface RunIdentity {
  readonly runId: string;
  readonly bot: Pick<BotRecord, 'id' | 'userId' | 'accountId' | 'name' | 'symbol' | 'mode'>;
  readonly scale: Scale;
  /** Of each instrument by the name of its leg, in a run that has several. */
  readonly scales?: ReadonlyMap<string, Scale>;
}

export class CommitDraft {
  readonly entries: JournalEntry[] = [];
  readonly fills: (VenueFill & { readonly clientOrderId: string })[] = [];
  readonly funding: FundingPayment[] = [];
  readonly commands: Command[] = [];
  readonly facts: NewFact[] = [];
  readonly settings: KeptSettings[] = [];
  /** In the sequence in which they happened. */
  readonly orderChanges: OrderChange[] = [];
  /** States that orders have come to, each once a change; repeated news changes none. */
  readonly outcomes: { readonly state: OrderState }[] = [];
  end: { readonly at: number; readonly reason: string } | null = null;
  readonly #identity: RunIdentity;
  readonly #newOrders = new Map<string, Omit<NewOrder, 'deadlineAt'>>();
  readonly #nextId: () => string;

  constructor(identity: RunIdentity, nextId: () => string) {
    this.#identity = identity;
    this.#nextId = nextId;
  }

  get hasSubmits(): boolean {
    return this.commands.some((command) => command.type === 'submitOrder');
  }

  /** Adds one step. `order` is the engine's record of the order the event was about, after the step. */
  addStep(sequence: number, event: Event, commands: readonly Command[], order: Order | undefined): void {
    this.entries.push({ sequence, event: { ...event }, commands });
    this.#addOrderEvent(event, order);
    for (const [index, command] of commands.entries()) {
      this.commands.push(command);
      if (command.type === 'keepSettings') this.settings.push({ commandId: event.type === 'userCommand' ? event.commandId : null, settings: command.settings });
      this.#addCommand(`${this.#identity.runId}:${sequence}:${index}`, event.at, command);
    }
  }

  /** The venue has closed (a part of) the position by itself: its execution gets an order of its own in the books, over from the start. */
  adoptLiquidation(fill: VenueFill & { readonly clientOrderId: string }, at: number): void {
    const { clientOrderId, symbol, side, price, size } = fill;
    const { bot, runId } = this.#identity;
    const bare = { type: 'market', price: null, triggerPrice: null, timeInForce: 'ioc', postOnly: false, reduceOnly: true } as const;
    const owner = { userId: bot.userId, accountId: bot.accountId, botId: bot.id, runId };
    const reason = { reasonCode: 'liquidated_by_exchange', reason: 'the position had run out of margin' };
    this.#newOrders.set(clientOrderId, {
      id: this.#nextId(),
      clientOrderId,
      symbol,
      side,
      size,
      ...bare,
      ...owner,
      ...reason,
      state: 'filled',
      tag: 'liquidation',
      createdAt: fill.at,
    });
    const text = 'the exchange has liquidated the position, or a part of it: it had run out of margin';
    this.addFact(clientOrderId, 'exchange_error', at, { code: 'liquidated_by_exchange', reason: text, symbol, side, quantity: size, price });
  }

  /** New orders as they are stored, with the deadline of their request. */
  newOrders(deadlineAt: number): NewOrder[] {
    return [...this.#newOrders.values()].map((order) => ({ ...order, deadlineAt: order.state === 'submitting' ? deadlineAt : null }));
  }

  addFact(key: string, type: FactType, at: number, data: Readonly<Record<string, unknown>>): void {
    const { bot } = this.#identity;
    this.facts.push({
      dedupeKey: `${key}:${type}`,
      userId: bot.userId,
      botId: bot.id,
      type,
      at,
      data: { bot: bot.name, symbol: bot.symbol, mode: bot.mode, ...data },
    });
  }

  #addOrderEvent(event: Event, order: Order | undefined): void {
    if (order === undefined || !('clientOrderId' in event) || event.type === 'cancelRequested') return;
    // Told once an order, however often the venue repeats it.
    const key = order.clientOrderId;
    const common = { clientOrderId: order.clientOrderId, state: order.state, at: event.at };
    const figures = this.#figures(order);
    switch (event.type) {
      case 'orderAccepted':
        // A cancel that was waiting for this word has already moved the order on.
        if (order.state === 'cancelling') this.orderChanges.push({ ...common, state: 'accepted' });
        this.orderChanges.push({ ...common, venueOrderId: event.venueOrderId });
        return this.addFact(key, 'order_placed', event.at, figures);
      case 'orderRejected':
        this.orderChanges.push({ ...common, reasonCode: event.code, reason: event.message });
        return this.addFact(key, 'order_rejected', event.at, { ...figures, code: event.code, reason: event.message });
      case 'orderFilled':
        this.orderChanges.push(common);
        if (order.state === 'filled') this.addFact(key, 'order_filled', event.at, figures);
        return;
      case 'orderUnknown':
        this.orderChanges.push(common);
        return;
      default: {
        const { reasonCode, reason } = endReason(order.state, order.cancelRequested);
        this.orderChanges.push({ ...common, ...endReason(order.state, order.cancelRequested) });
        return this.addFact(key, 'order_cancelled', event.at, { ...figures, state: order.state, code: reasonCode ?? null, reason: reason ?? null });
      }
    }
  }

  #addCommand(key: string, at: number, command: Command): void {
    switch (command.type) {
      case 'submitOrder':
        this.#newOrders.set(command.order.clientOrderId, this.#row(command.order, null, null));
        return;
      case 'denyOrder':
        this.#newOrders.set(command.order.clientOrderId, this.#row(command.order, command.code, command.message));
        return this.addFact(key, 'risk_denied', at, { ...this.#figures(command.order), code: command.code, reason: command.message });
      case 'cancelOrder':
        if (!this.#newOrders.has(command.clientOrderId))
          this.orderChanges.push({
            clientOrderId: command.clientOrderId,
            state: 'cancelling',
            at,
            reasonCode: 'by_bot',
            reason: 'its bot wants it off the book',
          });
        return;
      case 'reportFact':
        return this.addFact(key, command.fact === 'target_reached' ? 'target_reached' : 'strategy_note', at, { text: command.text, ...command.data });
      case 'finishRun':
        this.end = { at, reason: command.reason };
        return this.addFact(key, 'bot_stopped', at, { reason: command.reason });
      default:
        return;
    }
  }

  #row(order: Order, reasonCode: string | null, reason: string | null): Omit<NewOrder, 'deadlineAt'> {
    const { bot, runId } = this.#identity;
    const outbound = toOutbound(order, this.#identity);
    return {
      ...outbound,
      id: this.#nextId(),
      userId: bot.userId,
      accountId: bot.accountId,
      botId: bot.id,
      runId,
      state: order.state,
      reasonCode,
      reason,
      tag: order.tag,
      createdAt: order.createdAt,
    };
  }

  #figures(order: Order): Readonly<Record<string, unknown>> {
    const scale = scaleOf(this.#identity, order);
    return {
      ...(order.leg === undefined ? {} : { symbol: scale.instrument.symbol }),
      client_order_id: order.clientOrderId,
      side: order.side,
      type: order.type,
      price: order.priceTicks > 0 ? scale.price(order.priceTicks) : null,
      quantity: scale.size(order.sizeLots),
      filled_quantity: scale.size(order.filledLots),
      purpose: order.tag,
    };
  }
}

/** The order in the decimals of the wire. */
export function toOutbound(order: Order, identity: RunIdentity): OutboundOrder {
  const scale = scaleOf(identity, order);
  return {
    clientOrderId: order.clientOrderId,
    symbol: scale.instrument.symbol,
    side: order.side,
    type: order.type,
    price: order.priceTicks > 0 ? scale.price(order.priceTicks) : null,
    triggerPrice: order.triggerTicks > 0 ? scale.price(order.triggerTicks) : null,
    size: scale.size(order.sizeLots),
    timeInForce: order.timeInForce,
    postOnly: order.postOnly,
    reduceOnly: order.reduceOnly,
  };
}

function scaleOf({ scale, scales }: RunIdentity, { leg }: Pick<Order, 'leg'>): Scale {
  return leg === undefined ? scale : (scales?.get(leg) ?? scale);
}

/** The status a user sees for a run's phase. */
export function statusOf(phase: RunPhase): BotStatus {
  switch (phase) {
    case 'created':
      return 'starting';
    case 'liquidating':
      return 'stopping';
    case 'finished':
      return 'stopped';
    default:
      return phase;
  }
}
