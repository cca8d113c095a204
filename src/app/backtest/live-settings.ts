/** The backtest of a bot's own run: the same settings and instrument over the time in which it traded, to be compared with what it did. */
import { AppError } from '#core/errors.ts';
import { Scale } from '#core/instrument.ts';
import { CANDLE_INTERVALS, type CandleInterval } from '#core/market-data.ts';
import { type DecimalString, decimal, plain } from '#core/money.ts';
import type { JournalEntry, RunRecord } from '#core/store/runs.ts';
import type { BacktestSettings } from './backtest-settings.ts';
import type { VenueModel } from './venue-model.ts';

export interface LiveSettingsInput {
  readonly run: RunRecord;
  /** Where its candles are to be had. */
  readonly exchange: string;
  readonly now: number;
  readonly venue: VenueModel;
  readonly maxCandles: number;
  /** The middle of the market at which it began; `null` where that is not known any more. */
  readonly beginPrice: DecimalString | null;
}

/** With the shortest candles that are not too many. Throws AppError `backtest_too_large` for a run that is too long for any, `validation_failed` for one too short. */
export function liveSettings({ run, exchange, now, venue, maxCandles, beginPrice }: LiveSettingsInput): BacktestSettings {
  const { recipe, startedAt, endedAt } = run;
  const span = (endedAt ?? now) - startedAt;
  const fitting = Object.entries(CANDLE_INTERVALS).find(([, lengthMs]) => span / lengthMs < maxCandles - 2) as [CandleInterval, number] | undefined;
  if (fitting === undefined) throw new AppError('backtest_too_large', 'The run is too long to be computed over the candles of an exchange.');
  const [interval, lengthMs] = fitting;
  const from = Math.floor(startedAt / lengthMs) * lengthMs;
  const to = Math.floor((endedAt ?? now) / lengthMs) * lengthMs;
  if (to - from < 2 * lengthMs)
    throw new AppError('validation_failed', 'The run is shorter than two candles.', [{ field: 'id', message: 'has run for less than two minutes' }]);
  return {
    strategy: recipe.strategy,
    strategyVersion: recipe.strategyVersion,
    config: recipe.params,
    instrument: recipe.instrument,
    source: { kind: 'venue', exchange, interval, from, to },
    gaps: 'fill',
    venue: { feeAsset: recipe.feeAsset, ...venue },
    lots: 'fifo',
    ...(recipe.rules == null ? {} : { rules: recipe.rules }),
    against: { botId: run.botId, runId: run.id, ...(beginPrice === null ? {} : { beginPrice }) },
  };
}

/** Where the market stood when a run began, by the first entries of its tape. */
export function beginPriceOf({ recipe }: Pick<RunRecord, 'recipe'>, tape: readonly JournalEntry[]): DecimalString | null {
  const first = tape.find(({ event }) => event.type === 'quoteChanged')?.event;
  if (first?.type !== 'quoteChanged') return null;
  const scale = new Scale(recipe.instrument);
  return plain(decimal(scale.price(first.bidTicks)).plus(scale.price(first.askTicks)).div(2));
}
