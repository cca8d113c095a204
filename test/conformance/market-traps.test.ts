/**
 * What venues and the library do with public data differently from what one would think, shown at the protocol, and
 * that the adapters are not caught by it.
 */
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { bybitMarket } from '#adapters/venues/_bybit-market.ts';
import { SPOT } from '#adapters/venues/_okx-kind.ts';
import { okxMarket } from '#adapters/venues/_okx-market.ts';
import { binance } from '#adapters/venues/binance.ts';
import { bitget } from '#adapters/venues/bitget.ts';
import { bybit } from '#adapters/venues/bybit.ts';
import { CANDLE_INTERVALS, type PublicTrade } from '#core/market-data.ts';
import { until } from '#test/support/until.ts';
import { startBinance } from '#test/venues/binance.ts';
import { startBitget } from '#test/venues/bitget.ts';
import { startBybit } from '#test/venues/bybit.ts';
import { mexcRig } from './mexc-rig.ts';
import { startOkxRig } from './okx-rig.ts';
import { type RigManners, simulatedRig } from './simulated-rig.ts';
import { SYMBOL, type VenueRig } from './venue-rig.ts';

const DAY = CANDLE_INTERVALS['1d'];
/** No order is refused here. */
const NO_MANNERS = { codes: {} } as RigManners;

const RIGS = {
  binance: () => simulatedRig(binance, startBinance, NO_MANNERS),
  bybit: () => simulatedRig(bybit, startBybit, NO_MANNERS),
  bitget: () => simulatedRig(bitget, startBitget, NO_MANNERS),
  okx: startOkxRig,
  mexc: mexcRig,
} as const;

async function rigOf(venue: keyof typeof RIGS): Promise<VenueRig> {
  const rig = await RIGS[venue]();
  onTestFinished(() => rig.close());
  return rig;
}

async function raw(rig: VenueRig, path: string): Promise<unknown> {
  return (await fetch(`${rig.simulator.url}${path}`)).json();
}

/** Frames of a public stream as the venue sends them, after these requests. */
async function frames(rig: VenueRig, path: string, ...requests: readonly unknown[]): Promise<readonly string[]> {
  const socket = new WebSocket(`${rig.simulator.url.replace(/^http/, 'ws')}${path}`);
  onTestFinished(() => socket.terminate());
  const heard: string[] = [];
  socket.on('message', (data: Buffer) => heard.push(data.toString()));
  await new Promise((resolve) => socket.once('open', resolve));
  for (const request of requests) socket.send(JSON.stringify(request));
  await until(() => heard.length >= requests.length, 'the venue answers');
  return heard;
}

