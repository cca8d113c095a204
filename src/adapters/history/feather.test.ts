/** Feather as freqtrade writes it and takes it: by the place of a column, in milliseconds of UTC, doubles. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { featherCodec } from './feather.ts';

/** freqtrade names the columns of what it reads by their place, so there must be these and no others. */
const CANDLES = ['date', 'open', 'high', 'low', 'close', 'volume'];
const START = Date.UTC(2026, 0, 1);
const tableOf = (rows: number) => ({
  rows,
  columns: new Map(
    CANDLES.map((name, place) => [name, Float64Array.from({ length: rows }, (_, index) => (place === 0 ? START + index * 300_000 : place + index / 8))]),
  ),
});

describe('a Feather file', () => {
  it.each([0, 1, 3, 2_000])('of %i rows has freqtrade’s columns in its sequence, milliseconds of UTC and doubles, and comes back as it was', async (rows) => {
    const { tableFromIPC } = await import('apache-arrow');
    const bytes = await featherCodec.encode(tableOf(rows));
    const told = tableFromIPC(bytes);
    expect(told.schema.fields.map(({ name, type }) => `${name} ${type}`)).toEqual([
      'date Timestamp<MILLISECOND, UTC>',
      ...CANDLES.slice(1).map((name) => `${name} Float64`),
    ]);
    expect(told.numRows).toBe(rows);
    expect(new TextDecoder().decode(bytes.slice(0, 6)), 'a file, not a stream').toBe('ARROW1');
    expect(await featherCodec.decode(bytes, CANDLES)).toEqual(tableOf(rows));
  });

  it('with more columns than are asked for, in any sequence, of texts, flags and lists, gives those that are asked for', async () => {
    const { makeData, makeVector, Table, tableToIPC, vectorFromArray, Utf8, Bool, Float32, Int64, List, Field, Float64 } = await import('apache-arrow');
    const list = vectorFromArray([[1.5], [2.5, 3]], new List(new Field('item', new Float64(), true)));
    const table = new Table({
      id: vectorFromArray(['a', 'b'], new Utf8()),
      amount: makeVector(makeData({ type: new Float32(), length: 2, data: Float32Array.of(0.5, 2) })),
      side: vectorFromArray(['buy', 'sell']),
      isMaker: vectorFromArray([true, false], new Bool()),
      levels: list,
      timestamp: makeVector(makeData({ type: new Int64(), length: 2, data: BigInt64Array.of(BigInt(START), BigInt(START + 1)) })),
      price: makeVector(makeData({ type: new Float64(), length: 2, data: Float64Array.of(100.5, 99) })),
    });
    expect(await featherCodec.decode(tableToIPC(table, 'file'), ['timestamp', 'price', 'amount', 'cost'])).toEqual({
      rows: 2,
      columns: new Map([
        ['amount', Float64Array.of(0.5, 2)],
        ['timestamp', Float64Array.of(START, START + 1)],
        ['price', Float64Array.of(100.5, 99)],
      ]),
    });
  });

  it('in several batches is read as one', async () => {
    const { Table, tableFromIPC, tableToIPC } = await import('apache-arrow');
    const [one, two] = [tableOf(3), tableOf(5)].map(async (each) => tableFromIPC(await featherCodec.encode(each)));
    if (one === undefined || two === undefined) throw new Error('there are two');
    const joined = new Table([...(await one).batches, ...(await two).batches]);
    const { rows, columns } = await featherCodec.decode(tableToIPC(joined, 'file'), CANDLES);
    expect([rows, columns.get('volume')]).toEqual([8, Float64Array.of(5, 5.125, 5.25, 5, 5.125, 5.25, 5.375, 5.5)]);
  });

  it.each(['BTC_USDT-5m.feather', 'zstd.feather', 'plain.feather'])('%s, packed or not, goes out again as freqtrade takes it', async (name) => {
    const read = await featherCodec.decode(readFileSync(new URL(`../../../test/history/${name}`, import.meta.url)), CANDLES);
    expect([...read.columns.keys()]).toEqual(CANDLES);
    expect(read.rows).toBeGreaterThan(0);
    expect(await featherCodec.decode(await featherCodec.encode(read), CANDLES)).toEqual(read);
  });

  it.each([
    ['a text where a number belongs', 'price', 'column price is of type'],
    ['a flag where a number belongs', 'flag', 'column flag is of type Bool'],
  ])('with %s is refused by name', async (_what, name, problem) => {
    const { Table, tableToIPC, vectorFromArray, Bool } = await import('apache-arrow');
    const bytes = tableToIPC(new Table({ price: vectorFromArray(['1', '2']), flag: vectorFromArray([true, false], new Bool()) }), 'file');
    await expect(featherCodec.decode(bytes, [name])).rejects.toMatchObject({ code: 'candles_invalid', message: expect.stringContaining(problem) });
  });
});
