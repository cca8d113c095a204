/** Cases V-04 to V-13: how orders rest, trade, end and are found. */
import { expect, it } from 'vitest';
import { until } from '#test/support/until.ts';
import { expectWouldTake, feeOf, order, place, placed, type Stage, SYMBOL } from './venue-rig.ts';

const NO_TRADE = { price: '0', size: '0', isMaker: false } as const;
const PLAIN = /^\d+(\.\d*[1-9])?$/;

export function restingCases(stage: Stage): void {
  it('V-04 rests a limit order and tells it exactly, by event and by query', async () => {
    const asked = order({ price: '59000.5', size: '0.00123' });
    const venueOrderId = await placed(stage.rig, stage.session, asked);
    const expected = {
      clientOrderId: asked.clientOrderId,
      venueOrderId,
      symbol: SYMBOL,
      side: 'buy',
      status: 'open',
      price: '59000.5',
      size: '0.00123',
      filledSize: '0',
    };
    expect(await stage.session.openOrders(SYMBOL)).toMatchObject([expected]);
    expect(await stage.session.findOrder(asked.clientOrderId, SYMBOL)).toMatchObject(expected);
    await until(() => stage.heard.orders.length > 0, 'the order is pushed');
    expect(stage.heard.orders[0]).toMatchObject(expected);
  });

  it('V-05 executes a market order at once and pushes the fill with its id, price, fee and our order id', async () => {
    const asked = order({ type: 'market', price: null, size: '0.01' });
    const venueOrderId = await placed(stage.rig, stage.session, asked);
    await until(() => stage.heard.orders.some(({ status }) => status === 'filled'), 'the order is pushed as filled');
    const [fill] = stage.heard.fills;
    expect(stage.heard.fills).toHaveLength(1);
    expect(fill).toMatchObject({
      venueOrderId,
      clientOrderId: asked.clientOrderId,
      symbol: SYMBOL,
      side: 'buy',
      size: '0.01',
      isMaker: false,
    });
    expect(fill).toMatchObject(feeOf(stage.rig, fill ?? NO_TRADE));
    expect(fill?.tradeId).not.toBe('');
    expect(fill?.price).toMatch(PLAIN);
    expect(Number(fill?.price)).toBeGreaterThanOrEqual(60000.01);
    expect(Number(fill?.price)).toBeLessThan(60010);
    expect(await stage.session.findOrder(asked.clientOrderId, SYMBOL)).toMatchObject({ status: 'filled', filledSize: '0.01' });
  });

  it('V-06 fills a resting order as maker at its own price when the market passes it', async () => {
    const asked = order({ price: '59000', size: '0.002' });
    await placed(stage.rig, stage.session, asked);
    await stage.rig.move('58900');
    await until(() => stage.heard.fills.length > 0, 'the fill is pushed');
    expect(stage.heard.fills).toMatchObject([
      {
        clientOrderId: asked.clientOrderId,
        price: '59000',
        size: '0.002',
        isMaker: true,
        ...feeOf(stage.rig, { price: '59000', size: '0.002', isMaker: true }),
      },
    ]);
  });

  it('V-07 rests a post-only order and refuses one that would trade at once', async () => {
    await placed(stage.rig, stage.session, order({ postOnly: true }));
    await expectWouldTake(stage, order({ postOnly: true, price: '61000' }));
    expect(await stage.session.openOrders(SYMBOL)).toHaveLength(1);
  });
}

export function stopCases(stage: Stage): void {
  it('V-08 keeps stops back until the price reaches them', async () => {
    const market = order({ type: 'stopMarket', price: null, triggerPrice: '60500', size: '0.001' });
    const limit = order({ type: 'stopLimit', price: '60900', triggerPrice: '60800', size: '0.001' });
    if (!stage.rig.venue.capabilities.orderTypes.includes('stopMarket')) {
      // A venue that declares no stops must not place them as something else.
      for (const asked of [market, limit]) expect(await place(stage.rig, stage.session, asked)).toMatchObject({ outcome: 'rejected', code: 'not_supported' });
      expect(stage.rig.simulator.log.list('placeOrder')).toEqual([]);
      return;
    }
    await placed(stage.rig, stage.session, market);
    await placed(stage.rig, stage.session, limit);
    expect(await stage.session.openOrders(SYMBOL)).toHaveLength(2);
    expect(stage.heard.fills).toEqual([]);
    await stage.rig.move('60600');
    await until(() => stage.heard.fills.length === 1, 'the first stop has traded');
    expect(stage.heard.fills[0]?.clientOrderId).toBe(market.clientOrderId);
    await stage.rig.move('60850');
    await until(() => stage.heard.fills.length === 2, 'the second stop has traded');
    expect(stage.heard.fills[1]?.clientOrderId).toBe(limit.clientOrderId);
    expect(Number(stage.heard.fills[1]?.price)).toBeLessThanOrEqual(60900);
  });
}

