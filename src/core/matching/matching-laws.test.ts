/** Laws that hold for every sequence of orders and prices, whatever they are. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OrderRequest } from '../order.ts';
import type { RestingOrder } from './book.ts';
import { BookSide } from './book.ts';
import { matching, moveTo, settleAll } from './matching.fixture.ts';
import type { Matching } from './matching.ts';
import type { MatchingModels } from './models.ts';
import type { Report } from './reports.ts';

const LOW = 80;
const HIGH = 120;
const anyTicks = fc.integer({ min: LOW, max: HIGH });

const anyRequest: fc.Arbitrary<OrderRequest> = fc
  .record({
    side: fc.constantFrom('buy', 'sell'),
    type: fc.constantFrom('limit', 'limit', 'limit', 'market', 'stopLimit', 'stopMarket'),
    priceTicks: anyTicks,
    triggerTicks: anyTicks,
    sizeLots: fc.integer({ min: 1, max: 30 }),
    timeInForce: fc.constantFrom('gtc', 'gtc', 'ioc', 'fok'),
    postOnly: fc.boolean(),
  })
  .map((draft) => {
    const hasLimit = draft.type === 'limit' || draft.type === 'stopLimit';
    const isStop = draft.type === 'stopLimit' || draft.type === 'stopMarket';
    return {
      ...draft,
      tag: '',
      priceTicks: hasLimit ? draft.priceTicks : 0,
      triggerTicks: isStop ? draft.triggerTicks : 0,
      postOnly: draft.postOnly && draft.type === 'limit' && draft.timeInForce === 'gtc',
      reduceOnly: false,
    } as const;
  });

type Act =
  | { readonly act: 'submit'; readonly request: OrderRequest }
  | { readonly act: 'cancel'; readonly index: number }
  | { readonly act: 'quote'; readonly bidTicks: number; readonly spread: number; readonly liquidityLots: number }
  | { readonly act: 'move'; readonly toTicks: number; readonly liquidityLots: number };

const anyLiquidity = fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.integer({ min: 0, max: 60 }));
const submits: fc.Arbitrary<Act> = anyRequest.map((request) => ({ act: 'submit', request }));
const cancels: fc.Arbitrary<Act> = fc.nat(20).map((index) => ({ act: 'cancel', index }));
const quotes: fc.Arbitrary<Act> = fc.record({ act: fc.constant('quote'), bidTicks: anyTicks, spread: fc.nat(4), liquidityLots: anyLiquidity });
const moves: fc.Arbitrary<Act> = fc.record({ act: fc.constant('move'), toTicks: anyTicks, liquidityLots: anyLiquidity });

const anyModels: fc.Arbitrary<Partial<MatchingModels>> = fc.record({
  fillRule: fc.constantFrom('touch', 'through'),
  halfSpreadTicks: fc.nat(3),
  slippage: fc.nat(5).map((ticks) => () => ticks),
});

/** Plays a script and hands every state after a settled act to `check`, with all reports so far. */
function play(models: Partial<MatchingModels>, acts: readonly Act[], check: (engine: Matching, reports: readonly Report[]) => void): void {
  const engine = matching(models);
  engine.jump(100);
  const reports: Report[] = [];
  let orders = 0;
  for (const act of acts) {
    if (act.act === 'submit') engine.submit(act.request, `o${orders++}`, `account${orders % 3}`);
    else if (act.act === 'cancel') engine.cancel(`o${act.index}`);
    else if (act.act === 'quote') {
      engine.quote(act.bidTicks, act.bidTicks + act.spread, act.liquidityLots);
      settleAll(engine);
    } else {
      engine.liquidityLots = act.liquidityLots;
      settleAll(engine);
      const alive = engine.orders.size;
      const executions = moveTo(engine, act.toTicks);
      expect(engine.priceTicks).toBe(act.toTicks);
      // Each order triggers once and fills once, and once the size outside may end within an order.
      expect(executions).toBeLessThanOrEqual(2 * alive + 1);
    }
    reports.push(...engine.takeReports());
    check(engine, reports);
  }
}

const script = (acts: fc.Arbitrary<Act>) => fc.array(acts, { maxLength: 60 });
const everything = script(fc.oneof({ weight: 5, arbitrary: submits }, cancels, quotes, moves));
/** A market that is either quoted or moves along a path, as drivers use it. */
const onPath = script(fc.oneof({ weight: 3, arbitrary: submits }, cancels, moves));

const isLimit = (order: OrderRequest): boolean => order.type === 'limit' || order.type === 'stopLimit';

