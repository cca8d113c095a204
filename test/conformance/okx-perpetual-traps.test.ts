/** What OKX does differently for perpetuals from what one would think, and that the adapter is not caught. */
import { beforeEach, describe, expect, it } from 'vitest';
import { Contracts } from '#adapters/venues/_okx-kind.ts';
import { okxStream } from '#adapters/venues/_okx-streams.ts';
import type { OutboundOrder, PlaceOutcome } from '#core/venue-ports.ts';
import { until } from '#test/support/until.ts';
import { KEY } from '#test/venues/_world.ts';
import { startOkxRig } from './okx-rig.ts';
import { order as anyOrder, onStage, placed, type Stage, windowOf } from './venue-rig.ts';

const SYMBOL = 'BTC/USDT:USDT';
const INST_ID = 'BTC-USDT-SWAP';
const DAY_MS = 86_400_000;
const order = (change: Partial<OutboundOrder> = {}): OutboundOrder => anyOrder({ symbol: SYMBOL, size: '0.03', ...change });
const AT_MARKET = { type: 'market', price: null } as const;

type Perpetuals = Stage & { readonly perpetual: NonNullable<Stage['session']['perpetual']> };

/** A stage whose account has used its key for perpetuals, so that it hears of them. */
function onPerpetuals(): Perpetuals {
  const stage = onStage(startOkxRig);
  beforeEach(async () => {
    await stage.session.perpetual?.fundingSince(SYMBOL, stage.rig.clock.now());
    await until(() => stage.heard.states.at(-1) === 'up' && stage.rig.simulator.streams.subscriptionsOf('private') === 2, 'both streams are up');
  });
  return Object.defineProperty(stage, 'perpetual', { get: () => stage.session.perpetual }) as Perpetuals;
}

/** The bodies of requests of one kind, as they were sent. */
function sent({ rig }: Stage, operation: string): readonly Record<string, unknown>[] {
  return rig.simulator.log.list(operation).map(({ parameters }) => JSON.parse(parameters) as Record<string, unknown>);
}

async function place(stage: Stage, asked: OutboundOrder): Promise<PlaceOutcome> {
  return stage.session.place(asked, await windowOf(stage.rig, stage.session));
}

