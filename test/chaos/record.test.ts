/** The judge of the venue's record must find what it looks for: too much at stake, an intent placed twice, a stale owner. */
import { expect, it } from 'vitest';
import { formatClientOrderId } from '#core/client-order-id.ts';
import type { LoggedRequest } from '../venues/_request-log.ts';
import type { TrueFill, TrueOrder } from '../venues/_truth.ts';
import { type BotRecord, byBot, doublesEver, peakAtStake, succession } from './record.ts';

const OWNER = { installation: 5, kind: 'bot', number: 3 } as const;

function order(sequence: number, change: Partial<TrueOrder> & { readonly epoch?: number } = {}): TrueOrder {
  const { epoch = 1, ...rest } = change;
  return {
    venueOrderId: String(sequence),
    clientOrderId: formatClientOrderId(OWNER, epoch, sequence),
    account: 'main',
    symbol: 'BTC/USDT',
    status: 'open',
    isTriggered: true,
    filledLots: 0,
    filledAtoms: 0,
    isLiquidation: false,
    createdAt: sequence,
    updatedAt: sequence,
    side: 'buy',
    type: 'limit',
    price: '100',
    size: '1',
    filledSize: '0',
    ...rest,
  };
}

function fill(of: TrueOrder, at: number, price: string, size: string): TrueFill {
  const { venueOrderId, clientOrderId, account, symbol, side } = of;
  return {
    tradeId: `${at}`,
    venueOrderId,
    clientOrderId,
    account,
    symbol,
    side,
    priceTicks: 0,
    sizeLots: 0,
    feeAsset: 'BTC',
    feeAmount: '0',
    isMaker: true,
    isLiquidation: false,
    at,
    price,
    size,
  };
}

function record(orders: readonly TrueOrder[], fills: readonly TrueFill[] = []): BotRecord {
  return { name: 'Bitcoin', number: 3, orders, fills };
}

it('counts resting buys and what was spent, net of sales', () => {
  const bought = order(1, { status: 'filled', filledSize: '1' });
  const sold = order(2, { side: 'sell', price: '110', status: 'filled', filledSize: '1', updatedAt: 20 });
  const resting = order(21, { price: '90' });
  expect(peakAtStake(record([bought, sold, resting], [fill(bought, 10, '99', '1'), fill(sold, 20, '110', '1')]))).toBe('100');
});

it('adds what rests at the same moment', () => {
  expect(peakAtStake(record([order(1), order(2, { price: '90' })]))).toBe('190');
});

it('gives back what was cancelled, but for the part that was filled before', () => {
  const half = order(1, { status: 'cancelled', filledSize: '0.5', updatedAt: 5 });
  expect(peakAtStake(record([half, order(6, { price: '120' })], [fill(half, 2, '100', '0.5')]))).toBe('170');
});

it('counts a market purchase at what it cost', () => {
  const bought = order(1, { type: 'market', price: null, status: 'filled', filledSize: '2' });
  expect(peakAtStake(record([bought], [fill(bought, 1, '101', '2')]))).toBe('202');
});

it('finds two orders that stood for the same level at the same time, even if both are long gone', () => {
  const first = order(1, { status: 'cancelled', updatedAt: 10 });
  expect(doublesEver(record([first, order(10, { status: 'filled', updatedAt: 12 })]))).toEqual([]);
  expect(doublesEver(record([first, order(9, { status: 'filled', updatedAt: 12 })]))).toHaveLength(1);
});

it.each([
  { venue: 'Binance', at: (ms: number) => ({ parameters: `symbol=BTCUSDT&timestamp=${ms}`, times: {} }) },
  { venue: 'Bybit', at: (ms: number) => ({ parameters: '{"symbol":"BTCUSDT"}', times: { 'x-bapi-timestamp': String(ms) } }) },
  { venue: 'OKX', at: (ms: number) => ({ parameters: '', times: { 'ok-access-timestamp': new Date(ms).toISOString() } }) },
])('tells an order that was fixed in time from one of an owner that acts beside its successor, as $venue writes times', ({ at }) => {
  const orders = [order(1), order(5, { epoch: 2 }), order(6, { epoch: 1 })];
  const clientOrderId = orders[2]?.clientOrderId ?? '';
  const requests = (ms: number) => new Map([[clientOrderId, { clientOrderId, ...at(ms) } as LoggedRequest]]);
  expect(succession(record(orders), requests(4))).toEqual({ epochs: 2, late: 1, violations: [] });
  expect(succession(record(orders), requests(6)).violations).toHaveLength(1);
  expect(succession(record(orders), new Map()).violations, 'what cannot be told apart counts').toHaveLength(1);
});

it('splits an account by bot and leaves out strangers', () => {
  const own = order(1);
  const other = order(2, { clientOrderId: formatClientOrderId({ ...OWNER, number: 4 }, 1, 1) });
  const stranger = order(3, { clientOrderId: 'web_1' });
  const fills = [fill(own, 4, '100', '1'), fill(stranger, 5, '100', '1')];
  const [mine] = byBot([own, other, stranger], fills, new Map([[3, 'Bitcoin']]));
  expect(mine?.orders.map(({ venueOrderId }) => venueOrderId)).toEqual(['1']);
  expect(mine?.fills.map(({ tradeId }) => tradeId)).toEqual(['4']);
});
