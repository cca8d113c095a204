/** The commands on a real installation: beside a running one, on one that is not running, and from one machine to the next. */
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '#adapters/clock.ts';
import { randomIds } from '#adapters/ids.ts';
import { startEmbeddedPostgres } from '#adapters/store/embedded/server.ts';
import { openStore } from '#adapters/store/store.ts';
import { parseConfig } from '#config';
import { AppError, PortError } from '#core/errors.ts';
import type { Store } from '#core/store/store.ts';
import { runCli } from '#edges/cli/program.ts';
import { openOperator } from '#roles/_operator.ts';
import { freePort } from '#test/crash/processes.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import { scriptedTerminal } from '#test/support/scripted-terminal.ts';
import { until } from '#test/support/until.ts';

const ROOT = dirname(dirname(import.meta.dirname));
/** A process that starts, with a database of its own. */
const START_PATIENCE_MS = 60_000;
const PASSPHRASE = 'a passphrase for tests';
/** What this machine cannot reach must not be asked. */
const NOWHERE = Object.fromEntries(['binance', 'bitget', 'bybit', 'mexc', 'okx'].map((id) => [id, 'http://127.0.0.1:9']));

let home: string;
let data: string;
let backupPath: string;
let port: number;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'argosy-cli-'));
  data = join(home, 'data');
  backupPath = join(home, 'argosy.backup');
  port = await freePort();
});

afterAll(() => rmSync(home, { recursive: true, force: true }));

interface Ran {
  readonly code: number;
  readonly text: string;
  readonly error: string;
}

/** Runs a command in this process, with answers for what it asks. */
async function argosy(
  args: readonly string[],
  options: {
    readonly data?: string;
    readonly answers?: readonly string[];
    readonly environment?: Readonly<Record<string, string>>;
    readonly language?: 'ru';
  } = {},
): Promise<Ran> {
  const lines: string[] = [];
  const terminal = scriptedTerminal((text) => void lines.push(text), options.answers);
  const environment = {
    ARGOSY_DATA_DIR: options.data ?? data,
    ARGOSY_VENUE_URLS: JSON.stringify(NOWHERE),
    PORT: String(port),
    ...(options.language === undefined ? {} : { LANG: 'ru_RU.UTF-8' }),
    ...options.environment,
  };
  const config = parseConfig({ environment, directory: home, isContainer: false });
  let error = '';
  const code = await runCli(args, {
    language: config.language,
    version: '1.2.3',
    print: (text) => void lines.push(text),
    complain: (text) => void lines.push(text),
    operator: () => openOperator(config, '1.2.3', terminal, quietLog()),
  }).catch((thrown: unknown) => {
    if (!(thrown instanceof AppError || thrown instanceof PortError)) throw thrown;
    error = thrown.message;
    return 1;
  });
  return { code, text: lines.join('\n'), error };
}

async function withStore<Result>(work: (store: Store) => Promise<Result>): Promise<Result> {
  const server = await startEmbeddedPostgres({ dataDir: data, log: quietLog(), isDurable: false });
  const store = await openStore({ url: server.url, log: quietLog(), maxConnections: 2 });
  try {
    return await work(store);
  } finally {
    await store.close();
    await server.close();
  }
}

async function addBot(store: Store): Promise<void> {
  const [user] = [await store.users.byEmail('owner@example.org')];
  if (user === null || user === undefined) throw new Error('there is no owner');
  const account = {
    id: randomIds.next(),
    userId: user.id,
    name: 'Paper',
    exchange: 'paper',
    sealed: null,
    keyVersion: 0,
    keyHint: null,
    createdAt: systemClock.now(),
  };
  await store.bots.create(
    {
      id: randomIds.next(),
      userId: user.id,
      accountId: account.id,
      name: 'Сетка',
      strategy: 'grid',
      symbol: 'BTC/USDT',
      mode: 'paper',
      config: { lower_price: '50000', upper_price: '70000', levels: 5, investment: '1000' },
      at: systemClock.now(),
    },
    account,
  );
}

