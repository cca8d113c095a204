/**
 * Automatic actions as the store keeps them: beside the order they came with, advanced only in the transaction of the step
 * that changed them, with every step on a tape from which they replay.
 */
import type { ActionEvent, ActionPlan, ActionRules, ActionState } from './action-state.ts';
import type { ActionCommand } from './actions.ts';

export interface NewActions {
  readonly rules: ActionRules;
  readonly plan: ActionPlan;
  readonly state: ActionState;
}

export interface ActionRecord extends NewActions {
  /** The order the rules came with. */
  readonly orderId: string;
  /** Number of the last step on the tape. */
  readonly sequence: number;
  /** When the user called them off; whoever owns them carries that out. */
  readonly calledOffAt: number | null;
}

/** One line of the tape. */
export interface ActionStep {
  readonly sequence: number;
  readonly event: ActionEvent;
  readonly commands: readonly ActionCommand[];
}

/** What a commit adds to the actions of one order. */
export interface ActionAdvance {
  readonly orderId: string;
  readonly steps: readonly ActionStep[];
  readonly state: ActionState;
  /** What they did or could not do, for the life of the order. */
  readonly notes: readonly { readonly at: number; readonly reasonCode: string; readonly reason: string; readonly relatedOrderId: string | null }[];
}
