import { expect, it } from 'vitest';
import { canonicalUrl } from './canonical-url.ts';

it.each([
  ['/api/bots', '/api/v1/bots'],
  ['/api/bots?limit=1', '/api/v1/bots?limit=1'],
  ['/auth/login', '/api/v1/auth/login'],
  ['/api/v1/bots', '/api/v1/bots'],
  ['/api/v1', '/api/v1'],
  ['/api/v2/bots', '/api/v2/bots'],
  ['/api/v1x/bots', '/api/v1/v1x/bots'],
  ['/api', '/api'],
  ['/authors', '/authors'],
  ['/health', '/health'],
  ['/', '/'],
])('reads %s as %s', (url, canonical) => {
  expect(canonicalUrl(url)).toBe(canonical);
});
