/** What the answer of a web service to a message means for the message and its address. */
import type { SendOutcome } from '#core/notices/channel.ts';
import type { Answer } from './outgoing.ts';

export interface Meaning {
  /** Statuses by which the address is no more. */
  readonly gone: readonly number[];
  /** Statuses by which this message will never be taken. */
  readonly refused: readonly number[];
}

export function outcomeOf(answer: Answer, { gone, refused }: Meaning): SendOutcome {
  if (!answer.isAnswered) {
    if (answer.isForbidden) return { outcome: 'gone', reason: `the address may not be used: ${answer.reason}` };
    return { outcome: 'later', reason: answer.reason, scope: 'target', retryAfterMs: null };
  }
  const { status, retryAfterMs } = answer;
  const reason = `answered ${status}`;
  if (status >= 200 && status < 300) return { outcome: 'sent' };
  if (gone.includes(status)) return { outcome: 'gone', reason };
  if (refused.includes(status)) return { outcome: 'refused', reason };
  return { outcome: 'later', reason, scope: 'target', retryAfterMs };
}
