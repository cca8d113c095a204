import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Rehearsal, Wish } from './port.ts';
import { MAX_REHEARSED_WISHES, readWishTape, WishTape } from './wish-tape.ts';

const wish: fc.Arbitrary<Wish> = fc.oneof(
  fc.tuple(fc.constant('cancel' as const), fc.string({ maxLength: 64 })),
  fc.tuple(fc.constant('watch' as const), fc.integer(), fc.option(fc.integer())),
  fc.tuple(fc.constant('timer' as const), fc.constantFrom('timer', 'submit', 'a'), fc.integer({ min: 0, max: 2e12 })),
  fc.constant<Wish>(['submit', 'buy', 'limit', 10, 0, 5, 'gtc', true, false, 'clear']),
  fc.constant<Wish>(['report', 'strategy_note', 'text', { a: 1, b: null }]),
  fc.constant<Wish>(['finish', 'done', 'keep']),
);
const told = fc.array(fc.record({ isBar: fc.boolean(), step: fc.integer({ min: 1, max: 9 }), wishes: fc.array(wish, { minLength: 1, maxLength: 4 }) }));

/** The numbers of calls grow, bars and others apart. */
function numbered(calls: readonly { readonly isBar: boolean; readonly step: number; readonly wishes: readonly Wish[] }[]): Rehearsal['wishes'] {
  const last = { bar: 0, other: 0 };
  return calls.map(({ isBar, step, wishes }) => {
    last[isBar ? 'bar' : 'other'] += step;
    return { isBar, tell: isBar ? last.bar : last.other, wishes };
  });
}

describe('a tape of wishes', () => {
  it('gives back what was put on it, through JSON as well', () => {
    fc.assert(
      fc.property(told.map(numbered), (calls) => {
        const tape = new WishTape();
        for (const { isBar, tell, wishes } of calls) tape.add({ isBar, tell }, wishes);
        expect(readWishTape(JSON.parse(JSON.stringify(tape.values)) as unknown[])).toEqual(calls);
        expect(tape.orders).toBe(calls.flatMap(({ wishes }) => wishes).filter(([type]) => type === 'submit').length);
      }),
    );
  });

  it.each([
    ['calls out of order', [5, 1, 'clear', 'x', 5, 1, 'clear', 'x'], 'out of order'],
    ['others out of order', [-5, 1, 'clear', 'x', 6, 1, 'clear', 'x', -4, 1, 'clear', 'x'], 'out of order'],
    ['the call 0', [0, 1, 'clear', 'x'], 'out of order'],
    ['a call without a number', ['1', 1, 'clear', 'x'], 'no place'],
    ['a count that is none', [1, 0.5, 'clear', 'x'], 'no place'],
    ['a call without wishes', [1, 0], 'no place'],
    ['more wishes than there may be', [1, 1_001], 'no place'],
    ['more orders than there may be', [1, 201, ...Array(201).fill(['submit', 'buy', 'limit', 1, 0, 1, 'gtc', false, false, '']).flat()], 'orders at one event'],
    ['a wish that there is none of', [1, 1, 'constructor'], 'no such wish'],
    ['fewer wishes than it says', [1, 2, 'clear', 'x'], 'no such wish'],
    ['a wish cut short', [1, 1, 'watch', 1], 'aboveTicks'],
    ['a size that is no whole number', [1, 1, 'submit', 'buy', 'limit', 1, 0, 1.5, 'gtc', false, false, ''], 'sizeLots'],
  ])('that has %s is refused', (_, values, message) => {
    expect(() => readWishTape(values)).toThrow(message);
  });

  it('counts bars by themselves', () => {
    expect(readWishTape([5, 1, 'clear', 'x', -2, 1, 'clear', 'x', 6, 1, 'clear', 'x'])).toHaveLength(3);
  });

  it('takes no more wishes than one backtest may have', () => {
    const many: readonly Wish[] = Array.from({ length: 1_000 }, () => ['clear', 'x']);
    const tape = new WishTape();
    for (let tell = 1; tell <= MAX_REHEARSED_WISHES / many.length; tell += 1) tape.add({ isBar: true, tell }, many);
    const next = MAX_REHEARSED_WISHES / many.length + 1;
    expect(() => tape.add({ isBar: true, tell: next }, [['clear', 'x']])).toThrow(`more than ${MAX_REHEARSED_WISHES}`);
    expect(() => readWishTape([...tape.values, next, 1, 'clear', 'x'])).toThrow(`more than ${MAX_REHEARSED_WISHES}`);
  });
});
