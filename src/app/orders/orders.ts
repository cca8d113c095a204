/**
 * Orders placed by hand: checked, stored before anything is sent, and handed to the account's steward, who alone talks
 * to the venue. Who asks waits a while for the venue's answer and otherwise gets the order as it stands.
 */
import type { ActionRecord } from '#core/actions/action-record.ts';
import { type ActionRules, newActionState } from '#core/actions/action-state.ts';
import { formatClientOrderId } from '#core/client-order-id.ts';
import { AppError } from '#core/errors.ts';
import type { DecimalString } from '#core/money.ts';
import { isTerminal, type OrderState } from '#core/order.ts';
import type { OrderFilter } from '#core/order-filter.ts';
import type { Bus, Clock, Ids } from '#core/ports.ts';
import type { AccountRecord } from '#core/store/accounts.ts';
import type { FillRecord } from '#core/store/fills.ts';
import type { OrderLifeRecord, OrderRecord } from '#core/store/orders.ts';
import type { Page, PageRequest } from '#core/store/page.ts';
import type { Store } from '#core/store/store.ts';
import { instrumentOf } from '../bots/bot-planning.ts';
import { missing } from '../missing.ts';
import type { Accounts } from '../people/accounts.ts';
import { planActions } from './action-rules.ts';
import { type BatchCancel, cancelMany, type GivenSelection, wakeForCancel } from './batch-cancel.ts';
import { checkReduceOnly, checkReducesPosition, checkTicket, type OrderTicket } from './order-checks.ts';

/** How long an answer waits for the venue. */
export const ANSWER_WAIT_MS = 10_000;
/** How soon the order is read again when a wake-up was lost. */
const REREAD_MS = 1_000;
/** Epoch in the ClientOrderIds of orders placed by hand: their sequence comes from the database, whoever the steward is. */
const HAND_EPOCH = 0;

export interface OrdersParts {
  readonly store: Pick<Store, 'orders' | 'actions' | 'fills' | 'accounts' | 'bots' | 'killSwitch' | 'operations' | 'installation'>;
  readonly accounts: Pick<Accounts, 'venue' | 'balances' | 'positions'>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly bus: Bus;
}

export interface NewHandOrder extends OrderTicket {
  /** What is to follow from its changes; `null` for nothing. */
  readonly actions: ActionRules | null;
  readonly accountId?: string | undefined;
  readonly botId?: string | undefined;
  readonly idempotencyKey: string | null;
}

/** An order with what its fills have cost, by asset. */
export interface OrderView {
  readonly order: OrderRecord;
  readonly fees: readonly { readonly asset: string; readonly amount: DecimalString }[];
  /** The automatic actions it came with, and how they stand. */
  readonly actions: ActionRecord | null;
}

export class Orders {
  readonly #parts: OrdersParts;

  constructor(parts: OrdersParts) {
    this.#parts = parts;
  }

  /**
   * Places an order and waits up to {@link ANSWER_WAIT_MS} for the venue. The same idempotency key gives the same order, whatever
   * has become of market, account and kill switch meanwhile. Throws AppError `validation_failed`, `symbol_unknown`,
   * `trading_killed`, `idempotency_key_reused`, or PortError when the market cannot be asked.
   */
  async place(userId: string, input: NewHandOrder): Promise<OrderView> {
    const repeated = await this.#repeated(userId, input);
    const order = repeated ?? (await this.#request(userId, input));
    const wake = (): void => this.#parts.bus.publish('order_commands', { action: 'place', accountId: order.accountId, orderId: order.id });
    // What cannot rest is over in a moment, and its fills are what the user wants to see.
    const canRest = input.type !== 'market' && input.timeInForce === 'gtc';
    return this.#view(await this.#settled(order, (state) => (canRest ? state !== 'initialized' && state !== 'submitting' : isTerminal(state)), wake));
  }

  /** The order that this key was used for, or `null` when it is new. */
  async #repeated(userId: string, input: NewHandOrder): Promise<OrderRecord | null> {
    const key = input.idempotencyKey;
    const first = key === null ? null : await this.#parts.store.orders.byIdempotencyKey(userId, key);
    if (first === null || first.request === requestText(input)) return first?.order ?? null;
    const { id, clientOrderId } = first.order;
    throw new AppError('idempotency_key_reused', `The key was used before for another order: ${id} (${clientOrderId}). Nothing was placed.`, [
      { field: 'Idempotency-Key', message: `was used before for another order (${id}); take a new one` },
    ]);
  }

