import { describe, expect, it } from 'vitest';
import { Scale } from '#core/instrument.ts';
import type { Book, Candle, PublicTrade } from '#core/market-data.ts';
import { decimal } from '#core/money.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { DemoMarket } from './_demo-market.ts';
import { DEMO_STEP_MS } from './_demo-prices.ts';

const START = 1_800_000_000_000;

async function bidsOver(seed: number, symbol: string, stepMs: number, steps: number): Promise<number[]> {
  const bids: number[] = [];
  for (let step = 0; step < steps; step += 1) bids.push(Number((await new DemoMarket(new ManualClock(START + step * stepMs), seed).quote(symbol)).bid));
  return bids;
}

describe('the demonstration market', () => {
  it('says in both languages that its prices are made up', () => {
    const notice = new DemoMarket(new ManualClock()).notice();
    expect(notice.en).toContain('made up');
    expect(notice.ru).toContain('выдуманы');
  });

  it('quotes every instrument in whole increments, the bid below the ask', async () => {
    const market = new DemoMarket(new ManualClock(START));
    const instruments = await market.instruments();
    expect([...instruments.keys()]).toEqual(
      expect.arrayContaining(['BTC/USDT', 'ETH/USDT', 'SOL/USDT', 'BNB/USDT', 'XRP/USDT', 'DOGE/USDT', 'WLD/USDT', 'ETH/BTC']),
    );
    for (const [symbol, instrument] of instruments) {
      const { bid, ask } = await market.quote(symbol);
      const scale = new Scale(instrument);
      expect([scale.isPriceAligned(bid), scale.isPriceAligned(ask), decimal(bid).lt(ask)], symbol).toEqual([true, true, true]);
    }
    await expect(market.quote('NO/SUCH')).rejects.toMatchObject({ code: 'symbol_unknown' });
  });

  it('shows the same price to everybody at the same time, and another one under another seed', async () => {
    expect(await bidsOver(5, 'BTC/USDT', 1000, 20)).toEqual(await bidsOver(5, 'BTC/USDT', 1000, 20));
    expect(await bidsOver(5, 'BTC/USDT', 1000, 20)).not.toEqual(await bidsOver(6, 'BTC/USDT', 1000, 20));
  });

  it('moves by more than half a percent within any minute, never by more than half a percent in one step', async () => {
    const minutes = Array.from({ length: 20 }, (_, minute) => minute);
    for (const minute of minutes) {
      const clock = new ManualClock(START + minute * 3_600_000);
      const market = new DemoMarket(clock);
      const bids: number[] = [];
      for (let at = 0; at < 60_000; at += DEMO_STEP_MS) {
        bids.push(Number((await market.quote('BTC/USDT')).bid));
        await clock.advance(DEMO_STEP_MS);
      }
      expect(Math.max(...bids) / Math.min(...bids), `minute ${minute}`).toBeGreaterThan(1.005);
      for (let step = 1; step < bids.length; step += 1) expect(Math.abs((bids[step] ?? 0) / (bids[step - 1] ?? 1) - 1)).toBeLessThan(0.005);
    }
  });

  it('comes back to its middle: over a year it stays within six percent', async () => {
    const bids = await bidsOver(1, 'ETH/USDT', 12_345_678, 2_500);
    expect(Math.max(...bids)).toBeLessThan(3_200 * 1.06);
    expect(Math.min(...bids)).toBeGreaterThan(3_200 * 0.94);
    expect(bids.reduce((sum, bid) => sum + bid, 0) / bids.length / 3_200).toBeCloseTo(1, 2);
  });

  it('keeps the three sides of a triangle in line', async () => {
    const market = new DemoMarket(new ManualClock(START));
    const [eth, btc, cross] = await Promise.all(['ETH/USDT', 'BTC/USDT', 'ETH/BTC'].map((symbol) => market.quote(symbol)));
    expect(Number(cross?.bid) / (Number(eth?.bid) / Number(btc?.bid))).toBeCloseTo(1, 3);
  });

  it('pushes four quotes a second to each watcher until it stops watching', async () => {
    const clock = new ManualClock(START);
    const market = new DemoMarket(clock);
    const seen: number[] = [];
    const unwatch = market.watchQuotes('BTC/USDT', ({ at }) => seen.push(at));
    await clock.advance(1000);
    expect(seen).toEqual([0, 250, 500, 750, 1000].map((ms) => START + ms));
    unwatch();
    await clock.advance(1000);
    expect(seen).toHaveLength(5);
    market.watchQuotes('BTC/USDT', ({ at }) => seen.push(at));
    await clock.advance(0);
    expect(seen).toHaveLength(6);
  });

  it('makes candles of its own trades: the same prices, the same volume', async () => {
    const at = Math.floor(START / 60_000) * 60_000;
    const clock = new ManualClock(at + 60_000);
    const market = new DemoMarket(clock);
    const [candle] = await market.candles('BTC/USDT', '1m', at, at + 60_000);
    // The newest trade is the first of the next minute.
    const trades = (await market.trades('BTC/USDT', 241)).slice(0, -1);
    const prices = trades.map(({ price }) => Number(price));
    expect([trades[0]?.at, trades.at(-1)?.at]).toEqual([at, at + 60_000 - DEMO_STEP_MS]);
    expect(candle).toMatchObject({ startAt: at, open: trades[0]?.price, close: trades.at(-1)?.price });
    expect([Number(candle?.high), Number(candle?.low)]).toEqual([Math.max(...prices), Math.min(...prices)]);
    expect(candle?.volume).toBe(trades.reduce((sum, { size }) => sum.plus(size), decimal('0')).toFixed());
  });

  it('pushes each trade once, each candle when it is over, and books around the quote', async () => {
    const clock = new ManualClock(Math.floor(START / 60_000) * 60_000);
    const market = new DemoMarket(clock);
    const [trades, candles, books]: [PublicTrade[], Candle[], Book[]] = [[], [], []];
    const ends = [
      market.watchTrades('BTC/USDT', (trade) => trades.push(trade)),
      market.watchCandles('BTC/USDT', '1m', (candle) => candles.push(candle)),
      market.watchBook('BTC/USDT', (book) => books.push(book)),
    ];
    await clock.advance(120_000);
    expect(trades).toHaveLength(480);
    expect(new Set(trades.map(({ tradeId }) => tradeId)).size).toBe(480);
    expect(candles).toEqual(await market.candles('BTC/USDT', '1m', clock.now() - 120_000, clock.now()));
    const { bid, ask } = await market.quote('BTC/USDT');
    expect([books.at(-1)?.bids[0]?.[0], books.at(-1)?.asks[0]?.[0]]).toEqual([bid, ask]);
    for (const end of ends) end();
    await clock.advance(1_000);
    expect([trades.length, clock.waiting]).toEqual([480, 0]);
  });

  it('tells the day of everything it trades', async () => {
    const tickers = await new DemoMarket(new ManualClock(START)).tickers();
    expect(tickers).toHaveLength(14);
    for (const { symbol, last, bid, ask, quoteVolume } of tickers)
      expect([Number(quoteVolume) > 0, Math.abs(Number(last) / ((Number(bid) + Number(ask)) / 2) - 1) < 0.01], symbol).toEqual([true, true]);
  });
});
