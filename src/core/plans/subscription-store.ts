/** The part of the store that keeps plans: who has which, codes, and payments. Every change is in the audit log. Types only. */
import type { NewFact } from '../facts.ts';
import type { Page, PageRequest } from '../store/page.ts';
import type { UserRecord } from '../store/people.ts';
import type { Plan, Subscription } from './plan.ts';

export interface RedeemCodeRecord {
  readonly id: string;
  readonly days: number;
  readonly note: string;
  /** The only user who may redeem it; `null` for whoever has it. */
  readonly forUserId: string | null;
  readonly validUntil: number;
  readonly createdAt: number;
  readonly redeemedBy: string | null;
  readonly redeemedAt: number | null;
  readonly revokedAt: number | null;
}

export type NewRedeemCode = Pick<RedeemCodeRecord, 'id' | 'days' | 'note' | 'forUserId' | 'validUntil' | 'createdAt'> & { readonly codeHash: string };

/** `paid` adds days; `ended` ends a paid plan at once, such as when the money went back. */
export interface PaymentEvent {
  /** Given by whoever takes the payments; the same event comes under the same id. */
  readonly id: string;
  readonly kind: 'paid' | 'ended';
  readonly userId: string;
  readonly days: number;
}

export interface SubscriptionStore {
  /** `null` when there is no such user. */
  get(userId: string): Promise<Subscription | null>;
  /** Those of these users; who is gone is left out. Not reachable by users. */
  of(userIds: readonly string[]): Promise<readonly Subscription[]>;
  /** Everybody, the newest first. Not reachable by users. */
  list(page: PageRequest): Promise<Page<{ readonly user: Omit<UserRecord, 'passwordHash'>; readonly subscription: Subscription }>>;
  /**
   * Those that expire after `from` and not after `until`, in the order of their users after `afterUserId`, `limit` at most: what `factOf` makes
   * of each is told before anything can change it. How many facts were new, and the last user looked at, `null` when there was none.
   * Not reachable by users.
   */
  tellOfEnds(
    range: { readonly from: number; readonly until: number; readonly afterUserId: string; readonly limit: number },
    factOf: (subscription: Subscription) => NewFact | null,
  ): Promise<{ readonly told: number; readonly lastUserId: string | null }>;
  /** Sets a plan; `null` when there is no such user. Not reachable by users. */
  grant(userId: string, plan: Plan, expiresAt: number | null, at: number): Promise<Subscription | null>;
  /** Back to the free plan, by the user's own wish. */
  giveUp(userId: string, at: number): Promise<Subscription | null>;
  /** Refused with `full` when so many are open. Not reachable by users. */
  addCode(code: NewRedeemCode, most: number): Promise<RedeemCodeRecord | 'full' | 'noUser'>;
  codes(page: PageRequest): Promise<Page<RedeemCodeRecord>>;
  /** `over` when it was redeemed or revoked before. Not reachable by users. */
  revokeCode(id: string, at: number): Promise<'revoked' | 'over' | 'missing'>;
  /** Uses a code up. `null` when it is unknown, used, revoked, too old, or somebody else's; which of them is not told. `endless`: there is nothing to add to. */
  redeem(userId: string, codeHash: string, at: number): Promise<Subscription | 'endless' | null>;
  /** Counts a payment once, however often it comes. Where it ends the plan, what `factOf` makes of the record until then is told with it. */
  pay(event: PaymentEvent, at: number, factOf: (ended: Subscription) => NewFact): Promise<'applied' | 'repeated' | 'noUser'>;
}
