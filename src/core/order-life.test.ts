import { describe, expect, it } from 'vitest';
import { endReason, type LifeChanges, lifeEvents } from './order-life.ts';

const NOTHING: LifeChanges = { former: null, made: null, changes: [], fills: [], at: 100 };
const told = (changes: Partial<LifeChanges>): string[] =>
  lifeEvents({ ...NOTHING, ...changes }).map(({ type, at, tradeId, reasonCode }) => [type, at, tradeId, reasonCode].filter((part) => part !== null).join(' '));
const former = (state: NonNullable<LifeChanges['former']>['state'], isCancelRequested = false) => ({ state, isCancelRequested });
const FILL = { tradeId: 'T1', price: '10', size: '1' };

describe('the life of an order', () => {
  it('begins with its request, and goes on with how it was made', () => {
    const made = { createdAt: 90, reasonCode: null, reason: null };
    expect(told({ made: { ...made, state: 'submitting' } })).toEqual(['requested 90', 'submitting 100']);
    expect(told({ made: { ...made, state: 'initialized' } })).toEqual(['requested 90']);
    expect(told({ made: { ...made, state: 'denied', reasonCode: 'price_collar' } })).toEqual(['requested 90', 'denied 100 price_collar']);
  });

  it('tells every change of one commit in its sequence, each with its own time', () => {
    const changes = [
      { state: 'accepted', at: 1 },
      { state: 'partiallyFilled', at: 2 },
      { state: 'cancelling', at: 3, reasonCode: 'by_bot' },
      { state: 'cancelled', at: 4, reasonCode: 'cancelled_on_request' },
    ] as const;
    expect(told({ former: former('submitting'), changes, fills: [FILL] })).toEqual([
      'accepted 1',
      'fill 2 T1',
      'cancel_requested 3 by_bot',
      'cancelled 4 cancelled_on_request',
    ]);
  });

  it.each([
    ['a state repeated says nothing', { former: former('accepted'), changes: [{ state: 'accepted' }] }, []],
    [
      'the last fill comes before the end it brings',
      { former: former('accepted'), changes: [{ state: 'filled' }], fills: [FILL] },
      ['fill 100 T1', 'filled 100'],
    ],
    ['a fill of an order that is over stands alone', { former: null, fills: [FILL] }, ['fill 100 T1']],
    ['a fill while it is being cancelled is told', { former: former('cancelling', true), changes: [{ state: 'cancelling' }], fills: [FILL] }, ['fill 100 T1']],
    ['a wish to cancel is told once', { former: former('accepted', true), changes: [{ state: 'cancelling' }] }, []],
    ['a wish to cancel without a change of state is told', { former: former('unknown'), changes: [{ cancelRequestedAt: 5 }] }, ['cancel_requested 100']],
    ['an order in doubt with fills that is found is accepted', { former: former('unknown'), changes: [{ state: 'partiallyFilled' }] }, ['accepted 100']],
    ['a lost answer is told', { former: former('submitting'), changes: [{ state: 'unknown' }] }, ['unknown 100']],
  ] as const)('%s', (_name, changes, expected) => {
    expect(told(changes as Partial<LifeChanges>)).toEqual(expected);
  });

  it('says whether an order was cancelled as asked', () => {
    expect(endReason('cancelled', true).reasonCode).toBe('cancelled_on_request');
    expect(endReason('cancelled', false).reasonCode).toBe('cancelled_by_exchange');
    expect(endReason('expired', false).reasonCode).toBe('expired_at_exchange');
    expect(endReason('accepted', true)).toEqual({});
  });
});
