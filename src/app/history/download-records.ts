/**
 * Downloads settlements of funding, or trades: only what has not been asked for yet, in parts that are on the disk before the next is asked
 * for. Whatever ends it, beginning again goes on where it was.
 */
import { AppError } from '#core/errors.ts';
import type { Span } from '#core/history.ts';
import type { PastData, PastPage, PublicData } from '#core/market-data.ts';
import type { Clock, Log } from '#core/ports.ts';
import type { RecordHistory, RecordKind, RecordSeries, Records } from '#core/record-history.ts';
import { lengthOf, missingOf } from '#core/spans.ts';
import type { DownloadProgress } from './download.ts';
import { type AskingWorld, askPatiently, NEVER_STOPS, type Stop, Stopped } from './patient-asking.ts';

/** Records between two writes: what a kill costs at most. */
export const BATCH_RECORDS: Readonly<Record<RecordKind, number>> = { funding: 1_000, trades: 100_000 };
/** What happened so lately may not be told yet. */
export const YOUNG_RECORDS_MS: Readonly<Record<RecordKind, number>> = { funding: 600_000, trades: 60_000 };
const DAY_MS = 86_400_000;

export interface RecordReport {
  /** Records that the venue has told now. */
  readonly added: number;
  /** Ended by a wish before its end. */
  readonly isStopped: boolean;
}

export interface RecordDownloadParts {
  readonly market: Pick<PublicData, 'past'>;
  readonly records: RecordHistory;
  readonly clock: Clock;
  readonly log: Log;
  readonly stop?: Stop;
  /** Counts days of the span. */
  readonly onProgress?: (progress: DownloadProgress) => void;
}

type Row = readonly [at: number, ...values: number[]];
type AskPage = (from: number, to: number) => Promise<PastPage<Row>>;

/**
 * Throws AppError `validation_failed` where the venue tells none of that kind or not of so long ago, and what the venue or the disk throws
 * when patience ends; what has come by then is kept.
 */
export async function downloadRecords(series: RecordSeries, wanted: Span, parts: RecordDownloadParts): Promise<RecordReport> {
  const { records, clock, onProgress } = parts;
  const now = clock.now();
  const span = { from: wanted.from, to: Math.min(wanted.to, now - YOUNG_RECORDS_MS[series.kind]) };
  const told = { added: 0, done: 0 };
  if (span.from >= span.to)
    throw new AppError('validation_failed', 'from must be before to and in the past', [{ field: 'from', message: 'must be before to and in the past' }]);
  const todo = missingOf(span, await records.covered(series, span));
  const page = askerOf(series, parts, todo[0]?.from ?? span.to);
  const world: AskingWorld = { stop: NEVER_STOPS, ...parts };
  const total = Math.ceil(lengthOf(todo) / DAY_MS);
  const tell = (more: number, added: number): void => onProgress?.({ done: (told.done + more) / DAY_MS, total, added: told.added + added });
  try {
    for (const missing of todo) {
      for (let from = missing.from; from < missing.to; ) {
        const reached = await batch(series, { from, to: missing.to }, { page, world, records, told, onPage: (until, rows) => tell(until - from, rows) });
        told.done += reached - from;
        from = reached;
        tell(0, 0);
      }
    }
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    return { added: told.added, isStopped: true };
  }
  return { added: told.added, isStopped: false };
}

/** Asks until a batch is full or the span is over, and keeps what came even where asking fails; until when it is whole. */
async function batch(
  series: RecordSeries,
  span: Span,
  {
    page,
    world,
    records,
    told,
    onPage,
  }: {
    readonly page: AskPage;
    readonly world: AskingWorld;
    readonly records: RecordHistory;
    readonly told: { added: number };
    readonly onPage: (until: number, rows: number) => void;
  },
): Promise<number> {
  const rows: Row[] = [];
  let at = span.from;
  try {
    while (at < span.to && rows.length < BATCH_RECORDS[series.kind]) {
      const from = at;
      const answer = await askPatiently(world, () => page(from, span.to));
      for (const row of answer.rows) rows.push(row);
      at = answer.until;
      onPage(at, rows.length);
    }
  } finally {
    if (at > span.from) await records.put(series, columnsOf(series.kind, rows), { from: span.from, to: at });
    told.added += rows.length;
  }
  return at;
}

function askerOf({ venue, symbol, kind }: RecordSeries, { market, clock }: RecordDownloadParts, from: number): AskPage {
  const past: PastData = market.past?.(symbol) ?? {};
  const source = past[kind];
  const file = past.files === undefined ? 'from a file' : `from a file, as ${venue} offers them at ${past.files}`;
  if (source === undefined) throw refusal('interval', `${kind} of ${symbol} is not told by ${venue}; import it ${kind === 'trades' ? file : 'from a file'}`);
  const { reachMs } = source;
  if (reachMs !== null && from < clock.now() - reachMs) {
    const earliest = new Date(Math.ceil((clock.now() - reachMs) / 60_000) * 60_000).toISOString();
    throw refusal(
      'from',
      `must be ${earliest} or later: ${venue} tells ${kind} of ${symbol} no further back; import what is older ${kind === 'trades' ? file : 'from a file'}`,
    );
  }
  const { funding, trades } = past;
  if (kind === 'funding') return async (start, end) => rowsOf(await funding?.page(start, end), ({ at, rate }) => [at, Number(rate)]);
  return async (start, end) =>
    rowsOf(await trades?.page(start, end), ({ at, price, size, side }) => [at, Number(price), Number(size), side === 'buy' ? 1 : -1]);
}

function rowsOf<Told>(page: PastPage<Told> | undefined, rowOf: (told: Told) => Row): PastPage<Row> {
  if (page === undefined) throw new Error('a kind of records that has no source');
  return { rows: page.rows.map(rowOf), until: page.until };
}

function columnsOf(kind: RecordKind, rows: readonly Row[]): Records {
  const column = (place: number): Float64Array => Float64Array.from(rows, (row) => row[place] ?? 0);
  const columns = kind === 'funding' ? { rate: column(1) } : { price: column(1), size: column(2), side: column(3) };
  return { length: rows.length, at: column(0), columns };
}

function refusal(field: string, message: string): AppError {
  return new AppError('validation_failed', `${field} ${message}`, [{ field, message }]);
}
