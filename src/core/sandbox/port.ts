/**
 * The port to where strategies of users run: a place without secrets, files, network or children. What comes back from
 * there are wishes and texts; the engine of this side, with its risk gate and its orders, decides what becomes of them.
 */
import type { RunRules } from '../actions/run-actions.ts';
import type { Bars } from '../bars/bars.ts';
import type { RunState } from '../engine/run-state.ts';
import type { Event, Liquidation } from '../events.ts';
import type { Instrument } from '../instrument.ts';
import type { OrderType, Side, TimeInForce } from '../order.ts';
import type { ParamsOf, ParamsSpec } from '../params.ts';
import type { FeeAsset, RiskLimits } from '../risk.ts';
import type { RunRecipe } from '../store/runs.ts';
import type { BarsWanted, LegWish, Plan } from '../strategy.ts';
import type { Declaration, Program, ProgramFile } from './program.ts';

/** Something in a program that its author has to change; lines and columns count from 1. */
export interface ProgramIssue {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly remedy: string;
}

/** What became of looking a program over. */
export interface Checked {
  readonly hash: string;
  readonly issues: readonly ProgramIssue[];
  /** `null` when there are issues. */
  readonly declaration: Declaration | null;
  /** Whether it has traded the made-up history; if not, why not. */
  readonly trial: { readonly isDone: boolean; readonly orders: number; readonly note: string };
}

/** Why a strategy had to be stopped. */
export type SandboxFailureKind = 'threw' | 'time' | 'memory' | 'output' | 'state' | 'lied' | 'crashed';

export interface SandboxFailure {
  readonly kind: SandboxFailureKind;
  /** What happened, for its author: one line without anything of this machine. */
  readonly message: string;
  /** Where in the program, as far as that is known. */
  readonly at: { readonly file: string; readonly line: number; readonly column: number } | null;
}

type Plain = string | number | boolean | null;
export type Figures = Readonly<Record<string, Plain>>;

/** Something a strategy has asked of its context, in the order in which it asked. */
export type Wish =
  | readonly [
      type: 'submit',
      side: Side,
      orderType: OrderType,
      priceTicks: number,
      triggerTicks: number,
      sizeLots: number,
      timeInForce: TimeInForce,
      postOnly: boolean,
      reduceOnly: boolean,
      tag: string,
    ]
  | readonly [type: 'cancel', clientOrderId: string]
  /** The same of an instrument beyond the first, by the strategy's name for it. */
  | readonly [
      type: 'submitAt',
      leg: string,
      side: Side,
      orderType: OrderType,
      priceTicks: number,
      triggerTicks: number,
      sizeLots: number,
      timeInForce: TimeInForce,
      postOnly: boolean,
      reduceOnly: boolean,
      tag: string,
    ]
  /** `null` stands for no limit above. */
  | readonly [type: 'watch', belowTicks: number, aboveTicks: number | null]
  | readonly [type: 'watchAt', leg: string, belowTicks: number, aboveTicks: number | null]
  /** `null` waits for nothing on that side. */
  | readonly [type: 'spread', long: string, short: string, above: number | null, below: number | null]
  | readonly [type: 'noSpread']
  | readonly [type: 'move', from: string, to: string, atoms: number]
  | readonly [type: 'timer', name: string, at: number]
  | readonly [type: 'clear', name: string]
  | readonly [type: 'report', fact: 'target_reached' | 'strategy_note', text: string, data: Figures]
  | readonly [type: 'finish', reason: string, liquidation: Liquidation];

/** What a strategy made of one event: its wishes for each time it was told something, in order. */
export interface StepAnswer {
  readonly tells: readonly (readonly Wish[])[];
  /** Its state as JSON, where that has changed. */
  readonly state: string | null;
  /** Its figures, where its state has changed. */
  readonly figures: Figures | null;
  readonly failure: SandboxFailure | null;
}

/** One of the times that a strategy was told something, from 1 on. Bars are counted by themselves, so that they can be passed over by number. */
export interface Tell {
  readonly isBar: boolean;
  readonly tell: number;
}

