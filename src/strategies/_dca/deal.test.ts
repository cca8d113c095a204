import { describe, expect, it } from 'vitest';
import { twoSteps } from '#test/support/dca-run.ts';

describe('a deal', () => {
  it('buys at once, then stands with its safety orders and its take profit', () => {
    expect(twoSteps().book).toEqual(['buy 1.25 @ 80', 'buy 1.111 @ 90', 'sell 1 @ 110']);
  });

  it('moves its take profit with the average price of what it has bought', () => {
    const run = twoSteps().price('90');
    // 199.99 for 2.111: 94.737 and 10 per cent more.
    expect(run.book).toEqual(['buy 1.25 @ 80', 'sell 2.111 @ 104.22']);
    run.price('80');
    // 299.99 for 3.361, rounded up to the tick.
    expect(run.book).toEqual(['sell 3.361 @ 98.19']);
  });

  it('ends when everything is sold, withdraws its safety orders, and the next one begins', () => {
    const run = twoSteps({ max_deals: 2 }).price('90').price('104.22');
    expect(run.state).toMatchObject({ dealsBegun: 2, dealsWon: 1 });
    expect(run.notes.at(-1)?.text).toBe('Deal 1 ended (take profit) with 20.01842 USDT.');
    expect(run.book).toEqual(['buy 1.199 @ 83.37', 'buy 1.066 @ 93.79', 'sell 0.959 @ 114.65']);
    expect(run.price('115').finished).toBe('2 deals are done');
    expect([run.held, run.orders]).toEqual(['0', []]);
  });

  it('counts fees: what the settings promise remains after both of them', () => {
    const run = twoSteps({ safety_orders: 0, take_profit_percent: '1', max_deals: 1 }, { instrument: { makerFeeRate: '0.001', takerFeeRate: '0.001' } });
    // 1 bought, 0.999 arrived and can be sold: 100 / 0.999 * 1.01 / 0.999.
    expect(run.book).toEqual(['sell 0.999 @ 101.21']);
    run.price('101.21');
    expect(run.setup.scale.quote(run.state.profitAtoms)).toBe('1.00768');
  });

  it('keeps the number of safety orders on the book that the settings allow', () => {
    const run = twoSteps({ active_safety_orders: 1 });
    expect(run.book).toEqual(['buy 1.111 @ 90', 'sell 1 @ 110']);
    expect(run.price('90').book).toEqual(['buy 1.25 @ 80', 'sell 2.111 @ 104.22']);
  });

  it('takes its safety orders from a list', () => {
    const steps = [
      { deviation_percent: '5', size: '50' },
      { deviation_percent: '20', size: '200' },
    ];
    expect(twoSteps({ safety_orders: 0, safety_order_size: null, price_step_percent: null, safety_steps: steps }).book).toEqual([
      'buy 2.5 @ 80',
      'buy 0.526 @ 95',
      'sell 1 @ 110',
    ]);
  });

  it('counts the take profit from the base order where it should', () => {
    expect(twoSteps({ take_profit_basis: 'base_order' }).price('90').book).toEqual(['buy 1.25 @ 80', 'sell 2.111 @ 110']);
  });
});

describe('commands', () => {
  it('add funds to the deal, at market and within what is free', () => {
    const run = twoSteps({ extra_funds: '95' }).price('95').command('add_funds', { amount: '95' });
    // 100 for 1 and 95 for 0.994 at 95 (their price may lie half a per cent higher).
    expect(run.book).toEqual(['buy 1.25 @ 80', 'buy 1.111 @ 90', 'sell 1.994 @ 107.26']);
    run.command('add_funds', { amount: '50' });
    expect(run.notes.at(-1)?.text).toContain('USDT are free beyond what the deal needs; raise extra_funds');
  });

  it('close the deal at market', () => {
    const run = twoSteps({ cooldown_seconds: 60 }).price('105').command('close_deal');
    expect([run.state.dealsWon, run.held, run.book]).toEqual([1, '0', []]);
  });

  it('let the deal go and keep its coin', () => {
    const run = twoSteps({ cooldown_seconds: 60 }).command('cancel_deal');
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
    const run = twoSteps(config).command('cancel_deal').command('cancel_deal');
    run.price('80').price('80').price('80').price('80').pass(1);
    expect(run.state.kept.grains).toBeGreaterThan(0);
  });

  it('leave the money alone that safety orders still need', () => {
    const run = twoSteps({ active_safety_orders: 1, extra_funds: '50' }).command('add_funds', { amount: '60' });
    expect(run.notes.at(-1)?.text).toContain('USDT are free beyond what the deal needs; raise extra_funds');
    expect(run.command('add_funds', { amount: '50' }).deal.bought.lots).toBeGreaterThan(1_000);
  });

  it('are refused without a deal', () => {
    const run = twoSteps({ start: 'command' }).command('close_deal');
    expect(run.notes.at(-1)?.text).toBe('The command close_deal was not carried out: no deal is open.');
  });
});
