import { describe, expect, it } from 'vitest';
import { csvOf } from './csv.ts';

const cell = (value: string | number | boolean | null) => csvOf([{ name: 'x', value: () => value }], [null]).split('\r\n')[1];

describe('a cell', () => {
  it.each(['=1+1', '+1', '-2+3', '@SUM(A1)', '\tx', '\rx', '-', '=cmd|calc', '|x', '%0a', '＝1'])(
    'that a spreadsheet would compute gets an apostrophe: %j',
    (text) => {
      expect(csvOf([{ name: 'x', value: () => text }], [null])).toContain(`'${text}`);
    },
  );

  it.each([
    ['-1.5', '-1.5'],
    [-0.25, '-0.25'],
    ['1e-7', '1e-7'],
    ['0.00001', '0.00001'],
    [true, 'true'],
    [null, ''],
    ['plain', 'plain'],
    ['a,b', '"a,b"'],
    ['say "x"', '"say ""x"""'],
  ])('%j reads %s', (value, text) => {
    expect(cell(value)).toBe(text);
  });
});

it('has a header and ends its lines with CR LF', () => {
  expect(
    csvOf(
      [
        { name: 'a', value: (row: number) => row },
        { name: 'b', value: () => 'x' },
      ],
      [1, 2],
    ),
  ).toBe('a,b\r\n1,x\r\n2,x\r\n');
});
