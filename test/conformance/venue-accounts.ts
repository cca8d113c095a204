/** Cases V-18 to V-24: balances, fills, and what belongs to whom. */
import { expect, it } from 'vitest';
import { Decimal } from '#core/money.ts';
import { until } from '#test/support/until.ts';
import { ELSEWHERE, isPerpetual, listening, order, placed, type Stage, SYMBOL, windowOf } from './venue-rig.ts';

export function bookCases(stage: Stage): void {
  const balance = async (asset: string) => (await stage.session.balances()).find((each) => each.asset === asset);

  it('V-18 tells balances exactly: what an order binds, what a trade and its fee leave', async () => {
    // A perpetual binds margin: P-02.
    if (isPerpetual(stage.rig)) return;
    expect(await balance('USDT')).toEqual({ asset: 'USDT', free: '100000', locked: '0' });
    const asked = order({ price: '59000', size: '0.001' });
    await placed(stage.rig, stage.session, asked);
    expect(await balance('USDT')).toEqual({ asset: 'USDT', free: '99941', locked: '59' });
    const before = new Decimal((await balance('BTC'))?.free ?? '0');
    await stage.rig.move('58900');
    await until(() => stage.heard.fills.length > 0, 'the order has traded');
    expect(await balance('USDT')).toEqual({ asset: 'USDT', free: '99941', locked: '0' });
    expect(new Decimal((await balance('BTC'))?.free ?? '0').minus(before).toFixed()).toBe('0.000999');
  });

  it('V-19 tells all fills from a cursor on, oldest first, equal to what was pushed', async () => {
    for (let index = 0; index < 5; index += 1)
      await placed(stage.rig, stage.session, order({ type: 'market', price: null, side: index % 2 === 0 ? 'buy' : 'sell', size: `0.00${5 - index}` }));
    await until(() => stage.heard.fills.length === 5, 'five fills are pushed');
    const since = Math.min(...stage.heard.fills.map(({ at }) => at));
    const told = await stage.session.fillsSince(SYMBOL, since);
    expect(told.map(({ size }) => size)).toEqual(['0.005', '0.004', '0.003', '0.002', '0.001']);
    expect(told.map(({ clientOrderId: _, ...fill }) => fill)).toEqual(stage.heard.fills.map(({ clientOrderId: _, ...fill }) => fill));
    expect(new Set(told.map(({ tradeId }) => tradeId)).size).toBe(5);
    expect(await stage.session.fillsSince(SYMBOL, Math.max(...told.map(({ at }) => at)) + (stage.rig.fillTimeStepMs ?? 1))).toEqual([]);
    const third = told[2];
    expect(third === undefined ? [] : await stage.session.fillsOf(third.venueOrderId, SYMBOL)).toEqual([third]);
  });
}

export function sessionCases(stage: Stage): void {
  it('V-20 keeps symbols apart', async () => {
    await placed(stage.rig, stage.session, order());
    await placed(stage.rig, stage.session, order({ symbol: ELSEWHERE, price: '2900', size: '0.01' }));
    expect(await stage.session.openOrders(ELSEWHERE)).toMatchObject([{ symbol: ELSEWHERE, price: '2900', size: '0.01' }]);
    expect(await stage.session.openOrders(SYMBOL)).toHaveLength(1);
  });

  it('V-21 keeps accounts apart', async () => {
    const stranger = await listening(stage.rig, stage.rig.other);
    const asked = order();
    await placed(stage.rig, stage.session, asked);
    await until(() => stage.heard.orders.length > 0, 'the order is pushed to its account');
    expect(await stranger.session.openOrders(SYMBOL)).toEqual([]);
    expect(await stranger.session.findOrder(asked.clientOrderId, SYMBOL)).toBeNull();
    expect(await stranger.session.cancel(asked.clientOrderId, SYMBOL)).toEqual({ outcome: 'notOpen' });
    expect(stranger.heard.orders).toEqual([]);
    await stranger.session.close();
  });

  it('V-22 tells two sessions of one account the same', async () => {
    const second = await listening(stage.rig);
    await placed(stage.rig, stage.session, order());
    await until(() => stage.heard.orders.length > 0 && second.heard.orders.length > 0, 'both sessions hear of the order');
    expect(second.heard.orders[0]).toEqual(stage.heard.orders[0]);
    await second.session.close();
  });

  it('V-23 reports a key that may trade and may not withdraw', async () => {
    expect(await stage.session.checkKey()).toMatchObject({ canTrade: true, canWithdraw: false });
  });

  it('V-24 pushes nothing inside the call that causes it, and nothing after the session is closed', async () => {
    const asked = order({ type: 'market', price: null });
    const window = await windowOf(stage.rig, stage.session);
    const placing = stage.session.place(asked, window);
    expect([...stage.heard.orders, ...stage.heard.fills]).toEqual([]);
    await placing;
    await until(() => stage.heard.fills.length === 1, 'the fill is pushed');
    const count = stage.heard.orders.length;
    await stage.session.close();
    await stage.rig.move('58000');
    expect(stage.heard.orders).toHaveLength(count);
    expect(await stage.session.place(order(), window)).toMatchObject({ outcome: 'rejected', code: 'not_sent' });
    expect(await stage.session.cancel(asked.clientOrderId, SYMBOL)).toMatchObject({ outcome: 'unknown', code: 'not_sent' });
    await expect(stage.session.balances(stage.rig.kind)).rejects.toMatchObject({ name: 'PortError', outcome: 'failed' });
  });
}
