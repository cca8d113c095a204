/** Deals on a perpetual, long and short: their orders, exits, what they need, and where they would be liquidated. */
import { describe, expect, it } from 'vitest';
import { type Instrument, Scale } from '#core/instrument.ts';
import { parseParams } from '#core/params.ts';
import type { Plan } from '#core/strategy.ts';
import { DcaRun } from '#test/support/dca-run.ts';
import { TEST_INSTRUMENT, TEST_PERPETUAL } from '#test/support/strategy-run.ts';
import { dca } from '../dca.ts';

/** 100 at the market, then 100 at 2 % and 200 at 6 % against it; 3 % in favour of the average close everything. */
const DEAL = {
  leverage: 3,
  base_order_size: '100',
  safety_orders: 2,
  safety_order_size: '100',
  price_step_percent: '2',
  step_scale: '2',
  volume_scale: '2',
  take_profit_percent: '3',
  take_profit_net: false,
};
const FREE = { makerFeeRate: '0', takerFeeRate: '0' };

function begun(config: Readonly<Record<string, unknown>> = {}, instrument: Partial<Instrument> = FREE): DcaRun {
  return new DcaRun({ config: { ...DEAL, ...config }, price: '100', instrument: { ...TEST_PERPETUAL, ...instrument } }).start();
}

describe('a short deal', () => {
  it('sells, sells more above, and buys everything back below the average with an order that may only reduce', () => {
    const run = begun({ direction: 'short' });
    expect(run.held).toBe('-1');
    expect(run.book).toEqual(['buy 1 @ 97', 'sell 0.98 @ 102', 'sell 1.886 @ 106']);
    expect(run.orders.filter(({ reduceOnly }) => reduceOnly).map(({ tag }) => tag)).toEqual(['profit:1']);
    run.price('103');
    // The average of 1 at 100 and 0.98 at 102 is 100.99; 3 % below it is 97.96.
    expect(run.book).toEqual(['buy 1.98 @ 97.96', 'sell 1.886 @ 106']);
    run.price('97.96');
    expect(run.state.dealsWon).toBe(1);
    expect(run.held).toBe('-1.02');
    expect(run.setup.scale.quote(run.state.profitAtoms)).toBe('5.9992');
  });

  it('keeps the promised per cent after both fees', () => {
    const run = begun({ direction: 'short', take_profit_net: true, max_deals: 1 }, { makerFeeRate: '0.001', takerFeeRate: '0.001' });
    run.price('90');
    expect(run.finished).toBe('1 deals are done');
    const brought = 100 * (1 - 0.001);
    expect(Number(run.setup.scale.quote(run.state.profitAtoms))).toBeGreaterThanOrEqual(brought * 0.03);
    expect(Number(run.setup.scale.quote(run.state.profitAtoms))).toBeLessThan(brought * 0.0302);
  });

  it('follows the lowest price with its trailing take profit', () => {
    const run = begun({ direction: 'short', trailing_take_profit_percent: '1', max_deals: 1 });
    expect(run.book).toEqual(['sell 0.98 @ 102', 'sell 1.886 @ 106']);
    run.price('97').price('90').price('90.5');
    expect(run.finished).toBeNull();
    run.price('90.91');
    expect(run.notes.at(-1)?.text).toBe('Deal 1 ended (trailing take profit: 90.91 is 1 % above the lowest price) with 9.09 USDT.');
    expect(run.held).toBe('0');
  });

  it('stops above, trailing downwards, and moves to break-even after a step', () => {
    const fixed = begun({ direction: 'short', safety_orders: 0, stop_loss_percent: '5', max_deals: 1 });
    fixed.price('104.99');
    expect(fixed.finished).toBeNull();
    expect(fixed.price('105').held).toBe('0');
    const trailing = begun({ direction: 'short', safety_orders: 0, stop_loss_percent: '5', stop_loss_trailing: true, take_profit_percent: '20', max_deals: 1 });
    trailing.price('90').price('94');
    expect(trailing.finished).toBeNull();
    expect(trailing.price('94.5').held).toBe('0');
    const steps = [
      { percent: '2', share_percent: '50' },
      { percent: '9', share_percent: '50' },
    ];
    const even = begun({ direction: 'short', safety_orders: 0, take_profit_percent: undefined, take_profits: steps, break_even_after_step: 1, max_deals: 1 });
    even.price('97.5').price('100');
    expect([even.held, even.state.dealsWon]).toEqual(['0', 1]);
  });

  it('adds funds with a sale, and is closed and let go by hand', () => {
    const run = begun({ direction: 'short', extra_funds: '50' });
    run.command('add_funds', { amount: '100' });
    expect(Number(run.held)).toBeCloseTo(-2, 1);
    run.command('close_deal');
    expect(run.notes.some(({ text }) => text.startsWith('Deal 1 ended (closed by hand)'))).toBe(true);
    run.command('cancel_deal');
    expect(run.state.kept.grains).toBeGreaterThan(0);
  });

  it('ends, and says why, when the exchange has closed its position', () => {
    const run = begun({ direction: 'short' });
    const fill = {
      tradeId: 'liquidation',
      side: 'buy',
      priceTicks: 13_000,
      sizeLots: 1_000,
      feeGrains: 0,
      feeAtoms: 0,
      otherFeeAtoms: 0,
      isMaker: false,
    } as const;
    run.checkLaws = () => undefined;
    run.tell({ type: 'orderFilled', at: run.at, clientOrderId: 'venue', fill });
    run.cancelAtVenue(run.orderAt('buy', '97').clientOrderId);
    expect(run.finished).toBe('the exchange has closed the position by itself');
    expect(run.orders).toEqual([]);
  });
});