describe('contracts at OKX', () => {
  const stage = onPerpetuals();

  it('are base coin everywhere on our side, asked for, pushed and listed', async () => {
    await stage.perpetual.setLeverage(SYMBOL, 5, 'isolated');
    const resting = order();
    await placed(stage.rig, stage.session, resting);
    expect(sent(stage, 'placeOrder')).toMatchObject([{ instId: INST_ID, sz: '3', tdMode: 'isolated' }]);
    expect(await stage.session.findOrder(resting.clientOrderId, SYMBOL)).toMatchObject({ size: '0.03', filledSize: '0', status: 'open' });
    expect(await stage.session.openOrders(SYMBOL)).toMatchObject([{ clientOrderId: resting.clientOrderId, size: '0.03' }]);
    const taking = order({ ...AT_MARKET, side: 'sell', size: '0.012' });
    const venueOrderId = await placed(stage.rig, stage.session, taking);
    await until(() => stage.heard.fills.length === 1, 'the fill is pushed');
    expect(stage.heard.fills).toMatchObject([{ clientOrderId: taking.clientOrderId, symbol: SYMBOL, size: '0.012', feeAsset: 'USDT' }]);
    expect(stage.heard.orders.map(({ size, filledSize }) => [size, filledSize])).toContainEqual(['0.012', '0.012']);
    expect(await stage.session.fillsOf(venueOrderId, SYMBOL)).toEqual(stage.heard.fills);
    expect(await stage.session.fillsSince(SYMBOL, stage.rig.clock.now() - 60_000)).toEqual(stage.heard.fills);
    expect(await stage.perpetual.positions()).toMatchObject([{ symbol: SYMBOL, size: '-0.012', leverage: 5, marginMode: 'isolated' }]);
  });

  it('are base coin in public data too, where candles count them first', async () => {
    const { market } = stage.rig.venue;
    const { world, truth } = stage.rig.simulator;
    truth.placeByHand({ symbol: SYMBOL, side: 'buy', size: '0.02' });
    expect((await market.trades(SYMBOL, 1)).map(({ size }) => size)).toEqual(['0.02']);
    // A million lots of 0.001 BTC.
    expect((await market.book(SYMBOL, 1)).bids[0]?.[1]).toBe('1000');
    const [candle] = world.path(SYMBOL).candles;
    const [told] = await market.candles(SYMBOL, '1m', candle?.openAt ?? 0, (candle?.openAt ?? 0) + 60_000);
    expect(told?.volume).toBe(world.scale(SYMBOL).size(candle?.lots ?? 0));
    const day = world.path(SYMBOL).day(world.now());
    const ticker = (await market.tickers()).find(({ symbol }) => symbol === SYMBOL);
    expect(Number(ticker?.quoteVolume)).toBeCloseTo(Number(world.scale(SYMBOL).size(day.lots)) * 60_000, 0);
  });

  it('have rules that count in base coin, and an interval of funding that another list tells', async () => {
    stage.rig.simulator.world.exchange.perpetuals.setFundingRate(SYMBOL, '-0.0002');
    expect((await stage.rig.venue.market.instruments()).get(SYMBOL)).toMatchObject({
      kind: 'perpetual',
      settle: 'USDT',
      sizeIncrement: '0.001',
      minSize: '0.001',
      maxSize: '1000',
      perpetual: { contractSize: '0.01', fundingIntervalMs: 8 * 3_600_000, maxLeverage: 100, maintenanceMarginRate: null },
    });
    const rate = await stage.rig.venue.market.perpetual?.fundingRate(SYMBOL);
    expect(rate).toMatchObject({ rate: '-0.0002', markPrice: '60000', indexPrice: '60000', intervalMs: 8 * 3_600_000 });
  });

  it('are never rounded: a size that is no whole number of lots is refused and not sent', async () => {
    for (const size of ['0.0005', '0.0125', '0', '', '-0.01', 'NaN'])
      expect(await place(stage, order({ size }))).toMatchObject({ outcome: 'rejected', code: 'not_whole_contracts' });
    expect(await place(stage, order({ symbol: 'NO/SUCH:USDT' }))).toMatchObject({ outcome: 'rejected', code: 'not_sent' });
    expect(sent(stage, 'placeOrder')).toEqual([]);
  });

  it('that are margined in coins, or not listed yet, are passed over where the account’s orders are pushed', () => {
    const contracts = new Contracts();
    const frame = { arg: { channel: 'orders', instType: 'SWAP' }, data: [{ instId: 'BTC-USD-SWAP', sz: '1' }] };
    expect(okxStream(contracts).read(frame, () => null)).toEqual({ type: 'news', news: [] });
  });

  it('cost what stands in the fields of contracts margined in USDT', async () => {
    expect(await stage.session.feeRates(SYMBOL)).toEqual({ maker: '0.0002', taker: '0.0005' });
    expect(await stage.session.feeRates('BTC/USDT')).toEqual({ maker: '0.001', taker: '0.001' });
  });
});

