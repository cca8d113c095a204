/** History on its way into a backtest: whole or refused, and the same integers as decimals would give. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { diskHistory } from '#adapters/history/disk.ts';
import { columnsOf } from '#core/bars/candle-columns.ts';
import { AppError } from '#core/errors.ts';
import type { CandleColumns, CandleHistory } from '#core/history.ts';
import { assumeInstrument, toBars } from '../market/candle-bars.ts';
import { asCandles, barsOfColumns, storedCandles } from './stored-candles.ts';

const MINUTE = 60_000;
const BEGIN = Date.UTC(2026, 0, 1);
const SERIES = { venue: 'binance', symbol: 'BTC/USDT', interval: '1m' } as const;

function candles(prices: readonly number[], volume = 1): CandleColumns {
  return columnsOf(
    prices.map((price, index) => ({ startAt: BEGIN + index * MINUTE, open: price, high: price, low: price, close: price, volume })),
    MINUTE,
  );
}

function history(): CandleHistory {
  const directory = mkdtempSync(join(tmpdir(), 'argosy-stored-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return diskHistory(directory);
}

describe('candles of the history', () => {
  it('are given when all of the span was asked for, holes included', async () => {
    const disk = history();
    await disk.append(SERIES, candles([1, 2, 3]), [{ from: BEGIN, to: BEGIN + 10 * MINUTE }], 'keep');
    expect((await storedCandles(disk, SERIES, { from: BEGIN, to: BEGIN + 10 * MINUTE })).length).toBe(3);
  });

  it('are refused where a part was never downloaded, with which', async () => {
    const disk = history();
    await expect(storedCandles(disk, SERIES, { from: BEGIN, to: BEGIN + MINUTE })).rejects.toMatchObject({
      code: 'history_missing',
      message: 'There is no history of binance BTC/USDT 1m in that span.',
    });
    await disk.append(SERIES, candles([1, 2, 3]), [], 'keep');
    await expect(storedCandles(disk, SERIES, { from: BEGIN, to: BEGIN + 5 * MINUTE })).rejects.toThrow(
      'Of binance BTC/USDT 1m 2 candles were never downloaded, the first of them from 2026-01-01T00:03:00.000Z to 2026-01-01T00:05:00.000Z.',
    );
  });

  it('have their gaps refused, filled or skipped as those of a file', () => {
    const { startAt, ...rest } = candles([1, 2, 3]);
    const gapped = { ...rest, startAt: Float64Array.of(BEGIN, BEGIN + MINUTE, BEGIN + 3 * MINUTE) };
    expect(() => asCandles(gapped)).toThrow('candle 3: 1 candle is missing between 2026-01-01T00:01:00.000Z and 2026-01-01T00:03:00.000Z');
    expect(asCandles(gapped, { gaps: 'skip' })).toMatchObject({ length: 3, missing: 1, intervalMs: MINUTE });
    expect(asCandles(gapped, { gaps: 'fill' })).toMatchObject({ length: 4, open: ['1', '2', '2', '3'] });
  });

  it('of a thin market keep the length that they have, though no two stand together', () => {
    const { startAt, ...rest } = candles([1, 2]);
    expect(asCandles({ ...rest, startAt: Float64Array.of(BEGIN, BEGIN + 5 * MINUTE) }, { gaps: 'skip' })).toMatchObject({ intervalMs: MINUTE, missing: 4 });
  });
});

describe('bars of columns', () => {
  const increments = fc.constantFrom('0.00000001', '0.0001', '0.01', '0.05', '0.1', '0.25', '0.5', '1', '5', '10', '0.0025');
  const decimals = fc.tuple(fc.integer({ min: 1, max: 999_999_999 }), fc.nat(8)).map(([digits, places]) => Number(`${digits}e-${places}`));

  it('are the same integers as decimals give, ties and roundings included', () => {
    fc.assert(
      fc.property(fc.array(decimals, { minLength: 2, maxLength: 20 }), increments, decimals, (prices, priceIncrement, volume) => {
        const columns = candles(prices, volume);
        const instrument = assumeInstrument(asCandles(columns), { symbol: 'A/B', priceIncrement, sizeIncrement: '0.0001' });
        const outcome = <Result>(work: () => Result): Result | string => {
          try {
            return work();
          } catch (error) {
            // Of several candles that cannot be told, which one is named is no part of the law.
            return error instanceof AppError ? `${error.code} ${error.message.replace(/^[^:]*(:\d\d)*[^ ]*: \w+ \S+/, '')}` : String(error);
          }
        };
        expect(outcome(() => barsOfColumns(columns, instrument))).toEqual(outcome(() => toBars(asCandles(columns), instrument)));
      }),
      { numRuns: 500 },
    );
  });
});
