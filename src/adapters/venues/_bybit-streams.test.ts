import { describe, expect, it } from 'vitest';
import { bybitQuotes, bybitStream } from './_bybit-streams.ts';
import { UnreadableAnswer } from './_fields.ts';

const symbolOf = (id: string): string | null => (id === 'BTCUSDT' ? 'BTC/USDT' : null);

const ORDER = {
  category: 'spot',
  symbol: 'BTCUSDT',
  orderId: '1552132392821724672',
  orderLinkId: 'mine',
  side: 'Buy',
  orderStatus: 'New',
  rejectReason: 'EC_NoError',
  price: '32635.00',
  qty: '0.000306',
  cumExecQty: '0.000000',
  orderType: 'Limit',
  updatedTime: '1699764599841',
};

const EXECUTION = {
  category: 'spot',
  symbol: 'BTCUSDT',
  execFee: '0.000000306',
  execId: '2100000000047469164',
  execPrice: '32635.00',
  execQty: '0.000306',
  execType: 'Trade',
  orderId: '1552132392821724672',
  orderLinkId: 'mine',
  side: 'Buy',
  execTime: '1699764599837',
  isMaker: false,
};

const stream = bybitStream('spot');
const told = (topic: string, ...data: readonly unknown[]) => stream.read({ id: '1', topic, creationTime: 1, data }, symbolOf);

describe('Bybit’s private stream', () => {
  it('logs in, then subscribes, then is ready', () => {
    expect(stream.read({ success: true, ret_msg: '', op: 'auth', conn_id: 'c' }, symbolOf)).toEqual({
      type: 'reply',
      frames: [{ op: 'subscribe', args: ['order.spot', 'execution.spot'] }],
    });
    expect(stream.read({ success: true, ret_msg: '', op: 'subscribe', conn_id: 'c' }, symbolOf)).toEqual({ type: 'ready' });
    expect(stream.read({ op: 'pong', args: ['1'], conn_id: 'c' }, symbolOf)).toEqual({ type: 'news', news: [] });
  });

  it('is given up when the login or the subscription is refused', () => {
    for (const op of ['auth', 'subscribe'])
      expect(stream.read({ success: false, ret_msg: 'no', op, conn_id: 'c' }, symbolOf)).toEqual({ type: 'drop', reason: `${op} refused: no` });
  });

  it('tells orders and trades of spot instruments that are known, and nothing else', () => {
    const order = { clientOrderId: 'mine', symbol: 'BTC/USDT', status: 'open', price: '32635', size: '0.000306' };
    expect(told('order.spot', ORDER)).toMatchObject({ news: [{ type: 'order', order }] });
    const fill = { tradeId: '2100000000047469164', feeAsset: 'BTC', feeAmount: '0.000000306', at: 1_699_764_599_837 };
    expect(told('execution.spot', EXECUTION, { ...EXECUTION, execId: '2' })).toMatchObject({ news: [{ type: 'fill', fill }, { fill: { tradeId: '2' } }] });
    for (const change of [{ category: 'linear' }, { symbol: 'ELSEUSDT' }]) {
      expect(told('order.spot', { ...ORDER, ...change })).toEqual({ type: 'news', news: [] });
      expect(told('execution.spot', { ...EXECUTION, ...change })).toEqual({ type: 'news', news: [] });
    }
    expect(told('execution.spot', { ...EXECUTION, execType: 'Funding' })).toEqual({ type: 'news', news: [] });
    expect(told('wallet', { coin: [] })).toEqual({ type: 'news', news: [] });
    expect(() => told('order.spot', { ...ORDER, orderStatus: 'Unheard' })).toThrow(UnreadableAnswer);
  });
});

describe('Bybit’s prices', () => {
  const quotes = bybitQuotes((symbol) => symbol.replace('/', ''), 'spot');
  const book = (b: unknown, a: unknown, type = 'snapshot') =>
    quotes.read({ topic: 'orderbook.1.BTCUSDT', ts: 1, type, data: { s: 'BTCUSDT', b, a, u: 1, seq: 1 } });

  it('are the best level of a whole book', () => {
    expect(book([['32499.20', '1']], [['32499.27', '0.011534']])).toEqual({ marketId: 'BTCUSDT', bid: '32499.2', ask: '32499.27' });
  });

  it('are not guessed from one side, from changes, or from other frames', () => {
    expect([book([], [['32499.27', '1']]), book([['32499.20', '1']], [])]).toEqual([null, null]);
    expect(book([['32000.00', '0']], [['32529.54', '0']], 'delta')).toBeNull();
    expect(quotes.read({ success: true, ret_msg: 'pong', op: 'ping' })).toBeNull();
    expect(() => book([['1e5', '1']], [['32499.27', '1']])).toThrow(UnreadableAnswer);
  });
});
