/** The judge of books against the venue must find what it looks for, and forgive nothing but what never left. */
import { expect, it } from 'vitest';
import { formatClientOrderId } from '#core/client-order-id.ts';
import type { TrueOrder } from '../venues/_truth.ts';
import { type BookOrder, differences } from './judge.ts';

const ID = formatClientOrderId({ installation: 5, kind: 'account', number: 3 }, 1, 1);

function book(change: Partial<BookOrder>): BookOrder {
  return {
    client_order_id: ID,
    exchange_order_id: null,
    symbol: 'BTC/USDT',
    side: 'buy',
    price: '100',
    quantity: '1',
    status: 'open',
    filled_quantity: '0',
    reason_code: null,
    ...change,
  };
}

function verdict(orders: readonly BookOrder[], status: TrueOrder['status'] | null): string[] {
  const truth = { clientOrderId: ID, symbol: 'BTC/USDT', side: 'buy', price: '100', status, filledSize: '0' } as TrueOrder;
  return differences({ venueOrders: status === null ? [] : [truth], venueFills: [], bookOrders: orders, bookFills: [] });
}

it('wants every order on both sides, in the same state', () => {
  expect(verdict([book({})], 'open')).toEqual([]);
  expect(verdict([], 'open')).toEqual([`lost: ${ID} was accepted by the venue and is not in the books`]);
  expect(verdict([book({})], 'cancelled')).toEqual([`${ID} is cancelled at the venue and open in the books`]);
  expect(verdict([book({})], null)).toEqual([`${ID} is open in the books and the venue never accepted it`]);
  expect(verdict([book({ status: 'cancelled', reason_code: 'by_user' })], null)).toHaveLength(1);
});

it('wants an order that was refused or never sent to be unknown at the venue', () => {
  const unsent = book({ status: 'cancelled', reason_code: 'cancelled_before_sent' });
  expect(verdict([book({ status: 'rejected' })], null)).toEqual([]);
  expect(verdict([unsent], null)).toEqual([]);
  expect(verdict([unsent], 'cancelled')).toEqual([`${ID} was never sent, as it stands in the books, and the venue accepted it`]);
});
