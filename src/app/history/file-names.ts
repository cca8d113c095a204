/** What the name of a file says of the candles in it, by freqtrade's manner: `BTC_USDT-5m.feather`, `BTC_USDT_USDT-5m-futures.feather`. */
import { AppError } from '#core/errors.ts';
import { HISTORY_INTERVALS, type HistoryInterval } from '#core/history.ts';

export const FORMATS = ['csv', 'json', 'feather', 'parquet'] as const;
export type CandleFormat = (typeof FORMATS)[number];

export interface NamedCandles {
  readonly symbol?: string;
  readonly interval?: HistoryInterval;
  readonly format?: CandleFormat;
  readonly isGzip: boolean;
}

const KINDS: Readonly<Record<string, string>> = { mark: 'mark prices', funding_rate: 'funding rates', index: 'index prices', premiumIndex: 'premiums' };

/** What can be told from a name without its directory. Throws AppError `candles_invalid` for a file of something else than trades. */
export function namedCandles(name: string): NamedCandles {
  const isGzip = name.endsWith('.gz');
  const bare = isGzip ? name.slice(0, -'.gz'.length) : name;
  const format = FORMATS.find((each) => bare.toLowerCase().endsWith(`.${each}`));
  const match = /^([^_/]+)_([^_/]+?)(?:_([^_/]+?))?-(\d{1,2}[mhd])(?:-([A-Za-z_]+))?\.[a-z]+$/.exec(bare);
  const [, base, quote, settle, interval, kind] = match ?? [];
  if (kind !== undefined && kind !== 'futures' && kind !== 'spot')
    throw new AppError('candles_invalid', `${name} holds ${KINDS[kind] ?? kind}, not candles of trades; import the file without "-${kind}" in its name`);
  return {
    isGzip,
    ...(format === undefined ? {} : { format }),
    ...(base === undefined || quote === undefined ? {} : { symbol: `${base}/${quote}${settle === undefined ? '' : `:${settle}`}` }),
    ...(isInterval(interval) ? { interval } : {}),
  };
}

/** The name that freqtrade looks for; that of a perpetual lies in its directory `futures`. */
export function fileNameOf(symbol: string, interval: HistoryInterval, format: CandleFormat): string {
  const pair = symbol.replaceAll(/[/:\s.@$+]/g, '_');
  return symbol.includes(':') ? `futures/${pair}-${interval}-futures.${format}` : `${pair}-${interval}.${format}`;
}

function isInterval(text: string | undefined): text is HistoryInterval {
  return text !== undefined && Object.hasOwn(HISTORY_INTERVALS, text);
}
