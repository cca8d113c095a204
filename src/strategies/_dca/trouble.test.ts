/** DCA deals when things go wrong: partial fills, refusals, lost answers, cancels, pauses and restarts. */
import { describe, expect, it } from 'vitest';
import { DcaRun, TWO_STEPS, twoSteps } from '#test/support/dca-run.ts';

describe('partial fills', () => {
  it('of a safety order are sold with the rest, while it goes on buying', () => {
    const run = twoSteps().price('90', 400);
    expect(run.book).toEqual(['buy 1.25 @ 80', 'buy 0.711 @ 90', 'sell 1.4 @ 106.86']);
    run.price('90');
    expect(run.book).toEqual(['buy 1.25 @ 80', 'sell 2.111 @ 104.22']);
  });

  it('of the take profit leave the rest on the book at its price', () => {
    const run = twoSteps().price('110', 400);
    expect(run.book).toEqual(['buy 1.25 @ 80', 'buy 1.111 @ 90', 'sell 0.6 @ 110']);
  });

  it('of the base order are completed after a wait', () => {
    const run = new DcaRun({ config: TWO_STEPS, price: '100', instrument: { makerFeeRate: '0', takerFeeRate: '0' } });
    run.matching.liquidityLots = 300;
    run.start();
    expect([run.book, run.held]).toEqual([[], '0.3']);
    run.matching.liquidityLots = Number.POSITIVE_INFINITY;
    run.pass(1_000);
    expect(run.book).toEqual(['buy 1.25 @ 80', 'buy 1.111 @ 90', 'sell 1 @ 110']);
  });

  it('between a take profit and its withdrawal are not sold twice', () => {
    const run = twoSteps({ max_deals: 1 });
    run.isHolding = true;
    // The safety order fills; the take profit is to be withdrawn, but fills first.
    run.price('90').price('110');
    expect(run.held).toBe('1.111');
    run.flush();
    const sold = run.tape.flatMap(({ event }) => (event.type === 'orderFilled' && event.fill.side === 'sell' ? [event.fill.sizeLots] : []));
    expect([run.finished, run.held, sold]).toEqual(['1 deals are done', '0', [1_000, 1_111]]);
  });
});

describe('trouble', () => {
  it('of a base order that nobody fills ends in giving the deal up, and trying again later', () => {
    const run = new DcaRun({ config: TWO_STEPS, price: '100', instrument: { makerFeeRate: '0', takerFeeRate: '0' } });
    run.matching.liquidityLots = 0;
    run.start().pass(30_000);
    expect(run.notes.at(-1)?.text).toBe('Deal 1 was given up: the base order was not filled: expired.');
    run.matching.liquidityLots = Number.POSITIVE_INFINITY;
    expect(run.pass(60_000).deal.number).toBe(1);
  });

  it('of a take profit the venue refuses is told and tried again', () => {
    const run = new DcaRun({ config: { ...TWO_STEPS, safety_orders: 0 }, price: '100', instrument: { makerFeeRate: '0', takerFeeRate: '0' } });
    run.isHolding = true;
    run.start();
    run.flush();
    run.faults = ['reject'];
    run.pause().resume();
    expect(run.notes.at(-1)).toMatchObject({ data: { order: 'profit:1', code: 'venue_says_no', retry_in_ms: 1_000 } });
    expect(run.pass(1_000).book).toEqual(['sell 1 @ 110']);
  });

  it('of an order the venue takes off is mended', () => {
    const run = twoSteps();
    run.cancelAtVenue(run.orderAt('sell', '110').clientOrderId);
    expect(run.book).not.toContain('sell 1 @ 110');
    expect(run.pass(1_000).book).toContain('sell 1 @ 110');
  });

  it('of an order the user has cancelled is left alone until the bot is resumed', () => {
    const run = twoSteps().cancelByHand('buy', '90').pass(100_000);
    expect(run.book).toEqual(['buy 1.25 @ 80', 'sell 1 @ 110']);
    expect(run.pause().resume().book).toEqual(['buy 1.25 @ 80', 'buy 1.111 @ 90', 'sell 1 @ 110']);
  });

  it('of an answer that was lost never sells twice', () => {
    const run = new DcaRun({
      config: { ...TWO_STEPS, safety_orders: 0, cooldown_seconds: 60 },
      price: '100',
      instrument: { makerFeeRate: '0', takerFeeRate: '0' },
    });
    run.start();
    run.cancelAtVenue(run.orderAt('sell', '110').clientOrderId);
    run.faults = ['loseAnswer'];
    run.pass(1_000).pass(60_000).price('111').pass(60_000);
    expect(run.state.dealsWon).toBe(0);
    run.reconcile();
    expect([run.state.dealsWon, run.held]).toEqual([1, '0']);
  });

  it('of a stop while orders are under way waits for them, and sells what they bring', () => {
    const run = twoSteps({ stop_loss_percent: '30', cooldown_seconds: 60 });
    run.isHolding = true;
    run.price('60');
    expect(run.held).not.toBe('0');
    run.flush().flush();
    expect([run.held, run.state.dealsLost]).toEqual(['0', 1]);
  });
});

