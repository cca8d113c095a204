import { describe, expect, it } from 'vitest';
import { TEST_INSTRUMENT } from '#test/support/grid-run.ts';
import { parseTrades } from './trade-file.ts';

describe('a file of trades', () => {
  it('is read by the names of its columns, into increments', () => {
    const { length, at, priceTicks, sizeLots } = parseTrades(
      'id,time,price,qty\n1,1700000000,100.01,0.5\r\n2,2023-11-14T22:13:21Z,100.02,0.001\n',
      TEST_INSTRUMENT,
    );
    expect([length, ...at]).toEqual([2, 1_700_000_000_000, 1_700_000_001_000]);
    expect([...priceTicks, ...sizeLots]).toEqual([10_001, 10_002, 500, 1]);
  });

  it.each([
    ['a,b\n1,2', 'line 1: the header has no column for at, price, size'],
    ['timestamp,price,size\nyesterday,1,1', 'line 2: the timestamp is not a time'],
    ['timestamp,price,size\n1700000000,NaN,1', 'line 2: price "NaN" is not a number'],
    ['timestamp,price,size\n1700000000,1,-1', 'line 2: size "-1" is not a number'],
  ])('is refused with the line at fault: %#', (text, message) => {
    expect(() => parseTrades(text, TEST_INSTRUMENT)).toThrow(message);
  });
});
