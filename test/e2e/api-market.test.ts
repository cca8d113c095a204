/** Public data of an exchange through our own server. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestStore, type TestStore } from '#test/support/database.ts';
import { serverCandles } from '../../scripts/server-candles.ts';
import { type Api, type Caller, fieldsOf, openApi } from './_api.ts';

let database: TestStore;
let api: Api;
let user: Caller;

beforeAll(async () => {
  database = await createTestStore();
});
beforeEach(async () => {
  api = await openApi(database.store);
  user = await api.user();
});
afterAll(() => database.drop());

const BTC = 'exchange=binance&symbol=BTC/USDT';
const get = (path: string) => user.call('GET', `/market/${path}`);

/** When the candles of a page opened. */
function rowsOf(items: readonly object[]): readonly string[] {
  return (items as readonly { readonly start_at: string }[]).map(({ start_at: startAt }) => startAt.slice(11, 16));
}

describe('candles', () => {
  // The clock stands at 22:13:20.
  it('are the newest that have closed, oldest first, unless a span is named', async () => {
    const { body } = await get(`candles?${BTC}&interval=1m&limit=5`);
    expect(rowsOf(body.items)).toEqual(['22:08', '22:09', '22:10', '22:11', '22:12']);
    expect(body.items[0]).toMatchObject({ open: '1', high: '3', low: '0.5', close: '2' });
    expect(body.next_cursor).toBeNull();
  });

  it('of a span come page by page, each once, gaps left as gaps', async () => {
    const span = `candles?${BTC}&interval=5m&from=2023-11-14T10:00:00Z&to=2023-11-14T14:00:00Z&limit=20`;
    const told: string[] = [];
    let pages = 0;
    for (let cursor: string | null = ''; cursor !== null; pages += 1) {
      const { body } = await get(cursor === '' ? span : `${span}&cursor=${encodeURIComponent(cursor)}`);
      told.push(...rowsOf(body.items));
      cursor = body.next_cursor;
    }
    // Of 48 the exchange has every one but each seventh, the first of these at 10:05.
    expect([pages, told.length, told[0], told[1], told.at(-1)]).toEqual([3, 41, '10:00', '10:10', '13:55']);
    expect(told).toEqual([...new Set(told)].sort());
  });

  it('end at the present, wherever the span ends', async () => {
    const { body } = await get(`candles?${BTC}&interval=1h&from=2023-11-14T20:30:00Z&to=2024-01-01T00:00:00Z`);
    expect(rowsOf(body.items)).toEqual(['21:00']);
    expect(body.next_cursor).toBeNull();
    expect((await get(`candles?${BTC}&interval=1h&from=2024-01-01T00:00:00Z`)).body).toEqual({ items: [], next_cursor: null });
  });

  it('are refused for what makes no sense, by its field', async () => {
    expect(fieldsOf(await get(`candles?${BTC}&interval=7m`))).toEqual(['interval']);
    expect(fieldsOf(await get(`candles?${BTC}&interval=1m&limit=1001`))).toEqual(['limit']);
    expect(fieldsOf(await get(`candles?${BTC}&interval=1m&from=yesterday`))).toEqual(['from']);
    expect(fieldsOf(await get(`candles?${BTC}&interval=1m&from=2023-11-14T12:00:00Z&to=2023-11-14T11:00:00Z`))).toEqual(['from']);
    expect((await get('candles?exchange=binance&symbol=DOGE/USDT&interval=1m')).problem.code).toBe('symbol_unknown');
    expect((await get('candles?exchange=mtgox&symbol=BTC/USDT&interval=1m')).problem.code).toBe('exchange_unknown');
  });
});

