import { describe, expect, it } from 'vitest';
import { MAX_PARTIAL_EXITS } from './action-decisions.ts';
import { ActionRig, PLAN } from './actions.fixture.ts';
import { EXIT_PAUSE_MS, MAX_EXIT_FAILURES, PROFIT_PAUSE_MS, wakeAt, wantsQuote } from './actions.ts';

const price = (ticks: number) => ({ kind: 'price', ticks }) as const;
const share = (millionths: number) => ({ kind: 'share', millionths }) as const;
const BRACKET = { takeProfit: price(1_100), stopLoss: price(900) };

describe('the opposite order', () => {
  it('comes when the entry is filled, one step from its average price, for what was bought less its fee', () => {
    const rig = new ActionRig({ opposite: { kind: 'ticks', ticks: 50 } });
    rig.fill(rig.leg(0), 40, 990);
    expect(rig.book, 'nothing before the entry is over').toEqual(['entry buy 60 @1000']);
    rig.fill(rig.leg(0), 60, 1_000, 5_000);
    expect(rig.book).toEqual(['opposite sell 99 @1046']);
    rig.fill(rig.only('opposite'), 99);
    expect([rig.state.status, rig.told]).toEqual(['finished', []]);
  });

  it('of a sale is a purchase below it, rounded so that the step is never less', () => {
    const rig = new ActionRig({ entry: { ...PLAN.entry, side: 'sell' }, opposite: share(10_001) });
    rig.fill(rig.leg(0), 100);
    expect(rig.book).toEqual(['opposite buy 100 @989']);
  });

  it('covers what was filled of an entry that ended before it was filled', () => {
    const rig = new ActionRig({ opposite: share(10_000) });
    rig.fill(rig.leg(0), 30);
    rig.end(rig.leg(0), 'cancelled');
    expect(rig.book).toEqual(['opposite sell 30 @1010']);
  });

  it('does not come when nothing was filled', () => {
    const rig = new ActionRig({ opposite: share(10_000) });
    rig.end(rig.leg(0), 'rejected', '-2010');
    expect([rig.book, rig.state.status]).toEqual([[], 'finished']);
  });

  it('is tried again after a pause when it comes to nothing, and given up after some tries with the reason', () => {
    const rig = new ActionRig({ opposite: share(10_000) });
    rig.fill(rig.leg(0), 100);
    for (let count = 1; count < MAX_EXIT_FAILURES; count += 1) {
      rig.end(rig.only('opposite'), 'rejected', '-2010');
      expect(rig.book).toEqual([]);
      expect(wakeAt(rig.state)).toBe(rig.at + EXIT_PAUSE_MS * count);
      rig.wait(EXIT_PAUSE_MS * count);
    }
    rig.end(rig.only('opposite'), 'rejected', '-2010');
    expect([rig.state.status, rig.told]).toEqual(['failed', ['exit_failed']]);
  });

  it('is said not to come when what is left is too little', () => {
    const rig = new ActionRig({ opposite: share(10_000), minAtoms: 50_000 });
    rig.fill(rig.leg(0), 30);
    rig.end(rig.leg(0), 'cancelled');
    expect([rig.book, rig.state.status, rig.told]).toEqual([[], 'finished', ['below_minimum']]);
  });
});

describe('placing again', () => {
  it('puts the rest back each time the venue takes it off the book, up to the number given', () => {
    const rig = new ActionRig({ placeAgainTimes: 2 });
    rig.fill(rig.leg(0), 30);
    rig.end(rig.leg(0), 'cancelled');
    expect(rig.book).toEqual(['entry buy 70 @1000']);
    rig.fill(rig.only('entry'), 20);
    rig.end(rig.only('entry'), 'expired');
    expect(rig.book).toEqual(['entry buy 50 @1000']);
    rig.end(rig.only('entry'), 'cancelled');
    expect([rig.book, rig.told, rig.state.status]).toEqual([[], ['placed_again_enough'], 'finished']);
  });

  it('does not happen when its user has cancelled it', () => {
    const rig = new ActionRig({ placeAgainTimes: 2 });
    rig.step({ type: 'legCancelRequested', at: 0, index: 0 });
    rig.end(rig.leg(0), 'cancelled');
    expect([rig.book, rig.state.status]).toEqual([[], 'finished']);
  });

  it('does not happen when the exchange refuses the order, but does when a further one never reached it', () => {
    const refused = new ActionRig({ placeAgainTimes: 2 });
    refused.end(refused.leg(0), 'rejected', '-2010');
    expect([refused.book, refused.state.status]).toEqual([[], 'finished']);
    const lost = new ActionRig({ placeAgainTimes: 2 });
    lost.end(lost.leg(0), 'cancelled');
    lost.end(lost.only('entry'), 'rejected', 'never_placed');
    expect(lost.book).toEqual(['entry buy 100 @1000']);
    lost.end(lost.only('entry'), 'rejected', '-2010');
    expect(lost.told).toEqual(['place_again_refused']);
  });

  it('waits while the kill switch is on', () => {
    const rig = new ActionRig({ placeAgainTimes: 1 });
    rig.step({ type: 'tradingStateChanged', at: 0, isHalted: true });
    rig.end(rig.leg(0), 'cancelled');
    expect([rig.book, rig.told, rig.state.status]).toEqual([[], ['trading_killed'], 'active']);
    rig.step({ type: 'tradingStateChanged', at: 0, isHalted: false });
    expect(rig.book).toEqual(['entry buy 100 @1000']);
  });
});

