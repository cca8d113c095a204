/** The API as commands ask it: in the process of the command, on the database of the installation, in somebody's name. */
import { diskHistory } from '#adapters/history/disk.ts';
import { runningAddress } from '#adapters/store/embedded/cluster.ts';
import { assertPresent } from '#adapters/store/migrate.ts';
import { workOn } from '#app/jobs/job-bench.ts';
import { JOB_KINDS } from '#app/jobs/kinds/index.gen.ts';
import type { Config } from '#config';
import type { Log } from '#core/ports.ts';
import type { UserRecord } from '#core/store/people.ts';
import type { UserApi } from '#edges/cli/operator.ts';
import { AccessTokens } from '#edges/http/access-tokens.ts';
import { inProcessApi, personOf } from '#edges/http/in-process.ts';
import { buildHttp } from '#edges/http/server.ts';
import { Secret } from '../config/secret.ts';
import { threadBench } from './_backtest-bench.ts';
import { Closing } from './_closing.ts';
import { jobPartsOf } from './_job-parts.ts';
import { openParts, type Parts } from './_parts.ts';
import { watchOf } from './_watch.ts';

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
    const api = await openApi(parts, await personOf(parts.store, email), isAlone, closing);
    if (isAlone) {
      closing.add('jobs at work', await workOn(await parts.jobs(), JOB_KINDS, jobPartsOf(parts, closing)));
    }
    return await work(api);
  } finally {
    await closing.run(log);
  }
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
  return inProcessApi(app, { tokens: new AccessTokens(jwtSecret, clock, ids), userId: user.id, language: config.language, isAlone });
}
