/** What a simulated exchange offers to whoever drives it alone: what it waits for, orders in ticks and lots, and word of everything as it happens. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OrderRequest } from '../order.ts';
import type { ExchangeListener, SimulatedExchange } from '../simulated-exchange.ts';
import { HOUR_MS, opened, SYMBOL } from './perpetuals.fixture.ts';

const START_TICKS = 500_000;

const request: fc.Arbitrary<OrderRequest> = fc.record({
  side: fc.constantFrom('buy' as const, 'sell' as const),
  type: fc.constantFrom('limit' as const, 'limit' as const, 'market' as const, 'stopMarket' as const, 'stopLimit' as const),
  priceTicks: fc.oneof(fc.integer({ min: 440_000, max: 560_000 }), fc.constantFrom(0, 1, 20_000_000)),
  triggerTicks: fc.oneof(fc.constant(0), fc.integer({ min: 440_000, max: 560_000 })),
  sizeLots: fc.oneof({ weight: 6, arbitrary: fc.integer({ min: 1, max: 600 }) }, { weight: 1, arbitrary: fc.constantFrom(0, 5_000, 2_000_000) }),
  timeInForce: fc.constantFrom('gtc' as const, 'ioc' as const, 'fok' as const),
  postOnly: fc.boolean(),
  reduceOnly: fc.boolean(),
  tag: fc.constant(''),
});

/** Most of what is drawn would be refused for a price too many or too few. */
const sensible = request.map((each) => ({
  ...each,
  priceTicks: each.type === 'limit' || each.type === 'stopLimit' ? each.priceTicks : 0,
  triggerTicks: each.type === 'stopMarket' || each.type === 'stopLimit' ? each.triggerTicks || 450_000 : 0,
  postOnly: each.postOnly && each.type === 'limit' && each.timeInForce === 'gtc',
}));

function exchangeWith(leverage: number, options: Parameters<typeof opened>[0] = {}): SimulatedExchange {
  const exchange = opened({ marginMode: 'isolated', ...options });
  exchange.perpetuals.setLeverage('ann', SYMBOL, leverage, 'isolated', 1);
  return exchange;
}