describe('cancels under way', () => {
  it('of the user stay the wish of the user, whatever the deal wants meanwhile', () => {
    const run = twoSteps();
    run.isHolding = true;
    run.cancelByHand('sell', '110').price('90').flush();
    expect(run.book).toEqual(['buy 1.25 @ 80']);
    expect(run.notes.at(-1)?.text).toContain('was cancelled by hand');
    expect(run.pause().resume().book).toEqual(['buy 1.25 @ 80', 'sell 2.111 @ 104.22']);
  });

  it('of a halt are made good when they end after trading has gone on', () => {
    const run = twoSteps();
    const before = run.book;
    run.isHolding = true;
    run.tell({ type: 'tradingStateChanged', at: run.at, tradingState: 'halted' });
    run.tell({ type: 'tradingStateChanged', at: run.at, tradingState: 'active' });
    expect(run.flush().book).toEqual(before);
    expect(run.notes).toEqual([]);
  });
});

describe('pause, halt and restart', () => {
  it('takes every order off and puts it back', () => {
    const run = twoSteps().price('90', 400);
    const before = run.book;
    expect([run.pause().book, run.isPaused]).toEqual([[], true]);
    expect(run.resume().book).toEqual(before);
  });

  it('puts orders back after trading was halted', () => {
    const run = twoSteps();
    const before = run.book;
    run.tell({ type: 'tradingStateChanged', at: run.at, tradingState: 'halted' });
    expect(run.book).toEqual([]);
    expect(run.tell({ type: 'tradingStateChanged', at: run.at, tradingState: 'active' }).book).toEqual(before);
  });

  it('looks at the stop again when it is resumed', () => {
    expect(twoSteps({ stop_loss_percent: '30', cooldown_seconds: 60 }).pause().price('60').resume().state.dealsLost).toBe(1);
  });

  it('goes on with a deal whose timers passed while it was paused', () => {
    const run = twoSteps({ max_deal_hours: 1, cooldown_seconds: 60 }).pause().pass(4_000_000).resume().pass(1_000);
    expect(run.state.dealsLost + run.state.dealsWon).toBe(1);
  });

  it('survives a restart at any time', () => {
    const run = twoSteps({ max_deals: 1 }).restart().price('90', 300).restart().price('89').restart().price('104', 500).restart().price('104.22');
    expect([run.finished, run.held]).toEqual(['1 deals are done', '0']);
  });
});

describe('figures', () => {
  it('say where the deal stands in plain decimals', () => {
    const run = twoSteps().price('90');
    expect(run.setup.strategy.figures?.(run.state, run.setup.scale)).toEqual({
      phase: 'trading',
      profit: '0',
      deals: 1,
      deals_won: 0,
      deals_lost: 0,
      deals_are_smaller_for_lack_of_funds: false,
      kept_base: '0',
      waiting_for: null,
      refusal: null,
      deal: 1,
      deal_stage: 'open',
      deal_started_at: '1970-01-01T00:16:40.000Z',
      deal_average_price: '94.74',
      deal_base: '2.111',
      deal_cost: '199.99',
      deal_profit: '0',
      deal_safety_orders: '1 of 2',
    });
  });

  it('stay small', () => {
    expect(JSON.stringify(twoSteps({ safety_orders: 20, price_step_percent: '1', safety_order_size: '10' }).state).length).toBeLessThan(4_500);
  });
});

describe('an order that a rule of its user has placed again', () => {
  const rules = { opposite: null, placeAgainTimes: 1, cancelRestAfterMs: null, takeProfit: null, stopLoss: null, stopType: null };

  it('is an order of the deal, without a wait and without a second one beside it', () => {
    const run = twoSteps({}, { rules });
    const before = run.book;
    for (const [side, price] of [
      ['sell', '110'],
      ['buy', '90'],
    ] as const) {
      const former = run.orderAt(side, price);
      run.cancelAtVenue(former.clientOrderId);
      expect([run.book, run.orderAt(side, price).clientOrderId === former.clientOrderId]).toEqual([before, false]);
    }
    expect(run.notes.filter(({ text }) => text.includes('could not be placed or kept'))).toEqual([]);
    run.price('90');
    expect(run.book).toEqual(['buy 1.25 @ 80', 'sell 2.111 @ 104.22']);
    run.restart().price('104.22');
    expect(run.state.dealsWon).toBe(1);
  });

  it('counts what the former had filled', () => {
    const run = twoSteps({}, { rules }).price('90', 400);
    const former = run.orderAt('buy', '90');
    run.cancelAtVenue(former.clientOrderId);
    expect(run.book).toEqual(['buy 1.25 @ 80', 'buy 0.711 @ 90', 'sell 1.4 @ 106.86']);
    const again = run.orderAt('buy', '90').clientOrderId;
    expect(run.pass(60_000).orderAt('buy', '90').clientOrderId).toBe(again);
    run.price('90');
    expect(run.book).toEqual(['buy 1.25 @ 80', 'sell 2.111 @ 104.22']);
    expect(run.deal.safety[0]).toMatchObject({ lots: 1_111, filledLots: 1_111 });
  });
});