/** What a strategy did over a whole history; only the times that it wished for something are listed. */
export interface Rehearsal {
  readonly wishes: readonly (Tell & { readonly wishes: readonly Wish[] })[];
  readonly figures: Figures;
  /** It was told nothing after this. */
  readonly failure: (Tell & { readonly failure: SandboxFailure }) | null;
}

/** One instrument at the time of a plan. */
export interface PlanMarket {
  readonly instrument: Instrument;
  readonly feeAsset: FeeAsset;
  /** 0 where no price is known: then only the bars and the legs are answered. */
  readonly bidTicks: number;
  readonly askTicks: number;
}

export interface PlanQuestion extends PlanMarket {
  /** Checked. */
  readonly params: ParamsOf<ParamsSpec>;
  /** The instruments beyond the first that it has said it wants, in its sequence. */
  readonly otherLegs?: readonly (PlanMarket & { readonly name: string })[];
}

export interface PlanAnswer {
  readonly plan: Plan;
  readonly bars: readonly BarsWanted[];
  /** The instruments that it wants beside the first; none where left out. */
  readonly otherLegs?: readonly LegWish[];
}

/** The history of one of the instruments beyond the first. */
export interface RehearsalLeg {
  readonly instrument: Instrument;
  readonly bars: Bars;
  readonly history?: Bars | undefined;
}

/** How a history is gone through; what matters to decisions, and no more. */
export interface RehearsalOptions {
  /** Settings as a user gives them. */
  readonly config: unknown;
  readonly instrument: Instrument;
  readonly bars: Bars;
  readonly history?: Bars | undefined;
  /** The instruments beyond the first, where the strategy trades several. */
  readonly legs?: readonly RehearsalLeg[];
  readonly venue?: unknown;
  /** What its user has follow from its orders. */
  readonly rules?: RunRules | undefined;
  readonly limits?: Partial<Omit<RiskLimits, 'budgetAtoms'>> | undefined;
}

/** By which numbers a sandbox knows the bars of an instrument, and those before them. */
export interface HistoryKeys {
  readonly bars: number;
  readonly history: number | null;
}

/** The same options as they go into a sandbox, which has the histories by their numbers. */
export interface RehearsalWay extends Omit<RehearsalOptions, 'bars' | 'history' | 'legs'> {
  readonly legs?: readonly (HistoryKeys & Pick<RehearsalLeg, 'instrument'>)[];
}

/** A strategy that has been through a history: all that a backtest outside needs of it, as plain data. */
export interface RehearsedRun {
  readonly reference: string;
  readonly declaration: Declaration;
  readonly planned: PlanAnswer;
  readonly rehearsal: Rehearsal;
}

export type Answer<Value> = { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly failure: SandboxFailure };

/** A run's strategy at work. One question at a time. */
export interface SandboxedRun {
  /** Tells it the run's next event. A limit that was hit is an answer, too; after a failure it answers no more. */
  step(event: Event): Promise<StepAnswer>;
  /** Ends it at once. */
  close(): void;
}

/** Throws PortError `sandbox_unavailable` where the sandbox itself cannot work; whatever a program does wrong is an answer. */
export interface StrategySandbox {
  /** Looks a program over: its syntax, what it may not use, what it declares; then has it trade a made-up history for a moment. */
  check(owner: string, files: readonly ProgramFile[]): Promise<Checked>;
  /** What a run with these settings would need. */
  plan(owner: string, program: Program, question: PlanQuestion): Promise<Answer<PlanAnswer>>;
  /** Goes through a history as fast as it can. */
  rehearse(owner: string, program: Program, options: RehearsalOptions): Promise<Answer<Rehearsal>>;
  /** Begins, or goes on with, a run; `state` is asked again when the run has to be begun anew in another process. */
  open(owner: string, program: Program, recipe: RunRecipe, state: () => RunState): SandboxedRun;
  close(): Promise<void>;
}