describe('whatever happens', () => {
  it('no execution is worse than the limit of its order', () => {
    fc.assert(
      fc.property(anyModels, everything, (models, acts) => {
        play(models, acts, (_engine, reports) => {
          for (const report of reports) {
            if (report.type !== 'filled' || !isLimit(report.order)) continue;
            const { side, priceTicks } = report.order;
            expect(side === 'buy' ? report.fill.priceTicks <= priceTicks : report.fill.priceTicks >= priceTicks).toBe(true);
          }
        });
      }),
    );
  });

  it('filled and remaining make the size, a live order has something left, and each order ends once', () => {
    fc.assert(
      fc.property(anyModels, everything, (models, acts) => {
        play(models, acts, (engine, reports) => {
          const filled = new Map<string, number>();
          const ends = new Map<string, number>();
          for (const { type, order, ...rest } of reports) {
            if (type === 'filled' && 'fill' in rest) filled.set(order.clientOrderId, (filled.get(order.clientOrderId) ?? 0) + rest.fill.sizeLots);
            if (type === 'cancelled' || type === 'expired' || type === 'rejected') ends.set(order.clientOrderId, (ends.get(order.clientOrderId) ?? 0) + 1);
          }
          for (const { order } of reports) {
            const id = order.clientOrderId;
            expect((filled.get(id) ?? 0) + order.remainingLots).toBe(order.sizeLots);
            expect(engine.orders.has(id)).toBe(order.remainingLots > 0 && !ends.has(id));
            expect(ends.get(id) ?? 0).toBeLessThanOrEqual(order.remainingLots > 0 ? 1 : 0);
          }
        });
      }),
    );
  });

  it('executions between accounts come in pairs: the same price, the same size, opposite sides, the one who waited is the maker', () => {
    fc.assert(
      fc.property(anyModels, script(fc.oneof({ weight: 8, arbitrary: submits }, cancels)), (models, acts) => {
        // Nobody trades outside, so every lot bought is a lot sold here.
        const engine = matching(models);
        let orders = 0;
        for (const act of acts) {
          if (act.act === 'submit') engine.submit(act.request, `o${orders++}`);
          else if (act.act === 'cancel') engine.cancel(`o${act.index}`);
        }
        const fills = engine.takeReports().flatMap((report) => (report.type === 'filled' ? [report.fill] : []));
        for (let index = 0; index < fills.length; index += 2) {
          const [maker, taker] = fills.slice(index, index + 2);
          expect([maker?.isMaker, taker?.isMaker, maker?.priceTicks, maker?.sizeLots]).toEqual([true, false, taker?.priceTicks, taker?.sizeLots]);
          expect(maker?.side).not.toBe(taker?.side);
        }
        expect(new Set(fills.map((fill) => fill.tradeId)).size).toBe(fills.length);
      }),
    );
  });

  it('the book never stays crossed: the best bid is below the best ask', () => {
    fc.assert(
      fc.property(anyModels, everything, (models, acts) => {
        play(models, acts, (engine, reports) => {
          const triggered = new Set(reports.flatMap((report) => (report.type === 'triggered' ? [report.order.clientOrderId] : [])));
          const resting = [...engine.orders.values()].filter((order) => order.type === 'limit' || triggered.has(order.clientOrderId));
          const bids = resting.filter((order) => order.side === 'buy').map((order) => order.priceTicks);
          const asks = resting.filter((order) => order.side === 'sell').map((order) => order.priceTicks);
          expect(Math.max(...bids)).toBeLessThan(Math.min(...asks));
        });
      }),
    );
  });

  it('only orders good till cancelled rest, and a post-only order never takes', () => {
    fc.assert(
      fc.property(anyModels, everything, (models, acts) => {
        play(models, acts, (engine, reports) => {
          const triggered = new Set(reports.flatMap((report) => (report.type === 'triggered' ? [report.order.clientOrderId] : [])));
          for (const order of engine.orders.values()) {
            const isWaitingStop = order.triggerTicks > 0 && !triggered.has(order.clientOrderId);
            expect(isWaitingStop || (isLimit(order) && order.timeInForce === 'gtc')).toBe(true);
          }
          for (const report of reports) if (report.type === 'filled' && report.order.postOnly) expect(report.fill.isMaker).toBe(true);
        });
      }),
    );
  });

  it('a fill-or-kill order fills whole or not at all', () => {
    fc.assert(
      fc.property(anyModels, everything, (models, acts) => {
        play(models, acts, (_engine, reports) => {
          for (const { order, type } of reports) if (order.timeInForce === 'fok' && type === 'expired') expect(order.remainingLots).toBe(order.sizeLots);
        });
      }),
    );
  });

  it('resting orders of one side and price trade in the order in which they joined', () => {
    fc.assert(
      fc.property(anyModels, everything, (models, acts) => {
        play(models, acts, (_engine, reports) => {
          const left = new Map<RestingOrder, number>();
          for (const report of reports) {
            const { order } = report;
            // A stop joins when it triggers: behind all who wait.
            if (report.type === 'triggered') left.delete(order);
            if (isLimit(order) && report.type === (order.triggerTicks > 0 ? 'triggered' : 'accepted')) left.set(order, order.sizeLots);
            if (report.type === 'cancelled' || report.type === 'expired') left.delete(order);
            if (report.type !== 'filled') continue;
            const rivals = [...left].filter(([other, lots]) => lots > 0 && other.side === order.side && other.priceTicks === order.priceTicks);
            if (report.fill.isMaker) expect(rivals[0]?.[0].clientOrderId).toBe(order.clientOrderId);
            if (left.has(order)) left.set(order, (left.get(order) ?? 0) - report.fill.sizeLots);
          }
        });
      }),
    );
  });
});

