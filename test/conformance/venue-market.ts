/** Cases M-01 to M-14: public data beyond best prices, asked for and pushed, and what broken streams do to it. */
import { expect, it, onTestFinished } from 'vitest';
import type { Book, Candle, PublicTrade } from '#core/market-data.ts';
import { until } from '#test/support/until.ts';
import { NOWHERE, ofMarket, type Stage, SYMBOL, symbolsOf, type VenueRig } from './venue-rig.ts';

const MINUTE_MS = 60_000;

export function marketDataCases(stage: Stage): void {
  askedCases(stage);
  candleCases(stage);
  pushedCases(stage);
}

function askedCases(stage: Stage): void {
  it('M-01 tells the book, best levels first, in plain exact decimals', async () => {
    const { bids, asks, symbol, at } = await stage.rig.venue.market.book(SYMBOL, 5);
    expect(symbol).toBe(SYMBOL);
    expect(bids.map(([price]) => price)).toEqual(['59999.99', '59999.98', '59999.97', '59999.96', '59999.95']);
    expect(asks.map(([price]) => price)).toEqual(['60000.01', '60000.02', '60000.03', '60000.04', '60000.05']);
    for (const [, size] of [...bids, ...asks]) expect(size).toBe('10');
    expect(Math.abs(at - stage.rig.clock.now())).toBeLessThan(5000);
  });

  it('M-02 tells the newest trades, oldest first, with the side of who traded at once', async () => {
    const { truth } = stage.rig.simulator;
    truth.placeByHand({ symbol: SYMBOL, side: 'buy', size: '0.001' });
    truth.placeByHand({ symbol: SYMBOL, side: 'sell', size: '0.002' });
    truth.placeByHand({ symbol: SYMBOL, side: 'buy', size: '0.003' });
    const trades = await stage.rig.venue.market.trades(SYMBOL, 2);
    expect(trades.map(({ symbol, side, price, size }) => [symbol, side, price, size])).toEqual([
      [SYMBOL, 'sell', '59999.99', '0.002'],
      [SYMBOL, 'buy', '60000.01', '0.003'],
    ]);
    const ids = trades.map(({ tradeId }) => tradeId);
    if (stage.rig.tradesLackIds === true) expect(ids).toEqual([null, null]);
    else expect(new Set(ids).size).toBe(2);
    for (const { at } of trades) expect(Math.abs(at - stage.rig.clock.now())).toBeLessThan(5000);
  });

  it('M-03 tells the last day of everything it trades at once, bid and ask included', async () => {
    const tickers = await stage.rig.venue.market.tickers();
    expect(
      ofMarket(
        stage.rig,
        tickers.map(({ symbol }) => symbol),
      ),
    ).toEqual(symbolsOf(stage.rig));
    const bitcoin = tickers.find(({ symbol }) => symbol === SYMBOL);
    const quote = stage.rig.tickersLackQuotes === true ? [null, null] : ['59999.99', '60000.01'];
    expect([bitcoin?.last, bitcoin?.bid, bitcoin?.ask]).toEqual(['60000', ...quote]);
    const { world } = stage.rig.simulator;
    const day = world.path(SYMBOL).day(world.now());
    expect(Number(bitcoin?.quoteVolume)).toBeCloseTo(Number(world.scale(SYMBOL).quote(day.lots * day.close)), 0);
  });

  it('M-04 knows for which symbols it has nothing to tell', async () => {
    const { market } = stage.rig.venue;
    const refusal = { name: 'PortError', code: 'symbol_unknown', outcome: 'failed' };
    await expect(market.book(NOWHERE, 5)).rejects.toMatchObject(refusal);
    await expect(market.trades(NOWHERE, 5)).rejects.toMatchObject(refusal);
    await expect(market.candles(NOWHERE, '1m', stage.rig.clock.now() - 600_000, stage.rig.clock.now())).rejects.toMatchObject(refusal);
  });
}