describe('candles', () => {
  it.each([
    ['bybit', '/v5/market/kline?category=spot&symbol=BTCUSDT&interval=1&limit=3'],
    ['okx', '/api/v5/market/candles?instId=BTC-USDT&bar=1m&limit=3'],
  ] as const)('of %s come newest first, and are told oldest first', async (venue, path) => {
    const rig = await rigOf(venue);
    const answer = (await raw(rig, path)) as { readonly result?: { readonly list: string[][] }; readonly data?: string[][] };
    const times = (answer.result?.list ?? answer.data ?? []).map(([at]) => Number(at));
    expect(times).toHaveLength(3);
    expect(times).toEqual([...times].sort((one, other) => other - one));
    const told = (await rig.venue.market.candles(SYMBOL, '1m', (times.at(-1) ?? 0) - 60_000, rig.clock.now())).map(({ startAt }) => startAt);
    expect(told.length).toBeGreaterThan(2);
    expect(told).toEqual([...told].sort((one, other) => one - other));
  });

  it.each([
    ['okx', '/api/v5/market/candles?instId=BTC-USDT&bar=1D&limit=1'],
    ['bitget', '/api/v2/spot/market/candles?symbol=BTCUSDT&granularity=1day&limit=1'],
  ] as const)('of a day begin in Hong Kong at %s, and are told from midnight UTC', async (venue, path) => {
    const rig = await rigOf(venue);
    const { data } = (await raw(rig, path)) as { readonly data: string[][] };
    expect(Number(data[0]?.[0]) % DAY).toBe(DAY - 8 * 3_600_000);
    const now = rig.clock.now();
    const midnight = Math.floor(now / DAY) * DAY;
    // A day whose minutes are known to the simulator only in part is a day all the same.
    rig.simulator.world.path(SYMBOL).candles.unshift({ openAt: midnight - DAY, open: 1, high: 1, low: 1, close: 1, lots: 1, trades: 1 });
    expect((await rig.venue.market.candles(SYMBOL, '1d', midnight - DAY, now)).map(({ startAt }) => startAt)).toEqual([midnight - DAY]);
  });

  it('of OKX are in a quick list for a day, and in a slow one with fewer at once before', async () => {
    const rig = await rigOf('okx');
    const now = rig.clock.now();
    await rig.venue.market.candles(SYMBOL, '1m', now - 2_000 * 60_000, now);
    const paths = rig.simulator.log.list('candles').map(({ path }) => path.split('/').at(-1));
    expect(paths.slice(0, 6)).toEqual(Array.from({ length: 6 }, () => 'history-candles'));
    expect(paths.slice(-4)).toEqual(Array.from({ length: 4 }, () => 'candles'));
  });

  it('of MEXC have an hour under a name of its own', async () => {
    const rig = await rigOf('mexc');
    expect(await raw(rig, '/api/v3/klines?symbol=BTCUSDT&interval=1h')).toMatchObject({ code: -1121 });
    expect(await rig.venue.market.candles(SYMBOL, '1h', rig.clock.now() - 7_200_000, rig.clock.now())).not.toEqual([]);
  });
});

describe('tickers', () => {
  it('of Bybit’s stream have neither bid nor ask: quotes come from the book, and tickers are asked for', async () => {
    const rig = await rigOf('bybit');
    const heard = await frames(rig, '/v5/public/spot', { op: 'subscribe', args: ['tickers.BTCUSDT'] });
    await until(() => heard.some((frame) => frame.includes('lastPrice')), 'the ticker is pushed');
    expect(heard.join()).not.toMatch(/bid1Price|ask1Price/);
    const quotes: string[] = [];
    onTestFinished(rig.venue.market.watchQuotes(SYMBOL, ({ bid, ask }) => quotes.push(`${bid} ${ask}`)));
    await until(() => quotes.includes('59999.99 60000.01'), 'the quote is pushed');
    expect((await rig.venue.market.tickers())[0]).toMatchObject({ bid: '59999.99', ask: '60000.01' });
  });

  it('of Binance’s stream have neither bid nor ask in their small form: quotes come from another', async () => {
    const rig = await rigOf('binance');
    const heard = await frames(rig, '/stream/ws/1', { id: 1, method: 'SUBSCRIBE', params: ['btcusdt@miniTicker'] });
    rig.simulator.world.setPrice(SYMBOL, '60100');
    await until(() => heard.some((frame) => frame.includes('24hrMiniTicker')), 'the small ticker is pushed');
    expect(Object.keys(JSON.parse(heard.find((frame) => frame.includes('24hrMiniTicker')) ?? '{}') as object)).not.toEqual(expect.arrayContaining(['b', 'a']));
    expect((await rig.venue.market.tickers())[0]).toMatchObject({ bid: '60099.99', ask: '60100.01' });
  });

  it('of OKX call the volume in the quote asset by another name than it is', async () => {
    const rig = await rigOf('okx');
    const { data } = (await raw(rig, '/api/v5/market/ticker?instId=BTC-USDT')) as { readonly data: readonly Record<string, string>[] };
    expect((await rig.venue.market.tickers())[0]?.quoteVolume).toBe(data[0]?.['volCcy24h']?.replace(/\.?0+$/, ''));
    expect(Number(data[0]?.['volCcy24h'])).toBeGreaterThan(Number(data[0]?.['vol24h']) * 1000);
  });
});

