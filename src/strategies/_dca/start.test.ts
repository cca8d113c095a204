import { describe, expect, it } from 'vitest';
import { DcaRun, TWO_STEPS, twoSteps } from '#test/support/dca-run.ts';

describe('start', () => {
  it('waits for the price range', () => {
    const run = twoSteps({ max_price: '95' });
    expect([run.book, run.notes.at(-1)?.text]).toEqual([[], 'No deal begins: the price is above max_price 95.']);
    expect(run.price('95').book).toEqual(['buy 1.315 @ 76', 'buy 1.169 @ 85.5', 'sell 1.052 @ 104.5']);
  });

  it('waits for the pause between deals', () => {
    const run = twoSteps({ safety_orders: 0, cooldown_seconds: 100 }).price('110');
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
      const run = twoSteps(config);
      for (const close of ['100', '101', '102', '103']) run.bar(HOUR, dip(close));
      expect(run.state.deal).toBeNull();
      expect(run.bar(HOUR, dip('99')).deal.number).toBe(1);
    });

    it('is warmed up by history, and does not begin on it', () => {
      const run = twoSteps(config);
      for (const close of ['100', '101', '102', '103', '99', '104', '105']) run.bar(HOUR, dip(close), true);
      expect(run.state.deal).toBeNull();
      expect(run.bar(HOUR, dip('90')).deal.number).toBe(1);
    });

    it('goes on over a restart', () => {
      const run = twoSteps(config);
      for (const close of ['100', '101', '102', '103']) run.bar(HOUR, dip(close)).restart();
      expect(run.bar(HOUR, dip('99')).deal.number).toBe(1);
    });
  });

  it('comes by schedule, and a time within a deal is left out', () => {
    // The run begins at 00:16:40 on the first of January 1970.
    const run = twoSteps({ safety_orders: 0, start: 'schedule', schedule_every: 'hour', schedule_at: '00:30' });
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
    const run = twoSteps({ start: 'command' }).pass(1_000_000);
    expect(run.state.deal).toBeNull();
    expect(run.command('start_deal').deal.number).toBe(1);
    run.command('start_deal');
    expect(run.notes.at(-1)?.text).toBe('The command start_deal was not carried out: a deal is open.');
  });

  it('with a limit order waits at the bid, and gives up what was not bought in time', () => {
    const run = twoSteps({ base_order_type: 'limit', cooldown_seconds: 120 });
    run.matching.jump(10_100);
    const waiting = new DcaRun({
      config: { ...TWO_STEPS, base_order_type: 'limit', cooldown_seconds: 120 },
      price: '100',
      instrument: { makerFeeRate: '0', takerFeeRate: '0' },
    });
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
    const run = new DcaRun({
      config: { ...TWO_STEPS, base_order_type: 'limit', cooldown_seconds: 120 },
      price: '100',
      instrument: { makerFeeRate: '0', takerFeeRate: '0' },
    });
    run.matching.liquidityLots = 0;
    run.start().pass(600_000);
    expect(run.state).toMatchObject({ deal: null, dealsBegun: 0 });
    expect(run.notes.at(-1)?.text).toBe('Deal 1 was given up: the base order was not filled within 10 minutes.');
  });
});

describe('sizes', () => {
  const ONE = { safety_orders: 0, cooldown_seconds: 1 };

  it('grow with the share of profits that is reinvested', () => {
    const run = twoSteps({ ...ONE, reinvest_percent: '50' })
      .price('110')
      .price('100')
      .pass(1_000);
    // 10 earned on 100.5 needed: half of it makes orders 4.975 per cent larger.

    expect(run.setup.scale.quote(run.deal.base.filledAtoms)).toBe('104.9');
  });

  it('shrink with the share of losses where risk is reduced', () => {
    const run = twoSteps({ ...ONE, stop_loss_percent: '10', risk_reduction_percent: '100' })
      .price('90')
      .price('100')
      .pass(1_000);
    expect(run.setup.scale.quote(run.deal.base.filledAtoms)).toBe('90');
  });

  it('shrink by themselves when the funds do not suffice, and say so', () => {
    const run = twoSteps({ ...ONE, stop_loss_percent: '10' })
      .price('90')
      .price('100')
      .pass(1_000);
    expect(run.notes.at(-1)?.text).toContain('The funds left make the deals smaller: the next has 90.04 % of its planned size.');
    expect(run.setup.scale.quote(run.deal.base.filledAtoms)).toBe('90');
  });

  it('that the venue would not take end the bot with the reason', () => {
    const run = twoSteps({ base_order_size: '6', safety_orders: 0, stop_loss_percent: '30', take_profit_percent: '50' }).price('70').price('100').pass(1_000);
    expect(run.finished).toContain('are too small for a base order');
  });
});