function candleCases(stage: Stage): void {
  it('M-05 tells closed candles only, oldest first, from the first moment to before the last', async () => {
    const open = minuteOf(stage.rig.clock.now());
    await stage.rig.move('60100');
    const asked = await stage.rig.venue.market.candles(SYMBOL, '1m', open - 10 * MINUTE_MS, stage.rig.clock.now() + MINUTE_MS);
    expect(asked.length).toBeGreaterThanOrEqual(9);
    expect(asked).toEqual(candlesOf(stage.rig, 1, open - 10 * MINUTE_MS, (asked.at(-1)?.startAt ?? 0) + 1));
    const middle = await stage.rig.venue.market.candles(SYMBOL, '1m', open - 8 * MINUTE_MS, open - 5 * MINUTE_MS);
    expect(middle.map(({ startAt }) => (open - startAt) / MINUTE_MS)).toEqual([8, 7, 6]);
  });

  it('M-06 tells long histories whole, over all their pages, and leaves gaps as gaps', async () => {
    const { candles } = stage.rig.simulator.world.path(SYMBOL);
    const [first] = candles;
    if (first === undefined) throw new Error('the simulator has no history');
    const before = first.openAt;
    const older = Array.from({ length: 2300 }, (_, index) => ({ ...first, openAt: before - (2300 - index) * MINUTE_MS, lots: index + 1 }));
    candles.unshift(...older.filter((_, index) => index < 700 || index >= 950));
    const told = await stage.rig.venue.market.candles(SYMBOL, '1m', before - 2300 * MINUTE_MS, before + 100 * MINUTE_MS);
    expect(told).toHaveLength(2300 - 250 + 100);
    expect(told).toEqual(candlesOf(stage.rig, 1, before - 2300 * MINUTE_MS, before + 100 * MINUTE_MS));
  });

  it.each([
    ['5m', 5],
    ['15m', 15],
    ['30m', 30],
    ['1h', 60],
    ['4h', 240],
    ['1d', 1440],
  ] as const)('M-07 tells candles of %s, days from midnight UTC on', async (interval, minutes) => {
    const now = stage.rig.clock.now();
    const told = await stage.rig.venue.market.candles(SYMBOL, interval, now - 86_400_000, now);
    const open = Math.floor(now / (minutes * MINUTE_MS)) * minutes * MINUTE_MS;
    expect(told).toEqual(candlesOf(stage.rig, minutes, now - 86_400_000, open));
  });

  it('M-08 pushes each candle once, as soon as it is over, the same as is told when asked', async () => {
    const told: Candle[] = [];
    const from = minuteOf(stage.rig.clock.now());
    onTestFinished(stage.rig.venue.market.watchCandles(SYMBOL, '1m', (candle) => told.push(candle)));
    await passTime(stage, 3 * MINUTE_MS);
    await until(() => told.length >= 2, 'two candles have been pushed');
    expectSequence(stage.rig, told, from);
    const first = [...told];
    stage.rig.clock.skip(2_000);
    expect(await stage.rig.venue.market.candles(SYMBOL, '1m', first[0]?.startAt ?? 0, (first.at(-1)?.startAt ?? 0) + 1)).toEqual(first);
  });
}

function pushedCases(stage: Stage): void {
  it('M-09 pushes trades once each, however many watch, over one subscription', async () => {
    const { market } = stage.rig.venue;
    const [one, other]: PublicTrade[][] = [[], []];
    const before = stage.rig.simulator.streams.subscriptions;
    const ends = [market.watchTrades(SYMBOL, (trade) => one?.push(trade)), market.watchTrades(SYMBOL, (trade) => other?.push(trade))];
    await until(() => stage.rig.simulator.streams.subscriptions === before + 1, 'trades are subscribed to');
    stage.rig.simulator.truth.placeByHand({ symbol: SYMBOL, side: 'buy', size: '0.001' });
    await until(() => one?.length === 1 && other?.length === 1, 'both hear of the trade');
    expect(one).toEqual(await market.trades(SYMBOL, 1));
    expect(other).toEqual(one);
    for (const end of ends) end();
    await until(() => stage.rig.simulator.streams.subscriptions === before, 'the subscription is ended');
  });

  it('M-10 pushes the book as it is after every change', async () => {
    const { last } = watchBook(stage);
    await until(() => last()?.bids[0]?.[0] === '59999.99', 'the book is pushed');
    expect(last()?.bids).toHaveLength(50);
    for (const price of ['60000.07', '60012', '59900.5', '59900.53']) {
      await stage.rig.move(price);
      await until(() => Number(last()?.bids[0]?.[0]) === Number(price) - 0.01, `the book around ${price} is pushed`);
    }
    expect(last()).toMatchObject(await bookNow(stage));
  });
}

