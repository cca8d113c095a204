/**
 * Lends our log to Fastify, which wants the shape of pino's; what a request logs carries its id.
 */
import type { FastifyBaseLogger } from 'fastify';
import type { Log } from '#core/ports.ts';

type Level = 'debug' | 'info' | 'warn' | 'error';

/** A logger for Fastify that writes to `log`. */
export function lendLog(log: Log): FastifyBaseLogger {
  const writer =
    (level: Level) =>
    (first: unknown, ...rest: unknown[]): void => {
      const [message] = rest;
      if (typeof first === 'string') log[level]({}, first);
      else if (first instanceof Error) log[level]({ err: first }, typeof message === 'string' ? message : first.message);
      else log[level](typeof first === 'object' && first !== null ? { ...first } : {}, typeof message === 'string' ? message : '');
    };
  return {
    level: 'info',
    fatal: writer('error'),
    error: writer('error'),
    warn: writer('warn'),
    info: writer('info'),
    debug: writer('debug'),
    trace: () => undefined,
    silent: () => undefined,
    child: (bindings) => lendLog(log.child(bindings)),
  } as FastifyBaseLogger;
}
