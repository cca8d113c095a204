/** Ladder, TWAP and iceberg: what each places and when, what each refuses, and the laws of all under random trouble. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { replay } from '#app/run/tape.ts';
import type { FeeAsset } from '#core/risk.ts';
import { ExecutionRun } from '#test/support/execution-run.ts';
import { mischief, perform } from '#test/support/mischief.ts';
import type { StrategyRunOptions } from '#test/support/strategy-run.ts';
import { iceberg } from './iceberg.ts';
import { ladder } from './ladder.ts';
import { twap } from './twap.ts';

const MINUTE_MS = 60_000;
const FREE = { makerFeeRate: '0', takerFeeRate: '0' };

function begun(strategy: unknown, config: Readonly<Record<string, unknown>>, more: Partial<StrategyRunOptions> = {}): ExecutionRun {
  return new ExecutionRun(strategy, { config, price: '100', instrument: FREE, ...more }).start();
}

describe('a ladder', () => {
  const LADDER = { side: 'buy', size: '6', first_price: '99', last_price: '95', orders: 3, size_scale: '2', max_hours: '1' };

  it('lays its orders over the range, each so much larger, and ends when all have filled', () => {
    const run = begun(ladder, LADDER);
    expect(run.book).toEqual(['buy 3.429 @ 95', 'buy 1.714 @ 97', 'buy 0.857 @ 99']);
    run.price('97').price('95');
    expect([run.finished, run.held]).toEqual(['all of it has traded', '6']);
    expect(run.notes.at(-1)?.text).toBe('6 of 6 ABC traded: all of it has traded.');
  });

  it('sells upwards what it was lent', () => {
    const run = begun(ladder, { ...LADDER, side: 'sell', first_price: '101', last_price: '105', size_scale: '1' });
    expect(run.book).toEqual(['sell 2 @ 101', 'sell 2 @ 103', 'sell 2 @ 105']);
    expect([run.price('105').finished, run.held]).toEqual(['all of it has traded', '0']);
  });

  it('withdraws the rest when its time is over, and tells how much', () => {
    const run = begun(ladder, LADDER).price('99').pass(3_600_000);
    expect([run.finished, run.orders]).toEqual(['its time is over', []]);
    expect(run.figures).toMatchObject({ filled: '0.857', unfilled: '5.143', average_price: '99' });
  });

  it('gives up what its user cancels, and ends when nothing else is left', () => {
    const run = begun(ladder, LADDER).cancelByHand('buy', '99').price('97');
    expect(run.finished).toBeNull();
    expect(run.cancelByHand('buy', '95').finished).toBe('the rest was cancelled or is too small');
  });

  it.each<[string, Readonly<Record<string, unknown>>, RegExp]>([
    ['a range upside down', { last_price: '101' }, /"field":"last_price","message":"must be below first_price 99 for a buy, got 101/],
    ['orders too small', { size: '0.2' }, /"field":"size","message":"makes order 1 of 0\.028, which is below what the venue takes/],
    ['orders too close', { last_price: '98.99', orders: 10 }, /"field":"orders","message":"lie closer than the price increment 0\.01/],
    ['a size between lots', { size: '1.0005' }, /"field":"size","message":"must be a multiple of 0\.001 ABC/],
    ['a side there is not', { side: 'hold' }, /"field":"side","message":"must be one of buy, sell/],
  ])('refuses %s', (_name, change, message) => {
    expect(() => begun(ladder, { ...LADDER, ...change })).toThrow(message);
  });
});

describe('a TWAP', () => {
  const TWAP = { side: 'buy', size: '10', duration_minutes: 10, slices: 5, jitter_percent: '0' };

  it('trades a slice at a time, and ends with the last', () => {
    const run = begun(twap, TWAP);
    expect(run.held).toBe('2');
    run.pass(2 * MINUTE_MS - 1);
    expect(run.held).toBe('2');
    expect(run.pass(1).held).toBe('4');
    run.pass(6 * MINUTE_MS);
    expect([run.finished, run.held]).toEqual(['all of it has traded', '10']);
  });

  it('comes later by what its seed draws, the same for the same seed', () => {
    const times = (seed: number) => {
      const run = begun(twap, { ...TWAP, jitter_percent: '50', seed }).pass(10 * MINUTE_MS);
      return run.tape.flatMap(({ event }) => (event.type === 'orderFilled' ? [event.at - 1_000_000] : []));
    };
    expect(times(7)).toEqual(times(7));
    expect(times(7)).not.toEqual(times(8));
    for (const [index, at] of times(7).entries()) {
      expect(at).toBeGreaterThanOrEqual(index * 2 * MINUTE_MS);
      expect(at).toBeLessThanOrEqual(index * 2 * MINUTE_MS + MINUTE_MS);
    }
  });

  it.each([
    [true, '6'],
    [false, '4'],
  ])('makes up for what it missed beyond its worst price where it catches up (%s)', (isCatchingUp, held) => {
    const run = begun(twap, { ...TWAP, limit_price: '101', catch_up: isCatchingUp })
      .price('102')
      .pass(2 * MINUTE_MS);
    expect(run.held).toBe('2');
    expect(run.price('100').pass(2 * MINUTE_MS).held).toBe(isCatchingUp ? held : '4');
  });

  it('trades no more than its share of the volume', () => {
    const bar = { open: '100', high: '100', low: '100', close: '100' };
    const run = begun(twap, { ...TWAP, max_volume_percent: '50' });
    expect(run.held).toBe('0');
    // A bar of the tests has a volume of one coin.
    run
      .bar(MINUTE_MS, bar)
      .bar(MINUTE_MS, bar)
      .pass(2 * MINUTE_MS);
    expect(run.held).toBe('1');
    run.bar(MINUTE_MS, bar).pass(8 * MINUTE_MS);
    expect([run.finished, run.figures['filled'], run.figures['unfilled']]).toEqual(['its time is over', '1.5', '8.5']);
  });

  it('sells, and makes up after a pause for what passed', () => {
    const run = begun(twap, { ...TWAP, side: 'sell' })
      .pause()
      .pass(5 * MINUTE_MS)
      .resume();
    expect(run.held).toBe('4');
  });

  it.each<[string, Readonly<Record<string, unknown>>, RegExp]>([
    ['slices too small', { slices: 500 }, /"field":"slices","message":"makes slices of 0\.02, which is below what the venue takes/],
    ['slices too close', { size: '1000', duration_minutes: 1, slices: 61 }, /"field":"slices","message":"come more often than once a second/],
    [
      'a share of a volume nobody knows yet',
      { slices: 20, max_volume_percent: '10' },
      /"field":"max_volume_percent","message":"needs slices at least a minute apart/,
    ],
  ])('refuses %s', (_name, change, message) => {
    expect(() => begun(twap, { ...TWAP, ...change })).toThrow(message);
  });
});

describe('an iceberg', () => {
  const ICEBERG = { side: 'buy', size: '5', price: '99', visible_size: '1', variance_percent: '0' };

  it('shows a part at a time, the next when the one before has filled', () => {
    const run = begun(iceberg, ICEBERG);
    expect(run.book).toEqual(['buy 1 @ 99']);
    run.price('99', 400);
    expect(run.book).toEqual(['buy 0.6 @ 99']);
    run.price('99', 600);
    expect([run.book, run.held]).toEqual([['buy 1 @ 99'], '1']);
    run.price('98');
    expect([run.finished, run.held]).toEqual(['all of it has traded', '5']);
  });

  it('varies its parts by its seed, within what is allowed', () => {
    const run = begun(iceberg, { ...ICEBERG, size: '50', variance_percent: '20', seed: 3 });
    const sizes = new Set<number>();
    for (let index = 0; index < 30; index += 1) {
      const [order] = run.orders;
      if (order !== undefined) sizes.add(order.sizeLots);
      run.price('99', order?.sizeLots ?? 0);
    }
    expect(sizes.size).toBeGreaterThan(10);
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(800);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1_200);
  });

  it('ends when its user cancels its part', () => {
    expect(begun(iceberg, ICEBERG).cancelByHand('buy', '99').finished).toBe('the rest was cancelled or is too small');
  });

  it.each<[string, Readonly<Record<string, unknown>>, RegExp]>([
    ['to show all of it', { visible_size: '5' }, /"field":"visible_size","message":"must be below size 5, got 5/],
    ['parts too small', { visible_size: '0.06', variance_percent: '50' }, /"field":"visible_size","message":"makes parts of 0\.03, which is below/],
  ])('refuses %s', (_name, change, message) => {
    expect(() => begun(iceberg, { ...ICEBERG, ...change })).toThrow(message);
  });
});

/** So that nothing but the executor itself keeps to the intent. */
const RICH = { budgetAtoms: 10_000_000_000 };

