/**
 * What users have paid for, or been given: pure rules of when a plan holds, how it is prolonged, and what it allows.
 */

export const PLANS = ['free', 'vip'] as const;
export type Plan = (typeof PLANS)[number];

/** How somebody came by a plan. */
export type PlanSource = 'registration' | 'grant' | 'code' | 'payment';

/** The record of a user, as it was last written. What holds at a moment is {@link standingOf}. */
export interface Subscription {
  readonly userId: string;
  readonly plan: Plan;
  readonly source: PlanSource;
  /** Milliseconds since 1970, as all times here. */
  readonly since: number;
  /** `null` for what does not end. */
  readonly expiresAt: number | null;
  readonly changedAt: number;
}

/** `grace`: it has run out and is still honoured, because payments come late. */
export type PlanState = 'active' | 'grace' | 'expired';

export interface Standing {
  /** What holds now. */
  readonly plan: Plan;
  readonly state: PlanState;
  /** When it stops to hold; `null` when it does not, or has. */
  readonly endsAt: number | null;
}

/** What a plan allows. */
export interface PlanTerms {
  readonly requestsPerMinute: number;
  /** Signals are shown so long after they have changed. */
  readonly signalDelayMs: number;
  /** Signals in one list at most; the best of them. */
  readonly signalRows: number;
  /** Of so many signals that open within an hour a user is told one by one; of the rest once in one notice. */
  readonly signalNoticesPerHour: number;
  readonly mayStream: boolean;
}

const DAY_MS = 86_400_000;
/** A paid plan is honoured for so long after its end. What was given has an end that is meant. */
export const GRACE_MS = 3 * DAY_MS;
/** The end of a plan is told of so long before. */
export const WARNED_MS = 3 * DAY_MS;
/** Nobody buys, or is given, more at once. */
export const MAX_DAYS = 3_660;

export const PLAN_TERMS: Readonly<Record<Plan, PlanTerms>> = {
  free: { requestsPerMinute: 1_200, signalDelayMs: 60_000, signalRows: 10, signalNoticesPerHour: 5, mayStream: false },
  vip: { requestsPerMinute: 3_600, signalDelayMs: 0, signalRows: Number.POSITIVE_INFINITY, signalNoticesPerHour: 30, mayStream: true },
};

/** When it stops to hold, its grace with it, or has stopped; `null` for what has no end. */
export function endOf({ expiresAt, source }: Pick<Subscription, 'source' | 'expiresAt'>): number | null {
  return expiresAt !== null && source === 'payment' ? expiresAt + GRACE_MS : expiresAt;
}

export function standingOf(subscription: Pick<Subscription, 'plan' | 'source' | 'expiresAt'>, now: number): Standing {
  const { plan, expiresAt } = subscription;
  const endsAt = endOf(subscription);
  if (plan === 'free' || expiresAt === null || endsAt === null) return { plan, state: 'active', endsAt: null };
  if (now < expiresAt) return { plan, state: 'active', endsAt };
  return now < endsAt ? { plan, state: 'grace', endsAt } : { plan: 'free', state: 'expired', endsAt: null };
}

/**
 * The record with `days` of VIP more: from its end while it holds, so that days of grace are paid for too, else from now. What
 * has no end keeps having none. Days added to a plan that was paid for keep its grace.
 */
export function prolonged(subscription: Subscription, days: number, source: PlanSource, now: number): Subscription {
  const { plan, expiresAt, since } = subscription;
  if (plan === 'vip' && expiresAt === null) return subscription;
  const addedTo = standingOf(subscription, now).plan === 'vip' ? expiresAt : null;
  const kept = addedTo !== null && subscription.source === 'payment' ? subscription.source : source;
  return { ...subscription, plan: 'vip', source: kept, since: addedTo === null ? now : since, expiresAt: (addedTo ?? now) + days * DAY_MS, changedAt: now };
}

/** The record of somebody who has nothing, or has nothing any more. */
export function freeRecord(userId: string, source: PlanSource, at: number): Subscription {
  return { userId, plan: 'free', source, since: at, expiresAt: null, changedAt: at };
}