export function endingCases(stage: Stage): void {
  it('V-09 ends an immediate-or-cancel order that finds nothing, and fills one that finds all', async () => {
    const far = order({ timeInForce: 'ioc' });
    const near = order({ timeInForce: 'ioc', price: '60100' });
    await placed(stage.rig, stage.session, far);
    await placed(stage.rig, stage.session, near);
    expect(await stage.session.findOrder(far.clientOrderId, SYMBOL)).toMatchObject({ status: stage.rig.unfilled ?? 'expired', filledSize: '0' });
    expect(await stage.session.findOrder(near.clientOrderId, SYMBOL)).toMatchObject({ status: 'filled', filledSize: '0.001' });
    await until(
      () => stage.heard.orders.some(({ clientOrderId, status }) => clientOrderId === far.clientOrderId && status === (stage.rig.unfilled ?? 'expired')),
      'the end of the order is pushed',
    );
  });

  it('V-10 fills a fill-or-kill order wholly or not at all', async () => {
    const far = order({ timeInForce: 'fok' });
    const near = order({ timeInForce: 'fok', price: '60100', size: '0.02' });
    const killed = await place(stage.rig, stage.session, far);
    await placed(stage.rig, stage.session, near);
    const { unfilledKill } = stage.rig;
    if (unfilledKill !== undefined)
      expect([killed, await stage.session.findOrder(far.clientOrderId, SYMBOL)]).toMatchObject([{ outcome: 'rejected', code: unfilledKill }, null]);
    else expect(await stage.session.findOrder(far.clientOrderId, SYMBOL)).toMatchObject({ status: stage.rig.unfilled ?? 'expired', filledSize: '0' });
    expect(await stage.session.findOrder(near.clientOrderId, SYMBOL)).toMatchObject({ status: 'filled', filledSize: '0.02' });
  });

  it('V-11 takes a cancel, pushes it under our id and knows the order as cancelled', async () => {
    const asked = order();
    await placed(stage.rig, stage.session, asked);
    expect(await stage.session.cancel(asked.clientOrderId, SYMBOL)).toEqual({ outcome: 'done' });
    expect(await stage.session.openOrders(SYMBOL)).toEqual([]);
    expect(await stage.session.findOrder(asked.clientOrderId, SYMBOL)).toMatchObject({
      clientOrderId: asked.clientOrderId,
      status: 'cancelled',
      filledSize: '0',
    });
    await until(
      () => stage.heard.orders.some(({ clientOrderId, status }) => clientOrderId === asked.clientOrderId && status === 'cancelled'),
      'the cancel is pushed under our id',
    );
  });

  it('V-12 says that an order is not open when it is cancelled twice, filled, or was never placed', async () => {
    const [twice, filled] = [order(), order({ type: 'market', price: null })];
    await placed(stage.rig, stage.session, twice);
    await placed(stage.rig, stage.session, filled);
    await stage.session.cancel(twice.clientOrderId, SYMBOL);
    for (const id of [twice.clientOrderId, filled.clientOrderId, order().clientOrderId])
      expect(await stage.session.cancel(id, SYMBOL)).toEqual({ outcome: 'notOpen' });
  });

  it('V-13 finds nothing, for certain, where no order was placed', async () => {
    expect(await stage.session.findOrder(order().clientOrderId, SYMBOL)).toBeNull();
    expect(await stage.session.openOrders(SYMBOL)).toEqual([]);
    expect(await stage.session.fillsSince(SYMBOL, 0)).toEqual([]);
  });
}
