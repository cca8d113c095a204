/** The embedded database: one owner, nothing acknowledged is lost, and every start finds its way whatever the last one left. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import { type KeptLine, quietLog } from '#test/support/quiet-log.ts';
import { packageHome, readyBinaries } from './binaries.ts';
import { serverAccount } from './cluster.ts';
import { type EmbeddedPostgres, restartPauseMs, startEmbeddedPostgres } from './server.ts';

// Making a database waits for the disk, which may be busy.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const OWNER = new URL('../../../../test/support/database-owner.ts', import.meta.url).pathname;
const isRoot = process.getuid?.() === 0;

const directories: string[] = [];
const servers: EmbeddedPostgres[] = [];
const children: ChildProcess[] = [];

/** A stopped database that most tests begin with a copy of, because making one takes long on a busy disk. */
let made = '';

beforeAll(async () => {
  made = mkdtempSync(join(tmpdir(), 'argosy-embedded-'));
  await (await startEmbeddedPostgres({ dataDir: made, log: quietLog() })).close();
});
afterAll(() => rmSync(made, { recursive: true, force: true }));

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const server of servers.splice(0)) await server.close();
  for (const directory of directories.splice(0)) {
    // A test that failed may have left a server of a killed owner: this start takes it over and stops it.
    if (existsSync(join(directory, 'postgres', 'postmaster.pid')))
      await (await startEmbeddedPostgres({ dataDir: directory, log: quietLog() }).catch(() => null))?.close();
    rmSync(directory, { recursive: true, force: true });
  }
});

/** Closed to all but its owner, like a home directory. */
function freshDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'argosy-embedded-'));
  directories.push(directory);
  return directory;
}

function directoryWithDatabase(): string {
  const directory = freshDirectory();
  const copied = spawnSync('cp', ['-a', join(made, 'postgres'), directory], { encoding: 'utf8' });
  if (copied.status !== 0) throw new Error(copied.stderr);
  return directory;
}

async function start(dataDir: string, lines: KeptLine[] = []): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ dataDir, log: quietLog(lines) });
  servers.push(server);
  return server;
}

async function stop(server: EmbeddedPostgres): Promise<void> {
  servers.splice(servers.indexOf(server), 1);
  await server.close();
}

