/** What the simulated venue does with each kind of order, execution by execution. */
import { describe, expect, it } from 'vitest';
import { limitOrder, matching, moveTo, order, settleAll, story } from './matching.fixture.ts';
import { constantLatency, proportionalSlippage, rateFee } from './models.ts';

describe('orders of several accounts', () => {
  it('trade at the price of the one that rested, best price first and earliest first at the same price', () => {
    const engine = matching();
    engine.submit(limitOrder('sell', 101, 5), 'late-cheap', 'b');
    engine.submit(limitOrder('sell', 102, 5), 'first', 'a');
    engine.submit(limitOrder('sell', 102, 5), 'second', 'c');
    engine.takeReports();
    engine.submit(limitOrder('buy', 103, 12), 'taker', 'd');
    expect(story(engine)).toEqual([
      'accepted taker',
      'filled late-cheap 5@101 maker',
      'filled taker 5@101 taker',
      'filled first 5@102 maker',
      'filled taker 5@102 taker',
      'filled second 2@102 maker',
      'filled taker 2@102 taker',
    ]);
    expect([...engine.orders.values()].map((left) => [left.clientOrderId, left.remainingLots])).toEqual([['second', 3]]);
  });

  it('that are filled in part keep their place in the queue', () => {
    const engine = matching();
    engine.submit(limitOrder('buy', 100, 10), 'first');
    engine.submit(limitOrder('buy', 100, 10), 'second');
    engine.submit(limitOrder('sell', 100, 4), 'x');
    engine.submit(limitOrder('sell', 100, 8), 'y');
    expect(story(engine).filter((line) => line.includes('maker'))).toEqual([
      'filled first 4@100 maker',
      'filled first 6@100 maker',
      'filled second 2@100 maker',
    ]);
  });

  it('go before the outside market at the same price and after it at a worse one', () => {
    const engine = matching();
    engine.quote(99, 101, 4);
    engine.submit(limitOrder('sell', 101, 5), 'inside');
    engine.submit(limitOrder('sell', 103, 5), 'dear');
    engine.takeReports();
    engine.submit(limitOrder('buy', 103, 12), 'taker');
    expect(story(engine).filter((line) => line.startsWith('filled taker'))).toEqual([
      'filled taker 5@101 taker',
      'filled taker 4@101 taker',
      'filled taker 3@103 taker',
    ]);
    expect(engine.liquidityLots).toBe(0);
  });
});

describe('a limit order', () => {
  it('rests when nothing reaches it and takes the outside price when that is better', () => {
    const engine = matching();
    engine.quote(99, 101);
    engine.submit(limitOrder('buy', 100), 'rests');
    engine.submit(limitOrder('buy', 105), 'takes');
    expect(story(engine)).toEqual(['accepted rests', 'accepted takes', 'filled takes 10@101 taker']);
  });

  it('takes what there is and rests with the remainder', () => {
    const engine = matching();
    engine.quote(99, 101, 4);
    engine.submit(limitOrder('buy', 101), 'a');
    expect(story(engine)).toEqual(['accepted a', 'filled a 4@101 taker']);
    expect(engine.orders.get('a')?.remainingLots).toBe(6);
    engine.quote(99, 101, 5);
    settleAll(engine);
    expect(story(engine)).toEqual(['filled a 5@101 maker']);
  });

  it('is filled by nothing while no price is known', () => {
    const engine = matching();
    engine.submit(limitOrder('buy', 100), 'bid');
    engine.submit(limitOrder('sell', 200), 'ask');
    engine.submit(order('sell', 'stopMarket', { triggerTicks: 90 }), 'stop');
    engine.takeReports();
    expect(settleAll(engine)).toBe(0);
    expect(story(engine)).toEqual([]);
  });

  it('is refused under an id that is alive, and taken under one that is over', () => {
    const engine = matching();
    engine.submit(limitOrder('buy', 100), 'a');
    engine.submit(limitOrder('buy', 101), 'a');
    engine.cancel('a');
    engine.submit(limitOrder('buy', 102), 'a');
    expect(story(engine)).toEqual(['accepted a', 'rejected a duplicate_id', 'cancelled a', 'accepted a']);
    expect(engine.orders.get('a')?.priceTicks).toBe(102);
  });
});

