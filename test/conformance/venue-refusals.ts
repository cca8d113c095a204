/** Cases V-14 to V-17: what is refused for certain, and what only seems to be. */
import { expect, it } from 'vitest';
import type { OutboundOrder } from '#core/venue-ports.ts';
import { expectWouldTake, NOWHERE, order, place, placed, type Reason, type Stage, SYMBOL, windowOf } from './venue-rig.ts';

export function refusalCases(stage: Stage): void {
  const refused: readonly (readonly [Reason, string, Partial<OutboundOrder>])[] = [
    ['insufficientBalance', 'more than the account holds', { size: '100' }],
    ['insufficientBalance', 'a sale of more than it holds', { side: 'sell', price: '61000', size: '50' }],
    ['price', 'a price between two increments', { price: '59000.005' }],
    ['price', 'a price of nothing', { price: '0' }],
    ['size', 'a size between two increments', { size: '0.000015' }],
    ['size', 'a size of nothing', { size: '0' }],
    ['size', 'a size above the maximum', { size: '9001' }],
    ['minNotional', 'a value below the minimum', { size: '0.00005' }],
    ['symbol', 'a symbol that is not traded', { symbol: 'not traded' }],
    ['wouldTake', 'a post-only sale below the bid', { side: 'sell', postOnly: true, price: '59000', size: '0.0001' }],
    ['wouldTrigger', 'a stop that the price has passed', { type: 'stopMarket', price: null, triggerPrice: '59000' }],
  ];
  it.each(refused)('V-14 refuses for certain (%s): %s', async (reason, _what, change) => {
    if (change.side === 'sell') await placed(stage.rig, stage.session, order({ type: 'market', price: null, size: '0.0002' }));
    const asked = order(reason === 'symbol' ? { symbol: NOWHERE } : change);
    if (reason === 'wouldTake') return expectWouldTake(stage, asked);
    expect(await place(stage.rig, stage.session, asked)).toMatchObject({ outcome: 'rejected', code: stage.rig.codes[reason] });
    expect(await stage.session.openOrders(SYMBOL)).toEqual([]);
    if (asked.symbol === SYMBOL) expect(await stage.session.findOrder(asked.clientOrderId, SYMBOL)).toBeNull();
    expect(stage.heard.orders.filter(({ clientOrderId }) => clientOrderId === asked.clientOrderId)).toEqual([]);
  });

  it.each([{ price: '1e400' }, { price: 'NaN' }, { price: '-59000' }, { size: 'Infinity' }, { size: '-1' }, { size: '' }, { price: null }])(
    'V-15 refuses garbage for certain: %o',
    async (change) => {
      expect(await place(stage.rig, stage.session, order(change))).toMatchObject({ outcome: 'rejected' });
      expect(await stage.session.openOrders(SYMBOL)).toEqual([]);
    },
  );

  it('V-16 leaves a repeated id in doubt, because it is evidence of an order, and keeps exactly one', async () => {
    const asked = order();
    await placed(stage.rig, stage.session, asked);
    expect((await place(stage.rig, stage.session, asked)).outcome).toBe('unknown');
    expect(await stage.session.openOrders(SYMBOL)).toHaveLength(1);
  });

  it('V-17 places nothing when a request arrives after its window', async () => {
    const asked = order();
    const window = await windowOf(stage.rig, stage.session);
    const late = { ...window, timestampMs: window.timestampMs - window.windowMs - 500 };
    expect(await stage.session.place(asked, late)).toMatchObject({ outcome: 'rejected', code: stage.rig.codes.late });
    expect(await stage.session.findOrder(asked.clientOrderId, SYMBOL)).toBeNull();
  });
}
