/**
 * Plans of users: what holds for whom, and the only ways to another one: the owner grants it, a code is redeemed, a payment
 * arrives. Nothing a user sends about the own record can make it more than it was.
 */
import { AppError } from '#core/errors.ts';
import { MAX_DAYS, type Plan, type Standing, type Subscription, standingOf } from '#core/plans/plan.ts';
import type { PaymentEvent, RedeemCodeRecord, SubscriptionStore } from '#core/plans/subscription-store.ts';
import type { Bus, Clock, Ids } from '#core/ports.ts';
import type { Page, PageRequest } from '#core/store/page.ts';
import type { Store } from '#core/store/store.ts';
import { takenBackFact } from './plan-ends.ts';

/** Told with the id of a user whose plan was changed. */
export const PLAN_CHANGED = 'plan_changed';
/** What was read of a plan is believed for so long, if nobody says that it has changed. */
export const BELIEVED_MS = 4_000;
/** Plans remembered at most; the longest untouched is forgotten first. */
export const MAX_REMEMBERED = 20_000;
/** Codes that wait to be redeemed at most. */
export const MAX_OPEN_CODES = 1_000;
/** A code can be redeemed for so long at most. */
export const MAX_CODE_VALID_DAYS = 366;
const CODE_BYTES = 20;
const DAY_MS = 86_400_000;

export interface PlansParts {
  readonly store: Pick<Store, 'subscriptions'>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly bus: Bus;
  /** One-way digest under which codes are kept. */
  readonly digest: (code: string) => string;
}

/** A record and what it comes to now. */
export interface PlanView {
  readonly subscription: Subscription;
  readonly standing: Standing;
}

export class Plans {
  readonly #parts: PlansParts;
  readonly #store: SubscriptionStore;
  readonly #believed = new Map<string, { readonly subscription: Subscription; readonly readAt: number }>();
  readonly #unsubscribe: () => void;

