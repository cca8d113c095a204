/**
 * Whether a strategy knows what it cannot: it is run over histories that end earlier and must decide the same up to there. Histories
 * end at bars it decided at, where one that looks but a single bar ahead has nothing to look at, and evenly between.
 */
import type { Bars } from '#core/bars/bars.ts';
import type { JournalEntry } from '#core/store/runs.ts';
import { type BacktestOptions, runBacktest } from '../backtest/backtest.ts';
import { barsBetween } from '../optimize/trial-history.ts';
import type { RunOnce } from './own-runs.ts';

/** Histories that end at a decision, and evenly spaced ones. */
export const DECISION_CUTS = 40;
export const EVEN_CUTS = 10;
/** Differences that are told; the first of each history is. */
export const MAX_FINDINGS = 20;

export interface LookAheadFinding {
  /** When the shorter history ended. */
  readonly cutAt: number;
  /** The bar at whose close, or within which, it first decided otherwise, counted from 0, and when. */
  readonly bar: number;
  readonly at: number;
  /** What it did over the whole history and over the shorter; `null` for nothing. */
  readonly whole: string | null;
  readonly cut: string | null;
}

export interface LookAheadReport {
  readonly strategy: string;
  readonly decisions: number;
  readonly cuts: number;
  /** Empty for one that looks at nothing ahead, as far as these histories tell. */
  readonly findings: readonly LookAheadFinding[];
}

export type Subject = Omit<BacktestOptions, 'keepTape' | 'keepLedger' | 'trades' | 'columns' | 'onProgress'>;

/** `onCut` is told the share of histories that are done, `run` runs the strategy over one. */
export function lookAhead(subject: Subject, onCut: (share: number) => void = () => undefined, run: RunOnce = runBacktest): Promise<LookAheadReport> {
  const { bars, strategy } = subject;
  const tapeOf = async (length: number) => (await run({ ...subject, bars: barsBetween(bars, 0, length), keepTape: true })).tape;
  return lookAheadOf(strategy.name, bars, tapeOf, onCut);
}

/** The same of whatever can be run over the first bars of a history, such as one of several instruments. */
export async function lookAheadOf(
  strategy: string,
  bars: Bars,
  run: (length: number) => readonly JournalEntry[] | Promise<readonly JournalEntry[]>,
  onCut: (share: number) => void = () => undefined,
): Promise<LookAheadReport> {
  const whole = await run(bars.length);
  const lengths = cutLengths(bars, whole);
  const findings: LookAheadFinding[] = [];
  for (const [index, length] of lengths.entries()) {
    if (findings.length >= MAX_FINDINGS) break;
    const cutAt = closeOf(bars, length - 1);
    const finding = firstDifference(bars, decisionsUntil(whole, cutAt), decisionsUntil(await run(length), cutAt), cutAt);
    if (finding !== null) findings.push(finding);
    onCut((index + 1) / lengths.length);
  }
  return { strategy, decisions: decisionsUntil(whole, Number.POSITIVE_INFINITY).length, cuts: lengths.length, findings };
}

interface Decision {
  readonly at: number;
  readonly what: string;
}

/** What the end of a history brings in is told with its last close; what comes of it at the exchange belongs to the next bar. */
function decisionsUntil(tape: readonly JournalEntry[], cutAt: number): readonly Decision[] {
  return tape.flatMap(({ event, commands }) =>
    event.at < cutAt || (event.at === cutAt && (event.type === 'barClosed' || event.type === 'ruleTurned'))
      ? commands.map((command) => ({ at: event.at, what: JSON.stringify(command) }))
      : [],
  );
}

function firstDifference(bars: Bars, whole: readonly Decision[], cut: readonly Decision[], cutAt: number): LookAheadFinding | null {
  for (let index = 0; index < Math.max(whole.length, cut.length); index += 1) {
    const [one, other] = [whole[index] ?? null, cut[index] ?? null];
    if (one !== null && other !== null && one.at === other.at && one.what === other.what) continue;
    const at = Math.min(one?.at ?? cutAt, other?.at ?? cutAt);
    return { cutAt, bar: barOf(bars, at), at, whole: one?.what ?? null, cut: other?.what ?? null };
  }
  return null;
}

/** Lengths of the histories to run over, ascending. */
function cutLengths(bars: Bars, tape: readonly JournalEntry[]): readonly number[] {
  const decided = [...new Set(tape.flatMap(({ event, commands }) => (commands.length > 0 ? [barOf(bars, event.at) + 1] : [])))];
  const at = evenly(decided, DECISION_CUTS);
  const between = Array.from({ length: EVEN_CUTS }, (_, index) => Math.round(((index + 1) * bars.length) / (EVEN_CUTS + 1)));
  return [...new Set([...at, ...between])].filter((length) => length > 0 && length < bars.length).sort((one, other) => one - other);
}

function evenly(values: readonly number[], most: number): readonly number[] {
  if (values.length <= most) return values;
  return Array.from({ length: most }, (_, index) => values[Math.floor((index * values.length) / most)] ?? 0);
}

/** The bar that closes at a time, or is open then. */
function barOf(bars: Bars, at: number): number {
  let low = 0;
  let high = bars.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (closeOf(bars, middle) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

function closeOf(bars: Bars, index: number): number {
  return (bars.startAt[index] ?? 0) + bars.intervalMs;
}
