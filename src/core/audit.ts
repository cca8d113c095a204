/**
 * The audit log: who did what to which thing, when and from where. An entry is written in the transaction of its deed, so one
 * is there without the other never, and is not changed or removed afterwards: the database refuses it.
 */
import type { Page, PageRequest } from './store/page.ts';

/** Whoever acts. Without one a deed is the operator's at the command line, or the server's own. */
export interface Actor {
  /** `null` for somebody who is not logged in. */
  readonly userId: string | null;
  /** Where the request came from; `null` when it came from nowhere. */
  readonly address: string | null;
}

/** Carries the actor from the way in to the store, past everything in between. */
export interface ActorScope {
  run<Result>(actor: Actor, work: () => Result): Result;
  current(): Actor | null;
}

/** What there is to be done. */
export const AUDIT_ACTIONS = [
  'user_registered',
  'logged_in',
  'logins_failed',
  'logged_out',
  'session_closed_reuse',
  'account_created',
  'account_renamed',
  'account_keys_replaced',
  'account_removed',
  'bot_created',
  'bot_changed',
  'bot_removed',
  'bot_wanted',
  'bot_commanded',
  'kill_switch_set',
  'observing_set',
  'log_level_set',
  'job_begun',
  'job_retried',
  'job_cancelled',
  'telegram_linked',
  'telegram_unlinked',
  'telegram_session_begun',
  'telegram_session_ended',
  'hook_set',
  'hook_removed',
  'plan_granted',
  'plan_given_up',
  'plan_code_redeemed',
  'plan_paid',
  'plan_payment_ended',
  'redeem_code_made',
  'redeem_code_revoked',
  'signal_removed',
  'network_source_set',
  'network_source_removed',
] as const;

export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** A deed. */
export interface Deed {
  readonly action: AuditAction;
  /** What it was done to: kind and id; an empty id for the installation. */
  readonly subject: { readonly kind: 'user' | 'account' | 'bot' | 'installation' | 'job' | 'redeem_code' | 'signal'; readonly id: string };
  /** Whose thing that is, and who may read of it; `null` for what is the installation's. */
  readonly ownerId: string | null;
  /** More about it: names and settings, never a secret. */
  readonly details: Readonly<Record<string, unknown>>;
}

export interface AuditEntry extends Deed {
  readonly id: string;
  /** Milliseconds since 1970, on the clock of the store. */
  readonly at: number;
  readonly actor: Actor | null;
}

export interface AuditLog {
  /** For deeds that change nothing in the store. */
  add(deed: Deed): Promise<void>;
  /** Of the whole installation, the newest first. Not reachable by users. */
  list(page: PageRequest): Promise<Page<AuditEntry>>;
  /** What was done to a user's things, by whomever, the newest first. */
  ofUser(userId: string, page: PageRequest): Promise<Page<AuditEntry>>;
}
