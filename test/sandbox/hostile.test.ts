/** Every hostile program runs in a real sandbox beside an honest one: it alone is stopped, with the reason expected. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StrategySandbox } from '#core/sandbox/port.ts';
import { openStrategySandbox } from '#roles/_sandbox.ts';
import { HOSTILE } from './hostile-programs.ts';
import { LEGS_RECIPE, programOf, RECIPE, Rig } from './rig.ts';

/** Programs that end their process do so twice; on a busy machine that takes its time. */
const PATIENCE_MS = 60_000;

let sandbox: StrategySandbox;
let honest: Rig;
beforeAll(async () => {
  sandbox = openStrategySandbox({ startsPerMinute: 500, idleMs: 1_000 });
  honest = await new Rig(sandbox, programOf({ result: '{ n: 0 }', on: 'state.n += 1; tell(context, state.n)' }), 'honest').run(1);
});
afterAll(() => sandbox.close());

describe('a hostile program', () => {
  it('is one of at least sixty', () => {
    expect(HOSTILE.length).toBeGreaterThanOrEqual(60);
    expect(new Set(HOSTILE.map(({ name }) => name)).size).toBe(HOSTILE.length);
  });

  it.each(HOSTILE)(
    'that $name is contained',
    async ({ name, ends, tells, orders, isDeadly, hasLegs, quotes = 4, ...program }) => {
      const recipe = hasLegs === true ? LEGS_RECIPE : RECIPE;
      const rig = await new Rig(sandbox, programOf(program), isDeadly === true ? name : 'hostile', recipe).run(quotes);
      rig.own.close();
      if (ends === undefined) expect(rig.end).toBe('');
      else expect(rig.end).toMatch(ends);
      if (tells !== undefined) expect(rig.told[0]).toBe(tells);
      if (orders !== undefined) expect(rig.orders).toBeLessThanOrEqual(orders);
      const before = honest.told.length;
      await honest.quote(10_000 + before);
      expect(honest.end).toBe('');
      expect(honest.told.length).toBe(Math.min(before + 1, 60));
    },
    PATIENCE_MS,
  );
});
