import { expect, it } from 'vitest';
import { ActionRig, PLAN } from '#core/actions/actions.fixture.ts';
import { Scale } from '#core/instrument.ts';
import type { Quote } from '#core/venue-ports.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import type { ActionChain } from './action-chain.ts';
import { ActionWatch } from './action-watch.ts';

it('tells at once of a price that had come before anybody waited for it', () => {
  const rig = new ActionRig({ stopLoss: { kind: 'price', ticks: 900 }, stopType: null });
  const { symbol, priceIncrement } = PLAN.instrument;
  const chain = {
    root: { id: 'o1', symbol },
    scale: new Scale(PLAN.instrument),
    plan: { ...PLAN, stopLoss: { kind: 'price', ticks: 900 }, stopType: null },
  } as unknown as ActionChain;
  Object.defineProperty(chain, 'state', { get: () => rig.state });
  const told: string[] = [];
  let push: (quote: Quote) => void = () => undefined;
  const watch = new ActionWatch({
    clock: new ManualClock(),
    watchQuotes: (_symbol, onQuote) => {
      push = onQuote;
      return () => undefined;
    },
    onDue: ({ root }) => told.push(root.id),
  });
  rig.fill(rig.leg(0), 100, 1_000);
  watch.attend([{ ...chain, state: { ...rig.state, isStopWatched: false, exitMode: 'out' } } as unknown as ActionChain]);
  const below = String(890 * Number(priceIncrement));
  push({ symbol, bid: below, ask: below, at: 0 });
  expect(told).toEqual([]);
  watch.attend([chain]);
  expect(told).toEqual(['o1']);
});
