import { describe, expect, it } from 'vitest';
import { withNewSettings } from '#core/params.ts';
import { GridRun, type GridRunOptions } from '#test/support/grid-run.ts';
import { grid } from './grid.ts';

/** Five lines at 80, 90, 100, 110, 120; each cell trades 1 ABC; no fee unless a test wants one. */
const FIVE = { lower_price: '80', upper_price: '120', levels: 5, sizing: 'base', order_size: '1' };

function begun(config: Readonly<Record<string, unknown>> = {}, options: Partial<Omit<GridRunOptions, 'config'>> = {}): GridRun {
  return new GridRun({ config: { ...FIVE, ...config }, price: '100', instrument: { makerFeeRate: '0', takerFeeRate: '0' }, ...options }).start();
}

const withFee = { instrument: { makerFeeRate: '0.001', takerFeeRate: '0.001' } };

describe('opening', () => {
  it('buys the missing base with one order and then has one order on every line but the nearest', () => {
    const run = begun();
    expect(run.held).toBe('2');
    expect(run.book).toEqual(['buy 1 @ 80', 'buy 1 @ 90', 'sell 1 @ 110', 'sell 1 @ 120']);
  });

  it('buys nothing above the range and waits with buys only', () => {
    const run = begun({}, { price: '130' });
    expect(run.held).toBe('0');
    expect(run.book).toEqual(['buy 1 @ 80', 'buy 1 @ 90', 'buy 1 @ 100', 'buy 1 @ 110']);
  });

  it('turns everything into base below the range', () => {
    const run = begun({}, { price: '70' });
    expect(run.held).toBe('4');
    expect(run.book).toEqual(['sell 1 @ 90', 'sell 1 @ 100', 'sell 1 @ 110', 'sell 1 @ 120']);
  });

  it('sells base that is lent to it instead of buying', () => {
    const run = begun({ base_investment: '2' });
    expect(run.engine.state.position).toMatchObject({ fillCount: 0, baseGrains: 20_000_000 });
    expect(run.book).toEqual(['buy 1 @ 80', 'buy 1 @ 90', 'sell 1 @ 110', 'sell 1 @ 120']);
  });

  it('buys the rest of what is lent, when it is worth an order', () => {
    expect(begun({ base_investment: '1.5' }).engine.state.position).toMatchObject({ fillCount: 1, baseGrains: 20_000_000 });
    // 0.01 is missing, worth 1: the top cell trades with what it has.
    const short = begun({ base_investment: '1.99' });
    expect(short.engine.state.position.fillCount).toBe(0);
    expect(short.book).toEqual(['buy 1 @ 80', 'buy 1 @ 90', 'sell 1 @ 110', 'sell 0.99 @ 120']);
    expect(short.price('121').book.at(-1)).toBe('buy 0.99 @ 110');
  });

  it('waits for the start price from either side', () => {
    const run = begun({ start_price: '95' });
    expect(run.book).toEqual([]);
    run.price('99').price('95.01');
    expect(run.book).toEqual([]);
    run.price('94');
    expect(run.book).toEqual(['buy 1 @ 80', 'sell 1 @ 100', 'sell 1 @ 110', 'sell 1 @ 120']);
    const rising = begun({ start_price: '105' }).price('104.99');
    expect(rising.book).toEqual([]);
    expect(rising.price('105').book).toHaveLength(4);
  });

  it('loads cells with what a thin market sells, tries again, and says why nothing was bought', () => {
    const run = new GridRun({ config: FIVE, price: '100' });
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
      config: { ...FIVE, order_size: undefined, investment: '400' },
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
    const run = new GridRun({ config: FIVE, price: '100' });
    run.matching.liquidityLots = 0;
    run.start();
    run.isHolding = true;
    run.pass(10_000);
    expect(run.tape.filter(({ event }) => event.type === 'timerFired')).toHaveLength(1);
  });

  it('places many lines a few at a time', () => {
    const run = new GridRun({ config: { ...FIVE, levels: 41, upper_price: '120' }, price: '130', instrument: { makerFeeRate: '0', takerFeeRate: '0' } });
    run.isHolding = true;
    run.start();
    expect(run.orders).toHaveLength(10);
    // The nearest to the price go first.
    expect(Math.min(...run.orders.map((order) => order.priceTicks))).toBe(11_000);
    run.flush();
    expect(run.orders).toHaveLength(40);
  });
});

