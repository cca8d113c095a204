/** The numbered cases of a venue's market of perpetuals: positions, leverage, funding, liquidations, and what a key must allow. */
import { describe, expect, it } from 'vitest';
import { Decimal } from '#core/money.ts';
import type { PerpetualSession, VenuePosition } from '#core/perpetual-ports.ts';
import type { VenueFill } from '#core/venue-ports.ts';
import { until } from '#test/support/until.ts';
import { Heard, onStage, order, place, placed, type Stage, SYMBOL, type VenueRig } from './venue-rig.ts';

const SPOT = 'BTC/USDT';
const FUNDING_MS = 8 * 3_600_000;

export function perpetualConformance(name: string, start: () => Promise<VenueRig>): void {
  describe(`perpetuals of ${name}`, () => {
    const stage = onStage(start);
    positionCases(stage);
    leverageCases(stage);
    fundingCases(stage);
    liquidationCases(stage);
    conditionalCases(stage);
    keyCases(stage);
  });
}

function callsOf({ session }: Pick<Stage, 'session'>): PerpetualSession {
  if (session.perpetual === undefined) throw new Error('this session has no perpetuals');
  return session.perpetual;
}

async function positionOf(stage: Stage): Promise<VenuePosition | undefined> {
  return (await callsOf(stage).positions()).find(({ symbol }) => symbol === SYMBOL);
}

async function trade(stage: Stage, side: 'buy' | 'sell', size: string): Promise<void> {
  const count = stage.heard.fills.length;
  await placed(stage.rig, stage.session, order({ type: 'market', price: null, side, size }));
  await until(() => stage.heard.fills.length > count, 'the trade is pushed');
}

function signedSum(fills: readonly VenueFill[]): string {
  return fills.reduce((sum, { side, size }) => (side === 'buy' ? sum.plus(size) : sum.minus(size)), new Decimal(0)).toFixed();
}

function examined(stage: Stage): NonNullable<VenueRig['perpetual']> {
  const { perpetual } = stage.rig;
  if (perpetual === undefined) throw new Error('this rig has nothing to examine perpetuals with');
  return perpetual;
}

function positionCases(stage: Stage): void {
  it('P-01 goes short, and tells the position signed and in base coin', async () => {
    expect(await callsOf(stage).positions()).toEqual([]);
    await trade(stage, 'sell', '0.02');
    const [fill] = stage.heard.fills;
    const position = await positionOf(stage);
    expect(position).toMatchObject({ symbol: SYMBOL, size: '-0.02', leverage: 20, marginMode: 'cross' });
    expect(Number(position?.entryPrice)).toBeCloseTo(Number(fill?.price), 2);
    expect(Number(position?.markPrice)).toBeCloseTo(60_000, 0);
    expect(position?.liquidationPrice === null || Number(position?.liquidationPrice) > 60_000).toBe(true);
    await trade(stage, 'buy', '0.02');
    expect(await callsOf(stage).positions()).toEqual([]);
  });

  it('P-02 binds margin for orders and positions in the wallet of perpetuals, and none of spot where these are apart', async () => {
    const { session, rig } = stage;
    const usdt = async (kind: 'spot' | 'perpetual') => (await session.balances(kind)).find(({ asset }) => asset === 'USDT');
    expect(await usdt('perpetual')).toEqual({ asset: 'USDT', free: '100000', locked: '0' });
    await placed(rig, session, order({ price: '59000', size: '0.1' }));
    // A twentieth of the value, and what the venue adds for fees.
    const held = await usdt('perpetual');
    expect(Number(held?.locked)).toBeGreaterThanOrEqual(295);
    expect(Number(held?.locked)).toBeLessThan(300);
    expect(new Decimal(held?.free ?? '0').plus(held?.locked ?? '0').toFixed()).toBe('100000');
    expect((await usdt('spot'))?.locked).toBe(rig.venue.capabilities.walletsApart ? '0' : held?.locked);
  });

  it('P-03 never turns a position by an order that may only reduce, nor opens one by it', async () => {
    const { session, rig } = stage;
    const alone = order({ type: 'market', price: null, side: 'sell', size: '0.01', reduceOnly: true });
    expect(await place(rig, session, alone)).toMatchObject({ outcome: 'rejected', code: examined(stage).reduceOnlyCode });
    expect(await session.findOrder(alone.clientOrderId, SYMBOL)).toBeNull();
    await trade(stage, 'buy', '0.01');
    const tooMuch = order({ type: 'market', price: null, side: 'sell', size: '0.03', reduceOnly: true });
    if ((await place(rig, session, tooMuch)).outcome === 'accepted') await until(() => stage.heard.fills.length === 2, 'it has closed what there is');
    expect(['0', '0.01']).toContain((await positionOf(stage))?.size ?? '0');
    expect(signedSum(await session.fillsSince(SYMBOL, 0))).toBe((await positionOf(stage))?.size ?? '0');
  });

  it('P-04 holds the position that the fills come to, whatever was done', async () => {
    const steps = [
      ['buy', '0.03'],
      ['sell', '0.01'],
      ['sell', '0.05'],
      ['buy', '0.005'],
      ['buy', '0.07'],
    ] as const;
    for (const [side, size] of steps) {
      await trade(stage, side, size);
      expect((await positionOf(stage))?.size ?? '0').toBe(signedSum(stage.heard.fills));
    }
    expect(signedSum(await stage.session.fillsSince(SYMBOL, 0))).toBe('0.045');
    expect(stage.rig.simulator.world.exchange.perpetuals.position('main', SYMBOL).size).toBe('0.045');
  });
}

