/** The API as commands ask it: in the process of the command, on the database of the installation, in somebody's name. */
import { diskHistory } from '#adapters/history/disk.ts';
import { runningAddress } from '#adapters/store/embedded/cluster.ts';
import { assertPresent } from '#adapters/store/migrate.ts';
import { workOn } from '#app/jobs/job-bench.ts';
import { JOB_KINDS } from '#app/jobs/kinds/index.gen.ts';
import type { Config } from '#config';
import { AppError, type ErrorCode } from '#core/errors.ts';
import type { Issue } from '#core/params.ts';
import type { UserRecord } from '#core/people.ts';
import type { Log } from '#core/ports.ts';
import type { Store } from '#core/store.ts';
import type { UserApi } from '#edges/cli/operator.ts';
import { AccessTokens } from '#edges/http/access-tokens.ts';
import { buildHttp } from '#edges/http/server.ts';
import { Secret } from '../config/secret.ts';
import { threadBench } from './_backtest-bench.ts';
import { Closing } from './_closing.ts';
import { jobPartsOf } from './_job-parts.ts';
import { openParts, type Parts } from './_parts.ts';
import { watchOf } from './_watch.ts';

/** Where requests of commands come from, in the audit log too. */
const COMMAND_LINE = 'command line';

export async function asUser<Result>(
  email: string | undefined,
  work: (api: UserApi) => Promise<Result>,
  { config, version, log }: { readonly config: Config; readonly version: string; readonly log: Log },
): Promise<Result> {
  const { url } = config.database;
  const running = url === null ? runningAddress(config.data.directory) : null;
  // Another process may be at work on it: a look must not change its schema under it.
  if (running !== null) await assertPresent(running);
  const reached: Config = running === null ? config : { ...config, database: { ...config.database, url: new Secret(running) } };
  const closing = new Closing();
  try {
    const parts = await openParts(reached, { log, level: { get: () => 'error', set: () => undefined } }, version, closing);
    const isAlone = url === null && running === null;
    const user = await personOf(parts.store, email);
    const api = await openApi(parts, user, isAlone, closing);
    if (isAlone) {
      const stop = await workOn(await parts.jobs(), JOB_KINDS, jobPartsOf(parts, closing));
      closing.add('jobs at work', stop);
    }
    return await work(api);
  } finally {
    await closing.run(log);
  }
}

async function personOf(store: Store, email: string | undefined): Promise<UserRecord> {
  const found = email === undefined ? await store.users.owner() : await store.users.byEmail(email);
  if (found !== null) return found;
  if (email === undefined) throw new AppError('not_found', 'There is nobody here yet. Make an account first: argosy user add you@example.org');
  throw new AppError('not_found', `There is nobody with the e-mail ${JSON.stringify(email)}.`, [{ field: '--user', message: 'is nobody here' }]);
}

async function openApi(parts: Parts, user: UserRecord, isAlone: boolean, closing: Closing): Promise<UserApi> {
  const { config, clock, ids, jwtSecret } = parts;
  const app = await buildHttp({
    ...parts,
    candleHistory: diskHistory(config.data.history),
    roles: [],
    databaseKind: config.database.url === null ? 'embedded' : 'server',
    isLoopback: true,
    registration: null,
    bench: threadBench(config.data.history),
    ...watchOf(parts),
  });
  closing.add('http', () => app.close());
  const tokens = new AccessTokens(jwtSecret, clock, ids);
  const request = async (method: 'GET' | 'POST' | 'DELETE', path: string, body?: { readonly type: string; readonly text: string }): Promise<string> => {
    const answer = await app.inject({
      method,
      url: `/api/v1${path}`,
      remoteAddress: COMMAND_LINE,
      headers: {
        // Made for each request, as it lasts for minutes and a search for hours.
        authorization: `Bearer ${await tokens.issue(user.id)}`,
        'accept-language': config.language,
        ...(body === undefined ? {} : { 'content-type': body.type }),
      },
      ...(body === undefined ? {} : { payload: body.text }),
    });
    if (answer.statusCode >= 400) throw refusalIn(answer.body);
    return answer.body;
  };
  const parsed = (text: string): unknown => (text === '' ? null : JSON.parse(text));
  return {
    ask: async (method, path, body) =>
      parsed(await request(method, path, body === undefined ? undefined : { type: 'application/json', text: JSON.stringify(body) })),
    read: (path) => request('GET', path),
    send: async (path, type, text) => parsed(await request('POST', path, { type, text })),
    isAlone,
  };
}

function refusalIn(body: string): AppError {
  const { code, detail, errors } = JSON.parse(body) as { readonly code: ErrorCode; readonly detail: string; readonly errors: readonly Issue[] };
  return new AppError(code, detail, errors);
}
