import { Decimal } from 'decimal.js';
import { describe, expect, it } from 'vitest';
import { decimal } from '#core/money.ts';
import type { FeeAsset } from '#core/risk.ts';
import { grid } from '#strategies/grid.ts';
import { TEST_INSTRUMENT } from '#test/support/grid-run.ts';
import { randomWalk } from '../../../bench/history.ts';
import { runBacktest } from './backtest.ts';
import { backtestReport } from './backtest-report.ts';

const walk = (seed: number, length = 3_000) => randomWalk({ seed, length, startTicks: 10_000, swingTicks: 60, lowestTicks: 7_500, highestTicks: 12_500 });
const RANGE = { lower_price: '90', upper_price: '110', levels: 21, investment: '2000' };

describe('the report of a backtest', () => {
  it.each([1, 2, 3, 4, 5, 6].flatMap((seed) => (['received', 'quote', 'other'] as const).map((feeAsset) => [seed, feeAsset] as const)))(
    'agrees with the ledger of fills to the last unit: walk %i, fees in %s',
    (seed, feeAsset: FeeAsset) => {
      const bars = walk(seed);
      const result = runBacktest({
        strategy: grid,
        config: RANGE,
        instrument: TEST_INSTRUMENT,
        bars,
        venue: { feeAsset, slippage: 0.0003, halfSpreadTicks: 1 },
        keepLedger: true,
      });
      for (const lots of ['fifo', 'lifo'] as const) {
        const { figures, months, trades, curve } = backtestReport(result, bars, lots);
        expect(figures.fillCount).toBeGreaterThan(20);
        // Independent of the engine's integers: decimals, straight from the executions.
        let cash = new Decimal(0);
        let base = new Decimal(0);
        const { priceIncrement, sizeIncrement } = TEST_INSTRUMENT;
        for (const { fill } of result.ledger?.fills ?? []) {
          const value = new Decimal(fill.priceTicks).times(priceIncrement).times(new Decimal(fill.sizeLots).times(sizeIncrement));
          const atom = new Decimal(priceIncrement).times(sizeIncrement);
          const sign = fill.side === 'buy' ? 1 : -1;
          cash = cash.minus(value.times(sign)).minus(atom.times(fill.feeAtoms + fill.otherFeeAtoms));
          base = base.plus(new Decimal(fill.sizeLots * sign).times(sizeIncrement)).minus(new Decimal(fill.feeGrains).times(sizeIncrement).div(10_000));
        }
        const lastPrice = new Decimal(bars.closeTicks.at(-1) ?? 0).times(priceIncrement);
        const atom = new Decimal(priceIncrement).times(sizeIncrement);
        const expected = cash.plus(base.times(lastPrice).div(atom).toDecimalPlaces(0, Decimal.ROUND_HALF_UP).times(atom));
        expect(figures.profit).toBe(expected.toFixed());
        expect(figures.profit).toBe(result.profit);
        const parts = decimal(figures.closedProfit).plus(figures.floatingProfit).plus(figures.funding);
        expect(parts.toFixed()).toBe(figures.profit);
        expect(trades.reduce((sum, { profit }) => sum.plus(profit), decimal('0')).toFixed()).toBe(figures.closedProfit);
        expect(Math.abs(months.reduce((sum, { profit }) => sum + Number(profit), 0) - Number(figures.profit))).toBeLessThan(1e-6);
        expect(curve.at(-1)?.equity).toBe(decimal(figures.capital).plus(figures.profit).toFixed());
        expect(figures.fees).toBe(result.fees);
      }
    },
  );

  it('has the drawdown, ratios and shares of the quick figures of the run', () => {
    const bars = walk(9, 60_000);
    // Candles of venues begin on the full minute.
    for (let index = 0; index < bars.length; index += 1) bars.startAt[index] = Date.UTC(2026, 0, 3, 5, index);
    const result = runBacktest({ strategy: grid, config: RANGE, instrument: TEST_INSTRUMENT, bars, keepLedger: true });
    const { figures } = backtestReport(result, bars);
    expect(figures.drawdownShare).toBeCloseTo(result.drawdown.share, 12);
    expect(figures.drawdown).toBe(result.drawdown.amount);
    expect(figures.sharpe).toBeCloseTo(result.sharpe ?? 0, 12);
    expect(figures.sortino).toBeCloseTo(result.sortino ?? 0, 12);
    expect(figures.holdShare).toBe(result.holdShare);
    expect(figures.profitShare).toBe(result.profitShare);
  });

  it('lists every order with what became of it', () => {
    const bars = walk(3);
    const result = runBacktest({ strategy: grid, config: RANGE, instrument: TEST_INSTRUMENT, bars, keepLedger: true });
    const orders = [...(result.ledger?.orders.values() ?? [])];
    expect(orders).toHaveLength(result.orders.placed + result.orders.denied);
    const filled = orders.reduce((sum, { filledLots }) => sum + filledLots, 0);
    expect(filled).toBe(result.ledger?.fills.reduce((sum, { fill }) => sum + fill.sizeLots, 0));
    expect(new Set(orders.map(({ outcome }) => outcome))).toEqual(new Set(['filled', 'open']));
  });

  it('costs nothing where it is not asked for', () => {
    const result = runBacktest({ strategy: grid, config: RANGE, instrument: TEST_INSTRUMENT, bars: walk(1) });
    expect(result.ledger).toBeNull();
  });
});
