/** `argosy backtest`, `optimise` and `check` as people type them: processes of their own, with and without a server beside them. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { startArgosy } from '#test/support/argosy-process.ts';
import { until } from '#test/support/until.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const HOUR = 3_600_000;
const PATIENCE_MS = 300_000;

let home: string;
let environment: Readonly<Record<string, string>>;
let backtestId: string;

interface Ran {
  readonly code: number | null;
  readonly text: string;
  readonly error: string;
}

/** A process; `onOutput` may send it a signal. */
function argosy(
  args: readonly string[],
  { input = '', onOutput }: { readonly input?: string; readonly onOutput?: (text: string, interrupt: () => void) => void } = {},
): Promise<Ran> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['src/argosy.ts', ...args], { cwd: ROOT, env: environment, stdio: ['pipe', 'pipe', 'pipe'] });
    let [text, error] = ['', ''];
    child.stdout.on('data', (bytes) => {
      text += String(bytes);
      onOutput?.(text, () => child.kill('SIGINT'));
    });
    child.stderr.on('data', (bytes) => {
      error += String(bytes);
    });
    child.once('close', (code) => resolve({ code, text, error }));
    child.stdin.end(input);
  });
}

/** A walk that goes up and down, so that averages cross; `period` is how many candles the longer wave takes, of six and a bit. */
function candles(count: number, period = 40): string {
  const lines = ['timestamp,open,high,low,close,volume'];
  let close = 1_000;
  for (let index = 0; index < count; index += 1) {
    const open = close;
    close = 1_000 + Math.round(200 * Math.sin(index / period) + 60 * Math.sin(index / 7));
    lines.push([Date.UTC(2024, 0) + index * HOUR, open, Math.max(open, close) + 2, Math.min(open, close) - 2, close, 5].join());
  }
  return lines.join('\n');
}

const run = (...more: readonly string[]) => [
  '-e',
  'paper',
  '-s',
  'BTC/USDT',
  '--candles',
  join(home, 'candles.csv'),
  '--set',
  'investment=1000',
  'timeframe=1h',
  ...more,
];

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'argosy-laboratory-'));
  environment = {
    PATH: process.env['PATH'] ?? '',
    ARGOSY_DATA_DIR: join(home, 'data'),
    ARGOSY_VENUE_URLS: '{"paper":"demo"}',
    LANG: 'en_US.UTF-8',
  };
  writeFileSync(join(home, 'candles.csv'), candles(2_000));
  expect(await argosy(['backtest', 'list'])).toMatchObject({ code: 1, error: expect.stringContaining('argosy user add') });
  expect(await argosy(['user', 'add', 'me@example.org'], { input: 'correct horse battery\n' })).toMatchObject({ code: 0 });
  const made = await argosy(['backtest', 'run', 'moving_average_cross', ...run('fast=10', 'slow=50', '--json')]);
  expect(made.error).toBe('');
  const item = JSON.parse(made.text) as { readonly id: string; readonly state: string };
  expect(item.state).toBe('done');
  backtestId = item.id;
}, PATIENCE_MS);

afterAll(() => rmSync(home, { recursive: true, force: true }));

describe('argosy backtest', () => {
  it(
    'computes one without a server, shows it, and writes it into files',
    async () => {
      const shown = await argosy(['backtest', 'show', backtestId]);
      expect(shown.code).toBe(0);
      expect(shown.text).toMatch(/^trades +\d+$/m);
      const out = join(home, 'out');
      expect(await argosy(['backtest', 'export', backtestId, out, '-f', 'csv,json,html'])).toMatchObject({ code: 0 });
      expect(readFileSync(join(out, 'trades.csv'), 'utf8')).toMatch(/^direction,entered_at,/);
      expect(JSON.parse(readFileSync(join(out, 'result.json'), 'utf8'))).toMatchObject({ strategy: 'moving_average_cross' });
      expect(readFileSync(join(out, 'report.html'), 'utf8')).toMatch(/^<!doctype html>/);
      const again = await argosy(['backtest', 'report', backtestId, join(out, 'report.html')]);
      expect(again).toMatchObject({ code: 1, error: expect.stringContaining('--force') });
    },
    PATIENCE_MS,
  );

  it(
    'names the options at fault and what to do',
    async () => {
      expect((await argosy(['backtest', 'run', 'moving_average_cross', '-s', 'BTC/USDT'])).error).toContain('--exchange is required');
      const bad = await argosy(['backtest', 'run', 'moving_average_cross', ...run('fast=x', 'slow=50')]);
      expect(bad).toMatchObject({ code: 1, error: expect.stringContaining('--set fast') });
      expect((await argosy(['backtest', 'run', 'grid', '-e', 'paper', '-s', 'BTC/USDT', '--set', 'levels'])).error).toContain('--set takes name=value');
      expect((await argosy(['backtest', 'list', '--user', 'who@example.org'])).error).toContain('nobody with the e-mail');
    },
    PATIENCE_MS,
  );

  it(
    'leaves the work to a server that runs, and compares what came of it',
    async () => {
      const server = await startArgosy({ ARGOSY_DATA_DIR: join(home, 'data'), ARGOSY_ROLES: 'worker' });
      onTestFinished(() => server.stop());
      const made = await argosy(['backtest', 'run', 'moving_average_cross', ...run('fast=5', 'slow=50', '--detach', '--json')]);
      expect(made.code).toBe(0);
      const { id, state } = JSON.parse(made.text) as { readonly id: string; readonly state: string };
      expect(['waiting', 'running', 'done']).toContain(state);
      const ended = async (): Promise<string> => (JSON.parse((await argosy(['backtest', 'show', id, '--json'])).text) as { readonly state: string }).state;
      await until(async () => (await ended()) === 'done', 'the server has done it', PATIENCE_MS);
      const compared = await argosy(['backtest', 'compare', backtestId, id]);
      expect(compared.text).toMatch(/^config\.fast +10 +5$/m);
    },
    PATIENCE_MS,
  );
});

