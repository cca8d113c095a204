/**
 * Signals as each user sees them: by the own choices and by plan. The free plan sees the same, later and less of it: what it is
 * shown is what was so when its delay began, and what cannot be said of that moment is left open.
 */
import { AppError } from '#core/errors.ts';
import { decimal } from '#core/money.ts';
import { PLAN_TERMS, type Plan } from '#core/plans/plan.ts';
import type { Bus, Clock } from '#core/ports.ts';
import { MAX_HIDDEN, NO_CHOICES, type SignalChoices } from '#core/signals/choices.ts';
import type { Signal, SignalOutcome, SignalPoint } from '#core/signals/signal.ts';
import type { SignalFilter, SignalSort } from '#core/signals/signal-store.ts';
import type { Page, PageRequest } from '#core/store/page.ts';
import type { Store } from '#core/store/store.ts';
import { missing } from '../missing.ts';
import type { Plans } from '../plans/plans.ts';
import { asOf } from './as-of.ts';

/** Told with the user whose choices were changed. */
export const CHOICES_CHANGED = 'signal_choices_changed';
/** Told with the signal that the owner has removed. */
export const SIGNAL_REMOVED = 'signal_removed';

/** Signals from which the few of a delayed list are chosen. */
const LOOKED_THROUGH = 200;
const GREATNESS: Readonly<Record<SignalSort, (signal: Signal) => string | number>> = {
  opened_at: ({ openedAt }) => openedAt,
  net_percent: ({ netPercent }) => netPercent,
  max_size_quote: ({ maxSizeQuote }) => maxSizeQuote,
};

export interface SignalViewsParts {
  readonly store: Pick<Store, 'signals' | 'signalChoices' | 'users' | 'posts'>;
  readonly plans: Plans;
  readonly clock: Clock;
  readonly bus: Bus;
}

/** A signal as one user sees it; `isDelayed` says that it is as it was a while ago, without prices. */
export interface SignalView {
  readonly signal: Signal;
  readonly outcomes: readonly SignalOutcome[];
  readonly isDelayed: boolean;
}

export interface SignalList extends Page<SignalView> {
  readonly delayMs: number;
  /** Whether the plan allows no more rows than these. */
  readonly isCut: boolean;
}

export interface SignalQuery {
  readonly filter: SignalFilter;
  readonly sort: SignalSort;
  /** Only coins of the own watch list. */
  readonly isWatchedOnly: boolean;
  /** Whether the own thresholds and mute lists are to be left aside. */
  readonly isUnchosen: boolean;
  /** Of its opening, in milliseconds. */
  readonly minAgeMs: number | undefined;
  readonly maxAgeMs: number | undefined;
}

export class SignalViews {
  readonly #parts: SignalViewsParts;

  constructor(parts: SignalViewsParts) {
    this.#parts = parts;
  }