function leverageCases(stage: Stage): void {
  const changes = (): number => ['setLeverage', 'setMarginMode'].flatMap((operation) => stage.rig.simulator.log.list(operation)).length;

  it('P-05 sets leverage and margin mode before the first order, and asks for nothing when they stand so', async () => {
    await callsOf(stage).setLeverage(SYMBOL, 7, 'isolated');
    const count = changes();
    expect(count).toBeGreaterThan(0);
    await callsOf(stage).setLeverage(SYMBOL, 7, 'isolated');
    expect(changes()).toBe(count);
    await trade(stage, 'buy', '0.01');
    expect(await positionOf(stage)).toMatchObject({ size: '0.01', leverage: 7, marginMode: 'isolated' });
    expect((await positionOf(stage))?.liquidationPrice).not.toBeNull();
  });

  it.each(['reset', 'cut', 'status', 'junk'] as const)('P-06 looks up whether a change of leverage came to pass whose answer is %s', async (kind) => {
    stage.rig.simulator.faults.add({ where: 'after', kind, operation: 'setLeverage' });
    await callsOf(stage).setLeverage(SYMBOL, 9, 'cross');
    expect(stage.rig.simulator.world.exchange.perpetuals.position('main', SYMBOL).leverage).toBe(9);
    stage.rig.simulator.faults.add({ where: 'before', kind: 'status', status: 502, operation: 'setLeverage' });
    await expect(callsOf(stage).setLeverage(SYMBOL, 11, 'cross')).rejects.toMatchObject({ name: 'PortError', code: 'venue_unavailable' });
  });

  it('P-07 says what is wrong with a leverage that is not to be had', async () => {
    await expect(callsOf(stage).setLeverage(SYMBOL, 1000, 'cross')).rejects.toMatchObject({ name: 'PortError', code: 'validation_failed', outcome: 'failed' });
  });

  it('P-08 refuses an account that holds longs and shorts apart, and says what to change', async () => {
    await trade(stage, 'buy', '0.01');
    examined(stage).hedge();
    stage.rig.clock.skip(60_001);
    const refusal = { name: 'PortError', code: 'account_mode_unsupported', message: expect.stringMatching(/one-way/) as string };
    await expect(callsOf(stage).positions()).rejects.toMatchObject(refusal);
    await expect(callsOf(stage).setLeverage(SYMBOL, 3, 'cross')).rejects.toMatchObject(refusal);
    expect(await place(stage.rig, stage.session, order())).toMatchObject({ outcome: 'rejected' });
  });
}

