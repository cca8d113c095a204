/** A bug that cannot be planted any more would make the chaos test look better than it is. */
import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { expect, it } from 'vitest';
import { environmentWith, PLANTS } from './planted.ts';

const ROOT = new URL('../..', import.meta.url).pathname.replace(/\/$/, '');

it.each(Object.entries(PLANTS))('%s: the text to change stands in its file, once, and what comes of it can be loaded', (_title, { file, from, to }) => {
  const text = readFileSync(`${ROOT}${file}`, 'utf8');
  expect(text.split(from)).toHaveLength(2);
  expect(() => stripTypeScriptTypes(text.replace(from, to))).not.toThrow();
});

it('knows only what is listed', () => {
  expect(environmentWith('absence is believed at once')['NODE_OPTIONS']).toMatch(/^--import=file:.*planted\.ts\?bug=absence%20is%20believed%20at%20once$/);
  expect(() => environmentWith('nothing')).toThrow('there is no bug "nothing" to plant');
});
