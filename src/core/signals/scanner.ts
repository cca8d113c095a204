/**
 * What a scanner is: it says which listings are worth comparing and what one would do with the difference. The arithmetic is the same for
 * all. A scanner holds no state and waits for nothing: one file of `src/scanners`, registered by its place there.
 */
import type { Text } from '../params.ts';
import type { Listing } from './market-scan.ts';
import type { SignalExit, SignalStrategy, SignalWarning } from './signal.ts';

/** When a difference is a signal. Shares, such as 0.005 for half a percent. */
export interface ScanRules {
  /** Quote that net is computed for. */
  readonly sizeQuote: number;
  /** Opens when net has been at least this for so long… */
  readonly openAt: number;
  readonly holdMs: number;
  /** …and closes when it is less than this. */
  readonly closeAt: number;
  /** How far ahead funding is counted. */
  readonly horizonHours: number;
}

/** What is done with a position that buys the first and sells the second. */
export interface Plan {
  readonly exit: SignalExit;
  readonly warnings: readonly SignalWarning[];
  /** Of the size, for what cannot be known, such as the rate between two dollars. */
  readonly costShare: number;
}

export interface Scanner {
  /** Equal to the file name. */
  readonly name: string;
  readonly title: Text;
  /** What it looks for, in a sentence. */
  readonly summary: Text;
  readonly strategy: SignalStrategy;
  readonly rules: ScanRules;
  /** Pairs among the listings of one coin; the first is bought in the forward direction. */
  readonly pairs: (listings: readonly Listing[]) => readonly (readonly [Listing, Listing])[];
  /** `null` where a position cannot be taken that way round. */
  readonly plan: (buy: Listing, sell: Listing) => Plan | null;
}

/** Checks the declaration of a scanner at compile time. */
export function defineScanner(scanner: Scanner): Scanner {
  return scanner;
}
