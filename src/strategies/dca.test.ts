import { describe, expect, it } from 'vitest';
import { DcaRun } from '#test/support/dca-run.ts';
import type { StrategyRunOptions } from '#test/support/strategy-run.ts';

const FREE = { makerFeeRate: '0', takerFeeRate: '0' };
/** 100 at 100, then 100 at 90 and 100 at 80; sells 10 % above the average. */
const TWO_STEPS = { base_order_size: '100', safety_orders: 2, safety_order_size: '100', price_step_percent: '10', take_profit_percent: '10' };

function begun(config: Readonly<Record<string, unknown>> = {}, more: Partial<StrategyRunOptions> = {}): DcaRun {
  return new DcaRun({ config: { ...TWO_STEPS, ...config }, price: '100', instrument: FREE, ...more }).start();
}

describe('a deal', () => {
  it('buys at once, then stands with its safety orders and its take profit', () => {
    expect(begun().book).toEqual(['buy 1.25 @ 80', 'buy 1.111 @ 90', 'sell 1 @ 110']);
  });

  it('moves its take profit with the average price of what it has bought', () => {
    const run = begun().price('90');
    // 199.99 for 2.111: 94.737 and 10 per cent more.
    expect(run.book).toEqual(['buy 1.25 @ 80', 'sell 2.111 @ 104.22']);
    run.price('80');
    // 299.99 for 3.361, rounded up to the tick.
    expect(run.book).toEqual(['sell 3.361 @ 98.19']);
  });

  it('ends when everything is sold, withdraws its safety orders, and the next one begins', () => {
    const run = begun({ max_deals: 2 }).price('90').price('104.22');
    expect(run.state).toMatchObject({ dealsBegun: 2, dealsWon: 1 });
    expect(run.notes.at(-1)?.text).toBe('Deal 1 ended (take profit) with 20.01842 USDT.');
    expect(run.book).toEqual(['buy 1.199 @ 83.37', 'buy 1.066 @ 93.79', 'sell 0.959 @ 114.65']);
    expect(run.price('115').finished).toBe('2 deals are done');
    expect([run.held, run.orders]).toEqual(['0', []]);
  });

  it('counts fees: what the settings promise remains after both of them', () => {
    const run = begun({ safety_orders: 0, take_profit_percent: '1', max_deals: 1 }, { instrument: { makerFeeRate: '0.001', takerFeeRate: '0.001' } });
    // 1 bought, 0.999 arrived and can be sold: 100 / 0.999 * 1.01 / 0.999.
    expect(run.book).toEqual(['sell 0.999 @ 101.21']);
    run.price('101.21');
    expect(run.setup.scale.quote(run.state.profitAtoms)).toBe('1.00768');
  });

  it('keeps the number of safety orders on the book that the settings allow', () => {
    const run = begun({ active_safety_orders: 1 });
    expect(run.book).toEqual(['buy 1.111 @ 90', 'sell 1 @ 110']);
    expect(run.price('90').book).toEqual(['buy 1.25 @ 80', 'sell 2.111 @ 104.22']);
  });

  it('takes its safety orders from a list', () => {
    const steps = [
      { deviation_percent: '5', size: '50' },
      { deviation_percent: '20', size: '200' },
    ];
    expect(begun({ safety_orders: 0, safety_order_size: null, price_step_percent: null, safety_steps: steps }).book).toEqual([
      'buy 2.5 @ 80',
      'buy 0.526 @ 95',
      'sell 1 @ 110',
    ]);
  });

  it('counts the take profit from the base order where it should', () => {
    expect(begun({ take_profit_basis: 'base_order' }).price('90').book).toEqual(['buy 1.25 @ 80', 'sell 2.111 @ 110']);
  });
});

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
    const run = begun({ ...STEPS, safety_orders: 0, max_deals: 1 });
    expect(run.book).toEqual(['sell 0.5 @ 105', 'sell 0.3 @ 110', 'sell 0.2 @ 120']);
    run.price('110');
    expect(run.book).toEqual(['sell 0.2 @ 120']);
    expect(run.price('120').finished).toBe('1 deals are done');
    expect(run.setup.scale.quote(run.state.profitAtoms)).toBe('9.5');
  });

  it('share out anew what a safety order buys between them', () => {
    const run = begun(STEPS).price('105').price('90');
    // 0.5 sold at the first step; of 2.111 in all its share is 1.055.
    expect(run.book).toEqual(['buy 1.25 @ 80', 'sell 0.555 @ 99.48', 'sell 0.633 @ 104.22', 'sell 0.423 @ 113.69']);
  });

  it('join where one alone would be too small for the venue', () => {
    // 0.04 of 20 USDT are below 5 USDT.
    const config = { ...STEPS, base_order_size: '20' };
    expect(() => begun(config)).toThrow('step 3 of the take profit would sell less of the base order than the venue takes');
  });

  it('move the stop to break-even when the named step has sold', () => {
    const run = begun({ ...STEPS, safety_orders: 0, break_even_after_step: 1, max_deals: 1 }, { instrument: { makerFeeRate: '0.001', takerFeeRate: '0.001' } });
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
    const run = begun({ safety_orders: 0, trailing_take_profit_percent: '2', max_deals: 1 });
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
    const run = begun({ safety_orders: 0, take_profit_percent: null, take_profits: steps, trailing_take_profit_percent: '1', max_deals: 1 });
    run.price('112').price('110');
    expect([run.finished, run.held]).toEqual(['1 deals are done', '0']);
  });
});

