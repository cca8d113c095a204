/**
 * What goes wrong with the bots of this process, counted and told: a run that could not be opened, one that failed, an
 * account whose venue needs its user's attention.
 */
import { AppError, type ErrorCode, PortError } from '#core/errors.ts';
import { type Metrics, NO_METRICS } from '#core/metrics.ts';
import type { Clock, Log } from '#core/ports.ts';
import type { AccountRecord } from '#core/store/accounts.ts';
import type { BotRecord } from '#core/store/bots.ts';
import type { Lease } from '#core/store/leases.ts';
import type { Store } from '#core/store/store.ts';
import { Failures, MAX_STRIKES } from './failures.ts';

export interface TroublesParts {
  readonly store: Pick<Store, 'bots' | 'facts'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics?: Metrics | undefined;
}

export class Troubles {
  readonly #parts: TroublesParts;
  readonly #failures = new Failures();

  constructor(parts: TroublesParts) {
    this.#parts = parts;
  }

  /** Whether the bot has not failed too lately. */
  mayTry(bot: Pick<BotRecord, 'id' | 'updatedAt'>): boolean {
    return this.#failures.mayTry(bot, this.#parts.clock.now());
  }

  async onOpenFailure(bot: BotRecord, lease: Lease, error: unknown): Promise<void> {
    const { clock, log } = this.#parts;
    // A venue may come back; everything else the user has to change first.
    const isRefused = error instanceof AppError && error.code !== 'venue_unavailable';
    const reason = error instanceof AppError || error instanceof PortError ? error.message : 'internal error; see the log';
    log.warn({ botId: bot.id, err: error }, 'run could not be opened');
    const code = error instanceof AppError || error instanceof PortError ? error.code : 'internal_error';
    const isRecorded = await this.#record(bot, lease, isRefused, reason, code);
    // A refusal that its user could not be told of is no answer: it is tried, and told, again.
    this.#failures.note(bot.id, clock.now(), isRefused && isRecorded);
  }

  /** The database or another owner may be the reason; a run that fails by itself time and again is left alone. `lease` is `null` when it is not held any more. */
  async onRunFailure(bot: BotRecord, lease: Lease | null, error: unknown): Promise<void> {
    const { clock, log, metrics = NO_METRICS } = this.#parts;
    log.error({ botId: bot.id, err: error }, 'run failed; it begins again from the store');
    const isOwn = !(error instanceof PortError || (error instanceof AppError && error.code === 'lease_lost'));
    metrics.countRunFailure(isOwn ? 'own' : 'outside');
    const strikes = this.#failures.note(bot.id, clock.now(), false, isOwn);
    if (!isOwn || strikes < MAX_STRIKES || lease === null) return;
    const message = error instanceof Error ? error.message : String(error);
    const reason = `failed ${strikes} times (${message}); its orders are still at the exchange: stop it to take them off`;
    if (await this.#record(bot, lease, true, reason, 'internal_error')) this.#failures.note(bot.id, clock.now(), true);
  }

  /** Something on an account that its user should know. */
  tell(account: AccountRecord, message: string, code: string): void {
    const { store, clock, log } = this.#parts;
    const at = clock.now();
    log.error({ accountId: account.id }, message);
    const data = { account: account.name, code, message };
    void store.facts
      .add({ dedupeKey: `${account.id}:trouble:${message}:${at}`, userId: account.userId, botId: null, type: 'exchange_error', at, data })
      .catch((error: unknown) => log.warn({ err: error }, 'trouble could not be recorded'));
  }

  /** `false` when nobody could be told. */
  async #record(bot: BotRecord, lease: Lease, isRefused: boolean, reason: string, code: ErrorCode): Promise<boolean> {
    const { store, clock, log } = this.#parts;
    const at = clock.now();
    const data = { bot: bot.name, symbol: bot.symbol, code, reason };
    try {
      await store.bots.setStatus(lease, bot.id, isRefused ? 'error' : 'starting', reason, at);
      if (isRefused) await store.facts.add({ dedupeKey: `${bot.id}:error:${at}`, userId: bot.userId, botId: bot.id, type: 'bot_error', at, data });
      return true;
    } catch (error) {
      log.warn({ botId: bot.id, err: error }, 'failure could not be recorded');
      return false;
    }
  }
}
