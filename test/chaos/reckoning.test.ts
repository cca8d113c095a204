/** Everything the judges can say is counted under its own name, and nothing is left out. */
import { expect, it } from 'vitest';
import { type BookOrder, differences, type Sides } from '../crash/judge.ts';
import { reckon } from './reckoning.ts';

const NOTHING: Sides = { venueOrders: [], venueFills: [], bookOrders: [], bookFills: [] };

it('counts nothing when nothing is wrong', () => {
  expect(reckon([])).toBe('0 lost, 0 doubled, 0 unknown, 0 budget breaches, 0 other violations');
});

it('counts each kind by itself, as the judges name them', () => {
  const stranger = { client_order_id: 'a', status: 'open' } as BookOrder;
  const found = [
    ...differences({ ...NOTHING, bookOrders: [stranger] }),
    ...differences({ ...NOTHING, bookFills: [{ trade_id: '1', symbol: 'BTC/USDT', quantity: '1', price: '1' }] }),
    'a is filled at the venue and open in the books',
    'a has 1 filled at the venue and 0 in the books',
    'execution 1 of BTC/USDT differs: 1@1, books 2@1',
    'a is still in doubt',
    'lost: a was accepted by the venue and is not in the books',
    'lost: execution 1 of BTC/USDT is not in the books',
    'doubled: 2 executions stand twice in the books',
    'doubled: okx accepted a twice',
    'budget: Bitcoin had 9 at stake of 8\n      evidence',
    'Bitcoin does not trade any more',
    'a of Bitcoin, epoch 1, was accepted after epoch 2 had begun 3 ms before it was fixed',
  ];
  expect(reckon(found)).toBe('2 lost, 2 doubled, 6 unknown, 1 budget breaches, 2 other violations');
});
