import { describe, expect, it } from 'vitest';
import type { TradingSession } from '#core/venue-ports.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { SHARED_MS, SharedReads } from './shared-reads.ts';

function setUp(fail = false) {
  const asked: string[] = [];
  const ask = (what: string) => async () => {
    asked.push(what);
    if (fail) throw new Error('away');
    return [];
  };
  const session = {
    openOrders: (symbol: string) => ask(`open ${symbol}`)(),
    fillsSince: (symbol: string, since: number) => ask(`fills ${symbol} ${since}`)(),
    balances: ask('balances'),
  } as unknown as TradingSession;
  const clock = new ManualClock();
  return { asked, clock, reads: new SharedReads(session, clock) };
}

describe('shared reads', () => {
  it('ask once for all who want the same at about the same time', async () => {
    const { asked, reads } = setUp();
    await Promise.all([reads.openOrders('A/B'), reads.openOrders('A/B'), reads.openOrders('C/D')]);
    await reads.openOrders('A/B');
    expect(asked).toEqual(['open A/B', 'open C/D']);
  });

  it('ask again when the answer is a second old', async () => {
    const { asked, clock, reads } = setUp();
    await reads.openOrders('A/B');
    await clock.advance(SHARED_MS - 1);
    await reads.openOrders('A/B');
    await clock.advance(1);
    await reads.openOrders('A/B');
    expect(asked).toHaveLength(2);
  });

  it('share look-backs that begin in the same minute, from its beginning', async () => {
    const { asked, reads } = setUp();
    await Promise.all([reads.fillsSince('A/B', 120_500), reads.fillsSince('A/B', 179_999), reads.fillsSince('A/B', 180_000)]);
    expect(asked).toEqual(['fills A/B 120000', 'fills A/B 180000']);
  });

  it('share balances among those who ask at once, and with nobody later', async () => {
    const { asked, reads } = setUp();
    await Promise.all([reads.balances(), reads.balances()]);
    expect(asked).toEqual(['balances']);
    await reads.balances();
    expect(asked).toEqual(['balances', 'balances']);
  });

  it('keep no failure for others', async () => {
    const { asked, reads } = setUp(true);
    await expect(reads.openOrders('A/B')).rejects.toThrow('away');
    await expect(reads.openOrders('A/B')).rejects.toThrow('away');
    expect(asked).toHaveLength(2);
  });
});
