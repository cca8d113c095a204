/** Closing goes backwards and through to the end, whatever fails on the way. */
import { expect, it } from 'vitest';
import { type KeptLine, quietLog } from '#test/support/quiet-log.ts';
import { Closing } from './_closing.ts';

it('closes the newest first, one after the other, and logs what cannot be closed', async () => {
  const lines: KeptLine[] = [];
  const closed: string[] = [];
  const closing = new Closing();
  const part = (name: string) => async () => {
    await Promise.resolve();
    closed.push(name);
  };
  closing.add('database', part('database'));
  closing.add('venue', () => Promise.reject(new Error('stuck')));
  closing.add('http', part('http'));
  await closing.run(quietLog(lines));
  expect(closed).toEqual(['http', 'database']);
  expect(lines.map(({ level, message, fields }) => [level, message, fields['part']])).toEqual([['error', 'a part could not be closed', 'venue']]);
});

it('closes nothing twice', async () => {
  let count = 0;
  const closing = new Closing();
  closing.add('database', async () => {
    count += 1;
  });
  await closing.run(quietLog());
  await closing.run(quietLog());
  expect(count).toBe(1);
});
