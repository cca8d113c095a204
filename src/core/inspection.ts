/** What somebody who looks an installation over finds, and what to do about it. */
import type { Text } from './params.ts';

export interface Finding {
  /** `warn`: it works, and should be looked at. */
  readonly status: 'ok' | 'warn' | 'fail';
  readonly says: Text;
  /** What to do; absent when all is well. */
  readonly remedy?: Text;
}

export interface Inspection {
  readonly name: Text;
  /** May fail or hang: whoever inspects waits for a bounded time. */
  look(): Promise<Finding>;
}
