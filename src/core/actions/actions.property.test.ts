/** Whatever venue, market and user do, in any sequence: an action never closes more than was opened, and ends. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ActionPlan } from './action-state.ts';
import { newActionState } from './action-state.ts';
import { ActionRig, PLAN } from './actions.fixture.ts';
import { stepActions, wakeAt } from './actions.ts';

const LEVEL = fc.oneof(fc.constant(null), fc.record({ kind: fc.constant('share' as const), millionths: fc.integer({ min: 1_000, max: 400_000 }) }));
const plans: fc.Arbitrary<Partial<ActionPlan>> = fc
  .record({
    side: fc.constantFrom('buy' as const, 'sell' as const),
    placeAgainTimes: fc.integer({ min: 0, max: 4 }),
    cancelRestAfterMs: fc.option(fc.integer({ min: 1, max: 5_000 })),
    opposite: LEVEL,
    takeProfit: LEVEL,
    stopLoss: LEVEL,
    stopType: fc.constantFrom('stopMarket' as const, 'stopLimit' as const, null),
    minLots: fc.integer({ min: 1, max: 5 }),
  })
  .map(({ side, opposite, takeProfit, stopLoss, ...rest }) => ({
    ...rest,
    entry: { ...PLAN.entry, side },
    ...(opposite === null ? { opposite, takeProfit, stopLoss } : { opposite, takeProfit: null, stopLoss: null }),
  }));

/** What may happen next; `which` and `much` choose among what is there. */
const moves = fc.array(
  fc.record({
    kind: fc.constantFrom(
      'fill',
      'fill',
      'fill',
      'cancelled',
      'expired',
      'rejected',
      'lost',
      'quote',
      'quote',
      'wait',
      'userCancel',
      'halt',
      'resume',
      'callOff',
    ),
    which: fc.nat(20),
    much: fc.integer({ min: 1, max: 100 }),
    ticks: fc.integer({ min: 600, max: 1_400 }),
    fee: fc.nat(20_000),
  }),
  { maxLength: 80 },
);
type Move = typeof moves extends fc.Arbitrary<readonly (infer Each)[]> ? Each : never;

function move(rig: ActionRig, { kind, which, much, ticks, fee }: Move): void {
  const leg = rig.alive[which % Math.max(1, rig.alive.length)];
  if (kind === 'quote') return rig.quote(ticks);
  if (kind === 'wait') return rig.wait(much * 100);
  if (kind === 'halt' || kind === 'resume') return rig.step({ type: 'tradingStateChanged', at: rig.at, isHalted: kind === 'halt' });
  if (kind === 'callOff') return which === 0 ? rig.step({ type: 'calledOff', at: rig.at }) : undefined;
  if (leg === undefined) return;
  if (kind === 'userCancel') {
    leg.isCancelAsked = true;
    return rig.step({ type: 'legCancelRequested', at: rig.at, index: leg.index });
  }
  if (kind === 'fill') return rig.fill(leg, Math.min(much, leg.request.sizeLots - leg.filled), ticks, Math.min(fee, much * 1_000));
  if (kind === 'lost') return rig.end(leg, 'rejected', 'never_placed');
  return rig.end(leg, kind as 'cancelled', kind === 'rejected' ? '-2010' : '');
}

function check(rig: ActionRig): void {
  const entries = rig.alive.filter((leg) => leg.purpose === 'entry').reduce((sum, leg) => sum + leg.request.sizeLots - leg.filled, 0);
  expect(rig.closed + rig.closing, 'closed and closing never exceed what was opened').toBeLessThanOrEqual(rig.opened);
  expect(rig.opened + entries, 'no more of the entry than was ordered').toBeLessThanOrEqual(rig.plan.entry.sizeLots);
  expect(rig.placed.filter((leg) => leg.purpose === 'entry').length, 'placed again at most as often as allowed').toBeLessThanOrEqual(rig.plan.placeAgainTimes);
}

describe('automatic actions', () => {
  it('never have more alive or done to close than was opened, however the venue behaves', () => {
    fc.assert(
      fc.property(plans, moves, (plan, steps) => {
        const rig = new ActionRig(plan);
        for (const step of steps) {
          const before = rig.placed.length;
          move(rig, step);
          check(rig);
          if (rig.placed.slice(before).some((leg) => leg.purpose !== 'entry'))
            expect(rig.closing, 'sized by what is held after fees when it is placed').toBeLessThanOrEqual(Math.max(0, rig.open));
        }
      }),
      { numRuns: 3_000 },
    );
  });

  it('replay to identical commands and state, also from any point of a stored state', () => {
    fc.assert(
      fc.property(plans, moves, fc.nat(80), (plan, steps, cut) => {
        const rig = new ActionRig(plan);
        for (const step of steps) move(rig, step);
        let state = newActionState(rig.plan);
        for (const [index, { event, commands }] of rig.tape.entries()) {
          if (index === cut) state = JSON.parse(JSON.stringify(state)) as typeof state;
          expect(JSON.parse(JSON.stringify(stepActions(rig.plan, state, event)))).toEqual(JSON.parse(JSON.stringify(commands)));
        }
        expect(state).toEqual(rig.state);
      }),
      { numRuns: 500 },
    );
  });

  it('end with nothing open once venue and market behave, unless given up or called off with the reason told', () => {
    fc.assert(
      fc.property(plans, moves, (plan, steps) => {
        const rig = new ActionRig(plan);
        for (const step of steps) move(rig, step);
        heal(rig);
        const hasExit = rig.plan.opposite !== null || rig.plan.takeProfit !== null || rig.plan.stopLoss !== null;
        expect(rig.state.status).not.toBe('active');
        if (rig.state.status === 'finished' && hasExit) expect(rig.open, 'only what is too little may be left').toBeLessThan(rig.plan.minLots);
        if (rig.state.status === 'failed' || rig.state.status === 'calledOff') expect(rig.told.length).toBeGreaterThan(0);
      }),
      { numRuns: 1_000 },
    );
  });
});

/** Cancels are obeyed, all orders fill in turn, and the market goes through every stop. */
function heal(rig: ActionRig): void {
  rig.step({ type: 'tradingStateChanged', at: rig.at, isHalted: false });
  for (let round = 0; round < 60 && rig.state.status === 'active'; round += 1) {
    for (const leg of [...rig.alive]) {
      if (!rig.alive.includes(leg)) continue;
      if (leg.isCancelAsked) rig.end(leg, 'cancelled');
      else rig.fill(leg, leg.request.sizeLots - leg.filled, 1_000);
      check(rig);
    }
    rig.at = Math.max(rig.at + 1, wakeAt(rig.state) ?? 0);
    rig.step({ type: 'timeReached', at: rig.at });
    if (rig.plan.entry.side === 'buy') rig.quote(1);
    else rig.quote(10_000);
  }
}
