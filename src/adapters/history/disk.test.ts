/** History on disk: what goes in comes out to the last digit, whatever happens in between, and what is damaged is named. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { candleAt, columnsOf } from '#core/bars/candle-columns.ts';
import type { CandleColumns, Series } from '#core/history.ts';
import { STALE_MS } from './_lock.ts';
import { diskHistory } from './disk.ts';

const MINUTE = 60_000;
const SERIES: Series = { venue: 'binance', symbol: 'BTC/USDT', interval: '1m' };
const JANUARY = Date.UTC(2026, 0, 1);
const FEBRUARY = Date.UTC(2026, 1, 1);
const ALL = { from: 0, to: Date.UTC(2100, 0) };

let directory: string;
let history: ReturnType<typeof diskHistory>;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'argosy-history-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  history = diskHistory(directory);
});

function candles(from: number, count: number, price = 100): CandleColumns {
  return columnsOf(
    Array.from({ length: count }, (_, index) => ({
      startAt: from + index * MINUTE,
      open: price,
      high: price + 2,
      low: price - 2,
      close: price + 1,
      volume: index,
    })),
    MINUTE,
  );
}

function times({ startAt }: CandleColumns): readonly number[] {
  return [...startAt];
}

function fileOf(month: string, symbol = 'BTC_USDT'): string {
  return join(directory, 'binance', symbol, '1m', `${month}.parquet`);
}

describe('candles on disk', () => {
  it('come back as they went in, over the end of a month, and are cut to what is asked for', async () => {
    const given = candles(FEBRUARY - 3 * MINUTE, 6);
    expect(await history.append(SERIES, given, [], 'keep')).toEqual({ added: 6, same: 0, differing: 0 });
    expect(readdirSync(join(directory, 'binance', 'BTC_USDT', '1m'))).toEqual(['2026-01.parquet', '2026-02.parquet']);
    expect(await history.read(SERIES, ALL)).toEqual(given);
    const middle = await history.read(SERIES, { from: FEBRUARY - MINUTE, to: FEBRUARY + MINUTE });
    expect(times(middle)).toEqual([FEBRUARY - MINUTE, FEBRUARY]);
    expect(candleAt(middle, 1)).toEqual({ startAt: FEBRUARY, open: 100, high: 102, low: 98, close: 101, volume: 3 });
  });

  it('are there once, in order, whatever is appended in which order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.record({ from: fc.nat(50), count: fc.nat(20) }), { minLength: 1, maxLength: 6 }), async (parts) => {
        const fresh = diskHistory(mkdtempSync(join(directory, 'case-')));
        const expected = new Set<number>();
        let [added, same] = [0, 0];
        for (const { from, count } of parts) {
          const counts = await fresh.append(SERIES, candles(FEBRUARY + (from - 30) * MINUTE, count), [], 'keep');
          for (let index = 0; index < count; index += 1) expected.add(FEBRUARY + (from - 30 + index) * MINUTE);
          added += counts.added;
          same += counts.same + counts.differing;
        }
        expect(times(await fresh.read(SERIES, ALL))).toEqual([...expected].sort((one, other) => one - other));
        expect(added).toBe(expected.size);
        expect(added + same).toBe(parts.reduce((sum, { count }) => sum + count, 0));
        const { covered, holes } = await fresh.coverage(SERIES, ALL);
        expect(covered.reduce((sum, span) => sum + span.to - span.from, 0)).toBe(expected.size * MINUTE);
        expect(holes).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });

  it('give decimals of up to 15 digits back to the last one', async () => {
    const decimals = fc.tuple(fc.bigInt({ min: 1n, max: 999_999_999_999_999n }), fc.nat(15)).map(([digits, places]) => Number(`${digits}e-${places}`));
    await fc.assert(
      fc.asyncProperty(decimals, async (price) => {
        const fresh = diskHistory(mkdtempSync(join(directory, 'case-')));
        await fresh.append(SERIES, columnsOf([{ startAt: JANUARY, open: price, high: price, low: price, close: price, volume: price }], MINUTE), [], 'keep');
        expect(candleAt(await fresh.read(SERIES, ALL), 0)).toEqual({ startAt: JANUARY, open: price, high: price, low: price, close: price, volume: price });
      }),
      { numRuns: 40 },
    );
  });

  it('stay as they are or are replaced, as whoever appends says', async () => {
    await history.append(SERIES, candles(JANUARY, 3, 100), [], 'keep');
    expect(await history.append(SERIES, candles(JANUARY, 4, 200), [], 'keep')).toEqual({ added: 1, same: 0, differing: 3 });
    expect([...(await history.read(SERIES, ALL)).open]).toEqual([100, 100, 100, 200]);
    expect(await history.append(SERIES, candles(JANUARY, 4, 200), [], 'replace')).toEqual({ added: 0, same: 1, differing: 3 });
    expect([...(await history.read(SERIES, ALL)).open]).toEqual([200, 200, 200, 200]);
  });

  it('of two symbols or intervals never meet', async () => {
    await history.append({ ...SERIES, symbol: 'A_B/C' }, candles(JANUARY, 1), [], 'keep');
    await history.append({ ...SERIES, symbol: 'A/B:C' }, candles(JANUARY, 2), [], 'keep');
    await history.append({ ...SERIES, symbol: '币安人生/USDT' }, candles(JANUARY, 3), [], 'keep');
    expect((await history.list()).map(({ symbol, candles: count }) => [symbol, count])).toEqual([
      ['币安人生/USDT', 3],
      ['A_B/C', 1],
      ['A/B:C', 2],
    ]);
  });

  it('survive that two at once append to the same month', async () => {
    const other = diskHistory(directory);
    await Promise.all(
      Array.from({ length: 12 }, (_, index) => (index % 2 ? history : other).append(SERIES, candles(JANUARY + index * 10 * MINUTE, 10), [], 'keep')),
    );
    expect((await history.read(SERIES, ALL)).length).toBe(120);
  });
});

describe('what has been asked for', () => {
  it('is remembered with its holes, until they are forgotten', async () => {
    await history.append(SERIES, candles(JANUARY, 5), [{ from: JANUARY, to: JANUARY + 10 * MINUTE }], 'keep');
    const span = { from: JANUARY - 5 * MINUTE, to: JANUARY + 20 * MINUTE };
    expect(await history.coverage(SERIES, span)).toEqual({
      covered: [{ from: JANUARY, to: JANUARY + 10 * MINUTE }],
      holes: [{ from: JANUARY + 5 * MINUTE, to: JANUARY + 10 * MINUTE }],
      candles: 5,
    });
    expect(await history.forgetHoles(SERIES, ALL)).toBe(5);
    expect((await history.coverage(SERIES, span)).covered).toEqual([{ from: JANUARY, to: JANUARY + 5 * MINUTE }]);
  });

  it('may be a month in which there is nothing at all', async () => {
    await history.append(SERIES, candles(0, 0), [{ from: JANUARY, to: FEBRUARY }], 'keep');
    expect(await history.coverage(SERIES, ALL)).toEqual({ covered: [{ from: JANUARY, to: FEBRUARY }], holes: [{ from: JANUARY, to: FEBRUARY }], candles: 0 });
    expect(await history.list()).toMatchObject([{ candles: 0, holes: 44_640, firstAt: null, lastAt: null }]);
    expect((await history.read(SERIES, ALL)).length).toBe(0);
  });
});

describe('the list', () => {
  it('tells of every series how much there is of it', async () => {
    await history.append(SERIES, candles(FEBRUARY - MINUTE, 2), [{ from: FEBRUARY - MINUTE, to: FEBRUARY + 3 * MINUTE }], 'keep');
    const [summary, ...more] = await history.list();
    expect(more).toEqual([]);
    expect(summary).toMatchObject({ ...SERIES, candles: 2, holes: 2, firstAt: FEBRUARY - MINUTE, lastAt: FEBRUARY });
    expect(summary?.bytes).toBe(readFileSync(fileOf('2026-01')).length + readFileSync(fileOf('2026-02')).length);
  });

  it('is empty where there is nothing, and passes over what is none of ours', async () => {
    expect(await history.list()).toEqual([]);
    writeFileSync(join(directory, 'notes.txt'), 'mine');
    expect(await diskHistory(join(directory, 'nowhere')).list()).toEqual([]);
    expect(await history.list()).toEqual([]);
  });
});

describe('a damaged file', () => {
  const damages: readonly (readonly [string, (path: string) => void, RegExp])[] = [
    ['cut off', (path) => truncateSync(path, 500), /no whole Parquet file/],
    ['empty', (path) => truncateSync(path, 0), /no whole Parquet file/],
    ['of something else', (path) => writeFileSync(path, 'open,high'), /no whole Parquet file/],
    ['too large', (path) => truncateSync(path, 17_000_000), /17000000 bytes, more than a month can/],
  ];
  it.each(damages)('that is %s is named with its path, and never read as candles', async (_name, damage, problem) => {
    await history.append(SERIES, candles(JANUARY, 50), [], 'keep');
    damage(fileOf('2026-01'));
    const refusal = { name: 'PortError', code: 'history_damaged', message: expect.stringContaining(fileOf('2026-01')) };
    await expect(history.read(SERIES, ALL)).rejects.toMatchObject(refusal);
    await expect(history.append(SERIES, candles(JANUARY, 1), [], 'keep')).rejects.toMatchObject(refusal);
    expect(await history.check(SERIES)).toMatchObject([{ ...SERIES, month: '2026-01', problem: expect.stringMatching(problem) }]);
  });

  it('is found wherever a byte is turned', async () => {
    await history.append(SERIES, candles(JANUARY, 200), [{ from: JANUARY, to: JANUARY + 300 * MINUTE }], 'keep');
    const whole = readFileSync(fileOf('2026-01'));
    const before = await history.read(SERIES, ALL);
    let found = 0;
    for (let at = 0; at < whole.length; at += 13) {
      const turned = Buffer.from(whole);
      turned[at] = (turned[at] ?? 0) ^ 0x10;
      writeFileSync(fileOf('2026-01'), turned);
      const read = await history.read(SERIES, ALL).catch((error: unknown) => error);
      // What a turned byte leaves as it was, such as a statistic that nobody reads, is no damage.
      if (read instanceof Error) {
        expect(read).toMatchObject({ code: 'history_damaged' });
        found += 1;
      } else expect(read).toEqual(before);
    }
    expect(found).toBeGreaterThan(whole.length / 13 / 3);
  });

  it('that holds another month or another symbol is known by that', async () => {
    await history.append(SERIES, candles(JANUARY, 5), [], 'keep');
    writeFileSync(fileOf('2026-02'), readFileSync(fileOf('2026-01')));
    await expect(history.read(SERIES, ALL)).rejects.toThrow('2026-02.parquet: it holds binance BTC/USDT 1m 2026-01: it was copied or renamed');
  });

  it('is put aside, and its month can be had again', async () => {
    await history.append(SERIES, candles(JANUARY, 5), [], 'keep');
    truncateSync(fileOf('2026-01'), 100);
    const [damage] = await history.check(SERIES);
    if (damage === undefined) throw new Error('no damage was found');
    const aside = await history.setAside(damage);
    expect(readFileSync(aside).length).toBe(100);
    expect(await history.check(SERIES)).toEqual([]);
    await history.append(SERIES, candles(JANUARY, 5), [], 'keep');
    expect((await history.read(SERIES, ALL)).length).toBe(5);
  });
});

describe('a process that died', () => {
  it('on this machine leaves a lock that is nobody’s at once', async () => {
    await history.append(SERIES, candles(JANUARY, 5), [], 'keep');
    const gone = spawnSync(process.execPath, ['-e', '']).pid;
    for (const holder of [gone, process.pid]) {
      writeFileSync(`${fileOf('2026-01')}.lock`, `${holder} ${hostname()}`);
      const startedAt = performance.now();
      await history.append(SERIES, candles(JANUARY, 6), [], 'keep');
      expect(performance.now() - startedAt).toBeLessThan(STALE_MS / 2);
    }
  });

  it('leaves a lock that is taken away when it is old, and a part of a file that nobody reads', async () => {
    await history.append(SERIES, candles(JANUARY, 5), [], 'keep');
    const [lock, part] = [`${fileOf('2026-01')}.lock`, `${fileOf('2026-01')}.0000.tmp`];
    for (const path of [lock, part]) {
      writeFileSync(path, 'PAR1');
      utimesSync(path, 1, 1);
    }
    expect((await history.read(SERIES, ALL)).length).toBe(5);
    await history.append(SERIES, candles(JANUARY, 6), [], 'keep');
    expect((await history.read(SERIES, ALL)).length).toBe(6);
    expect(readdirSync(join(directory, 'binance', 'BTC_USDT', '1m'))).toEqual(['2026-01.parquet']);
  });
});

describe('names', () => {
  it.each([
    ['../etc', 'BTC/USDT'],
    ['Binance', 'BTC/USDT'],
    ['', 'BTC/USDT'],
    ['binance', 'BTCUSDT'],
    ['binance', 'BTC/../x'],
    ['binance', `${'A'.repeat(25)}/USDT`],
    ['binance', 'BTC/\ud800'],
  ])('such as %j %j are refused', async (venue, symbol) => {
    await expect(history.read({ ...SERIES, venue, symbol }, ALL)).rejects.toMatchObject({ code: 'validation_failed' });
  });

  it('never lead out of the directory, and each is one symbol’s', async () => {
    const { symbolName, symbolOfName } = await import('./_paths.ts');
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }), fc.string({ minLength: 1, maxLength: 12 }), (base, quote) => {
        const symbol = `${base}/${quote}`;
        fc.pre(!/[/:]/.test(base + quote) && symbol.isWellFormed() && base.length <= 24);
        const name = symbolName(symbol);
        expect(name).toMatch(/^[A-Za-z0-9%]+_[A-Za-z0-9%]+$/);
        expect(symbolOfName(name)).toBe(symbol);
      }),
    );
  });

  it('of a directory that cannot be used are told of', async () => {
    writeFileSync(join(directory, 'file'), '');
    await expect(diskHistory(join(directory, 'file')).append(SERIES, candles(JANUARY, 1), [], 'keep')).rejects.toMatchObject({ code: 'history_unavailable' });
  });
});

it('removes what lies within a span, and the series with its last month', async () => {
  await history.append(SERIES, candles(FEBRUARY - MINUTE, 2), [], 'keep');
  expect(await history.remove(SERIES, { from: JANUARY, to: FEBRUARY })).toBe(1);
  expect(times(await history.read(SERIES, ALL))).toEqual([FEBRUARY]);
  expect(await history.remove(SERIES)).toBe(1);
  expect(await history.list()).toEqual([]);
});
