/** Charges are spread evenly, nobody is given what it may not have, and a fleet in balance is left alone. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Charge, MAX_MOVES, type SpreadRunner, spread } from './spread.ts';

const runner = (id: string, load: number, kinds: readonly string[] | null = null): SpreadRunner => ({
  id,
  load,
  runs: (kind) => kinds === null || kinds.includes(kind),
});
const free = (id: string, kind = 'grid', lastOwner: string | null = null): Charge => ({
  id,
  kind,
  group: id,
  lease: lastOwner === null ? null : { owner: lastOwner, isLive: false },
  isMovable: false,
});
const heldBy = (owner: string, count: number, kind = 'grid'): Charge[] =>
  Array.from({ length: count }, (_, index) => ({ id: `${owner}-${index}`, kind, group: `${owner}-${index}`, lease: { owner, isLive: true }, isMovable: true }));
const ids = (charges: readonly Charge[] | undefined): readonly string[] => (charges ?? []).map(({ id }) => id);
const many = (count: number): Charge[] => Array.from({ length: count }, (_, index) => free(`b${index}`));

describe('free charges', () => {
  it('go to whoever has the least, until all have the same', () => {
    const { takes } = spread(many(7), [runner('a', 4), runner('b', 0), runner('c', 2)]);
    expect([takes.get('a')?.length, takes.get('b')?.length, takes.get('c')?.length]).toEqual([1, 4, 2]);
  });

  it('go back to their last owner when that lives', () => {
    const { takes } = spread([free('x', 'grid', 'a'), free('y', 'grid', 'gone')], [runner('a', 9), runner('b', 0)]);
    expect(ids(takes.get('a'))).toEqual(['x']);
    expect(ids(takes.get('b'))).toEqual(['y']);
  });

  it('stay together by group as long as nobody gets more than an even share', () => {
    const charges = ['p', 'q', 'r', 's'].flatMap((group) => Array.from({ length: 3 }, (_, index) => ({ ...free(`${group}${index}`), group })));
    const { takes } = spread(charges, [runner('a', 0), runner('b', 0)]);
    expect([ids(takes.get('a')), ids(takes.get('b'))]).toEqual([
      ['p0', 'p1', 'p2', 'r0', 'r1', 'r2'],
      ['q0', 'q1', 'q2', 's0', 's1', 's2'],
    ]);
    expect(
      spread([{ ...free('x'), group: 'g' }, ...heldBy('b', 3).map((charge) => ({ ...charge, group: 'g' }))], [runner('a', 0), runner('b', 3)]).takes.get('a'),
    ).toHaveLength(1);
  });

  it('stay free when nobody may have them', () => {
    const { takes } = spread([free('x', 'dca')], [runner('a', 0, ['grid'])]);
    expect(takes.size).toBe(0);
  });

  it('go only to those that may have them', () => {
    const { takes } = spread([free('x', 'dca'), free('y', 'grid')], [runner('a', 0, ['grid']), runner('b', 50, ['dca'])]);
    expect(ids(takes.get('a'))).toEqual(['y']);
    expect(ids(takes.get('b'))).toEqual(['x']);
  });
});

describe('held charges', () => {
  it('move from the most to the least loaded, no more at once than is allowed', () => {
    const { gives } = spread(heldBy('a', 200), [runner('a', 200), runner('b', 0)]);
    expect(gives.get('a')).toHaveLength(MAX_MOVES);
    expect(gives.size).toBe(1);
  });

  it('stay where they are while the difference is small', () => {
    expect(spread([...heldBy('a', 3), ...heldBy('b', 2)], [runner('a', 3), runner('b', 2)]).gives.size).toBe(0);
    expect(spread([...heldBy('a', 104), ...heldBy('b', 100)], [runner('a', 104), runner('b', 100)]).gives.size).toBe(0);
  });

  it('move to where others of their group are', () => {
    const charges = [...heldBy('a', 5), ...heldBy('b', 1)].map((charge) => (['a-3', 'b-0'].includes(charge.id) ? { ...charge, group: 'g' } : charge));
    expect(ids(spread(charges, [runner('a', 5), runner('b', 1)]).gives.get('a'))).toEqual(['a-3', 'a-0']);
  });

  it('stay while as many are on their way already', () => {
    const charges = [...heldBy('a', 100), ...many(MAX_MOVES)];
    expect(spread(charges, [runner('a', 100), runner('b', 0)]).gives.size).toBe(0);
  });

  it('stay when they may not be moved, or when the idle may not have them', () => {
    const starting = heldBy('a', 9).map((charge) => ({ ...charge, isMovable: false }));
    expect(spread(starting, [runner('a', 9), runner('b', 0)]).gives.size).toBe(0);
    expect(spread(heldBy('a', 9), [runner('a', 9), runner('b', 0, ['dca'])]).gives.size).toBe(0);
  });
});

it('brings any fleet to rest with everything taken and nobody far above another, whoever computes it', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 6 }), fc.integer({ min: 0, max: 80 }), (loads, freeCount) => {
      let charges = [...loads.flatMap((load, index) => heldBy(`r${index}`, load)), ...many(freeCount)];
      const runnersOf = (): SpreadRunner[] =>
        loads.map((_, index) => runner(`r${index}`, charges.filter((charge) => charge.lease?.owner === `r${index}`).length));
      let rounds = 0;
      for (; rounds < 40; rounds += 1) {
        const { takes, gives } = spread(charges, runnersOf());
        if (takes.size === 0 && gives.size === 0) break;
        const taker = new Map([...takes].flatMap(([id, taken]) => taken.map((charge) => [charge.id, id] as const)));
        const given = new Set([...gives.values()].flatMap((each) => ids(each)));
        charges = charges.map((charge) => {
          const owner = taker.get(charge.id);
          if (owner !== undefined) return { ...charge, isMovable: true, lease: { owner, isLive: true } };
          return given.has(charge.id) ? { ...charge, lease: null } : charge;
        });
      }
      const ends = runnersOf().map(({ load }) => load);
      expect(rounds).toBeLessThan(40);
      expect(ends.reduce((sum, load) => sum + load, 0)).toBe(charges.length);
      const mean = charges.length / loads.length;
      expect(Math.max(...ends) - Math.min(...ends)).toBeLessThanOrEqual(Math.max(1, Math.floor(mean * 0.05)));
    }),
  );
});
