/**
 * What Binance and Bybit do with perpetuals differently from what one would think (from spot, from each other, from their
 * own documents), shown at the protocol, and that the adapters are not caught by it.
 */
import { describe, expect, it, onTestFinished } from 'vitest';
import { binance } from '#adapters/venues/binance.ts';
import { bybit } from '#adapters/venues/bybit.ts';
import { until } from '#test/support/until.ts';
import type { BinanceServer } from '#test/venues/binance.ts';
import { startBinance } from '#test/venues/binance.ts';
import { type BybitServer, startBybit } from '#test/venues/bybit.ts';
import { type RigManners, simulatedRig } from './simulated-rig.ts';
import { Heard, listening, order, placed, type VenueRig } from './venue-rig.ts';

const SYMBOL = 'BTC/USDT:USDT';
/** No order is refused here. */
const NO_MANNERS = { codes: {}, kind: 'perpetual' } as RigManners;

async function binanceRig(): Promise<VenueRig & { readonly simulator: BinanceServer }> {
  const rig = await simulatedRig(binance, startBinance, NO_MANNERS);
  onTestFinished(() => rig.close());
  return rig;
}

async function bybitRig(): Promise<VenueRig & { readonly simulator: BybitServer }> {
  const rig = await simulatedRig(bybit, startBybit, NO_MANNERS);
  onTestFinished(() => rig.close());
  return rig;
}

async function perpetualsOf(rig: VenueRig): Promise<readonly string[]> {
  return [...(await rig.venue.market.instruments()).keys()].filter((symbol) => symbol.includes(':'));
}

const asked = (change: Parameters<typeof order>[0] = {}) => order({ symbol: SYMBOL, ...change });