const KINDS = {
  ladder: (side: string) =>
    [
      ladder,
      {
        side,
        size: '7.003',
        first_price: side === 'buy' ? '100' : '98',
        last_price: side === 'buy' ? '95' : '104',
        orders: 5,
        size_scale: '1.3',
        max_hours: '2',
      },
    ] as const,
  twap: (side: string) => [twap, { side, size: '7.003', duration_minutes: 60, slices: 9, jitter_percent: '40' }] as const,
  'twap that leaves out what it missed': (side: string) => [twap, { side, size: '7.003', duration_minutes: 60, slices: 9, catch_up: false }] as const,
  iceberg: (side: string) => [iceberg, { side, size: '7.003', price: '100', visible_size: '0.8', variance_percent: '60', max_hours: '2' }] as const,
};

describe('an executor of one amount', () => {
  it.each(Object.entries(KINDS))('keeps the laws of a %s, ends in time, and its tape replays', { timeout: 120_000 }, (_name, configOf) => {
    const drawn = fc.record({
      side: fc.constantFrom('buy', 'sell'),
      feeAsset: fc.constantFrom<FeeAsset>('received', 'quote', 'other'),
      isRestless: fc.boolean(),
    });
    fc.assert(
      fc.property(drawn, fc.array(mischief, { minLength: 3, maxLength: 40 }), ({ side, feeAsset, isRestless }, steps) => {
        const [strategy, config] = configOf(side);
        const run = begun(strategy, config, { feeAsset, instrument: {}, limits: RICH });
        for (const step of steps) {
          if (run.finished !== null) break;
          perform(run, step);
          if (isRestless && run.finished === null) run.restart();
        }
        run.faults = [];
        run.isHolding = false;
        run.flush().reconcile();
        if (run.finished === null) run.pass(3 * 3_600_000).reconcile();
        expect(run.finished, JSON.stringify(run.state)).not.toBeNull();
        expect(run.orders).toEqual([]);
        expect(replay(run.setup, run.tape)).toBeNull();
      }),
      { numRuns: 70 },
    );
  });
});