describe('a backtest', () => {
  it('takes its candles through the server, over pages and exactly as a file would give them', async () => {
    const asked: string[] = [];
    const ask = async (path: string): Promise<unknown> => {
      asked.push(path);
      return (await user.call('GET', path)).body;
    };
    const wanted = { exchange: 'binance', symbol: 'BTC/USDT', interval: '1m', from: '2023-11-13T12:00:00Z', to: '2023-11-14T12:00:00Z' } as const;
    const candles = await serverCandles(ask, { ...wanted, gaps: 'skip' });
    // A day has 1,440 minutes, and each seventh is missing.
    expect([asked.length, candles.length + candles.missing, candles.missing]).toEqual([2, 1440, 206]);
    expect([candles.intervalMs, candles.startAt[0], candles.close[0]]).toEqual([60_000, Date.parse(wanted.from), '2']);
    await expect(serverCandles(ask, { ...wanted, gaps: 'refuse' })).rejects.toMatchObject({ code: 'candles_invalid' });
  });
});

describe('books, trades and tickers', () => {
  it('tell the best levels of the book, as many as are wanted', async () => {
    expect((await get(`book?${BTC}&depth=1`)).body).toEqual({
      symbol: 'BTC/USDT',
      exchange: 'binance',
      bids: [{ price: '60000', quantity: '0.5' }],
      asks: [{ price: '60000.01', quantity: '0.25' }],
      at: '2023-11-14T22:13:20.000Z',
      notice: null,
    });
    expect((await get(`book?${BTC}`)).body).toMatchObject({ bids: [{ price: '60000' }, { price: '59999.99' }] });
    expect((await get('book?exchange=paper&symbol=BTC/USDT')).body).toMatchObject({ notice: 'Demonstration market: <made up> prices.' });
    expect(fieldsOf(await get(`book?${BTC}&depth=101`))).toEqual(['depth']);
  });

  it('tell the newest trades, oldest first', async () => {
    expect((await get(`trades?${BTC}&limit=2`)).body).toEqual({
      items: [
        { id: '2', side: 'sell', price: '60000', quantity: '0.1', at: '2023-11-14T22:13:20.002Z' },
        { id: '3', side: 'buy', price: '60000', quantity: '0.1', at: '2023-11-14T22:13:20.003Z' },
      ],
      next_cursor: null,
    });
  });

  it('tell the last day of everything, or of what is traded for one coin, page by page', async () => {
    const first = (await get('tickers?exchange=binance&limit=1')).body;
    const at = '2023-11-14T22:13:20.000Z';
    expect(first.items).toEqual([{ symbol: 'BTC/USDT', last: '60000', bid: '60000', ask: '60000.01', quote_volume: '125000000', at }]);
    const second = (await get(`tickers?exchange=binance&limit=1&cursor=${encodeURIComponent(first.next_cursor ?? '')}`)).body;
    expect(second).toEqual({ items: [{ symbol: 'ETH/BTC', last: '0.05', bid: null, ask: '0.0501', quote_volume: '7', at }], next_cursor: null });
    expect((await get('tickers?exchange=binance&quote=BTC')).body.items).toMatchObject([{ symbol: 'ETH/BTC' }]);
  });
});

describe('the exchange behind it', () => {
  it('is asked once for what many want within a moment, and again after it', async () => {
    const asked = async (path: string): Promise<number> => {
      const before = api.binance.requests;
      await Promise.all([get(path), get(path), get(path)]);
      return api.binance.requests - before;
    };
    for (const path of [`book?${BTC}`, `trades?${BTC}`, `candles?${BTC}&interval=1m`]) {
      // The list of instruments is looked at each time; the venue keeps it by itself.
      expect([path, await asked(path), await asked(path)]).toEqual([path, 4, 3]);
      await api.clock.advance(5_000);
      expect(await asked(path)).toBe(4);
    }
    expect([await asked('tickers?exchange=binance'), await asked('tickers?exchange=binance&limit=1')]).toEqual([1, 0]);
  });

  it('that does not answer is told as such, and its failure is not kept', async () => {
    api.binance.isUp = false;
    const failed = await get('tickers?exchange=binance');
    expect([failed.status, failed.problem.code]).toEqual([503, 'venue_unavailable']);
    api.binance.isUp = true;
    expect((await get('tickers?exchange=binance')).status).toBe(200);
  });

  it('is shown to nobody who is not logged in', async () => {
    const answer = await api.server.inject({ method: 'GET', url: `/api/v1/market/book?${BTC}` });
    expect(answer.statusCode).toBe(401);
  });
});
