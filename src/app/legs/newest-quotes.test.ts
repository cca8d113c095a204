/** What of the newest prices reaches the engine, and when. */
import { expect, it } from 'vitest';
import { PERPETUAL_SCALE, setupOf } from '#core/engine/engine.fixture.ts';
import { Engine } from '#core/engine/engine.ts';
import type { SpreadWatch } from '#core/legs/leg-state.ts';
import { NewestQuotes } from './newest-quotes.ts';

const priced = (bid: string, ask: string) => ({ symbol: '', bid, ask, at: 0 });

/** A running pair at 100.00 / 100.02 that waits for a distance, with its newest prices. */
function waiting(watch: Partial<SpreadWatch>) {
  const { limits } = setupOf({});
  const onStart = {
    onStart: (context: { watchSpread(watch: SpreadWatch): void }) => context.watchSpread({ long: 'a', short: 'b', above: null, below: null, ...watch }),
  };
  const engine = new Engine(setupOf(onStart, { legName: 'a', otherLegs: [{ name: 'b', scale: PERPETUAL_SCALE, feeAsset: 'quote', limits, lentGrains: 0 }] }));
  engine.step({ type: 'runStarted', at: 0, epoch: 1 });
  for (const leg of ['a', 'b']) engine.step({ type: 'quoteChanged', at: 0, leg, bidTicks: 10_000, askTicks: 10_002 });
  return { quotes: new NewestQuotes(engine), a: engine.legs.of('a'), b: engine.legs.of('b'), engine };
}

it('keeps prices that nobody waits for, and tells those of one moment together', () => {
  const { quotes, a, b, engine } = waiting({ above: 1.01 });
  quotes.take(b, priced('100.5', '100.52'));
  expect(quotes.areWanted()).toBe(false);
  quotes.take(a, priced('98', '98.02'));
  expect(quotes.areWanted()).toBe(true);
  const told = quotes.untold(7);
  expect(told).toEqual([
    { type: 'quoteChanged', at: 7, leg: 'a', bidTicks: 9_800, askTicks: 9_802, hasMore: true },
    { type: 'quoteChanged', at: 7, leg: 'b', bidTicks: 10_050, askTicks: 10_052 },
  ]);
  for (const event of told) engine.step(event);
  expect([quotes.untold(8), quotes.areWanted()]).toEqual([[], false]);
});

it('takes both prices of the distance as they are now, not as the engine knows them', () => {
  const { quotes, a, b } = waiting({ above: 1.01 });
  quotes.take(b, priced('102', '102.02'));
  expect(quotes.areWanted()).toBe(true);
  quotes.take(a, priced('102', '102.02'));
  expect(quotes.areWanted()).toBe(false);
});

it('takes no price without a bid', () => {
  const { quotes, a } = waiting({});
  expect([quotes.take(a, priced('0', '1')), quotes.of(a).bidTicks]).toEqual([false, 10_000]);
});
