/** Runs a strategy that trades several instruments over their candles, and prints what came of it. */
import type { BacktestDocument } from '#app/backtest/backtest-document.ts';
import type { LegHistory } from '#app/backtest/legs/leg-history.ts';
import { type LegsBacktestResult, runLegsBacktest } from '#app/backtest/legs/legs-backtest.ts';
import { legsDocumentOf } from '#app/backtest/legs/legs-document.ts';
import { legsModels } from '#app/backtest/legs/legs-models.ts';
import { assertOneLength } from '#app/backtest/legs/legs-task.ts';
import type { VenueModel } from '#app/backtest/venue-model.ts';
import type { LotMatching } from '#app/report/ledger.ts';
import type { Strategy } from '#core/strategy.ts';
import { percent, round } from './result-lines.ts';

/** Notes of the strategy that are printed. */
const SHOWN_NOTES = 10;

export interface LegsRunWish {
  readonly strategy: Strategy;
  readonly config: unknown;
  readonly venue: VenueModel;
  readonly lots: LotMatching;
  readonly keepTape: boolean;
}

/** The first instrument first. Throws AppError as the run does. */
export function runLegsFrom(
  histories: readonly (LegHistory & { readonly notes: readonly string[] })[],
  { strategy, config, venue, lots, keepTape }: LegsRunWish,
): { readonly result: LegsBacktestResult; readonly document: BacktestDocument; readonly seconds: number } {
  const [first, ...others] = histories;
  if (first === undefined) throw new Error('a run has a first instrument');
  assertOneLength(histories);
  const models = legsModels(venue);
  const startedAt = performance.now();
  const result = runLegsBacktest({ strategy, config, first, others: new Map(others.map((leg) => [leg.instrument.symbol, leg])), ...models, keepTape });
  const seconds = (performance.now() - startedAt) / 1_000;
  const warnings = histories.flatMap(({ instrument, notes }) => notes.map((note) => `${instrument.symbol}: ${note}`)).map((text) => ({ en: text, ru: text }));
  return { result, document: legsDocumentOf({ config, venue, lots, warnings }, result), seconds };
}

export function printLegs({ report: { figures }, legs = [], ...document }: BacktestDocument, seconds: number): void {
  const { quote, orderCounts, notes } = document;
  const line = (name: string, text: string) => console.log(`${name.padEnd(22)}${text}`);
  line('candles', `${document.candles} from ${new Date(figures.startedAt).toISOString()} to ${new Date(figures.endedAt).toISOString()}`);
  if (document.endReason !== '') line('ended early', document.endReason);
  line('trades', `${figures.fillCount} executions, ${figures.tradeCount} closed`);
  line(
    'orders',
    `${orderCounts.placed} placed, ${orderCounts.denied} denied, ${orderCounts.cancelled} cancelled, ${orderCounts.rejected} rejected, ${orderCounts.expired} expired`,
  );
  line('fees', `${figures.fees} ${quote}`);
  line('funding', `${figures.funding} ${quote}`);
  line('profit', `${figures.profit} ${quote} (${percent(figures.profitShare)}) on ${figures.capital} ${quote}`);
  line('  closed, floating', `${figures.closedProfit}, ${figures.floatingProfit} ${quote}`);
  for (const { symbol, base, figures: own } of legs)
    line(`  ${symbol}`, `${own.profit} ${quote}, fees ${own.fees}, funding ${own.funding}, held ${own.held} ${base}`);
  for (const [name, value] of Object.entries(document.strategyFigures)) if (value !== null) line(`  ${name}`, String(value));
  line('max drawdown', `${percent(figures.drawdownShare)} (${figures.drawdown} ${quote})`);
  line('sharpe, sortino', `${round(figures.sharpe)}, ${round(figures.sortino)} (daily, a year of 365.25 days, no risk-free rate)`);
  line('speed', `${Math.round(document.candles / seconds).toLocaleString('en')} candles/s in this one cold run (${(seconds * 1_000).toFixed(1)} ms)`);
  for (const { en } of document.warnings) line('note', en);
  for (const note of notes.slice(0, SHOWN_NOTES)) line('note', `${new Date(note.at).toISOString()} ${note.text}`);
  const more = notes.length - Math.min(notes.length, SHOWN_NOTES) + document.notesDropped;
  if (more > 0) line('note', `and ${more} more`);
}
