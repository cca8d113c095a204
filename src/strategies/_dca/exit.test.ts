import { describe, expect, it } from 'vitest';
import { type DcaRun, twoSteps } from '#test/support/dca-run.ts';

describe('several take-profit steps', () => {
  const STEPS = {
    take_profit_percent: null,
    take_profits: [
      { percent: '5', share_percent: '50' },
      { percent: '10', share_percent: '30' },
      { percent: '20', share_percent: '20' },
    ],
  };

  it('sell their shares one after the other, the last what is left', () => {
    const run = twoSteps({ ...STEPS, safety_orders: 0, max_deals: 1 });
    expect(run.book).toEqual(['sell 0.5 @ 105', 'sell 0.3 @ 110', 'sell 0.2 @ 120']);
    run.price('110');
    expect(run.book).toEqual(['sell 0.2 @ 120']);
    expect(run.price('120').finished).toBe('1 deals are done');
    expect(run.setup.scale.quote(run.state.profitAtoms)).toBe('9.5');
  });

  it('share out anew what a safety order buys between them', () => {
    const run = twoSteps(STEPS).price('105').price('90');
    // 0.5 sold at the first step; of 2.111 in all its share is 1.055.
    expect(run.book).toEqual(['buy 1.25 @ 80', 'sell 0.555 @ 99.48', 'sell 0.633 @ 104.22', 'sell 0.423 @ 113.69']);
  });

  it('join where one alone would be too small for the venue', () => {
    // 0.04 of 20 USDT are below 5 USDT.
    const config = { ...STEPS, base_order_size: '20' };
    expect(() => twoSteps(config)).toThrow('step 3 of the take profit would sell less of the base order than the venue takes');
  });

  it('move the stop to break-even when the named step has sold', () => {
    const run = twoSteps(
      { ...STEPS, safety_orders: 0, break_even_after_step: 1, max_deals: 1 },
      { instrument: { makerFeeRate: '0.001', takerFeeRate: '0.001' } },
    );
    run.price('106');
    expect(run.notes.at(-1)?.text).toBe('Deal 1: the stop moved to break-even at 100.21.');
    run.price('100.22');
    expect(run.finished).toBeNull();
    run.price('100.2');
    expect(run.finished).toBe('1 deals are done');
    expect(run.state.profitAtoms).toBeGreaterThan(0);
  });
});

describe('a trailing take profit', () => {
  it('follows the highest price and sells when it has fallen by the distance', () => {
    const run = twoSteps({ safety_orders: 0, trailing_take_profit_percent: '2', max_deals: 1 });
    expect(run.book).toEqual([]);
    run.price('109.99').price('105');
    expect(run.finished).toBeNull();
    run.price('120').price('117.61');
    expect(run.finished).toBeNull();
    run.price('117.6');
    expect(run.finished).toBe('1 deals are done');
    expect(run.setup.scale.quote(run.state.profitAtoms)).toBe('17.6');
  });

  it('sells everything where its steps before have not sold all of theirs', () => {
    const steps = [
      { percent: '5', share_percent: '50' },
      { percent: '10', share_percent: '50' },
    ];
    const run = twoSteps({ safety_orders: 0, take_profit_percent: null, take_profits: steps, trailing_take_profit_percent: '1', max_deals: 1 });
    run.price('112').price('110');
    expect([run.finished, run.held]).toEqual(['1 deals are done', '0']);
  });
});

describe('a stop loss', () => {
  it('withdraws every order and sells at market, for every deal', () => {
    const run = twoSteps({ stop_loss_percent: '30', cooldown_seconds: 60 }).price('70');
    expect([run.book, run.held, run.state.dealsLost]).toEqual([[], '0', 1]);
    expect(run.notes.at(-1)?.text).toContain('Deal 1 ended (stop loss at 70) with -');
    // The next deal has a stop as well.
    run.pass(60_000);
    expect(run.deal.number).toBe(2);
    run.price('49');
    expect(run.state.dealsLost).toBe(2);
  });

  it('may end the bot', () => {
    expect(twoSteps({ stop_loss_percent: '30', stop_loss_action: 'stop_bot' }).price('70').finished).toBe('stop loss at 70');
  });

  it('counts from the average price where it should', () => {
    // 94.737 * 0.8, then 89.256 * 0.8.
    const run = twoSteps({ stop_loss_percent: '20', stop_loss_basis: 'average', safety_orders: 1, cooldown_seconds: 60 }).price('90').price('75.79');
    expect(run.state.dealsLost).toBe(0);
    expect(run.price('75.78').state.dealsLost).toBe(1);
  });

  it('waits as long as it should, and forgets when the price comes back', () => {
    const run = twoSteps({ safety_orders: 0, stop_loss_percent: '10', stop_loss_wait_seconds: 60, cooldown_seconds: 600 });
    run.price('89').pass(30_000).price('91').pass(60_000).price('89').pass(58_000);
    expect(run.state.dealsLost).toBe(0);
    expect(run.pass(3_000).state.dealsLost).toBe(1);
  });

  it('may follow the highest price', () => {
    const run = twoSteps({ safety_orders: 0, take_profit_percent: '100', stop_loss_percent: '10', stop_loss_trailing: true, cooldown_seconds: 60 });
    run.price('150').price('140');
    expect(run.state.dealsLost + run.state.dealsWon).toBe(0);
    expect(run.price('135').state).toMatchObject({ dealsWon: 1, deal: null });
  });

  it('is followed by the end of the longest time, whatever it brings', () => {
    const run = twoSteps({ max_deal_hours: 2, cooldown_seconds: 60 }).price('95').pass(7_100_000);
    expect(run.state.dealsLost).toBe(0);
    expect(run.pass(200_000).state).toMatchObject({ dealsLost: 1 });
  });
});

describe('close conditions', () => {
  const HOUR = 3_600_000;
  const config = { close_conditions: [{ left: 'close', is: 'crosses_below', right: 'sma(2)' }], cooldown_seconds: 60 };
  const closes = (run: DcaRun, ...prices: readonly string[]) => {
    for (const close of prices) run.price(close).bar(HOUR, { open: close, high: close, low: close, close });
    return run;
  };

  it('close the deal at market at the close at which they hold', () => {
    const run = closes(twoSteps(config), '101', '102', '103');
    expect(run.state.dealsWon).toBe(0);
    expect(closes(run, '102').state).toMatchObject({ dealsWon: 1, deal: null });
    expect(run.notes.at(-1)?.text).toBe('Deal 1 ended (close conditions) with 2 USDT.');
  });

  it('are followed only with the profit they need', () => {
    const run = closes(twoSteps({ ...config, close_min_profit_percent: '3' }), '101', '102', '103', '102');
    expect(run.state.dealsWon).toBe(0);
    expect(closes(run, '105', '104').state).toMatchObject({ dealsWon: 1, deal: null });
  });
});
