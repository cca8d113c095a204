/** Runs as the store keeps them: what each is made of, its tape, its equity. */
import type { RunRules } from '../actions/run-actions.ts';
import type { Mode } from '../bot-states.ts';
import type { Command } from '../commands.ts';
import type { RunState } from '../engine/run-state.ts';
import type { Event } from '../events.ts';
import type { Instrument } from '../instrument.ts';
import type { DecimalString } from '../money.ts';
import type { MarginMode } from '../perpetual-ports.ts';
import type { FeeAsset, RiskLimits } from '../risk.ts';
import type { BarsWanted } from '../strategy.ts';
import type { Lease } from './leases.ts';

/** What a run is made of beyond its first instrument. */
export interface LegRecipe {
  readonly name: string;
  readonly instrument: Instrument;
  readonly feeAsset: FeeAsset;
  readonly limits: RiskLimits;
  readonly lentGrains: number;
  readonly marginMode?: MarginMode;
}

/** What a run is made of, kept so that it can be resumed and replayed by itself. */
export interface RunRecipe {
  readonly strategy: string;
  readonly strategyVersion: number;
  readonly params: Readonly<Record<string, unknown>>;
  readonly instrument: Instrument;
  readonly feeAsset: FeeAsset;
  readonly limits: RiskLimits;
  readonly lentGrains: number;
  /** What its user has follow from its strategy's orders. */
  readonly rules?: RunRules | null;
  readonly installation: number;
  readonly botNumber: number;
  readonly mode: Mode;
  /** Of a user's own strategy: the bars it has asked for with these settings. */
  readonly bars?: readonly BarsWanted[];
  /** Of a perpetual: whose margin a loss may take; the leverage is among the limits. */
  readonly marginMode?: MarginMode;
  /** The strategy's word for the first instrument, where there are several, and the others. */
  readonly legName?: string;
  readonly otherLegs?: readonly LegRecipe[];
}

export interface RunRecord {
  readonly id: string;
  readonly userId: string;
  readonly botId: string;
  readonly accountId: string;
  readonly recipe: RunRecipe;
  /** Number of the last journalled event. */
  readonly sequence: number;
  readonly state: RunState | null;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly endReason: string | null;
}

/** One line of a tape: the event a run consumed and the commands it gave. */
export interface JournalEntry {
  readonly sequence: number;
  readonly event: Event;
  readonly commands: readonly Command[];
}

/** A point to be noted under the lease of the run's bot. */
export interface NewEquityPoint extends EquityPoint {
  readonly lease: Lease;
  readonly runId: string;
}

export interface EquityPoint {
  readonly at: number;
  /** Quote value of what the run has earned and holds beyond what it was given. */
  readonly profit: DecimalString;
  readonly price: DecimalString;
}

export interface RunStore {
  get(id: string): Promise<RunRecord | null>;
  /** Newest run of a bot of this user, or `null`. */
  latest(userId: string, botId: string): Promise<RunRecord | null>;
  /** Tape from `after` (exclusive), oldest first. */
  tape(userId: string, botId: string, runId: string, after: number, limit: number): Promise<readonly JournalEntry[]>;
  /** Points of runs whose lease is not held any more are left out; a second one of the same moment replaces the first. */
  addEquity(points: readonly NewEquityPoint[]): Promise<void>;
  equity(userId: string, botId: string, runId: string, limit: number): Promise<readonly EquityPoint[]>;
}
