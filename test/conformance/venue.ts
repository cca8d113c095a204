/**
 * The numbered cases that every venue must pass, whatever is behind it. Run for each venue by `venue.<id>.test.ts`;
 * what only a venue behind a network can suffer is in venue-faults.ts.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Decimal } from '#core/money.ts';
import type { OutboundOrder, TradingSession } from '#core/ports.ts';
import { type Heard, listening, order, place, placed, type Reason, SYMBOL, until, type VenueRig, windowOf } from './venue-rig.ts';

const PLAIN = /^\d+(\.\d*[1-9])?$/;

export function venueConformance(name: string, start: () => Promise<VenueRig>): void {
  describe(`venue ${name}`, () => {
    let rig: VenueRig;
    let session: TradingSession;
    let heard: Heard;
    beforeEach(async () => {
      rig = await start();
      ({ session, heard } = await listening(rig));
    });
    afterEach(() => rig.close());

    marketCases(() => rig);
    orderCases(
      () => rig,
      () => session,
      () => heard,
    );
    refusalCases(
      () => rig,
      () => session,
      () => heard,
    );
    accountCases(
      () => rig,
      () => session,
      () => heard,
    );
  });
}

function marketCases(rig: () => VenueRig): void {
  it('V-01 tells instruments with their rules in plain exact decimals', async () => {
    const instruments = await rig().venue.market.instruments();
    expect(instruments.get(SYMBOL)).toEqual({
      venue: rig().venue.id,
      symbol: SYMBOL,
      base: 'BTC',
      quote: 'USDT',
      priceIncrement: '0.01',
      sizeIncrement: '0.00001',
      minPrice: '0.01',
      maxPrice: '1000000',
      minSize: '0.00001',
      maxSize: '9000',
      minNotional: '5',
      makerFeeRate: '0.001',
      takerFeeRate: '0.001',
      status: 'trading',
    });
    expect([...instruments.keys()]).toEqual(['BTC/USDT', 'ETH/USDT', 'BNB/USDT', 'ETH/BTC']);
  });

  it('V-02 quotes best bid and ask, and knows which symbols it does not trade', async () => {
    const quote = await rig().venue.market.quote(SYMBOL);
    expect([quote.symbol, quote.bid, quote.ask]).toEqual([SYMBOL, '59999.99', '60000.01']);
    expect(Math.abs(quote.at - rig().clock.now())).toBeLessThan(5000);
    await expect(rig().venue.market.quote('NO/SUCH')).rejects.toMatchObject({ name: 'PortError', code: 'symbol_unknown', outcome: 'failed' });
  });

  it('V-03 pushes quotes, the present one first, until the watch is ended', async () => {
    const seen: string[] = [];
    const unwatch = rig().venue.market.watchQuotes(SYMBOL, ({ bid, ask }) => seen.push(`${bid} ${ask}`));
    await until(() => seen.includes('59999.99 60000.01'), 'the present quote is pushed');
    await rig().move('60500');
    await until(() => seen.at(-1) === '60499.99 60500.01', 'the new quote is pushed');
    unwatch();
    const count = seen.length;
    await rig().move('60600');
    expect(seen).toHaveLength(count);
  });
}

function orderCases(rig: () => VenueRig, session: () => TradingSession, heard: () => Heard): void {
  it('V-04 rests a limit order and tells it exactly, by event and by query', async () => {
    const asked = order({ price: '59000.5', size: '0.00123' });
    const venueOrderId = await placed(rig(), session(), asked);
    const expected = { clientOrderId: asked.clientOrderId, venueOrderId, symbol: SYMBOL, side: 'buy', status: 'open', price: '59000.5', size: '0.00123', filledSize: '0' };
    expect(await session().openOrders(SYMBOL)).toMatchObject([expected]);
    expect(await session().findOrder(asked.clientOrderId, SYMBOL)).toMatchObject(expected);
    await until(() => heard().orders.length > 0, 'the order is pushed');
    expect(heard().orders[0]).toMatchObject(expected);
  });

  it('V-05 executes a market order at once and pushes the fill with its id, price, fee and our order id', async () => {
    const asked = order({ type: 'market', price: null, size: '0.01' });
    const venueOrderId = await placed(rig(), session(), asked);
    await until(() => heard().orders.some(({ status }) => status === 'filled'), 'the order is pushed as filled');
    const [fill] = heard().fills;
    expect(heard().fills).toHaveLength(1);
    expect(fill).toMatchObject({ venueOrderId, clientOrderId: asked.clientOrderId, symbol: SYMBOL, side: 'buy', size: '0.01', feeAsset: 'BTC', feeAmount: '0.00001', isMaker: false });
    expect(fill?.tradeId).not.toBe('');
    expect(fill?.price).toMatch(PLAIN);
    expect(Number(fill?.price)).toBeGreaterThanOrEqual(60000.01);
    expect(Number(fill?.price)).toBeLessThan(60010);
    expect(await session().findOrder(asked.clientOrderId, SYMBOL)).toMatchObject({ status: 'filled', filledSize: '0.01' });
  });

  it('V-06 fills a resting order as maker at its own price when the market passes it', async () => {
    const asked = order({ price: '59000', size: '0.002' });
    await placed(rig(), session(), asked);
    await rig().move('58900');
    await until(() => heard().fills.length > 0, 'the fill is pushed');
    expect(heard().fills).toMatchObject([{ clientOrderId: asked.clientOrderId, price: '59000', size: '0.002', feeAsset: 'BTC', feeAmount: '0.000002', isMaker: true }]);
  });

  it('V-07 rests a post-only order and refuses one that would trade at once', async () => {
    await placed(rig(), session(), order({ postOnly: true }));
    const outcome = await place(rig(), session(), order({ postOnly: true, price: '61000' }));
    expect(outcome).toMatchObject({ outcome: 'rejected', code: rig().codes.wouldTake });
    expect(await session().openOrders(SYMBOL)).toHaveLength(1);
  });

  it('V-08 keeps stops back until the price reaches them', async () => {
    const market = order({ type: 'stopMarket', price: null, triggerPrice: '60500', size: '0.001' });
    const limit = order({ type: 'stopLimit', price: '60900', triggerPrice: '60800', size: '0.001' });
    await placed(rig(), session(), market);
    await placed(rig(), session(), limit);
    expect(await session().openOrders(SYMBOL)).toHaveLength(2);
    expect(heard().fills).toEqual([]);
    await rig().move('60600');
    await until(() => heard().fills.length === 1, 'the first stop has traded');
    expect(heard().fills[0]?.clientOrderId).toBe(market.clientOrderId);
    await rig().move('60850');
    await until(() => heard().fills.length === 2, 'the second stop has traded');
    expect(heard().fills[1]?.clientOrderId).toBe(limit.clientOrderId);
    expect(Number(heard().fills[1]?.price)).toBeLessThanOrEqual(60900);
  });

  it('V-09 ends an immediate-or-cancel order that finds nothing, and fills one that finds all', async () => {
    const far = order({ timeInForce: 'ioc' });
    const near = order({ timeInForce: 'ioc', price: '60100' });
    await placed(rig(), session(), far);
    await placed(rig(), session(), near);
    expect(await session().findOrder(far.clientOrderId, SYMBOL)).toMatchObject({ status: 'expired', filledSize: '0' });
    expect(await session().findOrder(near.clientOrderId, SYMBOL)).toMatchObject({ status: 'filled', filledSize: '0.001' });
    await until(() => heard().orders.some(({ clientOrderId, status }) => clientOrderId === far.clientOrderId && status === 'expired'), 'the end of the order is pushed');
  });

  it('V-10 fills a fill-or-kill order wholly or not at all', async () => {
    const far = order({ timeInForce: 'fok' });
    const near = order({ timeInForce: 'fok', price: '60100', size: '0.02' });
    await placed(rig(), session(), far);
    await placed(rig(), session(), near);
    expect(await session().findOrder(far.clientOrderId, SYMBOL)).toMatchObject({ status: 'expired', filledSize: '0' });
    expect(await session().findOrder(near.clientOrderId, SYMBOL)).toMatchObject({ status: 'filled', filledSize: '0.02' });
  });

  it('V-11 takes a cancel, pushes it under our id and knows the order as cancelled', async () => {
    const asked = order();
    await placed(rig(), session(), asked);
    expect(await session().cancel(asked.clientOrderId, SYMBOL)).toEqual({ outcome: 'done' });
    expect(await session().openOrders(SYMBOL)).toEqual([]);
    expect(await session().findOrder(asked.clientOrderId, SYMBOL)).toMatchObject({ clientOrderId: asked.clientOrderId, status: 'cancelled', filledSize: '0' });
    await until(() => heard().orders.some(({ clientOrderId, status }) => clientOrderId === asked.clientOrderId && status === 'cancelled'), 'the cancel is pushed under our id');
  });

  it('V-12 says that an order is not open when it is cancelled twice, filled, or was never placed', async () => {
    const [twice, filled] = [order(), order({ type: 'market', price: null })];
    await placed(rig(), session(), twice);
    await placed(rig(), session(), filled);
    await session().cancel(twice.clientOrderId, SYMBOL);
    for (const id of [twice.clientOrderId, filled.clientOrderId, order().clientOrderId]) expect(await session().cancel(id, SYMBOL)).toEqual({ outcome: 'notOpen' });
  });

  it('V-13 finds nothing, for certain, where no order was placed', async () => {
    expect(await session().findOrder(order().clientOrderId, SYMBOL)).toBeNull();
    expect(await session().openOrders(SYMBOL)).toEqual([]);
    expect(await session().fillsSince(SYMBOL, 0)).toEqual([]);
  });
}

function refusalCases(rig: () => VenueRig, session: () => TradingSession, heard: () => Heard): void {
  const refused: readonly (readonly [Reason, string, Partial<OutboundOrder>])[] = [
    ['insufficientBalance', 'more than the account holds', { size: '100' }],
    ['insufficientBalance', 'a sale of more than it holds', { side: 'sell', price: '61000', size: '50' }],
    ['price', 'a price between two increments', { price: '59000.005' }],
    ['price', 'a price of nothing', { price: '0' }],
    ['size', 'a size between two increments', { size: '0.000015' }],
    ['size', 'a size of nothing', { size: '0' }],
    ['size', 'a size above the maximum', { size: '9001' }],
    ['minNotional', 'a value below the minimum', { size: '0.00005' }],
    ['symbol', 'a symbol that is not traded', { symbol: 'NO/SUCH' }],
    ['wouldTake', 'a post-only sale below the bid', { side: 'sell', postOnly: true, price: '59000', size: '0.0001' }],
    ['wouldTrigger', 'a stop that the price has passed', { type: 'stopMarket', price: null, triggerPrice: '59000' }],
  ];
  it.each(refused)('V-14 refuses for certain (%s): %s', async (reason, _what, change) => {
    if (change.side === 'sell') await placed(rig(), session(), order({ type: 'market', price: null, size: '0.0002' }));
    const asked = order(change);
    expect(await place(rig(), session(), asked)).toMatchObject({ outcome: 'rejected', code: rig().codes[reason] });
    expect(await session().openOrders(SYMBOL)).toEqual([]);
    if (asked.symbol === SYMBOL) expect(await session().findOrder(asked.clientOrderId, SYMBOL)).toBeNull();
    expect(heard().orders.filter(({ clientOrderId }) => clientOrderId === asked.clientOrderId)).toEqual([]);
  });

  it.each([{ price: '1e400' }, { price: 'NaN' }, { price: '-59000' }, { size: 'Infinity' }, { size: '-1' }, { size: '' }, { price: null }])('V-15 refuses garbage for certain: %o', async (change) => {
    expect(await place(rig(), session(), order(change))).toMatchObject({ outcome: 'rejected' });
    expect(await session().openOrders(SYMBOL)).toEqual([]);
  });

  it('V-16 leaves a repeated id in doubt, because it is evidence of an order, and keeps exactly one', async () => {
    const asked = order();
    await placed(rig(), session(), asked);
    expect((await place(rig(), session(), asked)).outcome).toBe('unknown');
    expect(await session().openOrders(SYMBOL)).toHaveLength(1);
  });

  it('V-17 places nothing when a request arrives after its window', async () => {
    const asked = order();
    const window = await windowOf(rig(), session());
    const late = { ...window, timestampMs: window.timestampMs - window.windowMs - 500 };
    expect(await session().place(asked, late)).toMatchObject({ outcome: 'rejected', code: rig().codes.late });
    expect(await session().findOrder(asked.clientOrderId, SYMBOL)).toBeNull();
  });
}

function accountCases(rig: () => VenueRig, session: () => TradingSession, heard: () => Heard): void {
  const balance = async (asset: string) => (await session().balances()).find((each) => each.asset === asset);

  it('V-18 tells balances exactly: what an order binds, what a trade and its fee leave', async () => {
    expect(await balance('USDT')).toEqual({ asset: 'USDT', free: '100000', locked: '0' });
    const asked = order({ price: '59000', size: '0.001' });
    await placed(rig(), session(), asked);
    expect(await balance('USDT')).toEqual({ asset: 'USDT', free: '99941', locked: '59' });
    const before = new Decimal((await balance('BTC'))?.free ?? '0');
    await rig().move('58900');
    await until(() => heard().fills.length > 0, 'the order has traded');
    expect(await balance('USDT')).toEqual({ asset: 'USDT', free: '99941', locked: '0' });
    expect(new Decimal((await balance('BTC'))?.free ?? '0').minus(before).toFixed()).toBe('0.000999');
  });

  it('V-19 tells all fills from a cursor on, oldest first, equal to what was pushed', async () => {
    for (let index = 0; index < 5; index += 1) await placed(rig(), session(), order({ type: 'market', price: null, side: index % 2 === 0 ? 'buy' : 'sell', size: `0.00${5 - index}` }));
    await until(() => heard().fills.length === 5, 'five fills are pushed');
    const since = Math.min(...heard().fills.map(({ at }) => at));
    const told = await session().fillsSince(SYMBOL, since);
    expect(told.map(({ size }) => size)).toEqual(['0.005', '0.004', '0.003', '0.002', '0.001']);
    expect(told.map(({ clientOrderId: _, ...fill }) => fill)).toEqual(heard().fills.map(({ clientOrderId: _, ...fill }) => fill));
    expect(new Set(told.map(({ tradeId }) => tradeId)).size).toBe(5);
    expect(await session().fillsSince(SYMBOL, Math.max(...told.map(({ at }) => at)) + 1)).toEqual([]);
    const third = told[2];
    expect(third === undefined ? [] : await session().fillsOf(third.venueOrderId, SYMBOL)).toEqual([third]);
  });

  it('V-20 keeps symbols apart', async () => {
    await placed(rig(), session(), order());
    await placed(rig(), session(), order({ symbol: 'ETH/USDT', price: '2900', size: '0.01' }));
    expect(await session().openOrders('ETH/USDT')).toMatchObject([{ symbol: 'ETH/USDT', price: '2900', size: '0.01' }]);
    expect(await session().openOrders(SYMBOL)).toHaveLength(1);
  });

  it('V-21 keeps accounts apart', async () => {
    const stranger = await listening(rig(), rig().other);
    const asked = order();
    await placed(rig(), session(), asked);
    await until(() => heard().orders.length > 0, 'the order is pushed to its account');
    expect(await stranger.session.openOrders(SYMBOL)).toEqual([]);
    expect(await stranger.session.findOrder(asked.clientOrderId, SYMBOL)).toBeNull();
    expect(await stranger.session.cancel(asked.clientOrderId, SYMBOL)).toEqual({ outcome: 'notOpen' });
    expect(stranger.heard.orders).toEqual([]);
    await stranger.session.close();
  });

  it('V-22 tells two sessions of one account the same', async () => {
    const second = await listening(rig());
    await placed(rig(), session(), order());
    await until(() => heard().orders.length > 0 && second.heard.orders.length > 0, 'both sessions hear of the order');
    expect(second.heard.orders[0]).toEqual(heard().orders[0]);
    await second.session.close();
  });

  it('V-23 reports a key that may trade and may not withdraw', async () => {
    expect(await session().checkKey()).toMatchObject({ canTrade: true, canWithdraw: false });
  });

  it('V-24 pushes nothing inside the call that causes it, and nothing after the session is closed', async () => {
    const asked = order({ type: 'market', price: null });
    const window = await windowOf(rig(), session());
    const placing = session().place(asked, window);
    expect([...heard().orders, ...heard().fills]).toEqual([]);
    await placing;
    await until(() => heard().fills.length === 1, 'the fill is pushed');
    const count = heard().orders.length;
    await session().close();
    await rig().move('58000');
    expect(heard().orders).toHaveLength(count);
    expect(await session().place(order(), window)).toMatchObject({ outcome: 'rejected', code: 'not_sent' });
    expect(await session().cancel(asked.clientOrderId, SYMBOL)).toMatchObject({ outcome: 'unknown', code: 'not_sent' });
    await expect(session().balances()).rejects.toMatchObject({ name: 'PortError', outcome: 'failed' });
  });
}
