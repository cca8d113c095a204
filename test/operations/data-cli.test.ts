/** `argosy data …` from the first download to the last removal, with a simulated exchange that fails in between. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { parseConfig } from '#config';
import { AppError, PortError } from '#core/errors.ts';
import { runCli } from '#edges/cli/program.ts';
import { openOperator } from '#roles/_operator.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import { scriptedTerminal } from '#test/support/scripted-terminal.ts';
import { type BinanceServer, startBinance } from '#test/venues/binance.ts';

const FIXTURES = join(import.meta.dirname, '..', 'history');

let home: string;
let venue: BinanceServer;

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'argosy-data-'));
  venue = await startBinance();
  onTestFinished(async () => {
    await venue.close();
    rmSync(home, { recursive: true, force: true });
  });
});

interface Ran {
  readonly code: number;
  readonly text: string;
}

async function data(...args: readonly string[]): Promise<Ran> {
  const lines: string[] = [];
  const environment = { ARGOSY_DATA_DIR: home, ARGOSY_VENUE_URLS: JSON.stringify({ binance: venue.url, paper: 'demo' }) };
  const config = parseConfig({ environment, directory: home, isContainer: false });
  const print = (text: string) => void lines.push(text);
  const operator = () => openOperator(config, '1.2.3', scriptedTerminal(print), quietLog());
  const code = await runCli(['data', ...args], { language: 'en', version: '1.2.3', print, complain: print, operator }).catch((thrown: unknown) => {
    if (!(thrown instanceof AppError || thrown instanceof PortError)) throw thrown;
    lines.push(`${thrown.code}: ${thrown.message}`);
    return 1;
  });
  return { code, text: lines.join('\n') };
}

const HOURS_AGO = (hours: number): string => new Date(Date.now() - hours * 3_600_000).toISOString();

function months(symbol = 'BTC_USDT', interval = '1m'): readonly string[] {
  return readdirSync(join(home, 'history', 'binance', symbol, interval)).map((name) => join(home, 'history', 'binance', symbol, interval, name));
}

describe('argosy data', () => {
  it('downloads several symbols, lists them, and asks for nothing twice', async () => {
    const first = await data('download', 'binance', 'BTC/USDT,ETH/USDT', '-i', '1m', '--from', HOURS_AGO(3), '--json');
    expect(first.code).toBe(0);
    const told = JSON.parse(first.text) as readonly { readonly symbol: string; readonly added: number; readonly holes: number }[];
    expect(told.map(({ symbol, holes }) => [symbol, holes])).toEqual([
      ['BTC/USDT', 0],
      ['ETH/USDT', 0],
    ]);
    for (const { added } of told) expect(added).toBeGreaterThanOrEqual(178);
    const listed = JSON.parse((await data('list', '--json')).text) as readonly { readonly symbol: string; readonly candles: number }[];
    expect(listed.map(({ symbol, candles }) => [symbol, candles])).toEqual(told.map(({ symbol, added }) => [symbol, added]));
    expect((await data('list')).text).toMatch(/binance +BTC\/USDT +1m/);
    const asked = venue.log.list('candles').length;
    await data('download', 'binance', 'BTC/USDT', '-i', '1m', '--from', HOURS_AGO(2.9), '--to', HOURS_AGO(1));
    expect(venue.log.list('candles').length).toBe(asked);
  });

  it('says what is wrong with one symbol and brings the others', async () => {
    const { code, text } = await data('download', 'binance', 'NO/SUCH', 'ETH/USDT', '-i', '5m', '--from', HOURS_AGO(4));
    expect(code).toBe(1);
    expect(text).toMatch(/^binance NO\/SUCH 5m: symbol_unknown: /m);
    expect(text).toMatch(/^binance ETH\/USDT 5m: 4\d candles came$/m);
  });

  it('says of made-up prices that they are', async () => {
    const { text } = await data('download', 'paper', 'BTC/USDT', '-i', '1h', '--from', HOURS_AGO(5));
    expect(text).toMatch(/^paper BTC\/USDT 1h: [45] candles came\nDemonstration market: prices are made up/);
  });

  it.each([
    ['a demand to slow down', { where: 'before', kind: 'rateLimited', retryAfter: 1 }],
    ['a connection that is cut', { where: 'after', kind: 'cut' }],
    ['a connection that is reset', { where: 'before', kind: 'reset' }],
    ['a gateway that fails', { where: 'before', kind: 'status', status: 502 }],
    ['a page of something else', { where: 'after', kind: 'junk' }],
  ] as const)('gets over %s', async (_name, fault) => {
    venue.faults.add({ ...fault, operation: 'candles' });
    const { code, text } = await data('download', 'binance', 'BTC/USDT', '-i', '1m', '--from', HOURS_AGO(2), '--json');
    expect(code).toBe(0);
    expect(JSON.parse(text)).toMatchObject([{ holes: 0 }]);
    expect(venue.faults.list()).toEqual([]);
  });

  it('finds a damaged file, puts it aside, and the next download has its month again', async () => {
    await data('download', 'binance', 'BTC/USDT', '-i', '1m', '--from', HOURS_AGO(2));
    expect(await data('check')).toMatchObject({ code: 0, text: expect.stringContaining('All is well: 1 series.') });
    const [file = ''] = months();
    for (const each of months()) truncateSync(each, 100);
    const found = await data('check');
    expect(found.code).toBe(1);
    expect(found.text).toContain(`${file}: it is no whole Parquet file`);
    expect((await data('list')).text).toContain('damaged files are not counted: argosy data check');
    expect(await data('check', 'binance', 'BTC/USDT', '--repair')).toMatchObject({ code: 0, text: expect.stringContaining('put aside as') });
    const again = await data('download', 'binance', 'BTC/USDT', '-i', '1m', '--from', HOURS_AGO(2), '--json');
    expect((JSON.parse(again.text) as readonly { readonly added: number }[])[0]?.added).toBeGreaterThan(100);
  });

  it('downloads settlements of funding and trades, asks for nothing twice, and lists them beside candles', async () => {
    const from = HOURS_AGO(30 * 24);
    const funding = JSON.parse((await data('download', 'binance', 'BTC/USDT:USDT', '-i', 'funding', '--from', from, '--json')).text) as {
      readonly added: number;
    }[];
    expect(funding).toMatchObject([{ symbol: 'BTC/USDT:USDT', interval: 'funding', isStopped: false }]);
    expect(Math.abs((funding[0]?.added ?? 0) - 90)).toBeLessThanOrEqual(1);
    const trades = await data('download', 'binance', 'BTC/USDT', '-i', 'trades,1m', '--from', HOURS_AGO(2), '--json');
    const [told, candles] = JSON.parse(trades.text) as readonly { readonly interval: string; readonly added: number }[];
    expect([told?.interval, candles?.interval]).toEqual(['trades', '1m']);
    // Four trades a minute, in pages of an hour; the last minute may not be told yet.
    expect(Math.abs((told?.added ?? 0) - 4 * 119)).toBeLessThanOrEqual(8);
    const asked = venue.log.list('pastFunding').length + venue.log.list('trades').length;
    await data('download', 'binance', 'BTC/USDT:USDT', '-i', 'funding', '--from', from, '--to', HOURS_AGO(1));
    await data('download', 'binance', 'BTC/USDT', '-i', 'trades', '--from', HOURS_AGO(1.9), '--to', HOURS_AGO(1));
    expect(venue.log.list('pastFunding').length + venue.log.list('trades').length).toBe(asked);
    expect((await data('list')).text).toMatch(/binance +BTC\/USDT:USDT +funding +(89|90|91) /);
    expect(await data('check')).toMatchObject({ code: 0, text: expect.stringContaining('All is well: 3 series.') });
    expect((await data('export', 'binance', 'BTC/USDT:USDT', 'funding', join(home, 'funding.csv'))).code).toBe(0);
    expect(readFileSync(join(home, 'funding.csv'), 'utf8')).toMatch(/^timestamp,rate\n\d{4}-\d\d-\d\dT(00|08|16):00:00\.003Z,0\.00\d+\n/);
    expect((await data('import', join(home, 'funding.csv'), '-e', 'binance', '-s', 'BTC/USDT:USDT', '-i', 'funding')).text).toMatch(/(\d+) came, \1 gave way$/);
    expect((await data('remove', 'binance', 'BTC/USDT', '-i', 'trades', '--yes')).text).toMatch(/trades: [12] days removed/);
  });

  it.each([
    [['download', 'binance', 'BTC/USDT', '-i', 'funding'], /^validation_failed: symbol "BTC\/USDT" is no perpetual/],
    [['download', 'binance', 'BTC/USDT:USDT', '-i', 'trades', '--from', '2024-01-01'], /^binance BTC\/USDT:USDT trades: validation_failed: from must be /m],
    [['download', 'paper', 'BTC/USDT', '-i', 'trades'], /^paper BTC\/USDT trades: validation_failed: .*import it from a file/m],
    [['export', 'binance', 'BTC/USDT', 'trades', 'x.feather'], /^history_missing: /],
  ] as const)('says of %j what is wrong', async (args, problem) => {
    const { code, text } = await data(...args);
    expect(code).toBe(1);
    expect(text).toMatch(problem);
  });

  it('takes in the files of freqtrade by their names, and gives them back', async () => {
    expect((await data('import', join(FIXTURES, 'BTC_USDT-5m.feather'), '-e', 'binance')).text).toBe('binance BTC/USDT 5m: 40 candles came');
    expect((await data('import', join(FIXTURES, 'BTC_USDT_USDT-5m-futures.feather'), '-e', 'binance')).text).toBe('binance BTC/USDT:USDT 5m: 40 candles came');
    expect((await data('import', join(FIXTURES, 'BTC_USDT-5m.feather'), '-e', 'binance')).text).toBe('binance BTC/USDT 5m: 0 candles came, 40 were there');
    const out = join(home, 'out/');
    expect(await data('export', 'binance', 'BTC/USDT:USDT', '5m', out)).toMatchObject({
      code: 0,
      text: `${join(out, 'futures', 'BTC_USDT_USDT-5m-futures.feather')}: 40 candles`,
    });
    expect((await data('export', 'binance', 'BTC/USDT', '5m', join(out, 'a.csv'), '--from', '2026-01-01', '--to', '2026-01-01T00:10:00Z')).text).toMatch(
      /2 candles$/,
    );
    expect(readFileSync(join(out, 'a.csv'), 'utf8')).toBe(
      'timestamp,open,high,low,close,volume\n2026-01-01T00:00:00.000Z,100.1,103.25,99.05,101.7,0\n2026-01-01T00:05:00.000Z,101.1,104.25,100.05,102.7,0.5\n',
    );
    expect(await data('export', 'binance', 'BTC/USDT', '5m', join(out, 'a.csv'))).toMatchObject({
      code: 1,
      text: expect.stringContaining('--force replaces it'),
    });
  });

  it('says where two sources differ, and takes the file’s candles only when told to', async () => {
    await data('import', join(FIXTURES, 'BTC_USDT-5m.feather'), '-e', 'binance');
    const other = join(home, 'BTC_USDT-5m.json.gz');
    writeFileSync(other, gzipSync(JSON.stringify([[Date.UTC(2026, 0, 1), 1, 2, 1, 1, 0]])));
    expect((await data('import', other, '-e', 'binance')).text).toBe(
      'binance BTC/USDT 5m: 0 candles came, 1 differ from those that are there and were left (--replace takes them)',
    );
    expect((await data('import', other, '-e', 'binance', '--replace')).text).toBe('binance BTC/USDT 5m: 0 candles came, 1 were replaced');
  });

  it('removes only what is named, and only when that is confirmed', async () => {
    await data('import', join(FIXTURES, 'BTC_USDT-5m.feather'), '-e', 'binance');
    expect(await data('remove', 'binance', 'BTC/USDT')).toMatchObject({
      code: 1,
      text: 'validation_failed: This would remove binance BTC/USDT 5m; add --yes.',
    });
    expect(await data('remove', 'binance', 'BTC/USDT', '--yes')).toMatchObject({ code: 0, text: 'binance BTC/USDT 5m: 1 months removed' });
    expect((await data('list')).text).toMatch(/^There is no history in .* yet/);
  });

  it.each([
    [['download', 'nowhere', 'BTC/USDT'], /^exchange_unknown: There is no exchange "nowhere"; known are binance/],
    [['download', 'binance', 'BTCUSDT'], /^validation_failed: symbol "BTCUSDT" is no symbol such as BTC\/USDT/],
    [['download', 'binance', 'BTC/USDT', '-i', '7m'], /^validation_failed: interval "7m" is none of 1m, /],
    [['download', 'binance', 'BTC/USDT', '--from', 'yesterday'], /^validation_failed: --from "yesterday" is no time such as 2026-01-31/],
    [['download', 'binance', 'BTC/USDT', '--from', '2026-02-30'], /^validation_failed: --from "2026-02-30" is no time/],
    [['download', 'binance', 'BTC/USDT', '--from', '2026-02-02', '--to', '2026-02-01'], /^validation_failed: --from must be before --to/],
    [['check', 'binance'], /^history_missing: There is no history of binance/],
    [['import', '/nowhere/BTC_USDT-5m.csv', '-e', 'binance'], /^validation_failed: .* is no file that can be read/],
    [['import', 'candles.xlsx', '-e', 'binance'], /^validation_failed: candles.xlsx: the name must end in csv, json, feather, parquet/],
    [['import', 'candles.csv'], /^validation_failed: Give --exchange, --symbol and --interval/],
    [['export', 'binance', 'BTC/USDT', '1m', 'x.csv'], /^history_missing: There is no history of binance BTC\/USDT 1m in that span/],
  ] as const)('refuses %j with what to do', async (args, message) => {
    const { code, text } = await data(...args);
    expect(code).toBe(1);
    expect(text).toMatch(message);
  });
});