describe('trading', () => {
  it('answers each fill with the opposite order one line away, to and fro', () => {
    const run = begun().price('89');
    expect(run.book).toEqual(['buy 1 @ 80', 'sell 1 @ 100', 'sell 1 @ 110', 'sell 1 @ 120']);
    run.price('101');
    expect(run.book).toEqual(['buy 1 @ 80', 'buy 1 @ 90', 'sell 1 @ 110', 'sell 1 @ 120']);
    expect(run.state).toMatchObject({ profitAtoms: 1_000_000, completedTrades: 1 });
  });

  it('prices the mirror from the line, not from the price it filled at', () => {
    // A pause lets the price fall below the line of a buy, which then fills lower.
    const run = begun().pause();
    run.price('85').resume();
    expect(run.engine.state.position.costAtoms).toBeLessThan(290 * 100_000);
    expect(run.book).toEqual(['buy 1 @ 80', 'sell 1 @ 100', 'sell 1 @ 110', 'sell 1 @ 120']);
  });

  it('waits while the price is outside and goes on when it returns', () => {
    const run = begun().price('60');
    expect(run.book).toEqual(['sell 1 @ 90', 'sell 1 @ 100', 'sell 1 @ 110', 'sell 1 @ 120']);
    run.price('100');
    expect(run.book).toEqual(['buy 1 @ 80', 'buy 1 @ 90', 'sell 1 @ 110', 'sell 1 @ 120']);
    run.price('140');
    expect(run.book).toEqual(['buy 1 @ 80', 'buy 1 @ 90', 'buy 1 @ 100', 'buy 1 @ 110']);
    run.price('101');
    expect(run.book).toEqual(['buy 1 @ 80', 'buy 1 @ 90', 'buy 1 @ 100', 'sell 1 @ 120']);
  });
});

