/** Tells users once that their plan ends soon, and once that it has ended. */
import type { NewFact } from '#core/facts.ts';
import { endOf, GRACE_MS, type Subscription, standingOf, WARNED_MS } from '#core/plans/plan.ts';
import type { SubscriptionStore } from '#core/plans/subscription-store.ts';

/** What could not be told in time is told so much later at most. */
export const TOLD_LATE_MS = 3 * 86_400_000;
/** Plans locked at once: few, so that no payment waits long. */
export const PLANS_AT_ONCE = 500;

/**
 * Goes through all plans that end about now. Facts are told once for as long as they are kept, `keptMs`, so nothing is told
 * later than that. `goOn` is called between steps and may throw.
 */
export async function tellOfEnds(subscriptions: SubscriptionStore, now: number, keptMs: number, goOn: () => void): Promise<{ readonly told: number }> {
  const lateMs = Math.min(TOLD_LATE_MS, keptMs);
  const range = { from: now - GRACE_MS - lateMs, until: now + WARNED_MS, limit: PLANS_AT_ONCE };
  let told = 0;
  for (let last: string | null = ''; last !== null; ) {
    goOn();
    const step = await subscriptions.tellOfEnds({ ...range, afterUserId: last }, (subscription) => endFact(subscription, now, lateMs));
    told += step.told;
    last = step.lastUserId;
  }
  return { told };
}

function endFact(subscription: Subscription, now: number, lateMs: number): NewFact | null {
  const { expiresAt } = subscription;
  const endsAt = endOf(subscription);
  if (expiresAt === null || endsAt === null) return null;
  const isDue = (at: number): boolean => now >= at && now < at + lateMs;
  const { state } = standingOf(subscription, now);
  const isExpiring = state === 'active' && isDue(expiresAt - WARNED_MS);
  if (!isExpiring && !(state === 'expired' && isDue(endsAt))) return null;
  return factOf(subscription, isExpiring ? 'plan_expiring' : 'plan_expired', {}, now);
}

/** Of a plan that ends because its payment was taken back. It is the end of that very term, which the sweep does not tell again. */
export function takenBackFact(ended: Subscription, now: number): NewFact {
  return factOf(ended, 'plan_expired', { cause: 'payment_taken_back' }, now);
}

function factOf({ userId, plan, expiresAt }: Subscription, type: 'plan_expiring' | 'plan_expired', more: NewFact['data'], now: number): NewFact {
  const data = { plan, expires_at: expiresAt === null ? null : new Date(expiresAt).toISOString(), ...more };
  return { dedupeKey: `plan:${userId}:${expiresAt}:${type}`, userId, botId: null, type, data, at: now };
}
