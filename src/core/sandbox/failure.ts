/** How a failure of a user's own strategy reads. */
import type { SandboxFailure } from './port.ts';

/** A failure in one line for the strategy's user. */
export function failureText({ message, at }: SandboxFailure): string {
  const place = at === null ? '' : ` (${at.file}, line ${at.line}, column ${at.column})`;
  return `your strategy was stopped: ${message}${place}`;
}
