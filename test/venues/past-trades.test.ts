/** Trades of the past, downloaded from venues that tell the newest of a span and cut the oldest: each comes once, and nothing is asked for twice. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '#adapters/clock.ts';
import { diskHistory } from '#adapters/history/disk.ts';
import { randomIds } from '#adapters/ids.ts';
import { bitget } from '#adapters/venues/bitget.ts';
import { bybit } from '#adapters/venues/bybit.ts';
import { mexc } from '#adapters/venues/mexc.ts';
import { okx } from '#adapters/venues/okx.ts';
import { downloadRecords, type RecordDownloadParts } from '#app/history/download-records.ts';
import { quietLog } from '../support/quiet-log.ts';
import { tradesBetween } from './_past-trades.ts';
import { startBitget } from './bitget.ts';
import { startBybit } from './bybit.ts';
import { startMexc } from './mexc.ts';
import { startOkx } from './okx.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const VENUES = {
  okx: { module: okx, start: startOkx },
  bitget: { module: bitget, start: startBitget },
  bybit: { module: bybit, start: startBybit },
  mexc: { module: mexc, start: startMexc },
} as const;

async function opened(name: keyof typeof VENUES) {
  const { module, start } = VENUES[name];
  // What is asked here in a second takes the real venues' limits a minute.
  const server = await start({ seed: 5, limitFactor: 1_000 });
  const books = { restingOrders: async () => [], netFlows: async () => [], positions: async () => [] };
  const venue = module.open({ clock: systemClock, ids: randomIds, log: quietLog(), url: server.url, urls: {}, books });
  const directory = mkdtempSync(join(tmpdir(), 'argosy-trades-'));
  onTestFinished(async () => {
    await venue.close();
    await server.close();
    rmSync(directory, { recursive: true, force: true });
  });
  const { records } = diskHistory(directory);
  const parts: RecordDownloadParts = { market: venue.market, records, clock: systemClock, log: quietLog() };
  const series = (symbol: string) => ({ venue: name, symbol, kind: 'trades' }) as const;
  const asked = () => server.log.list('pastTrades').length;
  return { records, parts, series, asked, world: server.world, hour: (Math.floor(server.world.now() / HOUR_MS) - 5) * HOUR_MS };
}

describe.each(['okx', 'bitget'] as const)('%s', (name) => {
  it.each(['BTC/USDT', 'BTC/USDT:USDT'])('tells every trade of %s once, a busy second as a quiet hour, and nothing is asked for twice', async (symbol) => {
    const { records, parts, series, asked, hour, world } = await opened(name);
    const span = { from: hour, to: hour + 10 * MINUTE_MS };
    const expected = tradesBetween(span.from, span.to - 1).toReversed();
    expect(expected.length).toBe(618);
    expect(await downloadRecords(series(symbol), span, parts)).toEqual({ added: expected.length, isStopped: false });
    const { at, columns } = await records.read(series(symbol), span);
    expect([...at]).toEqual(expected.map((trade) => trade.at));
    expect([...(columns['price'] ?? [])].toSorted()).toEqual(expected.map(({ price }) => Number(price)).toSorted());
    // Of contracts the base coin that they stand for.
    expect(new Set(columns['size'])).toEqual(new Set([name === 'okx' ? Number(world.scale(symbol).size(100)) : 0.01]));
    expect([...(columns['side'] ?? [])].filter((side) => side === 1).length).toBe(expected.length / 2);
    const before = asked();
    expect(await downloadRecords(series(symbol), span, parts)).toEqual({ added: 0, isStopped: false });
    expect(asked()).toBe(before);
  });

  it('goes on where a download ended, and knows what has been asked for and what has not', async () => {
    const { records, parts, series, asked, hour } = await opened(name);
    const symbol = 'BTC/USDT';
    let answers = 0;
    const market: RecordDownloadParts['market'] = {
      past: (of) => {
        const { trades, ...rest } = parts.market.past?.(of) ?? {};
        if (trades === undefined) throw new Error('it tells trades');
        const page: typeof trades.page = async (from, to) => {
          answers += 1;
          if (answers > 3) throw new Error('the power was cut');
          return await trades.page(from, Math.min(to, from + 5 * MINUTE_MS));
        };
        return { ...rest, trades: { ...trades, page } };
      },
    };
    const span = { from: hour + 20 * MINUTE_MS, to: hour + 50 * MINUTE_MS };
    await expect(downloadRecords(series(symbol), span, { ...parts, market })).rejects.toThrow('the power was cut');
    expect(await records.covered(series(symbol), span)).toEqual([{ from: span.from, to: span.from + 15 * MINUTE_MS }]);
    const before = asked();
    expect(await downloadRecords(series(symbol), span, parts)).toEqual({ added: 30, isStopped: false });
    expect(asked()).toBeGreaterThan(before);
    expect(await records.covered(series(symbol), span)).toEqual([span]);
    expect((await records.read(series(symbol), span)).length).toBe(60);
  });

  it('is asked for no more than the three months that it tells, and says where it offers older ones', async () => {
    const { parts, series, asked, hour } = await opened(name);
    const refused = downloadRecords(series('BTC/USDT'), { from: hour - 100 * DAY_MS, to: hour }, parts);
    await expect(refused).rejects.toMatchObject({
      code: 'validation_failed',
      issues: [{ field: 'from', message: expect.stringMatching(/as \w+ offers them at https:/) }],
    });
    expect(asked()).toBe(0);
  });
});

describe.each(['bybit', 'mexc'] as const)('%s', (name) => {
  it('tells no past trades, and a download says so and where they are to be had', async () => {
    const { parts, series, hour } = await opened(name);
    const refused = downloadRecords(series('BTC/USDT'), { from: hour, to: hour + MINUTE_MS }, parts);
    const message = new RegExp(`^trades of BTC/USDT is not told by ${name}; import it from a file, as ${name} offers them at https://\\S+$`);
    await expect(refused).rejects.toMatchObject({ code: 'validation_failed', issues: [{ field: 'interval', message: expect.stringMatching(message) }] });
  });
});
