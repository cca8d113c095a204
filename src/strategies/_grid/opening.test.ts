import { describe, expect, it } from 'vitest';
import { FIVE_LINES, fiveLines, GridRun } from '#test/support/grid-run.ts';

describe('opening', () => {
  it('buys the missing base with one order and then has one order on every line but the nearest', () => {
    const run = fiveLines();
    expect(run.held).toBe('2');
    expect(run.book).toEqual(['buy 1 @ 80', 'buy 1 @ 90', 'sell 1 @ 110', 'sell 1 @ 120']);
  });

  it('buys nothing above the range and waits with buys only', () => {
    const run = fiveLines({}, { price: '130' });
    expect(run.held).toBe('0');
    expect(run.book).toEqual(['buy 1 @ 80', 'buy 1 @ 90', 'buy 1 @ 100', 'buy 1 @ 110']);
  });

  it('turns everything into base below the range', () => {
    const run = fiveLines({}, { price: '70' });
    expect(run.held).toBe('4');
    expect(run.book).toEqual(['sell 1 @ 90', 'sell 1 @ 100', 'sell 1 @ 110', 'sell 1 @ 120']);
  });

  it('sells base that is lent to it instead of buying', () => {
    const run = fiveLines({ base_investment: '2' });
    expect(run.engine.state.position).toMatchObject({ fillCount: 0, baseGrains: 20_000_000 });
    expect(run.book).toEqual(['buy 1 @ 80', 'buy 1 @ 90', 'sell 1 @ 110', 'sell 1 @ 120']);
  });

  it('buys the rest of what is lent, when it is worth an order', () => {
    expect(fiveLines({ base_investment: '1.5' }).engine.state.position).toMatchObject({ fillCount: 1, baseGrains: 20_000_000 });
    // 0.01 is missing, worth 1: the top cell trades with what it has.
    const short = fiveLines({ base_investment: '1.99' });
    expect(short.engine.state.position.fillCount).toBe(0);
    expect(short.book).toEqual(['buy 1 @ 80', 'buy 1 @ 90', 'sell 1 @ 110', 'sell 0.99 @ 120']);
    expect(short.price('121').book.at(-1)).toBe('buy 0.99 @ 110');
  });

  it('waits for the start price from either side', () => {
    const run = fiveLines({ start_price: '95' });
    expect(run.book).toEqual([]);
    run.price('99').price('95.01');
    expect(run.book).toEqual([]);
    run.price('94');
    expect(run.book).toEqual(['buy 1 @ 80', 'sell 1 @ 100', 'sell 1 @ 110', 'sell 1 @ 120']);
    const rising = fiveLines({ start_price: '105' }).price('104.99');
    expect(rising.book).toEqual([]);
    expect(rising.price('105').book).toHaveLength(4);
  });

  it('loads cells with what a thin market sells, tries again, and says why nothing was bought', () => {
    const run = new GridRun({ config: FIVE_LINES, price: '100' });
    run.matching.liquidityLots = 1_500;
    run.start();
    expect(run.book).toEqual(['buy 1 @ 80', 'buy 1 @ 90', 'sell 1 @ 110']);
    run.pass(1_000);
    expect(run.notes.map(({ text }) => text)).toEqual(['The purchase of 0.503 ABC at start did not happen: expired. Next try in 1 s.']);
    run.matching.liquidityLots = Number.POSITIVE_INFINITY;
    run.pass(1_000);
    expect(run.book).toEqual(['buy 1 @ 80', 'buy 1 @ 90', 'sell 1 @ 110', 'sell 1 @ 120']);
  });

  it('lays itself out anew when the price has moved before anything was bought, and places nothing until then', () => {
    const run = new GridRun({
      config: { ...FIVE_LINES, order_size: undefined, investment: '400' },
      price: '100',
      instrument: { makerFeeRate: '0', takerFeeRate: '0' },
    });
    run.matching.liquidityLots = 0;
    run.start();
    expect(run.book).toEqual([]);
    run.price('109').pass(1_000);
    // 80, 90, 100 and at most 109.55 for one each: 400 make 1.053.
    expect(run.book).toEqual(['buy 1.053 @ 80', 'buy 1.053 @ 90', 'buy 1.053 @ 100', 'sell 1.053 @ 120']);
  });

  it('does not ask for time again and again while the second try to buy is on its way', () => {
    const run = new GridRun({ config: FIVE_LINES, price: '100' });
    run.matching.liquidityLots = 0;
    run.start();
    run.isHolding = true;
    run.pass(10_000);
    expect(run.tape.filter(({ event }) => event.type === 'timerFired')).toHaveLength(1);
  });

  it('places many lines a few at a time', () => {
    const run = new GridRun({ config: { ...FIVE_LINES, levels: 41, upper_price: '120' }, price: '130', instrument: { makerFeeRate: '0', takerFeeRate: '0' } });
    run.isHolding = true;
    run.start();
    expect(run.orders).toHaveLength(10);
    // The nearest to the price go first.
    expect(Math.min(...run.orders.map((order) => order.priceTicks))).toBe(11_000);
    run.flush();
    expect(run.orders).toHaveLength(40);
  });
});
