/**
 * The database server as a child process of ours: started on the cluster of a data directory, watched, started again when
 * it dies, and stopped with us. Durable: the disk has every commit before it is confirmed.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, fstatSync, mkdirSync, openSync, readFileSync, readSync, realpathSync, renameSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PortError } from '#core/errors.ts';
import type { Log } from '#core/ports.ts';
import { type PostgresBinaries, postgresBinaries, type RunAs } from './binaries.ts';
import { addressOf, type Cluster, dataPath, openCluster, SERVER_ENVIRONMENT, serverAccount } from './cluster.ts';
import { lockDirectory } from './directory-lock.ts';
import { settleLeftovers } from './leftovers.ts';

/** Where programs are copied to when root runs us and they lie where only root may go. */
const CACHE_OF_ROOT = '/var/cache/argosy';
const LOOK_EVERY_MS = 4;
/** After a crash the server first replays its log, which may take a while. */
const READY_PATIENCE_MS = 180_000;
const STOP_PATIENCE_MS = 15_000;
/** A start is tried this often when its port was taken meanwhile or somebody has killed the server. */
const MAX_START_TRIES = 5;
/** After its first death it is started again at once, after the next ones later and later: whatever kills it may end by itself. */
const FIRST_RESTART_PAUSE_MS = 500;
const LAST_RESTART_PAUSE_MS = 30_000;
/** It has proven itself after this long, and the count begins anew. */
const STABLE_AFTER_MS = 60_000;
const MAX_LOG_BYTES = 5_000_000;

export interface EmbeddedPostgres {
  /** Stays the same when the server is started again; contains the password. */
  readonly url: string;
  /** Stops the server, then gives the data directory free. */
  close(): Promise<void>;
}

export interface EmbeddedOptions {
  readonly dataDir: string;
  readonly log: Log;
  /** `false` waits for no disk and may lose everything with the power: only for data nobody keeps, as in tests. */
  readonly isDurable?: boolean;
}

interface Server {
  readonly child: ChildProcess;
  readonly exited: Promise<void>;
}

