/**
 * The common account of a request budget on a Redis server: one script takes weight of the present window or refuses it,
 * on the server's clock, so that processes cannot overspend together. An emptied server forgets a window at most.
 */
import { Redis, type Result } from 'ioredis';
import type { Counter } from './shared.ts';

/** Longer than a server in the same network needs, and short enough for an order to wait. */
const ANSWER_PATIENCE_MS = 250;
const LONGEST_RETRY_MS = 2_000;

/** Key of the window, key of the brake; window in ms, weight, ceiling. Answers: granted, rest of the brake, rest of the window. */
const TAKE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local span = tonumber(ARGV[1])
local window = math.floor(now / span)
local rest = (window + 1) * span - now
local brake = redis.call('PTTL', KEYS[2])
if brake > 0 then return {0, brake, rest} end
local known = redis.call('HMGET', KEYS[1], 'window', 'used')
local used = 0
if tonumber(known[1]) == window then used = tonumber(known[2]) end
if used + tonumber(ARGV[2]) > tonumber(ARGV[3]) then return {0, 0, rest} end
redis.call('HSET', KEYS[1], 'window', string.format('%d', window), 'used', tostring(used + tonumber(ARGV[2])))
redis.call('PEXPIRE', KEYS[1], span * 2)
return {1, 0, rest}
`;

/** Same keys; window in ms, the venue's count of it, its demand for silence in ms; -1 where it says nothing. */
const TELL = `
local time = redis.call('TIME')
local span = tonumber(ARGV[1])
local window = math.floor((time[1] * 1000 + math.floor(time[2] / 1000)) / span)
local count = tonumber(ARGV[2])
local known = redis.call('HMGET', KEYS[1], 'window', 'used')
local used = 0
if tonumber(known[1]) == window then used = tonumber(known[2]) end
if count > used then
  redis.call('HSET', KEYS[1], 'window', string.format('%d', window), 'used', tostring(count))
  redis.call('PEXPIRE', KEYS[1], span * 2)
end
local brake = tonumber(ARGV[3])
if brake > 0 and redis.call('PTTL', KEYS[2]) < brake then redis.call('SET', KEYS[2], '1', 'PX', brake) end
return 0
`;

declare module 'ioredis' {
  interface RedisCommander<Context> {
    takeBudget(window: string, brake: string, windowMs: number, weight: number, ceiling: number): Result<[number, number, number], Context>;
    tellBudget(window: string, brake: string, windowMs: number, usedWeight: number, brakeMs: number): Result<number, Context>;
  }
}

/** Keys begin with `name`, the installation's. Connects in the background; what is asked before that is refused. */
export function redisCounter(options: { readonly url: string; readonly name: string }): Counter {
  const redis = new Redis(options.url, {
    connectionName: 'argosy-budgets',
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: ANSWER_PATIENCE_MS,
    retryStrategy: (attempt) => Math.min(100 * attempt, LONGEST_RETRY_MS),
  });
  redis.on('error', () => undefined);
  redis.defineCommand('takeBudget', { numberOfKeys: 2, lua: TAKE });
  redis.defineCommand('tellBudget', { numberOfKeys: 2, lua: TELL });
  const keys = (name: string): [string, string] => [`${options.name}:budget:{${name}}`, `${options.name}:brake:{${name}}`];
  return {
    take: async (name, windowMs, weight, ceiling) => {
      const [isGranted, brakeMs, retryMs] = await redis.takeBudget(...keys(name), windowMs, weight, ceiling);
      return { isGranted: isGranted === 1, brakeMs, retryMs };
    },
    tell: async (name, windowMs, usedWeight, brakeMs) => {
      await redis.tellBudget(...keys(name), windowMs, usedWeight ?? -1, Math.ceil(brakeMs ?? -1));
    },
    close: () => {
      redis.disconnect();
      return Promise.resolve();
    },
  };
}
