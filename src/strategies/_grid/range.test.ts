import { describe, expect, it } from 'vitest';
import { fiveLines } from '#test/support/grid-run.ts';

describe('stops', () => {
  it.each([
    ['keep', '4', 'the coin is kept'],
    ['sell_all', '0', 'all base is sold'],
    ['buy_all', '4', 'all quote is turned into base'],
  ])('ends at the lower stop with %s', (action, held, words) => {
    const run = fiveLines({ stop_lower_price: '75', stop_lower_action: action }).price('75.01');
    expect(run.finished).toBeNull();
    run.price('74');
    expect(run.finished).toBe(`lower stop 75 reached: ${words}`);
    expect(run.orders).toEqual([]);
    expect(run.held).toBe(held);
    expect(run.notes.at(-1)).toMatchObject({ fact: 'target_reached', data: { stop: 'lower', price: '75', action } });
  });

  it.each([
    ['keep', 0],
    ['sell_all', 0],
    ['buy_all', 3],
  ])('ends at the upper stop with %s', (action, heldAtLeast) => {
    const run = fiveLines(
      { stop_upper_price: '125', stop_upper_action: action },
      { instrument: { makerFeeRate: '0', takerFeeRate: '0' }, limits: { priceCollar: 0.1 } },
    ).price('126');
    expect(run.finished).toContain('upper stop 125 reached');
    expect(run.orders).toEqual([]);
    expect(run.heldLots / 1_000).toBeGreaterThanOrEqual(heldAtLeast);
    if (heldAtLeast === 0) expect(run.held).toBe('0');
  });

  it('waits for orders that are on their way, and sells what they bring', () => {
    const run = fiveLines({ stop_lower_price: '75' });
    run.isHolding = true;
    run.price('89');
    // The mirror of the buy at 90 is on its way when the stop is reached.
    run.price('74');
    expect(run.finished).toBeNull();
    run.flush().flush();
    expect(run.finished).toContain('lower stop');
    expect(run.held).toBe('0');
    expect(run.orders).toEqual([]);
  });

  it('looks at the stops again when it is resumed', () => {
    const run = fiveLines({ stop_lower_price: '75', stop_lower_action: 'keep' }).pause().price('70').resume();
    expect(run.finished).toContain('lower stop 75');
    expect(run.held).toBe('2');
  });
});

describe('trailing', () => {
  it('moves the lowest cell on top when the price is one step above, with the quote it had', () => {
    const run = fiveLines({ trailing_up_limit: '140' }).price('129');
    expect(run.book).toEqual(['buy 1 @ 80', 'buy 1 @ 90', 'buy 1 @ 100', 'buy 1 @ 110']);
    run.price('130');
    // 80 buy 0.666 at 120.
    expect(run.book).toEqual(['buy 1 @ 90', 'buy 1 @ 100', 'buy 1 @ 110', 'buy 0.666 @ 120']);
    run.price('119').price('131');
    expect(run.state.completedTrades).toBeGreaterThan(2);
  });

  it('stops at the limit', () => {
    const run = fiveLines({ trailing_up_limit: '140' }).price('200');
    expect(run.book).toEqual(['buy 1 @ 100', 'buy 1 @ 110', 'buy 0.666 @ 120', 'buy 0.692 @ 130']);
    expect(run.state.trailUpTicks).toBeNull();
  });

  it('raises the lower stop with the bottom line', () => {
    const run = fiveLines({ trailing_up_limit: '140', stop_lower_price: '75' }).price('130');
    expect(run.state.stopLowerTicks).toBe(8_500);
    expect(run.price('84').finished).toContain('lower stop 85');
  });

  it('moves the highest cell below when the price is one step under, with the base it holds, and buys nothing', () => {
    const run = fiveLines({ trailing_down_limit: '60' }).price('71');
    expect(run.held).toBe('4');
    run.price('70');
    expect(run.book).toEqual(['sell 1 @ 80', 'sell 1 @ 90', 'sell 1 @ 100', 'sell 1 @ 110']);
    expect(run.held).toBe('4');
    run.price('30');
    expect(run.book).toEqual(['sell 1 @ 70', 'sell 1 @ 80', 'sell 1 @ 90', 'sell 1 @ 100']);
    run.price('95');
    expect(run.book).toEqual(['buy 1 @ 60', 'buy 1 @ 70', 'buy 1 @ 80', 'sell 1 @ 100']);
  });

  it('counts what a trail gives up as trend, not as grid profit', () => {
    const run = fiveLines({ trailing_down_limit: '60' }).price('70');
    // The cell of 110 to 120 counts its base at 70 now.
    expect(run.state.trendAtoms).toBe((100 - 100 + 110 - 100 + (70 - 110)) * 100_000);
    expect(run.state.profitAtoms).toBe(0);
  });

  it('calls a move off when the order trades while it is being cancelled', () => {
    const run = fiveLines({ trailing_up_limit: '140' }).price('125');
    run.isHolding = true;
    run.price('130');
    expect(run.state.moving).toBe('up');
    run.price('79').flush();
    expect(run.state.moving).toBeNull();
    expect(run.price('100').book).toEqual(['buy 1 @ 80', 'buy 1 @ 90', 'sell 1 @ 110', 'sell 1 @ 120']);
  });
});
