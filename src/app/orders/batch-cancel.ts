/**
 * Cancels many orders of one user with one request: the wishes are noted together, and whoever owns an order carries its wish out.
 */
import { AppError } from '#core/errors.ts';
import { isTerminal } from '#core/order.ts';
import type { CancelSelection } from '#core/order-filter.ts';
import type { Bus, Clock } from '#core/ports.ts';
import type { OrderRecord } from '#core/store/orders.ts';
import type { Store } from '#core/store/store.ts';

/** Orders that one request may cancel. */
export const MAX_BATCH_CANCEL = 100;

/** Exactly one of ids, account and bot; the symbol narrows an account. */
export interface GivenSelection {
  readonly ids?: readonly string[] | undefined;
  readonly accountId?: string | undefined;
  readonly botId?: string | undefined;
  readonly symbol?: string | undefined;
}

/** What becomes of each order of a batch; `isWhole` is false when more may be left than one request takes. */
export interface BatchCancel {
  readonly items: readonly { readonly id: string; readonly outcome: 'cancelling' | 'not_open' | 'not_found'; readonly order: OrderRecord | null }[];
  readonly isWhole: boolean;
}

interface BatchCancelParts {
  readonly store: Pick<Store, 'orders' | 'accounts' | 'bots'>;
  readonly clock: Clock;
  readonly bus: Bus;
}

/**
 * Asks to cancel up to {@link MAX_BATCH_CANCEL} orders and waits for none of them. Of a selection without ids it takes those that are
 * not over, those nobody has asked to cancel first. Throws AppError `validation_failed`.
 */
export async function cancelMany({ store, clock, bus }: BatchCancelParts, userId: string, given: GivenSelection): Promise<BatchCancel> {
  const which = await selection(store, userId, given);
  const orders = await store.orders.requestCancels(userId, which, clock.now(), MAX_BATCH_CANCEL);
  for (const order of orders) if (!isTerminal(order.state)) wakeForCancel(bus, order);
  const byId = new Map(orders.map((order) => [order.id, order]));
  const ids = 'ids' in which ? [...new Set(which.ids)] : [...byId.keys()];
  const items = ids.map((id): BatchCancel['items'][number] => {
    const order = byId.get(id) ?? null;
    return { id, order, outcome: order === null ? 'not_found' : isTerminal(order.state) ? 'not_open' : 'cancelling' };
  });
  return { items, isWhole: 'ids' in which || orders.length < MAX_BATCH_CANCEL };
}

/** Tells whoever owns the order that it is to be cancelled. One of a run is its bot's; one placed by hand is the steward's, whatever bot it was placed for. */
export function wakeForCancel(bus: Bus, { id, accountId, clientOrderId, runId, botId }: OrderRecord): void {
  bus.publish('order_commands', { action: 'cancel', accountId, orderId: id, clientOrderId, ...(runId === null ? {} : { botId }) });
}

async function selection(store: BatchCancelParts['store'], userId: string, { ids, accountId, botId, symbol }: GivenSelection): Promise<CancelSelection> {
  if ([ids, accountId, botId].filter((each) => each !== undefined).length !== 1)
    throw refuse('ids', 'or account_id or bot_id is required, and only one of them');
  if (symbol !== undefined && accountId === undefined) throw refuse('symbol', 'goes with account_id only');
  if (ids !== undefined) return { ids };
  if (accountId !== undefined) {
    if ((await store.accounts.get(userId, accountId)) === null) throw refuse('account_id', 'is not one of your exchange accounts');
    return { accountId, symbol: symbol ?? null };
  }
  const bot = botId === undefined ? null : await store.bots.get(userId, botId);
  if (bot === null) throw refuse('bot_id', 'is not one of your bots');
  return { botId: bot.id };
}

function refuse(field: string, message: string): AppError {
  return new AppError('validation_failed', `${field} ${message}`, [{ field, message }]);
}
