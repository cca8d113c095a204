/** The candles of a backtest, from an exchange or from a file that its user gave, made ready with all that is to be known of them. */
import type { BacktestStore } from '#core/backtest-store.ts';
import { type Bars, firstBarAt } from '#core/bars.ts';
import { AppError } from '#core/errors.ts';
import { CANDLE_INTERVALS, type Candle, type CandleInterval } from '#core/market-data.ts';
import { parseParams, type Text } from '#core/params.ts';
import type { Venue } from '#core/ports.ts';
import type { Strategy } from '#core/strategy.ts';
import { toBars } from '../candle-bars.ts';
import { type Candles, parseCandles } from '../candles.ts';
import type { BacktestSettings } from './backtest-settings.ts';
import { candleWarnings } from './candle-warnings.ts';

/** Candles that are asked of an exchange at once: what one answer brings, so that a stop is heeded soon. */
const CANDLES_AT_ONCE = 1_000;
const HEADER = 'timestamp,open,high,low,close,volume';

export interface ReadyCandles {
  readonly bars: Bars;
  readonly history: Bars | null;
  readonly warnings: readonly Text[];
}

export interface CandleSourceParts {
  readonly venues: ReadonlyMap<string, Venue>;
  readonly store: { readonly backtests: Pick<BacktestStore, 'dataset'> };
}

/**
 * Throws AppError `candles_invalid` for candles that cannot be used or are not there, and PortError where the exchange does not answer.
 * `onPage` is called between requests and may throw to stop.
 */
export async function readCandles(
  userId: string,
  settings: BacktestSettings,
  strategy: Strategy,
  parts: CandleSourceParts,
  onPage: (share: number) => Promise<void>,
): Promise<ReadyCandles> {
  const { source, instrument } = settings;
  const isVenue = source.kind === 'venue';
  const candles = isVenue
    ? await fromVenue(settings, warmUpMs(strategy, settings), parts, onPage)
    : await fromDataset(userId, source.datasetId, settings, parts);
  const { bars, roundedPrices } = toBars(candles, instrument);
  const begin = isVenue ? firstBarAt(bars, source.from) : 0;
  if (begin >= bars.length) throw new AppError('candles_invalid', 'there are no candles in the span; choose one in which the pair was traded');
  const warnings = candleWarnings({ bars, begin, missing: candles.missing, gaps: settings.gaps, roundedPrices, until: isVenue ? source.to : null });
  return { bars: slice(bars, begin, bars.length), history: begin === 0 ? null : slice(bars, 0, begin), warnings };
}

async function fromVenue(
  { source, gaps, instrument }: BacktestSettings,
  warmUp: number,
  { venues }: CandleSourceParts,
  onPage: (share: number) => Promise<void>,
): Promise<Candles> {
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
  return parseCandles(lines.join('\n'), { gaps });
}

async function fromDataset(userId: string, id: string, { gaps }: BacktestSettings, { store }: CandleSourceParts): Promise<Candles> {
  const dataset = await store.backtests.dataset(userId, id);
  if (dataset === null) throw new AppError('candles_invalid', 'the file of candles is not there any more; upload it again');
  return parseCandles(dataset.content, { gaps });
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

function slice(bars: Bars, from: number, to: number): Bars {
  return {
    length: to - from,
    intervalMs: bars.intervalMs,
    startAt: bars.startAt.slice(from, to),
    openTicks: bars.openTicks.slice(from, to),
    highTicks: bars.highTicks.slice(from, to),
    lowTicks: bars.lowTicks.slice(from, to),
    closeTicks: bars.closeTicks.slice(from, to),
    volumeLots: bars.volumeLots.slice(from, to),
  };
}
