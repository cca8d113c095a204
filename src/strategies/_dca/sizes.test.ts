/** Sizes of DCA in the coin and in per cent of the funds, and the volume below which no deal starts. */
import { describe, expect, it } from 'vitest';
import { DcaRun } from '#test/support/dca-run.ts';
import { type StrategyRunOptions, TEST_PERPETUAL } from '#test/support/strategy-run.ts';

const FREE = { makerFeeRate: '0', takerFeeRate: '0' };
const DEAL = { safety_orders: 2, price_step_percent: '10', take_profit_percent: '10' };

function begun(config: Readonly<Record<string, unknown>>, more: Partial<StrategyRunOptions> = {}): DcaRun {
  return new DcaRun({ config: { ...DEAL, ...config }, price: '99.99', instrument: FREE, ...more }).start();
}

describe('a size in the coin', () => {
  const BASE = { size_unit: 'base', base_order_size: '0.5', safety_order_size: '0.25', volume_scale: '2' };

  it('is bought whole, whatever the price is', () => {
    const run = begun(BASE);
    expect([run.held, run.book.filter((each) => each.startsWith('buy'))]).toEqual(['0.5', ['buy 0.5 @ 79.99', 'buy 0.25 @ 89.99']]);
  });

  it('is made smaller, and told, when the price has risen beyond the funds', () => {
    const run = begun(BASE).price('115').price('130');
    expect(run.deal.number).toBeGreaterThan(1);
    expect(run.notes.some(({ text }) => text.startsWith('The funds left make the deals smaller'))).toBe(true);
  });
});

describe('a size in per cent', () => {
  const PERCENT = { size_unit: 'percent', investment: '1000', base_order_size: '20', safety_order_size: '30' };

  it('is a part of what the bot has when the deal begins, its profit included', () => {
    const run = begun(PERCENT, { price: '100' });
    expect([run.held, run.book.filter((each) => each.startsWith('buy'))]).toEqual(['2', ['buy 3.75 @ 80', 'buy 3.333 @ 90']]);
    run.price('110').price('100');
    // 1020 by now, at 110.
    expect([run.deal.number, run.deal.safety[0]?.sizeAtoms]).toEqual([2, 30_600_000]);
  });

  it('is margin of a perpetual', () => {
    const run = begun(
      { ...PERCENT, base_order_size: '10', safety_order_size: '10', leverage: 3 },
      { price: '100', instrument: { ...TEST_PERPETUAL, ...FREE } },
    );
    expect(run.held).toBe('3');
  });

  it('needs the investment, which must do for all orders', () => {
    const plan = (config: Readonly<Record<string, unknown>>) => () => begun({ ...PERCENT, ...config });
    expect(plan({ investment: null })).toThrow('is required with size_unit percent');
    expect(plan({ safety_order_size: '45' })).toThrow('is less than a full deal takes');
    expect(plan({ reinvest_percent: '50' })).toThrow('must be 0 with size_unit percent');
  });
});

describe('the volume within 24 hours', () => {
  const FOUR_HOURS = 4 * 3_600_000;
  // Six bars of 2 ABC at 100 are 1200 USDT.
  const CONFIG = { base_order_size: '100', safety_orders: 0, price_step_percent: null, min_volume_24h: '1000', timeframe: '4h' };
  const bars = (run: DcaRun, count: number, volumeLots: number, isHistory = false) => {
    for (let index = 0; index < count; index += 1) run.bar(FOUR_HOURS, { open: '100', high: '100', low: '100', close: '100', volumeLots }, isHistory);
    return run;
  };
  const quiet = () => begun(CONFIG, { price: '100' });

  it('lets no deal start before it is known, or while it is too little', () => {
    const run = quiet();
    expect(run.state.waitingFor).toBe('the volume of the last 24 hours is not known yet');
    expect(bars(run, 6, 1_000).state.deal).toBeNull();
    expect(bars(run, 5, 2_000).state.deal?.number).toBe(1);
    run.price('110');
    expect(run.state.deal?.number).toBe(2);
    bars(run, 6, 100).price('122');
    expect([run.state.deal, run.state.waitingFor]).toEqual([null, 'less than min_volume_24h 1000 USDT was traded within 24 hours']);
  });

  it('is known from the warm-up', () => {
    const run = bars(quiet(), 6, 2_000, true);
    expect(run.state.deal).toBeNull();
    expect(run.pass(1_000).restart().state.deal?.number).toBe(1);
  });

  it('is nobody’s matter where the user starts the deal', () => {
    expect(quiet().command('start_deal').state.deal?.number).toBe(1);
  });

  it('is not counted in bars of a minute', () => {
    expect(() => begun({ ...CONFIG, timeframe: '1m' })).toThrow('must be 5m or longer');
  });
});
