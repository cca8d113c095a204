/**
 * Candles of one span from a venue, as whole as it has them. A venue may answer with less than was asked for, twice the
 * same or in any sequence: what is missing is asked for by itself, until an answer to just that brings nothing new.
 */
import { type CandleNumbers, candleFault, columnsOf } from '#core/bars/candle-columns.ts';
import type { CandleColumns, Span } from '#core/history.ts';
import type { Candle } from '#core/market-data.ts';
import { clipSpans, missingOf, spansOfTimes } from '#core/spans.ts';
import { type AskingWorld, askPatiently } from './patient-asking.ts';

/** Candles that are asked for at once; the adapters cut it to what their venue allows. */
export const PAGE_CANDLES = 1_000;
/** A page is asked for so often; what is missing then is neither there nor a hole, and is left to the next download. */
export const MAX_ASKS_A_PAGE = 25;

export interface FetchWanted {
  readonly span: Span;
  readonly intervalMs: number;
  readonly ask: (span: Span) => Promise<readonly Candle[]>;
  /** Told after each answer: how far the span has been asked through, and how many candles there are so far. */
  readonly onProgress: (askedTo: number, candles: number) => void;
}

/** What has been had, also when the work ends before its end. */
export interface Fetched {
  readonly candles: CandleColumns;
  /** Asked for twice and answered with nothing. */
  readonly holes: readonly Span[];
  /** Candles that cannot be: their opening times and what is wrong with them. */
  readonly refused: ReadonlyMap<number, string>;
  /** Why the work ended before its end; `null` where it did not. */
  readonly failure: unknown;
}

export async function fetchCandles(wanted: FetchWanted, world: AskingWorld): Promise<Fetched> {
  const { span, intervalMs, onProgress } = wanted;
  const found = new Map<number, CandleNumbers>();
  const refused = new Map<number, string>();
  const holes: Span[] = [];
  const ask = async (part: Span): Promise<number> => {
    const before = found.size;
    for (const candle of await askPatiently(world, () => wanted.ask(part))) take(candle, wanted, found, refused);
    return found.size - before;
  };
  const done = (failure: unknown): Fetched => ({ candles: inColumns(found, intervalMs), holes, refused, failure });
  try {
    for (const page of pagesOf(span, intervalMs)) {
      holes.push(...(await fillPage(page, found, intervalMs, ask)));
      onProgress(page.to, found.size);
    }
    return done(null);
  } catch (failure) {
    return done(failure);
  }
}

/** Asks for a page and then for what it lacks; what an answer to just that does not bring is a hole. */
async function fillPage(page: Span, found: ReadonlyMap<number, unknown>, intervalMs: number, ask: (part: Span) => Promise<number>): Promise<readonly Span[]> {
  await ask(page);
  let gaps = gapsIn(page, found, intervalMs);
  for (let asked = 1; gaps !== null && asked < MAX_ASKS_A_PAGE; asked += 1) {
    if ((await ask(gaps)) === 0) return missingOf(gaps, spansOfTimes(timesOf(found), intervalMs));
    gaps = gapsIn(page, found, intervalMs);
  }
  return [];
}

function take(candle: Candle, { span, intervalMs }: FetchWanted, found: Map<number, CandleNumbers>, refused: Map<number, string>): void {
  const { startAt } = candle;
  if (startAt < span.from || startAt >= span.to) return;
  const [open, high, low, close, volume] = [candle.open, candle.high, candle.low, candle.close, candle.volume].map(Number) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const numbers = { startAt, open, high, low, close, volume };
  const fault = startAt % intervalMs === 0 ? candleFault(numbers) : 'it opens between two candles';
  if (fault === null) found.set(startAt, numbers);
  else refused.set(startAt, fault);
}

function* pagesOf({ from, to }: Span, intervalMs: number): Generator<Span> {
  for (let start = from; start < to; start += PAGE_CANDLES * intervalMs) yield { from: start, to: Math.min(to, start + PAGE_CANDLES * intervalMs) };
}

/** From the first missing candle of a page to the last; `null` where none is. */
function gapsIn(page: Span, found: ReadonlyMap<number, unknown>, intervalMs: number): Span | null {
  let [from, to] = [page.from, page.to];
  while (from < to && found.has(from)) from += intervalMs;
  while (to > from && found.has(to - intervalMs)) to -= intervalMs;
  return from < to ? { from, to } : null;
}

function timesOf(found: ReadonlyMap<number, unknown>): Float64Array {
  return Float64Array.from(found.keys()).sort();
}

function inColumns(found: ReadonlyMap<number, CandleNumbers>, intervalMs: number): CandleColumns {
  return columnsOf(
    [...found.values()].toSorted((one, other) => one.startAt - other.startAt),
    intervalMs,
  );
}

/** The parts of a fetched span that need not be asked for again: its candles, and holes that are old enough to stay holes. */
export function settledOf({ candles, holes }: Fetched, intervalMs: number, youngFrom: number): readonly Span[] {
  const oldTo = Math.floor(youngFrom / intervalMs) * intervalMs;
  return [...spansOfTimes(candles.startAt, intervalMs), ...clipSpans(holes, { from: Number.NEGATIVE_INFINITY, to: oldTo })];
}
