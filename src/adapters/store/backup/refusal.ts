/** A backup or restore that cannot be done, with what to do, in the words its operator reads. */
import { PortError } from '#core/errors.ts';

export function refusal(message: string, cause?: unknown): PortError {
  return new PortError('configuration_invalid', message, { outcome: 'failed', cause });
}
