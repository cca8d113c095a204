import { describe, expect, it } from 'vitest';
import { fiveLines } from '#test/support/grid-run.ts';

describe('trading', () => {
  it('answers each fill with the opposite order one line away, to and fro', () => {
    const run = fiveLines().price('89');
    expect(run.book).toEqual(['buy 1 @ 80', 'sell 1 @ 100', 'sell 1 @ 110', 'sell 1 @ 120']);
    run.price('101');
    expect(run.book).toEqual(['buy 1 @ 80', 'buy 1 @ 90', 'sell 1 @ 110', 'sell 1 @ 120']);
    expect(run.state).toMatchObject({ profitAtoms: 1_000_000, completedTrades: 1 });
  });

  it('prices the mirror from the line, not from the price it filled at', () => {
    // A pause lets the price fall below the line of a buy, which then fills lower.
    const run = fiveLines().pause();
    run.price('85').resume();
    expect(run.engine.state.position.costAtoms).toBeLessThan(290 * 100_000);
    expect(run.book).toEqual(['buy 1 @ 80', 'sell 1 @ 100', 'sell 1 @ 110', 'sell 1 @ 120']);
  });

  it('waits while the price is outside and goes on when it returns', () => {
    const run = fiveLines().price('60');
    expect(run.book).toEqual(['sell 1 @ 90', 'sell 1 @ 100', 'sell 1 @ 110', 'sell 1 @ 120']);
    run.price('100');
    expect(run.book).toEqual(['buy 1 @ 80', 'buy 1 @ 90', 'sell 1 @ 110', 'sell 1 @ 120']);
    run.price('140');
    expect(run.book).toEqual(['buy 1 @ 80', 'buy 1 @ 90', 'buy 1 @ 100', 'buy 1 @ 110']);
    run.price('101');
    expect(run.book).toEqual(['buy 1 @ 80', 'buy 1 @ 90', 'buy 1 @ 100', 'sell 1 @ 120']);
  });
});

describe('partial fills', () => {
  it('offers what has arrived once the venue takes it, while the remainder of the buy stays', () => {
    const run = fiveLines().price('90', 20);
    // 0.02 are worth 1.8: too little to sell.
    expect(run.book).toEqual(['buy 1 @ 80', 'buy 0.98 @ 90', 'sell 1 @ 110', 'sell 1 @ 120']);
    run.price('90', 400);
    expect(run.book).toEqual(['buy 1 @ 80', 'buy 0.58 @ 90', 'sell 0.42 @ 100', 'sell 1 @ 110', 'sell 1 @ 120']);
    // The sale is placed again, whole, when the buy is over.
    run.price('89');
    expect(run.book).toEqual(['buy 1 @ 80', 'sell 1 @ 100', 'sell 1 @ 110', 'sell 1 @ 120']);
  });

  it('buys back what has been sold in part, and the rest when the sale is over', () => {
    const run = fiveLines().price('110', 300);
    expect(run.book).toEqual(['buy 1 @ 80', 'buy 1 @ 90', 'buy 0.3 @ 100', 'sell 0.7 @ 110', 'sell 1 @ 120']);
    run.price('111');
    expect(run.book).toEqual(['buy 1 @ 80', 'buy 1 @ 90', 'buy 1 @ 100', 'sell 1 @ 120']);
  });

  it.each(['cancelled', 'expired'])('carries what a buy has filled when the venue ends it as %s, and asks for the rest again', (end) => {
    const run = fiveLines().price('90', 400);
    const { clientOrderId } = run.orderAt('buy', '90');
    run.matching.cancel(clientOrderId);
    run.matching.takeReports();
    run.tell(end === 'cancelled' ? { type: 'orderCancelled', at: run.at, clientOrderId } : { type: 'orderExpired', at: run.at, clientOrderId });
    expect(run.book).toEqual(['buy 1 @ 80', 'sell 0.4 @ 100', 'sell 1 @ 110', 'sell 1 @ 120']);
    expect(run.notes.at(-1)?.text).toBe(`The buy order of 0.6 at 90 could not be placed or kept: ${end}. Next try in 1 s.`);
    run.pass(1_000);
    expect(run.book).toEqual(['buy 1 @ 80', 'buy 0.6 @ 90', 'sell 0.4 @ 100', 'sell 1 @ 110', 'sell 1 @ 120']);
  });

  it('never has two orders on one line, which would trade with each other', () => {
    const run = fiveLines().price('90', 400).price('105', 0).price('105', 200);
    // Half of the mirror at 100 is sold; the cell above may not buy at 100 before the rest is gone.
    expect(run.book).toEqual(['buy 1 @ 80', 'buy 0.6 @ 90', 'sell 0.2 @ 100', 'sell 1 @ 110', 'sell 1 @ 120']);
    run.price('111');
    expect(run.book).toEqual(['buy 1 @ 80', 'buy 1 @ 90', 'buy 1 @ 100', 'sell 1 @ 120']);
  });
});
