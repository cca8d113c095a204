/** When alerts speak: crossings, moves and levels, once or again, with pauses and without chatter. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimal } from '../money.ts';
import { type AlertCondition, type AlertStanding, advanceAlert } from './alert.ts';
import { POINTS, PriceWindow } from './price-window.ts';

const FRESH: AlertStanding = { isArmed: true, triggeredAt: null, memory: {} };
const MINUTE_MS = 60_000;

/** At which of the figures, one a minute, the alert speaks. */
function spoken(condition: AlertCondition, figures: readonly string[], cooldownMs = 0): number[] {
  let standing = FRESH;
  return figures.flatMap((figure, index) => {
    const next = advanceAlert({ condition, cooldownMs }, standing, decimal(figure), index * MINUTE_MS);
    // What it remembers goes through the store in between.
    standing = JSON.parse(JSON.stringify(next.standing));
    return next.triggers ? [index] : [];
  });
}

const crosses = (direction: 'up' | 'down' | 'either'): AlertCondition => ({
  kind: 'price_crosses',
  exchange: 'x',
  symbol: 'BTC/USDT',
  price: '100',
  direction,
});

describe('a price that is crossed', () => {
  it.each([
    ['up', ['90', '99.99', '100', '101'], [2]],
    ['up', ['110', '100', '90'], []],
    ['up', ['110', '90', '110'], [2]],
    ['down', ['110', '100.01', '100', '90'], [2]],
    ['down', ['90', '110'], []],
    ['either', ['90', '110', '90'], [1, 2]],
    // A gap past it is a crossing; beginning beyond it is none.
    ['up', ['90', '200'], [1]],
    ['up', ['200', '210'], []],
    // Near it from the beginning.
    ['up', ['99.95', '100'], [1]],
    // At the line from the beginning: nothing is known until it leaves.
    ['either', ['100', '100.05', '100', '101', '100'], [4]],
  ] as const)('%s by %o is told at %o', (direction, figures, at) => {
    expect(spoken(crosses(direction), figures)).toEqual(at);
  });

  it('is told once while the price trembles about it, and again after it was clearly left', () => {
    expect(spoken(crosses('up'), ['99', '100', '99.99', '100.01', '99.95', '100', '99.9', '100'])).toEqual([1, 7]);
  });

  it('is missed by nobody who was away: the side it was on is remembered', () => {
    expect(advanceAlert({ condition: crosses('up'), cooldownMs: 0 }, { ...FRESH, memory: { side: 'below' } }, decimal('120'), 0).triggers).toBe(true);
  });

  it('is not told again before the pause is over', () => {
    const there = ['90', '110', '90', '110', '90', '110'];
    expect(spoken(crosses('up'), there, 3 * MINUTE_MS)).toEqual([1, 5]);
  });
});

describe('a level', () => {
  const funding = (side: 'above' | 'below', percent: string): AlertCondition => ({
    kind: 'funding_beyond',
    exchange: 'x',
    symbol: 'BTC/USDT:USDT',
    percent,
    side,
  });
  const low: AlertCondition = { kind: 'balance_below', accountId: 'a', asset: 'USDT', amount: '100' };
  const down: AlertCondition = { kind: 'drawdown_above', botId: 'b', amount: '10' };
  const target: AlertCondition = { kind: 'target_reached', botId: 'b', amount: '50' };
  it.each([
    ['funding above', funding('above', '0.05'), ['0.01', '0.05', '0.06', '0.049', '0.05', '0.04', '0.05'], [1, 6]],
    ['funding below zero', funding('below', '-0.05'), ['0', '-0.05', '-0.06', '-0.04', '-0.07'], [1, 4]],
    ['funding at once', funding('above', '0.05'), ['0.1'], [0]],
    ['a balance', low, ['100', '99.99', '90', '104', '99', '106', '99'], [1, 6]],
    ['a drawdown from the best', down, ['0', '20', '11', '10', '5', '25', '15'], [3, 6]],
    ['a drawdown from the beginning', down, ['-5', '-15'], [1]],
    ['a target', target, ['49', '50', '60', '48', '51', '47', '51'], [1, 6]],
  ] as const)('%s is told when it is reached, and again once it was clearly left', (_, condition, figures, at) => {
    expect(spoken(condition, figures)).toEqual(at);
  });

  it('that is reached again within the pause is told when the pause is over', () => {
    expect(spoken(target, ['51', '40', '51', '51', '51'], 3 * MINUTE_MS)).toEqual([0, 3]);
  });
});

describe('laws', () => {
  const figures = fc.array(
    fc.integer({ min: 900, max: 1_100 }).map((value) => String(value / 10)),
    { minLength: 2, maxLength: 60 },
  );

  it('two tellings are never nearer than the pause', () => {
    fc.assert(
      fc.property(figures, fc.integer({ min: 0, max: 10 }), fc.constantFrom('up', 'down', 'either'), (prices, minutes, direction) => {
        const told = spoken(crosses(direction), prices, minutes * MINUTE_MS);
        for (const [index, at] of told.entries()) if (index > 0) expect(at - (told[index - 1] ?? 0)).toBeGreaterThanOrEqual(minutes);
      }),
    );
  });

  it('an upward crossing is told only where the price comes from below to the line or past it', () => {
    fc.assert(
      fc.property(figures, (prices) => {
        for (const at of spoken(crosses('up'), prices)) {
          expect(Number(prices[at])).toBeGreaterThanOrEqual(100);
          expect(prices.slice(0, at).some((price) => Number(price) <= 99.9)).toBe(true);
        }
      }),
    );
  });
});

describe('the greatest move within a window', () => {
  it('is the one a look at every price would find, but for what begins to fall out of it', () => {
    const steps = fc.array(fc.record({ price: fc.integer({ min: 50, max: 200 }), afterMs: fc.integer({ min: 0, max: 40_000 }) }), {
      minLength: 1,
      maxLength: 80,
    });
    fc.assert(
      fc.property(steps, (quotes) => {
        const window = new PriceWindow(10);
        let at = 0;
        const seen: { readonly price: number; readonly at: number }[] = [];
        for (const { price, afterMs } of quotes) {
          at += afterMs;
          seen.push({ price, at });
          const move = window.move(decimal(price), at).toNumber();
          const greatest = (lengthMs: number): number => {
            const within = seen.filter((quote) => quote.at >= at - lengthMs).map((quote) => quote.price);
            const [rise, fall] = [(price / Math.min(...within) - 1) * 100, (price / Math.max(...within) - 1) * 100];
            return Math.max(rise, -fall);
          };
          const lengthMs = 10 * MINUTE_MS;
          expect(Math.abs(move)).toBeLessThanOrEqual(greatest(lengthMs) + 1e-9);
          expect(Math.abs(move)).toBeGreaterThanOrEqual(greatest(lengthMs - lengthMs / POINTS) - 1e-9);
        }
      }),
    );
  });

  it('keeps few points, however much the market sends, and none of what was told', () => {
    const window = new PriceWindow(1);
    for (let tick = 0; tick < 5_000; tick += 1) window.move(decimal(100 + (tick % 7)), tick * 20);
    expect(window.size).toBeLessThanOrEqual(POINTS + 1);
    expect(window.move(decimal(106), 100_000).toFixed(0)).toBe('6');
    window.clear();
    expect(window.move(decimal(90), 100_001).toString()).toBe('0');
  });
});
