/**
 * The closed union of what a run may want from the world. Commands are plain data and leave the engine in order;
 * the runner makes them durable before it carries them out.
 */
import type { Order } from './order.ts';
import type { DenialCode } from './risk.ts';

/** Place an order that risk has approved. The order is a copy of the engine's record at that moment. */
export interface SubmitOrder {
  readonly type: 'submitOrder';
  readonly order: Order;
}

/** Take an order off the book that the venue is known to have. Harmless twice; to be repeated until the order is over. */
export interface CancelOrder {
  readonly type: 'cancelOrder';
  readonly clientOrderId: string;
  /** As the order has it. */
  readonly leg?: string;
}

/** Risk refused an order: it goes to the books with its reason and never to the venue. */
export interface DenyOrder {
  readonly type: 'denyOrder';
  readonly order: Order;
  readonly code: DenialCode;
  readonly message: string;
}

/** Send `timerFired` back with this name at `at`; a second timer of the same name replaces the first. */
export interface SetTimer {
  readonly type: 'setTimer';
  readonly name: string;
  readonly at: number;
}

export interface ClearTimer {
  readonly type: 'clearTimer';
  readonly name: string;
}

/** A fact the user may want to be told, with its figures as plain data. */
export interface ReportFact {
  readonly type: 'reportFact';
  readonly fact: 'target_reached' | 'strategy_note';
  readonly text: string;
  readonly data: Readonly<Record<string, string | number | boolean | null>>;
}

/** Writes the words of a report once somebody reads them, from what was known when it was made. */
export type WriteReport = () => Pick<ReportFact, 'text' | 'data'>;

/** Make these a part of the bot's settings, for its later runs too, as the next version of them; those that are not named stay. The run itself goes on. */
export interface KeepSettings {
  readonly type: 'keepSettings';
  readonly settings: Readonly<Record<string, unknown>>;
}

/** Pausing is complete: no order of the run is left at the venue. */
export interface PauseRun {
  readonly type: 'pauseRun';
}

/** The run has ended: no order is left at the venue and the wanted liquidation has been done. */
export interface FinishRun {
  readonly type: 'finishRun';
  readonly reason: string;
}

export type Command = SubmitOrder | CancelOrder | DenyOrder | SetTimer | ClearTimer | ReportFact | KeepSettings | PauseRun | FinishRun;
