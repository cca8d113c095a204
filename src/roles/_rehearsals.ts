/** How a thread that computes a check gets at the sandbox, which whoever began it has. */
import type { RehearsalWish, Rehearse } from '#app/honesty/own-runs.ts';
import { AppError } from '#core/errors.ts';
import type { Issue } from '#core/params.ts';
import type { RehearsedRun } from '#core/sandbox/port.ts';

/** What a thread is answered that waits for a rehearsal. */
export type RehearsalAnswer = { readonly run: RehearsedRun } | { readonly refused: { readonly message: string; readonly issues: readonly Issue[] } };

/** The answer for a thread. Rejects where no program is to blame. */
export async function rehearsalFor(rehearse: Rehearse | null, wish: RehearsalWish): Promise<RehearsalAnswer> {
  if (rehearse === null) throw new Error('nobody rehearses for a thread of this kind');
  try {
    return { run: await rehearse(wish) };
  } catch (error) {
    if (error instanceof AppError) return { refused: { message: error.message, issues: error.issues } };
    throw error;
  }
}

/** What the answer says, in the thread. Throws AppError `validation_failed`. */
export function rehearsalOf(answer: RehearsalAnswer): RehearsedRun {
  if ('run' in answer) return answer.run;
  throw new AppError('validation_failed', answer.refused.message, answer.refused.issues);
}
