/** The gate for perpetuals: margin instead of money, exposure instead of holdings. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ASK, BID, grains, limit, market, PERPETUAL_SCALE as SCALE, SCALE as SPOT } from './engine/engine.fixture.ts';
import { feeOn } from './instrument.ts';
import type { Order, OrderRequest } from './order.ts';
import { emptyPosition } from './position.ts';
import { assess, freeBaseGrains, freeQuoteAtoms, type RiskLimits, type RiskView } from './risk.ts';

/** Lots held, entered at the bid. */
function view(lots = 0, change: Partial<RiskView> = {}, limits: Partial<RiskLimits> = {}): RiskView {
  return {
    scale: SCALE,
    limits: { budgetAtoms: 1_000_000, maxOrderAtoms: 500_000_000, maxOpenOrders: 50, priceCollar: 0.1, ordersPerMinute: 60, leverage: 10, ...limits },
    feeAsset: 'quote',
    tradingState: 'active',
    position: { ...emptyPosition(), baseGrains: grains(lots), costAtoms: lots * BID, quoteAtoms: -lots * BID },
    orders: [],
    bidTicks: BID,
    askTicks: ASK,
    orderTokens: 60,
    ...change,
  };
}

const reduce = (request: OrderRequest): OrderRequest => ({ ...request, reduceOnly: true });
const open = (request: OrderRequest, change: Partial<Order> = {}): Order => ({
  ...request,
  ...{ clientOrderId: 'x', createdAt: 0, state: 'accepted', filledLots: 0, filledAtoms: 0, cancelRequested: false },
  ...change,
});
const codeOf = (request: OrderRequest, at: RiskView): string | null => assess(request, at)?.code ?? null;
/** Most lots at a price that pass. */
function most(side: 'buy' | 'sell', priceTicks: number, at: RiskView): number {
  let lots = 0;
  for (let step = 4_096; step >= 1; step /= 2) if (codeOf(limit(side, priceTicks, lots + step), at) === null) lots += step;
  return lots;
}

