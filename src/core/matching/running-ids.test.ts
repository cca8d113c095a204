import { describe, expect, it } from 'vitest';
import { PLAIN_PREFIX, RunningIds } from './running-ids.ts';

describe('running ids', () => {
  it.each([PLAIN_PREFIX, 'other'])('of %s count from one without a gap, past those that are kept and from the beginning again', (prefix) => {
    const expected = Array.from({ length: 70_000 }, (_, index) => `${prefix}${index + 1}`);
    for (let round = 0; round < 2; round += 1) {
      const ids = new RunningIds(prefix);
      expect(Array.from({ length: 70_000 }, () => ids.next())).toEqual(expected);
    }
  });

  it('of two that take turns are each its own', () => {
    const one = new RunningIds(PLAIN_PREFIX);
    const other = new RunningIds(PLAIN_PREFIX);
    expect([one.next(), other.next(), one.next(), one.next(), other.next()]).toEqual(['t1', 't1', 't2', 't3', 't2']);
  });
});
