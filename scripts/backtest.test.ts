/** The command of a backtest as people call it: a strategy that trades several instruments over files. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';

const SCRIPT = join(import.meta.dirname, 'backtest.ts');
const SPOT = [100, 100, 100, 110, 110];
const PERPETUAL = [100, 101, 101, 110, 110];

const csvOf = (prices: readonly number[]): string =>
  ['timestamp,open,high,low,close,volume', ...prices.map((price, index) => [(index + 1) * 60_000, price, price, price, price, '5.125'].join())].join('\n');

async function call(...args: readonly string[]): Promise<{ readonly code: number; readonly out: string; readonly error: string }> {
  return promisify(execFile)(process.execPath, [SCRIPT, ...args]).then(
    ({ stdout, stderr }) => ({ code: 0, out: stdout, error: stderr }),
    ({ code, stdout, stderr }) => ({ code, out: stdout, error: stderr }),
  );
}

describe('the command of a backtest', () => {
  let folder: string;
  let common: readonly string[];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'argosy-backtest-'));
    await writeFile(join(folder, 'spot.csv'), csvOf(SPOT));
    await writeFile(join(folder, 'perpetual.csv'), csvOf(PERPETUAL));
    const config = JSON.stringify({ investment: '1550', entry_percent: '0.5' });
    common = [
      '--strategy',
      'spot_futures_arbitrage',
      '--symbol',
      'ABC/USDT',
      '--config',
      config,
      '--candles',
      join(folder, 'spot.csv'),
      '--price-increment',
      '0.01',
    ];
    return () => rm(folder, { recursive: true, force: true });
  });

  it('runs a strategy over the candles of both its instruments, and writes page, tables and tape', async () => {
    const written = await mkdtemp(join(tmpdir(), 'argosy-backtest-'));
    onTestFinished(() => rm(written, { recursive: true, force: true }));
    const files = ['--html', join(written, 'report.html'), '--csv', written, '--tape', join(written, 'tape')];
    const { code, out, error } = await call(...common, '--leg-candles', `ABC/USDT:USDT=${join(folder, 'perpetual.csv')}`, ...files);
    expect([code, error]).toEqual([0, '']);
    expect(out).toMatch(/^trades {16}4 executions, 2 closed$/m);
    expect(out).toMatch(/^ {2}ABC\/USDT:USDT .* USDT, fees [\d.]+, funding 0, held 0 ABC$/m);
    expect(out).toContain('entries replay to identical commands');
    expect(await readFile(join(written, 'report.html'), 'utf8')).toContain('<h2>Instruments</h2>');
    expect((await readFile(join(written, 'fills.csv'), 'utf8')).trimEnd().split('\r\n')).toHaveLength(5);
  });

  it('says which candles it lacks and which of its options are not there for several instruments', async () => {
    expect((await call(...common)).error).toContain('trades ABC/USDT:USDT too: --leg-candles ABC/USDT:USDT=<file.csv>');
    const perpetual = ['--leg-candles', `ABC/USDT:USDT=${join(folder, 'perpetual.csv')}`];
    const late = await call(...common, ...perpetual, '--latency', '100');
    expect([late.code, late.error]).toEqual([1, expect.stringContaining('models.latency_ms is not available for strategies that trade several instruments')]);
    expect((await call(...common, '--leg-candles', 'DEF/USDT=x')).error).toContain('once for each of ABC/USDT:USDT, got DEF/USDT=x');
  });
});
