/** Following a table by numbers that are taken before they are seen. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { MAX_MISSING, OPEN_TRANSACTION_MS, UnseenRows } from './unseen-rows.ts';

it('asks again for what was passed over, until it can come no more', () => {
  const rows = new UnseenRows(10);
  rows.note([12, 14], 0);
  expect(rows.from).toMatchObject({ after: 14, missing: [11, 13] });
  rows.note([11], 1);
  expect(rows.from.missing).toEqual([13]);
  rows.note([], OPEN_TRANSACTION_MS + 1);
  expect(rows.from.missing).toEqual([]);
});

it('waits for so many numbers at most, the newest', () => {
  const rows = new UnseenRows(0);
  rows.note([1_000_000], 0);
  expect(rows.missing).toBe(MAX_MISSING);
  rows.note([1_000_010], 0);
  expect(rows.missing).toBe(MAX_MISSING);
  expect(rows.from.missing.at(-1)).toBe(1_000_009);
});

it('sees every row once, in whatever sequence transactions commit', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 20 }), { minLength: 1, maxLength: 60 }), (delays) => {
      const rows = new UnseenRows(0);
      const seen: number[] = [];
      for (let now = 0; now < 90; now += 1) {
        const { after, missing } = rows.from;
        const visible = delays.flatMap((delay, index) => (index + delay <= now ? [index + 1] : []));
        const read = visible.filter((id) => id > after || missing.includes(id));
        seen.push(...read);
        rows.note(read, now);
      }
      expect(seen.toSorted((one, other) => one - other)).toEqual(delays.map((_, index) => index + 1));
    }),
  );
});
