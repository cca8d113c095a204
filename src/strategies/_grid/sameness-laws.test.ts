/**
 * Laws between grids on random price paths: a short one mirrors a long one, an infinite one does what a bounded one does
 * where both have lines, few orders at the exchange trade what all of them would, and a pause changes nothing.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GridRun, TEST_PERPETUAL } from '#test/support/grid-run.ts';

const PATIENT = { timeout: 120_000 };
const FREE = { makerFeeRate: '0', takerFeeRate: '0' };
const path = fc.array(fc.integer({ min: 7_600, max: 12_400 }), { minLength: 1, maxLength: 25 });

function price(ticks: number): string {
  return (ticks / 100).toFixed(2);
}

describe('grids', () => {
  it('earn the same short as long when prices are mirrored', PATIENT, () => {
    const shape = { lower_price: '80', upper_price: '120', sizing: 'base', order_size: '1' };
    fc.assert(
      fc.property(path, fc.integer({ min: 3, max: 12 }), fc.constantFrom(null, 3, 4), (ticks, levels, cap) => {
        // At a price in the middle of two lines the lower one waits, whichever way the grid looks.
        const begin = 10_001;
        const config = { ...shape, levels, active_orders: cap };
        const long = new GridRun({ config: { ...config, direction: 'long' }, price: price(begin), instrument: { ...TEST_PERPETUAL, ...FREE } }).start();
        const short = new GridRun({
          config: { ...config, direction: 'short' },
          price: price(20_000 - begin),
          instrument: { ...TEST_PERPETUAL, ...FREE },
        }).start();
        for (const each of ticks) {
          long.price(price(each)).price(price(each));
          short.price(price(20_000 - each)).price(price(20_000 - each));
          expect(short.heldLots).toBe(-long.heldLots || 0);
          expect([short.state.profitAtoms, short.state.completedTrades]).toEqual([long.state.profitAtoms, long.state.completedTrades]);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('do without an upper end what they do with one, where both have lines', PATIENT, () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 9_000, max: 20_000 }), { minLength: 1, maxLength: 25 }), (ticks) => {
        const shape = { lower_price: '100', order_size: '500' };
        // Eight steps of ten per cent: 100 to 214.36 (rounded to the tick).
        const bounded = new GridRun({ config: { ...shape, upper_price: '214.36', levels: 9, spacing: 'geometric' }, price: '130' }).start();
        const infinite = new GridRun({ config: { ...shape, range: 'infinite', step_percent: '10' }, price: '130' }).start();
        const below = (run: GridRun) =>
          run.orders.filter(({ priceTicks }) => priceTicks < 20_000).map(({ side, priceTicks, sizeLots }) => `${side} ${sizeLots} ${priceTicks}`);
        for (const each of ticks) {
          bounded.price(price(each));
          infinite.price(price(each));
          expect(below(infinite).toSorted()).toEqual(below(bounded).toSorted());
          expect(infinite.state.completedTrades).toBe(bounded.state.completedTrades);
          expect(infinite.state.profitAtoms).toBe(bounded.state.profitAtoms);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('hold and earn the same with few orders at the exchange as with all, once what is placed behind the price has traded', PATIENT, () => {
    fc.assert(
      fc.property(path, fc.integer({ min: 2, max: 9 }), fc.constantFrom('long', 'short', 'neutral'), (ticks, cap, direction) => {
        const config = { lower_price: '80', upper_price: '120', levels: 17, sizing: 'base', order_size: '1', direction };
        const instrument = { ...TEST_PERPETUAL, ...FREE };
        const all = new GridRun({ config, price: '100', instrument }).start();
        const few = new GridRun({ config: { ...config, active_orders: cap }, price: '100', instrument }).start();
        for (const each of ticks) {
          all.price(price(each));
          for (let round = 0; round < 17; round += 1) few.price(price(each));
          expect(few.heldLots, few.book.join(', ')).toBe(all.heldLots);
          expect(few.state.completedTrades).toBe(all.state.completedTrades);
          // Orders that are placed behind the price trade at a better one.
          expect(few.state.profitAtoms).toBeGreaterThanOrEqual(all.state.profitAtoms);
        }
      }),
      { numRuns: 15 },
    );
  });

  it('earn with every completed trade, after fees, and never lose by one', PATIENT, () => {
    const kinds = fc.constantFrom('long', 'short', 'neutral');
    fc.assert(
      fc.property(path, kinds, fc.constantFrom('0.0002', '0.001', '0.002'), fc.constantFrom('quote', 'base'), (ticks, direction, rate, sizing) => {
        const instrument = { ...TEST_PERPETUAL, makerFeeRate: rate, takerFeeRate: rate };
        const run = new GridRun({
          config: { lower_price: '80', upper_price: '120', levels: 9, sizing, investment: '3000', direction },
          price: '100',
          instrument,
        }).start();
        let before = { profit: 0, trades: 0 };
        for (const each of ticks) {
          run.price(price(each));
          const now = { profit: run.state.profitAtoms, trades: run.state.completedTrades };
          expect(now.profit > before.profit).toBe(now.trades > before.trades);
          expect(now.profit).toBeGreaterThanOrEqual(before.profit);
          before = now;
        }
      }),
      { numRuns: 30 },
    );
  });

  it('have the same book after a pause, a halt and a restart as before', PATIENT, () => {
    const kinds = fc.constantFrom(
      { config: { direction: 'long', trailing_up_limit: '150' }, isPerpetual: false },
      { config: { direction: 'long', expand_down_limit: '60' }, isPerpetual: false },
      { config: { direction: 'short', active_orders: 4 }, isPerpetual: true },
      { config: { direction: 'neutral', expand_up_limit: '130' }, isPerpetual: true },
      { config: { direction: 'reverse', investment: undefined, base_investment: '50' }, isPerpetual: false },
      { config: { range: 'infinite', upper_price: undefined, levels: undefined, step_percent: '5' }, isPerpetual: false },
    );
    fc.assert(
      fc.property(path, kinds, (ticks, { config, isPerpetual }) => {
        const all = { lower_price: '80', upper_price: '120', levels: 9, investment: '3000', ...config };
        const run = new GridRun({ config: all, price: '100', instrument: isPerpetual ? TEST_PERPETUAL : {} }).start();
        for (const each of ticks) {
          for (let round = 0; round < 4; round += 1) run.price(price(each));
          const before = run.book;
          expect(run.pause().resume().book, 'after a pause').toEqual(before);
          expect(run.restart().book, 'after a restart').toEqual(before);
          const halt = (tradingState: 'halted' | 'active') => run.tell({ type: 'tradingStateChanged', at: run.at, tradingState });
          halt('halted');
          expect(halt('active').book, 'after a halt').toEqual(before);
        }
      }),
      { numRuns: 15 },
    );
  });
});