describe('fees', () => {
  it('sells what really arrived when the fee is taken in base, and carries the dust until it makes a lot', () => {
    const run = new GridRun({
      config: { ...FIVE, order_size: '0.9999', levels: 2, lower_price: '100', upper_price: '110' },
      price: '120',
      ...withFee,
      instrument: { ...withFee.instrument, sizeIncrement: '0.0001' },
    }).start();
    const sold: string[] = [];
    for (let round = 0; round < 10; round += 1) {
      run.price('99');
      sold.push(run.book[0] ?? '');
      run.price('111');
    }
    // 0.9999 less 0.1 % is 0.9989001: every sale leaves one millionth, the tenth could not leave more.
    expect(new Set(sold)).toEqual(new Set(['sell 0.9989 @ 110']));
    expect(run.held).toBe('0.000001');
    expect(run.state.completedTrades).toBe(10);
  });

  it('lets the dust keep its cost, so that a small trade earns what the preview said', () => {
    const run = new GridRun({
      config: { ...FIVE, order_size: '0.01', levels: 2, lower_price: '1000', upper_price: '1005' },
      price: '1200',
      instrument: { makerFeeRate: '0.0004', takerFeeRate: '0.0004' },
    }).start();
    run.price('999').price('1006');
    // Of 10 lots 9.996 arrive and 9 are sold, at nine lots' share of the 10 paid, which is 9.0036.
    expect(run.setup.scale.quote(run.state.profitAtoms)).toBe('0.03778');
  });

  it('sells the dust once it makes a lot', () => {
    const run = new GridRun({
      config: { ...FIVE, order_size: '1', levels: 2, lower_price: '100', upper_price: '110' },
      price: '120',
      instrument: { makerFeeRate: '0.0004', takerFeeRate: '0.0004' },
    }).start();
    const sold: string[] = [];
    for (let round = 0; round < 5; round += 1) {
      run.price('99');
      sold.push(run.book[0] ?? '');
      run.price('111');
    }
    // 0.9996 arrives each time, the lot is 0.001: 0.6 lots of dust a round.
    expect(sold).toEqual(['sell 0.999 @ 110', 'sell 1 @ 110', 'sell 0.999 @ 110', 'sell 1 @ 110', 'sell 1 @ 110']);
  });

  it.each(['quote', 'other'] as const)('sells all it bought when the fee is taken in %s', (feeAsset) => {
    const run = new GridRun({ config: FIVE, price: '100', feeAsset, ...withFee }).start().price('89');
    expect(run.book).toEqual(['buy 1 @ 80', 'sell 1 @ 100', 'sell 1 @ 110', 'sell 1 @ 120']);
    run.price('101');
    // Bought at 90 and sold at 100 with 0.1 % of both.
    expect(run.setup.scale.quote(run.state.profitAtoms)).toBe('9.81');
  });

  it('believes the fill and not the settings when the venue took its fee elsewhere', () => {
    const run = begun({}, withFee).price('95');
    const order = run.orderAt('buy', '90');
    run.matching.cancel(order.clientOrderId);
    run.matching.takeReports();
    run.tell({
      type: 'orderFilled',
      at: run.at,
      clientOrderId: order.clientOrderId,
      fill: { tradeId: 'x', side: 'buy', priceTicks: 9_000, sizeLots: 1_000, feeGrains: 0, feeAtoms: 0, otherFeeAtoms: 0, isMaker: true },
    });
    expect(run.book).toContain('sell 1 @ 100');
  });

  it('keeps profit in base: sells what pays for the next purchase and holds the rest', () => {
    const run = begun({ profit_currency: 'base' }).price('89');
    // 90 are paid back by 0.9 at 100.
    expect(run.book).toEqual(['buy 1 @ 80', 'sell 0.9 @ 100', 'sell 0.91 @ 110', 'sell 0.917 @ 120']);
    run.price('101');
    expect(run.state).toMatchObject({ keptGrains: 1_000_000, profitAtoms: 0, completedTrades: 1 });
    expect(run.book).toContain('buy 1 @ 90');
    expect(run.held).toBe('2.1');
  });
});

describe('partial fills', () => {
  it('offers what has arrived once the venue takes it, while the remainder of the buy stays', () => {
    const run = begun().price('90', 20);
    // 0.02 are worth 1.8: too little to sell.
    expect(run.book).toEqual(['buy 1 @ 80', 'buy 0.98 @ 90', 'sell 1 @ 110', 'sell 1 @ 120']);
    run.price('90', 400);
    expect(run.book).toEqual(['buy 1 @ 80', 'buy 0.58 @ 90', 'sell 0.42 @ 100', 'sell 1 @ 110', 'sell 1 @ 120']);
    // The sale is placed again, whole, when the buy is over.
    run.price('89');
    expect(run.book).toEqual(['buy 1 @ 80', 'sell 1 @ 100', 'sell 1 @ 110', 'sell 1 @ 120']);
  });

  it('buys back what has been sold in part, and the rest when the sale is over', () => {
    const run = begun().price('110', 300);
    expect(run.book).toEqual(['buy 1 @ 80', 'buy 1 @ 90', 'buy 0.3 @ 100', 'sell 0.7 @ 110', 'sell 1 @ 120']);
    run.price('111');
    expect(run.book).toEqual(['buy 1 @ 80', 'buy 1 @ 90', 'buy 1 @ 100', 'sell 1 @ 120']);
  });

  it.each(['cancelled', 'expired'])('carries what a buy has filled when the venue ends it as %s, and asks for the rest again', (end) => {
    const run = begun().price('90', 400);
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
    const run = begun().price('90', 400).price('105', 0).price('105', 200);
    // Half of the mirror at 100 is sold; the cell above may not buy at 100 before the rest is gone.
    expect(run.book).toEqual(['buy 1 @ 80', 'buy 0.6 @ 90', 'sell 0.2 @ 100', 'sell 1 @ 110', 'sell 1 @ 120']);
    run.price('111');
    expect(run.book).toEqual(['buy 1 @ 80', 'buy 1 @ 90', 'buy 1 @ 100', 'sell 1 @ 120']);
  });
});