async function ask<Row extends object>(server: EmbeddedPostgres, text: string): Promise<readonly Row[]> {
  const client = new pg.Client({ connectionString: server.url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

function serverPid(dataDir: string): number {
  return Number(readFileSync(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]);
}

/** `null` while there is none: its file may be missing, empty, or name a dead one or, between two servers, ourselves. */
function livingServer(dataDir: string): number | null {
  try {
    const pid = serverPid(dataDir);
    return pid > 1 && readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'postgres' ? pid : null;
  } catch {
    return null;
  }
}

/** Starts an owner in a process of its own and kills it after it has told so many rows; the number of rows told. */
async function ownAndDie(dataDir: string, rows: number): Promise<number> {
  const child = spawn(process.execPath, [OWNER, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  let told = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    told = Number(line);
    if (told >= rows) child.kill('SIGKILL');
  }
  return told;
}

it('creates a durable database once and finds it again', async () => {
  const dataDir = join(freshDirectory(), 'data');
  const first = await start(dataDir);
  expect(
    await ask(
      first,
      `select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commits, current_setting('server_encoding') as encoding`,
    ),
  ).toEqual([{ fsync: 'on', commits: 'on', encoding: 'UTF8' }]);
  await ask(first, 'create table kept as select 42 as answer');
  await stop(first);
  const second = await start(dataDir);
  expect(await ask(second, 'select answer from kept')).toEqual([{ answer: 42 }]);
});

it('keeps its address to itself: nothing but the loopback, and nobody without the password', async () => {
  const server = await start(directoryWithDatabase());
  expect(await ask(server, `select current_setting('listen_addresses') as listens`)).toEqual([{ listens: '127.0.0.1' }]);
  const port = /:(\d+)\/argosy$/.exec(server.url)?.[1];
  const client = new pg.Client({ connectionString: `postgresql://argosy:wrong@127.0.0.1:${port}/argosy` });
  await expect(client.connect()).rejects.toThrow('password authentication failed');
});

it('takes over at once from an owner that was killed while writing, and has every row it told of', async () => {
  const dataDir = directoryWithDatabase();
  for (const rows of [30, 60]) {
    const told = await ownAndDie(dataDir, rows);
    const orphan = serverPid(dataDir);
    const lines: KeptLine[] = [];
    const server = await start(dataDir, lines);
    expect(lines.map((line) => line.message)).toEqual(['stopping the database server that the last process left behind']);
    expect(serverPid(dataDir)).not.toBe(orphan);
    const [written] = await ask<{ count: number; last: number }>(server, 'select count(*)::int as count, max(number) as last from written');
    expect(written?.count).toBe(written?.last);
    expect(written?.last).toBeGreaterThanOrEqual(told);
    expect(written?.last).toBeLessThanOrEqual(told + 1);
    await stop(server);
  }
});

it('starts the server again, at the same address, when it is killed while we write, and loses no row', async () => {
  const dataDir = directoryWithDatabase();
  const lines: KeptLine[] = [];
  const server = await start(dataDir, lines);
  const pool = new pg.Pool({ connectionString: server.url });
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  await pool.query('create table written (number integer)');
  let acknowledged = 0;
  for (let round = 1; round <= 3; round += 1) {
    const goal = acknowledged + 20;
    const writing = (async () => {
      for (;;) {
        await pool.query('insert into written values ($1)', [acknowledged + 1]);
        acknowledged += 1;
        if (acknowledged === goal) process.kill(serverPid(dataDir), 'SIGKILL');
      }
    })();
    await expect(writing).rejects.toThrow();
    await expect
      .poll(() =>
        pool.query('select 1').then(
          () => true,
          () => false,
        ),
      )
      .toBe(true);
    const found = await pool.query<{ count: number }>('select count(distinct number)::int as count from written where number <= $1', [acknowledged]);
    expect(found.rows).toEqual([{ count: acknowledged }]);
  }
  expect(lines.filter((line) => line.message === 'the database has died; starting it again')).toHaveLength(3);
  await pool.end();
});

it('starts all the same when the server is killed as soon as it shows', async () => {
  const dataDir = directoryWithDatabase();
  const killed = new Set<number>();
  const killer = setInterval(() => {
    const pid = livingServer(dataDir);
    if (pid === null || killed.has(pid) || killed.size === 2) return;
    killed.add(pid);
    process.kill(pid, 'SIGKILL');
  }, 1);
  onTestFinished(() => clearInterval(killer));
  const server = await start(dataDir);
  expect(killed.size).toBeGreaterThan(0);
  const answers = () =>
    ask(server, 'select 1 as alive').then(
      () => true,
      () => false,
    );
  await expect.poll(answers).toBe(true);
});

it('never gives a database up that keeps dying, and leaves it more and more time', async () => {
  expect([1, 2, 3, 4, 9, 1_000].map(restartPauseMs)).toEqual([0, 500, 1_000, 2_000, 30_000, 30_000]);
  const dataDir = directoryWithDatabase();
  const lines: KeptLine[] = [];
  const server = await start(dataDir, lines);
  // What keeps a database from starting, until it is taken away.
  const configuration = join(dataDir, 'postgres', 'postgresql.conf');
  const intact = readFileSync(configuration, 'utf8');
  writeFileSync(configuration, `${intact}\nno_such_setting = on\n`);
  process.kill(serverPid(dataDir), 'SIGKILL');
  const failed = () => lines.filter((line) => line.message.startsWith('the database could not be started again')).map(({ fields }) => fields['deaths']);
  await expect.poll(failed).toEqual([1, 2, 3]);
  writeFileSync(configuration, intact);
  const answers = () =>
    ask(server, 'select 1 as alive').then(
      () => true,
      () => false,
    );
  await expect.poll(answers).toBe(true);
});

it('refuses a second owner, names the first, and changes nothing', async () => {
  const dataDir = directoryWithDatabase();
  const server = await start(dataDir);
  const pid = serverPid(dataDir);
  await expect(startEmbeddedPostgres({ dataDir, log: quietLog() })).rejects.toMatchObject({
    name: 'PortError',
    code: 'configuration_invalid',
    message: expect.stringContaining(`another Argosy process (process ${process.pid}) is using`),
  });
  const other = spawnSync(process.execPath, [OWNER, dataDir], { encoding: 'utf8' });
  expect(other.status).not.toBe(0);
  expect(other.stderr).toContain('is using the data directory');
  expect(serverPid(dataDir)).toBe(pid);
  expect(await ask(server, 'select 1 as alive')).toEqual([{ alive: 1 }]);
});

it('is not fooled by a pid file whose number belongs to somebody else now', async () => {
  const dataDir = directoryWithDatabase();
  const first = await start(dataDir);
  const file = join(dataDir, 'postgres', 'postmaster.pid');
  const lines = readFileSync(file, 'utf8').split('\n').slice(1);
  await stop(first);
  const stranger = spawn('sleep', ['600'], { ...(serverAccount(dataDir) ?? {}), cwd: '/' });
  children.push(stranger);
  writeFileSync(file, [stranger.pid, ...lines].join('\n'));
  const second = await start(dataDir);
  expect(await ask(second, 'select 1 as alive')).toEqual([{ alive: 1 }]);
  expect(stranger.exitCode).toBeNull();
  expect(stranger.signalCode).toBeNull();
});

it('makes the database anew when its creation was cut off, and leaves nothing of the attempt', async () => {
  const dataDir = freshDirectory();
  mkdirSync(join(dataDir, 'postgres.new-abc', 'base'), { recursive: true });
  const server = await start(dataDir);
  expect(await ask(server, 'select 1 as alive')).toEqual([{ alive: 1 }]);
  expect(
    readdirSync(dataDir)
      .filter((name) => name.startsWith('postgres'))
      .sort(),
  ).toEqual(['postgres', 'postgres.log']);
});

it('refuses data of another version and a directory that is none, saying what to do', async () => {
  const dataDir = directoryWithDatabase();
  writeFileSync(join(dataDir, 'postgres', 'PG_VERSION'), '12\n');
  await expect(startEmbeddedPostgres({ dataDir, log: quietLog() })).rejects.toMatchObject({
    code: 'configuration_invalid',
    message: expect.stringContaining('was written by PostgreSQL 12'),
  });
  const file = join(dataDir, 'a-file');
  writeFileSync(file, '');
  await expect(startEmbeddedPostgres({ dataDir: file, log: quietLog() })).rejects.toMatchObject({
    code: 'configuration_invalid',
    message: expect.stringContaining('cannot be made'),
  });
});

it('stops while it is starting the server again, and leaves none behind', async () => {
  const dataDir = directoryWithDatabase();
  const server = await start(dataDir);
  process.kill(serverPid(dataDir), 'SIGKILL');
  await stop(server);
  const lines: KeptLine[] = [];
  const again = await start(dataDir, lines);
  expect(lines).toEqual([]);
  expect(await ask(again, 'select 1 as alive')).toEqual([{ alive: 1 }]);
});

it('makes the links of the libraries that an install without scripts leaves out', () => {
  const home = join(freshDirectory(), 'package');
  cpSync(packageHome(), home, { recursive: true, filter: (source) => !lstatSync(source).isSymbolicLink() });
  const binaries = readyBinaries(home, null, join(home, 'unused'));
  expect(binaries.postgres.startsWith(home)).toBe(true);
  expect(spawnSync(binaries.initdb, ['--version'], { encoding: 'utf8' }).stdout).toContain(`(PostgreSQL) ${binaries.major}.`);
  expect(spawnSync(binaries.postgres, ['--version'], { encoding: 'utf8' }).stdout).toContain(`(PostgreSQL) ${binaries.major}.`);
});

it.runIf(isRoot)('copies the programs once to where the account that runs them may go', () => {
  const [closed, open] = [freshDirectory(), mkdtempSync(join('/var/tmp', 'argosy-open-'))];
  directories.push(open);
  const home = join(closed, 'package');
  cpSync(packageHome(), home, { recursive: true, filter: (source) => !lstatSync(source).isSymbolicLink() });
  const nobody = { uid: 65_534, gid: 65_534 };
  const cache = join(open, 'cache');
  spawnSync('chmod', ['0755', open]);
  const binaries = readyBinaries(home, nobody, cache);
  expect(binaries.postgres.startsWith(cache)).toBe(true);
  expect(spawnSync(binaries.postgres, ['--version'], { encoding: 'utf8', cwd: '/', ...nobody }).stdout).toContain('(PostgreSQL)');
  const made = lstatSync(binaries.postgres).ino;
  expect(lstatSync(readyBinaries(home, nobody, cache).postgres).ino).toBe(made);
});
