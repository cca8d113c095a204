/** Counts wrong passwords in a row for each user, and tells the user, and the audit log, when they are many. */
import type { Clock } from '#core/ports.ts';
import type { Store } from '#core/store/store.ts';

/** So many in a row are told of, and then each time they have doubled. */
export const MANY_FAILURES = 5;
/** E-mails remembered at most; those that failed longest ago are forgotten first. */
export const MAX_REMEMBERED = 20_000;

export interface FailedLoginsParts {
  readonly store: Pick<Store, 'users' | 'facts' | 'audit'>;
  readonly clock: Clock;
}

export class FailedLogins {
  readonly #parts: FailedLoginsParts;
  readonly #counts = new Map<string, number>();

  constructor(parts: FailedLoginsParts) {
    this.#parts = parts;
  }

  async note(email: string, address: string): Promise<void> {
    const count = (this.#counts.get(email) ?? 0) + 1;
    this.#counts.delete(email);
    this.#counts.set(email, count);
    const [oldest] = this.#counts.keys();
    if (this.#counts.size > MAX_REMEMBERED && oldest !== undefined) this.#counts.delete(oldest);
    if (isMany(count)) await this.#tell(email, address, count);
  }

  /** Somebody has logged in with the right password. */
  forget(email: string): void {
    this.#counts.delete(email);
  }

  async #tell(email: string, address: string, count: number): Promise<void> {
    const { store, clock } = this.#parts;
    const user = await store.users.byEmail(email);
    if (user === null) return;
    const at = clock.now();
    const data = { count, address };
    await store.audit.add({ action: 'logins_failed', subject: { kind: 'user', id: user.id }, ownerId: user.id, details: data });
    await store.facts.add({ dedupeKey: `${user.id}:login_failures:${at}`, userId: user.id, botId: null, type: 'login_failures', data, at });
  }
}

function isMany(count: number): boolean {
  const doublings = Math.log2(count / MANY_FAILURES);
  return doublings >= 0 && Number.isInteger(doublings);
}