describe('how a position is held at OKX', () => {
  const stage = onPerpetuals();

  it('is set where it differs, and not where it stands so', async () => {
    await stage.perpetual.setLeverage(SYMBOL, 7, 'cross');
    await stage.perpetual.setLeverage(SYMBOL, 7, 'cross');
    expect(sent(stage, 'setLeverage')).toEqual([{ instId: INST_ID, lever: '7', mgnMode: 'cross' }]);
    await placed(stage.rig, stage.session, order(AT_MARKET));
    expect(await stage.perpetual.positions()).toMatchObject([{ size: '0.03', leverage: 7, marginMode: 'cross' }]);
  });

  it('is each order’s own word, which a new session learns from the position, or from what rests', async () => {
    await stage.perpetual.setLeverage(SYMBOL, 3, 'cross');
    await placed(stage.rig, stage.session, order());
    const after = { ...stage, session: stage.rig.venue.session(stage.rig.account) };
    expect(await place(after, order())).toMatchObject({ outcome: 'accepted' });
    await placed(stage.rig, stage.session, order(AT_MARKET));
    const later = { ...stage, session: stage.rig.venue.session(stage.rig.account) };
    expect(await place(later, order())).toMatchObject({ outcome: 'accepted' });
    expect(sent(stage, 'placeOrder').map(({ tdMode }) => tdMode)).toEqual(['cross', 'cross', 'cross', 'cross']);
  });

  it('cannot turn from isolated to cross while orders or a position stand, and nothing is sent', async () => {
    await stage.perpetual.setLeverage(SYMBOL, 3, 'isolated');
    const resting = order();
    await placed(stage.rig, stage.session, resting);
    await expect(stage.perpetual.setLeverage(SYMBOL, 3, 'cross')).rejects.toMatchObject({ name: 'PortError', code: 'validation_failed' });
    await stage.session.cancel(resting.clientOrderId, SYMBOL);
    await stage.perpetual.setLeverage(SYMBOL, 3, 'cross');
    await placed(stage.rig, stage.session, order());
    expect(sent(stage, 'placeOrder').map(({ tdMode }) => tdMode)).toEqual(['isolated', 'cross']);
  });

  it('is what the venue shows, not what a lost answer may have said', async () => {
    stage.rig.simulator.faults.add({ where: 'after', kind: 'reset', operation: 'setLeverage' });
    await stage.perpetual.setLeverage(SYMBOL, 9, 'isolated');
    stage.rig.simulator.faults.add({ where: 'before', kind: 'reset', operation: 'setLeverage' });
    await expect(stage.perpetual.setLeverage(SYMBOL, 4, 'isolated')).rejects.toMatchObject({ code: 'venue_unavailable' });
    await expect(stage.perpetual.setLeverage(SYMBOL, 101, 'isolated')).rejects.toMatchObject({ code: 'validation_failed', message: /leverage/i });
  });

  it('must be one-way: hedge mode is refused with what to change, by every call and for certain by an order', async () => {
    stage.rig.simulator.world.hedged.add(KEY.account);
    const fresh = { ...stage, session: stage.rig.venue.session(stage.rig.account) };
    const refusal = { name: 'PortError', code: 'account_mode_unsupported', message: expect.stringContaining('position mode') as string };
    await expect(fresh.session.perpetual?.positions()).rejects.toMatchObject(refusal);
    await expect(fresh.session.perpetual?.setLeverage(SYMBOL, 2, 'isolated')).rejects.toMatchObject(refusal);
    await expect(fresh.session.perpetual?.fundingSince(SYMBOL, 0)).rejects.toMatchObject(refusal);
    expect(await place(fresh, order())).toMatchObject({ outcome: 'rejected', code: '51000' });
    expect(await fresh.session.checkKey()).toMatchObject({ canTrade: true, canTradePerpetuals: false });
  });

  it('is nothing in spot mode, which the key’s report says', async () => {
    stage.rig.simulator.world.keys.set(KEY.apiKey, { ...KEY, canTradePerpetuals: false });
    const fresh = stage.rig.venue.session(stage.rig.account);
    expect(await fresh.checkKey()).toMatchObject({ canTrade: true, canTradePerpetuals: false });
    await expect(fresh.perpetual?.positions()).rejects.toMatchObject({
      code: 'account_mode_unsupported',
      message: expect.stringContaining('futures mode') as string,
    });
  });
});