describe('a post-only order', () => {
  it.each([
    ['sell', 99],
    ['buy', 101],
  ] as const)('to %s that would take from the outside is refused', (side, priceTicks) => {
    const engine = matching();
    engine.quote(99, 101);
    engine.submit(limitOrder(side, priceTicks, 10, { postOnly: true }), 'a');
    expect(story(engine)).toEqual(['rejected a would_take']);
    expect(engine.orders.size).toBe(0);
  });

  it('that would take from a resting order is refused, one tick away it rests', () => {
    const engine = matching();
    engine.submit(limitOrder('sell', 100), 'resting');
    engine.submit(limitOrder('buy', 100, 10, { postOnly: true }), 'a');
    engine.submit(limitOrder('buy', 99, 10, { postOnly: true }), 'b');
    expect(story(engine)).toEqual(['accepted resting', 'rejected a would_take', 'accepted b']);
  });
});

describe('an immediate order', () => {
  it('of type market takes what there is; the rest expires', () => {
    const engine = matching();
    engine.quote(99, 101, 4);
    engine.submit(order('buy', 'market'), 'a');
    engine.submit(order('sell', 'market'), 'b');
    expect(story(engine)).toEqual(['accepted a', 'filled a 4@101 taker', 'expired a', 'accepted b', 'expired b']);
    expect(engine.orders.size).toBe(0);
  });

  it('with IOC takes within its limit and never rests', () => {
    const engine = matching();
    engine.submit(limitOrder('sell', 100, 3), 'near');
    engine.submit(limitOrder('sell', 102, 9), 'far');
    engine.takeReports();
    engine.submit(limitOrder('buy', 101, 10, { timeInForce: 'ioc' }), 'a');
    expect(story(engine)).toEqual(['accepted a', 'filled near 3@100 maker', 'filled a 3@100 taker', 'expired a']);
  });

  it.each([
    [12, ['accepted a', 'filled near 3@100 maker', 'filled a 3@100 taker', 'filled a 9@101 taker']],
    [13, ['accepted a', 'expired a']],
  ])('with FOK takes %i lots whole or nothing, where 3 rest and 9 are outside', (sizeLots, told) => {
    const engine = matching();
    engine.quote(99, 101, 9);
    engine.submit(limitOrder('sell', 100, 3), 'near');
    engine.submit(limitOrder('sell', 102, 9), 'beyond');
    engine.takeReports();
    engine.submit(limitOrder('buy', 101, sizeLots, { timeInForce: 'fok' }), 'a');
    expect(story(engine)).toEqual(told);
  });
});

