/** The gate: each refusal by its code, and that what is exactly at a limit passes. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ASK, BID, grains, INSTRUMENT, limit, market, SCALE } from './engine/engine.fixture.ts';
import { feeOn, MAX_ATOMS, Scale } from './instrument.ts';
import type { Order, OrderRequest, OrderState } from './order.ts';
import { emptyPosition } from './position.ts';
import { assess, type DenialCode, freeBaseGrains, freeQuoteAtoms, type RiskLimits, type RiskView, worstTicks } from './risk.ts';

const LIMITS: RiskLimits = { budgetAtoms: 100_000_000, maxOrderAtoms: 50_000_000, maxOpenOrders: 3, priceCollar: 0.1, ordersPerMinute: 60 };

function view(change: Partial<RiskView> = {}, limits: Partial<RiskLimits> = {}, baseLots = 1_000): RiskView {
  return {
    scale: SCALE,
    limits: { ...LIMITS, ...limits },
    feeAsset: 'received',
    tradingState: 'active',
    position: { ...emptyPosition(), baseGrains: grains(baseLots) },
    orders: [],
    bidTicks: BID,
    askTicks: ASK,
    orderTokens: 60,
    ...change,
  };
}

/** An instrument whose venue names no maximum. */
const VAST = new Scale({ ...INSTRUMENT, maxPrice: null, maxSize: null });

const open = (request: OrderRequest, state: OrderState = 'accepted', filledLots = 0): Order => ({
  ...request,
  clientOrderId: 'x',
  createdAt: 0,
  state,
  filledLots,
  filledAtoms: 0,
  cancelRequested: false,
});
const stop = (side: 'buy' | 'sell', triggerTicks: number, priceTicks = 0, sizeLots = 100): OrderRequest => ({
  ...limit(side, priceTicks, sizeLots),
  type: priceTicks > 0 ? 'stopLimit' : 'stopMarket',
  triggerTicks,
});
const codeOf = (request: OrderRequest, at: RiskView): DenialCode | null => assess(request, at)?.code ?? null;

type Case = readonly [name: string, request: OrderRequest, at: RiskView, code: DenialCode | null];

describe('the shape of an order', () => {
  it.each<Case>([
    ['a limit order', limit('buy', BID, 100), view(), null],
    ['a market order', market('sell', 100), view(), null],
    ['a stop market order', stop('sell', 9_000), view(), null],
    ['a stop limit order', stop('buy', 11_000, 11_100), view(), null],
    ['no size', limit('buy', BID, 0), view(), 'order_invalid'],
    ['a negative size', limit('buy', BID, -5), view(), 'order_invalid'],
    ['half a lot', limit('buy', BID, 100.5), view(), 'order_invalid'],
    ['a size that is no number', limit('buy', BID, Number.NaN), view(), 'order_invalid'],
    ['an infinite size', market('buy', Number.POSITIVE_INFINITY), view(), 'order_invalid'],
    ['a limit order without a price', limit('buy', 0, 100), view(), 'order_invalid'],
    ['a limit order with a price that is no number', limit('buy', Number.NaN, 100), view(), 'order_invalid'],
    ['a limit order at a negative price', limit('buy', -1, 100), view(), 'order_invalid'],
    ['a limit order at half a tick', limit('buy', BID + 0.5, 100), view(), 'order_invalid'],
    ['a market order with a price', { ...market('buy', 100), priceTicks: BID }, view(), 'order_invalid'],
    ['a market order with a negative price', { ...market('buy', 100), priceTicks: -BID }, view(), 'order_invalid'],
    ['a limit order with a trigger', { ...limit('buy', BID, 100), triggerTicks: BID }, view(), 'order_invalid'],
    ['a stop without a trigger', { ...market('buy', 100), type: 'stopMarket' }, view(), 'order_invalid'],
    ['a stop limit order without a price', { ...stop('buy', 11_000, 11_100), priceTicks: 0 }, view(), 'order_invalid'],
    ['a post-only market order', { ...market('buy', 100), postOnly: true }, view(), 'order_invalid'],
    ['a post-only limit order', { ...limit('buy', BID, 100), postOnly: true }, view(), null],
  ])('%s', (_name, request, at, code) => {
    expect(codeOf(request, at)).toBe(code);
  });
});

