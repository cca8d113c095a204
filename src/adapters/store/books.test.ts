/** The books of an account: what the venue has confirmed and is not over, and what all fills have moved. */

import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestStore, type TestStore } from '#test/support/database.ts';
import { makeTradingWorld, newCommit, newFill, newOrder } from '#test/support/trading-world.ts';
import { booksOf } from './books.ts';

let database: TestStore;
beforeAll(async () => {
  database = await createTestStore();
});
afterAll(() => database.drop());

it('list orders that the venue has confirmed and that are not over, and nothing else of them than the venue knew', async () => {
  const world = await makeTradingWorld(database.store);
  const [resting, unconfirmed, over] = [newOrder(world, { size: '2' }), newOrder(world, { size: '1' }), newOrder(world, { size: '1' })];
  await database.store.commit(
    newCommit(world, {
      newOrders: [resting, unconfirmed, over],
      orderChanges: [
        { clientOrderId: resting.clientOrderId, state: 'partiallyFilled', venueOrderId: 'v-1' },
        { clientOrderId: over.clientOrderId, state: 'cancelled', venueOrderId: 'v-2' },
      ],
      fills: [newFill(resting.clientOrderId, { price: '99', size: '0.5', feeAmount: '0.0005' })],
    }),
  );
  const books = booksOf(database.store);
  expect(await books.restingOrders(world.account.id)).toEqual([
    {
      clientOrderId: resting.clientOrderId,
      symbol: 'BTC/USDT',
      side: 'buy',
      type: 'limit',
      price: '100',
      triggerPrice: null,
      size: '2',
      timeInForce: 'gtc',
      postOnly: false,
      reduceOnly: false,
      venueOrderId: 'v-1',
      filledSize: '0.5',
    },
  ]);
  expect(await books.netFlows(world.account.id)).toEqual([
    { asset: 'BTC', amount: '0.4995' },
    { asset: 'USDT', amount: '-49.5' },
  ]);
});
