/** Whatever prices do, the report of several instruments agrees with their ledgers and with the books of the run. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newBars } from '#core/bars/bars.ts';
import { GRAINS_PER_LOT, type Instrument, Scale } from '#core/instrument.ts';
import { Decimal } from '#core/money.ts';
import type { Strategy } from '#core/strategy.ts';
import { spotFuturesArbitrage } from '#strategies/spot-futures-arbitrage.ts';
import { TEST_PERPETUAL } from '#test/support/legs-run.ts';
import { TEST_INSTRUMENT } from '#test/support/strategy-run.ts';
import type { LegHistory } from './leg-history.ts';
import { type LegsBacktestResult, runLegsBacktest } from './legs-backtest.ts';
import { legsReport } from './legs-report.ts';

const HOUR_MS = 3_600_000;
const strategy = spotFuturesArbitrage as unknown as Strategy;

/** Hours in which the price goes straight to each of these. */
function history(instrument: Instrument, prices: readonly number[]): LegHistory {
  const scale = new Scale(instrument);
  const bars = newBars(prices.length, HOUR_MS);
  let before = prices[0] ?? 0;
  for (const [index, price] of prices.entries()) {
    const [open, close] = [scale.ticks(before.toFixed(2), 'nearest'), scale.ticks(price.toFixed(2), 'nearest')];
    bars.startAt[index] = index * HOUR_MS;
    bars.openTicks[index] = open;
    bars.closeTicks[index] = close;
    bars.highTicks[index] = Math.max(open, close);
    bars.lowTicks[index] = Math.min(open, close);
    bars.volumeLots[index] = 1_000;
    before = price;
  }
  return { instrument, bars };
}

interface Step {
  readonly move: number;
  readonly spread: number;
}

function run(steps: readonly Step[], halfSpreadTicks: number): LegsBacktestResult {
  let price = 100;
  const spot = steps.map(({ move }) => (price *= 1 + move / 1_000));
  const perpetual = spot.map((each, index) => each * (1 + (steps[index]?.spread ?? 0) / 1_000));
  const others = new Map([[TEST_PERPETUAL.symbol, history(TEST_PERPETUAL, perpetual)]]);
  const config = { investment: '1550', entry_percent: '0.5', rounds: 5 };
  return runLegsBacktest({ strategy, config, first: history(TEST_INSTRUMENT, spot), others, halfSpreadTicks, fundingRate: '0.0001' });
}

/** Cash that flowed and what is held at the last price, from the fills alone. */
function profitOfLedgers({ legs, endedAt }: LegsBacktestResult): Decimal {
  return legs.reduce((sum, { ledger, terms: { scale }, history: { bars } }) => {
    let [atoms, grains] = [0, 0];
    for (const { fill } of ledger.fills) {
      const sign = fill.side === 'buy' ? 1 : -1;
      atoms -= sign * fill.priceTicks * fill.sizeLots + fill.feeAtoms;
      grains += sign * fill.sizeLots * GRAINS_PER_LOT - fill.feeGrains;
    }
    for (const { amountAtoms } of ledger.funding) atoms += amountAtoms;
    const last = bars.closeTicks[endedAt / HOUR_MS - 1] ?? 0;
    return sum.plus(scale.quote(atoms + Math.round((grains / GRAINS_PER_LOT) * last)));
  }, new Decimal(0));
}

describe('the report of several instruments', () => {
  it('adds up to the ledgers and to the books of the run to the last unit', () => {
    let traded = 0;
    const step = fc.record({ move: fc.integer({ min: -30, max: 30 }), spread: fc.integer({ min: -10, max: 14 }) });
    fc.assert(
      fc.property(fc.array(step, { minLength: 12, maxLength: 40 }), fc.integer({ min: 0, max: 3 }), (steps, half) => {
        const result = run(steps, half);
        const { figures, legs, curve, months } = legsReport(result);
        traded += figures.fillCount > 0 ? 1 : 0;
        const sum = (amounts: readonly string[]) => Decimal.sum(0, ...amounts).toFixed();
        const profit = new Decimal(figures.profit).toFixed();
        expect(profitOfLedgers(result).toFixed()).toBe(profit);
        expect(new Decimal(result.profit).toFixed()).toBe(profit);
        expect(sum(legs.map((leg) => leg.profit))).toBe(profit);
        expect(sum([figures.closedProfit, figures.floatingProfit, figures.funding])).toBe(profit);
        expect([sum([figures.fees]), sum([figures.funding])]).toEqual([sum([result.fees]), sum([result.funding])]);
        expect(Number(curve.at(-1)?.equity)).toBeCloseTo(Number(figures.capital) + Number(profit), 4);
        expect(Number(sum(months.map((month) => month.profit)))).toBeCloseTo(Number(profit), 4);
      }),
      { numRuns: 40 },
    );
    expect(traded).toBeGreaterThan(10);
  });

  it('knows the deepest fall and the time in which anything was held', () => {
    const result = run(
      [0, 10, 10, 10, -10, -10].map((spread) => ({ move: 0, spread })),
      0,
    );
    const { figures } = legsReport(result);
    expect([figures.fillCount, figures.tradeCount, figures.wonCount + figures.lostCount]).toEqual([4, 2, 2]);
    expect(figures.timeInMarket).toBeGreaterThan(0.4);
    expect(figures.exposure).toBeGreaterThan(0.5);
    expect(figures.drawdownShare).toBeGreaterThan(0);
  });
});