  /** Checks and stores; a request with the same key that was quicker gives its order. */
  async #request(userId: string, input: NewHandOrder): Promise<OrderRecord> {
    const { store, clock, ids, accounts } = this.#parts;
    const [{ account, botId }, observing, isKilled] = await Promise.all([
      this.#accountFor(userId, input),
      store.operations.observing(),
      store.killSwitch.isOn(userId),
    ]);
    if (observing !== null) throw new AppError('observe_only', 'This installation observes only, so no order may be placed.');
    if (isKilled) throw new AppError('trading_killed', 'The kill switch is on, so no order may be placed.');
    const venue = accounts.venue(account.exchange);
    const instrument = await instrumentOf(venue, input.symbol);
    const quote = await venue.market.quote(input.symbol);
    checkTicket(input, instrument, quote, venue.capabilities);
    if (input.reduceOnly && instrument.kind === 'perpetual') checkReducesPosition(input, instrument, await accounts.positions(userId, account.id));
    else if (input.reduceOnly) checkReduceOnly(input, instrument, await accounts.balances(userId, account.id));
    const plan = input.actions === null ? null : planActions(input.actions, input, instrument, quote, venue.capabilities);
    const sequence = (await store.accounts.nextOrderSequence(userId, account.id)) ?? missing();
    const owner = { installation: await store.installation(), kind: 'account', number: account.number } as const;
    const id = ids.next();
    const order = await store.orders.request({
      id,
      clientOrderId: formatClientOrderId(owner, HAND_EPOCH, sequence),
      userId,
      accountId: account.id,
      botId,
      runId: null,
      symbol: input.symbol,
      side: input.side,
      type: input.type,
      timeInForce: input.timeInForce,
      postOnly: input.postOnly,
      reduceOnly: input.reduceOnly,
      price: input.price,
      triggerPrice: input.triggerPrice,
      size: input.quantity,
      state: 'initialized',
      reasonCode: null,
      reason: null,
      tag: 'manual',
      deadlineAt: null,
      createdAt: clock.now(),
      actions: plan === null || input.actions === null ? null : { rules: input.actions, plan, state: newActionState(plan) },
      idempotency: input.idempotencyKey === null ? null : { key: input.idempotencyKey, request: requestText(input) },
    });
    return order.id === id ? order : ((await this.#repeated(userId, input)) ?? missing());
  }

  /**
   * Asks to cancel and waits up to {@link ANSWER_WAIT_MS} for the end of the order. Throws AppError `not_found`, or
   * `order_not_open` when it is over already.
   */
  async cancel(userId: string, id: string): Promise<OrderView> {
    const { store, clock } = this.#parts;
    const order = await store.orders.requestCancel(userId, id, clock.now());
    if (order === null) return missing();
    if (order === 'notOpen') {
      const present = (await store.orders.get(userId, id)) ?? missing();
      throw new AppError('order_not_open', `The order is over: ${present.state}.`);
    }
    return this.#view(await this.#settled(order, isTerminal, () => wakeForCancel(this.#parts.bus, order)));
  }

  /** Asks to cancel many orders and waits for none; see {@link cancelMany}. */
  cancelMany(userId: string, given: GivenSelection): Promise<BatchCancel> {
    return cancelMany(this.#parts, userId, given);
  }

  async list(userId: string, filter: OrderFilter, page: PageRequest): Promise<Page<OrderView>> {
    const { items, nextCursor } = await this.#parts.store.orders.list(userId, filter, page);
    return { items: await this.#views(userId, items), nextCursor };
  }

  /** Calls the automatic actions of an order off; its orders that rest stay. Throws AppError `not_found`, or `order_not_open` when they are over already. */
  async callOff(userId: string, id: string): Promise<OrderView> {
    const { store, clock, bus } = this.#parts;
    const order = (await store.orders.get(userId, id)) ?? missing();
    const outcome = (await store.actions.callOff(userId, id, clock.now())) ?? missing();
    if (outcome === 'over') throw new AppError('order_not_open', 'The automatic actions of the order are over already.');
    bus.publish('order_commands', { action: 'callOff', accountId: order.accountId, orderId: id });
    return this.#view(order);
  }

  /** Throws AppError `not_found`. */
  async get(userId: string, id: string): Promise<OrderView> {
    return this.#view((await this.#parts.store.orders.get(userId, id)) ?? missing());
  }

  /** The life of an order, newest event first. Throws AppError `not_found`. */
  async life(userId: string, id: string, page: PageRequest): Promise<Page<OrderLifeRecord>> {
    const { orders } = this.#parts.store;
    if ((await orders.get(userId, id)) === null) missing();
    return orders.life(userId, id, page);
  }

  fills(userId: string, filter: { readonly botId?: string; readonly orderId?: string }, page: PageRequest): Promise<Page<FillRecord>> {
    return this.#parts.store.fills.list(userId, filter, page);
  }

  async #view(order: OrderRecord): Promise<OrderView> {
    const [view] = await this.#views(order.userId, [order]);
    return view ?? { order, fees: [], actions: null };
  }

  async #views(userId: string, orders: readonly OrderRecord[]): Promise<readonly OrderView[]> {
    const { store } = this.#parts;
    const ids = orders.map((order) => order.id);
    const [fees, actions] = await Promise.all([store.fills.feesOf(userId, ids), store.actions.of(userId, ids)]);
    return orders.map((order) => ({ order, fees: fees.get(order.id) ?? [], actions: actions.get(order.id) ?? null }));
  }

  async #accountFor(userId: string, input: NewHandOrder): Promise<{ readonly account: AccountRecord; readonly botId: string | null }> {
    const { store } = this.#parts;
    if ((input.accountId === undefined) === (input.botId === undefined))
      throw refuse('account_id', 'is required unless bot_id is given; both together are ambiguous');
    if (input.accountId !== undefined)
      return { account: (await store.accounts.get(userId, input.accountId)) ?? unknown('account_id', 'is not one of your exchange accounts'), botId: null };
    const bot = (await store.bots.get(userId, input.botId ?? '')) ?? unknown('bot_id', 'is not one of your bots');
    if (bot.symbol !== input.symbol) throw refuse('symbol', `must be ${bot.symbol}, which the bot trades; give account_id for others`);
    const account = (await store.accounts.get(userId, bot.accountId)) ?? missing();
    if (bot.mode === 'paper' && account.exchange !== 'paper')
      throw refuse('bot_id', `trades on paper while its account at ${account.exchange} is real; give account_id if a real order is meant`);
    return { account, botId: bot.id };
  }

