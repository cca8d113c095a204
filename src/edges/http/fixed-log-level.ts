/** How much is logged where the process has no say in it. */
import type { LogLevel, LogLevelSwitch } from './parts.ts';

/** Remembers a level that nothing heeds: a server without a log of its own. */
export function fixedLogLevel(): LogLevelSwitch {
  let level: LogLevel = 'info';
  return {
    get: () => level,
    set: (wanted) => {
      level = wanted;
    },
  };
}
