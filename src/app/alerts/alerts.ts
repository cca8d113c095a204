/** A user's alerts: set, changed and taken away. What they watch must be there, and be his. */
import type { AlertCondition } from '#core/alerts/alert.ts';
import { type AlertRecord, MAX_ALERTS } from '#core/alerts/alert-store.ts';
import { AppError } from '#core/errors.ts';
import type { Clock, Ids } from '#core/ports.ts';
import type { Page, PageRequest } from '#core/store/page.ts';
import type { Store } from '#core/store/store.ts';
import { instrumentOf } from '../bots/bot-planning.ts';
import { missing } from '../missing.ts';
import type { Accounts } from '../people/accounts.ts';

export interface AlertsParts {
  readonly store: Pick<Store, 'alerts' | 'accounts' | 'bots'>;
  readonly accounts: Pick<Accounts, 'venue'>;
  readonly clock: Clock;
  readonly ids: Ids;
}

export type AlertInput = Pick<AlertRecord, 'condition' | 'note' | 'repeats' | 'cooldownMs'>;

export class Alerts {
  readonly #parts: AlertsParts;

  constructor(parts: AlertsParts) {
    this.#parts = parts;
  }

  /** Throws AppError `validation_failed` naming the field, `exchange_unknown`, `symbol_unknown` or `too_many_kept`. */
  async create(userId: string, input: AlertInput): Promise<AlertRecord> {
    const { store, ids, clock } = this.#parts;
    await this.#check(userId, input.condition);
    const alert = await store.alerts.create({ id: ids.next(), userId, ...input, at: clock.now() });
    if (alert === 'full') throw new AppError('too_many_kept', `You have ${MAX_ALERTS} alerts, which is as many as there may be.`);
    return alert;
  }

  list(userId: string, page: PageRequest): Promise<Page<AlertRecord>> {
    return this.#parts.store.alerts.list(userId, page);
  }

  /** Throws AppError `not_found`. */
  async get(userId: string, id: string): Promise<AlertRecord> {
    return (await this.#parts.store.alerts.get(userId, id)) ?? missing();
  }

  /** Arms it anew, so that it begins to watch from now. Throws AppError `not_found` and what {@link create} throws. */
  async change(userId: string, id: string, change: Partial<AlertInput> & { readonly isOn?: boolean }): Promise<AlertRecord> {
    await this.get(userId, id);
    if (change.condition !== undefined) await this.#check(userId, change.condition);
    return (await this.#parts.store.alerts.change(userId, id, { ...change, at: this.#parts.clock.now() })) ?? missing();
  }

  /** Throws AppError `not_found`. */
  async remove(userId: string, id: string): Promise<void> {
    if (!(await this.#parts.store.alerts.remove(userId, id))) missing();
  }

  async #check(userId: string, condition: AlertCondition): Promise<void> {
    const { store, accounts } = this.#parts;
    switch (condition.kind) {
      case 'balance_below':
        if ((await store.accounts.get(userId, condition.accountId)) === null) throw refusal('account_id', 'is not one of your exchange accounts');
        return;
      case 'drawdown_above':
      case 'target_reached':
        if ((await store.bots.get(userId, condition.botId)) === null) throw refusal('bot_id', 'is not one of your bots');
        return;
      default: {
        const venue = accounts.venue(condition.exchange);
        const { kind } = await instrumentOf(venue, condition.symbol);
        const hasFunding = kind === 'perpetual' && venue.market.perpetual !== undefined;
        if (condition.kind === 'funding_beyond' && !hasFunding) throw refusal('symbol', 'must be a perpetual, such as BTC/USDT:USDT: only they have funding');
      }
    }
  }
}

function refusal(field: string, message: string): AppError {
  const path = `condition.${field}`;
  return new AppError('validation_failed', `${path} ${message}`, [{ field: path, message }]);
}
