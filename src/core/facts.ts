/**
 * Facts worth telling: what they are, and how they wait in the outbox until a channel has told them.
 */
import type { Page, PageRequest } from './store/page.ts';

/** The event types a user can be told of. */
export const FACT_TYPES = [
  'bot_created',
  'bot_started',
  'bot_stopped',
  'order_placed',
  'order_filled',
  'order_cancelled',
  'order_rejected',
  'exchange_error',
  'bot_error',
  'target_reached',
  'strategy_note',
  'order_action',
  'risk_denied',
  'signal_opened',
  'signal_closed',
  'signals_beyond',
  'alert_triggered',
  'model_trained',
  'backtest_finished',
  'optimization_finished',
  'job_failed',
  'login_new_device',
  'login_failures',
  'plan_expiring',
  'plan_expired',
  'channel_disabled',
  'telegram_session_ended',
  'notification_test',
] as const;

export type FactType = (typeof FACT_TYPES)[number];

/** A fact waiting in the outbox to be told. `dedupeKey` is unique: writing the same fact twice keeps one. */
export interface NewFact {
  readonly dedupeKey: string;
  readonly userId: string;
  readonly botId: string | null;
  readonly type: FactType;
  readonly data: Readonly<Record<string, unknown>>;
  readonly at: number;
}

export interface FactRecord extends NewFact {
  readonly id: string;
}

/** The outbox: facts wait in it until they are spread into the lists of their users. */
export interface FactStore {
  ofBot(userId: string, botId: string, page: PageRequest): Promise<Page<FactRecord>>;
  add(fact: NewFact): Promise<void>;
  /** A fact could not be put into its user's list. It is due again after a pause that doubles with every failure, or parked after the last try. */
  failed(
    id: string,
    problem: string,
    patience: { readonly firstPauseMs: number; readonly longestPauseMs: number; readonly tries: number },
  ): Promise<'waiting' | 'parked'>;
  /** How many facts are parked. */
  parked(): Promise<number>;
}
