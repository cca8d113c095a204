import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { message } from '#test/venues/mexc/protobuf.ts';
import { UnreadableAnswer } from './_fields.ts';
import { namedFields, readMessage } from './_protobuf.ts';

describe('protocol buffers', () => {
  it('give texts and numbers back as they were written', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(Number.MAX_SAFE_INTEGER), fc.integer({ min: 1, max: 2 ** 20 }), (written, number, field) => {
        const bytes = message([
          [field, written],
          [field + 1, number],
        ]);
        expect(namedFields(readMessage(bytes), { text: field }, { number: field + 1 })).toEqual({ text: Buffer.from(written).toString(), number });
      }),
    );
  });

  it('pass over fields of every kind that are not known', () => {
    const fixed = Uint8Array.from([0x09, 1, 2, 3, 4, 5, 6, 7, 8, 0x15, 1, 2, 3, 4]);
    expect(namedFields(readMessage(Buffer.concat([fixed, message([[9, 'x']])])), { known: 9, missing: 8 }, { none: 7 })).toEqual({
      known: 'x',
      missing: '',
      none: 0,
    });
  });

  it('of any bytes at all are read or refused, and never anything else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        try {
          readMessage(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(UnreadableAnswer);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('cut off anywhere within a field are refused', () => {
    const bytes = message([[1, 'a text of some length']]);
    for (let length = 1; length < bytes.length; length += 1) expect(() => readMessage(bytes.subarray(0, length))).toThrow(UnreadableAnswer);
  });

  it('with a number where a text belongs are refused, and the other way round', () => {
    const read = readMessage(
      message([
        [1, 5],
        [2, 'x'],
      ]),
    );
    expect(() => namedFields(read, { text: 1 }, {})).toThrow(UnreadableAnswer);
    expect(() => namedFields(read, {}, { number: 2 })).toThrow(UnreadableAnswer);
  });
});
