import { describe, expect, it } from 'vitest';
import type { VenueFill } from '#core/venue-ports.ts';
import { BookedTrades, MAX_BOOKED_TRADES } from './booked-trades.ts';

const SYMBOL = 'BTC/USDT';

function fill(tradeId: string): VenueFill {
  const figures = { price: '100', size: '1', feeAsset: 'BTC', feeAmount: '0.001', isMaker: true, at: 1_700_000_000_000 };
  return { tradeId, venueOrderId: 'v-1', clientOrderId: null, symbol: SYMBOL, side: 'buy', ...figures };
}

function setUp(ledger: ReadonlySet<string>, told: ReadonlySet<string> = new Set()) {
  const asked: string[][] = [];
  const trades = new BookedTrades({ knowsTrade: (symbol, tradeId) => told.has(`${symbol} ${tradeId}`) }, async (_symbol, tradeIds) => {
    asked.push([...tradeIds]);
    return new Set(tradeIds.filter((tradeId) => ledger.has(tradeId)));
  });
  const news = async (...ids: string[]) => (await trades.news(SYMBOL, ids.map(fill))).map(({ tradeId }) => tradeId);
  return { asked, news, trades };
}

describe('booked trades', () => {
  it('leave what neither the holder nor the ledger knows', async () => {
    const { news } = setUp(new Set(['t1']), new Set([`${SYMBOL} t2`]));
    expect(await news('t1', 't2', 't3')).toEqual(['t3']);
  });

  it('ask the ledger about an execution once, however often it is listed', async () => {
    const { news, asked } = setUp(new Set(['t1']));
    expect(await news('t1')).toEqual([]);
    expect(await news('t1')).toEqual([]);
    expect(asked).toEqual([['t1']]);
  });

  it('do not ask about what the holder was told, but do about the same number in another symbol', async () => {
    const { news, asked, trades } = setUp(new Set(['t1']), new Set([`${SYMBOL} t1`]));
    await news('t1');
    await trades.news('ETH/USDT', [fill('t1')]);
    expect(asked).toEqual([['t1']]);
  });

  it('keep asking about an execution until the ledger holds it', async () => {
    const ledger = new Set<string>();
    const { news } = setUp(ledger);
    expect(await news('t1')).toEqual(['t1']);
    ledger.add('t1');
    expect(await news('t1')).toEqual([]);
  });

  it('forget the oldest beyond their limit, and ask again', async () => {
    const ids = Array.from({ length: MAX_BOOKED_TRADES + 1 }, (_, index) => `t${index}`);
    const { news, asked } = setUp(new Set(ids));
    await news(...ids);
    asked.length = 0;
    expect(await news('t0', 't1')).toEqual([]);
    expect(asked).toEqual([['t0']]);
  });
});
