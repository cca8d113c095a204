import { describe, expect, it } from 'vitest';
import { RunningIds } from './running-ids.ts';

describe('running ids', () => {
  it('count from one without a gap', () => {
    const ids = new RunningIds('t');
    const made = Array.from({ length: 12_345 }, () => ids.next());
    expect(made).toEqual(Array.from({ length: 12_345 }, (_, index) => `t${index + 1}`));
  });
});
