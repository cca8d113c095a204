import { mkdtempSync, readdirSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { RecordSeries, Records } from '#core/record-history.ts';
import { diskHistory } from './disk.ts';

const DAY = 86_400_000;
const BEGIN = Date.UTC(2026, 0, 30);
const TRADES: RecordSeries = { venue: 'binance', symbol: 'BTC/USDT', kind: 'trades' };
const FUNDING: RecordSeries = { venue: 'binance', symbol: 'BTC/USDT:USDT', kind: 'funding' };
const ALWAYS = { from: 0, to: 4e12 };

function opened() {
  const directory = mkdtempSync(join(tmpdir(), 'argosy-records-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return { directory, records: diskHistory(directory).records };
}

function trades(times: readonly number[], price = 100): Records {
  const at = Float64Array.from(times);
  return {
    length: at.length,
    at,
    columns: { price: at.map((_, index) => price + index), size: at.map(() => 0.25), side: at.map((_, index) => (index % 2 === 0 ? 1 : -1)) },
  };
}

describe('records on the disk', () => {
  it('come back as they were put, across days, and are listed beside candles', async () => {
    const { records, directory } = opened();
    const put = trades([BEGIN + 1, BEGIN + 1, BEGIN + DAY, BEGIN + 3 * DAY - 1]);
    await records.put(TRADES, put, { from: BEGIN, to: BEGIN + 3 * DAY });
    expect(await records.read(TRADES, ALWAYS)).toEqual(put);
    expect((await records.read(TRADES, { from: BEGIN + DAY, to: BEGIN + 2 * DAY })).at).toEqual(Float64Array.of(BEGIN + DAY));
    expect(await records.covered(TRADES, ALWAYS)).toEqual([{ from: BEGIN, to: BEGIN + 3 * DAY }]);
    expect(readdirSync(join(directory, 'binance', 'BTC_USDT', 'trades'))).toEqual(['2026-01-30.parquet', '2026-01-31.parquet', '2026-02-01.parquet']);
    expect(await records.list()).toMatchObject([{ ...TRADES, rows: 4, firstAt: BEGIN + 1, lastAt: BEGIN + 3 * DAY - 1, damaged: 0 }]);
    expect(await diskHistory(directory).names()).toEqual([]);
  });

  it('take the place of what was in their span and leave the rest', async () => {
    const { records } = opened();
    await records.put(TRADES, trades([BEGIN + 1, BEGIN + 5, BEGIN + 9]), { from: BEGIN, to: BEGIN + 10 });
    await records.put(TRADES, trades([BEGIN + 6], 500), { from: BEGIN + 4, to: BEGIN + 8 });
    expect((await records.read(TRADES, ALWAYS)).columns['price']).toEqual(Float64Array.of(100, 500, 102));
    await records.put(TRADES, trades([]), { from: BEGIN + 20, to: BEGIN + 30 });
    expect(await records.covered(TRADES, ALWAYS)).toEqual([
      { from: BEGIN, to: BEGIN + 10 },
      { from: BEGIN + 20, to: BEGIN + 30 },
    ]);
  });

  it('keep settlements a month a file, and take files off by their spans', async () => {
    const { records } = opened();
    const at = Float64Array.of(BEGIN, BEGIN + 2 * DAY);
    await records.put(FUNDING, { length: 2, at, columns: { rate: Float64Array.of(0.0001, -0.0002) } }, { from: BEGIN, to: BEGIN + 3 * DAY });
    expect(await records.remove(FUNDING, { from: Date.UTC(2026, 0), to: Date.UTC(2026, 1) })).toBe(1);
    expect((await records.read(FUNDING, ALWAYS)).columns['rate']).toEqual(Float64Array.of(-0.0002));
    expect(await records.remove(FUNDING)).toBe(1);
    expect(await records.names()).toEqual([]);
  });

  it('are refused where a file is damaged or stands under another name, and can be put aside', async () => {
    const { records, directory } = opened();
    await records.put(TRADES, trades([BEGIN + 1]), { from: BEGIN, to: BEGIN + DAY });
    const path = join(directory, 'binance', 'BTC_USDT', 'trades', '2026-01-30.parquet');
    truncateSync(path, 200);
    await expect(records.read(TRADES, ALWAYS)).rejects.toMatchObject({ code: 'history_damaged' });
    expect(await records.list()).toMatchObject([{ damaged: 1, rows: 0 }]);
    const [damage] = await records.check(TRADES);
    if (damage === undefined) throw new Error('nothing was found');
    expect(damage).toMatchObject({ path, kind: 'trades' });
    await records.setAside(damage);
    expect(await records.check(TRADES)).toEqual([]);
    expect(await records.covered(TRADES, ALWAYS)).toEqual([]);
    await expect(records.read({ ...TRADES, venue: '../etc' }, ALWAYS)).rejects.toMatchObject({ code: 'validation_failed' });
  });

  it('hold after any puts what the newest put of each moment said', async () => {
    const span = fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 20 }));
    await fc.assert(
      fc.asyncProperty(fc.array(span, { minLength: 1, maxLength: 6 }), async (spans) => {
        const { records } = opened();
        const expected = new Map<number, number>();
        for (const [index, [from, length]] of spans.entries()) {
          const [begin, end] = [BEGIN + from * (DAY / 20), BEGIN + (from + length) * (DAY / 20)];
          const times = Array.from({ length }, (_, place) => begin + place * (DAY / 20));
          await records.put(
            TRADES,
            { ...trades(times), columns: { ...trades(times).columns, size: new Float64Array(length).fill(index + 1) } },
            { from: begin, to: end },
          );
          for (const at of times) expected.set(at, index + 1);
        }
        const { at, columns } = await records.read(TRADES, ALWAYS);
        expect([...at].map((moment, index) => [moment, columns['size']?.[index]])).toEqual([...expected].sort(([one], [other]) => one - other));
      }),
      { numRuns: 15 },
    );
  });
});
