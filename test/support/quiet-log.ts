/**
 * A log that keeps its lines, so that tests can read them and the screen stays empty.
 */
import type { Log } from '#core/ports.ts';

export interface KeptLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

export function quietLog(lines: KeptLine[] = [], bound: Readonly<Record<string, unknown>> = {}): Log {
  const keep = (level: KeptLine['level']) => (fields: Readonly<Record<string, unknown>>, message: string) => {
    lines.push({ level, fields: { ...bound, ...fields }, message });
  };
  return { debug: keep('debug'), info: keep('info'), warn: keep('warn'), error: keep('error'), child: (fields) => quietLog(lines, { ...bound, ...fields }) };
}
