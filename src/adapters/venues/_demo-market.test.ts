import { describe, expect, it } from 'vitest';
import { Scale } from '#core/instrument.ts';
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
});