describe('a stop loss', () => {
  it('withdraws every order and sells at market, for every deal', () => {
    const run = begun({ stop_loss_percent: '30', cooldown_seconds: 60 }).price('70');
    expect([run.book, run.held, run.state.dealsLost]).toEqual([[], '0', 1]);
    expect(run.notes.at(-1)?.text).toContain('Deal 1 ended (stop loss at 70) with -');
    // The next deal has a stop as well.
    run.pass(60_000);
    expect(run.deal.number).toBe(2);
    run.price('49');
    expect(run.state.dealsLost).toBe(2);
  });

  it('may end the bot', () => {
    expect(begun({ stop_loss_percent: '30', stop_loss_action: 'stop_bot' }).price('70').finished).toBe('stop loss at 70');
  });

  it('counts from the average price where it should', () => {
    // 94.737 * 0.8, then 89.256 * 0.8.
    const run = begun({ stop_loss_percent: '20', stop_loss_basis: 'average', safety_orders: 1, cooldown_seconds: 60 }).price('90').price('75.79');
    expect(run.state.dealsLost).toBe(0);
    expect(run.price('75.78').state.dealsLost).toBe(1);
  });

  it('waits as long as it should, and forgets when the price comes back', () => {
    const run = begun({ safety_orders: 0, stop_loss_percent: '10', stop_loss_wait_seconds: 60, cooldown_seconds: 600 });
    run.price('89').pass(30_000).price('91').pass(60_000).price('89').pass(58_000);
    expect(run.state.dealsLost).toBe(0);
    expect(run.pass(3_000).state.dealsLost).toBe(1);
  });

  it('may follow the highest price', () => {
    const run = begun({ safety_orders: 0, take_profit_percent: '100', stop_loss_percent: '10', stop_loss_trailing: true, cooldown_seconds: 60 });
    run.price('150').price('140');
    expect(run.state.dealsLost + run.state.dealsWon).toBe(0);
    expect(run.price('135').state).toMatchObject({ dealsWon: 1, deal: null });
  });

  it('is followed by the end of the longest time, whatever it brings', () => {
    const run = begun({ max_deal_hours: 2, cooldown_seconds: 60 }).price('95').pass(7_100_000);
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
    const run = closes(begun(config), '101', '102', '103');
    expect(run.state.dealsWon).toBe(0);
    expect(closes(run, '102').state).toMatchObject({ dealsWon: 1, deal: null });
    expect(run.notes.at(-1)?.text).toBe('Deal 1 ended (close conditions) with 2 USDT.');
  });

  it('are followed only with the profit they need', () => {
    const run = closes(begun({ ...config, close_min_profit_percent: '3' }), '101', '102', '103', '102');
    expect(run.state.dealsWon).toBe(0);
    expect(closes(run, '105', '104').state).toMatchObject({ dealsWon: 1, deal: null });
  });
});