describe('along a path', () => {
  it('every target is reached, within as many executions as there are orders and triggers', () => {
    fc.assert(fc.property(anyModels, onPath, (models, acts) => play(models, acts, () => undefined)));
  });

  it('a jump anywhere strictly between the next price down and the next price up changes nothing', () => {
    fc.assert(
      fc.property(anyModels, onPath, fc.nat(100), (models, acts, share) => {
        play(models, acts, (engine) => {
          const low = Math.max(LOW - 10, engine.nextDownTicks + 1);
          const high = Math.min(HIGH + 10, engine.nextUpTicks - 1);
          if (high < low) return;
          const home = engine.priceTicks;
          const before = [...engine.orders.keys()];
          engine.jump(low + Math.floor(((high - low) * share) / 100));
          expect(settleAll(engine)).toBe(0);
          expect([...engine.orders.keys()]).toEqual(before);
          engine.jump(home);
        });
      }),
    );
  });

  it('the next prices are exact: one tick before nothing happens, at them something does', () => {
    fc.assert(
      fc.property(anyModels, onPath, (models, acts) => {
        const engine = matching(models);
        engine.jump(100);
        let orders = 0;
        for (const act of acts) if (act.act === 'submit') engine.submit(act.request, `o${orders++}`);
        const down = engine.nextDownTicks;
        const up = engine.nextUpTicks;
        if (down < 100 && down > 0) {
          expect(moveTo(engine, down + 1)).toBe(0);
          expect(engine.advance(down)).toBe(true);
        } else if (up > 100 && up < 1_000) {
          expect(moveTo(engine, up - 1)).toBe(0);
          expect(engine.advance(up)).toBe(true);
        }
      }),
    );
  });

  it('one long move and the same way in steps execute the same', () => {
    const told = (engine: Matching): string[] =>
      engine
        .takeReports()
        .map((report) => `${report.type} ${report.order.clientOrderId} ${report.type === 'filled' ? `${report.fill.sizeLots}@${report.fill.priceTicks}` : ''}`);
    fc.assert(
      fc.property(anyModels, fc.array(anyRequest, { maxLength: 20 }), anyTicks, (models, requests, target) => {
        const [whole, steps] = [matching(models), matching(models)];
        for (const engine of [whole, steps]) {
          engine.jump(100);
          requests.forEach((request, index) => void engine.submit(request, `o${index}`));
        }
        moveTo(whole, target);
        for (let ticks = 100; ticks !== target; ticks += Math.sign(target - 100)) moveTo(steps, ticks);
        moveTo(steps, target);
        expect(told(steps)).toEqual(told(whole));
      }),
    );
  });
});

describe('a book side', () => {
  it('keeps best price first and earliest first through any insertions and removals', () => {
    const entry = fc.record({ priceTicks: fc.integer({ min: 1, max: 8 }), isRemoved: fc.boolean() });
    fc.assert(
      fc.property(fc.constantFrom('highFirst', 'lowFirst'), fc.array(entry, { maxLength: 40 }), (priority, entries) => {
        const side = new BookSide(priority, 'priceTicks');
        const orders = entries.map(({ priceTicks }, arrival) => ({ priceTicks, arrival, clientOrderId: `${arrival}` }) as RestingOrder);
        for (const order of orders) side.insert(order);
        entries.forEach(({ isRemoved }, index) => {
          const order = orders[index];
          if (isRemoved && order !== undefined) expect([side.remove(order), side.remove(order)]).toEqual([true, false]);
        });
        const sign = priority === 'highFirst' ? -1 : 1;
        const expected = orders
          .filter((_, index) => entries[index]?.isRemoved === false)
          .sort((a, b) => sign * (a.priceTicks - b.priceTicks) || a.arrival - b.arrival);
        expect([...side]).toEqual(expected);
        expect([side.size, side.best]).toEqual([expected.length, expected[0]]);
        expect([...expected.keys()].map(() => side.takeBest())).toEqual(expected);
      }),
    );
  });
});
