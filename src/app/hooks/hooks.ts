/** The address of a bot for other programs: made, changed, taken away. Its secret is shown once, when it is made. */
import type { HookRecord, HookSettings } from '#core/hooks/hook-store.ts';
import type { Clock, Ids, Vault } from '#core/ports.ts';
import type { Store } from '#core/store/store.ts';
import { missing } from '../missing.ts';

const ID_BYTES = 12;
const SECRET_BYTES = 24;
/** How old a message may be where its owner says nothing, in seconds. */
export const DEFAULT_MAX_AGE_SECONDS = 60;

export interface HooksParts {
  readonly store: Pick<Store, 'hooks' | 'bots'>;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly ids: Ids;
}

export class Hooks {
  readonly #parts: HooksParts;

  constructor(parts: HooksParts) {
    this.#parts = parts;
  }

  /** A new address with a new secret; the one before is void at once. Throws AppError `not_found`. */
  async issue(userId: string, botId: string, settings: Omit<HookSettings, 'isEnabled'>): Promise<{ readonly hook: HookRecord; readonly secret: string }> {
    const { store, vault, ids, clock } = this.#parts;
    const secret = ids.secret(SECRET_BYTES);
    const hookId = ids.secret(ID_BYTES);
    const { sealed } = vault.seal(secret, sealContext(botId, hookId));
    const hook = await store.hooks.put({ botId, userId, hookId, sealed, isEnabled: true, ...settings, at: clock.now() });
    return { hook: hook ?? missing(), secret };
  }

  /** Throws AppError `not_found`. */
  async get(userId: string, botId: string): Promise<HookRecord> {
    return (await this.#parts.store.hooks.get(userId, botId)) ?? missing();
  }

  /** Throws AppError `not_found`. */
  async change(userId: string, botId: string, change: Partial<HookSettings>): Promise<HookRecord> {
    return (await this.#parts.store.hooks.change(userId, botId, { ...change, at: this.#parts.clock.now() })) ?? missing();
  }

  /** Throws AppError `not_found`. */
  async remove(userId: string, botId: string): Promise<void> {
    if (!(await this.#parts.store.hooks.remove(userId, botId))) missing();
  }
}

/** What a secret is sealed for. */
export function sealContext(botId: string, hookId: string): string {
  return `hook/${botId}/${hookId}`;
}