  constructor(parts: PlansParts) {
    this.#parts = parts;
    this.#store = parts.store.subscriptions;
    this.#unsubscribe = parts.bus.subscribe(
      PLAN_CHANGED,
      ({ userId }) => void this.#believed.delete(String(userId)),
      () => this.#believed.clear(),
    );
  }

  close(): void {
    this.#unsubscribe();
  }

  get remembered(): number {
    return this.#believed.size;
  }

  /** Throws AppError `unauthenticated` when the user is gone. */
  async mine(userId: string): Promise<PlanView> {
    return this.#view(known(await this.#store.get(userId)));
  }

  /** The plan that holds for a user now, at most {@link BELIEVED_MS} late; free for one who is gone. */
  async planOf(userId: string): Promise<Plan> {
    const now = this.#parts.clock.now();
    const believed = this.#believed.get(userId);
    if (believed !== undefined && now - believed.readAt < BELIEVED_MS) return standingOf(believed.subscription, now).plan;
    const subscription = await this.#store.get(userId);
    if (subscription === null) return 'free';
    this.#believed.delete(userId);
    this.#believed.set(userId, { subscription, readAt: now });
    const oldest = this.#believed.keys().next();
    if (this.#believed.size > MAX_REMEMBERED && oldest.done === false) this.#believed.delete(oldest.value);
    return standingOf(subscription, now).plan;
  }

  /** The plan of each of these users as it stands in the store now. */
  async plansOf(userIds: readonly string[]): Promise<ReadonlyMap<string, Plan>> {
    const now = this.#parts.clock.now();
    return new Map((await this.#store.of(userIds)).map((subscription) => [subscription.userId, standingOf(subscription, now).plan]));
  }

  /** What a user may choose alone: less. Throws AppError `plan_not_for_taking`. */
  async choose(userId: string, plan: Plan): Promise<PlanView> {
    const present = await this.mine(userId);
    if (plan === present.standing.plan) return present;
    if (plan !== 'free')
      throw new AppError('plan_not_for_taking', 'A plan cannot be taken: redeem a code, pay for it, or ask the owner of this installation.', [
        { field: 'plan', message: 'cannot be set to vip by its user' },
      ]);
    return this.#told(known(await this.#store.giveUp(userId, this.#parts.clock.now())));
  }

  /** Throws AppError `code_invalid`, the same for every reason, and `plan_endless`. */
  async redeem(userId: string, code: string): Promise<PlanView> {
    const redeemed = await this.#store.redeem(userId, this.#parts.digest(code.trim()), this.#parts.clock.now());
    if (redeemed === null)
      throw new AppError('code_invalid', 'This code is unknown, used, withdrawn, too old, or for somebody else.', [
        { field: 'code', message: 'cannot be redeemed' },
      ]);
    if (redeemed === 'endless') throw new AppError('plan_endless', 'The present plan has no end, so there is nothing to add to; the code was not used.');
    return this.#told(redeemed);
  }

  /** For the owner alone. Throws AppError `not_found` and `validation_failed`. */
  async grant(userId: string, plan: Plan, expiresAt: number | null): Promise<PlanView> {
    const { clock } = this.#parts;
    const now = clock.now();
    if (plan === 'vip' && expiresAt !== null && (expiresAt <= now || expiresAt > now + MAX_DAYS * DAY_MS))
      throw invalid('until', `must be later than now and at most ${MAX_DAYS} days ahead`);
    if (plan === 'free' && expiresAt !== null) throw invalid('until', 'is for the plan vip only');
    const granted = await this.#store.grant(userId, plan, expiresAt, now);
    if (granted === null) throw new AppError('not_found', 'There is no such user.');
    return this.#told(granted);
  }

  /** For the owner alone: everybody with the plan that holds. */
  async people(
    page: PageRequest,
  ): Promise<Page<PlanView & { readonly user: { readonly id: string; readonly email: string; readonly role: string; readonly createdAt: number } }>> {
    const { items, nextCursor } = await this.#store.list(page);
    return { items: items.map(({ user, subscription }) => ({ user, ...this.#view(subscription) })), nextCursor };
  }

  /** For the owner alone; the code is told once and kept by nobody. Throws AppError `too_many_kept` and `validation_failed`. */
  async makeCode(wish: {
    readonly days: number;
    readonly note: string;
    readonly forUserId: string | null;
    readonly validDays: number;
  }): Promise<{ readonly code: string; readonly record: RedeemCodeRecord }> {
    const { clock, ids, digest } = this.#parts;
    const code = ids.secret(CODE_BYTES);
    const now = clock.now();
    const { days, note, forUserId } = wish;
    const terms = { id: ids.next(), codeHash: digest(code), days, note, forUserId, validUntil: now + wish.validDays * DAY_MS, createdAt: now };
    const record = await this.#store.addCode(terms, MAX_OPEN_CODES);
    if (record === 'noUser') throw invalid('for_user_id', 'is the id of nobody');
    if (record === 'full') throw new AppError('too_many_kept', `${MAX_OPEN_CODES} codes wait to be redeemed; withdraw some first.`);
    return { code, record };
  }

  codes(page: PageRequest): Promise<Page<RedeemCodeRecord>> {
    return this.#store.codes(page);
  }

  /** For the owner alone. Throws AppError `not_found` and `code_over`. */
  async revokeCode(id: string): Promise<void> {
    const outcome = await this.#store.revokeCode(id, this.#parts.clock.now());
    if (outcome === 'missing') throw new AppError('not_found', 'There is no such code.');
    if (outcome === 'over') throw new AppError('code_over', 'This code was redeemed or withdrawn before.');
  }

  /** A payment whose sender is proven. Throws AppError `validation_failed` for a user who is not there. */
  async pay(event: PaymentEvent): Promise<'applied' | 'repeated'> {
    const now = this.#parts.clock.now();
    const outcome = await this.#store.pay(event, now, (ended) => takenBackFact(ended, now));
    if (outcome === 'noUser') throw invalid('user_id', 'is the id of nobody');
    if (outcome === 'applied') this.#tell(event.userId);
    return outcome;
  }

  #view(subscription: Subscription): PlanView {
    return { subscription, standing: standingOf(subscription, this.#parts.clock.now()) };
  }

  #told(subscription: Subscription): PlanView {
    this.#tell(subscription.userId);
    return this.#view(subscription);
  }

  #tell(userId: string): void {
    this.#believed.delete(userId);
    this.#parts.bus.publish(PLAN_CHANGED, { userId });
  }
}

function known(subscription: Subscription | null): Subscription {
  if (subscription === null) throw new AppError('unauthenticated', 'The user of this token does not exist any more.');
  return subscription;
}

function invalid(field: string, message: string): AppError {
  return new AppError('validation_failed', `${field} ${message}`, [{ field, message }]);
}
