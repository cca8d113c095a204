/**
 * The automatic actions of one order on their way between the books and the pure machine: events in the engine's integers,
 * commands as orders with names of their own, and each step as a part of a commit.
 */
import type { ActionAdvance, ActionRecord, ActionStep } from '#core/actions/action-record.ts';
import type { ActionEvent, ActionPlan, ActionState, LegPurpose } from '#core/actions/action-state.ts';
import { type ActionCommand, stepActions } from '#core/actions/actions.ts';
import { formatClientOrderId, parseClientOrderId } from '#core/client-order-id.ts';
import { Scale } from '#core/instrument.ts';
import { decimal } from '#core/money.ts';
import type { NewOrder, OrderRecord } from '#core/store/orders.ts';
import type { VenueFill } from '#core/venue-ports.ts';

/** What a number of events would do, before it is durable. */
export interface ActionDraft {
  readonly advance: ActionAdvance;
  readonly orders: readonly NewOrder[];
  /** Orders of the actions to be cancelled, and why. */
  readonly cancels: readonly { readonly clientOrderId: string; readonly reason: string }[];
  /** What the user should hear of. */
  readonly troubles: readonly { readonly code: string; readonly text: string }[];
}

export class ActionChain {
  readonly root: OrderRecord;
  readonly plan: ActionPlan;
  readonly scale: Scale;
  #state: ActionState;
  #sequence: number;

  constructor(root: OrderRecord, actions: ActionRecord) {
    this.root = root;
    this.plan = actions.plan;
    this.scale = new Scale(actions.plan.instrument);
    this.#state = actions.state;
    this.#sequence = actions.sequence;
  }

  get state(): ActionState {
    return this.#state;
  }

  /** Whether a wish to cancel this order is news to the actions: it did not come from them. */
  isNewCancel(order: OrderRecord): boolean {
    return this.#state.legs.find(({ index }) => index === indexOf(order))?.cancel === 'none';
  }

  cancelRequested(order: OrderRecord, at: number): ActionEvent {
    return { type: 'legCancelRequested', at, index: indexOf(order) };
  }

  /**
   * `order` is as it stood before. A venue that has made its increments finer may fill parts of a lot: what has opened is
   * counted down and what has closed up, so that never more is closed than was opened.
   */
  filled(order: OrderRecord, fill: VenueFill, at: number): ActionEvent {
    const scale = this.scale;
    const purpose = purposeOf(order);
    const rounding = purpose === 'entry' ? 'down' : 'up';
    return {
      type: 'legFilled',
      at,
      index: indexOf(order),
      purpose,
      lots: scale.lots(decimal(order.filledSize).plus(fill.size), rounding) - scale.lots(order.filledSize, rounding),
      priceTicks: scale.ticks(fill.price, 'nearest'),
      feeGrains: fill.feeAsset === scale.instrument.base ? scale.grains(decimal(fill.feeAmount), 'up') : 0,
    };
  }

  over(order: OrderRecord, code: string | undefined, at: number): ActionEvent {
    const { state } = order;
    const end = state === 'filled' || state === 'cancelled' || state === 'expired' ? state : 'rejected';
    return { type: 'legOver', at, index: indexOf(order), end, code: code ?? '' };
  }

  /** Tries events on a copy: nothing has happened until {@link keep}. */
  draft(events: readonly ActionEvent[], nextId: () => string): ActionDraft {
    const state = structuredClone(this.#state);
    const steps: ActionStep[] = [];
    const drafted = { orders: [] as NewOrder[], cancels: [] as ActionDraft['cancels'][number][], troubles: [] as ActionDraft['troubles'][number][] };
    const notes: ActionAdvance['notes'][number][] = [];
    for (const event of events) {
      const commands = stepActions(this.plan, state, event);
      steps.push({ sequence: this.#sequence + steps.length + 1, event, commands });
      for (const command of commands) notes.push(...this.#carry(command, event.at, nextId, drafted));
    }
    return { advance: { orderId: this.root.id, steps, state, notes }, ...drafted };
  }

  /** The draft is durable. */
  keep({ advance }: ActionDraft): void {
    this.#state = advance.state;
    this.#sequence += advance.steps.length;
  }

  #carry(
    command: ActionCommand,
    at: number,
    nextId: () => string,
    drafted: { readonly orders: NewOrder[]; readonly cancels: ActionDraft['cancels'][number][]; readonly troubles: ActionDraft['troubles'][number][] },
  ): readonly ActionAdvance['notes'][number][] {
    switch (command.type) {
      case 'submitLeg': {
        const order = this.#order(command, at, nextId());
        drafted.orders.push(order);
        return [{ at, reasonCode: command.code, reason: command.text, relatedOrderId: order.id }];
      }
      case 'cancelLeg':
        drafted.cancels.push({ clientOrderId: this.#idOf(command.index), reason: command.text });
        return [];
      case 'tell':
        if (command.isTrouble) drafted.troubles.push(command);
        return [{ at, reasonCode: command.code, reason: command.text, relatedOrderId: null }];
    }
  }

  #order({ index, request }: Extract<ActionCommand, { type: 'submitLeg' }>, at: number, id: string): NewOrder {
    const { root } = this;
    const scale = this.scale;
    return {
      id,
      clientOrderId: this.#idOf(index),
      userId: root.userId,
      accountId: root.accountId,
      botId: root.botId,
      runId: null,
      symbol: root.symbol,
      side: request.side,
      type: request.type,
      timeInForce: request.timeInForce,
      postOnly: request.postOnly,
      reduceOnly: request.reduceOnly,
      price: request.priceTicks > 0 ? scale.price(request.priceTicks) : null,
      triggerPrice: request.triggerTicks > 0 ? scale.price(request.triggerTicks) : null,
      size: scale.size(request.sizeLots),
      state: 'submitting',
      reasonCode: null,
      reason: null,
      tag: request.tag,
      parentOrderId: root.id,
      deadlineAt: null,
      createdAt: at,
    };
  }

  /** The name of an order of the actions follows from the first order's: its sequence, with the number of the leg where that one has 0. */
  #idOf(index: number): string {
    const parsed = parseClientOrderId(this.root.clientOrderId);
    if (parsed === null) throw new Error(`order ${this.root.id} has a name that is not ours: ${this.root.clientOrderId}`);
    return index === 0 ? this.root.clientOrderId : formatClientOrderId(parsed, index, parsed.sequence);
  }
}

function indexOf(order: OrderRecord): number {
  return parseClientOrderId(order.clientOrderId)?.epoch ?? 0;
}

const TAG = 'action:';

function purposeOf(order: OrderRecord): LegPurpose {
  return order.tag.startsWith(TAG) ? (order.tag.slice(TAG.length) as LegPurpose) : 'entry';
}
