/** The figures of a run on the wire. */
import { z } from 'zod';
import type { RunReport } from '#app/report/run-report.ts';
import { exampleOf, isoTime, timeOutput } from './shared-pieces.ts';

type Kind = 'money' | 'share' | 'count' | 'time' | 'ms';
/** Name inside, what it is, what it says. */
const FIGURES = {
  started_at: ['startedAt', 'time', 'When the run began.'],
  ended_at: ['endedAt', 'time', 'When it ended.'],
  capital: ['capital', 'money', 'What it began with.'],
  profit: ['profit', 'money', 'All it brought, after all costs, with what is held at the last price.'],
  profit_share: ['profitShare', 'share', 'The same as a share of the capital.'],
  annual_return: ['annualReturn', 'share', 'The same compounded to a year; `null` under 30 days.'],
  closed_profit: ['closedProfit', 'money', 'The part of closed trades.'],
  floating_profit: ['floatingProfit', 'money', 'The part of what is still held.'],
  funding: ['funding', 'money', 'Funding received less paid.'],
  fees: ['fees', 'money', 'All fees, which the profit has borne already.'],
  maker_fees: ['makerFees', 'money', 'Those of orders that rested first.'],
  taker_fees: ['takerFees', 'money', 'Those of orders that took at once.'],
  fill_count: ['fillCount', 'count', 'Executions.'],
  trade_count: ['tradeCount', 'count', 'Closed trades: what one closing order closed is one.'],
  won_count: ['wonCount', 'count', 'Trades that brought something.'],
  lost_count: ['lostCount', 'count', 'Trades that lost something.'],
  win_rate: ['winRate', 'share', 'Share of the trades that won.'],
  profit_factor: ['profitFactor', 'share', 'What winners brought over what losers took; `null` without losers.'],
  expectancy: ['expectancy', 'money', 'Profit of a trade on average.'],
  average_win: ['averageWin', 'money', 'Profit of a winner on average.'],
  average_loss: ['averageLoss', 'money', 'Profit of a loser on average.'],
  best_trade: ['bestTrade', 'money', 'The best trade.'],
  worst_trade: ['worstTrade', 'money', 'The worst trade.'],
  longest_losing: ['longestLosing', 'count', 'Losses in a row at most.'],
  average_trade_ms: ['averageTradeMs', 'ms', 'How long a trade lasted on average, in milliseconds.'],
  drawdown_share: ['drawdownShare', 'share', 'The deepest fall from a peak, as a share of it.'],
  drawdown: ['drawdown', 'money', 'The same as an amount.'],
  longest_drawdown_ms: ['longestDrawdownMs', 'ms', 'The longest time below a peak, in milliseconds.'],
  sharpe: ['sharpe', 'share', 'Sharpe ratio of daily returns, a year, no risk-free rate.'],
  sortino: ['sortino', 'share', 'The same with falls alone as risk.'],
  calmar: ['calmar', 'share', 'Yearly return over the deepest fall.'],
  time_in_market: ['timeInMarket', 'share', 'Share of the time that something was held.'],
  exposure: ['exposure', 'share', 'What was held as a share of equity, on average.'],
  hold_share: ['holdShare', 'share', 'What the same capital would have earned as base, bought at the first price and held.'],
  over_hold_share: ['overHoldShare', 'share', 'Profit share beyond that.'],
} as const satisfies Readonly<Record<string, readonly [string, Kind, string]>>;

const OUTPUTS: Readonly<Record<Kind, () => z.ZodType<string | number | null>>> = {
  money: () => z.string().nullable().meta({ format: 'decimal' }),
  share: () => z.number().nullable(),
  count: () => z.number().nullable(),
  time: () => timeOutput.nullable(),
  ms: () => z.number().nullable(),
};
const EXAMPLES: Readonly<Record<Kind, string | number>> = { money: '12.5', share: 0.0125, count: 12, time: '2026-11-01T00:00:00.000Z', ms: 3_600_000 };

export const Figures = z.object(Object.fromEntries(Object.entries(FIGURES).map(([name, [, kind, text]]) => [name, OUTPUTS[kind]().describe(text)]))).meta({
  id: 'BacktestFigures',
  description: 'What a run is judged by; `null` where too little is known. The parts of the profit add up to it exactly.',
  examples: [Object.fromEntries(Object.entries(FIGURES).map(([name, [, kind]]) => [name, EXAMPLES[kind]]))],
});

export function presentFigures(figures: Readonly<Record<string, unknown>>): z.output<typeof Figures> {
  return Object.fromEntries(
    Object.entries(FIGURES).map(([name, [key, kind]]) => {
      const value = figures[key];
      if (typeof value === 'number') return [name, kind === 'time' ? isoTime(value) : value];
      return [name, typeof value === 'string' ? value : null];
    }),
  );
}

const Month = z
  .object({
    month: z.string().describe('Such as `2026-01`, in UTC.'),
    profit: z.string().meta({ format: 'decimal' }).describe('What it brought.'),
    share: z.number().nullable().describe('The same as a share of the equity at its beginning.'),
  })
  .meta({ id: 'ReportMonth', description: 'A month of a run.', examples: [{ month: '2026-01', profit: '12.5', share: 0.0125 }] });

export const Report = z
  .object({
    figures: Figures.nullable().describe(
      '`null` before the first price of a run, and of one whose tape is too long to be read at once or not kept from its beginning.',
    ),
    months: z.array(Month).describe('Its months, oldest first.'),
  })
  .meta({ id: 'RunReport', description: 'What a run is judged by.', examples: [{ figures: exampleOf(Figures), months: [exampleOf(Month)] }] });

export function presentReport(report: RunReport | null): z.output<typeof Report> {
  if (report === null) return { figures: null, months: [] };
  return { figures: presentFigures({ ...report.figures }), months: report.months.map((month) => ({ ...month })) };
}