describe('on an installation that is not running', () => {
  it('makes the first user its owner, and refuses what would be refused anywhere', async () => {
    expect(await argosy(['user', 'add', 'owner@example.org'], { answers: ['correct horse battery'] })).toEqual({
      code: 0,
      text: 'owner@example.org is the owner of this installation.',
      error: '',
    });
    expect((await argosy(['user', 'add', 'owner@example.org'], { answers: ['correct horse battery'] })).error).toBe('owner@example.org is registered already.');
    expect((await argosy(['user', 'add', 'second@example.org'])).error).toMatch(/A password is needed/);
    expect((await argosy(['user', 'add', 'second@example.org'], { answers: ['correct horse battery'], language: 'ru' })).text).toBe(
      'second@example.org может войти.',
    );
  });

  it('says where it stands', async () => {
    await withStore(addBot);
    const status = await argosy(['status']);
    expect(status.code).toBe(0);
    expect(status.text).toMatch(/Server +not running here/);
    expect(status.text).toMatch(/Bots +1 stopped/);
    expect((await argosy(['bots'])).text.split('\n').map((line) => line.replace(/ {2,}/g, '  '))).toEqual([
      '#  name  owner  type  symbol  mode  wanted  status  why',
      '1  Сетка  owner@example.org  grid  BTC/USDT  paper  stopped  stopped',
    ]);
    expect(JSON.parse((await argosy(['bots', '--json'])).text)).toMatchObject([{ number: 1, name: 'Сетка', desired: 'stopped' }]);
  });

  it('lets bots run and stop by their numbers', async () => {
    expect((await argosy(['start', '1'])).text).toBe('#1 Сетка: is to run\nArgosy is not running here: it takes effect when it is started (npm start).');
    expect(JSON.parse((await argosy(['bots', '--json'])).text)).toMatchObject([{ desired: 'running' }]);
    expect((await argosy(['stop', '--all'])).text).toContain('#1 Сетка: is to stop');
    expect((await argosy(['start', '7'])).error).toBe('There is no bot 7; see: argosy bots');
    expect((await argosy(['start'])).error).toMatch(/Name the bots by their numbers/);
  });

  it('stops it from trading and lets it trade again', async () => {
    await argosy(['observe', 'moving house']);
    expect((await argosy(['status'])).text).toContain('OBSERVES ONLY: moving house');
    expect((await argosy(['start', '1'])).error).toMatch(/observes only/);
    expect((await argosy(['resume'])).text).toMatch(/trades again/);
    expect((await argosy(['resume'])).text).toMatch(/was trading already/);
  });

  it('has nothing to migrate after a start', async () => {
    expect((await argosy(['migrate'])).text).toMatch(/Nothing to do: the database has all \d+ migrations/);
  });
});

describe('the doctor', () => {
  it('finds nothing broken, and venues that cannot be reached worth a look', async () => {
    const { code, text } = await argosy(['doctor']);
    expect(code).toBe(0);
    expect(text).toMatch(/✓ +database +PostgreSQL 18\.\d+, (\d+) of \1 migrations/);
    expect(text).toMatch(/! +clock of OKX +cannot be reached/);
    expect(text).toContain('Nothing is broken.');
  });

  it('changes nothing where nothing is', async () => {
    const untouched = join(home, 'untouched');
    expect((await argosy(['doctor'], { data: untouched })).text).toContain('not made yet; the first start makes it');
    expect(existsSync(untouched)).toBe(false);
  });

  it('says what to do about secrets that others may read, a port that is taken, and old schema', async () => {
    const password = join(data, 'postgres', 'argosy.password');
    chmodSync(password, 0o644);
    const stranger = createServer((_request, response) => response.end('{}')).listen(port, '127.0.0.1');
    onTestFinished(() => {
      chmodSync(password, 0o600);
      stranger.close();
    });
    await new Promise((resolve) => stranger.once('listening', resolve));
    const { code, text } = await argosy(['doctor']);
    expect(code).toBe(1);
    expect(text).toContain(`✗ secrets: chmod go= ${password}`);
    expect(text).toContain(`✗ port: Stop the program that listens there, or set PORT to another number: PORT=${port + 1} npm start`);
    expect(text).toContain('2 of 12 failed.');
  });
});