describe('margin', () => {
  it('lets a position be worth the leverage times the budget, less fees', () => {
    // A lot at 10,000 ticks binds 1,000 atoms and its fee is 5 (0.05 %).
    expect(most('buy', BID, view())).toBe(Math.floor(1_000_000 / 1_005));
    expect(most('sell', BID, view())).toBe(Math.floor(1_000_000 / 1_005));
    expect(most('buy', BID, view(0, {}, { leverage: 1 }))).toBe(Math.floor(1_000_000 / 10_005));
  });

  it('needs the worse of both directions, not the sum, but every fee', () => {
    const both = view(0, { orders: [open(limit('sell', BID, 900))] });
    expect(most('buy', BID, both)).toBe(Math.floor((1_000_000 - 900 * 5) / 1_005));
  });

  it('counts what is in doubt at its worst price', () => {
    const doubtful = view(0, { orders: [open(limit('buy', BID, 900), { state: 'unknown' })] });
    expect(most('buy', BID, doubtful)).toBe(Math.floor(1_000_000 / 1_005) - 900);
    const done = view(0, { orders: [open(limit('buy', BID, 900), { state: 'cancelled' })] });
    expect(most('buy', BID, done)).toBe(Math.floor(1_000_000 / 1_005));
  });

  it('nets orders against the position that they close first', () => {
    const long = view(500);
    expect(freeQuoteAtoms(long)).toBe(500_000);
    expect(most('sell', BID, long)).toBeGreaterThanOrEqual(1_490);
    expect(most('buy', BID, long)).toBe(Math.floor(500_000 / 1_005));
  });

  it('takes what the position has lost, and not what it has gained so far', () => {
    expect(freeQuoteAtoms(view(500, { bidTicks: BID - 100, askTicks: ASK - 100 }))).toBe(1_000_000 - 50_000 - 500_000);
    expect(freeQuoteAtoms(view(500, { bidTicks: BID + 100, askTicks: ASK + 100 }))).toBe(500_000);
    // A short is worth what it costs to buy back.
    expect(freeQuoteAtoms(view(-500, { bidTicks: BID, askTicks: BID + 100 }))).toBe(1_000_000 - 50_000 - 500_000);
  });

  it('lets an order pass that only closes, however much is lost', () => {
    const lost = view(900, { bidTicks: BID - 500, askTicks: ASK - 500 });
    expect(freeQuoteAtoms(lost)).toBeLessThan(0);
    expect(codeOf(limit('sell', BID - 500, 900), lost)).toBeNull();
    expect(codeOf(limit('sell', BID - 500, 1_900), lost)).toBe('budget_exceeded');
    expect(codeOf(limit('buy', BID - 500, 100), lost)).toBe('budget_exceeded');
  });

  it('says how much is needed and how much is free', () => {
    expect(assess(limit('buy', BID, 2_000), view())).toEqual({
      code: 'budget_exceeded',
      message: "the order needs 20.1 USDT of margin, 10 of the bot's budget is free",
    });
  });

  it('is never promised beyond the budget, whichever orders of one direction are filled', () => {
    const requests = fc.array(
      fc.record({
        side: fc.constantFrom('buy' as const, 'sell' as const),
        priceTicks: fc.integer({ min: 9_100, max: 10_900 }),
        lots: fc.integer({ min: 10, max: 600 }),
        isFilled: fc.boolean(),
      }),
      { maxLength: 40, size: 'max' },
    );
    fc.assert(
      fc.property(requests, fc.constantFrom('buy' as const, 'sell' as const), (given, direction) => {
        const orders: Order[] = [];
        const filled: Order[] = [];
        for (const { side, priceTicks, lots, isFilled } of given) {
          const request = limit(side, priceTicks, lots);
          if (assess(request, view(0, { orders })) !== null) continue;
          orders.push(open(request));
          if (isFilled && side === direction) filled.push(open(request));
        }
        const values = filled.map(({ priceTicks, sizeLots }) => (direction === 'sell' ? Math.max(priceTicks, BID) : priceTicks) * sizeLots);
        const entry = values.reduce((sum, value) => sum + value, 0);
        const fees = values.reduce((sum, value) => sum + Math.floor(feeOn(value, SCALE.takerFee)), 0);
        expect(entry / 10 + fees).toBeLessThanOrEqual(1_000_000 + filled.length);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a reduce-only order', () => {
  it.each([
    ['of a long sells', 500, reduce(market('sell', 500)), null],
    ['of a short buys', -500, reduce(market('buy', 500)), null],
    ['is refused on the same side', 500, reduce(market('buy', 10)), 'reduce_only'],
    ['is refused without a position', 0, reduce(market('sell', 10)), 'reduce_only'],
    ['is refused beyond the position', 500, reduce(market('sell', 501)), 'reduce_only'],
    ['may be worth less than the minimum', 5, reduce(limit('sell', BID, 5)), null],
  ])('%s', (_name, lots, request, code) => {
    expect(codeOf(request, view(lots))).toBe(code);
  });

  it('may not close what other reduce-only orders close already', () => {
    const orders = [open(reduce(limit('sell', 11_000, 300)), { filledLots: 100 }), open(limit('sell', 11_000, 300))];
    expect(codeOf(reduce(market('sell', 300)), view(500, { orders }))).toBeNull();
    expect(codeOf(reduce(market('sell', 301)), view(500, { orders }))).toBe('reduce_only');
    expect(freeBaseGrains(view(500, { orders }))).toBe(grains(300));
  });

  it('needs no margin', () => {
    const lost = view(900, { bidTicks: BID - 900, askTicks: ASK - 900 });
    expect(codeOf(reduce(market('sell', 900)), lost)).toBeNull();
  });
});

describe('while a run is only to reduce', () => {
  const reducing = (lots: number, orders: readonly Order[] = []): RiskView => view(lots, { tradingState: 'reducing', orders });

  it.each([
    ['a sale that closes a long', limit('sell', BID, 500), reducing(500), null],
    ['a purchase that closes a short', limit('buy', BID, 500), reducing(-500), null],
    ['a sale that would turn it', limit('sell', BID, 501), reducing(500), 'reduce_only'],
    ['a purchase that adds to a long', limit('buy', BID, 10), reducing(500), 'reduce_only'],
    ['anything while flat', limit('sell', BID, 10), reducing(0), 'reduce_only'],
    ['a sale that would turn it with what is open', limit('sell', BID, 300), reducing(500, [open(limit('sell', 11_000, 300))]), 'reduce_only'],
  ])('%s', (_name, request, at, code) => {
    expect(codeOf(request, at)).toBe(code);
  });
});

it('refuses a reduce-only purchase of a spot run, which could lessen nothing', () => {
  expect(codeOf(reduce(limit('buy', BID, 100)), view(0, { scale: SPOT }, { budgetAtoms: 100_000_000 }))).toBe('reduce_only');
  expect(codeOf(reduce(limit('sell', BID, 100)), view(500, { scale: SPOT }))).toBeNull();
});
