import { describe, expect, it } from 'vitest';
import type { Venue } from '#core/venue-ports.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { MAX_KEPT, MarketReads } from './market-reads.ts';

function stage() {
  const asked: string[] = [];
  const market = {
    instruments: async () => new Map([['BTC/USDT', {}]]),
    candles: async (_symbol: string, _interval: string, from: number) => {
      asked.push(String(from));
      return [];
    },
  };
  const clock = new ManualClock();
  return { asked, clock, reads: new MarketReads(clock), venue: { id: 'made-up', market } as unknown as Venue };
}

describe('reads of public data', () => {
  it('keep a limited number of answers, and let the oldest go', async () => {
    const { asked, clock, reads, venue } = stage();
    const read = (index: number) => reads.candles(venue, 'BTC/USDT', { interval: '1m', from: clock.now() - 86_400_000 + index, limit: 1 });
    for (let index = 0; index <= MAX_KEPT; index += 1) await read(index);
    expect(asked).toHaveLength(MAX_KEPT + 1);
    await read(MAX_KEPT);
    expect(asked, 'the newest is kept').toHaveLength(MAX_KEPT + 1);
    await read(0);
    expect(asked, 'the oldest is not').toHaveLength(MAX_KEPT + 2);
  });

  it('ask for the same span while a candle is open, so that all who want the newest share one answer', async () => {
    const { asked, clock, reads, venue } = stage();
    const newest = () => reads.candles(venue, 'BTC/USDT', { interval: '1h', limit: 10 });
    await newest();
    await clock.advance(4_000);
    await newest();
    expect(asked).toHaveLength(1);
  });
});