describe('streams', () => {
  it('of MEXC are protocol buffers that the library reads only with a package of its own; ours need none', async () => {
    const rig = await rigOf('mexc');
    const trades: PublicTrade[] = [];
    const bids: (string | undefined)[] = [];
    const quotes: string[] = [];
    const { market } = rig.venue;
    onTestFinished(market.watchQuotes(SYMBOL, ({ bid }) => quotes.push(bid)));
    onTestFinished(market.watchBook(SYMBOL, (book) => bids.push(book.bids[0]?.[0])));
    onTestFinished(market.watchTrades(SYMBOL, (trade) => trades.push(trade)));
    await until(() => rig.simulator.streams.subscriptionsOf('public') === 3 && bids.length > 0, 'all are subscribed to');
    rig.simulator.world.setPrice(SYMBOL, '60200');
    rig.simulator.truth.placeByHand({ symbol: SYMBOL, side: 'sell', size: '0.004' });
    await until(() => quotes.at(-1) === '60199.99', 'the library’s own watch of best prices never resolves; ours does');
    await until(() => bids.at(-1) === '60199.99', 'the book needs no 25 changes to begin');
    await until(() => trades.length === 1, 'the trade is pushed');
    expect(trades[0]).toMatchObject({ tradeId: null, side: 'sell', price: '60199.99', size: '0.004' });
  });

  it('of Bitget’s trades begin with those of the past, which are no news', async () => {
    const rig = await rigOf('bitget');
    const buy = (size: string): unknown => rig.simulator.truth.placeByHand({ symbol: SYMBOL, side: 'buy', size });
    buy('0.001');
    buy('0.002');
    const told: PublicTrade[] = [];
    onTestFinished(rig.venue.market.watchTrades(SYMBOL, (trade) => told.push(trade)));
    await until(() => rig.simulator.streams.subscriptionsOf('public') === 1, 'trades are subscribed to');
    buy('0.003');
    await until(() => told.length > 0, 'the trade is pushed');
    expect(told.map(({ size }) => size)).toEqual(['0.003']);
  });

  it('of Bybit may begin a book anew at any time, with whatever number', () => {
    const { bookStream } = bybitMarket((symbol) => symbol.replace('/', ''), 'spot');
    const frame = (type: string, u: number) => ({ topic: 'orderbook.50.BTCUSDT', type, ts: 1, data: { s: 'BTCUSDT', b: [['1', '2']], a: [], u, seq: 9 } });
    expect(bookStream.read(frame('delta', 4_711))).toMatchObject([{ key: 'BTCUSDT', news: { type: 'change', version: 4_711, after: 4_710 } }]);
    expect(bookStream.read(frame('snapshot', 1))).toMatchObject([{ key: 'BTCUSDT', news: { type: 'snapshot', version: 1 } }]);
  });

  it('of OKX’s books tell which change each follows, and say so too when nothing is new', () => {
    const { bookStream } = okxMarket(SPOT);
    const frame = (action: string, seqId: number, prevSeqId: number) => ({
      arg: { channel: 'books', instId: 'BTC-USDT' },
      action,
      data: [{ asks: [], bids: [['1', '2', '0', '1']], ts: '1', checksum: 0, seqId, prevSeqId }],
    });
    expect(bookStream.read(frame('snapshot', 123, -1))).toMatchObject([{ news: { type: 'snapshot', version: 123, bids: [['1', '2']] } }]);
    expect(bookStream.read(frame('update', 123, 123))).toMatchObject([{ news: { type: 'change', version: 123, after: 123, checksum: null } }]);
    expect(bookStream.read(frame('update', 3, 126))).toMatchObject([{ news: { type: 'change', version: 3, after: 126 } }]);
  });
});
