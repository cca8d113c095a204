/** What a user wants to see of the signals, and the part of the store that keeps it. Pure. */
import type { DecimalString } from '../money.ts';

/** All of it holds together. */
export interface SignalChoices {
  readonly minNetPercent: DecimalString | null;
  readonly minSizeQuote: DecimalString | null;
  readonly mutedBases: readonly string[];
  readonly mutedVenues: readonly string[];
  readonly mutedScanners: readonly string[];
  /** Coins to be seen above others; where only they are wanted, these are they. */
  readonly watchedBases: readonly string[];
  /** Of which a user is told when they open. Without it: of the watched ones, or of all where none is watched. */
  readonly told?: SignalsTold;
}

/** `watched`: coins of the watch list alone. The thresholds and mute lists hold for all. */
export const SIGNALS_TOLD = ['all', 'watched', 'none'] as const;
export type SignalsTold = (typeof SIGNALS_TOLD)[number];

/** Entries of one list at most. */
export const MAX_CHOSEN = 500;
/** Signals that one user may have hidden. */
export const MAX_HIDDEN = 5_000;

export const NO_CHOICES: SignalChoices = { minNetPercent: null, minSizeQuote: null, mutedBases: [], mutedVenues: [], mutedScanners: [], watchedBases: [] };

export interface SignalChoiceStore {
  get(userId: string): Promise<SignalChoices | null>;
  put(userId: string, choices: SignalChoices, at: number): Promise<void>;
  /** Hides it from this user; `missing` when there is no such signal, `full` at {@link MAX_HIDDEN}. Twice is once. */
  hide(userId: string, signalId: string, at: number): Promise<'hidden' | 'missing' | 'full'>;
  /** Those of these users' open signals that are hidden. */
  hiddenOf(userId: string): Promise<readonly string[]>;
}
