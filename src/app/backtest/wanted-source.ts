/** Where a backtest that is asked for takes its history from: checked as far as that can be before it is read. */

import { AppError } from '#core/errors.ts';
import type { CandleHistory } from '#core/history.ts';
import { CANDLE_INTERVALS } from '#core/market-data.ts';
import type { Issue } from '#core/params.ts';
import type { Clock } from '#core/ports.ts';
import { missingOf } from '#core/spans.ts';
import type { BacktestStore, DatasetRecord } from '#core/store/backtests.ts';
import type { BacktestSettings } from './backtest-settings.ts';
import { isStored, MAX_VENUE_CANDLES } from './candle-source.ts';
import type { NewBacktest } from './new-backtest.ts';

/** Candles of one backtest from a file or the history on disk. */
export const MAX_DATASET_CANDLES = 2_000_000;

export interface SourceParts {
  readonly store: { readonly backtests: Pick<BacktestStore, 'dataset'> };
  readonly clock: Clock;
  readonly candleHistory: Pick<CandleHistory, 'coverage' | 'records'>;
}

/** `others` are the symbols beside the first, of which the same is taken. Throws AppError `validation_failed` and `backtest_too_large`. */
export async function wantedSource(userId: string, wanted: NewBacktest, others: readonly string[], parts: SourceParts): Promise<BacktestSettings['source']> {
  const source = await spanOrFiles(userId, wanted, others, parts);
  await assertRecords(wanted, source, parts);
  return source;
}

/** Throws AppError `validation_failed` for records of the history that do not go with the rest. */
export function checkRecords(
  { datasetId, fromTrades, fundingHistory, venue }: NewBacktest,
  { isPerpetual, isAlone, isOwn }: { readonly isPerpetual: boolean; readonly isAlone: boolean; readonly isOwn: boolean },
): void {
  const issues: Issue[] = [];
  if (fromTrades === true && datasetId !== undefined) issues.push({ field: 'from_trades', message: 'goes with interval, from and to, not with dataset_id' });
  if (fromTrades === true && (!isAlone || isOwn)) issues.push({ field: 'from_trades', message: 'goes with strategies of the product on one instrument' });
  if (fundingHistory === true && !isPerpetual) issues.push({ field: 'models.funding_history', message: 'goes with a perpetual, such as BTC/USDT:USDT' });
  if (fundingHistory === true && !isAlone) issues.push({ field: 'models.funding_history', message: 'goes with one instrument; give funding_rate' });
  if (fundingHistory === true && venue.funding !== undefined)
    issues.push({ field: 'models.funding_rate', message: 'contradicts funding_history; leave one out' });
  if (issues.length > 0) throw refusal(issues);
}

async function spanOrFiles(userId: string, wanted: NewBacktest, others: readonly string[], parts: SourceParts): Promise<BacktestSettings['source']> {
  if (wanted.datasetId !== undefined) return files(userId, { ...wanted, datasetId: wanted.datasetId }, others, parts);
  const { clock, candleHistory } = parts;
  const { exchange, symbol, interval, from, to, legDatasetIds } = wanted;
  if (legDatasetIds !== undefined) throw refusal([{ field: 'leg_datasets', message: 'goes with dataset_id; leave it out to take candles from the exchange' }]);
  if (interval === undefined) throw refusal([{ field: 'interval', message: 'is required, or else dataset_id' }]);
  if (from === undefined) throw refusal([{ field: 'from', message: 'is required, or else dataset_id' }]);
  const lengthMs = CANDLE_INTERVALS[interval];
  // Nothing that opened in the present candle's time has closed.
  const present = Math.floor(clock.now() / lengthMs) * lengthMs;
  const until = Math.min(present, to ?? present);
  if (from + 2 * lengthMs > until) throw refusal([{ field: 'from', message: 'must lie two candles or more before to, and in the past' }]);
  const symbols = [symbol, ...others];
  const candles = Math.ceil((until - from) / lengthMs) * symbols.length;
  const source = {
    kind: 'venue',
    exchange,
    interval,
    from: Math.floor(from / lengthMs) * lengthMs,
    to: until,
    ...(wanted.fromTrades === true ? { over: 'trades' as const } : {}),
  } as const;
  if (source.over === 'trades') return source;
  const span = others.length === 0 ? 'The span has' : `The spans of ${symbols.length} instruments have`;
  if (candles > MAX_DATASET_CANDLES)
    throw new AppError('backtest_too_large', `${span} ${candles} candles of ${interval}; ${MAX_DATASET_CANDLES} is the limit.`);
  if (candles <= MAX_VENUE_CANDLES) return source;
  for (const each of symbols)
    if (!(await isStored(candleHistory, { venue: exchange, symbol: each, interval }, source)))
      throw new AppError(
        'backtest_too_large',
        `${span} ${candles} candles of ${interval}; ${MAX_VENUE_CANDLES} are taken from an exchange at most. Download them first: POST /market/history/downloads.`,
      );
  return source;
}

