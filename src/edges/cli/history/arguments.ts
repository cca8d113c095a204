/** What is typed after `argosy data …`: exchanges, symbols, intervals and spans of time. */
import { isRecordKind, recordSeriesOf } from '#app/history/record-series.ts';
import { intervalOf, seriesOf, timeOf } from '#app/history/series.ts';
import { AppError } from '#core/errors.ts';
import type { Series, Span } from '#core/history.ts';
import type { RecordSeries } from '#core/record-history.ts';
import type { Operator } from '../operator.ts';

export type Args = readonly (string | readonly string[] | undefined)[];
export type Options = Readonly<Record<string, unknown>>;

/** Before any exchange there was. */
const EVER = Date.UTC(2010, 0);

export const INTERVAL = {
  flags: '-i, --interval <lengths>',
  help: { en: 'lengths of candles, such as 1m,1h; funding and trades too', ru: 'длины свечей, например 1m,1h; также funding и trades' },
} as const;
export const FROM = { flags: '--from <time>', help: { en: 'from then on, such as 2024-01-01', ru: 'начиная с, например 2024-01-01' } } as const;
export const TO = { flags: '--to <time>', help: { en: 'before then', ru: 'до этого времени' } } as const;
export const JSON_OUTPUT = { flags: '--json', help: { en: 'print JSON', ru: 'вывести JSON' } } as const;

/** An option that was given as text; `undefined` where it was not. */
export function textOf(options: Options, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
}

/** Parts between commas, of one argument or of many. */
export function partsOf(given: string | readonly string[] | undefined): readonly string[] {
  return [given ?? []].flat().flatMap((text) => text.split(',').filter((part) => part !== ''));
}

/** The span of `--from` and `--to`; everything where neither is given. Throws AppError `validation_failed`. */
export function spanOf(options: Options, now: number): Span {
  const [from, to] = [textOf(options, 'from'), textOf(options, 'to')];
  const span = { from: from === undefined ? EVER : timeOf('--from', from), to: to === undefined ? now : timeOf('--to', to) };
  if (span.from >= span.to) throw new AppError('validation_failed', '--from must be before --to', [{ field: '--from', message: 'must be before --to' }]);
  return span;
}

/** Candles of a length, or records. */
export type AnySeries = Series | RecordSeries;

export function isRecords(series: AnySeries): series is RecordSeries {
  return 'kind' in series;
}

/** Throws AppError `validation_failed`. */
export function anySeriesOf(venue: string, symbol: string, interval: string): AnySeries {
  return isRecordKind(interval) ? recordSeriesOf(venue, symbol, interval) : seriesOf(venue, symbol, interval);
}

/** Every symbol in every interval. Throws AppError `validation_failed`. */
export function everySeries(venue: string, symbols: readonly string[], intervals: readonly string[]): readonly AnySeries[] {
  return symbols.flatMap((symbol) => intervals.map((interval) => anySeriesOf(venue, symbol, interval)));
}

/** Those of the kept series that an exchange, symbols and intervals choose; all where none are named. Throws AppError `history_missing` when none is left. */
export async function chosenSeries({ history }: Operator, args: Args, options: Options): Promise<readonly AnySeries[]> {
  const [venue, symbols] = [args[0], partsOf(args[1])];
  const intervals = partsOf(textOf(options, 'interval')).map((text) => (isRecordKind(text) ? text : intervalOf(text)));
  const kept: readonly AnySeries[] = [...(await history.candles.names()), ...(await history.candles.records.names())];
  const chosen = kept.filter(
    (series) =>
      (venue === undefined || series.venue === venue) &&
      (symbols.length === 0 || symbols.includes(series.symbol)) &&
      (intervals.length === 0 || intervals.some((each) => each === lengthOf(series))),
  );
  if (chosen.length > 0 || (kept.length === 0 && venue === undefined)) return chosen;
  throw new AppError('history_missing', `There is no history of ${[venue, ...symbols, ...intervals].filter((part) => part !== undefined).join(' ')}.`);
}

/** What stands where the length of candles does. */
export function lengthOf(series: AnySeries): string {
  return isRecords(series) ? series.kind : series.interval;
}

export function nameOf(series: AnySeries): string {
  return `${series.venue} ${series.symbol} ${lengthOf(series)}`;
}
