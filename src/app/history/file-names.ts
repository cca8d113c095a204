/** What the name of a file says of the candles in it, by freqtrade's manner: `BTC_USDT-5m.feather`, `BTC_USDT_USDT-5m-futures.feather`. */
import { AppError } from '#core/errors.ts';
import { HISTORY_INTERVALS, type HistoryInterval } from '#core/history.ts';
import type { RecordKind } from '#core/record-history.ts';

export const FORMATS = ['csv', 'json', 'feather', 'parquet'] as const;
export type CandleFormat = (typeof FORMATS)[number];

export interface NamedCandles {
  readonly symbol?: string;
  readonly interval?: HistoryInterval;
  /** What is in it instead of candles. */
  readonly records?: RecordKind;
  readonly format?: CandleFormat;
  readonly isGzip: boolean;
}

const KINDS: Readonly<Record<string, string>> = { mark: 'mark prices', index: 'index prices', premiumIndex: 'premiums' };
/** How freqtrade names files of records. */
const RECORDS: Readonly<Record<string, RecordKind>> = { funding_rate: 'funding', trades: 'trades' };

/** What can be told from a name without its directory. Throws AppError `candles_invalid` for a file of something else than trades. */
export function namedCandles(name: string): NamedCandles {
  const isGzip = name.endsWith('.gz');
  const bare = isGzip ? name.slice(0, -'.gz'.length) : name;
  const format = FORMATS.find((each) => bare.toLowerCase().endsWith(`.${each}`));
  const match = /^([^_/]+)_([^_/]+?)(?:_([^_/]+?))?(?:-(\d{1,2}[mhd]))?(?:-([A-Za-z_]+))?\.[a-z]+$/.exec(bare);
  const [, base, quote, settle, interval, kind] = match ?? [];
  const records = kind === undefined ? undefined : RECORDS[kind];
  if (kind !== undefined && records === undefined && kind !== 'futures' && kind !== 'spot')
    throw new AppError('candles_invalid', `${name} holds ${KINDS[kind] ?? kind}, not candles of trades; import the file without "-${kind}" in its name`);
  return {
    isGzip,
    ...(format === undefined ? {} : { format }),
    ...(base === undefined || quote === undefined ? {} : { symbol: `${base}/${quote}${settle === undefined ? '' : `:${settle}`}` }),
    ...(records === undefined ? {} : { records }),
    ...(records === undefined && isInterval(interval) ? { interval } : {}),
  };
}

/** The name that freqtrade looks for; that of a perpetual lies in its directory `futures`. */
export function fileNameOf(symbol: string, interval: HistoryInterval, format: CandleFormat): string {
  const pair = symbol.replaceAll(/[/:\s.@$+]/g, '_');
  return symbol.includes(':') ? `futures/${pair}-${interval}-futures.${format}` : `${pair}-${interval}.${format}`;
}

/** The name of a file of records; that of freqtrade where it has one. */
export function recordFileNameOf(symbol: string, kind: RecordKind, format: CandleFormat): string {
  const name = `${symbol.replaceAll(/[/:\s.@$+]/g, '_')}-${kind === 'funding' ? '8h-funding_rate' : kind}.${format}`;
  return symbol.includes(':') ? `futures/${name}` : name;
}

function isInterval(text: string | undefined): text is HistoryInterval {
  return text !== undefined && Object.hasOwn(HISTORY_INTERVALS, text);
}
