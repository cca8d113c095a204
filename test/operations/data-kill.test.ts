/** A download that is killed while it writes: what is on the disk is whole, and the next one goes on from there. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { diskHistory } from '#adapters/history/disk.ts';
import { startBinance } from '#test/venues/binance.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const MINUTE = 60_000;
const CANDLES = 15_000;
const SERIES = { venue: 'binance', symbol: 'BTC/USDT', interval: '1m' } as const;

it.each([
  ['SIGKILL', null],
  ['SIGINT', 1],
] as const)(
  'leaves whole files when it is ended by %s, and the same command brings the rest, each candle once',
  async (signal, exitCode) => {
    const home = mkdtempSync(join(tmpdir(), 'argosy-kill-'));
    const venue = await startBinance();
    onTestFinished(async () => {
      await venue.close();
      rmSync(home, { recursive: true, force: true });
    });
    const { candles } = venue.world.path('BTC/USDT');
    const [first] = candles;
    if (first === undefined) throw new Error('the simulator has no history');
    const from = first.openAt - CANDLES * MINUTE;
    candles.unshift(...Array.from({ length: CANDLES }, (_, index) => ({ ...first, openAt: from + index * MINUTE })));
    venue.faults.add({ where: 'after', kind: 'slow', ms: 20, operation: 'candles', count: null });

    const directory = join(home, 'history', 'binance', 'BTC_USDT', '1m');
    const isWriting = (): boolean => existsSync(directory) && readdirSync(directory).length > 0;
    const download = (isEnded: boolean): Promise<number | null> =>
      new Promise((resolve) => {
        const args = [
          'src/argosy.ts',
          'data',
          'download',
          'binance',
          'BTC/USDT',
          '-i',
          '1m',
          '--from',
          new Date(from).toISOString(),
          '--to',
          new Date(first.openAt).toISOString(),
        ];
        const environment = { PATH: process.env['PATH'], ARGOSY_DATA_DIR: home, ARGOSY_VENUE_URLS: JSON.stringify({ binance: venue.url }) };
        const child = spawn(process.execPath, args, { cwd: ROOT, env: environment, stdio: 'ignore' });
        const watch = setInterval(() => {
          if (isEnded && isWriting()) {
            clearInterval(watch);
            child.kill(signal);
          }
        }, 2);
        child.once('exit', (code) => {
          clearInterval(watch);
          resolve(code);
        });
      });

    const history = diskHistory(join(home, 'history'));
    expect(await download(true)).toBe(exitCode);
    expect(await history.check(SERIES)).toEqual([]);
    const had = await history.read(SERIES, { from: 0, to: first.openAt });
    expect(had.length).toBeLessThan(CANDLES);
    const asked = venue.log.list('candles').length;
    expect(await download(false)).toBe(0);
    const all = await history.read(SERIES, { from: 0, to: first.openAt });
    expect(all.startAt).toEqual(Float64Array.from({ length: CANDLES }, (_, index) => from + index * MINUTE));
    // Nothing that was on the disk is asked for again; the days tell where the listing was.
    expect(venue.log.list('candles').length - asked).toBeLessThanOrEqual((CANDLES - had.length) / 1000 + 8);
  },
  120_000,
);
