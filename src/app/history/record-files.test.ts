import { describe, expect, it } from 'vitest';
import { featherCodec } from '#adapters/history/feather.ts';
import { parquetCodec } from '#adapters/history/parquet.ts';
import type { Records } from '#core/record-history.ts';
import { FORMATS, namedCandles, recordFileNameOf } from './file-names.ts';
import { readRecordFile, writeRecordFile } from './record-files.ts';

const CODECS = { feather: featherCodec, parquet: parquetCodec };
const AT = Float64Array.of(1_637_193_600_017, 1_637_222_400_003);
const FUNDING: Records = { length: 2, at: AT, columns: { rate: Float64Array.of(0.0001, -0.00025) } };
const TRADES: Records = { length: 2, at: AT, columns: { price: Float64Array.of(100.5, 99), size: Float64Array.of(0.001, 3), side: Float64Array.of(1, -1) } };
const bytes = (text: string) => new TextEncoder().encode(text);

describe('a file of records', () => {
  it.each(FORMATS)('of settlements comes back from %s as it was', async (format) => {
    expect(await readRecordFile(await writeRecordFile(FUNDING, 'funding', format, CODECS), 'funding', format, CODECS)).toEqual(FUNDING);
  });

  it.each(['csv', 'json', 'parquet'] as const)('of trades comes back from %s as it was', async (format) => {
    expect(await readRecordFile(await writeRecordFile(TRADES, 'trades', format, CODECS), 'trades', format, CODECS)).toEqual(TRADES);
  });

  it('of settlements is for freqtrade a candle that opens at the rate', async () => {
    const table = await featherCodec.decode(await writeRecordFile(FUNDING, 'funding', 'feather', CODECS), ['date', 'open', 'high', 'low', 'close', 'volume']);
    expect([...table.columns.keys()]).toEqual(['date', 'open', 'high', 'low', 'close', 'volume']);
    expect(table.columns.get('open')).toEqual(Float64Array.of(0.0001, -0.00025));
  });

  it('of settlements is read as freqtrade writes it: nanoseconds, some milliseconds after the hour', async () => {
    const { makeData, makeVector, Table, tableToIPC, TimestampNanosecond, Float64 } = await import('apache-arrow');
    const times = BigInt64Array.of(1_637_481_600_004_000_000n, 1_637_510_400_017_000_000n);
    const column = (...values: number[]) => makeVector(makeData({ type: new Float64(), length: 2, data: Float64Array.from(values) }));
    const table = new Table({
      date: makeVector(makeData({ type: new TimestampNanosecond('UTC'), length: 2, data: times })),
      open: column(0.0001, 0.0003),
      ...Object.fromEntries(['high', 'low', 'close', 'volume'].map((name) => [name, column(0, 0)])),
    });
    expect(await readRecordFile(tableToIPC(table, 'file'), 'funding', 'feather', CODECS)).toEqual({
      length: 2,
      at: Float64Array.of(1_637_481_600_004, 1_637_510_400_017),
      columns: { rate: Float64Array.of(0.0001, 0.0003) },
    });
  });

  it('is read by the names that exchanges and others give', async () => {
    const csv = 'fundingTime,symbol,fundingRate\n1637193600017,BTCUSDT,0.0001\n1637222400003,BTCUSDT,-0.00025\n';
    expect(await readRecordFile(bytes(csv), 'funding', 'csv', CODECS)).toEqual(FUNDING);
    const json = [{ timestamp: 1_637_193_600_017, amount: '0.001', price: '100.5', side: 'buy' }, [1_637_222_400_003, 99, 3, 'sell']];
    expect(await readRecordFile(bytes(JSON.stringify(json)), 'trades', 'json', CODECS)).toEqual(TRADES);
    for (const offered of [
      'timestamp,symbol,side,size,price,tickDirection\n1637193600.017,BTCUSDT,Buy,0.001,100.5,PlusTick\n1637222400.003,BTCUSDT,Sell,3,99,MinusTick',
      'id,timestamp,price,volume,side\n1,1637193600017,100.5,0.001,buy\n2,1637222400003,99,3,sell',
      'instrument_name,trade_id,side,price,size,created_time\nBTC-USDT,1,buy,100.5,0.001,1637193600017\nBTC-USDT,2,sell,99,3,1637222400003',
      'agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker\n1,100.5,0.001,1,1,1637193600017,false\n2,99,3,2,2,1637222400003,true',
    ])
      expect(await readRecordFile(bytes(offered), 'trades', 'csv', CODECS), offered).toEqual(TRADES);
  });

  it.each([
    ['funding', 'timestamp,rate\n1637193600017,0.2\n', 'line 2 has a rate beyond 0.1'],
    ['funding', 'timestamp,rate\n1637193600017,0.01\n1637193600017,0.01\n', 'line 3 does not come after'],
    ['trades', 'timestamp,price,size\n1637193600017,0,1\n', 'line 2 has a price or a size'],
    ['trades', 'timestamp,price,size\n1637193600017,5,x\n', 'line 2 has "x" for size'],
    ['trades', 'timestamp,price,size,side\n1637193600017,5,1,up\n', 'line 2 has "up" for side'],
    ['trades', 'price,size\n5,1\n', 'line 2 has no time'],
    ['trades', 'timestamp,price,size\n', 'holds nothing'],
  ] as const)('of %s is refused with the line: %s', async (kind, text, problem) => {
    await expect(readRecordFile(bytes(text), kind, 'csv', CODECS)).rejects.toMatchObject({
      code: 'candles_invalid',
      message: expect.stringContaining(problem),
    });
  });

  it('has the names that freqtrade looks for', () => {
    expect(namedCandles('XRP_USDT_USDT-8h-funding_rate.feather')).toEqual({ symbol: 'XRP/USDT:USDT', records: 'funding', format: 'feather', isGzip: false });
    expect(namedCandles('XRP_ETH-trades.feather')).toEqual({ symbol: 'XRP/ETH', records: 'trades', format: 'feather', isGzip: false });
    expect(() => namedCandles('XRP_USDT_USDT-1h-mark.feather')).toThrow('mark prices');
    expect(recordFileNameOf('XRP/USDT:USDT', 'funding', 'feather')).toBe('futures/XRP_USDT_USDT-8h-funding_rate.feather');
    expect(recordFileNameOf('XRP/ETH', 'trades', 'parquet')).toBe('XRP_ETH-trades.parquet');
  });
});