/**
 * Takes the data directory for this process alone and starts its database, creating it when missing. PortError
 * `configuration_invalid` when another process has the directory or it cannot be used, `store_unavailable` when the server
 * does not start; the message says what to do.
 */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const dataDir = makeDirectory(options.dataDir);
  const lock = lockDirectory(dataDir);
  try {
    const runAs = serverAccount(dataDir);
    const binaries = postgresBinaries(runAs, runAs === null ? dataDir : CACHE_OF_ROOT);
    const cluster = openCluster(dataDir, binaries, runAs);
    const keeper = new ServerKeeper({ dataDir, runAs, binaries, cluster, log: options.log, isDurable: options.isDurable ?? true });
    await keeper.start();
    return {
      url: keeper.url,
      close: async () => {
        await keeper.stop();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

function makeDirectory(dataDir: string): string {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    return realpathSync(dataDir);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new PortError('configuration_invalid', `the data directory ${dataDir} cannot be made: ${reason}`, { outcome: 'failed', cause });
  }
}

interface KeeperParts {
  readonly dataDir: string;
  readonly runAs: RunAs | null;
  readonly binaries: PostgresBinaries;
  readonly cluster: Cluster;
  readonly log: Log;
  readonly isDurable: boolean;
}

class ServerKeeper {
  readonly #parts: KeeperParts;
  #port = 0;
  #server: Server | null = null;
  /** The signal that ended the last start, if one did and it was not ours. */
  #killedBy: NodeJS.Signals | null = null;
  readonly #stopping = new AbortController();
  /** Deaths and failed starts in a row. */
  #deaths = 0;
  #restarting: Promise<void> = Promise.resolve();

  constructor(parts: KeeperParts) {
    this.#parts = parts;
  }

  get url(): string {
    return addressOf(this.#parts.cluster, this.#port);
  }

  async start(): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      await settleLeftovers(this.#parts.cluster.directory, this.#parts.log);
      this.#port = await freePort();
      try {
        return await this.#launch();
      } catch (error) {
        const isPortTaken = error instanceof Error && /could not bind|could not create any TCP/.test(error.message);
        if ((!isPortTaken && this.#killedBy === null) || attempt >= MAX_START_TRIES) throw error;
        this.#parts.log.warn({ attempt, signal: this.#killedBy, isPortTaken }, 'the database did not start; trying again');
      }
    }
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#restarting;
    const server = this.#server;
    if (server === null) return;
    for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
      server.child.kill(signal);
      const patience = new AbortController();
      const outcome = await Promise.race([server.exited.then(() => 'gone'), sleep(STOP_PATIENCE_MS, 'slow', { signal: patience.signal })]);
      patience.abort();
      if (outcome === 'gone') return;
      this.#parts.log.warn({ signal }, 'the database does not stop');
    }
  }

  async #launch(): Promise<void> {
    const { dataDir, runAs, binaries, cluster } = this.#parts;
    const output = openLog(join(dataDir, 'postgres.log'));
    const logStart = fstatSync(output).size;
    // In a group of its own, so that Ctrl-C in a terminal stops us and not the database under us.
    const child = spawn(binaries.postgres, ['-D', dataPath(cluster.directory, runAs), ...settings(this.#port, this.#parts.isDurable)], {
      cwd: cluster.directory,
      env: SERVER_ENVIRONMENT,
      stdio: ['ignore', output, output],
      detached: true,
      ...(runAs ?? {}),
    });
    const exited = new Promise<void>((resolve) => {
      child.once('exit', () => resolve());
      child.once('error', () => resolve());
    });
    let isRunning = true;
    void exited.then(() => {
      isRunning = false;
    });
    const isReady = await until(() => !isRunning || isAccepting(cluster.directory, child.pid), READY_PATIENCE_MS);
    const said = isRunning && isReady ? '' : readFrom(output, logStart);
    closeSync(output);
    this.#killedBy = isRunning ? null : child.signalCode;
    if (!isRunning || !isReady) {
      child.kill('SIGKILL');
      throw new PortError('store_unavailable', `the database did not start: ${said || 'it said nothing'} (its log is ${join(dataDir, 'postgres.log')})`, {
        outcome: 'failed',
      });
    }
    this.#server = { child, exited };
    const readyAt = performance.now();
    void exited.then(() => this.#onExit(performance.now() - readyAt));
  }

  #onExit(ranForMs: number): void {
    if (this.#stopping.signal.aborted) return;
    if (ranForMs > STABLE_AFTER_MS) this.#deaths = 0;
    const { child } = this.#server ?? {};
    this.#parts.log.error({ exitCode: child?.exitCode, signal: child?.signalCode }, 'the database has died; starting it again');
    this.#restarting = this.#restart();
  }

  /** On the same port, so that everybody who has the address finds it again; until it runs or we stop. */
  async #restart(): Promise<void> {
    const { signal } = this.#stopping;
    for (;;) {
      this.#deaths += 1;
      await sleep(restartPauseMs(this.#deaths), undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      try {
        await settleLeftovers(this.#parts.cluster.directory, this.#parts.log);
        return await this.#launch();
      } catch (error) {
        const nextInMs = restartPauseMs(this.#deaths + 1);
        this.#parts.log.error({ err: error, deaths: this.#deaths, nextInMs }, 'the database could not be started again; trying later, see its log');
      }
    }
  }
}

/** The pause before a start after so many deaths in a row. */
export function restartPauseMs(deaths: number): number {
  return deaths <= 1 ? 0 : Math.min(LAST_RESTART_PAUSE_MS, FIRST_RESTART_PAUSE_MS * 2 ** Math.min(10, deaths - 2));
}

/** Settings on the command line, so that an upgrade of ours needs no change to files in the data directory. */
function settings(port: number, isDurable: boolean): string[] {
  const durable = isDurable ? 'on' : 'off';
  const values: Readonly<Record<string, string | number>> = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '.',
    unix_socket_permissions: '0700',
    max_connections: 100,
    shared_buffers: '64MB',
    fsync: durable,
    synchronous_commit: durable,
    full_page_writes: durable,
    wal_level: 'minimal',
    max_wal_senders: 0,
    io_method: 'sync',
    jit: 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_min_messages: 'warning',
    log_min_error_statement: 'panic',
    log_checkpoints: 'off',
  };
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** PostgreSQL writes its state into the last line of its pid file. */
function isAccepting(directory: string, pid: number | undefined): boolean {
  const file = join(directory, 'postmaster.pid');
  if (!existsSync(file)) return false;
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines[0] === String(pid) && lines[7]?.trim() === 'ready';
}

async function until(condition: () => boolean, patienceMs: number): Promise<boolean> {
  const from = performance.now();
  while (!condition()) {
    if (performance.now() - from > patienceMs) return false;
    await sleep(LOOK_EVERY_MS);
  }
  return true;
}

function openLog(file: string): number {
  if (existsSync(file) && statSync(file).size > MAX_LOG_BYTES) renameSync(file, `${file}.1`);
  return openSync(file, 'a+', 0o600);
}

function readFrom(file: number, start: number): string {
  const buffer = Buffer.alloc(Math.min(4_000, Math.max(0, fstatSync(file).size - start)));
  readSync(file, buffer, 0, buffer.length, start);
  return buffer.toString('utf8').trim();
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
