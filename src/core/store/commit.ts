/**
 * The transaction around trading state: one step of a run or of a steward made durable at once, or not at all.
 */
import type { ActionAdvance } from '../actions/action-record.ts';
import type { BotStatus } from '../bot-states.ts';
import type { RunState } from '../engine/run-state.ts';
import type { NewFact } from '../facts.ts';
import type { FundingPayment } from '../perpetual-ports.ts';
import type { VenueFill } from '../venue-ports.ts';
import type { Lease } from './leases.ts';
import type { NewOrder, OrderChange } from './orders.ts';
import type { JournalEntry } from './runs.ts';

/** What a run makes a part of its bot's settings. */
export interface KeptSettings {
  /** The command of the user that asked for it; `null` where none did. */
  readonly commandId: string | null;
  readonly settings: Readonly<Record<string, unknown>>;
}

/**
 * One step of a run, or of an account's steward, made durable at once: nothing in it is visible before all of it is.
 * Every change of an order and every fill also becomes an event of that order's life.
 * The end of a run also sets what is wanted of its bot to `stopped`, so that nobody begins it again unasked.
 * Fails whole with PortError `lease_lost` (the epoch is not ours any more), `trading_killed` (it places orders and a kill
 * switch is on, or the installation observes only), `store_conflict` (a fill or journal line that is already there) or `store_unavailable`.
 */
export interface Commit {
  readonly lease: Lease;
  readonly userId: string;
  readonly accountId: string;
  readonly botId: string | null;
  readonly run: {
    readonly id: string;
    readonly entries: readonly JournalEntry[];
    readonly state: RunState;
    readonly end: { readonly at: number; readonly reason: string } | null;
  } | null;
  readonly newOrders: readonly NewOrder[];
  /** Several changes of one order happened in this sequence. */
  readonly orderChanges: readonly OrderChange[];
  readonly fills: readonly (VenueFill & { readonly clientOrderId: string })[];
  /** Funding of the run's perpetual; each payment is booked once, a second time is a `store_conflict`. */
  readonly funding?: readonly FundingPayment[];
  /** Steps of automatic actions; `store_conflict` when their tape goes on with another number. */
  readonly actions?: readonly ActionAdvance[];
  /** Settings that the run has changed: each becomes the next version of its bot's, with what is not named as it was. */
  readonly settings?: readonly KeptSettings[];
  readonly facts: readonly NewFact[];
  readonly status: { readonly status: BotStatus; readonly reason: string } | null;
  readonly at: number;
}
