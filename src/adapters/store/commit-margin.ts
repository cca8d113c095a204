/**
 * The budget check of a run on a perpetual: what its position and open orders with a price could come to, in the worse of both
 * directions and divided by its leverage, must fit what it was promised and has earned. Orders that open nothing more always may.
 */
import { settleOf } from '#core/instrument.ts';
import { Decimal, decimal, plain } from '#core/money.ts';
import type { NewOrder } from '#core/store/orders.ts';
import { conflict } from './commit-conflict.ts';
import type { Session } from './database.ts';
import { TERMINAL_STATES } from './states.ts';

const TERMS = {
  name: 'margin_of_run',
  text: `select coalesce((select amount from run_reservations where run_id = $1 and asset = $2 and symbol = $4), 0) as reserved,
           coalesce((select amount from run_positions where run_id = $1 and asset = $2 and symbol = $4), 0) as earned,
           coalesce((select leverage from run_legs where run_id = $1 and symbol = $4), 1) as leverage,
           coalesce((select size from perpetual_positions where holder = $1 and account_id = $3 and symbol = $4), 0) as size,
           coalesce((select entry_value from perpetual_positions where holder = $1 and account_id = $3 and symbol = $4), 0) as "entryValue"`,
};
const OPEN = {
  name: 'opening_orders_of_run',
  text: `select client_order_id as "clientOrderId", side, size - filled_size as size, price from orders
         where account_id = $2 and run_id = $1 and symbol = $3 and price is not null and not reduce_only and state not in ${TERMINAL_STATES}`,
};

interface Open {
  readonly clientOrderId: string;
  readonly side: string;
  readonly size: string;
  readonly price: string;
}

/** Of orders in one perpetual; throws PortError `store_conflict` when they open more than the margin covers. */
export async function assertWithinMargin(session: Session, runId: string, accountId: string, newOrders: readonly NewOrder[]): Promise<void> {
  const made = new Set(newOrders.filter((order) => order.price !== null && order.reduceOnly !== true).map((order) => order.clientOrderId));
  const [first] = newOrders;
  if (first === undefined || made.size === 0) return;
  const asset = settleOf(first.symbol);
  const terms = await session.row<Record<'reserved' | 'earned' | 'size' | 'entryValue', string> & { leverage: number }>(TERMS, [
    runId,
    asset,
    accountId,
    first.symbol,
  ]);
  if (terms === null) return;
  const open = await session.rows<Open>(OPEN, [runId, accountId, first.symbol]);
  const after = exposureOf(terms, open);
  if (
    after.lte(
      exposureOf(
        terms,
        open.filter((order) => !made.has(order.clientOrderId)),
      ),
    )
  )
    return;
  const limit = new Decimal(terms.reserved).plus(terms.earned).times(terms.leverage);
  if (after.gt(limit)) throw conflict(`budget: position and orders come to ${plain(after)} ${asset}, the run's margin covers ${plain(limit)}`);
}

/** The worse of both directions: the position with what the orders of one side would add to it. */
function exposureOf({ size, entryValue }: { readonly size: string; readonly entryValue: string }, open: readonly Open[]): Decimal {
  const held = new Decimal(entryValue).abs();
  const signed = new Decimal(size);
  const sides = (['buy', 'sell'] as const).map((side) => {
    const orders = open.filter((order) => order.side === side);
    const isWith = side === 'buy' ? !signed.isNegative() : !signed.isPositive() || signed.isZero();
    const opening = orders.reduce((sum, order) => sum.plus(order.size), new Decimal(0)).minus(isWith ? 0 : signed.abs());
    if (opening.lte(0)) return isWith ? held : new Decimal(0);
    const value = orders.reduce((sum, order) => sum.plus(decimal(order.size).times(order.price)), new Decimal(0));
    const dearest = opening.times(Decimal.max(...orders.map((order) => order.price)));
    return Decimal.min(value, dearest).plus(isWith ? held : 0);
  });
  return Decimal.max(held, ...sides);
}
