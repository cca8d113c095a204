/**
 * Who is connected with which right, and the end of it: connections whose session was ended, or whose plan has run out, are closed
 * within {@link CHECK_MS}, also when no word of it arrives; at once when one does.
 */
import type { Bus, Clock, Log } from '#core/ports.ts';
import type { Store } from '#core/store/store.ts';
import { PLAN_CHANGED, type Plans } from '../plans/plans.ts';
import type { EndReason } from './spectator.ts';

/** Told with the session that its user has ended. */
export const SESSION_ENDED = 'session_ended';
/** Rights are looked at this often. */
export const CHECK_MS = 2_000;

export interface Attendant {
  readonly userId: string;
  readonly sessionId: string;
  /** Whether it may be here with the plan VIP only. */
  readonly needsVip: boolean;
  end(reason: EndReason): void;
  /** Called with every look at the rights. */
  checkPace(): void;
}

export interface AttendanceParts {
  readonly store: Pick<Store, 'refreshTokens'>;
  readonly plans: Plans;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
}

export class Attendance {
  readonly #parts: AttendanceParts;
  readonly #present = new Set<Attendant>();
  readonly #unsubscribe: readonly (() => void)[];
  #cancelTimer: (() => void) | null = null;
  #checking: Promise<void> | null = null;
  #isWordHeard = false;

  constructor(parts: AttendanceParts) {
    this.#parts = parts;
    const hear = (): void => this.#hear();
    this.#unsubscribe = [SESSION_ENDED, PLAN_CHANGED].map((topic) => parts.bus.subscribe(topic, hear, hear));
  }

  join(attendant: Attendant): () => void {
    this.#present.add(attendant);
    if (this.#cancelTimer === null) this.#schedule();
    return () => void this.#present.delete(attendant);
  }

  countOf(userId: string): number {
    let count = 0;
    for (const attendant of this.#present) if (attendant.userId === userId) count += 1;
    return count;
  }

  async close(): Promise<void> {
    this.#cancelTimer?.();
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    for (const attendant of [...this.#present]) attendant.end('closing');
    this.#present.clear();
    await this.#checking;
  }

  /** Whether a session goes on and its user's plan is enough. */
  async mayStay(attendant: Pick<Attendant, 'userId' | 'sessionId' | 'needsVip'>): Promise<EndReason | null> {
    const { store, plans, clock } = this.#parts;
    if (!(await store.refreshTokens.aliveAmong([attendant.sessionId], clock.now())).has(attendant.sessionId)) return 'session_ended';
    if (!attendant.needsVip) return null;
    return (await plans.plansOf([attendant.userId])).get(attendant.userId) === 'vip' ? null : 'plan_ended';
  }

  #schedule(): void {
    this.#cancelTimer = this.#parts.clock.after(CHECK_MS, () => {
      this.#cancelTimer = null;
      if (this.#present.size === 0) return;
      this.#schedule();
      this.#hear();
    });
  }

  /** A word, or a moment, that comes during a look may be about what was looked at already. */
  #hear(): void {
    if (this.#present.size === 0) return;
    if (this.#checking !== null) this.#isWordHeard = true;
    else this.#check();
  }

  #check(): void {
    this.#checking ??= this.#look()
      .catch((error: unknown) => this.#parts.log.warn({ err: error }, 'the rights of those connected could not be looked at; trying again'))
      .finally(() => {
        this.#checking = null;
        if (!this.#isWordHeard) return;
        this.#isWordHeard = false;
        this.#check();
      });
  }

  async #look(): Promise<void> {
    const { store, plans, clock } = this.#parts;
    const attendants = [...this.#present];
    for (const attendant of attendants) attendant.checkPace();
    const alive = await store.refreshTokens.aliveAmong([...new Set(attendants.map(({ sessionId }) => sessionId))], clock.now());
    const paying = [...new Set(attendants.filter(({ needsVip }) => needsVip).map(({ userId }) => userId))];
    const held = paying.length === 0 ? new Map<string, string>() : await plans.plansOf(paying);
    for (const attendant of attendants) {
      if (!alive.has(attendant.sessionId)) attendant.end('session_ended');
      else if (attendant.needsVip && held.get(attendant.userId) !== 'vip') attendant.end('plan_ended');
    }
  }
}