describe('positions at OKX', () => {
  const stage = onPerpetuals();

  it('are not turned by an order that may only reduce, nor by a stop that may', async () => {
    expect(await place(stage, order({ ...AT_MARKET, side: 'sell', reduceOnly: true }))).toMatchObject({ outcome: 'rejected', code: '51169' });
    await placed(stage.rig, stage.session, order(AT_MARKET));
    const stop = order({ type: 'stopMarket', price: null, side: 'sell', triggerPrice: '59500', reduceOnly: true });
    await placed(stage.rig, stage.session, stop);
    expect(sent(stage, 'placeOrder').map(({ reduceOnly }) => reduceOnly)).toEqual([true, undefined, true]);
    expect(await stage.session.findOrder(stop.clientOrderId, SYMBOL)).toMatchObject({ status: 'open', size: '0.03' });
    stage.rig.simulator.world.setPrice(SYMBOL, '59400');
    await until(() => stage.heard.fills.length === 2, 'the stop has traded');
    expect(stage.heard.fills[1]).toMatchObject({ clientOrderId: stop.clientOrderId, size: '0.03', side: 'sell' });
    expect(await stage.perpetual.positions()).toEqual([]);
  });

  it('pay funding once each, out of their own margin where isolated, over pages and months', async () => {
    const { world } = stage.rig.simulator;
    world.exchange.perpetuals.setFundingRate(SYMBOL, '0.0001');
    await stage.perpetual.setLeverage(SYMBOL, 2, 'isolated');
    await placed(stage.rig, stage.session, order(AT_MARKET));
    const since = stage.rig.clock.now();
    for (let turn = 0; turn < 130; turn += 1) {
      stage.rig.clock.skip(8 * 3_600_000);
      world.setPrice(SYMBOL, '60000');
    }
    const paid = await stage.perpetual.fundingSince(SYMBOL, since);
    // 43 days, of which the quick list reaches back seven.
    expect(paid).toHaveLength(130);
    expect(paid.every(({ amount, asset }) => amount === '-0.18' && asset === 'USDT')).toBe(true);
    expect(new Set(paid.map(({ paymentId }) => paymentId)).size).toBe(130);
    expect(paid.map(({ at }) => at)).toEqual(paid.map(({ at }) => at).toSorted((one, other) => one - other));
    const recent = await stage.perpetual.fundingSince(SYMBOL, stage.rig.clock.now() - DAY_MS);
    expect(recent).toEqual(paid.slice(-3));
  });

  it('that run out of margin are closed by the venue, and told as that', async () => {
    await stage.perpetual.setLeverage(SYMBOL, 50, 'isolated');
    await placed(stage.rig, stage.session, order(AT_MARKET));
    stage.rig.simulator.world.setPrice(SYMBOL, '58000');
    await until(() => stage.heard.fills.length === 2, 'the liquidation is pushed');
    const listed = await stage.session.fillsSince(SYMBOL, stage.rig.clock.now() - 60_000);
    expect(listed).toEqual(stage.heard.fills);
    expect(listed.map(({ isLiquidation, side, size, clientOrderId }) => [isLiquidation, side, size, clientOrderId === null])).toEqual([
      [undefined, 'buy', '0.03', false],
      [true, 'sell', '0.03', true],
    ]);
    expect(await stage.perpetual.positions()).toEqual([]);
  });
});

describe('contracts that are not listed yet', () => {
  const stage = onStage(startOkxRig);

  it('are not traded while nobody knows how large they are', async () => {
    stage.rig.simulator.faults.add({ where: 'before', kind: 'status', operation: 'instruments', count: null });
    const fresh = { ...stage, session: stage.rig.venue.session(stage.rig.account) };
    expect(await place(fresh, order())).toMatchObject({ outcome: 'rejected', code: 'not_sent' });
    await expect(fresh.session.openOrders(SYMBOL)).rejects.toMatchObject({ code: 'venue_unavailable' });
    expect(await fresh.session.cancel(order().clientOrderId, SYMBOL)).toMatchObject({ outcome: 'unknown', code: 'not_sent' });
    stage.rig.simulator.faults.clear();
    expect(await place(fresh, order())).toMatchObject({ outcome: 'accepted' });
  });
});
