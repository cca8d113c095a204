/** Take-over times are only worth reading when it is clear which stretch they measure. */
import { beforeEach, expect, it, vi } from 'vitest';
import { spread, TakeOvers, type Watched } from './take-overs.ts';

let one: Watched;
let other: Watched;
let takeOvers: TakeOvers;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: 0 });
  one = { name: 'one', disturbedAt: 0 };
  other = { name: 'other', disturbedAt: 0 };
  takeOvers = new TakeOvers();
  return () => vi.useRealTimers();
});

function open(runner: Watched, at: number): void {
  vi.setSystemTime(at);
  takeOvers.onLine(runner, JSON.stringify({ time: new Date(at).toISOString(), botId: 'bot', msg: 'run opened' }));
}

function at(ms: number, act: () => void): void {
  vi.setSystemTime(ms);
  act();
}

it('measures from the first blow to the bot running elsewhere', () => {
  open(one, 1_000);
  at(2_000, () => takeOvers.onHurt(one));
  at(9_000, () => takeOvers.onHurt(one));
  open(other, 17_000);
  expect(takeOvers.handOversMs).toEqual([15_000]);
  expect(takeOvers.restartsMs).toEqual([]);
});

it('leaves out what a runner took that had been hurt itself', () => {
  open(one, 1_000);
  at(2_000, () => takeOvers.onHurt(one));
  at(3_000, () => takeOvers.onHurt(other));
  at(4_000, () => takeOvers.onRestart(other));
  open(other, 17_000);
  expect(takeOvers.handOversMs).toEqual([]);
});

it('measures a restart from the start of the process', () => {
  open(one, 1_000);
  at(2_000, () => takeOvers.onHurt(one));
  at(12_000, () => takeOvers.onRestart(one));
  open(one, 13_500);
  expect(takeOvers.restartsMs).toEqual([1_500]);
});

it('counts a pause that a successor did not wait out', () => {
  open(one, 1_000);
  at(2_000, () => takeOvers.onHurt(one));
  open(other, 18_000);
  at(30_000, () => takeOvers.onWake(one));
  expect(takeOvers.contendedWakes).toBe(1);
});

it('forgets a pause that was shorter than the lease', () => {
  open(one, 1_000);
  at(2_000, () => takeOvers.onHurt(one));
  at(4_000, () => takeOvers.onWake(one));
  expect(takeOvers.contendedWakes).toBe(0);
  open(one, 60_000);
  expect(takeOvers.restartsMs).toEqual([]);
});

it('says how the samples are spread', () => {
  expect(spread([])).toBe('none');
  expect(spread([3_000, 1_000, 2_000])).toBe('p50 2.0 s, p90 3.0 s, max 3.0 s of 3');
});
