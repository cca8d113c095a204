/** Whatever accounts, prices and funding do: no money appears or vanishes, and what may only reduce never opens or turns a position. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Decimal } from '../money.ts';
import type { ExchangeEvent, SimulatedExchange, SimulatedFill } from '../simulated-exchange.ts';
import { at, HOUR_MS, limit, market, opened, SYMBOL } from './perpetuals.fixture.ts';

const ACCOUNTS = ['ann', 'ben'] as const;

const moves = fc.array(
  fc.record({
    kind: fc.constantFrom('limit', 'limit', 'limit', 'market', 'market', 'stop', 'price', 'price', 'time', 'cancel', 'leverage', 'rate'),
    account: fc.constantFrom(...ACCOUNTS),
    side: fc.constantFrom('buy' as const, 'sell' as const),
    lots: fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 900 })),
    dollars: fc.oneof(fc.integer({ min: 49_500, max: 50_500 }), fc.integer({ min: 38_000, max: 62_000 })),
    reduceOnly: fc.boolean(),
    isThin: fc.boolean(),
  }),
  { minLength: 1, maxLength: 60, size: 'max' },
);
type Move = typeof moves extends fc.Arbitrary<readonly (infer Each)[]> ? Each : never;

const settings = fc.record({
  marginMode: fc.constantFrom('cross' as const, 'isolated' as const),
  reduceOnlyExcess: fc.constantFrom('refused' as const, 'shrunk' as const),
  leverage: fc.constantFrom(1, 3, 10, 75),
});

function make(exchange: SimulatedExchange, { kind, account, side, lots, dollars, reduceOnly, isThin }: Move, now: number): void {
  const size = (lots / 1000).toFixed(3);
  const price = String(dollars);
  if (kind === 'price') return at(exchange, price, now, isThin ? lots : undefined);
  if (kind === 'time') return at(exchange, price, now + lots * HOUR_MS);
  if (kind === 'rate') return exchange.perpetuals.setFundingRate(SYMBOL, ((dollars - 50_000) / 10_000_000).toFixed(7));
  if (kind === 'leverage') return void exchange.perpetuals.setLeverage(account, SYMBOL, 1 + (lots % 100), side === 'buy' ? 'cross' : 'isolated', now);
  if (kind === 'cancel') {
    const open = exchange.openOrders(account, SYMBOL);
    const order = open[lots % Math.max(1, open.length)];
    return order === undefined ? undefined : void exchange.cancel(account, SYMBOL, order, now);
  }
  if (kind === 'market') return void exchange.place(account, market(side, size, { reduceOnly }), now);
  if (kind === 'stop') return void exchange.place(account, market(side, size, { type: 'stopMarket', triggerPrice: price, reduceOnly }), now);
  exchange.place(account, limit(side, price, size, { reduceOnly }), now);
}

/** Goes through all moves; `after` sees the exchange and what happened in each. */
function walk(given: readonly Move[], exchange: SimulatedExchange, after: (events: readonly ExchangeEvent[]) => void): void {
  let now = 1;
  for (const move of given) {
    make(exchange, move, now);
    now += move.kind === 'time' ? move.lots * HOUR_MS + 1 : 1;
    after(exchange.takeEvents());
  }
}

const total = (amounts: ReadonlyMap<string, string>): Decimal => new Decimal(amounts.get('USDT') ?? '0');

function walletsOf(exchange: SimulatedExchange): Decimal {
  return ACCOUNTS.flatMap((account) => exchange.balances(account)).reduce((sum, { free, locked }) => sum.plus(free).plus(locked), new Decimal(0));
}

const signed = ({ side, sizeLots }: Pick<SimulatedFill, 'side' | 'sizeLots'>): number => (side === 'buy' ? sizeLots : -sizeLots);

describe('perpetuals at the simulated exchange', () => {
  it('keep every sum: wallets, the outside market, fees, funding and insurance are what was paid in, and no wallet falls below nothing', () => {
    fc.assert(
      fc.property(moves, settings, (given, options) => {
        const exchange = opened(options);
        walk(given, exchange, () => {
          const { outside, fees, funding, insurance } = exchange.counterparts();
          const sum = [outside, fees, funding, insurance].reduce((left, each) => left.plus(total(each)), walletsOf(exchange));
          expect(sum.toFixed()).toBe('20000');
          for (const { free, locked } of ACCOUNTS.flatMap((account) => exchange.balances(account)))
            expect([Number(free) >= 0, Number(locked) >= 0]).toEqual([true, true]);
        });
      }),
      { numRuns: 400 },
    );
  });

  it('are worth what their executions, fees and funding say, counted apart from positions', () => {
    fc.assert(
      fc.property(moves, settings, (given, options) => {
        const exchange = opened(options);
        let cash = new Decimal(0);
        let lots = 0;
        walk(given, exchange, (events) => {
          for (const event of events) {
            if (event.type === 'funding') cash = cash.plus(event.funding.amount);
            if (event.type !== 'fill') continue;
            lots += signed(event.fill);
            cash = cash.minus(new Decimal(signed(event.fill) * event.fill.priceTicks).times('0.0001')).minus(event.fill.feeAmount);
          }
          const positions = ACCOUNTS.map((account) => exchange.perpetuals.position(account, SYMBOL));
          expect(positions.reduce((sum, each) => sum + each.lots, 0)).toBe(lots);
          const floating = positions.reduce((sum, { unrealisedProfit }) => sum.plus(unrealisedProfit), new Decimal(0));
          const { markTicks } = exchange.perpetuals.fundingRate(SYMBOL, 0);
          const worth = cash.plus(new Decimal(lots * markTicks).times('0.0001')).minus(total(exchange.counterparts().insurance));
          expect(walletsOf(exchange).plus(floating).minus(20_000).toFixed()).toBe(worth.toFixed());
        });
      }),
      { numRuns: 400 },
    );
  });

  it('are never opened or turned by what may only reduce, nor left with such an order when flat', () => {
    fc.assert(
      fc.property(moves, settings, (given, options) => {
        const exchange = opened(options);
        const held = new Map<string, number>();
        walk(given, exchange, (events) => {
          for (const event of events) {
            if (event.type !== 'fill') continue;
            const before = held.get(event.fill.account) ?? 0;
            const after = before + signed(event.fill);
            held.set(event.fill.account, after);
            if (!event.order.request.reduceOnly) continue;
            expect(Math.abs(after), 'smaller than before').toBeLessThan(Math.abs(before));
            expect(after * before, 'not on the other side').toBeGreaterThanOrEqual(0);
          }
          for (const account of ACCOUNTS) {
            const { lots } = exchange.perpetuals.position(account, SYMBOL);
            expect(lots).toBe(held.get(account) ?? 0);
            for (const { request } of exchange.openOrders(account, SYMBOL))
              if (request.reduceOnly) expect(request.side === 'sell' ? lots > 0 : lots < 0, 'something is left to reduce').toBe(true);
          }
        });
      }),
      { numRuns: 400 },
    );
  });
});