describe('Binance futures', () => {
  it('list contracts with an end and in other coins among the perpetuals, and tell the interval of funding elsewhere', async () => {
    const rig = await binanceRig();
    const listed = (await (await fetch(`${rig.simulator.url}/fapi/v1/exchangeInfo`)).json()) as { readonly symbols: readonly { readonly symbol: string }[] };
    expect(listed.symbols.map(({ symbol }) => symbol)).toEqual(['BTCUSDT', 'ETHUSDT', 'BTCUSDT_271231', 'BTCUSDC']);
    expect(await perpetualsOf(rig)).toEqual(['BTC/USDT:USDT', 'ETH/USDT:USDT']);
  });

  it('take no stops at the address of orders: they go to the algo service, which knows them by a name and number of its own', async () => {
    const rig = await binanceRig();
    const { session } = await listening(rig);
    const stop = asked({ type: 'stopMarket', price: null, triggerPrice: '60500' });
    const id = await placed(rig, session, stop);
    expect(rig.simulator.log.list('placeOrder').map(({ path }) => path)).toEqual(['/fapi/v1/algoOrder']);
    expect((await session.openOrders(SYMBOL))[0]?.venueOrderId).toBe(id);
    rig.simulator.world.setPrice(SYMBOL, '60600');
    const became = await session.findOrder(stop.clientOrderId, SYMBOL);
    expect(became).toMatchObject({ status: 'filled', clientOrderId: stop.clientOrderId });
    expect(became?.venueOrderId).not.toBe(id);
  });

  it('answer a cancel with the order’s own id, where spot names the cancel', async () => {
    const rig = await binanceRig();
    const { session } = await listening(rig);
    const mine = asked();
    await placed(rig, session, mine);
    expect(await session.cancel(mine.clientOrderId, SYMBOL)).toEqual({ outcome: 'done' });
    expect(rig.simulator.log.list('cancelOrder')).toHaveLength(1);
  });

  it('tell no names of orders with executions: one list of orders names a thousand, and is asked for what is new only', async () => {
    const rig = await binanceRig();
    const { session } = await listening(rig);
    const mine = Array.from({ length: 5 }, () => asked({ type: 'market', price: null, size: '0.001' }));
    for (const each of mine) await placed(rig, session, each);
    const told = await session.fillsSince(SYMBOL, 0);
    expect(told.map(({ clientOrderId }) => clientOrderId)).toEqual(mine.map(({ clientOrderId }) => clientOrderId));
    await session.fillsSince(SYMBOL, 0);
    expect(rig.simulator.log.list('allOrders')).toHaveLength(1);
  });

  it('count gains that are not taken as available, which are not the wallet’s', async () => {
    const rig = await binanceRig();
    const { session } = await listening(rig);
    await placed(rig, session, asked({ type: 'market', price: null, size: '1' }));
    rig.simulator.world.setPrice(SYMBOL, '66000');
    const [usdt] = await session.balances('perpetual');
    const [truth] = rig.simulator.world.exchange.balances('main', 'perpetual');
    expect(Number(usdt?.free) + Number(usdt?.locked)).toBeCloseTo(Number(truth?.free) + Number(truth?.locked), 6);
    rig.simulator.world.setPrice(SYMBOL, '58000');
    expect(Number((await session.balances('perpetual'))[0]?.free)).toBeLessThan(Number(truth?.free));
  });

  it('number the updates of a book with those of all others: what lies between two is no gap', async () => {
    const rig = await binanceRig();
    const books: string[] = [];
    onTestFinished(rig.venue.market.watchBook(SYMBOL, ({ bids }) => books.push(bids[0]?.[0] ?? '')));
    await until(() => books.length > 0, 'the book is pushed');
    for (const price of ['60010', '60020', '60030', '60040']) {
      rig.simulator.world.setPrice(SYMBOL, price);
      await until(() => books.at(-1) === String(Number(price) - 0.1), `the book around ${price} is pushed`);
    }
    expect(rig.log.filter(({ message }) => message.startsWith('an order book is not whole'))).toEqual([]);
    expect(rig.simulator.log.list('book')).toHaveLength(1);
  });

  it('serve each kind of stream at one of their addresses only, and stay silent about it at the other', async () => {
    const rig = await binanceRig();
    const heard = { quotes: 0, trades: 0, candles: 0 };
    const { market } = rig.venue;
    for (const end of [
      market.watchQuotes(SYMBOL, ({ bid }) => Number(bid) > 60_500 && (heard.quotes += 1)),
      market.watchTrades(SYMBOL, () => (heard.trades += 1)),
      market.watchCandles(SYMBOL, '1m', () => (heard.candles += 1)),
    ])
      onTestFinished(end);
    await until(() => rig.simulator.streams.subscriptionsOf('public') === 3, 'all three are subscribed to');
    rig.simulator.truth.placeByHand({ symbol: SYMBOL, side: 'buy', size: '0.001' });
    for (let step = 0; step < 16; step += 1) {
      rig.clock.skip(4_000);
      rig.simulator.world.setPrice(SYMBOL, String(61_000 + step));
      await market.quote(SYMBOL);
    }
    await until(() => heard.quotes > 0 && heard.trades > 0 && heard.candles > 0, 'all three have told something');
  });

  it('let a key of the stream run out while nothing happens; the stream is opened anew with another', async () => {
    const rig = await binanceRig();
    const { session, heard } = await listening(rig);
    rig.simulator.faults.add({ where: 'before', kind: 'status', status: 502, operation: 'renewListenKey', count: null });
    for (let minute = 0; minute < 65; minute += 1) {
      rig.clock.skip(60_000);
      // Time that jumps over a request takes its answer away.
      await session.openOrders(SYMBOL).catch(() => null);
    }
    rig.simulator.faults.clear();
    rig.simulator.world.setPrice(SYMBOL, '60100');
    await until(() => {
      rig.clock.skip(2_000);
      return heard.states.at(-1) === 'up' && rig.simulator.log.list('listenKey').length >= 2;
    }, 'the stream is up with a new key');
    await placed(rig, session, asked());
    await until(() => heard.orders.length > 0, 'orders are pushed again');
  });

  it('can be out of reach while spot is not: spot goes on, and a perpetual counts as out of reach, not as unknown', async () => {
    const rig = await binanceRig();
    rig.clock.skip(3_600_001);
    rig.simulator.faults.add({ where: 'before', kind: 'status', status: 451, operation: 'fundingInfo', count: null });
    const instruments = await rig.venue.market.instruments();
    expect([...instruments.keys()]).toEqual(['BTC/USDT', 'ETH/USDT', 'BNB/USDT', 'ETH/BTC']);
    expect(() => instruments.get(SYMBOL)).toThrow(expect.objectContaining({ name: 'PortError', code: 'venue_unavailable' }));
    expect(instruments.get('NO/SUCH')).toBeUndefined();
  });
});

