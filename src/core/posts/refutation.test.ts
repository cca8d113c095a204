/** Which refutations are the last word. */
import { expect, it } from 'vitest';
import { FRESH_WINDOW_MS, isLastWord } from './refutation.ts';

it.each([
  ['one in the first moments', { reason: 'spread_gone', ageMs: 0, wasConfirmed: false }, false],
  ['one at the last moment of the window', { reason: 'spread_gone', ageMs: FRESH_WINDOW_MS - 1, wasConfirmed: false }, false],
  ['one after it', { reason: 'spread_gone', ageMs: FRESH_WINDOW_MS, wasConfirmed: false }, true],
  ['another token, at any time', { reason: 'other_token', ageMs: 0, wasConfirmed: false }, true],
  ['what was true and has gone', { reason: 'spread_gone', ageMs: 0, wasConfirmed: true }, true],
])('%s', (_what, refutation, isLast) => {
  expect(isLastWord(refutation)).toBe(isLast);
});