describe('a stop', () => {
  it('sells at the market when the bid falls to its trigger', () => {
    const engine = matching();
    engine.quote(100, 102);
    engine.submit(order('sell', 'stopMarket', { triggerTicks: 95 }), 'a');
    engine.quote(96, 98);
    settleAll(engine);
    engine.quote(94, 96);
    settleAll(engine);
    expect(story(engine)).toEqual(['accepted a', 'triggered a', 'filled a 10@94 taker']);
  });

  it('buys at the market when the ask rises to its trigger', () => {
    const engine = matching();
    engine.quote(100, 102);
    engine.submit(order('buy', 'stopMarket', { triggerTicks: 105 }), 'a');
    engine.quote(103, 105);
    settleAll(engine);
    expect(story(engine)).toEqual(['accepted a', 'triggered a', 'filled a 10@105 taker']);
  });

  it('with a limit rests at the limit when the market has run past it', () => {
    const engine = matching();
    engine.quote(100, 102);
    engine.submit(order('sell', 'stopLimit', { triggerTicks: 95, priceTicks: 94 }), 'a');
    engine.quote(90, 92);
    settleAll(engine);
    expect(story(engine)).toEqual(['accepted a', 'triggered a']);
    engine.quote(94, 96);
    settleAll(engine);
    expect(story(engine)).toEqual(['filled a 10@94 maker']);
  });

  it('whose trigger is already reached acts at once', () => {
    const engine = matching();
    engine.quote(94, 96);
    engine.submit(order('sell', 'stopMarket', { triggerTicks: 95 }), 'a');
    expect(story(engine)).toEqual(['accepted a', 'triggered a', 'filled a 10@94 taker']);
  });

  it('with a limit takes its place in the queue when it triggers, not when it was placed', () => {
    const engine = matching();
    engine.quote(100, 102);
    engine.submit(order('sell', 'stopLimit', { triggerTicks: 95, priceTicks: 103, sizeLots: 5 }), 'stop');
    engine.submit(limitOrder('sell', 103, 5), 'earlier');
    engine.quote(95, 97);
    settleAll(engine);
    engine.quote(103, 105, 7);
    settleAll(engine);
    expect(story(engine).filter((line) => line.startsWith('filled'))).toEqual(['filled earlier 5@103 maker', 'filled stop 2@103 maker']);
  });

  it('goes off before a bid that lies deeper, and after one that lies higher', () => {
    const engine = matching();
    engine.jump(100);
    engine.submit(order('sell', 'stopMarket', { triggerTicks: 95 }), 'stop');
    engine.submit(limitOrder('buy', 97), 'high');
    engine.submit(limitOrder('buy', 93), 'low');
    engine.takeReports();
    moveTo(engine, 90);
    expect(story(engine)).toEqual(['filled high 10@97 maker', 'triggered stop', 'filled stop 10@95 taker', 'filled low 10@93 maker']);
  });
});

describe('a price that moves along a path', () => {
  it('stops at every execution in the order in which the path reaches them, and then at its target', () => {
    const engine = matching();
    engine.jump(100);
    for (const ticks of [95, 98, 96]) engine.submit(limitOrder('buy', ticks, 1), `buy${ticks}`);
    engine.takeReports();
    const stops: [boolean, number, string[]][] = [];
    for (let isMoving = true; isMoving; ) {
      isMoving = engine.advance(95);
      stops.push([isMoving, engine.priceTicks, story(engine)]);
    }
    expect(stops).toEqual([
      [true, 98, ['filled buy98 1@98 maker']],
      [true, 96, ['filled buy96 1@96 maker']],
      [true, 95, ['filled buy95 1@95 maker']],
      [false, 95, []],
    ]);
  });

  it('lets the driver answer an execution before it goes on', () => {
    const engine = matching();
    engine.jump(100);
    engine.submit(limitOrder('buy', 98, 1), 'first');
    engine.advance(90);
    engine.submit(limitOrder('buy', 97, 1), 'answer');
    engine.takeReports();
    moveTo(engine, 90);
    expect(story(engine)).toEqual(['filled answer 1@97 maker']);
  });

  it.each([
    ['touch', 0, 98, 102],
    ['touch', 2, 96, 104],
    ['through', 0, 97, 103],
    ['through', 2, 95, 105],
  ] as const)('with rule %s and half spread %i fills a bid at 98 from %i on and an ask at 102 from %i on', (fillRule, halfSpreadTicks, downTicks, upTicks) => {
    const engine = matching({ fillRule, halfSpreadTicks });
    engine.jump(100);
    engine.submit(limitOrder('buy', 98), 'bid');
    engine.submit(limitOrder('sell', 102), 'ask');
    engine.takeReports();
    expect([engine.nextDownTicks, engine.nextUpTicks]).toEqual([downTicks, upTicks]);
    expect(moveTo(engine, downTicks + 1) + moveTo(engine, upTicks - 1)).toBe(0);
    moveTo(engine, downTicks);
    moveTo(engine, upTicks);
    expect(story(engine)).toEqual(['filled bid 10@98 maker', 'filled ask 10@102 maker']);
  });

  it('with a half spread triggers stops by the bid and the ask, and fills them there', () => {
    const engine = matching({ halfSpreadTicks: 2 });
    engine.jump(100);
    engine.submit(order('sell', 'stopMarket', { triggerTicks: 90 }), 'sell');
    engine.submit(order('buy', 'stopMarket', { triggerTicks: 110 }), 'buy');
    engine.takeReports();
    expect([engine.nextDownTicks, engine.nextUpTicks]).toEqual([92, 108]);
    moveTo(engine, 80);
    moveTo(engine, 120);
    expect(story(engine)).toEqual(['triggered sell', 'filled sell 10@90 taker', 'triggered buy', 'filled buy 10@110 taker']);
  });

  it('passes over resting orders when nobody is left to trade with them, and still triggers stops', () => {
    const engine = matching();
    engine.jump(100);
    engine.liquidityLots = 4;
    engine.submit(limitOrder('buy', 98), 'bid');
    engine.submit(order('sell', 'stopMarket', { triggerTicks: 95 }), 'stop');
    engine.takeReports();
    moveTo(engine, 90);
    expect(story(engine)).toEqual(['filled bid 4@98 maker', 'triggered stop', 'filled bid 6@98 maker', 'filled stop 6@98 taker', 'expired stop']);
    expect([engine.nextDownTicks, engine.nextUpTicks, engine.priceTicks]).toEqual([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, 90]);
  });
});