describe('Bybit’s linear perpetuals', () => {
  it('come in pages, with contracts in other coins and with an end among them', async () => {
    const rig = await bybitRig();
    expect(await perpetualsOf(rig)).toEqual(['BTC/USDT:USDT', 'ETH/USDT:USDT']);
    const asks = rig.simulator.log.list('instruments').filter(({ parameters }) => parameters.includes('linear'));
    expect(asks.length).toBe(2);
  });

  it('list funding among executions, where what is paid is positive: it is no trade, and its sign is that of the log of transactions', async () => {
    const rig = await bybitRig();
    const { session } = await listening(rig);
    await placed(rig, session, asked({ type: 'market', price: null, size: '0.01' }));
    const { world } = rig.simulator;
    world.exchange.perpetuals.setFundingRate(SYMBOL, '0.0001');
    rig.clock.skip(8 * 3_600_000);
    world.setPrice(SYMBOL, '60000');
    expect(await session.fillsSince(SYMBOL, 0)).toHaveLength(1);
    const [paid] = (await session.perpetual?.fundingSince(SYMBOL, 0)) ?? [];
    expect(paid).toMatchObject({ amount: '-0.06', rate: '0.0001', asset: 'USDT' });
  });

  it('share one margin mode with all of the account: it is changed only while nothing is open', async () => {
    const rig = await bybitRig();
    const { session } = await listening(rig);
    await session.perpetual?.setLeverage(SYMBOL, 5, 'isolated');
    expect(rig.simulator.settings.isolated.has('main')).toBe(true);
    await placed(rig, session, asked({ symbol: 'ETH/USDT:USDT', price: '2900', size: '0.1' }));
    const count = rig.simulator.log.list('setMarginMode').length;
    await expect(session.perpetual?.setLeverage(SYMBOL, 5, 'cross')).rejects.toMatchObject({
      code: 'account_mode_unsupported',
      message: expect.stringContaining('switch it to cross margin at Bybit') as string,
    });
    expect(rig.simulator.log.list('setMarginMode')).toHaveLength(count);
  });

  it('wait for a stop in the direction that it names: one that the price has passed is refused by the venue itself', async () => {
    const rig = await bybitRig();
    const { session } = await listening(rig);
    const window = { timestampMs: rig.clock.now() + (await session.clockOffsetMs()), windowMs: 5_000 };
    const passed = asked({ type: 'stopMarket', price: null, triggerPrice: '59000' });
    expect(await session.place(passed, window)).toMatchObject({ outcome: 'rejected', code: '110092' });
    await placed(rig, session, asked({ type: 'stopMarket', price: null, triggerPrice: '61000' }));
  });

  it('hold a switch of both markets: what rests on either ends when both streams are gone', async () => {
    const rig = await bybitRig();
    const session = rig.venue.session(rig.account);
    const heard = new Heard();
    await session.listen(heard);
    await until(() => heard.states.at(-1) === 'up', 'the stream of spot is up');
    await session.cancelAllAfter?.(20_000);
    await placed(rig, session, order({ symbol: 'BTC/USDT' }));
    await placed(rig, session, asked());
    await until(() => heard.states.join() === 'up,down,up', 'both streams are up');
    const { simulator } = rig;
    await until(() => simulator.log.list('deadMansSwitch').length === 2, 'the switch of perpetuals is set with their stream');
    await until(() => simulator.streams.subscriptionsOf('private') === 6, 'both streams count');
    simulator.faults.add({ where: 'stream', kind: 'refuse', stream: 'private', count: null });
    simulator.streams.drop('private');
    simulator.world.skewMs += 21_000;
    simulator.world.expire();
    expect(simulator.truth.openOrders()).toEqual([]);
  });
});
