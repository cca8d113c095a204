/** What a rule of signals says, and what the functions that follow it pass around. */
import type { Context } from '#core/strategy.ts';
import type { SharedParams } from './_signal-plan.ts';
import type { SignalState } from './_signal-state.ts';

/** What a rule says at a close, where it says anything. */
export const ENTER = 1;
export const LEAVE = 2;
/** Nothing. */
export const STAY = 0;
/** The same of a short, where a rule is not the mirror of itself; told together with the others, as bits. */
export const ENTER_SHORT = 4;
export const LEAVE_SHORT = 8;

/** Which ways a user wants it to trade. */
export interface Sided {
  readonly direction: 'long' | 'short' | 'both';
}

export interface Run {
  readonly context: Context;
  readonly state: SignalState;
  readonly params: SharedParams;
}
