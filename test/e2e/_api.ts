/**
 * The API on a real database, with scripted venues and a clock that tests move; asked through `inject`.
 */
import { randomBytes } from 'node:crypto';
import bcrypt from 'bcrypt';
import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { asyncActorScope } from '#adapters/actor-scope.ts';
import { memoryBus } from '#adapters/bus/memory.ts';
import { diskHistory } from '#adapters/history/disk.ts';
import { randomIds } from '#adapters/ids.ts';
import { memoryCounter } from '#adapters/request-counts/memory.ts';
import { aesVault } from '#adapters/vault.ts';
import type { Bus, Passwords } from '#core/ports.ts';
import type { Store } from '#core/store/store.ts';
import { defineStrategy } from '#core/strategy.ts';
import type { Problem } from '#edges/http/problem.ts';
import { buildHttp, type HttpParts } from '#edges/http/server.ts';
import { dca } from '#strategies/dca.ts';
import { grid } from '#strategies/grid.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { type MemoryJobs, memoryJobs } from '#test/support/memory-jobs.ts';
import { plainBench } from '#test/support/plain-bench.ts';
import { type KeptLine, quietLog } from '#test/support/quiet-log.ts';
import { type ScriptedVenue, scriptedVenue } from './_venue.ts';

export const PASSWORD = 'correct horse battery';
export const GRID = { lower_price: '50000', upper_price: '70000', levels: 11, investment: '1000' };

export interface Api {
  readonly server: FastifyInstance;
  readonly store: Store;
  readonly clock: ManualClock;
  readonly bus: Bus;
  readonly jobs: MemoryJobs;
  readonly lines: KeptLine[];
  readonly paper: ScriptedVenue;
  readonly binance: ScriptedVenue;
  /** A new user who is logged in. */
  user(email?: string): Promise<Caller>;
}

export interface Answer {
  readonly status: number;
  readonly headers: LightMyRequestResponse['headers'];
  readonly body: Wire;
  readonly text: string;
  readonly problem: Problem;
}

/** The fields of answers that tests look at, whatever the answer is; what is absent shows in the assertion. */
export interface Wire extends Problem {
  readonly id: string;
  readonly items: readonly Wire[];
  readonly next_cursor: string | null;
  readonly access_token: string;
  readonly refresh_token: string;
  readonly preview: Wire;
  readonly config: Readonly<Record<string, unknown>>;
  readonly account_id: string;
  readonly symbol: string;
  readonly name: string;
  readonly client_order_id: string;
  readonly commands: readonly { readonly name: string }[];
}

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE' | 'PUT';

export interface Caller {
  readonly id: string;
  readonly email: string;
  readonly accessToken: string;
  readonly refreshToken: string;
  call(method: Method, url: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
}

/** Four rounds: the same algorithm, quick enough for hundreds of users. */
const quickPasswords: Passwords = { hash: (password) => bcrypt.hash(password, 4), matches: (password, hash) => bcrypt.compare(password, hash) };

/** Any settings of the strategy that tests without a market use. */
export const idle = defineStrategy({
  name: 'idle',
  version: 1,
  title: { en: 'Idle', ru: 'Покой' },
  summary: { en: 'Does nothing.', ru: 'Ничего не делает.' },
  params: { amount: { kind: 'decimal', min: '0', isExclusive: true, title: { en: 'Amount', ru: 'Сумма' }, help: { en: 'How much.', ru: 'Сколько.' } } },
  wants: { bars: false, quotes: false },
  plan: ({ params, scale }) => ({ ok: true, quoteAtoms: scale.atoms(params.amount, 'up'), baseGrains: 0, preview: { amount: params.amount } }),
  start: () => null,
  on: () => undefined,
});

/** The API on a store; `change` replaces parts. */
export async function openApi(store: Store, change: Partial<HttpParts> = {}): Promise<Api> {
  const lines: KeptLine[] = [];
  const log = quietLog(lines);
  const clock = new ManualClock();
  const bus = memoryBus(log);
  const jobs = memoryJobs(() => clock.now());
  const paper = scriptedVenue('paper', []);
  const binance = scriptedVenue('binance', ['apiKey', 'apiSecret']);
  const kucoin = scriptedVenue('kucoin', ['apiKey', 'apiSecret', 'passphrase']);
  const strategies = new Map<string, HttpParts['strategies'] extends ReadonlyMap<string, infer S> ? S : never>([
    ['grid', grid as never],
    ['dca', dca as never],
    ['idle', idle as never],
  ]);
  const server = await buildHttp({
    store,
    venues: new Map([paper, binance, kucoin].map((venue) => [venue.id, venue])),
    strategies,
    clock,
    ids: randomIds,
    bus,
    actors: asyncActorScope(),
    jobs: async () => jobs,
    candleHistory: diskHistory('nowhere/at/all'),
    requestCounter: memoryCounter(clock),
    bench: plainBench(strategies),
    vault: aesVault(randomBytes(32).toString('base64')),
    passwords: quickPasswords,
    log,
    jwtSecret: 'a secret for tests that is long enough',
    version: '9.8.7',
    startedAt: clock.now(),
    roles: ['api', 'bots'],
    databaseKind: 'embedded',
    isLoopback: true,
    registration: null,
    limits: {
      login: { perAddress: 1_000, perEmail: 10, hashesAtOnce: 16 },
      requestsPerMinute: { address: 1_000_000, anonymous: 1_000_000, free: 1_000_000, vip: 1_000_000 },
    },
    ...change,
  });
  return { server, store, clock, bus, jobs, lines, paper, binance, user: (email) => register(server, email) };
}

let users = 0;

async function register(server: FastifyInstance, email = `user${(users += 1)}@example.org`): Promise<Caller> {
  const registered = await ask(server, 'POST', '/api/v1/auth/register', { email, password: PASSWORD });
  if (registered.status !== 201) throw new Error(`registration failed: ${registered.text}`);
  const login = await ask(server, 'POST', '/api/v1/auth/login', { email, password: PASSWORD });
  if (login.status !== 200) throw new Error(`login failed: ${login.text}`);
  const authorization = { authorization: `Bearer ${login.body.access_token}` };
  return {
    id: registered.body.id,
    email,
    accessToken: login.body.access_token,
    refreshToken: login.body.refresh_token,
    call: (method, url, body, headers = {}) => ask(server, method, url.startsWith('/api') ? url : `/api/v1${url}`, body, { ...authorization, ...headers }),
  };
}

/** One request; a string body is sent as it is. */
export async function ask(
  server: FastifyInstance,
  method: Method,
  url: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const payload =
    body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } };
  const answer = await server.inject({ method, url, headers, ...payload });
  const parsed: unknown = /json/.test(String(answer.headers['content-type'])) ? answer.json() : undefined;
  return { status: answer.statusCode, headers: answer.headers, body: parsed as Wire, text: answer.body, problem: parsed as Problem };
}

/** The field and message pairs of a refusal. */
export function fieldsOf(answer: Answer): string[] {
  return answer.problem.errors.map(({ field }) => field);
}
