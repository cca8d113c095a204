import { describe, expect, it } from 'vitest';
import { FIVE_LINES, fiveLines, GridRun } from '#test/support/grid-run.ts';

describe('refusals', () => {
  it('tries again after a wait that doubles up to five minutes, and says why each time while it grows', () => {
    const run = fiveLines();
    run.faults = Array.from({ length: 11 }, () => 'reject' as const);
    run.price('89');
    run.pass(1_500_000);
    const refusedAt = run.tape.filter(({ event }) => event.type === 'orderRejected').map(({ event }) => event.at);
    const waits = refusedAt.slice(1).map((at, index) => (at - (refusedAt[index] ?? 0)) / 1_000);
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300]);
    expect(run.notes.map(({ data }) => data['retry_in_ms'])).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256].map((seconds) => seconds * 1_000));
    expect(run.notes.every(({ data }) => data['code'] === 'venue_says_no' && data['level'] === 1 && data['side'] === 'sell')).toBe(true);
    expect(run.book).toContain('sell 1 @ 100');
  });

  it('places nothing at all while the order rate is used up, and catches up later', () => {
    const run = new GridRun({
      config: { ...FIVE_LINES, levels: 41 },
      price: '130',
      instrument: { makerFeeRate: '0', takerFeeRate: '0' },
      limits: { ordersPerMinute: 15 },
    }).start();
    expect(run.orders).toHaveLength(15);
    const denials = () => run.tape.flatMap(({ commands }) => commands).filter(({ type }) => type === 'denyOrder').length;
    expect(denials()).toBe(1);
    run.pass(600_000);
    expect(run.orders).toHaveLength(40);
    expect(denials()).toBeLessThan(75);
  });

  it('places an order again that the venue took off by itself', () => {
    const run = fiveLines();
    run.cancelAtVenue(run.orderAt('sell', '110').clientOrderId);
    expect(run.book).not.toContain('sell 1 @ 110');
    expect(run.pass(1_000).book).toContain('sell 1 @ 110');
  });

  it('goes on with an order that a rule of its user has placed again, without waiting', () => {
    const rules = { opposite: null, placeAgainTimes: 1, cancelRestAfterMs: null, takeProfit: null, stopLoss: null, stopType: null };
    const run = fiveLines({}, { rules });
    const before = run.book;
    run.cancelAtVenue(run.orderAt('sell', '110').clientOrderId);
    expect([run.book, run.notes]).toEqual([before, []]);
    run.price('110').price('100');
    expect(run.state.completedTrades).toBe(1);
    run.cancelAtVenue(run.orderAt('buy', '90').clientOrderId).cancelAtVenue(run.orderAt('buy', '90').clientOrderId);
    expect(run.notes.map(({ text }) => text)[0]).toContain('it stays cancelled');
    expect(run.pass(60_000).book, 'the grid has gone on by itself').toEqual(before);
  });

  it('leaves a level alone that the user has cancelled by hand, until the bot is paused and resumed', () => {
    const run = fiveLines().cancelByHand('sell', '110').pass(600_000).price('115').price('100').pass(600_000);
    expect(run.book).toEqual(['buy 1 @ 80', 'buy 1 @ 90', 'sell 1 @ 120']);
    expect(run.notes.at(-1)?.text).toContain('was cancelled by hand');
    expect(run.pause().resume().book).toEqual(['buy 1 @ 80', 'buy 1 @ 90', 'sell 1 @ 110', 'sell 1 @ 120']);
  });

  it('does not place an order twice whose answer was lost', () => {
    const run = fiveLines();
    run.faults = ['loseAnswer'];
    run.price('89').pass(600_000);
    expect(run.orders.filter((order) => order.priceTicks === 10_000)).toHaveLength(1);
    run.price('101').pass(600_000);
    // It has traded, but nobody knows yet.
    expect(run.book.filter((each) => each.endsWith('@ 90'))).toEqual([]);
    run.reconcile();
    expect(run.book).toEqual(['buy 1 @ 80', 'buy 1 @ 90', 'sell 1 @ 110', 'sell 1 @ 120']);
  });
});
