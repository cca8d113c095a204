import { describe, expect, it } from 'vitest';
import type { Engine } from '#core/engine/engine.ts';
import type { BarClosed } from '#core/events.ts';
import { EarlyBars, MAX_EARLY_BARS } from './early-bars.ts';
import type { Mail } from './run-books.ts';

const MINUTE = 60_000;

function barAt(closedAt: number): BarClosed {
  return { type: 'barClosed', at: closedAt + 5, closedAt, intervalMs: MINUTE, openTicks: 1, highTicks: 1, lowTicks: 1, closeTicks: 1, volumeLots: 1 };
}

function stage() {
  const state: { strategy: unknown } = { strategy: null };
  const early = new EarlyBars({ state } as unknown as Engine, () => 1_000_000);
  const take = (bar: BarClosed): boolean => early.takes({ kind: 'event', event: bar });
  const told = () => early.release().map((mail) => (mail.kind === 'event' ? mail.event : null));
  return { early, take, told, begin: () => void (state.strategy = {}) };
}

describe('bars that come before a run has begun', () => {
  it('wait for it, and are told in their sequence, as of then, but closed when they closed', () => {
    const { take, told, begin } = stage();
    expect([take(barAt(MINUTE)), take(barAt(2 * MINUTE)), told()]).toEqual([true, true, []]);
    begin();
    expect(told()).toEqual([
      { ...barAt(MINUTE), at: 1_000_000 },
      { ...barAt(2 * MINUTE), at: 1_000_000 },
    ]);
    expect(told()).toEqual([]);
  });

  it('are not kept once it has begun, and nothing else ever is', () => {
    const { early, take, begin } = stage();
    const quote: Mail = { kind: 'event', event: { type: 'quoteChanged', at: 1, bidTicks: 1, askTicks: 2 } };
    expect(early.takes(quote)).toBe(false);
    begin();
    expect(take(barAt(MINUTE))).toBe(false);
  });

  it('give way to newer ones when there are too many', () => {
    const { take, told, begin } = stage();
    for (let index = 1; index <= MAX_EARLY_BARS + 2; index += 1) take(barAt(index * MINUTE));
    begin();
    const bars = told();
    expect([bars.length, bars[0]?.type === 'barClosed' && bars[0].closedAt]).toEqual([MAX_EARLY_BARS, 3 * MINUTE]);
  });
});