  /** Calls `wake`, then reads the order at every word of it until it is as wished or the wait is over. */
  async #settled(order: OrderRecord, isSettled: (state: OrderState) => boolean, wake: () => void): Promise<OrderRecord> {
    const { store, clock, bus } = this.#parts;
    const until = clock.now() + ANSWER_WAIT_MS;
    let hasNews = false;
    let onNews: () => void = () => undefined;
    const reread = (): void => {
      hasNews = true;
      onNews();
    };
    // A word that says how the order stands and that this is not yet the wished one is no news.
    const isNews = (state: unknown): boolean => typeof state !== 'string' || isSettled(state as OrderState);
    const unsubscribe = bus.subscribe('order_changed', ({ orderId, state }) => (orderId === order.id && isNews(state) ? reread() : undefined), reread);
    try {
      wake();
      let present = order;
      while (!isSettled(present.state) && clock.now() < until) {
        if (!hasNews) await new Promise<void>((resolve) => this.#sleep(resolve, Math.min(REREAD_MS, until - clock.now()), (wakeUp) => (onNews = wakeUp)));
        hasNews = false;
        present = (await store.orders.get(order.userId, order.id)) ?? present;
      }
      return present;
    } finally {
      unsubscribe();
    }
  }

  #sleep(resolve: () => void, ms: number, listen: (wakeUp: () => void) => void): void {
    const callOff = this.#parts.clock.after(ms, resolve);
    listen(() => {
      callOff();
      resolve();
    });
  }
}

/** The request as it is compared with a repetition; a key that was used for another order must not look as if this one had been placed. */
function requestText(input: NewHandOrder): string {
  const { accountId = null, botId = null, symbol, side, type, quantity, price, triggerPrice, timeInForce, postOnly, reduceOnly, actions } = input;
  return JSON.stringify({ accountId, botId, symbol, side, type, quantity, price, triggerPrice, timeInForce, postOnly, reduceOnly, actions });
}

function refuse(field: string, message: string): AppError {
  return new AppError('validation_failed', `${field} ${message}`, [{ field, message }]);
}

function unknown(field: string, message: string): never {
  throw refuse(field, message);
}
