/** When a plan holds and how it grows. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { freeRecord, GRACE_MS, MAX_DAYS, type PlanSource, prolonged, type Subscription, standingOf } from './plan.ts';

const DAY_MS = 86_400_000;
const NOW = 1_700_000_000_000;
const vip = (source: PlanSource, expiresAt: number | null): Subscription => ({
  userId: 'ada',
  plan: 'vip',
  source,
  since: NOW - DAY_MS,
  expiresAt,
  changedAt: NOW,
});

describe('a standing', () => {
  it.each([
    ['free for ever', freeRecord('ada', 'registration', NOW), { plan: 'free', state: 'active', endsAt: null }],
    ['VIP without an end', vip('grant', null), { plan: 'vip', state: 'active', endsAt: null }],
    ['VIP that goes on', vip('code', NOW + 1), { plan: 'vip', state: 'active', endsAt: NOW + 1 }],
    ['VIP that was given and has ended', vip('grant', NOW), { plan: 'free', state: 'expired', endsAt: null }],
    ['VIP that was paid for and has just ended', vip('payment', NOW), { plan: 'vip', state: 'grace', endsAt: NOW + GRACE_MS }],
    ['VIP whose grace is over', vip('payment', NOW - GRACE_MS), { plan: 'free', state: 'expired', endsAt: null }],
  ] as const)('of %s', (_name, subscription, standing) => {
    expect(standingOf(subscription, NOW)).toEqual(standing);
  });
});

describe('prolonging', () => {
  it('adds to what is left, and begins now where nothing is', () => {
    expect(prolonged(vip('grant', NOW + DAY_MS), 30, 'code', NOW)).toMatchObject({ expiresAt: NOW + 31 * DAY_MS, source: 'code', since: NOW - DAY_MS });
    expect(prolonged(freeRecord('ada', 'registration', 0), 30, 'payment', NOW)).toMatchObject({
      plan: 'vip',
      expiresAt: NOW + 30 * DAY_MS,
      source: 'payment',
      since: NOW,
    });
    expect(prolonged(vip('code', NOW), 2, 'code', NOW)).toMatchObject({ expiresAt: NOW + 2 * DAY_MS, since: NOW });
  });

  it('counts days of grace as days that were used', () => {
    expect(prolonged(vip('payment', NOW - DAY_MS), 30, 'payment', NOW)).toMatchObject({ expiresAt: NOW + 29 * DAY_MS });
  });

  it('keeps the grace of what was paid for, and what has no end without one', () => {
    expect(prolonged(vip('payment', NOW + DAY_MS), 5, 'code', NOW).source).toBe('payment');
    const endless = vip('grant', null);
    expect(prolonged(endless, 5, 'payment', NOW)).toBe(endless);
  });

  it('never takes anything away', () => {
    const end = fc.option(fc.integer({ min: NOW - 10 * DAY_MS, max: NOW + 1_000 * DAY_MS }), { nil: null });
    fc.assert(
      fc.property(
        fc.constantFrom('grant', 'code', 'payment'),
        end,
        fc.integer({ min: 1, max: MAX_DAYS }),
        fc.constantFrom('code', 'payment'),
        (held, expiresAt, days, source) => {
          const before = vip(held, expiresAt);
          const after = prolonged(before, days, source, NOW);
          const [had, has] = [standingOf(before, NOW), standingOf(after, NOW)];
          expect(has.plan).toBe('vip');
          if (had.plan === 'vip' && had.endsAt !== null) expect(has.endsAt).toBeGreaterThan(had.endsAt);
        },
      ),
    );
  });
});