  async list(userId: string, query: SignalQuery, page: PageRequest): Promise<SignalList> {
    const { store, plans, clock } = this.#parts;
    const [plan, choices] = [await plans.planOf(userId), await this.choices(userId)];
    const { signalDelayMs: delayMs, signalRows } = PLAN_TERMS[plan];
    const filter = { ...narrowed(query, choices, clock.now()), notHiddenFrom: userId };
    if (filter.bases?.length === 0) return { items: [], nextCursor: null, delayMs, isCut: false };
    if (delayMs > 0) return this.#delayedList(filter, query.sort, delayMs, Math.min(page.limit, signalRows));
    const { items, nextCursor } = await store.signals.list(filter, query.sort, page);
    return { items: await this.#views(items, 0), nextCursor, delayMs, isCut: false };
  }

  /**
   * One page, because whoever could turn it would have them all. Chosen and sorted by what is shown: thresholds that looked at
   * the present would tell it.
   */
  async #delayedList({ minNetPercent, minSizeQuote, ...filter }: SignalFilter, sort: SignalSort, delayMs: number, rows: number): Promise<SignalList> {
    const { store, clock } = this.#parts;
    const now = clock.now();
    const openedBefore = Math.min(filter.openedBefore ?? now, now - delayMs + 1);
    const { items, nextCursor } = await store.signals.list({ ...filter, openedBefore }, sort, { limit: LOOKED_THROUGH, cursor: null });
    const shown = (await this.#views(items, delayMs))
      .filter(
        ({ signal }) =>
          decimal(signal.netPercent).gte(minNetPercent ?? signal.netPercent) && decimal(signal.maxSizeQuote).gte(minSizeQuote ?? signal.maxSizeQuote),
      )
      .toSorted(({ signal: one }, { signal: other }) => decimal(GREATNESS[sort](other)).cmp(decimal(GREATNESS[sort](one))));
    return { items: shown.slice(0, rows), nextCursor: null, delayMs, isCut: shown.length > rows || nextCursor !== null };
  }

  /** Claims of the user's own posts that live books confirmed, the newest first; they are nobody else's, and not delayed. */
  async ofPosts(userId: string, state: Signal['state'] | null, page: PageRequest): Promise<SignalList> {
    const { items, nextCursor } = await this.#parts.store.posts.signals(userId, state, page);
    return { items: items.map(asPosted), nextCursor, delayMs: 0, isCut: false };
  }

  /** Throws AppError `not_found` for one that is not there, or not yet for this plan. */
  async get(userId: string, id: string): Promise<SignalView> {
    const delayMs = await this.#delayOf(userId);
    const posted = await this.#parts.store.posts.signal(userId, id);
    if (posted !== null) return asPosted(posted);
    const signal = await this.#parts.store.signals.get(id);
    const isTooYoung = signal !== null && delayMs > 0 && signal.openedAt > this.#parts.clock.now() - delayMs;
    const [view] = signal === null || isTooYoung ? [] : await this.#views([signal], delayMs);
    if (view === undefined) throw missing();
    return view;
  }

  /** The course of a signal, oldest first. Throws AppError `not_found` as above. */
  async history(userId: string, id: string, after: number, limit: number): Promise<readonly SignalPoint[]> {
    await this.get(userId, id);
    const delayMs = await this.#delayOf(userId);
    const until = this.#parts.clock.now() - delayMs;
    const points = await this.#parts.store.signals.history(id, after, limit);
    return delayMs === 0 ? points : points.filter(({ at }) => at <= until);
  }

  /** The owner removes it for everybody; everybody else hides it from the own lists. Throws AppError `not_found` and `too_many_kept`. */
  async remove(userId: string, id: string): Promise<void> {
    const { store, bus, clock } = this.#parts;
    if ((await store.users.byId(userId))?.role === 'owner') {
      if (!(await store.signals.remove(id, clock.now()))) throw missing();
      return bus.publish(SIGNAL_REMOVED, { signalId: id });
    }
    await this.get(userId, id);
    const outcome = await store.signalChoices.hide(userId, id, clock.now());
    if (outcome === 'missing') throw missing();
    if (outcome === 'full') throw new AppError('too_many_kept', `You have hidden ${MAX_HIDDEN} signals; mute coins or places instead.`);
    bus.publish(CHOICES_CHANGED, { userId });
  }

  async choices(userId: string): Promise<SignalChoices> {
    return (await this.#parts.store.signalChoices.get(userId)) ?? NO_CHOICES;
  }

  /** Open signals that a user has hidden. */
  hidden(userId: string): Promise<readonly string[]> {
    return this.#parts.store.signalChoices.hiddenOf(userId);
  }

  async choose(userId: string, choices: SignalChoices): Promise<SignalChoices> {
    await this.#parts.store.signalChoices.put(userId, choices, this.#parts.clock.now());
    this.#parts.bus.publish(CHOICES_CHANGED, { userId });
    return choices;
  }

  async #delayOf(userId: string): Promise<number> {
    const plan: Plan = await this.#parts.plans.planOf(userId);
    return PLAN_TERMS[plan].signalDelayMs;
  }

  async #views(signals: readonly Signal[], delayMs: number): Promise<readonly SignalView[]> {
    const { store, clock } = this.#parts;
    const ids = signals.map(({ id }) => id);
    const until = clock.now() - delayMs;
    const [outcomes, points] = await Promise.all([
      store.signals.outcomes(ids),
      delayMs === 0 ? new Map<string, SignalPoint>() : store.signals.pointsAt(ids, until),
    ]);
    return signals.flatMap((signal) => {
      const point = points.get(signal.id);
      if (delayMs > 0 && point === undefined) return [];
      const known = (outcomes.get(signal.id) ?? []).filter(({ at }) => delayMs === 0 || at <= until);
      return [{ signal: point === undefined ? signal : asOf(signal, point, until), outcomes: known, isDelayed: point !== undefined }];
    });
  }
}

function asPosted(signal: Signal): SignalView {
  return { signal, outcomes: [], isDelayed: false };
}

function narrowed(query: SignalQuery, choices: SignalChoices, now: number): SignalFilter {
  const { filter, minAgeMs, maxAgeMs } = query;
  const aged = {
    ...filter,
    ...(minAgeMs === undefined ? {} : { openedBefore: now - minAgeMs + 1 }),
    ...(maxAgeMs === undefined ? {} : { openedFrom: now - maxAgeMs }),
    ...(query.isWatchedOnly ? { bases: choices.watchedBases } : {}),
  };
  if (query.isUnchosen) return aged;
  const [minNetPercent, minSizeQuote] = [greater(filter.minNetPercent, choices.minNetPercent), greater(filter.minSizeQuote, choices.minSizeQuote)];
  return {
    ...aged,
    ...(minNetPercent === undefined ? {} : { minNetPercent }),
    ...(minSizeQuote === undefined ? {} : { minSizeQuote }),
    ...(choices.mutedBases.length === 0 ? {} : { withoutBases: choices.mutedBases }),
    ...(choices.mutedVenues.length === 0 ? {} : { withoutVenues: choices.mutedVenues }),
    ...(choices.mutedScanners.length === 0 ? {} : { withoutScanners: choices.mutedScanners }),
  };
}

function greater(one: string | undefined, other: string | null): string | undefined {
  if (other === null) return one;
  return one === undefined || decimal(one).lt(other) ? other : one;
}
