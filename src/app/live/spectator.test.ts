/** What a connection is sent, as fast as it can read and no faster, on a pipe that the test empties. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '#test/support/manual-clock.ts';
import { HARD_BYTES, MAX_WAITING, type Place, PushFigures, SLOW_PATIENCE_MS, SOFT_BYTES, Spectator, type Wish } from './spectator.ts';
import { type Change, type Plain, Stream } from './stream.ts';

const ALL: Wish = { userId: 'ann', topics: new Set(['t']), shows: () => true };
const above = (least: number): Wish => ({ userId: 'ann', topics: new Set(['t']), shows: ({ data }) => Number(data?.['value']) >= least });

function rig(remembered = 100) {
  const clock = new ManualClock();
  const figures = new PushFigures();
  const stream = new Stream('epoch', remembered);
  const connect = (isStuck = false) => {
    const got: { readonly [field: string]: unknown }[] = [];
    const pending: (() => void)[] = [];
    const state = { isStuck, stuckBytes: SOFT_BYTES, ended: [] as string[] };
    const spectator = new Spectator({
      clock,
      figures,
      pipe: {
        send: (frame, onWritten) => {
          got.push(JSON.parse(new TextDecoder().decode(frame)));
          if (onWritten !== undefined) pending.push(onWritten);
        },
        buffered: () => (state.isStuck ? state.stuckBytes : 0),
        end: (reason) => void state.ended.push(reason),
      },
    });
    const changes = () => got.filter(({ type }) => type === 'change').map(({ key, seq, data }) => [key, seq, (data as Plain | null)?.['value'] ?? null]);
    const unstick = (): void => {
      state.isStuck = false;
      for (const written of pending.splice(0)) written();
      spectator.checkPace();
    };
    return { spectator, got, state, changes, unstick };
  };
  const say = (change: Change | null, ...to: { readonly spectator: Spectator }[]): void => {
    if (change !== null) for (const { spectator } of to) spectator.offer(change);
  };
  return { clock, figures, stream, connect, say };
}

describe('what is told to one user alone', () => {
  it('is as if it were not there for all others: in what there is, in changes, in what was missed, and when it goes', () => {
    const { stream, connect, say } = rig();
    const bobs: Wish = { ...ALL, userId: 'bob' };
    const [ann, bob, back] = [connect(), connect(), connect()];
    stream.put('t', 'hers', { value: 1 }, 'ann');
    ann.spectator.follow(stream, ALL, null);
    bob.spectator.follow(stream, bobs, null);
    const all = [ann, bob];
    const told = [stream.put('t', 'hers', { value: 2 }, 'ann'), stream.remove('t', 'hers'), stream.put('t', 'all', { value: 3 })];
    for (const change of told) say(change, ...all);
    back.spectator.follow(stream, bobs, { epoch: 'epoch', seq: 0 });
    for (const change of [stream.put('t', 'hers', { value: 4 }, 'ann'), stream.tell('t', 'hers', { value: 5 }, 'ann')]) say(change, ...all, back);
    expect(ann.got.find(({ type }) => type === 'snapshot')).toMatchObject({ items: [{ key: 'hers' }] });
    expect(ann.changes().map(([key, , value]) => [key, value])).toEqual([
      ['hers', 2],
      ['hers', null],
      ['all', 3],
      ['hers', 4],
      ['hers', 5],
    ]);
    for (const { got, changes } of [bob, back]) {
      expect(JSON.stringify(got)).not.toContain('hers');
      expect(changes().map(([key]) => key)).toEqual(['all']);
    }
  });
});

describe('a fast reader', () => {
  it('gets every change in its sequence, and what is the same again not at all', () => {
    const { stream, connect, say } = rig();
    const one = connect();
    one.spectator.follow(stream, ALL, null);
    for (const value of [1, 1, 2]) say(stream.put('t', 'a', { value }), one);
    say(stream.remove('t', 'a'), one);
    say(stream.remove('t', 'a'), one);
    expect(one.changes()).toEqual([
      ['a', 1, 1],
      ['a', 2, 2],
      ['a', 3, null],
    ]);
  });

  it('is told that a thing is gone from its view, once, and nothing of what it has never seen', () => {
    const { stream, connect, say } = rig();
    const one = connect();
    one.spectator.follow(stream, above(5), null);
    for (const value of [1, 6, 7, 2, 1]) say(stream.put('t', 'a', { value }), one);
    say(stream.remove('t', 'a'), one);
    expect(one.changes()).toEqual([
      ['a', 2, 6],
      ['a', 3, 7],
      ['a', 4, null],
    ]);
  });
});

describe('a slow reader', () => {
  it('gets the newest of each thing once it reads, and what was replaced is counted', () => {
    const { stream, connect, say, figures } = rig();
    const one = connect();
    one.spectator.follow(stream, ALL, null);
    one.state.isStuck = true;
    for (const [key, value] of [
      ['a', 1],
      ['b', 1],
      ['a', 2],
      ['a', 3],
    ] as const)
      say(stream.put('t', key, { value }), one);
    expect(one.changes()).toEqual([]);
    expect(one.spectator.place).toBeNull();
    one.unstick();
    expect(one.changes()).toEqual([
      ['b', 2, 1],
      ['a', 4, 3],
    ]);
    expect(figures).toMatchObject({ sent: 2, superseded: 2, endedSlow: 0 });
    expect(one.spectator.place).toEqual({ epoch: 'epoch', seq: 4 });
  });

  it('is sent away when it stays slow, not before', async () => {
    const { stream, connect, say, clock, figures } = rig();
    const one = connect(true);
    one.spectator.follow(stream, ALL, null);
    say(stream.put('t', 'a', { value: 1 }), one);
    await clock.advance(SLOW_PATIENCE_MS - 1);
    one.spectator.checkPace();
    expect(one.state.ended).toEqual([]);
    await clock.advance(1);
    one.spectator.checkPace();
    one.spectator.checkPace();
    expect(one.state.ended).toEqual(['slow']);
    expect(figures.endedSlow).toBe(1);
  });

  it('is sent away when it asks for everything again before it has read what it got', () => {
    const { stream, connect } = rig();
    const one = connect(true);
    one.spectator.follow(stream, ALL, null);
    expect(one.got).toHaveLength(2);
    one.state.stuckBytes = HARD_BYTES;
    one.spectator.follow(stream, ALL, null);
    expect(one.got).toHaveLength(2);
    expect(one.state.ended).toEqual(['slow']);
  });

  it('is sent away when too much waits', () => {
    const { stream, connect, say } = rig();
    const one = connect(true);
    one.spectator.follow(stream, ALL, null);
    for (let key = 0; key <= MAX_WAITING; key += 1) say(stream.put('t', String(key), { value: 1 }), one);
    expect(one.state.ended).toEqual(['slow']);
    expect(one.spectator.waiting).toBe(0);
  });
});

describe('whoever comes back', () => {
  const back = (place: Place) => {
    const { stream, connect, say } = rig(4);
    for (let value = 1; value <= 6; value += 1) say(stream.put('t', value % 2 === 0 ? 'even' : 'odd', { value }));
    const one = connect();
    one.spectator.follow(stream, ALL, place);
    return one;
  };

  it.each([
    [
      'remembered',
      { epoch: 'epoch', seq: 4 },
      'replay',
      [
        ['odd', 5, 5],
        ['even', 6, 6],
      ],
    ],
    [
      'the oldest that is remembered',
      { epoch: 'epoch', seq: 2 },
      'replay',
      [
        ['odd', 3, 3],
        ['even', 4, 4],
        ['odd', 5, 5],
        ['even', 6, 6],
      ],
    ],
    ['the present', { epoch: 'epoch', seq: 6 }, 'replay', []],
    ['too old', { epoch: 'epoch', seq: 1 }, 'snapshot', []],
    ['still to come', { epoch: 'epoch', seq: 7 }, 'snapshot', []],
    ['of another epoch', { epoch: 'before', seq: 6 }, 'snapshot', []],
  ] as const)('from a place that is %s', (_name, place, mode, changes) => {
    const one = back(place);
    expect(one.got[0]).toMatchObject({ type: 'subscribed', mode, epoch: 'epoch', seq: 6 });
    expect(one.changes()).toEqual(changes);
    expect(one.got.filter(({ type }) => type === 'snapshot')).toHaveLength(mode === 'snapshot' ? 1 : 0);
  });
});

it('is told in a replay that a thing came and went', () => {
  const { stream, connect } = rig();
  const place = { epoch: 'epoch', seq: 0 };
  stream.put('t', 'a', { value: 1 });
  stream.remove('t', 'a');
  stream.tell('t', 'b', { value: 2 });
  const one = connect();
  one.spectator.follow(stream, ALL, place);
  expect(one.changes()).toEqual([
    ['a', 1, 1],
    ['a', 2, null],
    ['b', 3, 2],
  ]);
});

it('ends with what is there, whatever was lost on the way, for any wish, pace and breaks of the connection', () => {
  const step = fc.oneof(
    { weight: 8, arbitrary: fc.record({ kind: fc.constant('put' as const), key: fc.constantFrom('a', 'b', 'c', 'd'), value: fc.nat(9) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), key: fc.constantFrom('a', 'b', 'c', 'd'), value: fc.constant(0) }) },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constantFrom('stick' as const, 'unstick' as const, 'reconnect' as const), key: fc.constant(''), value: fc.constant(0) }),
    },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), fc.nat(9), (steps, least) => {
      const { stream, connect, say } = rig(8);
      let one = connect();
      one.spectator.follow(stream, above(least), null);
      const known = new Map<string, unknown>();
      let place: Place = { epoch: 'epoch', seq: 0 };
      const read = (): void => {
        for (const message of one.got.splice(0)) {
          const { type, key, seq, data, items } = message as {
            type: string;
            key: string;
            seq: number;
            data: Plain | null;
            items: { key: string; data: Plain }[];
          };
          if (type === 'snapshot') {
            known.clear();
            for (const item of items) known.set(item.key, item.data['value']);
          } else if (type === 'change' && data === null) known.delete(key);
          else if (type === 'change') known.set(key, data?.['value']);
          if (type === 'change' || type === 'snapshot') place = { epoch: 'epoch', seq };
        }
      };
      for (const { kind, key, value } of steps) {
        if (kind === 'put') say(stream.put('t', key, { value }), one);
        else if (kind === 'remove') say(stream.remove('t', key), one);
        else if (kind === 'stick') one.state.isStuck = true;
        else if (kind === 'unstick') one.unstick();
        else {
          read();
          one.spectator.leave();
          one = connect();
          one.spectator.follow(stream, above(least), place);
        }
        read();
      }
      one.unstick();
      read();
      const there = [...stream.present()].flatMap(({ key, data }) => (Number(data?.['value']) >= least ? [[key, data?.['value']] as const] : []));
      expect(new Map(known)).toEqual(new Map(there));
    }),
    { numRuns: 1_000 },
  );
});
