import { describe, expect, it } from 'vitest';
import type { Strategy } from '#core/strategy.ts';
import { StrategyRun, type StrategyRunOptions, TEST_PERPETUAL } from '#test/support/strategy-run.ts';
import { recurringBuy } from './recurring-buy.ts';

const HOUR_MS = 3_600_000;
const FREE = { makerFeeRate: '0', takerFeeRate: '0' };

/** Buys for 100 every hour at half past; the run begins at 00:16:40. */
function begun(config: Readonly<Record<string, unknown>> = {}, more: Partial<StrategyRunOptions> = {}): StrategyRun {
  const settings = { amount: '100', purchases: 3, schedule_every: 'hour', schedule_at: '00:30', ...config };
  return new StrategyRun(recurringBuy as unknown as Strategy, { config: settings, price: '100', instrument: FREE, ...more }).start();
}
const figures = (run: StrategyRun) => run.setup.strategy.figures?.(run.engine.state.strategy, run.setup.scale);

describe('recurring purchases', () => {
  it('come at their times, and end when all are made', () => {
    const run = begun();
    run.pass(799_000);
    expect(run.held).toBe('0');
    run.pass(1_000);
    // The order may cost half a per cent more than the ask, so it buys that much less; the rest is spent with the next.
    expect(run.held).toBe('0.995');
    run.price('50').pass(HOUR_MS);
    expect(run.held).toBe('2.995');
    run.pass(HOUR_MS);
    expect(run.finished).toBe('3 purchases are made');
    expect(Number(figures(run)?.['spent'])).toBeGreaterThan(299);
    expect(Number(figures(run)?.['spent'])).toBeLessThanOrEqual(300);
  });

  it('are left out above the highest price, and do not count', () => {
    const run = begun({ max_price: '90' }).pass(HOUR_MS);
    expect([run.held, run.notes.at(-1)?.text]).toEqual(['0', 'A purchase was left out: the price 100 is above max_price 90.']);
    run.price('90').pass(HOUR_MS);
    expect(figures(run)).toMatchObject({ purchases_made: 1, purchases_left_out: 1 });
  });

  it('are left out far above the average', () => {
    const run = begun({ skip_above_average_percent: '10' }).pass(HOUR_MS).price('110.01').pass(HOUR_MS);
    expect(figures(run)).toMatchObject({ purchases_made: 1, purchases_left_out: 1, average_price: '100' });
    run.price('110').pass(HOUR_MS);
    expect(figures(run)).toMatchObject({ purchases_made: 2 });
  });

  it('are left out unless the conditions held at the last close', () => {
    const run = begun({ conditions: [{ left: 'close', is: 'below', right: 'sma(3)' }] });
    const close = (price: string) => run.bar(HOUR_MS, { open: price, high: price, low: price, close: price });
    for (const price of ['100', '101', '102']) close(price);
    run.pass(HOUR_MS);
    expect(figures(run)).toMatchObject({ purchases_made: 0, last_reason: 'the conditions did not hold at the last close' });
    close('95');
    expect(figures(run.pass(HOUR_MS))).toMatchObject({ purchases_made: 1 });
  });

  it('are made at once by command, and the schedule stays', () => {
    const run = begun().command('buy_now');
    expect(run.held).toBe('0.995');
    expect(figures(run.pass(HOUR_MS))).toMatchObject({ purchases_made: 2 });
  });

  it.each([
    [true, 1],
    [false, 0],
  ])('that passed during a pause are caught up (%s)', (isCaughtUp, made) => {
    expect(
      figures(
        begun({ catch_up: isCaughtUp })
          .pause()
          .pass(3 * HOUR_MS)
          .resume(),
      ),
    ).toMatchObject({ purchases_made: made });
  });

  it('go on over refusals, partial fills and restarts', () => {
    const run = begun({ purchases: 1 });
    run.faults = ['reject'];
    run.pass(810_000).restart();
    expect(run.held).toBe('0.995');
    const thin = begun({ purchases: 1 });
    thin.matching.liquidityLots = 300;
    thin.pass(800_000);
    expect(thin.held).toBe('0.3');
    thin.matching.liquidityLots = Number.POSITIVE_INFINITY;
    expect(thin.restart().pass(10_000).held).toBe('0.996');
    expect(thin.finished).toBe('1 purchases are made');
  });

  it('are refused when the venue would not take them', () => {
    expect(() => begun({ amount: '5' })).toThrow('buys less than the venue takes; use at least 5.025 USDT');
    expect(() => begun({ conditions: [{ left: 'x', is: 'above', right: '1' }] })).toThrow('there is no indicator x');
  });

  it('spend no more than planned with the fee in quote', () => {
    const run = begun({}, { feeAsset: 'quote', instrument: { makerFeeRate: '0.001', takerFeeRate: '0.001' } }).pass(4 * HOUR_MS);
    expect(run.finished).toBe('3 purchases are made');
  });
});

describe('on a perpetual', () => {
  const perpetual = (config: Readonly<Record<string, unknown>> = {}) => begun({ leverage: 2, ...config }, { instrument: { ...TEST_PERPETUAL, ...FREE } });

  it('a position grows to either side, with margin for all of it', () => {
    const long = perpetual();
    expect(long.setup.limits.budgetAtoms).toBe(15_000_003);
    expect(long.pass(HOUR_MS).held).toBe('0.995');
    const short = perpetual({ direction: 'short' }).pass(HOUR_MS).price('105').pass(HOUR_MS);
    expect([short.held, short.engine.state.position.baseGrains < 0]).toEqual(['-1.947', true]);
    // A short is closed by a panic, with an order that only reduces.
    expect(short.stop('toQuote').held).toBe('0');
  });

  it('a short does not grow far below its average', () => {
    const run = perpetual({ direction: 'short', skip_above_average_percent: '5' }).pass(HOUR_MS).price('94').pass(HOUR_MS);
    expect(run.notes.at(-1)?.text).toBe('A purchase was left out: the price 94 is more than 5 % below the average.');
  });

  it('that the exchange has closed by itself ends the bot', () => {
    const run = perpetual().pass(HOUR_MS);
    const fill = { tradeId: 'liquidation', side: 'sell' as const, priceTicks: 5_200, sizeLots: run.heldLots, feeAtoms: 0, feeGrains: 0, otherFeeAtoms: 0 };
    run.tell({ type: 'orderFilled', at: run.at, clientOrderId: 'x', fill: fill as never }).pass(HOUR_MS);
    expect(run.finished).toBe('the exchange has closed the position by itself');
  });

  it('is refused where it cannot be', () => {
    expect(() => begun({ direction: 'short' })).toThrow('must be long');
    expect(() => begun({ leverage: 2 })).toThrow('must be 1');
  });
});
