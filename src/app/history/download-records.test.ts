import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { diskHistory } from '#adapters/history/disk.ts';
import { PortError } from '#core/errors.ts';
import type { PastData, PublicTrade } from '#core/market-data.ts';
import type { RecordSeries } from '#core/record-history.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import { until } from '#test/support/until.ts';
import { downloadRecords, YOUNG_RECORDS_MS } from './download-records.ts';
import { MAX_TRIES } from './patient-asking.ts';

const NOW = Date.UTC(2026, 0, 10, 12);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const TRADES: RecordSeries = { venue: 'here', symbol: 'BTC/USDT', kind: 'trades' };
const FUNDING: RecordSeries = { venue: 'here', symbol: 'BTC/USDT:USDT', kind: 'funding' };

/** A venue with a trade each minute and a settlement each eight hours, told in pages of an hour and of ten days. */
function opened(change: { readonly reachMs?: number } = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'argosy-past-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const asked: [number, number][] = [];
  const venue = { failures: [] as PortError[] };
  const page = <Row>(spanMs: number, everyMs: number, rowAt: (at: number) => Row) => ({
    reachMs: change.reachMs ?? null,
    page: async (from: number, to: number) => {
      const failure = venue.failures.shift();
      if (failure !== undefined) throw failure;
      const until = Math.min(to, from + spanMs);
      asked.push([from, until]);
      const rows: Row[] = [];
      for (let at = Math.ceil(from / everyMs) * everyMs; at < until; at += everyMs) rows.push(rowAt(at));
      return { rows, until };
    },
  });
  const past: PastData = {
    trades: page(HOUR, 60_000, (at): PublicTrade => ({ tradeId: String(at), symbol: 'BTC/USDT', side: 'sell', price: '100.5', size: '0.25', at })),
    funding: page(10 * DAY, 8 * HOUR, (at) => ({ at, rate: '-0.0001' })),
  };
  const clock = new ManualClock(NOW);
  const { records } = diskHistory(directory);
  return { records, asked, venue, clock, parts: { market: { past: () => past }, records, clock, log: quietLog() } };
}

describe('a download of records', () => {
  it('brings what happened, nothing of which may not be told yet, and asks for nothing twice', async () => {
    const { records, asked, parts } = opened();
    const span = { from: NOW - 3 * HOUR, to: NOW };
    expect(await downloadRecords(TRADES, span, parts)).toEqual({ added: 179, isStopped: false });
    const kept = await records.read(TRADES, span);
    expect([kept.length, kept.columns['price']?.[0], kept.columns['size']?.[0], kept.columns['side']?.[0]]).toEqual([179, 100.5, 0.25, -1]);
    expect(await records.covered(TRADES, span)).toEqual([{ from: span.from, to: NOW - YOUNG_RECORDS_MS.trades }]);
    const { length } = asked;
    expect(await downloadRecords(TRADES, span, parts)).toEqual({ added: 0, isStopped: false });
    expect(asked.length).toBe(length);
    expect(await downloadRecords(TRADES, { from: span.from - HOUR, to: NOW }, parts)).toEqual({ added: 60, isStopped: false });
    expect(asked.slice(length)).toEqual([[span.from - HOUR, span.from]]);
  });

  it('keeps what has come when patience ends, and goes on from there', async () => {
    const { records, asked, venue, clock, parts } = opened();
    const span = { from: NOW - 20 * DAY, to: NOW };
    expect(await downloadRecords(FUNDING, { from: NOW - 10 * DAY, to: NOW - DAY }, parts)).toMatchObject({ added: 27 });
    const refused = new PortError('venue_unavailable', 'down', { outcome: 'failed' });
    venue.failures = Array.from({ length: MAX_TRIES }, () => refused);
    const running = downloadRecords(FUNDING, span, parts);
    let reason: unknown = null;
    running.catch((error: unknown) => {
      reason = error;
    });
    await until(async () => {
      await clock.advance(10_000);
      return reason !== null;
    }, 'its patience ends');
    expect(reason).toBe(refused);
    expect((await records.read(FUNDING, span)).length).toBe(27);
    const { length } = asked;
    expect(await downloadRecords(FUNDING, { ...span, to: NOW - DAY }, parts)).toEqual({ added: 30, isStopped: false });
    expect(asked.slice(length)).toEqual([[span.from, NOW - 10 * DAY]]);
  });

  it('ends when it is told to, with what has come', async () => {
    const { records, parts } = opened();
    let pages = 0;
    const stop = { isAsked: () => pages >= 2, onAsked: () => () => undefined };
    const onProgress = (): void => {
      pages += 1;
    };
    const span = { from: NOW - 5 * HOUR, to: NOW };
    expect(await downloadRecords(TRADES, span, { ...parts, stop, onProgress })).toEqual({ added: 120, isStopped: true });
    expect(await records.covered(TRADES, span)).toEqual([{ from: span.from, to: span.from + 2 * HOUR }]);
  });

  it('says what the exchange does not tell, or not of so long ago, before anything is asked', async () => {
    const { asked, parts } = opened({ reachMs: 2 * DAY });
    await expect(downloadRecords(TRADES, { from: NOW - 3 * DAY, to: NOW }, parts)).rejects.toMatchObject({
      code: 'validation_failed',
      message: expect.stringContaining('from must be 2026-01-08T12:00:00.000Z or later'),
    });
    await expect(downloadRecords(TRADES, { from: NOW - DAY, to: NOW }, { ...parts, market: {} })).rejects.toMatchObject({
      message: expect.stringContaining('trades of BTC/USDT is not told by here'),
    });
    await expect(downloadRecords(TRADES, { from: NOW, to: NOW }, parts)).rejects.toMatchObject({ code: 'validation_failed' });
    expect(asked).toEqual([]);
  });
});
