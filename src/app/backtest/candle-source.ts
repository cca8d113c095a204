/** The candles of a backtest: from an exchange page by page, or of a file that its user gave. */

import { AppError, PortError } from '#core/errors.ts';
import type { CandleHistory, Series, Span } from '#core/history.ts';
import { CANDLE_INTERVALS, type Candle, type CandleInterval } from '#core/market-data.ts';
import { parseParams } from '#core/params.ts';
import { missingOf } from '#core/spans.ts';
import type { BacktestStore } from '#core/store/backtests.ts';
import type { Strategy } from '#core/strategy.ts';
import type { Venue } from '#core/venue-ports.ts';
import type { BacktestSettings } from './backtest-settings.ts';
import type { BacktestTask, TaskCandles } from './backtest-task.ts';

/** Candles that are asked of an exchange at once: what one answer brings, so that a stop is heeded soon. */
const CANDLES_AT_ONCE = 1_000;
const HEADER = 'timestamp,open,high,low,close,volume';

/** Candles of one backtest that are asked of an exchange; a history on disk may hold more. */
export const MAX_VENUE_CANDLES = 200_000;
/** Beyond those, for warming up. */
const MAX_WARM_UP = 100_000;

export interface CandleSourceParts {
  readonly candleHistory: Pick<CandleHistory, 'coverage' | 'records'>;
  readonly venues: ReadonlyMap<string, Venue>;
  readonly store: { readonly backtests: Pick<BacktestStore, 'packedDataset'> };
}

/**
 * From the disk where they are in its history, else as a file has them. Throws AppError `candles_invalid` where there are none, and PortError where the exchange does not answer. `onPage` is
 * called between requests and may throw to stop.
 */
export async function candlesOf(
  userId: string,
  settings: BacktestSettings,
  strategy: Strategy,
  parts: CandleSourceParts,
  onPage: (share: number) => Promise<void>,
): Promise<Pick<BacktestTask, 'candles' | 'legCandles'>> {
  const { source, instrument, legs } = settings;
  if (source.kind === 'venue' && source.over === 'trades')
    return { candles: { trades: { venue: source.exchange, symbol: instrument.symbol, kind: 'trades' }, span: { from: source.from, to: source.to } } };
  const instruments = [instrument, ...(legs ?? []).map((leg) => leg.instrument)];
  const all: TaskCandles[] = [];
  for (const each of instruments) {
    const onPart = (share: number): Promise<void> => onPage((all.length + share) / instruments.length);
    const datasetId = source.kind === 'venue' ? null : each === instrument ? source.datasetId : source.legDatasetIds?.[each.symbol];
    const ofEach = { ...settings, instrument: each };
    all.push(datasetId === null ? await fromVenue(ofEach, warmUpMs(strategy, settings), parts, onPart) : await fromDataset(userId, datasetId, parts));
  }
  const [candles, ...legCandles] = all;
  if (candles === undefined) throw new Error('there is a first instrument');
  return { candles, ...(legs === undefined ? {} : { legCandles }) };
}

/** With the settlements that the history has, where such are wanted. Throws PortError where the disk refuses. */
export async function withFunding(settings: BacktestSettings, { candleHistory }: Pick<CandleSourceParts, 'candleHistory'>): Promise<BacktestSettings> {
  if (settings.fundingHistory !== true) return settings;
  const { source, instrument } = settings;
  const span = source.kind === 'venue' ? { from: source.from, to: source.to } : { from: 0, to: Number.MAX_SAFE_INTEGER };
  const { at, columns } = await candleHistory.records.read({ venue: source.exchange, symbol: instrument.symbol, kind: 'funding' }, span);
  const history = Array.from(at, (moment, index) => ({ at: moment, rate: columns['rate']?.[index] ?? 0 }));
  return { ...settings, venue: { ...settings.venue, funding: { history } } };
}

async function fromDataset(userId: string, id: string | undefined, { store }: CandleSourceParts): Promise<TaskCandles> {
  const packed = id === undefined ? null : await store.backtests.packedDataset(userId, id);
  if (packed === null) throw new AppError('candles_invalid', 'the file of candles is not there any more; upload it again');
  return { packed };
}

async function fromVenue(
  { source, instrument }: BacktestSettings,
  warmUp: number,
  { venues, candleHistory }: CandleSourceParts,
  onPage: (share: number) => Promise<void>,
): Promise<TaskCandles> {
  if (source.kind !== 'venue') throw new Error('not of an exchange');
  const venue = venues.get(source.exchange);
  if (venue === undefined) throw new AppError('exchange_unknown', `There is no exchange "${source.exchange}".`);
  const lengthMs = CANDLE_INTERVALS[source.interval];
  const from = source.from - Math.ceil(warmUp / lengthMs) * lengthMs;
  const series = { venue: source.exchange, symbol: instrument.symbol, interval: source.interval };
  const span = { from, to: source.to };
  if (await isStored(candleHistory, series, span)) return { series, span };
  // What the disk lacks the exchange is asked for, as far as it is not too much.
  if ((source.to - from) / lengthMs > MAX_VENUE_CANDLES + MAX_WARM_UP)
    throw new AppError(
      'history_missing',
      `${instrument.symbol} is not in the history on this disk from its warm-up on, and is too much to be asked of ${venue.title} now.`,
    );
  const lines = [HEADER];
  for (let at = from; at < source.to; at += CANDLES_AT_ONCE * lengthMs) {
    await onPage((at - from) / (source.to - from));
    const page = await venue.market.candles(instrument.symbol, source.interval, at, Math.min(source.to, at + CANDLES_AT_ONCE * lengthMs));
    for (const candle of page) lines.push(lineOf(candle));
  }
  if (lines.length === 1)
    throw new AppError('candles_invalid', `${venue.title} has no candles of ${instrument.symbol} in the span; choose one in which it was traded`);
  return { csv: lines.join('\n') };
}

/** Whether a span was downloaded wholly; a history that cannot be read is none. */
export async function isStored(history: Pick<CandleHistory, 'coverage'>, series: Series, span: Span): Promise<boolean> {
  try {
    const { covered, candles } = await history.coverage(series, span);
    return candles > 0 && missingOf(span, covered).length === 0;
  } catch (error) {
    if (error instanceof PortError || error instanceof AppError) return false;
    throw error;
  }
}

function lineOf({ startAt, open, high, low, close, volume }: Candle): string {
  return `${startAt},${open},${high},${low},${close},${volume}`;
}

/** How far back the strategy wants to look before it begins. */
function warmUpMs(strategy: Strategy, { config, source }: BacktestSettings): number {
  const parsed = parseParams(strategy.params, config);
  if (!strategy.wants.bars || !parsed.ok || source.kind !== 'venue') return 0;
  const own = CANDLE_INTERVALS[source.interval as CandleInterval];
  // One more, as the first may begin in the middle of a longer bar.
  return Math.max(0, ...(strategy.bars?.(parsed.value) ?? []).map(({ intervalMs, warmUp }) => Math.max(own, intervalMs) * (warmUp + 1)));
}
