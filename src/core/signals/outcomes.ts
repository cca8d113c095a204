/** The ledger of outcomes: what acting on a signal when it opened would have paid, left at the books of now. */
import type { LegView } from './leg-view.ts';
import type { ListingBoard } from './listing-board.ts';
import type { LiveSignal } from './live-signal.ts';
import { percentDown } from './percent.ts';
import { OUTCOME_MINUTES, type SignalOutcome } from './signal.ts';
import { otherCosts, type Slot, type Slots } from './slots.ts';
import { realised } from './spread.ts';

/** For so long after its time an outcome waits for prices; then it says that it is not known. */
export const OUTCOME_PATIENCE_MS = 30_000;

export type OutcomeNews = SignalOutcome & { readonly signalId: string };

export interface OutcomeView {
  readonly slots: Slots;
  readonly board: ListingBoard;
  readonly buy: LegView;
  readonly sell: LegView;
  readonly now: number;
  readonly isStale: boolean;
}

/** The next outcome of a signal, as it would be now. */
export function outcomeOf(live: LiveSignal, { slots, board, buy, sell, now, isStale }: OutcomeView): OutcomeNews {
  const slot = slots.all[live.slot] as Slot;
  const settled = (index: number | undefined, before: number): number => (board.settled[index as number] as number) - before;
  const [boughtBefore, soldBefore] = live.settledBefore;
  const income = settled(slots.sell[live.slot], soldBefore) - settled(slots.buy[live.slot], boughtBefore);
  const net = isStale ? Number.NaN : realised(live.entry, buy, sell, slot.plan.exit, income, otherCosts(slot, buy.ask));
  const known = { signalId: live.id, minutes: OUTCOME_MINUTES[live.outcomes] ?? 0, at: now };
  if (Number.isFinite(net)) return { ...known, netPercent: percentDown(net), problem: '' };
  return { ...known, netPercent: null, problem: isStale ? 'stale' : 'no_depth' };
}

export function isPatienceOver(live: LiveSignal, now: number): boolean {
  return now >= live.nextOutcomeAt + OUTCOME_PATIENCE_MS;
}

/** Those that nobody will work out any more. */
export function outcomesGivenUp(live: LiveSignal, now: number): readonly OutcomeNews[] {
  if (live.openedAt === 0) return [];
  return OUTCOME_MINUTES.slice(live.outcomes).map((minutes) => ({ signalId: live.id, minutes, at: now, netPercent: null, problem: 'scanner_stopped' }));
}
