/** The ledger of outcomes: what acting on a signal when it opened would have paid, left at the books of now. */
import type { LiveSignal } from './live-signal.ts';
import { percentDown } from './percent.ts';
import { OUTCOME_MINUTES, type SignalOutcome } from './signal.ts';
import type { SlotView } from './slot-view.ts';
import { otherCosts, type Slot } from './slots.ts';
import { realised } from './spread.ts';

/** For so long after its time an outcome waits for prices; then it says that it is not known. */
export const OUTCOME_PATIENCE_MS = 30_000;

export type OutcomeNews = SignalOutcome & { readonly signalId: string };

/** The next outcome of a signal, as it would be now. */
export function outcomeOf(live: LiveSignal, view: SlotView, now: number): OutcomeNews {
  const known = { signalId: live.id, minutes: OUTCOME_MINUTES[live.outcomes] ?? 0, at: now };
  const netPercent = paidPercent(live, view, now);
  if (netPercent !== null) return { ...known, netPercent, problem: '' };
  return { ...known, netPercent, problem: view.staleLegs(live.slot, now) > 0 ? 'stale' : 'no_depth' };
}

/** What acting on it when it opened would have paid if it were left now; `null` where that cannot be said. */
export function paidPercent(live: LiveSignal, view: SlotView, now: number): SignalOutcome['netPercent'] {
  const { board, slots, buy, sell } = view;
  const slot = slots.all[live.slot] as Slot;
  const [bought, sold] = view.legs(live.slot);
  const [boughtBefore, soldBefore] = live.settledBefore;
  const income = (board.settled[sold] as number) - soldBefore - ((board.settled[bought] as number) - boughtBefore);
  if (view.staleLegs(live.slot, now) > 0) return null;
  view.look(live.slot, now);
  const net = realised(live.entry, buy, sell, slot.plan.exit, income, otherCosts(slot, buy.ask));
  return Number.isFinite(net) ? percentDown(net) : null;
}

export function isPatienceOver(live: LiveSignal, now: number): boolean {
  return now >= live.nextOutcomeAt + OUTCOME_PATIENCE_MS;
}

/** Those that nobody will work out any more. */
export function outcomesGivenUp(live: LiveSignal, now: number): readonly OutcomeNews[] {
  if (live.openedAt === 0) return [];
  return OUTCOME_MINUTES.slice(live.outcomes).map((minutes) => ({ signalId: live.id, minutes, at: now, netPercent: null, problem: 'scanner_stopped' }));
}
