/**
 * Reads at a venue: one request, its answer translated, every failure a {@link PortError}. Reads change nothing at the
 * venue, so their failures are `failed` and never `unknown`.
 */
import { PortError } from '#core/errors.ts';
import type { VenueAnswer } from './_api.ts';
import type { CcxtDialect } from './_dialect.ts';
import { UnreadableAnswer } from './_fields.ts';

/** Why a read gave nothing. */
export function failureOf(dialect: CcxtDialect, answer: VenueAnswer): PortError {
  if (answer.kind === 'lost') return new PortError('venue_unavailable', `${dialect.title} did not answer: ${answer.reason}`, { outcome: 'failed' });
  if (answer.kind === 'unsent') {
    const code = answer.reason === 'rate_limited' ? 'venue_rate_limited' : 'venue_unavailable';
    return new PortError(code, `${dialect.title} was not asked: ${answer.message}`, {
      outcome: 'failed',
      ...(answer.retryAfterMs > 0 ? { retryAfterMs: answer.retryAfterMs } : {}),
    });
  }
  const { code, message } = dialect.failure(answer);
  const { brakeMs } = dialect.news(answer.status, answer.headers, answer.body);
  return new PortError(code, message, { outcome: 'failed', ...(brakeMs === null ? {} : { retryAfterMs: brakeMs }) });
}

/** Translates the body of an answer; a body that cannot be read is a failure of the venue, not of ours. */
export function readAnswer<Meaning>(dialect: CcxtDialect, read: (body: unknown) => Meaning, body: unknown): Meaning {
  try {
    return read(body);
  } catch (error) {
    throw unreadable(dialect, error);
  }
}

/** The same for a translation that asks on its way. */
export async function readAnswerOf<Meaning>(dialect: CcxtDialect, read: () => Promise<Meaning>): Promise<Meaning> {
  try {
    return await read();
  } catch (error) {
    throw unreadable(dialect, error);
  }
}

function unreadable(dialect: CcxtDialect, error: unknown): unknown {
  if (!(error instanceof UnreadableAnswer)) return error;
  return new PortError('venue_unavailable', `${dialect.title} gave an answer that cannot be read: ${error.message}`, { outcome: 'failed', cause: error });
}
