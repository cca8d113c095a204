/**
 * Counts of requests on a Redis server, shared by all processes of an installation. While it does not answer each process counts
 * for itself: nobody is sent away because of it, and nobody gets through a flood.
 */
import { Redis, type Result } from 'ioredis';
import type { Clock } from '#core/ports.ts';
import type { RequestCounter } from '#core/request-counter.ts';
import { memoryCounter } from './memory.ts';

/** A request waits no longer for its number. */
const ANSWER_PATIENCE_MS = 100;
const LONGEST_RETRY_MS = 2_000;
/** A server that did not answer is left alone for so long. */
export const REST_MS = 1_000;

const COUNT = `
local used = redis.call('INCR', KEYS[1])
local rest = redis.call('PTTL', KEYS[1])
if rest < 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
  rest = tonumber(ARGV[1])
end
return {used, rest}
`;

declare module 'ioredis' {
  interface RedisCommander<Context> {
    countRequest(key: string, windowMs: number): Result<[number, number], Context>;
  }
}

/** Keys begin with `name`, the installation's. Connects in the background. */
export function redisRequestCounter(options: { readonly url: string; readonly name: string; readonly clock: Clock }): RequestCounter {
  const { clock } = options;
  const redis = new Redis(options.url, {
    connectionName: 'argosy-requests',
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: ANSWER_PATIENCE_MS,
    retryStrategy: (attempt) => Math.min(100 * attempt, LONGEST_RETRY_MS),
  });
  redis.on('error', () => undefined);
  redis.defineCommand('countRequest', { numberOfKeys: 1, lua: COUNT });
  const own = memoryCounter(clock);
  let restsUntil = 0;
  return {
    count: async (key, windowMs) => {
      if (clock.now() >= restsUntil) {
        try {
          const [used, resetMs] = await redis.countRequest(`${options.name}:requests:${key}`, windowMs);
          return { used, resetMs };
        } catch {
          // The bus tells of the same outage in the log.
          restsUntil = clock.now() + REST_MS;
        }
      }
      return own.count(key, windowMs);
    },
    close: () => {
      redis.disconnect();
      return Promise.resolve();
    },
  };
}