describe('a simulated exchange that is driven alone', () => {
  it('stays as it is between the prices it waits for and before the time, and does not beyond them', () => {
    const seen = { quiet: 0, beyond: 0, liquidated: 0, funded: 0 };
    fc.assert(
      fc.property(
        fc.array(sensible, { minLength: 1, maxLength: 8 }),
        fc.constantFrom(2, 10, 50),
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 6, maxLength: 6 }),
        (requests, leverage, shares) => {
          const exchange = exchangeWith(leverage);
          exchange.perpetuals.setFundingRate(SYMBOL, '0.0001');
          exchange.movePrice(SYMBOL, START_TICKS, 2);
          for (const [index, each] of requests.entries()) exchange.placeRequest('ann', SYMBOL, `c${index}`, each, 3);
          exchange.takeEvents();
          const { downTicks, upTicks, dueAt } = exchange.waits(SYMBOL);
          if (downTicks >= START_TICKS || upTicks <= START_TICKS) return;
          const [low, high] = [Math.max(1, downTicks + 1), Math.min(2 * START_TICKS, upTicks - 1)];
          for (const [index, share] of shares.entries()) exchange.movePrice(SYMBOL, Math.round(low + share * (high - low)), Math.min(4 + index, dueAt - 1));
          expect(exchange.takeEvents()).toEqual([]);
          seen.quiet += 1;
          if (downTicks > 10) {
            exchange.movePrice(SYMBOL, downTicks - 6, 20);
            const events = exchange.takeEvents();
            expect(events.length, 'something waits at the lower price').toBeGreaterThan(0);
            seen.beyond += 1;
            seen.liquidated += Number(events.some((event) => event.type === 'position' && event.cause === 'liquidation'));
          } else if (dueAt < Number.POSITIVE_INFINITY) {
            exchange.movePrice(SYMBOL, START_TICKS, dueAt);
            seen.funded += Number(exchange.takeEvents().some(({ type }) => type === 'funding'));
          }
        },
      ),
      { numRuns: 400 },
    );
    for (const [what, count] of Object.entries(seen)) expect(count, what).toBeGreaterThan(10);
  });

  it('waits at every price for a position that all of an account stands behind, and for no funding where the rate is nothing', () => {
    const exchange = opened();
    const market: OrderRequest = {
      side: 'buy',
      type: 'market',
      priceTicks: 0,
      triggerTicks: 0,
      sizeLots: 10,
      timeInForce: 'ioc',
      postOnly: false,
      reduceOnly: false,
      tag: '',
    };
    expect(exchange.waits(SYMBOL)).toEqual({ downTicks: Number.NEGATIVE_INFINITY, upTicks: Number.POSITIVE_INFINITY, dueAt: Number.POSITIVE_INFINITY });
    expect(exchange.placeRequest('ann', SYMBOL, 'one', market, 2)).toBeNull();
    expect(exchange.waits(SYMBOL)).toEqual({ downTicks: Number.POSITIVE_INFINITY, upTicks: 0, dueAt: Number.POSITIVE_INFINITY });
    exchange.perpetuals.setFundingRate(SYMBOL, '0.0001');
    expect(exchange.waits(SYMBOL).dueAt).toBe(8 * HOUR_MS);
  });

  it('takes an order in ticks and lots as it takes it in decimals, and refuses it for the same reason', () => {
    const reasons = new Set<string>();
    fc.assert(
      fc.property(fc.array(fc.oneof(sensible, sensible, request), { minLength: 1, maxLength: 12 }), (requests) => {
        const [one, other] = [exchangeWith(5), exchangeWith(5)];
        const scale = one.scale(SYMBOL);
        if (scale === undefined) throw new Error('it is listed');
        for (const [index, each] of requests.entries()) {
          const { priceTicks, triggerTicks, sizeLots, tag: _, ...asked } = each;
          const price = priceTicks === 0 ? null : scale.price(priceTicks);
          const triggerPrice = triggerTicks === 0 ? null : scale.price(triggerTicks);
          const answer = one.place('ann', { ...asked, clientOrderId: `c${index}`, symbol: SYMBOL, price, triggerPrice, size: scale.size(sizeLots) }, 2);
          const refusal = other.placeRequest('ann', SYMBOL, `c${index}`, each, 2);
          expect(refusal).toBe(answer.ok ? null : answer.reason);
          reasons.add(refusal ?? 'placed');
        }
        expect(other.takeEvents()).toEqual(one.takeEvents());
        expect(other.balances('ann')).toEqual(one.balances('ann'));
      }),
      { numRuns: 200 },
    );
    expect([...reasons]).toEqual(expect.arrayContaining(['placed', 'priceFilter', 'lotSize', 'notAllowed', 'insufficientBalance', 'reduceOnly']));
    const exchange = opened();
    const market: OrderRequest = {
      side: 'buy',
      type: 'market',
      priceTicks: 0,
      triggerTicks: 0,
      sizeLots: 10,
      timeInForce: 'ioc',
      postOnly: false,
      reduceOnly: false,
      tag: '',
    };
    expect(exchange.placeRequest('ann', 'NO/USDT', 'one', market, 2)).toBe('unknownSymbol');
    exchange.setHalted(SYMBOL, true);
    expect(exchange.placeRequest('ann', SYMBOL, 'one', market, 2)).toBe('marketHalted');
  });

  it('tells a listener of everything and keeps nothing that is over', () => {
    const heard: string[] = [];
    const listener: ExchangeListener = {
      order: ({ clientOrderId }, cause) => heard.push(`${clientOrderId} ${cause}`),
      fill: ({ clientOrderId, filledLots }, tradeId, { sizeLots, feeAtoms }, { feeAsset }) =>
        heard.push(`${clientOrderId} filled ${sizeLots} of ${filledLots} as ${tradeId}, ${feeAtoms} ${feeAsset}`),
      position: (_account, symbol, cause) => heard.push(`${symbol} ${cause}`),
      funding: ({ amount }) => heard.push(`funding ${amount}`),
      balances: () => undefined,
    };
    const exchange = opened({ listener });
    exchange.perpetuals.setFundingRate(SYMBOL, '0.0001');
    const limit: OrderRequest = {
      side: 'buy',
      type: 'limit',
      priceTicks: 490_000,
      triggerTicks: 0,
      sizeLots: 100,
      timeInForce: 'gtc',
      postOnly: false,
      reduceOnly: false,
      tag: '',
    };
    exchange.placeRequest('ann', SYMBOL, 'rests', limit, 2);
    exchange.placeRequest('ann', SYMBOL, 'goes', { ...limit, priceTicks: 480_000 }, 3);
    exchange.cancel('ann', SYMBOL, { clientOrderId: 'goes' }, 4);
    exchange.movePrice(SYMBOL, 489_000, 5);
    exchange.movePrice(SYMBOL, 489_000, 8 * HOUR_MS);
    expect(heard).toEqual([
      'rests accepted',
      'goes accepted',
      'goes cancelled',
      'rests filled 100 of 100 as 1, 9800 USDT',
      `${SYMBOL} trade`,
      'funding -0.489',
    ]);
    expect([exchange.takeEvents(), exchange.orders('ann'), exchange.fillsSince('ann', SYMBOL, 0)]).toEqual([[], [], []]);
  });
});