describe('start', () => {
  it('waits for the price range', () => {
    const run = begun({ max_price: '95' });
    expect([run.book, run.notes.at(-1)?.text]).toEqual([[], 'No deal begins: the price is above max_price 95.']);
    expect(run.price('95').book).toEqual(['buy 1.315 @ 76', 'buy 1.169 @ 85.5', 'sell 1.052 @ 104.5']);
  });

  it('waits for the pause between deals', () => {
    const run = begun({ safety_orders: 0, cooldown_seconds: 100 }).price('110');
    expect(run.state.deal).toBeNull();
    run.pass(98_000);
    expect(run.state.deal).toBeNull();
    expect(run.pass(3_000).deal.number).toBe(2);
  });

  describe('on conditions', () => {
    const HOUR = 3_600_000;
    const dip = (close: string) => ({ open: close, high: close, low: close, close });
    const config = { start: 'conditions', start_conditions: [{ left: 'close', is: 'crosses_below', right: 'sma(3)' }] };

    it('begins at the close of a bar at which they hold', () => {
      const run = begun(config);
      for (const close of ['100', '101', '102', '103']) run.bar(HOUR, dip(close));
      expect(run.state.deal).toBeNull();
      expect(run.bar(HOUR, dip('99')).deal.number).toBe(1);
    });

    it('is warmed up by history, and does not begin on it', () => {
      const run = begun(config);
      for (const close of ['100', '101', '102', '103', '99', '104', '105']) run.bar(HOUR, dip(close), true);
      expect(run.state.deal).toBeNull();
      expect(run.bar(HOUR, dip('90')).deal.number).toBe(1);
    });

    it('goes on over a restart', () => {
      const run = begun(config);
      for (const close of ['100', '101', '102', '103']) run.bar(HOUR, dip(close)).restart();
      expect(run.bar(HOUR, dip('99')).deal.number).toBe(1);
    });
  });

  it('comes by schedule, and a time within a deal is left out', () => {
    // The run begins at 00:16:40 on the first of January 1970.
    const run = begun({ safety_orders: 0, start: 'schedule', schedule_every: 'hour', schedule_at: '00:30' });
    expect(run.state.deal).toBeNull();
    run.pass(780_000);
    expect(run.state.deal).toBeNull();
    run.pass(30_000);
    expect(run.deal.number).toBe(1);
    run.pass(3_600_000).price('110');
    expect(run.state.deal).toBeNull();
    expect(run.pass(3_600_000).deal.number).toBe(2);
  });

  it('comes by command alone where it should', () => {
    const run = begun({ start: 'command' }).pass(1_000_000);
    expect(run.state.deal).toBeNull();
    expect(run.command('start_deal').deal.number).toBe(1);
    run.command('start_deal');
    expect(run.notes.at(-1)?.text).toBe('The command start_deal was not carried out: a deal is open.');
  });

  it('with a limit order waits at the bid, and gives up what was not bought in time', () => {
    const run = begun({ base_order_type: 'limit', cooldown_seconds: 120 });
    run.matching.jump(10_100);
    const waiting = new DcaRun({ config: { ...TWO_STEPS, base_order_type: 'limit', cooldown_seconds: 120 }, price: '100', instrument: FREE });
    waiting.matching.liquidityLots = 0;
    waiting.start();
    expect(waiting.book).toEqual(['buy 1 @ 100']);
    waiting.price('100', 400);
    expect(waiting.book).toEqual(['buy 0.6 @ 100']);
    waiting.pass(600_000);
    expect(waiting.book).toEqual(['buy 1.25 @ 80', 'buy 1.111 @ 90', 'sell 0.4 @ 110']);
    expect(run.state.dealsBegun).toBe(1);
  });

  it('with a limit order that buys nothing ends without a deal', () => {
    const run = new DcaRun({ config: { ...TWO_STEPS, base_order_type: 'limit', cooldown_seconds: 120 }, price: '100', instrument: FREE });
    run.matching.liquidityLots = 0;
    run.start().pass(600_000);
    expect(run.state).toMatchObject({ deal: null, dealsBegun: 0 });
    expect(run.notes.at(-1)?.text).toBe('Deal 1 was given up: the base order was not filled within 10 minutes.');
  });
});