/** What is to be taken from the history must be there. */
async function assertRecords(
  { symbol, fromTrades, fundingHistory }: NewBacktest,
  source: BacktestSettings['source'],
  { candleHistory: { records }, clock }: SourceParts,
): Promise<void> {
  for (const [kind, isWanted, field] of [
    ['trades', fromTrades, 'from_trades'],
    ['funding', fundingHistory, 'models.funding_history'],
  ] as const) {
    if (isWanted !== true) continue;
    const series = { venue: source.exchange, symbol, kind };
    const span = source.kind === 'venue' ? source : { from: 0, to: clock.now() };
    const covered = await records.covered(series, span);
    const isThere = source.kind === 'venue' ? missingOf({ from: source.from, to: source.to }, covered).length === 0 : covered.length > 0;
    if (!isThere)
      throw refusal([
        {
          field,
          message: `wants ${kind} of ${symbol} that are not in the history; download or import them first: argosy data download ${source.exchange} ${symbol} -i ${kind}`,
        },
      ]);
  }
}

async function files(
  userId: string,
  wanted: NewBacktest & { readonly datasetId: string },
  others: readonly string[],
  parts: SourceParts,
): Promise<BacktestSettings['source']> {
  const { exchange, interval, from, to, datasetId, legDatasetIds = {} } = wanted;
  if (interval !== undefined || from !== undefined || to !== undefined)
    throw refusal([{ field: 'dataset_id', message: 'takes all candles of the file; leave out interval, from and to' }]);
  const first = await fileOf(userId, 'dataset_id', datasetId, parts);
  const foreign = Object.keys(legDatasetIds).find((symbol) => !others.includes(symbol));
  if (foreign !== undefined) throw refusal([{ field: `leg_datasets.${foreign}`, message: 'is not an instrument that the strategy trades beside the first' }]);
  let candles = first.candles;
  for (const symbol of others) {
    const id = legDatasetIds[symbol];
    if (id === undefined) throw refusal([{ field: 'leg_datasets', message: `must have a file of candles of ${symbol}, which the strategy trades too` }]);
    const { intervalMs, candles: more } = await fileOf(userId, `leg_datasets.${symbol}`, id, parts);
    if (intervalMs !== first.intervalMs) throw refusal([{ field: `leg_datasets.${symbol}`, message: 'must hold candles as long as those of dataset_id' }]);
    candles += more;
  }
  if (candles > MAX_DATASET_CANDLES)
    throw new AppError('backtest_too_large', `The files hold ${candles} candles together; ${MAX_DATASET_CANDLES} is the limit.`);
  return { kind: 'dataset', exchange, datasetId, ...(others.length === 0 ? {} : { legDatasetIds }) };
}

async function fileOf(userId: string, field: string, id: string, { store }: SourceParts): Promise<DatasetRecord> {
  const found = await store.backtests.dataset(userId, id);
  if (found === null) throw refusal([{ field, message: 'is not one of your files of candles' }]);
  return found;
}

function refusal(issues: readonly Issue[]): AppError {
  return new AppError('validation_failed', issues.map(({ field, message }) => `${field} ${message}`).join('; '), issues);
}
