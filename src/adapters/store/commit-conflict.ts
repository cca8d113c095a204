/**
 * The refusal of a commit that does not fit what is stored.
 */
import { PortError } from '#core/errors.ts';

export function conflict(message: string): PortError {
  return new PortError('store_conflict', message, { outcome: 'failed' });
}
