/** The one table of order states, and what holds for every sequence of facts. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyFact, isTerminal, nextState, type Order, type OrderFact, type OrderState, publicStatus, TRANSITIONS } from './order.ts';

const STATES = Object.keys(TRANSITIONS) as OrderState[];
const leadsTo = (state: OrderState) => Object.values(TRANSITIONS[state]).filter((next) => next !== null);
const FACTS: readonly OrderFact[] = ['deny', 'submit', 'accept', 'fillPart', 'fillAll', 'reject', 'requestCancel', 'cancel', 'expire', 'loseAnswer'];
const TERMINAL: readonly OrderState[] = ['denied', 'filled', 'rejected', 'cancelled', 'expired'];

/** How far an order has come. `unknown` has no place: it may turn out to be anywhere. */
const STAGE: Readonly<Record<Exclude<OrderState, 'unknown'>, number>> = {
  initialized: 0,
  submitting: 1,
  accepted: 2,
  partiallyFilled: 3,
  cancelling: 4,
  denied: 5,
  filled: 5,
  rejected: 5,
  cancelled: 5,
  expired: 5,
};

const orderIn = (state: OrderState, filledLots = 0): Order => ({
  clientOrderId: 'a',
  createdAt: 0,
  side: 'buy',
  type: 'limit',
  priceTicks: 100,
  triggerTicks: 0,
  sizeLots: 10,
  timeInForce: 'gtc',
  postOnly: false,
  reduceOnly: false,
  tag: '',
  state,
  filledLots,
  filledAtoms: 0,
  cancelRequested: false,
});

/** Applies a fact as the engine does: a fill counts before the state changes. */
function apply(order: Order, fact: OrderFact): void {
  if (fact === 'fillPart') order.filledLots += 1;
  if (fact === 'fillAll') order.filledLots = order.sizeLots;
  applyFact(order, fact);
}

describe('the table', () => {
  it.each([
    ['initialized', { deny: 'denied', submit: 'submitting' }],
    [
      'submitting',
      { accept: 'accepted', fillPart: 'partiallyFilled', fillAll: 'filled', reject: 'rejected', cancel: 'cancelled', expire: 'expired', loseAnswer: 'unknown' },
    ],
    ['unknown', { accept: 'accepted', fillPart: 'partiallyFilled', fillAll: 'filled', reject: 'rejected', cancel: 'cancelled', expire: 'expired' }],
    ['accepted', { fillPart: 'partiallyFilled', fillAll: 'filled', reject: 'rejected', requestCancel: 'cancelling', cancel: 'cancelled', expire: 'expired' }],
    [
      'partiallyFilled',
      { fillPart: 'partiallyFilled', fillAll: 'filled', reject: 'cancelled', requestCancel: 'cancelling', cancel: 'cancelled', expire: 'expired' },
    ],
    ['cancelling', { fillPart: 'cancelling', fillAll: 'filled', reject: 'rejected', cancel: 'cancelled', expire: 'expired', loseAnswer: 'unknown' }],
    ['denied', {}],
    ['filled', {}],
    ['rejected', {}],
    ['cancelled', {}],
    ['expired', {}],
  ] as const)('from %s allows exactly these changes', (state, allowed: Partial<Record<OrderFact, OrderState>>) => {
    for (const fact of FACTS) expect([fact, nextState(orderIn(state), fact)]).toEqual([fact, allowed[fact] ?? null]);
  });

  it('reaches every state from the first', () => {
    const reached = new Set<OrderState>(['initialized']);
    for (const state of reached) for (const next of leadsTo(state)) reached.add(next);
    expect([...reached].sort()).toEqual([...STATES].sort());
  });

  it('leads from every state to an end', () => {
    for (const state of STATES) {
      const reached = new Set<OrderState>([state]);
      for (const from of reached) for (const next of leadsTo(from)) reached.add(next);
      expect([state, [...reached].some(isTerminal)]).toEqual([state, true]);
    }
  });

  it('names as terminal exactly the states nothing leaves', () => {
    expect(STATES.filter(isTerminal).sort()).toEqual([...TERMINAL].sort());
    expect(STATES.filter((state) => leadsTo(state).length === 0).sort()).toEqual([...TERMINAL].sort());
  });
});

describe('an order with fills', () => {
  it('that is found alive is partially filled, not merely accepted', () => {
    expect(nextState(orderIn('unknown', 3), 'accept')).toBe('partiallyFilled');
  });

  it.each(['unknown', 'partiallyFilled', 'cancelling'] as const)('that is %s cannot end as rejected: the rest of it is cancelled', (state) => {
    expect(nextState(orderIn(state, 3), 'reject')).toBe('cancelled');
  });
});

describe('applying a fact', () => {
  it('says whether it changed the state', () => {
    const order = orderIn('partiallyFilled', 3);
    expect([applyFact(order, 'fillPart'), applyFact(order, 'submit'), applyFact(order, 'cancel'), applyFact(order, 'cancel')]).toEqual([
      false,
      false,
      true,
      false,
    ]);
    expect(order.state).toBe('cancelled');
  });

  it('in any sequence never leaves a terminal state and never goes back, except that an order in doubt may be found anywhere', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...FACTS), { maxLength: 40 }), (facts) => {
        const order = orderIn('initialized');
        for (const fact of facts) {
          const before = order.state;
          apply(order, fact);
          const after = order.state;
          if (isTerminal(before)) expect(after).toBe(before);
          if (before !== 'unknown' && after !== 'unknown') expect(STAGE[after]).toBeGreaterThanOrEqual(STAGE[before]);
          if (before !== after) expect(leadsTo(before).includes(after) || order.filledLots > 0).toBe(true);
          if (before !== after && (after === 'accepted' || after === 'rejected')) expect(order.filledLots).toBe(0);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('the public status', () => {
  it.each([
    ['initialized', 'pending', 'partially_filled'],
    ['submitting', 'pending', 'partially_filled'],
    ['unknown', 'pending', 'partially_filled'],
    ['accepted', 'open', 'partially_filled'],
    ['partiallyFilled', 'partially_filled', 'partially_filled'],
    ['cancelling', 'open', 'partially_filled'],
    ['filled', 'filled', 'filled'],
    ['cancelled', 'cancelled', 'cancelled'],
    ['denied', 'rejected', 'rejected'],
    ['rejected', 'rejected', 'rejected'],
    ['expired', 'expired', 'expired'],
  ] as const)('of %s is %s, and %s once something has filled', (state, without, withFills) => {
    expect([publicStatus(state, 0), publicStatus(state, 1)]).toEqual([without, withFills]);
  });
});