/** What only streams of a network can do. */
export function marketFaultCases(stage: Stage): void {
  it('M-11 fetches the trades that a broken stream has missed', async () => {
    const told: PublicTrade[] = [];
    const { simulator, venue } = stage.rig;
    const buy = (size: string) => simulator.truth.placeByHand({ symbol: SYMBOL, side: 'buy', size });
    onTestFinished(venue.market.watchTrades(SYMBOL, (trade) => told.push(trade)));
    await until(() => isSubscribed(stage), 'trades are subscribed to');
    buy('0.001');
    await until(() => told.length === 1, 'the first trade is pushed');
    simulator.streams.drop('public');
    buy('0.002');
    await until(() => simulator.streams.count('public') > 0 && isSubscribed(stage), 'the stream is back');
    buy('0.003');
    const sizes = stage.rig.tradesLackIds === true ? ['0.001', '0.003'] : ['0.001', '0.002', '0.003'];
    await until(() => told.length === sizes.length, 'the missed trade is told');
    expect(told.map(({ size }) => size)).toEqual(sizes);
  });

  it('M-15 tells a trade once that the stream repeats', async () => {
    const told: PublicTrade[] = [];
    const { simulator, venue, tradesLackIds } = stage.rig;
    if (tradesLackIds === true) return;
    onTestFinished(venue.market.watchTrades(SYMBOL, (trade) => told.push(trade)));
    await until(() => isSubscribed(stage), 'trades are subscribed to');
    simulator.faults.add({ where: 'stream', kind: 'duplicate', operation: 'trade' });
    for (const size of ['0.001', '0.002']) simulator.truth.placeByHand({ symbol: SYMBOL, side: 'buy', size });
    await until(() => told.length >= 2 && told.at(-1)?.size === '0.002', 'both trades are told');
    expect(told.map(({ size }) => size)).toEqual(['0.001', '0.002']);
  });

  it('M-12 tells no book with something missing in it: after a gap it is built anew', async () => {
    const { simulator } = stage.rig;
    const { last, all } = watchBook(stage);
    await until(() => last() !== undefined && isSubscribed(stage), 'the book is pushed');
    simulator.faults.add({ where: 'stream', kind: 'lose', operation: 'quote', symbol: SYMBOL });
    simulator.world.setPrice(SYMBOL, '60300');
    const heard = all.length;
    simulator.world.setPrice(SYMBOL, '60400');
    await until(() => last()?.bids[0]?.[0] === '60399.99', 'the book is whole again');
    expect(last()).toMatchObject(await bookNow(stage));
    for (const { bids, asks } of all.slice(heard)) expect([Number(bids[0]?.[0]) < Number(asks[0]?.[0]), bids.length, asks.length]).toEqual([true, 50, 50]);
    const losses = stage.rig.log.filter(({ message }) => message.startsWith('an order book is not whole')).length;
    expect(losses, 'the gap is noticed, and the book built anew without haste').toBeGreaterThan(0);
    expect(losses).toBeLessThan(4);
  });

  it('M-13 begins its books anew after a broken connection', async () => {
    const { simulator } = stage.rig;
    const { last } = watchBook(stage);
    await until(() => last() !== undefined, 'the book is pushed');
    simulator.streams.drop('public');
    simulator.world.setPrice(SYMBOL, '60500');
    await until(() => last()?.bids[0]?.[0] === '60499.99', 'the book after the break is pushed');
    expect(last()).toMatchObject(await bookNow(stage));
  });

  it('M-14 fetches the candles that closed while the stream was down', async () => {
    const told: Candle[] = [];
    const from = minuteOf(stage.rig.clock.now());
    onTestFinished(stage.rig.venue.market.watchCandles(SYMBOL, '1m', (candle) => told.push(candle)));
    await passTime(stage, MINUTE_MS);
    const { simulator } = stage.rig;
    simulator.faults.add({ where: 'stream', kind: 'refuse', stream: 'public', count: null });
    simulator.streams.drop('public');
    await passTime(stage, 3 * MINUTE_MS);
    await until(() => told.length >= 3, 'the candles are told');
    expectSequence(stage.rig, told, from);
  });
}

/** Whether the one thing that is watched is subscribed to; the account's own stream has a fixed number of subscriptions. */
function isSubscribed({ rig }: Stage): boolean {
  return rig.simulator.streams.subscriptionsOf('public') > 0;
}

function minuteOf(at: number): number {
  return Math.floor(at / MINUTE_MS) * MINUTE_MS;
}

/** The simulator's own candles that opened in a span, as the port tells them. */
function candlesOf({ simulator }: VenueRig, minutes: number, from: number, to: number): Candle[] {
  const { world } = simulator;
  const scale = world.scale(SYMBOL);
  return world
    .path(SYMBOL)
    .candlesOf(minutes)
    .filter(({ openAt }) => openAt >= from && openAt < to)
    .map(({ openAt, open, high, low, close, lots }) => ({
      startAt: openAt,
      open: scale.price(open),
      high: scale.price(high),
      low: scale.price(low),
      close: scale.price(close),
      volume: scale.size(lots),
    }));
}

/** Every candle from the one that was open at the beginning of the watch, which may have been the next minute, to the newest. */
function expectSequence(rig: VenueRig, told: readonly Candle[], from: number): void {
  const first = told[0]?.startAt ?? 0;
  expect([from, from + MINUTE_MS]).toContain(first);
  expect(told).toEqual(candlesOf(rig, 1, first, (told.at(-1)?.startAt ?? 0) + 1));
}

function watchBook(stage: Stage): { readonly all: readonly Book[]; readonly last: () => Book | undefined } {
  const all: Book[] = [];
  onTestFinished(stage.rig.venue.market.watchBook(SYMBOL, (book) => all.push(book)));
  return { all, last: () => all.at(-1) };
}

async function bookNow(stage: Stage): Promise<Pick<Book, 'bids' | 'asks'>> {
  const { bids, asks } = await stage.rig.venue.market.book(SYMBOL, 50);
  return { bids, asks };
}

/** Lets time pass in steps that no watchdog takes for silence, with prices that move. */
async function passTime(stage: Stage, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 4_000) {
    stage.rig.clock.skip(4_000);
    stage.rig.simulator.world.setPrice(SYMBOL, String(60_000 + (passed / 4_000) * 7));
    await stage.rig.venue.market.quote(SYMBOL);
  }
}