function fundingCases(stage: Stage): void {
  it('P-09 tells the rate of the next settlement, when it is, and the mark price', async () => {
    const { world } = stage.rig.simulator;
    world.exchange.perpetuals.setFundingRate(SYMBOL, '0.0002');
    const told = await stage.rig.venue.market.perpetual?.fundingRate(SYMBOL);
    expect(told).toMatchObject({ symbol: SYMBOL, rate: '0.0002', intervalMs: FUNDING_MS, markPrice: '60000', indexPrice: '60000' });
    expect(told?.nextAt).toBe((Math.floor(stage.rig.clock.now() / FUNDING_MS) + 1) * FUNDING_MS);
    await expect(stage.rig.venue.market.perpetual?.fundingRate('NO/SUCH:USDT')).rejects.toMatchObject({ code: 'symbol_unknown' });
  });

  it('P-10 tells each funding settlement once, from a cursor on, paid as negative and received as positive', async () => {
    const { world } = stage.rig.simulator;
    await trade(stage, 'buy', '0.1');
    const since = stage.rig.clock.now();
    const rates = ['0.0001', '-0.0003', '0.0002'];
    for (const rate of rates) {
      world.exchange.perpetuals.setFundingRate(SYMBOL, rate);
      stage.rig.clock.skip(FUNDING_MS);
      world.setPrice(SYMBOL, '60000');
    }
    const paid = await callsOf(stage).fundingSince(SYMBOL, since);
    const truth = world.exchange.perpetuals.fundingSince('main', SYMBOL, since);
    expect(paid.map(({ symbol, asset, amount, at }) => [symbol, asset, amount, at])).toEqual(truth.map(({ amount, at }) => [SYMBOL, 'USDT', amount, at]));
    expect(paid.map(({ amount }) => Math.sign(Number(amount)))).toEqual([-1, 1, -1]);
    expect(new Set(paid.map(({ paymentId }) => paymentId)).size).toBe(3);
    expect(await callsOf(stage).fundingSince(SYMBOL, since)).toEqual(paid);
    expect(await callsOf(stage).fundingSince(SYMBOL, (paid[1]?.at ?? 0) + 1)).toEqual(paid.slice(2));
    // Funding is no trade.
    expect(await stage.session.fillsSince(SYMBOL, 0)).toHaveLength(1);
  });

  it('P-11 tells funding over more pages and windows than one, complete', async () => {
    const { world } = stage.rig.simulator;
    await trade(stage, 'buy', '0.01');
    world.exchange.perpetuals.setFundingRate(SYMBOL, '0.0001');
    const since = stage.rig.clock.now();
    for (let index = 0; index < 130; index += 1) {
      stage.rig.clock.skip(FUNDING_MS);
      world.setPrice(SYMBOL, '60000');
    }
    const paid = await callsOf(stage).fundingSince(SYMBOL, since);
    expect(paid).toHaveLength(130);
    expect(paid.map(({ at }) => at)).toEqual([...paid.map(({ at }) => at)].sort((one, other) => one - other));
  });
}

function liquidationCases(stage: Stage): void {
  it('P-12 tells a liquidation as such, pushed and in the list, under no name of ours', async () => {
    await callsOf(stage).setLeverage(SYMBOL, 20, 'isolated');
    await trade(stage, 'buy', '0.1');
    stage.rig.simulator.world.setPrice(SYMBOL, '56000');
    await until(() => stage.heard.fills.length === 2, 'the liquidation is pushed');
    const [own, liquidation] = stage.heard.fills;
    expect([own?.isLiquidation, liquidation?.isLiquidation]).toEqual([undefined, true]);
    expect(liquidation).toMatchObject({ symbol: SYMBOL, side: 'sell', size: '0.1' });
    const told = await stage.session.fillsSince(SYMBOL, 0);
    expect(told.map(({ tradeId, isLiquidation }) => [tradeId, isLiquidation])).toEqual([
      [own?.tradeId, undefined],
      [liquidation?.tradeId, true],
    ]);
    expect(await callsOf(stage).positions()).toEqual([]);
    expect(await stage.session.fillsOf(own?.venueOrderId ?? '', SYMBOL)).toHaveLength(1);
  });
}

function conditionalCases(stage: Stage): void {
  it('P-13 finds a stop by our id while it waits, after it has triggered and after it was cancelled, with its fills under our id', async () => {
    const { rig, session, heard } = stage;
    if (!rig.venue.capabilities.orderTypes.includes('stopMarket')) return;
    const stop = order({ type: 'stopMarket', price: null, triggerPrice: '60500', size: '0.001' });
    const other = order({ type: 'stopLimit', price: '58000', triggerPrice: '58500', side: 'sell', size: '0.002' });
    for (const asked of [stop, other]) await placed(rig, session, asked);
    if (examined(stage).waitingStopsAreSilent !== true) await until(() => heard.orders.length >= 2, 'both are pushed');
    for (const asked of [stop, other]) expect(await session.findOrder(asked.clientOrderId, SYMBOL)).toMatchObject({ status: 'open', size: asked.size });
    await rig.move('60600');
    await until(() => heard.fills.length === 1, 'the stop has traded');
    const found = await session.findOrder(stop.clientOrderId, SYMBOL);
    expect(found).toMatchObject({ clientOrderId: stop.clientOrderId, status: 'filled', filledSize: '0.001' });
    expect(heard.fills[0]).toMatchObject({ clientOrderId: stop.clientOrderId, venueOrderId: found?.venueOrderId });
    expect(await session.fillsOf(found?.venueOrderId ?? '', SYMBOL)).toMatchObject([{ tradeId: heard.fills[0]?.tradeId, clientOrderId: stop.clientOrderId }]);
    expect(await session.cancel(stop.clientOrderId, SYMBOL)).toEqual({ outcome: 'notOpen' });
    expect(await session.cancel(other.clientOrderId, SYMBOL)).toEqual({ outcome: 'done' });
    expect(await session.findOrder(other.clientOrderId, SYMBOL)).toMatchObject({ status: 'cancelled', filledSize: '0' });
    expect(await session.openOrders(SYMBOL)).toEqual([]);
  });

  it('P-14 cancels a stop that has just become an order of the book', async () => {
    const { rig, session } = stage;
    if (!rig.venue.capabilities.orderTypes.includes('stopLimit')) return;
    const stop = order({ type: 'stopLimit', price: '59500', triggerPrice: '59400', side: 'sell', size: '0.002', reduceOnly: false });
    await placed(rig, session, stop);
    await rig.move('59300');
    expect(await session.openOrders(SYMBOL)).toMatchObject([{ clientOrderId: stop.clientOrderId, price: '59500' }]);
    expect(await session.cancel(stop.clientOrderId, SYMBOL)).toEqual({ outcome: 'done' });
    expect(await session.openOrders(SYMBOL)).toEqual([]);
  });
}

