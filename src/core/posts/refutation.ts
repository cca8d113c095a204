/**
 * When a refutation is the last word. A post is news: whoever reads a venue in its first moments may see the prices of before, and a rate that
 * has not been told anew. So what is refuted within {@link FRESH_WINDOW_MS} of its coming is looked at again, and is confirmed if it is true
 * then. After that no later turn of the market makes true what was not.
 */

export const FRESH_WINDOW_MS = 120_000;

export interface Refutation {
  readonly reason: string;
  /** How long ago the post came. */
  readonly ageMs: number;
  /** Whether it was true at an earlier look: what was there and has gone is over. */
  readonly wasConfirmed: boolean;
}

/** Another token stays another token. */
export function isLastWord({ reason, ageMs, wasConfirmed }: Refutation): boolean {
  return reason === 'other_token' || wasConfirmed || ageMs >= FRESH_WINDOW_MS;
}
