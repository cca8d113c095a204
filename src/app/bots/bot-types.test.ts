import { expect, it } from 'vitest';
import { runsStrategy } from './bot-types.ts';

it.each([
  [null, 'grid', true],
  [['grid'], 'grid', true],
  [['grid'], 'dca', false],
  [['custom'], 'grid', false],
  [['custom'], 'dca', false],
  [['custom'], 'my-own', true],
  [['dca', 'custom'], 'dca', true],
  [['my-own'], 'my-own', true],
])('a process with the types %j and the strategy %s: %s', (types, strategy, expected) => {
  expect(runsStrategy(types, strategy)).toBe(expected);
});
