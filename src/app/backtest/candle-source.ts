/** The candles of a backtest: from an exchange page by page, or of a file that its user gave. */
import type { BacktestStore } from '#core/backtest-store.ts';
import { AppError } from '#core/errors.ts';
import { CANDLE_INTERVALS, type Candle, type CandleInterval } from '#core/market-data.ts';
import { parseParams } from '#core/params.ts';
import type { Venue } from '#core/ports.ts';
import type { Strategy } from '#core/strategy.ts';
import type { BacktestSettings } from './backtest-settings.ts';

/** Candles that are asked of an exchange at once: what one answer brings, so that a stop is heeded soon. */
const CANDLES_AT_ONCE = 1_000;
const HEADER = 'timestamp,open,high,low,close,volume';

export interface CandleSourceParts {
  readonly venues: ReadonlyMap<string, Venue>;
  readonly store: { readonly backtests: Pick<BacktestStore, 'dataset'> };
}

/**
 * As a file has them. Throws AppError `candles_invalid` where there are none, and PortError where the exchange does not answer. `onPage` is
 * called between requests and may throw to stop.
 */
export async function candleText(
  userId: string,
  settings: BacktestSettings,
  strategy: Strategy,
  parts: CandleSourceParts,
  onPage: (share: number) => Promise<void>,
): Promise<string> {
  if (settings.source.kind === 'venue') return fromVenue(settings, warmUpMs(strategy, settings), parts, onPage);
  const dataset = await parts.store.backtests.dataset(userId, settings.source.datasetId);
  if (dataset === null) throw new AppError('candles_invalid', 'the file of candles is not there any more; upload it again');
  return dataset.content;
}

async function fromVenue(
  { source, instrument }: BacktestSettings,
  warmUp: number,
  { venues }: CandleSourceParts,
  onPage: (share: number) => Promise<void>,
): Promise<string> {
  if (source.kind !== 'venue') throw new Error('not of an exchange');
  const venue = venues.get(source.exchange);
  if (venue === undefined) throw new AppError('exchange_unknown', `There is no exchange "${source.exchange}".`);
  const lengthMs = CANDLE_INTERVALS[source.interval];
  const from = source.from - Math.ceil(warmUp / lengthMs) * lengthMs;
  const lines = [HEADER];
  for (let at = from; at < source.to; at += CANDLES_AT_ONCE * lengthMs) {
    await onPage((at - from) / (source.to - from));
    const page = await venue.market.candles(instrument.symbol, source.interval, at, Math.min(source.to, at + CANDLES_AT_ONCE * lengthMs));
    for (const candle of page) lines.push(lineOf(candle));
  }
  if (lines.length === 1)
    throw new AppError('candles_invalid', `${venue.title} has no candles of ${instrument.symbol} in the span; choose one in which it was traded`);
  return lines.join('\n');
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
