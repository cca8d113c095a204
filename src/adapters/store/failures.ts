/**
 * What can go wrong between us and PostgreSQL, translated once into the core's errors. Messages and causes carry the
 * server's code and its first sentence only: its details quote whole rows, and those hold hashes and sealed keys.
 */
import pg from 'pg';
import { AppError, PortError } from '#core/errors.ts';

/** An error of the driver or server, caught where a statement was sent; everything else passes through untouched. */
export class StatementFailure extends Error {
  override readonly cause: unknown;

  constructor(cause: unknown) {
    super('statement failed');
    this.cause = cause;
  }
}

/** Whether the connection is of no more use: the driver failed, or the server ended the session. */
export function isConnectionLost(failure: StatementFailure): boolean {
  const { cause } = failure;
  return !(cause instanceof pg.DatabaseError) || cause.severity === 'FATAL' || cause.severity === 'PANIC';
}

/** Whether the whole transaction may be tried again: it lost against another and has left nothing. */
export function isRepeatable({ cause }: StatementFailure): boolean {
  return cause instanceof pg.DatabaseError && (cause.code === '40001' || cause.code === '40P01');
}

/** Whether the server has said for certain that the statement did not take effect. */
export function isCertain({ cause }: StatementFailure): boolean {
  return cause instanceof pg.DatabaseError && /^(22|23|40|42)/.test(cause.code ?? '');
}

/** The error the core knows. `outcome` is `unknown` only where a commit was under way and no answer came. */
export function translate(failure: StatementFailure, outcome: 'failed' | 'unknown'): PortError | AppError {
  const { cause } = failure;
  if (!(cause instanceof pg.DatabaseError))
    return new PortError('store_unavailable', `the database cannot be reached: ${messageOf(cause)}`, { outcome, cause: bare(cause) });
  const code = cause.code ?? '';
  if (code === '22021' || code === '22P05') return new AppError('validation_failed', 'a text contains a character that cannot be stored, such as U+0000');
  if (code.startsWith('23')) {
    if (cause.constraint === KEY_OF_ACCOUNTS)
      return new PortError('key_in_use', 'another account has this key already', { outcome: 'failed', cause: bare(cause) });
    const rule = cause.constraint === undefined ? '' : ` (${cause.constraint})`;
    return new PortError('store_conflict', `the database refuses a row that breaks a rule${rule}`, { outcome: 'failed', cause: bare(cause) });
  }
  if (/^(22|42)/.test(code))
    return new PortError('internal_error', `the database refuses a statement: ${cause.message}`, { outcome: 'failed', cause: bare(cause) });
  return new PortError('store_unavailable', `the database is not available: ${cause.message}`, { outcome, cause: bare(cause) });
}

/** The one rule whose breach is the user's to know of by name. */
const KEY_OF_ACCOUNTS = 'exchange_accounts_key';

function bare(error: unknown): Error {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? `${error.code}: ` : '';
  return new Error(`${code}${messageOf(error)}`);
}

function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message : 'no reason given';
}
