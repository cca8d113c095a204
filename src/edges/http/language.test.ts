import { expect, it } from 'vitest';
import { languageOf } from './language.ts';

it.each([
  [undefined, 'en'],
  ['', 'en'],
  ['*', 'en'],
  ['ru', 'ru'],
  ['ru-RU,ru;q=0.9,en-US;q=0.8,en;q=0.7', 'ru'],
  ['en-US,en;q=0.9,ru;q=0.8', 'en'],
  ['en;q=0.5, ru;q=0.5', 'en'],
  ['de, ru;q=0.1', 'ru'],
  ['ru;q=0', 'en'],
  ['russian', 'en'],
  ['ru;q=nonsense', 'ru'],
])('reads %j as %s', (header, language) => {
  expect(languageOf(header)).toBe(language);
});
