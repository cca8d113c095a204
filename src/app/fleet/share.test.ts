/** What others should take and do not is taken after a while, and what came back is not given away again. */
import { expect, it } from 'vitest';
import { ManualClock } from '#test/support/manual-clock.ts';
import { GRACE_MS, KEEP_MS, Share } from './share.ts';
import type { Charge, SpreadRunner } from './spread.ts';

const runner = (id: string, load: number): SpreadRunner => ({ id, load, runs: () => true });
const charge = (id: string, owner: string | null): Charge => ({
  id,
  kind: 'grid',
  group: id,
  lease: owner === null ? null : { owner, isLive: true },
  isMovable: true,
});
const ids = (charges: readonly Charge[]): readonly string[] => charges.map(({ id }) => id);

it('leaves to another what is the other’s, until it has taken nothing for the grace', async () => {
  const clock = new ManualClock(0);
  const share = new Share('a', clock);
  const fleet = [runner('a', 5), runner('b', 0)];
  expect(share.plan([charge('x', null)], fleet).takes).toEqual([]);
  await clock.advance(GRACE_MS);
  expect(share.plan([charge('x', null)], fleet).takes).toEqual([]);
  await clock.advance(1);
  expect(ids(share.plan([charge('x', null)], fleet).takes)).toEqual(['x']);
});

it('waits as long as the other gets on', async () => {
  const clock = new ManualClock(0);
  const share = new Share('a', clock);
  for (let load = 0; load < 10; load += 1) {
    expect(share.plan([charge('x', null)], [runner('a', 50), runner('b', load)]).takes).toEqual([]);
    await clock.advance(GRACE_MS);
  }
});

it('gives nothing away for a time after something it gave away came back', async () => {
  const clock = new ManualClock(0);
  const share = new Share('a', clock);
  const own = ['p', 'q', 'r', 's'].map((id) => charge(id, 'a'));
  const fleet = [runner('a', 4), runner('b', 0)];
  expect(ids(share.plan(own, fleet).gives)).toEqual(['p', 'q']);
  const isFree = [charge('p', null), charge('q', null), charge('r', 'a'), charge('s', 'a')];
  share.plan(isFree, [runner('a', 2), runner('b', 0)]);
  await clock.advance(GRACE_MS + 1);
  expect(ids(share.plan(isFree, [runner('a', 2), runner('b', 0)]).takes)).toEqual(['p', 'q']);
  expect(share.plan(own, fleet).gives).toEqual([]);
  await clock.advance(KEEP_MS);
  expect(ids(share.plan(own, fleet).gives)).toEqual(['p', 'q']);
});
