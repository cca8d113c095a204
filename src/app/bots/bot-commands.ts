/** Checks what a user tells a bot to do against what its strategy has declared. */
import { AppError } from '#core/errors.ts';
import { parseParams } from '#core/params.ts';
import type { Strategy } from '#core/strategy.ts';

/** The parameters in canonical form. Throws AppError `validation_failed` naming `name` or `params.<setting>`. */
export function checkedCommand({ commands = {}, name: strategy }: Strategy, name: string, params: unknown): Readonly<Record<string, unknown>> {
  const spec = Object.hasOwn(commands, name) ? commands[name] : undefined;
  const known = Object.keys(commands);
  if (spec === undefined) {
    const message = `is not a command of ${strategy}; ${known.length === 0 ? 'it has none' : `known are ${known.join(', ')}`}`;
    throw new AppError('validation_failed', `name ${message}`, [{ field: 'name', message }]);
  }
  const parsed = parseParams(spec.params, params);
  if (parsed.ok) return parsed.value;
  const issues = parsed.issues.map(({ field, message }) => ({ field: field === 'config' ? 'params' : `params.${field}`, message }));
  throw new AppError('validation_failed', issues.map(({ field, message }) => `${field} ${message}`).join('; '), issues);
}
