/**
 * The closed union of facts a run can receive. Everything that happens to a bot is one of these, stamped when it is
 * enqueued (in a backtest with the time of the data), and the recorded sequence of them is the run's tape.
 * All events are plain data. Times are milliseconds since 1970 in UTC.
 */
import type { Fill } from './position.ts';
import type { TradingState } from './risk.ts';

/** What becomes of the bot's holdings when it stops: kept, sold for quote, or all quote turned into base. */
export type Liquidation = 'keep' | 'toQuote' | 'toBase';

/**
 * The first event of every owner of the run; `epoch` (1 or more) is that owner's lease epoch and enters each ClientOrderId, so it
 * must be higher than any epoch under which an earlier run of the same bot has placed orders.
 */
export interface RunStarted {
  readonly type: 'runStarted';
  readonly at: number;
  readonly epoch: number;
}

/** Best bid and ask in ticks. A conflated stream: the runner keeps the newest. */
export interface QuoteChanged {
  readonly type: 'quoteChanged';
  readonly at: number;
  /** Whose price it is; the first instrument's where not given, here and in the other events of an instrument. */
  readonly leg?: string;
  /** Quotes of other instruments of the same moment follow: what depends on several prices waits for the last of them. */
  readonly hasMore?: true;
  readonly bidTicks: number;
  readonly askTicks: number;
}

/** A bar that has closed. In a backtest the one object is reused: read it, do not keep it. */
export interface BarClosed {
  readonly type: 'barClosed';
  readonly at: number;
  readonly leg?: string;
  /** When it closed; absent where that is the time of the event. */
  readonly closedAt?: number;
  /** Its length; absent for the bars of a backtest's own history. A bar of a length told before, or one still older, is not told again. */
  readonly intervalMs?: number;
  /** It closed before the run could act on it (warm-up, or a bar missed while nobody listened): figures go on with it, decisions do not. */
  readonly isHistory?: boolean;
  readonly openTicks: number;
  readonly highTicks: number;
  readonly lowTicks: number;
  readonly closeTicks: number;
  readonly volumeLots: number;
}

/**
 * The strategy's rule turns at the close of a bar, as a backtest has found beforehand: told instead of the bars, of which it passes over all
 * others. Live the engine finds it itself.
 */
export interface RuleTurned {
  readonly type: 'ruleTurned';
  readonly at: number;
  readonly closedAt: number;
  /** What the rule says. */
  readonly turn: number;
  /** As of {@link BarClosed}. */
  readonly isHistory: boolean;
}

export interface OrderAccepted {
  readonly type: 'orderAccepted';
  readonly at: number;
  readonly clientOrderId: string;
  readonly venueOrderId: string;
}

export interface OrderFilled {
  readonly type: 'orderFilled';
  readonly at: number;
  readonly clientOrderId: string;
  /** Needed of an order that the run does not have any more. */
  readonly leg?: string;
  readonly fill: Fill;
}

/** The venue refused the order with a certain code, or it is proven that the order never reached the venue. */
export interface OrderRejected {
  readonly type: 'orderRejected';
  readonly at: number;
  readonly clientOrderId: string;
  readonly code: string;
  readonly message: string;
}

export interface OrderCancelled {
  readonly type: 'orderCancelled';
  readonly at: number;
  readonly clientOrderId: string;
}

export interface OrderExpired {
  readonly type: 'orderExpired';
  readonly at: number;
  readonly clientOrderId: string;
}

/** Sent, but no certain answer came. */
export interface OrderUnknown {
  readonly type: 'orderUnknown';
  readonly at: number;
  readonly clientOrderId: string;
}

/** The user wants this one order off the book. */
export interface CancelRequested {
  readonly type: 'cancelRequested';
  readonly at: number;
  readonly clientOrderId: string;
}

/** A funding settlement of the run's position; told again it changes nothing. `amountAtoms` is positive when received. */
export interface FundingPaid {
  readonly type: 'fundingPaid';
  readonly at: number;
  readonly leg?: string;
  readonly paymentId: string;
  readonly amountAtoms: number;
}

export interface TimerFired {
  readonly type: 'timerFired';
  readonly at: number;
  readonly name: string;
}

export interface PauseRequested {
  readonly type: 'pauseRequested';
  readonly at: number;
}

export interface ResumeRequested {
  readonly type: 'resumeRequested';
  readonly at: number;
}

/** A kill switch was turned: `halted` takes every order off the book and lets none pass until `active` again. */
export interface TradingStateChanged {
  readonly type: 'tradingStateChanged';
  readonly at: number;
  readonly tradingState: TradingState;
}

/** An instrument of a run over several cannot be traded any more, or can again; told again it changes nothing. */
export interface MarketChanged {
  readonly type: 'marketChanged';
  readonly at: number;
  readonly leg?: string;
  readonly isOpen: boolean;
  /** Why it cannot, in words; empty when it can. */
  readonly reason: string;
}

/** The user tells the strategy to do something it has declared, such as to add funds; told again under the same id it changes nothing. */
export interface UserCommand {
  readonly type: 'userCommand';
  readonly at: number;
  readonly commandId: string;
  readonly name: string;
  readonly params: Readonly<Record<string, unknown>>;
}

export interface StopRequested {
  readonly type: 'stopRequested';
  readonly at: number;
  readonly liquidation: Liquidation;
  readonly reason: string;
}

export type MarketEvent = QuoteChanged | BarClosed | RuleTurned | MarketChanged;
export type OrderEvent = OrderAccepted | OrderFilled | OrderRejected | OrderCancelled | OrderExpired | OrderUnknown;
export type ControlEvent =
  | RunStarted
  | FundingPaid
  | CancelRequested
  | UserCommand
  | TimerFired
  | PauseRequested
  | ResumeRequested
  | StopRequested
  | TradingStateChanged;
export type Event = MarketEvent | OrderEvent | ControlEvent;
