/** What Bitget does differently for perpetuals from what one would think, and that the adapter is not caught. */
import { beforeEach, describe, expect, it } from 'vitest';
import { readBalances, readContracts, readPosition, readTerms } from '#adapters/venues/_bitget-perpetual-rows.ts';
import type { OutboundOrder, PlaceOutcome } from '#core/venue-ports.ts';
import { until } from '#test/support/until.ts';
import { KEY } from '#test/venues/_world.ts';
import { startBitgetRig } from './bitget-rig.ts';
import { order as anyOrder, onStage, placed, type Stage, windowOf } from './venue-rig.ts';

const SYMBOL = 'BTC/USDT:USDT';
const order = (change: Partial<OutboundOrder> = {}): OutboundOrder => anyOrder({ symbol: SYMBOL, size: '0.03', ...change });
const AT_MARKET = { type: 'market', price: null } as const;
const wrapped = (data: unknown): unknown => ({ code: '00000', msg: 'success', requestTime: 1, data });

type Perpetuals = Stage & { readonly perpetual: NonNullable<Stage['session']['perpetual']> };

/** A stage whose account has used its key for perpetuals, so that it hears of them. */
function onPerpetuals(limitFactor = 10): Perpetuals {
  const stage = onStage(() => startBitgetRig(limitFactor));
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

describe('orders of perpetuals at Bitget', () => {
  const stage = onPerpetuals();

  it('name their margin mode and no direction of the position, which belongs to hedge mode', async () => {
    await stage.perpetual.setLeverage(SYMBOL, 5, 'isolated');
    await placed(stage.rig, stage.session, order());
    const [asked] = sent(stage, 'placeOrder');
    expect(asked).toMatchObject({ productType: 'USDT-FUTURES', marginMode: 'isolated', marginCoin: 'USDT', force: 'gtc', size: '0.03' });
    expect(asked).not.toHaveProperty('tradeSide');
    expect(asked).not.toHaveProperty('reduceOnly');
  });

  it('that buy at the market buy the size they name, and are market orders', async () => {
    await placed(stage.rig, stage.session, order({ ...AT_MARKET, size: '0.25' }));
    expect(stage.rig.simulator.truth.orders()).toMatchObject([{ type: 'market', size: '0.25', filledSize: '0.25', status: 'filled' }]);
    await until(() => stage.heard.orders.some(({ status }) => status === 'filled'), 'the end is pushed');
    expect(stage.heard.orders.at(-1)).toMatchObject({ size: '0.25', filledSize: '0.25', price: null });
  });

  it('are filled in parts, of which the stream tells the last and all apart', async () => {
    const asked = order({ price: '59000', size: '0.03' });
    await placed(stage.rig, stage.session, asked);
    const { world } = stage.rig.simulator;
    for (const lots of [10, 20]) {
      world.exchange.setQuote(SYMBOL, 589_980, 589_990, world.now(), lots);
      world.flush();
    }
    await until(() => stage.heard.fills.length === 2, 'both executions are pushed');
    expect(stage.heard.fills.map(({ size }) => size)).toEqual(['0.01', '0.02']);
    expect(stage.heard.orders.map(({ filledSize }) => filledSize)).toEqual(['0', '0.01', '0.03']);
    const listed = await stage.session.fillsSince(SYMBOL, 0);
    expect(listed).toEqual(stage.heard.fills.map((fill) => ({ ...fill, clientOrderId: null })));
  });

  it('are signed to live until the end of their window, though the venue lets requests live for half a minute', async () => {
    const window = await windowOf(stage.rig, stage.session);
    const ending = (ms: number) => ({ ...window, timestampMs: window.timestampMs - window.windowMs + ms });
    expect((await stage.session.place(order(), ending(1_000))).outcome).toBe('accepted');
    expect(await stage.session.place(order(), ending(-50))).toMatchObject({ outcome: 'rejected', code: '40008' });
  });

  it('are found in the lists when the venue knows them by our id no longer', async () => {
    const [resting, filled] = [order(), order(AT_MARKET)];
    await placed(stage.rig, stage.session, resting);
    await placed(stage.rig, stage.session, filled);
    const placedBy = stage.rig.clock.now();
    stage.rig.clock.skip(3 * 3_600_000);
    expect(await stage.session.findOrder(resting.clientOrderId, SYMBOL, placedBy)).toMatchObject({ status: 'open', size: '0.03' });
    expect(await stage.session.findOrder(filled.clientOrderId, SYMBOL, placedBy)).toMatchObject({ status: 'filled', filledSize: '0.03' });
    expect(await stage.session.cancel(resting.clientOrderId, SYMBOL)).toEqual({ outcome: 'done' });
    expect(await stage.session.findOrder(order().clientOrderId, SYMBOL, placedBy)).toBeNull();
  });

  it('and those of spot are two books of one name', async () => {
    const [spot, perpetual] = [anyOrder(), order()];
    await placed(stage.rig, stage.session, spot);
    await placed(stage.rig, stage.session, perpetual);
    expect(await stage.session.cancelAll?.(SYMBOL)).toEqual({ outcome: 'done' });
    expect(await stage.session.openOrders(SYMBOL)).toEqual([]);
    expect(await stage.session.openOrders('BTC/USDT')).toMatchObject([{ clientOrderId: spot.clientOrderId }]);
  });
});

describe('how a position is held at Bitget', () => {
  const stage = onPerpetuals();

  it('is set mode first, for the leverage that is set is that of the present mode', async () => {
    await stage.perpetual.setLeverage(SYMBOL, 7, 'isolated');
    await stage.perpetual.setLeverage(SYMBOL, 7, 'isolated');
    expect(sent(stage, 'setMarginMode')).toMatchObject([{ marginMode: 'isolated' }]);
    expect(sent(stage, 'setLeverage')).toMatchObject([{ leverage: '7' }]);
    await placed(stage.rig, stage.session, order(AT_MARKET));
    expect(await stage.perpetual.positions()).toMatchObject([{ size: '0.03', leverage: 7, marginMode: 'isolated' }]);
  });

  it('keeps its leverage when the venue refuses the change of mode', async () => {
    await placed(stage.rig, stage.session, order());
    await expect(stage.perpetual.setLeverage(SYMBOL, 5, 'isolated')).rejects.toMatchObject({ name: 'PortError', code: 'validation_failed' });
    expect(sent(stage, 'setLeverage')).toEqual([]);
    expect(stage.rig.simulator.world.exchange.perpetuals.position(KEY.account, SYMBOL)).toMatchObject({ leverage: 20, marginMode: 'cross' });
  });

  it('is named by the orders of a new session as the venue has it', async () => {
    await stage.perpetual.setLeverage(SYMBOL, 3, 'isolated');
    const after = { ...stage, session: stage.rig.venue.session(stage.rig.account) };
    expect((await place(after, order())).outcome).toBe('accepted');
    expect(sent(stage, 'placeOrder')).toMatchObject([{ marginMode: 'isolated' }]);
  });

  it('is asked for anew after a change that came to pass in part only', async () => {
    await stage.perpetual.setLeverage(SYMBOL, 7, 'cross');
    stage.rig.simulator.faults.add({ where: 'before', kind: 'status', status: 502, operation: 'setLeverage' });
    await expect(stage.perpetual.setLeverage(SYMBOL, 3, 'isolated')).rejects.toMatchObject({ code: 'venue_unavailable' });
    await placed(stage.rig, stage.session, order());
    expect(sent(stage, 'placeOrder')).toMatchObject([{ marginMode: 'isolated' }]);
  });

  it('is asked for with every order of a session that was told nothing, for another may set it', async () => {
    const idle = { ...stage, session: stage.rig.venue.session(stage.rig.account) };
    expect((await place(idle, order({ price: '58000' }))).outcome).toBe('accepted');
    for (const { clientOrderId } of await stage.session.openOrders(SYMBOL)) await stage.session.cancel(clientOrderId, SYMBOL);
    await stage.perpetual.setLeverage(SYMBOL, 3, 'isolated');
    expect((await place(idle, order())).outcome).toBe('accepted');
    expect(sent(stage, 'placeOrder').map(({ marginMode }) => marginMode)).toEqual(['crossed', 'isolated']);
  });

  it('counts as no leverage where isolated longs and shorts differ, so that it is set', () => {
    const isolated = { posMode: 'one_way_mode', marginMode: 'isolated', isolatedLongLever: 10, isolatedShortLever: 5, crossedMarginLeverage: 20 };
    expect(readTerms(wrapped(isolated))).toEqual({ marginMode: 'isolated', leverage: 0 });
    expect(readTerms(wrapped({ ...isolated, isolatedShortLever: 10 }))).toEqual({ marginMode: 'isolated', leverage: 10 });
    expect(readTerms(wrapped({ ...isolated, marginMode: 'crossed' }))).toEqual({ marginMode: 'cross', leverage: 20 });
  });

  it('must be one-way: hedge mode is refused with what to change, by every call and for certain by an order', async () => {
    const refusal = { name: 'PortError', code: 'account_mode_unsupported', message: expect.stringContaining('one-way') as string };
    await stage.perpetual.setLeverage(SYMBOL, 20, 'cross');
    const idle = { ...stage, session: stage.rig.venue.session(stage.rig.account) };
    stage.rig.simulator.world.hedged.add(KEY.account);
    expect(await place(stage, order())).toMatchObject({ outcome: 'rejected', code: '40774' });
    expect(await place(idle, order())).toMatchObject({ outcome: 'rejected', code: 'not_sent', message: refusal.message });
    stage.rig.clock.skip(60_001);
    await expect(stage.perpetual.positions()).rejects.toMatchObject(refusal);
    await expect(stage.perpetual.setLeverage(SYMBOL, 2, 'isolated')).rejects.toMatchObject(refusal);
    await expect(stage.perpetual.fundingSince(SYMBOL, 0)).rejects.toMatchObject(refusal);
  });
});

describe('positions and wallets at Bitget', () => {
  const stage = onPerpetuals();

  it('are not turned by an order that may only reduce', async () => {
    await placed(stage.rig, stage.session, order(AT_MARKET));
    await placed(stage.rig, stage.session, order({ ...AT_MARKET, side: 'sell', reduceOnly: true }));
    expect(sent(stage, 'placeOrder').at(-1)).toMatchObject({ reduceOnly: 'YES' });
    expect(await place(stage, order({ ...AT_MARKET, side: 'sell', reduceOnly: true }))).toMatchObject({ outcome: 'rejected', code: '22002' });
    expect(await stage.perpetual.positions()).toEqual([]);
  });

  it('are liquidated under another word than what an order does, pushed and listed', async () => {
    await stage.perpetual.setLeverage(SYMBOL, 50, 'isolated');
    await placed(stage.rig, stage.session, order({ ...AT_MARKET, side: 'sell' }));
    stage.rig.simulator.world.setPrice(SYMBOL, '62000');
    await until(() => stage.heard.fills.length === 2, 'the liquidation is pushed');
    expect(stage.heard.fills.map(({ isLiquidation, side }) => [isLiquidation, side])).toEqual([
      [undefined, 'sell'],
      [true, 'buy'],
    ]);
    const listed = await stage.session.fillsSince(SYMBOL, 0);
    expect(listed.map(({ isLiquidation }) => isLiquidation)).toEqual([undefined, true]);
  });

  it('pay funding once each, over spans of thirty days at most', async () => {
    const { world } = stage.rig.simulator;
    world.exchange.perpetuals.setFundingRate(SYMBOL, '-0.0001');
    await placed(stage.rig, stage.session, order(AT_MARKET));
    const since = stage.rig.clock.now();
    for (let turn = 0; turn < 200; turn += 1) {
      stage.rig.clock.skip(8 * 3_600_000);
      world.setPrice(SYMBOL, '60000');
    }
    const paid = await stage.perpetual.fundingSince(SYMBOL, since);
    expect(paid).toHaveLength(200);
    expect(new Set(paid.map(({ paymentId }) => paymentId)).size).toBe(200);
    expect(paid.every(({ amount }) => amount === '0.18')).toBe(true);
  });

  it('have prices of liquidation only where there is one, and a sign', () => {
    const held = {
      symbol: 'BTCUSDT',
      holdSide: 'short',
      total: '0.02',
      openPriceAvg: '60000',
      markPrice: '60100',
      liquidationPrice: '-12.5',
      unrealizedPL: '-2',
      leverage: '20',
      marginMode: 'crossed',
      posMode: 'one_way_mode',
    };
    expect(readPosition(held, SYMBOL)).toMatchObject([{ size: '-0.02', liquidationPrice: null, marginMode: 'cross', leverage: 20 }]);
    expect(readPosition({ ...held, liquidationPrice: '65000.5' }, SYMBOL)).toMatchObject([{ liquidationPrice: '65000.5' }]);
    expect(readPosition(held, null)).toEqual([]);
    expect(() => readPosition({ ...held, posMode: 'hedge_mode' }, SYMBOL)).toThrow(expect.objectContaining({ code: 'account_mode_unsupported' }));
  });

  it('are free only as far as new orders may use them, and gains that are not taken are no money', () => {
    const account = { marginCoin: 'USDT', accountEquity: '1050', unrealizedPL: '50', crossedMaxAvailable: '930' };
    expect(readBalances(wrapped([account]))).toEqual([{ asset: 'USDT', free: '930', locked: '70' }]);
    expect(readBalances(wrapped([{ ...account, crossedMaxAvailable: '1040' }]))).toEqual([{ asset: 'USDT', free: '1000', locked: '0' }]);
    expect(readBalances(wrapped([{ ...account, unrealizedPL: '-50', crossedMaxAvailable: '0' }]))).toEqual([{ asset: 'USDT', free: '0', locked: '1100' }]);
  });

  it('have contracts whose prices move in steps of their last digit', () => {
    const contract = {
      symbol: 'ETHUSDT',
      baseCoin: 'ETH',
      quoteCoin: 'USDT',
      symbolType: 'perpetual',
      symbolStatus: 'normal',
      pricePlace: '2',
      priceEndStep: '5',
      sizeMultiplier: '0.01',
      minTradeNum: '0.02',
      minTradeUSDT: '5',
      maxOrderQty: '',
      makerFeeRate: '0.0002',
      takerFeeRate: '0.0006',
      fundInterval: '4',
      maxLever: '75',
    };
    const [read] = readContracts(wrapped([contract, { ...contract, symbol: 'ETHUSDT_260327', symbolType: 'delivery' }, { ...contract, pricePlace: 'x' }]));
    expect(read).toMatchObject({ symbol: 'ETH/USDT:USDT', priceIncrement: '0.05', sizeIncrement: '0.01', minSize: '0.02', maxSize: null });
    expect(read?.perpetual).toEqual({ contractSize: '1', fundingIntervalMs: 4 * 3_600_000, maxLeverage: 75, maintenanceMarginRate: null });
    const others = readContracts(wrapped([contract, { ...contract, symbol: 'XUSDT', baseCoin: 'X', symbolStatus: 'maintain' }]));
    expect(others.map(({ symbol, status }) => [symbol, status])).toEqual([
      ['ETH/USDT:USDT', 'trading'],
      ['X/USDT:USDT', 'halted'],
    ]);
  });
});
