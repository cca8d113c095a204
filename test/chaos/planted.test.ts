/** A bug that cannot be planted any more would make the chaos test look better than it is. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { environmentWith, PLANTS } from './planted.ts';

const ROOT = new URL('../..', import.meta.url).pathname.replace(/\/$/, '');

it.each(Object.entries(PLANTS))('%s: the text to change stands in its file, once', (_title, { file, from, to }) => {
  expect(readFileSync(`${ROOT}${file}`, 'utf8').split(from)).toHaveLength(2);
  expect(to).not.toBe(from);
});

it('knows only what is listed', () => {
  expect(environmentWith('absence is believed at once')['NODE_OPTIONS']).toMatch(/^--import=file:.*planted\.ts\?bug=absence%20is%20believed%20at%20once$/);
  expect(() => environmentWith('nothing')).toThrow('there is no bug "nothing" to plant');
});