describe('limits of the venue', () => {
  const plenty = view({}, { budgetAtoms: MAX_ATOMS, maxOrderAtoms: MAX_ATOMS }, 9_100_000);
  it.each<Case>([
    ['the smallest size', limit('buy', 1_000_00, 1), view({ bidTicks: 100_000, askTicks: 100_001 }), null],
    ['the largest size', limit('buy', BID, SCALE.maxLots), plenty, null],
    ['a lot more than the largest size', limit('buy', BID, SCALE.maxLots + 1), plenty, 'size_above_maximum'],
    ['exactly the least value', limit('buy', BID, 10), view(), null],
    ['an atom less than the least value', limit('buy', BID - 1, 10), view(), 'notional_below_minimum'],
    ['a market sale of exactly the least value at the bid', market('sell', 10), view(), null],
    ['a market sale below the least value at the bid', market('sell', 9), view(), 'notional_below_minimum'],
    ['a stop below the least value at its trigger', stop('sell', 9_999, 0, 10), view(), 'notional_below_minimum'],
    ['a price above the largest', limit('sell', SCALE.maxTicks + 1, 1), plenty, 'price_outside_limits'],
    ['the largest price', limit('sell', SCALE.maxTicks, 1), plenty, null],
    ['a trigger above the largest', stop('buy', SCALE.maxTicks + 1, 0, 1), plenty, 'price_outside_limits'],
  ])('%s', (_name, request, at, code) => {
    expect(codeOf(request, at)).toBe(code);
  });
});

describe('the market price', () => {
  it.each<Case>([
    ['unknown refuses everything', limit('buy', BID, 100), view({ bidTicks: 0, askTicks: 0 }), 'no_market_price'],
    ['known on one side only refuses everything', market('sell', 100), view({ askTicks: 0 }), 'no_market_price'],
    ['allows a buy at the collar', limit('buy', 11_000, 100), view({ askTicks: 10_000 }), null],
    ['refuses a buy a tick beyond the collar', limit('buy', 11_001, 100), view({ askTicks: 10_000 }), 'price_outside_collar'],
    ['allows a buy far below', limit('buy', 100, 1_000), view(), null],
    ['allows a sale at the collar', limit('sell', 9_000, 100), view(), null],
    ['refuses a sale a tick beyond the collar', limit('sell', 8_999, 100), view(), 'price_outside_collar'],
    ['allows a sale far above', limit('sell', 90_000, 100), view(), null],
    ['holds the limit of a stop to its trigger when buying', stop('buy', 10_000, 11_001), view(), 'price_outside_collar'],
    ['holds the limit of a stop to its trigger when selling', stop('sell', 10_000, 8_999), view(), 'price_outside_collar'],
    ['allows the limit of a stop at the collar around its trigger', stop('sell', 8_000, 7_200), view(), null],
  ])('%s', (_name, request, at, code) => {
    expect(codeOf(request, at)).toBe(code);
  });
});

describe('the limits of the run', () => {
  const two = [open(limit('buy', 9_000, 20)), open(limit('sell', 11_000, 20), 'unknown')];
  it.each<Case>([
    ['an order of exactly the largest value', limit('buy', 10_000, 5_000), view(), null],
    ['an atom above the largest value', limit('buy', 10_001, 5_000), view(), 'notional_above_limit'],
    ['a market buy above the largest value at the ask', market('buy', 5_000), view(), 'notional_above_limit'],
    ['the last open order allowed', limit('buy', BID, 100), view({ orders: two }), null],
    ['one open order too many', limit('buy', BID, 100), view({ orders: [...two, open(limit('buy', 9_000, 20), 'submitting')] }), 'too_many_open_orders'],
    ['an order while others are over', limit('buy', BID, 100), view({ orders: [...two, open(limit('buy', 9_000, 20), 'cancelled')] }), null],
    ['the last order of the rate', limit('buy', BID, 100), view({ orderTokens: 1 }), null],
    ['an order beyond the rate', limit('buy', BID, 100), view({ orderTokens: 0.999 }), 'order_rate_exceeded'],
    ['any order when halted', limit('sell', BID, 100), view({ tradingState: 'halted' }), 'trading_halted'],
    ['a buy when reducing', limit('buy', BID, 100), view({ tradingState: 'reducing' }), 'reduce_only'],
    ['a sale when reducing', limit('sell', BID, 100), view({ tradingState: 'reducing' }), null],
  ])('%s', (_name, request, at, code) => {
    expect(codeOf(request, at)).toBe(code);
  });
});