describe('argosy check', () => {
  it(
    'looks for what the strategy cannot know, and says so by its exit code',
    async () => {
      const found = await argosy(['check', 'look-ahead', backtestId]);
      expect(found).toMatchObject({ code: 0, text: expect.stringMatching(/^differences +0$/m) });
      expect(await argosy(['check', 'walk-forward', backtestId, '--range', 'fast=5..15/5', '--windows', '1'])).toMatchObject({
        code: 1,
        error: expect.stringContaining('--windows must be at least 2'),
      });
      const walked = await argosy(['check', 'walk-forward', backtestId, '--range', 'fast=5..15/5', '--windows', '3']);
      expect(walked).toMatchObject({ code: 0, text: expect.stringMatching(/^windows that earned +\d\/3$/m) });
    },
    PATIENCE_MS,
  );
});

describe('argosy optimise', () => {
  it(
    'searches settings of several instruments over a file of each, and walks their backtest forward',
    async () => {
      writeFileSync(join(home, 'ether.csv'), candles(600, 90));
      writeFileSync(join(home, 'bitcoin.csv'), candles(600));
      const files = ['--candles', join(home, 'bitcoin.csv'), '--leg-candles', `ETH/USDT=${join(home, 'ether.csv')}`];
      const coins = JSON.stringify({ investment: '1000', target_percent: '40', coins: [{ symbol: 'ETH/USDT', target_percent: '40' }] });
      const portfolio = ['rebalance', '-e', 'paper', '-s', 'BTC/USDT', '-c', coins, ...files];
      const range = ['--range', 'band_percent=1..3/1'];
      const found = await argosy(['optimise', 'run', ...portfolio, ...range, '--min-trades', '2', '--json']);
      expect(found.error).toBe('');
      const { state, results } = JSON.parse(found.text) as { readonly state: string; readonly results: readonly { readonly config: object }[] };
      expect([state, results.length]).toEqual(['done', 3]);
      const made = await argosy(['backtest', 'run', ...portfolio, '--set', 'band_percent=2', '--json']);
      const { id } = JSON.parse(made.text) as { readonly id: string };
      const walked = await argosy(['check', 'walk-forward', id, ...range, '--windows', '2']);
      expect(walked).toMatchObject({ code: 0, text: expect.stringMatching(/^windows that earned +\d\/2$/m) });
    },
    PATIENCE_MS,
  );

  it(
    'pauses on Ctrl+C where nobody else works, goes on when it is told to, and makes a bot of a result',
    async () => {
      let isInterrupted = false;
      const ended = await argosy(['optimise', 'run', 'moving_average_cross', ...run('--range', 'fast=2..40', 'slow=70..100')], {
        onOutput: (text, interrupt) => {
          if (isInterrupted || !text.includes('moving_average_cross')) return;
          isInterrupted = true;
          interrupt();
        },
      });
      expect(ended).toMatchObject({ code: 1, text: expect.stringMatching(/argosy optimise resume (\S+)/) });
      const id = /resume (\S+)/.exec(ended.text)?.[1] ?? '';
      const paused = JSON.parse((await argosy(['optimise', 'show', id, '--json'])).text) as { readonly state: string; readonly trials: number };
      expect(paused).toMatchObject({ state: 'paused', trials: 39 * 31 });
      const done = await argosy(['optimise', 'resume', id]);
      expect(done).toMatchObject({ code: 0, text: expect.stringMatching(/state +done 1209\/1209/) });
      const noAccount = await argosy(['optimise', 'deploy', id, '1']);
      expect(noAccount).toMatchObject({ code: 1, error: expect.stringContaining('--account must be one of your accounts') });
      expect(existsSync(join(home, 'data', 'postgres', 'postmaster.pid'))).toBe(false);
    },
    PATIENCE_MS,
  );
});
