/** Argosy as an operating-system process on a shared database, started with chosen roles and watched by its log. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from '#test/crash/processes.ts';
import { until } from '#test/support/until.ts';

const MAIN = join(import.meta.dirname, '..', '..', 'src', 'main.ts');
const READY_PATIENCE_MS = 60_000;

export interface ArgosyProcess {
  /** Where its API answers, if it has that role. */
  readonly root: string;
  /** What its log has said so far. */
  readonly messages: readonly string[];
  /** The polite end. */
  stop(): Promise<void>;
  /** The other one. */
  kill(): Promise<void>;
}

/** Starts it and waits until it says that it is ready. `environment` says roles, database and Redis. */
export async function startArgosy(environment: Readonly<Record<string, string>>): Promise<ArgosyProcess> {
  const directory = mkdtempSync(join(tmpdir(), 'argosy-process-'));
  const port = await freePort();
  const child = spawn(process.execPath, [MAIN], {
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      PORT: String(port),
      ARGOSY_DATA_DIR: directory,
      ARGOSY_VENUE_URLS: '{"paper":"demo"}',
      ARGOSY_MASTER_KEY: '00112233445566778899aabbccddeeff102132435465768798a9bacbdcedfe0f',
      ARGOSY_JWT_SECRET: 'only for tests: abcdefghijklmnopqrstuvwxyz',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const messages: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => messages.push(messageOf(line)));
  const stop = async (): Promise<void> => {
    await end(child);
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    await until(() => messages.includes('Argosy is ready') || child.exitCode !== null, 'it is ready', READY_PATIENCE_MS);
    if (child.exitCode !== null) throw new Error(`Argosy ended with ${child.exitCode} while starting`);
  } catch (error) {
    await stop();
    throw error;
  }
  return { root: `http://127.0.0.1:${port}`, messages, stop, kill: () => end(child, 'SIGKILL') };
}

async function end(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  await ended;
}

function messageOf(line: string): string {
  try {
    const entry: unknown = JSON.parse(line);
    return typeof entry === 'object' && entry !== null && 'msg' in entry ? String(entry.msg) : line;
  } catch {
    return line;
  }
}