function keyCases(stage: Stage): void {
  it('P-15 serves a key for spot alone: its streams are up, its perpetual orders refused, and nothing else the worse', async () => {
    const { rig } = stage;
    const session = rig.venue.session(examined(stage).spotOnly);
    const heard = new Heard();
    await session.listen(heard);
    await until(() => heard.states.at(-1) === 'up', 'the stream of spot is up');
    expect(await session.checkKey()).toMatchObject({ canTrade: true, canTradePerpetuals: false });
    expect(await place(rig, session, order())).toMatchObject({ outcome: 'rejected' });
    await expect(callsOf({ session }).positions()).rejects.toMatchObject({ name: 'PortError', code: examined(stage).spotOnlyCode ?? 'key_rejected' });
    const spot = order({ symbol: SPOT });
    await placed(rig, session, spot);
    await until(() => heard.orders.some(({ clientOrderId }) => clientOrderId === spot.clientOrderId), 'its spot order is pushed');
    expect(heard.states).toEqual(['up']);
    await session.close();
  });

  it('P-16 opens the stream of perpetuals when they are first used, and says down until both deliver', async () => {
    const { rig } = stage;
    const session = rig.venue.session(rig.other);
    const heard = new Heard();
    const before = rig.simulator.streams.count('private');
    await session.listen(heard);
    await until(() => heard.states.at(-1) === 'up', 'the stream of spot is up');
    expect(rig.simulator.streams.count('private') - before).toBe(1);
    expect(await session.checkKey()).toMatchObject({ canTradePerpetuals: true });
    const [spot, perpetual] = [order({ symbol: SPOT }), order()];
    await placed(rig, session, perpetual);
    await until(() => heard.states.join() === 'up,down,up', 'both streams are up');
    expect(rig.simulator.streams.count('private') - before).toBe(examined(stage).streams);
    await placed(rig, session, spot);
    const second = order();
    await placed(rig, session, second);
    const isPushed = (id: string): boolean => heard.orders.some(({ clientOrderId }) => clientOrderId === id);
    await until(() => isPushed(spot.clientOrderId) && isPushed(second.clientOrderId), 'orders of both markets are pushed');
    expect(heard.orders.find(({ clientOrderId }) => clientOrderId === spot.clientOrderId)?.symbol).toBe(SPOT);
    expect(heard.orders.find(({ clientOrderId }) => clientOrderId === second.clientOrderId)?.symbol).toBe(SYMBOL);
    await session.close();
  });

  it('P-17 keeps the markets apart: the same name of an instrument means two things', async () => {
    const { rig, session } = stage;
    const [spot, perpetual] = [order({ symbol: SPOT, price: '58000' }), order({ price: '57000' })];
    await placed(rig, session, spot);
    await placed(rig, session, perpetual);
    expect(await session.openOrders(SPOT)).toMatchObject([{ clientOrderId: spot.clientOrderId, symbol: SPOT, price: '58000' }]);
    expect(await session.openOrders(SYMBOL)).toMatchObject([{ clientOrderId: perpetual.clientOrderId, symbol: SYMBOL, price: '57000' }]);
    expect(await session.cancel(spot.clientOrderId, SYMBOL)).toEqual({ outcome: 'notOpen' });
    const seen = new Map<string, string>();
    for (const symbol of [SPOT, SYMBOL]) rig.venue.market.watchQuotes(symbol, ({ bid }) => seen.set(symbol, bid));
    await until(() => seen.size === 2, 'both are quoted');
    rig.simulator.world.setPrice(SYMBOL, '61000');
    await until(() => seen.get(SYMBOL) === '60999.99', 'the perpetual has moved');
    expect(seen.get(SPOT)).toBe('59999.99');
  });
}