describe('a gap', () => {
  it.each([
    [97, ['filled bid 10@97 maker', 'triggered stop', 'filled stop 10@90 taker']],
    [93, ['triggered stop', 'filled bid 10@93 maker', 'filled stop 10@93 taker']],
  ])('down past a sell stop at 95 and a bid at %i meets first what stands higher', (priceTicks, told) => {
    const engine = matching();
    engine.quote(100, 100);
    engine.submit(order('sell', 'stopMarket', { triggerTicks: 95 }), 'stop');
    engine.submit(limitOrder('buy', priceTicks), 'bid');
    engine.takeReports();
    engine.quote(90, 90);
    settleAll(engine);
    // A bid that still stands buys from the stop itself when it pays more than the market.
    expect(story(engine)).toEqual(told);
  });

  it.each([
    [103, ['filled ask 10@103 maker', 'triggered stop', 'filled stop 10@110 taker']],
    [107, ['triggered stop', 'filled ask 10@107 maker', 'filled stop 10@107 taker']],
  ])('up past a buy stop at 105 and an ask at %i meets first what stands lower', (priceTicks, told) => {
    const engine = matching();
    engine.quote(100, 100);
    engine.submit(order('buy', 'stopMarket', { triggerTicks: 105 }), 'stop');
    engine.submit(limitOrder('sell', priceTicks), 'ask');
    engine.takeReports();
    engine.quote(110, 110);
    settleAll(engine);
    expect(story(engine)).toEqual(told);
  });

  it.each([
    ['buy', 98, 95, 94],
    ['sell', 102, 105, 106],
  ] as const)('past a %s order with nobody to trade fills it later without turning the price back', (side, priceTicks, past, further) => {
    const engine = matching();
    engine.jump(100);
    engine.submit(limitOrder(side, priceTicks), 'a');
    engine.takeReports();
    engine.liquidityLots = 0;
    moveTo(engine, past);
    engine.liquidityLots = 10;
    expect([engine.advance(further), engine.priceTicks]).toEqual([true, past]);
    expect(story(engine)).toEqual([`filled a 10@${priceTicks} maker`]);
  });
});