describe('a long deal on a perpetual', () => {
  it('needs its margin, what it has lost when the last safety order fills, and fees', () => {
    const run = begun({ direction: 'long' });
    // 402.01 of value at leverage 3, and 7.04 lost at 94; the base order may cost half a per cent more.
    expect(run.setup.scale.quote(run.setup.limits.budgetAtoms)).toMatch(/^14\d\./);
    run.price('94').price('93');
    expect(run.book).toHaveLength(1);
    expect(run.notes).toEqual([]);
  });
});

describe('a plan on a perpetual', () => {
  function planOf(config: Readonly<Record<string, unknown>>, instrument: Instrument = TEST_PERPETUAL): Plan {
    const scale = new Scale(instrument);
    const params = parseParams(dca.params, config);
    if (!params.ok) return { ok: false, issues: params.issues };
    return dca.plan({ params: params.value, scale, feeAsset: scale.isPerpetual ? 'quote' : 'received', bidTicks: 10_000, askTicks: 10_000 });
  }

  it.each<[string, Readonly<Record<string, unknown>>, string, RegExp, Instrument?]>([
    ['a short on spot', { direction: 'short', leverage: 1 }, 'direction', /must be long: ABC\/USDT is a spot instrument/, TEST_INSTRUMENT],
    ['leverage on spot', {}, 'leverage', /must be 1/, TEST_INSTRUMENT],
    ['more leverage than there is', { leverage: 60 }, 'leverage', /must be at most 50/],
    ['an unknown direction', { direction: 'sideways' }, 'direction', /must be one of long, short/],
    ['a fall of all of the price', { direction: 'short', take_profit_percent: '100' }, 'take_profit_percent', /must be below 100 with direction short/],
    [
      'a liquidation before a safety order',
      { leverage: 40 },
      'leverage',
      /about 97\.\d+, before the price reaches 94; use less leverage, margin_mode cross or smaller steps/,
    ],
    ['a liquidation before a safety order above', { leverage: 40, direction: 'short' }, 'leverage', /about 10\d\.\d+, before the price reaches 10[26]/],
    ['a liquidation before the stop', { leverage: 8, stop_loss_percent: '20' }, 'leverage', /before the price reaches 80/],
    ['a stop below a safety order of a short', { direction: 'short', stop_loss_percent: '4' }, 'stop_loss_percent', /stands below safety order 2 at 106/],
  ])('names %s', (_name, change, field, message, instrument) => {
    const plan = planOf({ ...DEAL, ...change }, instrument);
    expect(plan.ok ? '' : plan.issues.find((issue) => issue.field === field)?.message, JSON.stringify(plan)).toMatch(message);
  });

  it('shows the liquidation price after every order', () => {
    const plan = planOf({ ...DEAL, direction: 'short' });
    expect(plan).toMatchObject({ ok: true, leverage: 3, marginMode: 'isolated', preview: { direction: 'short', covers_rise_percent: '6' } });
    const orders = plan.ok ? (plan.preview['orders'] as readonly Readonly<Record<string, string>>[]) : [];
    // A third of margin above 100 less the maintenance margin of half a per cent.
    expect(orders.map((order) => Number(order['liquidation_price']))).toEqual([132.66, 133.98, 137.22]);
    expect(orders.map((order) => order['take_profit_prices'])).toEqual([['97'], ['97.96'], ['100.33']]);
  });
});