describe('refusals', () => {
  it('tries again after a wait that doubles up to five minutes, and says why each time while it grows', () => {
    const run = begun();
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
      config: { ...FIVE, levels: 41 },
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
    const run = begun();
    run.cancelAtVenue(run.orderAt('sell', '110').clientOrderId);
    expect(run.book).not.toContain('sell 1 @ 110');
    expect(run.pass(1_000).book).toContain('sell 1 @ 110');
  });

  it('goes on with an order that a rule of its user has placed again, without waiting', () => {
    const rules = { opposite: null, placeAgainTimes: 1, cancelRestAfterMs: null, takeProfit: null, stopLoss: null, stopType: null };
    const run = begun({}, { rules });
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
    const run = begun().cancelByHand('sell', '110').pass(600_000).price('115').price('100').pass(600_000);
    expect(run.book).toEqual(['buy 1 @ 80', 'buy 1 @ 90', 'sell 1 @ 120']);
    expect(run.notes.at(-1)?.text).toContain('was cancelled by hand');
    expect(run.pause().resume().book).toEqual(['buy 1 @ 80', 'buy 1 @ 90', 'sell 1 @ 110', 'sell 1 @ 120']);
  });

  it('does not place an order twice whose answer was lost', () => {
    const run = begun();
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

describe('stops', () => {
  it.each([
    ['keep', '4', 'the coin is kept'],
    ['sell_all', '0', 'all base is sold'],
    ['buy_all', '4', 'all quote is turned into base'],
  ])('ends at the lower stop with %s', (action, held, words) => {
    const run = begun({ stop_lower_price: '75', stop_lower_action: action }).price('75.01');
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
    const run = begun(
      { stop_upper_price: '125', stop_upper_action: action },
      { instrument: { makerFeeRate: '0', takerFeeRate: '0' }, limits: { priceCollar: 0.1 } },
    ).price('126');
    expect(run.finished).toContain('upper stop 125 reached');
    expect(run.orders).toEqual([]);
    expect(run.heldLots / 1_000).toBeGreaterThanOrEqual(heldAtLeast);
    if (heldAtLeast === 0) expect(run.held).toBe('0');
  });

  it('waits for orders that are on their way, and sells what they bring', () => {
    const run = begun({ stop_lower_price: '75' });
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
    const run = begun({ stop_lower_price: '75', stop_lower_action: 'keep' }).pause().price('70').resume();
    expect(run.finished).toContain('lower stop 75');
    expect(run.held).toBe('2');
  });
});

describe('pause and resume', () => {
  it('takes every order off and puts every level back as it was', () => {
    const run = begun().price('89').price('90', 0);
    const before = run.book;
    run.pause();
    expect([run.book, run.isPaused]).toEqual([[], true]);
    expect(run.resume().book).toEqual(before);
    expect(run.notes).toEqual([]);
  });

  it('puts levels back after trading was halted and allowed again', () => {
    const run = begun();
    const before = run.book;
    run.tell({ type: 'tradingStateChanged', at: run.at, tradingState: 'halted' });
    expect(run.book).toEqual([]);
    run.tell({ type: 'tradingStateChanged', at: run.at, tradingState: 'active' });
    expect(run.book).toEqual(before);
  });

  it('finishes an opening that a pause interrupted', () => {
    const run = new GridRun({ config: FIVE, price: '100', instrument: { makerFeeRate: '0', takerFeeRate: '0' } });
    run.matching.liquidityLots = 1_500;
    run.start().pause();
    run.matching.liquidityLots = Number.POSITIVE_INFINITY;
    expect(run.resume().book).toEqual(['buy 1 @ 80', 'buy 1 @ 90', 'sell 1 @ 110', 'sell 1 @ 120']);
  });
});

describe('trailing', () => {
  it('moves the lowest cell on top when the price is one step above, with the quote it had', () => {
    const run = begun({ trailing_up_limit: '140' }).price('129');
    expect(run.book).toEqual(['buy 1 @ 80', 'buy 1 @ 90', 'buy 1 @ 100', 'buy 1 @ 110']);
    run.price('130');
    // 80 buy 0.666 at 120.
    expect(run.book).toEqual(['buy 1 @ 90', 'buy 1 @ 100', 'buy 1 @ 110', 'buy 0.666 @ 120']);
    run.price('119').price('131');
    expect(run.state.completedTrades).toBeGreaterThan(2);
  });

  it('stops at the limit', () => {
    const run = begun({ trailing_up_limit: '140' }).price('200');
    expect(run.book).toEqual(['buy 1 @ 100', 'buy 1 @ 110', 'buy 0.666 @ 120', 'buy 0.692 @ 130']);
    expect(run.state.trailUpTicks).toBeNull();
  });

  it('raises the lower stop with the bottom line', () => {
    const run = begun({ trailing_up_limit: '140', stop_lower_price: '75' }).price('130');
    expect(run.state.stopLowerTicks).toBe(8_500);
    expect(run.price('84').finished).toContain('lower stop 85');
  });

  it('moves the highest cell below when the price is one step under, with the base it holds, and buys nothing', () => {
    const run = begun({ trailing_down_limit: '60' }).price('71');
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
    const run = begun({ trailing_down_limit: '60' }).price('70');
    // The cell of 110 to 120 counts its base at 70 now.
    expect(run.state.trendAtoms).toBe((100 - 100 + 110 - 100 + (70 - 110)) * 100_000);
    expect(run.state.profitAtoms).toBe(0);
  });

  it('calls a move off when the order trades while it is being cancelled', () => {
    const run = begun({ trailing_up_limit: '140' }).price('125');
    run.isHolding = true;
    run.price('130');
    expect(run.state.moving).toBe('up');
    run.price('79').flush();
    expect(run.state.moving).toBeNull();
    expect(run.price('100').book).toEqual(['buy 1 @ 80', 'buy 1 @ 90', 'sell 1 @ 110', 'sell 1 @ 120']);
  });
});

describe('state', () => {
  it('survives a restart at any time', () => {
    const run = begun({}, withFee).price('89').restart().price('90', 300).restart().price('101').restart().price('100');
    expect(run.book).toEqual(['buy 1 @ 80', 'buy 1 @ 90', 'sell 1 @ 110', 'sell 1 @ 120']);
  });

  it('is small', () => {
    const run = new GridRun({ config: { ...FIVE, levels: 20 }, price: '100' }).start();
    expect(JSON.stringify(run.state).length).toBeLessThan(6_500);
  });

  it('says its figures in plain decimals', () => {
    const run = begun().price('89').price('101');
    expect(run.setup.strategy.figures?.(run.state, run.setup.scale)).toEqual({
      phase: 'trading',
      grid_profit: '10',
      grid_profit_base: '0',
      completed_trades: 1,
      lower_price: '80',
      upper_price: '120',
      open_buys: 2,
      open_sells: 2,
      levels_cancelled_by_hand: 0,
      levels_refused: 0,
      refusal: null,
    });
  });
});

describe('a run of before grids were of several kinds', () => {
  it('goes on with its state and its settings of then', () => {
    const [plain, old] = [begun(), begun()];
    const state = old.state as unknown as Record<string, unknown>;
    for (const name of ['size', 'windowLine', 'pool', 'capitalAtoms', 'conditions', 'pump']) delete state[name];
    for (const cell of old.state.cells as unknown as Record<string, unknown>[]) delete cell['isShort'];
    for (const run of [plain, old]) run.restart().price('89').price('121').pause().resume().price('79').price('100');
    expect([old.book, old.state.profitAtoms]).toEqual([plain.book, plain.state.profitAtoms]);
    const settings = ['lower_price', 'upper_price', 'levels', 'spacing', 'sizing', 'order_size', 'investment'] as const;
    const then = Object.fromEntries(settings.map((name) => [name, plain.setup.params[name]]));
    expect(withNewSettings(grid.params, then)).toEqual(plain.setup.params);
  });
});