describe('backup and restore', () => {
  const environment = { ARGOSY_BACKUP_PASSPHRASE: PASSPHRASE };
  let copy: string;

  it('writes one file beside a running Argosy', async () => {
    const server = await startEmbeddedPostgres({ dataDir: data, log: quietLog(), isDurable: false });
    onTestFinished(() => server.close());
    expect((await argosy(['bots'])).text, 'it reads the database that another process has').toContain('Сетка');
    const { code, text } = await argosy(['backup', backupPath], { environment });
    expect(code).toBe(0);
    expect(text).toMatch(/rows of \d+ tables, 0\.\d+ MB\. Keep the passphrase apart/);
    expect((await argosy(['backup', backupPath], { environment })).error).toMatch(/cannot be written: EEXIST/);
    expect((await argosy(['restore', backupPath], { environment })).error, 'nothing is restored under a running Argosy').toMatch(/another Argosy process/);
  });

  it('asks for a passphrase that cannot be guessed, twice', async () => {
    const path = join(home, 'other.backup');
    expect((await argosy(['backup', path], { answers: ['short'] })).error).toBe('It needs at least 12 characters.');
    expect((await argosy(['backup', path], { answers: [PASSPHRASE, 'a passphrase for testS'] })).error).toBe('The two differ.');
    expect((await argosy(['backup', path])).error).toMatch(/ARGOSY_BACKUP_PASSPHRASE/);
    expect(existsSync(path)).toBe(false);
  });

  it('restores into an empty directory, with the keys', async () => {
    copy = join(home, 'copy');
    const { code, text } = await argosy(['restore', backupPath], { data: copy, answers: [PASSPHRASE] });
    expect(code).toBe(0);
    expect(text).toContain('OBSERVES ONLY');
    for (const name of ['master.key', 'jwt.secret']) {
      expect(readFileSync(join(copy, name), 'utf8')).toBe(readFileSync(join(data, name), 'utf8'));
      expect(statSync(join(copy, name)).mode & 0o777).toBe(0o600);
    }
    expect((await argosy(['status'], { data: copy })).text).toContain('OBSERVES ONLY: restored from a backup of');
    expect((await argosy(['restore', backupPath], { data: copy, answers: [PASSPHRASE] })).error).toMatch(/the database is not empty/);
  });

  it('leaves a directory as it was when the passphrase is another', async () => {
    const other = join(home, 'other');
    expect((await argosy(['restore', backupPath], { data: other, answers: ['another passphrase'] })).error).toMatch(/passphrase does not open this backup/);
    expect(existsSync(other)).toBe(false);
  });

  it('gives the keys out as files, and refuses a restore under another master key', async () => {
    const keys = join(home, 'keys');
    expect((await argosy(['restore', '--keys-only', keys, backupPath], { environment })).text).toBe(`${join(keys, 'master.key')}\n${join(keys, 'jwt.secret')}`);
    const other = { ...environment, ARGOSY_MASTER_KEY: Buffer.from(Array.from({ length: 32 }, (_, index) => index)).toString('base64') };
    expect((await argosy(['restore', backupPath], { data: join(home, 'third'), environment: other })).error).toMatch(
      /ARGOSY_MASTER_KEY is not the key of the backup/,
    );
    const given = { ...environment, ARGOSY_MASTER_KEY: readFileSync(join(keys, 'master.key'), 'utf8').trim() };
    expect((await argosy(['restore', backupPath], { data: join(home, 'third'), environment: given })).code).toBe(0);
  });

  it('says everywhere that a copy only observes, until the command line ends it', { timeout: 90_000 }, async () => {
    const environmentOfCopy = {
      ...process.env,
      PORT: String(port),
      HOST: '127.0.0.1',
      ARGOSY_DATA_DIR: copy,
      ARGOSY_VENUE_URLS: JSON.stringify({ ...NOWHERE, paper: 'demo' }),
      LANG: 'C',
    };
    const server = spawn(process.execPath, [join(ROOT, 'src', 'main.ts')], { cwd: ROOT, env: environmentOfCopy, stdio: ['ignore', 'pipe', 'pipe'] });
    let log = '';
    for (const stream of [server.stdout, server.stderr]) stream.on('data', (chunk: Buffer) => (log += chunk.toString()));
    const ended = new Promise((resolve) => server.once('exit', resolve));
    onTestFinished(async () => {
      server.kill('SIGTERM');
      await ended;
    });
    const get = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`).catch(() => null))?.text() ?? '';
    const comes = async (what: string, isTrue: () => Promise<boolean>) => {
      await until(
        async () => server.exitCode !== null || (await isTrue()),
        what,
        START_PATIENCE_MS,
        () => log.slice(-3_000),
      );
      expect(server.exitCode, log.slice(-3_000)).toBeNull();
    };
    await comes('it looks around', async () => log.includes('OBSERVE ONLY') && (await get('/')) !== '');
    expect(await get('/')).toContain('OBSERVES ONLY');
    expect(JSON.parse(await get('/health'))).toMatchObject({ status: 'degraded', checks: { trading: 'degraded', database: 'ok' } });
    expect(await get('/metrics')).toMatch(/^argosy_observe_only 1$/m);
    const command = spawn(process.execPath, [join(ROOT, 'bin', 'argosy.mjs'), 'resume'], { env: environmentOfCopy, stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    command.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    expect(await new Promise((resolve) => command.once('close', resolve))).toBe(0);
    expect(said).toContain('The installation trades again');
    await comes('health says so', async () => JSON.parse(await get('/health')).checks.trading === 'ok');
    expect(await get('/')).not.toContain('OBSERVES ONLY');
    server.kill('SIGUSR2');
    await comes('the level is changed', async () => log.includes('"level":"debug"') && log.includes('changed by a signal'));
  });
});

describe('help', () => {
  it('speaks both languages and needs no configuration', async () => {
    const said = async (language: 'en' | 'ru') => {
      const lines: string[] = [];
      const print = (text: string) => void lines.push(text);
      const code = await runCli(['--help'], {
        language,
        version: '1.2.3',
        print,
        complain: print,
        operator: () => {
          throw new Error('help needs no operator');
        },
      });
      return [code, lines.join('\n')] as const;
    };
    expect(await said('en')).toEqual([0, expect.stringContaining('whether Argosy runs, trades and is well')]);
    expect(await said('ru')).toEqual([0, expect.stringContaining('работает ли Argosy')]);
  });

  it('fails on what it does not know', async () => {
    const { code, text } = await argosy(['statsu']);
    expect(code).not.toBe(0);
    expect(text).toMatch(/unknown command 'statsu'/);
  });
});
