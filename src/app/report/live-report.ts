/** The report of a bot's run, by the same code as that of a backtest: its ledger is read from its tape, its equity from the points that were noted. */
import { GRAINS_PER_LOT, Scale } from '#core/instrument.ts';
import type { EquityPoint, JournalEntry, RunRecord } from '#core/store/runs.ts';
import { EquityFigures } from './equity-figures.ts';
import type { LedgerFill, LedgerFunding } from './ledger.ts';
import { type RunReport, reportOf } from './run-report.ts';

export interface LiveReportInput {
  readonly run: RunRecord;
  /** From the beginning. */
  readonly tape: readonly JournalEntry[];
  /** Oldest first. */
  readonly points: readonly EquityPoint[];
  readonly now: number;
}

/** `null` for a run that has not seen a price yet. */
export function liveReport({ run, tape, points, now }: LiveReportInput): RunReport | null {
  const { recipe, startedAt, state } = run;
  const scale = new Scale(recipe.instrument);
  const { fills, funding, openTicks, lastTicks } = readTape(tape);
  const closeTicks = state !== null && state.bidTicks > 0 ? Math.round((state.bidTicks + state.askTicks) / 2) : lastTicks;
  if (openTicks === 0) return null;
  const capitalAtoms = recipe.limits.budgetAtoms + Math.round((recipe.lentGrains / GRAINS_PER_LOT) * openTicks);
  const endedAt = run.endedAt ?? now;
  const equity = new EquityFigures(capitalAtoms, startedAt, endedAt);
  const held = new Holding(fills, recipe.lentGrains);
  for (const { at, profit, price } of points)
    if (at > startedAt) equity.add(at, capitalAtoms + scale.atoms(profit, 'nearest'), scale.ticks(price, 'nearest'), held.lotsAt(at));
  equity.end();
  return reportOf({
    ...{ scale, lots: 'fifo', startedAt, endedAt, capitalAtoms, openTicks, lastTicks: closeTicks, equity, ranges: null },
    ledger: { fills, funding, lent: recipe.lentGrains === 0 ? null : { at: startedAt, grains: recipe.lentGrains, priceTicks: openTicks } },
  });
}

function readTape(tape: readonly JournalEntry[]) {
  const fills: LedgerFill[] = [];
  const funding: LedgerFunding[] = [];
  let [openTicks, lastTicks] = [0, 0];
  for (const { event } of tape) {
    if (event.type === 'orderFilled') fills.push({ at: event.at, clientOrderId: event.clientOrderId, fill: event.fill });
    else if (event.type === 'fundingPaid') funding.push({ at: event.at, amountAtoms: event.amountAtoms });
    else if (event.type === 'quoteChanged') {
      lastTicks = Math.round((event.bidTicks + event.askTicks) / 2);
      if (openTicks === 0) openTicks = event.bidTicks;
    }
  }
  return { fills, funding, openTicks, lastTicks };
}

/** What is held, as time goes on. */
class Holding {
  readonly #fills: readonly LedgerFill[];
  #grains: number;
  #next = 0;

  constructor(fills: readonly LedgerFill[], grains: number) {
    this.#fills = fills;
    this.#grains = grains;
  }

  lotsAt(at: number): number {
    for (let each = this.#fills[this.#next]; each !== undefined && each.at <= at; each = this.#fills[this.#next]) {
      const { side, sizeLots, feeGrains } = each.fill;
      this.#grains += (side === 'buy' ? sizeLots : -sizeLots) * GRAINS_PER_LOT - feeGrains;
      this.#next += 1;
    }
    return this.#grains / GRAINS_PER_LOT;
  }
}