describe('slippage', () => {
  it('worsens a taking execution and never beyond the limit of the order', () => {
    const engine = matching({ slippage: () => 3 });
    engine.quote(100, 102);
    engine.submit(order('buy', 'market'), 'buy');
    engine.submit(order('sell', 'market'), 'sell');
    engine.submit(limitOrder('buy', 104), 'capped');
    engine.submit(limitOrder('sell', 99), 'floored');
    expect(story(engine).filter((line) => line.startsWith('filled'))).toEqual([
      'filled buy 10@105 taker',
      'filled sell 10@97 taker',
      'filled capped 10@104 taker',
      'filled floored 10@99 taker',
    ]);
  });

  it('never makes a price below one tick', () => {
    const engine = matching({ slippage: () => 50 });
    engine.quote(10, 12);
    engine.submit(order('sell', 'market'), 'a');
    expect(story(engine)).toContain('filled a 10@1 taker');
  });

  it('by a share of the price is rounded up to whole ticks', () => {
    expect([10_000, 10_001, 1].map((ticks) => proportionalSlippage(0.0005)('buy', 1, ticks))).toEqual([5, 6, 1]);
  });
});

describe('fees', () => {
  it.each([
    ['received', 'buy', { feeGrains: 100, feeAtoms: 0, otherFeeAtoms: 0 }],
    ['received', 'sell', { feeGrains: 0, feeAtoms: 10, otherFeeAtoms: 0 }],
    ['quote', 'buy', { feeGrains: 0, feeAtoms: 10, otherFeeAtoms: 0 }],
    ['other', 'sell', { feeGrains: 0, feeAtoms: 0, otherFeeAtoms: 10 }],
  ] as const)('taken in what is %s cost a taker who %ss 0.1 %%, rounded up', (feeAsset, side, fee) => {
    expect(rateFee(5_000, 10_000, feeAsset)(side, 1_000, 10, false)).toEqual(fee);
  });

  it('differ for maker and taker, and rates outside 0 to 1 are refused', () => {
    expect(rateFee(5_000, 10_000, 'quote')('buy', 1_000, 10, true).feeAtoms).toBe(5);
    expect(() => rateFee(-1, 0, 'quote')).toThrow(RangeError);
    expect(() => rateFee(0, 10_000_000, 'quote')).toThrow(RangeError);
  });
});

describe('cancel and restore', () => {
  it('take a resting order and a waiting stop off the book, once', () => {
    const engine = matching();
    engine.quote(99, 101);
    engine.submit(limitOrder('buy', 90), 'bid');
    engine.submit(order('sell', 'stopMarket', { triggerTicks: 80 }), 'stop');
    engine.takeReports();
    expect([engine.cancel('bid'), engine.cancel('bid'), engine.cancel('stop'), engine.cancel('nobody')]).toEqual([true, false, true, false]);
    expect(story(engine)).toEqual(['cancelled bid', 'cancelled stop']);
    engine.quote(70, 72);
    expect(settleAll(engine)).toBe(0);
  });

  it('put an order back with what is left of it, silently, and it trades again', () => {
    const engine = matching();
    engine.restore(limitOrder('buy', 100, 10), 'a', 'me', 4);
    engine.restore(order('sell', 'stopMarket', { triggerTicks: 90 }), 'stop', 'me', 10);
    expect(story(engine)).toEqual([]);
    engine.quote(98, 99);
    settleAll(engine);
    expect(story(engine)).toEqual(['filled a 4@100 maker']);
    engine.quote(88, 89);
    settleAll(engine);
    expect(story(engine)).toEqual(['triggered stop', 'filled stop 10@88 taker']);
  });

  it('give every execution a trade id of its own', () => {
    const engine = matching();
    engine.submit(limitOrder('buy', 100), 'a', 'x');
    engine.submit(limitOrder('sell', 100), 'b', 'y');
    const ids = engine.takeReports().flatMap((report) => (report.type === 'filled' ? [report.fill.tradeId] : []));
    expect(ids).toEqual(['t1', 't2']);
  });
});

it('a constant latency is the same for every request', () => {
  expect([constantLatency(25)('place'), constantLatency(25)('cancel')]).toEqual([25, 25]);
});