describe('the budget', () => {
  it.each<Case>([
    ['covers an order of exactly what is free', limit('buy', 10_000, 100), view({}, { budgetAtoms: 1_000_000 }), null],
    ['does not cover an atom more', limit('buy', 10_000, 100), view({}, { budgetAtoms: 999_999 }), 'budget_exceeded'],
    ['must cover the fee where it is taken in quote', limit('buy', 10_000, 100), view({ feeAsset: 'quote' }, { budgetAtoms: 1_000_999 }), 'budget_exceeded'],
    ['covers order and fee', limit('buy', 10_000, 100), view({ feeAsset: 'quote' }, { budgetAtoms: 1_001_000 }), null],
    ['must cover a market order at the collar', market('buy', 100), view({ askTicks: 10_000 }, { budgetAtoms: 1_099_999 }), 'budget_exceeded'],
    ['covers a market order at the collar', market('buy', 100), view({ askTicks: 10_000 }, { budgetAtoms: 1_100_000 }), null],
    ['must cover a stop at the collar beyond its trigger', stop('buy', 20_000, 0, 100), view({}, { budgetAtoms: 2_199_999 }), 'budget_exceeded'],
    ['covers a stop at the collar beyond its trigger', stop('buy', 20_000, 0, 100), view({}, { budgetAtoms: 2_200_000 }), null],
    [
      'is bound in full by an order in doubt',
      limit('buy', 10_000, 100),
      view({ orders: [open(limit('buy', 10_000, 100), 'unknown')] }, { budgetAtoms: 1_999_999 }),
      'budget_exceeded',
    ],
    [
      'is bound in full by an order being cancelled',
      limit('buy', 10_000, 100),
      view({ orders: [open(limit('buy', 10_000, 100), 'cancelling')] }, { budgetAtoms: 1_999_999 }),
      'budget_exceeded',
    ],
    [
      'is bound only by what has not filled',
      limit('buy', 10_000, 100),
      view({ orders: [open(limit('buy', 10_000, 100), 'partiallyFilled', 60)] }, { budgetAtoms: 1_400_000 }),
      null,
    ],
    [
      'is not bound by orders that are over or that sell',
      limit('buy', 10_000, 100),
      view({ orders: [open(limit('buy', 10_000, 100), 'expired'), open(limit('sell', 10_000, 100))] }, { budgetAtoms: 1_000_000 }),
      null,
    ],
  ])('%s', (_name, request, at, code) => {
    expect(codeOf(request, at)).toBe(code);
  });

  it('grows with what sales bring in and shrinks with what was spent', () => {
    const at = view({ position: { ...emptyPosition(), quoteAtoms: -300 } });
    expect(freeQuoteAtoms(at)).toBe(100_000_000 - 300);
  });
});

describe('the holding', () => {
  it.each<Case>([
    ['covers a sale of all of it', limit('sell', BID, 100), view({}, {}, 100), null],
    ['does not cover a lot more', limit('sell', BID, 101), view({}, {}, 100), 'holding_exceeded'],
    [
      'does not cover a lot of which a grain went as fee',
      limit('sell', BID, 100),
      view({ position: { ...emptyPosition(), baseGrains: grains(100) - 1 } }),
      'holding_exceeded',
    ],
    ['is bound in full by a sale in doubt', limit('sell', BID, 60), view({ orders: [open(limit('sell', BID, 50), 'unknown')] }, {}, 100), 'holding_exceeded'],
    ['is bound only by what has not sold', limit('sell', BID, 60), view({ orders: [open(limit('sell', BID, 50), 'partiallyFilled', 10)] }, {}, 100), null],
    ['below nothing covers no sale', limit('sell', BID, 100), view({}, {}, -5), 'holding_exceeded'],
  ])('%s', (_name, request, at, code) => {
    expect(codeOf(request, at)).toBe(code);
  });
});

