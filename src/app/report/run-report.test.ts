import { describe, expect, it } from 'vitest';
import { newBars } from '#core/bars/bars.ts';
import { Scale } from '#core/instrument.ts';
import { TEST_INSTRUMENT } from '#test/support/grid-run.ts';
import { EquityFigures } from './equity-figures.ts';
import type { LedgerFill } from './ledger.ts';
import { PriceRanges } from './price-ranges.ts';
import { type ReportInput, reportOf } from './run-report.ts';

const DAY_MS = 86_400_000;
const START = Date.UTC(2026, 0, 1);
const scale = new Scale(TEST_INSTRUMENT);

let count = 0;
const fill = (side: 'buy' | 'sell', day: number, priceTicks: number, sizeLots: number, feeAtoms = 0, isMaker = false): LedgerFill => {
  count += 1;
  return {
    at: START + day * DAY_MS,
    clientOrderId: `o${count}`,
    fill: { tradeId: `t${count}`, side, priceTicks, sizeLots, feeGrains: 0, feeAtoms, otherFeeAtoms: 0, isMaker },
  };
};

function input(change: Partial<ReportInput> = {}): ReportInput {
  const equity = new EquityFigures(1_000_000, START, START + 12 * DAY_MS);
  equity.end();
  return {
    ...{ scale, ledger: { fills: [], funding: [], lent: null }, lots: 'fifo', startedAt: START, endedAt: START + 12 * DAY_MS, capitalAtoms: 1_000_000 },
    ...{ openTicks: 100, lastTicks: 100, equity, ranges: null },
    ...change,
  };
}

describe('the figures of a report', () => {
  it('are those of an independent computation', () => {
    // Python 3, statistics.mean and stdev over these values, straight from the definitions of the guide.
    const values = [1000, 1010, 1005, 1030, 1020, 1045, 1060, 1040, 1080, 1075, 1100, 1090, 1125];
    const equity = new EquityFigures(1_000, START, START + 100 * DAY_MS);
    for (let day = 1; day < values.length; day += 1) equity.add(START + day * DAY_MS, values[day] ?? 0, 100, 0);
    equity.end();
    const { figures } = reportOf(
      input({ equity, capitalAtoms: 1_000, endedAt: START + 100 * DAY_MS, ledger: { fills: [], funding: [{ at: START, amountAtoms: 125 }], lent: null } }),
    );
    expect(figures.sharpe).toBeCloseTo(10.113252882576996, 10);
    expect(figures.sortino).toBeCloseTo(27.590459231616112, 10);
    expect(figures.drawdownShare).toBeCloseTo(0.018867924528301886, 14);
    expect(figures.annualReturn).toBeCloseTo(0.5375689077375809, 12);
    expect(figures.calmar).toBeCloseTo(28.49115211009179, 9);
  });

  it('of trades count winners, losers and their sums after fees', () => {
    const fills = [
      fill('buy', 1, 100, 100, 10, true),
      fill('sell', 2, 120, 100, 10),
      fill('buy', 3, 120, 100),
      fill('sell', 5, 110, 100),
      fill('buy', 6, 100, 100),
      fill('sell', 7, 95, 100),
      fill('buy', 8, 100, 100),
    ];
    const { figures, trades } = reportOf(input({ ledger: { fills, funding: [{ at: START, amountAtoms: -30 }], lent: null }, lastTicks: 105 }));
    expect(trades.map(({ profit }) => profit)).toEqual([1_980, -1_000, -500].map((atoms) => scale.quote(atoms)));
    expect(figures).toMatchObject({
      ...{ tradeCount: 3, wonCount: 1, lostCount: 2, winRate: 1 / 3, profitFactor: 1.32, longestLosing: 2, averageTradeMs: (4 / 3) * DAY_MS, fillCount: 7 },
      ...{
        closedProfit: scale.quote(480),
        floatingProfit: scale.quote(500),
        funding: scale.quote(-30),
        profit: scale.quote(950),
        expectancy: scale.quote(160),
      },
      ...{ averageWin: scale.quote(1_980), averageLoss: scale.quote(-750), bestTrade: scale.quote(1_980), worstTrade: scale.quote(-1_000) },
      ...{ fees: scale.quote(20), makerFees: scale.quote(10), takerFees: scale.quote(10), sold: { size: scale.size(300), value: scale.quote(32_500) } },
    });
  });

  it('of trades tell the furthest moves against and with each, of bars that lie wholly within it', () => {
    const bars = newBars(1_500, DAY_MS / 24);
    for (let hour = 0; hour < bars.length; hour += 1) {
      bars.startAt[hour] = START + hour * (DAY_MS / 24);
      bars.lowTicks[hour] = hour === 30 ? 80 : 95;
      bars.highTicks[hour] = hour === 700 ? 150 : hour === 1_200 ? 500 : 105;
    }
    const long = [fill('buy', 1, 100, 10), fill('sell', 40, 110, 10)];
    const short = [fill('sell', 1, 100, 10), fill('buy', 40, 90, 10)];
    const movesOf = (fills: readonly LedgerFill[]) =>
      reportOf(input({ ledger: { fills, funding: [], lent: null }, ranges: new PriceRanges(bars) })).trades.map(({ worstMove, bestMove }) => [
        worstMove,
        bestMove,
      ]);
    expect(movesOf(long)).toEqual([[scale.quote(200), scale.quote(500)]]);
    expect(movesOf(short)).toEqual([[scale.quote(500), scale.quote(200)]]);
    expect(movesOf([fill('buy', 0, 100, 10), fill('sell', 0.02, 90, 10)])).toEqual([[scale.quote(100), '0']]);
  });

  it('say nothing where nothing is known', () => {
    const { figures } = reportOf(input());
    expect(figures).toMatchObject({
      winRate: null,
      profitFactor: null,
      expectancy: null,
      sharpe: null,
      sortino: null,
      calmar: null,
      annualReturn: null,
      averageTradeMs: null,
      profit: '0',
    });
  });
});
