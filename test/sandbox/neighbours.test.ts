/** What one program does to the time and the process of another: nothing. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { openSandbox } from '#adapters/sandbox/sandbox.ts';
import type { StrategySandbox } from '#core/sandbox/port.ts';
import { openStrategySandbox } from '#roles/_sandbox.ts';
import { programOf, Rig } from './rig.ts';

let sandbox: StrategySandbox;
beforeAll(() => {
  sandbox = openStrategySandbox({ startsPerMinute: 500 });
});
afterAll(() => sandbox.close());

const counting = programOf({ result: '{ n: 0 }', on: 'state.n += 1; tell(context, state.n)' });

describe('a program beside another', () => {
  it('answers while the other runs in circles, in the same process of the same user', async () => {
    const honest = await new Rig(sandbox, counting, 'one user').run(1);
    const looping = await new Rig(sandbox, programOf({ on: 'for (;;);' }), 'one user').run(1);
    const ends: string[] = [];
    const stuck = looping.quote(10_001).then(() => ends.push('stuck'));
    for (let count = 0; count < 5; count += 1) await honest.quote(10_000 + count);
    ends.push('honest');
    await stuck;
    expect(ends).toEqual(['honest', 'stuck']);
    expect(honest.told).toHaveLength(5);
    expect(looping.end).toMatch(/^time/);
    looping.own.close();
    honest.own.close();
  }, 60_000);

  it('goes on from its state when the other has taken their process with it', async () => {
    const honest = await new Rig(sandbox, counting, 'another user').run(4);
    const bomb = await new Rig(sandbox, programOf({ on: 'const a = []; for (;;) a.push(new Array(1000).fill(1.1))' }), 'another user').run(1);
    await Promise.all([bomb.quote(10_001), honest.quote(10_001)]);
    await honest.quote(10_002);
    expect(bomb.end).toMatch(/^(memory|time|crashed)/);
    expect(honest.end).toBe('');
    expect(honest.told).toEqual(['1', '2', '3', '4', '5']);
    honest.own.close();
  }, 60_000);

  it('gives the same commands for the same events, in another process as well', async () => {
    const chance = programOf({ on: `tell(context, [Math.random(), Date.now(), new Date().toISOString(), typeof state].join())`, result: '{}' });
    const [one, other] = await Promise.all([new Rig(sandbox, chance, 'first').run(3), new Rig(sandbox, chance, 'second').run(3)]);
    expect(other.commands).toEqual(one.commands);
    expect(new Set(one.told).size).toBe(2);
    one.own.close();
    other.own.close();
  }, 60_000);
});

/** Children of this process that start processes of a sandbox. */
function launchers(): readonly number[] {
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').split(' ').filter(Boolean);
  return children.filter((pid) => commandOf(pid).includes('launcher-process')).map(Number);
}

/** Empty for one that is gone. */
function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

const MOST_QUOTES = 10_000;

/** Goes on with a run until there is a launcher that is none of these. */
async function quotedUntilAnother(rig: Rig, known: readonly number[]): Promise<number> {
  for (let count = 0; count < MOST_QUOTES; count += 1) {
    await rig.quote(10_000);
    const another = launchers().find((pid) => !known.includes(pid));
    if (another !== undefined) return another;
  }
  throw new Error('no other launcher was begun');
}

describe.runIf(process.platform === 'linux')('a sandbox whose launcher is killed', () => {
  it('begins its runs anew at once, from their state, and blames none of them, however often', async () => {
    const known = [...launchers()];
    const own = openStrategySandbox();
    onTestFinished(() => own.close());
    const rig = await new Rig(own, counting, 'one user').run(2);
    for (let count = 0; count < 5; count += 1) {
      const launcher = await quotedUntilAnother(rig, known);
      known.push(launcher);
      process.kill(launcher, 'SIGKILL');
    }
    await quotedUntilAnother(rig, known);
    expect(rig.end).toBe('');
    expect(rig.told.length).toBeGreaterThan(5);
    expect(rig.told).toEqual(Array.from(rig.told, (_, index) => String(index + 1)));
    rig.own.close();
  }, 60_000);
});

describe('a sandbox that cannot start its processes', () => {
  it('blames no program: a run begins again later, and loses nothing', async () => {
    const nowhere = openSandbox({ source: '/nowhere/at/all', guest: '/nowhere/guest.ts', api: '/nowhere/api.ts', types: '/nowhere/api.d.ts' });
    onTestFinished(() => nowhere.close());
    await expect(nowhere.check('user', counting.files)).rejects.toMatchObject({ code: 'sandbox_unavailable' });
  });

  it('starts no more of them than it may, and not too often', async () => {
    const narrow = openStrategySandbox({ processes: 1 });
    onTestFinished(() => narrow.close());
    const first = await new Rig(narrow, counting, 'first').run(2);
    await expect(new Rig(narrow, counting, 'second').run(1)).rejects.toMatchObject({ code: 'sandbox_unavailable' });
    expect(first.end).toBe('');
    const slow = openStrategySandbox({ startsPerMinute: 2 });
    onTestFinished(() => slow.close());
    const bomb = new Rig(slow, programOf({ on: 'for (;;);' }), 'bomber');
    await expect(
      (async () => {
        await bomb.run(1);
        await new Rig(slow, programOf({ on: 'for (;;);' }), 'bomber').run(3);
        await new Rig(slow, programOf({ on: 'for (;;);' }), 'bomber').run(3);
      })(),
    ).rejects.toMatchObject({ code: 'sandbox_unavailable' });
  }, 60_000);
});
