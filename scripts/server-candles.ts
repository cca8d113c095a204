/** Candles of an exchange for a backtest, taken through a running server page by page and read as a file of candles would be. */
import { type Candles, parseCandles } from '#app/market/candles.ts';
import type { CandleInterval } from '#core/market-data.ts';

export interface WantedCandles {
  readonly exchange: string;
  readonly symbol: string;
  readonly interval: CandleInterval;
  /** ISO 8601. */
  readonly from: string;
  /** ISO 8601; until now without it. */
  readonly to?: string | undefined;
  readonly gaps: 'refuse' | 'fill' | 'skip';
}

/** One page as the server answers. */
interface Page {
  readonly items: readonly Readonly<Record<'start_at' | 'open' | 'high' | 'low' | 'close' | 'volume', string>>[];
  readonly next_cursor: string | null;
}

const PAGE = '1000';

/** Asks `get` for paths under `/api/v1`, as often as there are pages. Throws AppError `candles_invalid` as a file would. */
export async function serverCandles(get: (path: string) => Promise<unknown>, wanted: WantedCandles): Promise<Candles> {
  const lines = ['timestamp,open,high,low,close,volume'];
  let cursor: string | null = null;
  do {
    const { exchange, symbol, interval, from, to } = wanted;
    const query = new URLSearchParams({
      exchange,
      symbol,
      interval,
      from,
      limit: PAGE,
      ...(to === undefined ? {} : { to }),
      ...(cursor === null ? {} : { cursor }),
    });
    const page = (await get(`/market/candles?${query}`)) as Page;
    for (const { start_at: startAt, open, high, low, close, volume } of page.items) lines.push([startAt, open, high, low, close, volume].join());
    cursor = page.next_cursor;
  } while (cursor !== null);
  return parseCandles(lines.join('\n'), { gaps: wanted.gaps });
}

/** Asks a server with an access token; what it refuses is thrown with its own words. */
export function asker(server: string, token: string): (path: string) => Promise<unknown> {
  return async (path) => {
    const answer = await fetch(`${server.replace(/\/+$/, '')}/api/v1${path}`, { headers: { authorization: `Bearer ${token}` } });
    const body = (await answer.json()) as { readonly detail?: string };
    if (!answer.ok) throw Object.assign(new Error(body.detail ?? `the server answered ${answer.status}`), { code: answer.status });
    return body;
  };
}
