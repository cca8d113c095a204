/** The OpenAPI document as the server would serve it, made without a database: describing routes touches none. */
import { asyncActorScope } from '#adapters/actor-scope.ts';
import { memoryBus } from '#adapters/bus/memory.ts';
import { systemClock } from '#adapters/clock.ts';
import { diskHistory } from '#adapters/history/disk.ts';
import { randomIds } from '#adapters/ids.ts';
import { memoryCounter } from '#adapters/request-counts/memory.ts';
import { aesVault } from '#adapters/vault.ts';
import type { Log } from '#core/ports.ts';
import type { Store } from '#core/store/store.ts';
import { buildHttp } from '#edges/http/server.ts';
import { STRATEGIES } from '#strategies/index.gen.ts';
import manifest from '../package.json' with { type: 'json' };

const silent: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined, child: () => silent };

export async function openApiDocument(): Promise<string> {
  const server = await buildHttp({
    store: {} as Store,
    venues: new Map(),
    requestCounter: memoryCounter(systemClock),
    candleHistory: diskHistory('nowhere/at/all'),
    strategies: new Map(STRATEGIES.map((strategy) => [strategy.name, strategy])),
    clock: systemClock,
    ids: randomIds,
    bus: memoryBus(silent),
    vault: aesVault(Buffer.alloc(32).toString('base64')),
    actors: asyncActorScope(),
    jobs: () => Promise.reject(new Error('describing routes asks for no job')),
    bench: {
      run: () => Promise.reject(new Error('describing routes runs nothing')) as never,
      read: () => Promise.reject(new Error('describing routes reads nothing')),
      inspect: () => Promise.reject(new Error('describing routes reads nothing')),
    },
    passwords: { hash: async () => '', matches: async () => false },
    log: silent,
    jwtSecret: randomIds.secret(32),
    version: manifest.version,
    startedAt: 0,
    roles: ['api'],
    databaseKind: 'embedded',
    isLoopback: true,
    registration: null,
  });
  const answer = await server.inject({ method: 'GET', url: '/openapi.json' });
  await server.close();
  if (answer.statusCode !== 200) throw new Error(`the server answered ${answer.statusCode} to /openapi.json: ${answer.body}`);
  return `${JSON.stringify(JSON.parse(answer.body), null, 2)}\n`;
}