describe('an entry that is partially filled for too long', () => {
  it('has its rest cancelled, counted from the first execution, and is not placed again', () => {
    const rig = new ActionRig({ cancelRestAfterMs: 1_000, placeAgainTimes: 3, opposite: share(10_000) });
    rig.wait(5_000);
    expect(wakeAt(rig.state)).toBeNull();
    rig.fill(rig.leg(0), 10);
    rig.wait(500);
    rig.fill(rig.leg(0), 10);
    rig.wait(499);
    expect(rig.leg(0).isCancelAsked).toBe(false);
    rig.wait(1);
    expect(rig.leg(0).isCancelAsked).toBe(true);
    rig.end(rig.leg(0), 'cancelled');
    expect(rig.book).toEqual(['opposite sell 20 @1010']);
  });

  it('counts on over being placed again', () => {
    const rig = new ActionRig({ cancelRestAfterMs: 1_000, placeAgainTimes: 3 });
    rig.fill(rig.leg(0), 10);
    rig.wait(999);
    rig.end(rig.leg(0), 'cancelled');
    rig.wait(1);
    expect(rig.only('entry').isCancelAsked).toBe(true);
  });
});

describe('take profit and stop loss', () => {
  it('guard each part of the entry as it is filled, and never more than that', () => {
    const rig = new ActionRig(BRACKET);
    rig.fill(rig.leg(0), 30);
    expect(rig.book).toEqual(['entry buy 70 @1000', 'stopLoss sell 30 !900']);
    rig.fill(rig.leg(0), 70, 1_000, 15_000);
    expect(rig.book).toEqual(['stopLoss sell 30 !900', 'stopLoss sell 68 !900']);
  });

  it('do not put more orders at the venue than a limit while the entry comes in crumbs', () => {
    const rig = new ActionRig(BRACKET);
    for (let count = 0; count < 99; count += 1) rig.fill(rig.leg(0), 1);
    expect(rig.alive).toHaveLength(1 + MAX_PARTIAL_EXITS);
    rig.fill(rig.leg(0), 1);
    expect([rig.alive.length, rig.closing]).toEqual([1 + MAX_PARTIAL_EXITS, 100]);
  });

  it('the stop goes off the book before the take profit comes, and comes back when that was not filled', () => {
    const rig = new ActionRig(BRACKET);
    rig.fill(rig.leg(0), 100);
    const { plan, state } = rig;
    expect([wantsQuote(plan, state, 1_099, 1_100, 0), wantsQuote(plan, state, 1_100, 1_101, 0)]).toEqual([false, true]);
    rig.quote(1_100);
    expect([rig.book, rig.only('stopLoss').isCancelAsked]).toEqual([['stopLoss sell 100 !900'], true]);
    rig.end(rig.only('stopLoss'), 'cancelled');
    expect([rig.book, rig.only('takeProfit').request.timeInForce]).toEqual([['takeProfit sell 100 @1100'], 'ioc']);
    rig.fill(rig.only('takeProfit'), 60);
    rig.end(rig.only('takeProfit'), 'expired');
    expect(rig.book).toEqual(['stopLoss sell 40 !900']);
    expect(wantsQuote(plan, state, 1_100, 1_101, rig.at), 'not again at once').toBe(false);
    rig.wait(PROFIT_PAUSE_MS);
    rig.quote(1_100);
    rig.end(rig.only('stopLoss'), 'cancelled');
    rig.fill(rig.only('takeProfit'), 40);
    expect([rig.book, rig.state.status, rig.open]).toEqual([[], 'finished', 0]);
  });

  it('what the entry brings while the stop goes off the book waits with the rest', () => {
    const rig = new ActionRig(BRACKET);
    rig.fill(rig.leg(0), 30);
    rig.quote(1_100);
    rig.fill(rig.leg(0), 10);
    expect(rig.book).toEqual(['entry buy 60 @1000', 'stopLoss sell 30 !900']);
    rig.end(rig.only('stopLoss'), 'cancelled');
    expect(rig.book).toEqual(['entry buy 60 @1000', 'takeProfit sell 40 @1100']);
  });

  it('a stop that fills while it is being cancelled leaves nothing to take profit with', () => {
    const rig = new ActionRig(BRACKET);
    rig.fill(rig.leg(0), 100);
    rig.quote(1_100);
    rig.fill(rig.only('stopLoss'), 100, 899);
    expect([rig.book, rig.state.status]).toEqual([[], 'finished']);
  });

  it('a stop that fills takes the rest of the entry off the book', () => {
    const rig = new ActionRig({ ...BRACKET, placeAgainTimes: 5 });
    rig.fill(rig.leg(0), 30);
    rig.fill(rig.only('stopLoss'), 30, 899);
    expect(rig.leg(0).isCancelAsked).toBe(true);
    rig.end(rig.leg(0), 'cancelled');
    expect([rig.book, rig.state.status]).toEqual([[], 'finished']);
  });

  it('alone, a take profit rests, as a share of what was paid on average', () => {
    const rig = new ActionRig({ takeProfit: share(50_000) });
    rig.fill(rig.leg(0), 50, 1_000);
    rig.fill(rig.leg(0), 50, 990);
    expect(rig.book).toEqual(['takeProfit sell 50 @1050', 'takeProfit sell 50 @1045']);
    expect(wantsQuote(rig.plan, rig.state, 2_000, 2_001, 0)).toBe(false);
  });

  it.each([
    ['where the venue has no stop orders', { stopType: null }, []],
    ['where the venue refuses the stop order', {}, ['stop_watched']],
  ] as const)('%s the price is watched, the take profit rests, and the stop goes at the market', (_name, change, told) => {
    const rig = new ActionRig({ ...BRACKET, ...change });
    rig.fill(rig.leg(0), 100);
    if (told.length > 0) rig.end(rig.only('stopLoss'), 'rejected', '-2010');
    expect([rig.book, rig.told]).toEqual([['takeProfit sell 100 @1100'], told]);
    expect([wantsQuote(rig.plan, rig.state, 901, 902, 0), wantsQuote(rig.plan, rig.state, 900, 901, 0)]).toEqual([false, true]);
    rig.quote(900);
    expect(rig.book, 'what rests holds the coins').toEqual(['takeProfit sell 100 @1100']);
    rig.fill(rig.only('takeProfit'), 10);
    rig.end(rig.only('takeProfit'), 'cancelled');
    expect(rig.book).toEqual(['stopLoss sell 90 market']);
    rig.fill(rig.only('stopLoss'), 90, 895);
    expect(rig.state.status).toBe('finished');
  });

  it('a stop with a limit that the market has run past goes at the market', () => {
    const rig = new ActionRig({ ...BRACKET, stopType: 'stopLimit' });
    rig.fill(rig.leg(0), 100);
    expect(rig.only('stopLoss').request).toMatchObject({ type: 'stopLimit', triggerTicks: 900, priceTicks: 891 });
    expect(wantsQuote(rig.plan, rig.state, 891, 892, 0)).toBe(false);
    rig.quote(890);
    expect(rig.only('stopLoss').isCancelAsked).toBe(true);
    rig.end(rig.only('stopLoss'), 'cancelled');
    expect(rig.book).toEqual(['stopLoss sell 100 market']);
  });

  it('of a sale buy back: profit below, stop above', () => {
    const rig = new ActionRig({ entry: { ...PLAN.entry, side: 'sell' }, takeProfit: share(100_000), stopLoss: share(100_000) });
    rig.fill(rig.leg(0), 100, 1_000, 99);
    expect(rig.book).toEqual(['stopLoss buy 100 !1100']);
    expect([wantsQuote(rig.plan, rig.state, 900, 901, 0), wantsQuote(rig.plan, rig.state, 899, 900, 0)]).toEqual([false, true]);
  });

  it('end when their user cancels one of them, and when called off', () => {
    const cancelled = new ActionRig(BRACKET);
    cancelled.fill(cancelled.leg(0), 100);
    cancelled.step({ type: 'legCancelRequested', at: 0, index: 1 });
    cancelled.end(cancelled.only('stopLoss'), 'cancelled');
    expect([cancelled.book, cancelled.state.status]).toEqual([[], 'calledOff']);
    const calledOff = new ActionRig(BRACKET);
    calledOff.step({ type: 'calledOff', at: 0 });
    calledOff.fill(calledOff.leg(0), 100);
    expect([calledOff.book, calledOff.told]).toEqual([[], ['called_off']]);
  });

  it('say so when a price is outside what the venue takes', () => {
    const rig = new ActionRig({ takeProfit: share(900_000_000), maxTicks: 5_000 });
    rig.fill(rig.leg(0), 100);
    expect([rig.book, rig.state.status, rig.told]).toEqual([[], 'failed', ['price_out_of_range']]);
  });
});
