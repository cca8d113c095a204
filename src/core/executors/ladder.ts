/** Trades an amount with limit orders at several prices, all of which rest at once. */
import type { Scale } from '../instrument.ts';
import type { Context } from '../strategy.ts';
import { isTradable } from './amounts.ts';
import { type Execution, type ExecutionIntent, executorOf } from './execution.ts';
import { liveOrder } from './order-board.ts';

export interface LadderIntent extends ExecutionIntent {
  /** Its orders; their lots add up to the amount. */
  readonly rungs: readonly { readonly ticks: number; readonly lots: number }[];
}

export interface LadderState extends Execution {
  /** Lots filled of each rung. */
  rungLots: number[];
  /** Rungs whose order the user has cancelled. */
  givenUp: number[];
}

const RUNG = 'rung:';

export const ladderExecutor = executorOf<LadderIntent, LadderState>({
  start: (base, intent) => ({ ...base, rungLots: intent.rungs.map(() => 0), givenUp: [] }),
  wanted: (context, state, intent) =>
    intent.rungs.flatMap(({ ticks }, index) => {
      const lots = rungRest(context, state, intent, index);
      return lots === 0 ? [] : [{ key: `${RUNG}${index}`, side: intent.side, how: 'rest', ticks, lots } as const];
    }),
  wakeAt: () => null,
  booked(state, { tag }, lots) {
    const index = Number(tag.slice(RUNG.length));
    state.rungLots[index] = (state.rungLots[index] ?? 0) + lots;
  },
  cancelled(state, key) {
    state.givenUp.push(Number(key.slice(RUNG.length)));
  },
  isOver: (context, state, intent) => intent.rungs.every((_, index) => rungRest(context, state, intent, index) === 0),
});

/** Lots still wanted of a rung; 0 when what is left is no order any more. */
function rungRest(context: Context, state: LadderState, { rungs }: LadderIntent, index: number): number {
  const rung = rungs[index];
  if (rung === undefined || state.givenUp.includes(index)) return 0;
  const rest = rung.lots - (state.rungLots[index] ?? 0);
  return liveOrder(state.board, `${RUNG}${index}`) !== undefined || isTradable(context, rest, rung.ticks) ? rest : 0;
}

/** Prices evenly from the first to the last, each size `scaleBy` times the one before; they add up to `lots` exactly. */
export function layRungs(range: { readonly from: number; readonly to: number }, count: number, scaleBy: number, lots: number): LadderIntent['rungs'] {
  const weights = Array.from({ length: count }, (_, index) => scaleBy ** index);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  let laid = 0;
  let share = 0;
  return weights.map((weight, index) => {
    share += weight;
    const upTo = index === count - 1 ? lots : Math.floor((lots * share) / sum);
    const rung = { ticks: Math.round(range.from + ((range.to - range.from) * index) / Math.max(1, count - 1)), lots: upTo - laid };
    laid = upTo;
    return rung;
  });
}

/** The value of all rungs, in atoms. */
export function worthOf(rungs: LadderIntent['rungs']): number {
  return rungs.reduce((sum, { ticks, lots }) => sum + ticks * lots, 0);
}

/** The first rung that the venue would not take, or -1. */
export function smallRung(rungs: LadderIntent['rungs'], scale: Scale): number {
  return rungs.findIndex(({ ticks, lots }) => !isTradable({ scale }, lots, ticks));
}
