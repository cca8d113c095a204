/** Settlements of the past, downloaded from venues that tell the newest of a span first and cut the oldest: each comes once, with the rate that was paid. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '#adapters/clock.ts';
import { diskHistory } from '#adapters/history/disk.ts';
import { randomIds } from '#adapters/ids.ts';
import { bybit } from '#adapters/venues/bybit.ts';
import { okx } from '#adapters/venues/okx.ts';
import { downloadRecords } from '#app/history/download-records.ts';
import { quietLog } from '../support/quiet-log.ts';
import { startBybit } from './bybit.ts';
import { startOkx } from './okx.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const VENUES = { bybit: { module: bybit, start: startBybit, perPage: 200 }, okx: { module: okx, start: startOkx, perPage: 100 } } as const;

async function opened(name: keyof typeof VENUES) {
  const { module, start } = VENUES[name];
  const server = await start({ seed: 5 });
  const books = { restingOrders: async () => [], netFlows: async () => [], positions: async () => [] };
  const venue = module.open({ clock: systemClock, ids: randomIds, log: quietLog(), url: server.url, urls: {}, books });
  const directory = mkdtempSync(join(tmpdir(), 'argosy-funding-'));
  onTestFinished(async () => {
    await venue.close();
    await server.close();
    rmSync(directory, { recursive: true, force: true });
  });
  const { records } = diskHistory(directory);
  const parts = { market: venue.market, records, clock: systemClock, log: quietLog() };
  const series = (symbol: string) => ({ venue: name, symbol, kind: 'funding' }) as const;
  const asked = () => server.log.list('pastFunding').length;
  return { server, venue, records, parts, series, asked, midnight: (Math.floor(server.world.now() / DAY_MS) - 1) * DAY_MS };
}

describe.each(Object.keys(VENUES) as (keyof typeof VENUES)[])('%s', (name) => {
  it('tells every settlement once, however often a perpetual settles, and nothing is asked for twice', async () => {
    const { records, parts, series, asked, midnight } = await opened(name);
    // More settlements each hour than one answer holds: pages must not lose those that the limit cuts.
    const days = Math.ceil(VENUES[name].perPage / 24) * 2;
    for (const [symbol, everyMs] of [
      ['BTC/USDT:USDT', 8 * HOUR_MS],
      ['ETH/USDT:USDT', HOUR_MS],
    ] as const) {
      const span = { from: midnight - days * DAY_MS, to: midnight };
      const count = (days * DAY_MS) / everyMs;
      expect(await downloadRecords(series(symbol), span, parts)).toEqual({ added: count, isStopped: false });
      const { at, columns } = await records.read(series(symbol), span);
      expect([...at]).toEqual(Array.from({ length: count }, (_, index) => span.from + index * everyMs));
      // What was paid, not what had been expected.
      for (const [index, moment] of at.entries()) expect(columns['rate']?.[index]).toBeCloseTo((new Date(moment).getUTCHours() + 1) / 10_000, 12);
      const before = asked();
      expect(await downloadRecords(series(symbol), span, parts)).toEqual({ added: 0, isStopped: false });
      expect(asked()).toBe(before);
    }
  });

  it('tells a settlement at either end of a span in one of two spans that meet there', async () => {
    const { venue, midnight } = await opened(name);
    const source = venue.market.past?.('BTC/USDT:USDT').funding;
    const middle = midnight - DAY_MS;
    const timesOf = async (from: number, to: number) => (await source?.page(from, to))?.rows.map(({ at }) => at);
    expect(await timesOf(middle - 8 * HOUR_MS, middle)).toEqual([middle - 8 * HOUR_MS]);
    expect(await timesOf(middle, middle + 8 * HOUR_MS)).toEqual([middle]);
  });

  it('has none of a coin that is traded on the spot', async () => {
    const { venue } = await opened(name);
    expect(venue.market.past?.('BTC/USDT').funding).toBeUndefined();
  });
});

it('okx is asked for no more than the three months that it tells', async () => {
  const { parts, series, asked, midnight } = await opened('okx');
  const span = { from: midnight - 100 * DAY_MS, to: midnight };
  await expect(downloadRecords(series('BTC/USDT:USDT'), span, parts)).rejects.toMatchObject({ code: 'validation_failed', issues: [{ field: 'from' }] });
  expect(asked()).toBe(0);
});