describe('sizes', () => {
  const ONE = { safety_orders: 0, cooldown_seconds: 1 };

  it('grow with the share of profits that is reinvested', () => {
    const run = begun({ ...ONE, reinvest_percent: '50' })
      .price('110')
      .price('100')
      .pass(1_000);
    // 10 earned on 100.5 needed: half of it makes orders 4.975 per cent larger.

    expect(run.setup.scale.quote(run.deal.base.filledAtoms)).toBe('104.9');
  });

  it('shrink with the share of losses where risk is reduced', () => {
    const run = begun({ ...ONE, stop_loss_percent: '10', risk_reduction_percent: '100' })
      .price('90')
      .price('100')
      .pass(1_000);
    expect(run.setup.scale.quote(run.deal.base.filledAtoms)).toBe('90');
  });

  it('shrink by themselves when the funds do not suffice, and say so', () => {
    const run = begun({ ...ONE, stop_loss_percent: '10' })
      .price('90')
      .price('100')
      .pass(1_000);
    expect(run.notes.at(-1)?.text).toContain('The funds left make the deals smaller: the next has 90.04 % of its planned size.');
    expect(run.setup.scale.quote(run.deal.base.filledAtoms)).toBe('90');
  });

  it('that the venue would not take end the bot with the reason', () => {
    const run = begun({ base_order_size: '6', safety_orders: 0, stop_loss_percent: '30', take_profit_percent: '50' }).price('70').price('100').pass(1_000);
    expect(run.finished).toContain('are too small for a base order');
  });
});

describe('commands', () => {
  it('add funds to the deal, at market and within what is free', () => {
    const run = begun({ extra_funds: '95' }).price('95').command('add_funds', { amount: '95' });
    // 100 for 1 and 95 for 0.994 at 95 (their price may lie half a per cent higher).
    expect(run.book).toEqual(['buy 1.25 @ 80', 'buy 1.111 @ 90', 'sell 1.994 @ 107.26']);
    run.command('add_funds', { amount: '50' });
    expect(run.notes.at(-1)?.text).toContain('USDT are free beyond what the deal needs; raise extra_funds');
  });

  it('close the deal at market', () => {
    const run = begun({ cooldown_seconds: 60 }).price('105').command('close_deal');
    expect([run.state.dealsWon, run.held, run.book]).toEqual([1, '0', []]);
  });

  it('let the deal go and keep its coin', () => {
    const run = begun({ cooldown_seconds: 60 }).command('cancel_deal');
    expect([run.state.kept.grains, run.held, run.book]).toEqual([10_000_000, '1', []]);
    expect(run.pass(60_000).deal.number).toBe(2);
  });

  it('never sell what an earlier deal has left to its owner, not even while orders change places', () => {
    const config = {
      base_order_size: '60',
      safety_orders: 1,
      safety_order_size: '50',
      price_step_percent: '1',
      take_profit_percent: null,
      take_profits: [
        { percent: '1', share_percent: '33.4' },
        { percent: '2', share_percent: '33.3' },
        { percent: '5', share_percent: '33.3' },
      ],
    };
    // The laws look after every step whether more is offered than the deal holds.
    const run = begun(config).command('cancel_deal').command('cancel_deal');
    run.price('80').price('80').price('80').price('80').pass(1);
    expect(run.state.kept.grains).toBeGreaterThan(0);
  });

  it('leave the money alone that safety orders still need', () => {
    const run = begun({ active_safety_orders: 1, extra_funds: '50' }).command('add_funds', { amount: '60' });
    expect(run.notes.at(-1)?.text).toContain('USDT are free beyond what the deal needs; raise extra_funds');
    expect(run.command('add_funds', { amount: '50' }).deal.bought.lots).toBeGreaterThan(1_000);
  });

  it('are refused without a deal', () => {
    const run = begun({ start: 'command' }).command('close_deal');
    expect(run.notes.at(-1)?.text).toBe('The command close_deal was not carried out: no deal is open.');
  });
});
