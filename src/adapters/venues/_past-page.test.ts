import { describe, expect, it } from 'vitest';
import { pageOf } from './_past-page.ts';

const at = (...times: number[]) => times.map((time) => ({ at: time }));

describe('a page of the past', () => {
  it('is whole to its end where the limit has not cut it, whatever the sequence', () => {
    expect(pageOf(at(5, 3, 99, 1), { from: 2, end: 10, limit: 100 }, 'x')).toEqual({ rows: at(3, 5), until: 10 });
    expect(pageOf([], { from: 2, end: 10, limit: 100 }, 'x')).toEqual({ rows: [], until: 10 });
  });

  it('ends before the moment of its last row where the limit has cut it', () => {
    expect(pageOf(at(2, 3, 4, 4), { from: 2, end: 10, limit: 4 }, 'x')).toEqual({ rows: at(2, 3), until: 4 });
  });

  it('is refused where one moment has more than the limit', () => {
    expect(() => pageOf(at(2, 2), { from: 2, end: 10, limit: 2 }, 'Here BTC/USDT')).toThrow('Here BTC/USDT: more happened at');
  });
});