describe('a refusal', () => {
  it.each([
    [limit('buy', BID, 10_000), view({}, { maxOrderAtoms: MAX_ATOMS, budgetAtoms: 5 }), "the order needs 1000 USDT, 0.00005 of the bot's budget is free"],
    [limit('sell', BID, 100), view({}, {}, 10), "the order sells 0.1 BTC, 0.01 of the bot's holding is free"],
    [limit('sell', BID, 100), view({}, {}, -10), "the order sells 0.1 BTC, 0 of the bot's holding is free"],
    [limit('sell', 2 ** 40, 2 ** 20), view({ scale: VAST }, { maxOrderAtoms: MAX_ATOMS }, 2 ** 21), 'the order is too large to be computed exactly; split it'],
    [limit('sell', 8_000, 100), view(), 'sell at 80 is more than 10 % beyond the market (100 / 100.02)'],
    [stop('sell', 10_000, 8_999), view(), 'sell at 89.99 is more than 10 % beyond its trigger 100'],
    [limit('buy', BID, 1), view(), 'value 0.1 is below the minimum 1'],
  ])('names the figures', (request, at, message) => {
    expect(assess(request, at)?.message).toBe(message);
  });
});

describe('the worst price', () => {
  it.each([
    [limit('buy', 9_000, 1), 9_000],
    [stop('buy', 11_000, 11_100), 11_100],
    [market('buy', 1), 11_003],
    [market('sell', 1), 9_000],
    [stop('buy', 20_000), 22_000],
    [stop('sell', 9_999), 8_999],
  ])('of an order is its limit, or the collar around market or trigger', (request, ticks) => {
    expect(worstTicks(request, view())).toBe(ticks);
  });
});

describe('for every order that passes', () => {
  const anyRequest = fc.oneof(
    fc
      .record({
        side: fc.constantFrom('buy' as const, 'sell' as const),
        ticks: fc.integer({ min: 8_000, max: 12_000 }),
        lots: fc.integer({ min: 1, max: 6_000 }),
      })
      .map(({ side, ticks, lots }) => limit(side, ticks, lots)),
    fc.record({ side: fc.constantFrom('buy' as const, 'sell' as const), lots: fc.integer({ min: 1, max: 6_000 }) }).map(({ side, lots }) => market(side, lots)),
  );

  it('nothing free turns negative, however many pass: neither budget nor holding is promised twice', () => {
    fc.assert(
      fc.property(fc.array(anyRequest, { maxLength: 30 }), fc.constantFrom('received' as const, 'quote' as const, 'other' as const), (requests, feeAsset) => {
        const orders: Order[] = [];
        const at = view({ orders, feeAsset }, { maxOpenOrders: 100 });
        for (const request of requests) if (assess(request, at) === null) orders.push(open(request, 'submitting'));
        expect(freeQuoteAtoms(at)).toBeGreaterThanOrEqual(0);
        expect(freeBaseGrains(at)).toBeGreaterThanOrEqual(0);
        const bound = orders.filter((order) => order.side === 'buy').reduce((sum, order) => sum + worstTicks(order, at) * order.sizeLots, 0);
        const fees =
          feeAsset === 'quote'
            ? orders.filter((order) => order.side === 'buy').reduce((sum, order) => sum + feeOn(worstTicks(order, at) * order.sizeLots, SCALE.takerFee), 0)
            : 0;
        expect(freeQuoteAtoms(at)).toBe(LIMITS.budgetAtoms - bound - fees);
      }),
    );
  });
});
