/** What a person reads when Argosy starts or cannot start: short, with the address, and with what to do. */
import { expect, it } from 'vitest';
import { AppError, PortError } from '#core/errors.ts';
import { startFailure, welcomeScreen } from './_screen.ts';

const welcome = { version: '1.2.3', address: 'http://127.0.0.1:8000', dataDirectory: '/var/lib/argosy', venues: ['binance', 'paper'] };

it.each(['en', 'ru'] as const)('shows version, address, data and exchanges on one short screen (%s)', (language) => {
  const screen = welcomeScreen(welcome, language);
  for (const fact of ['Argosy 1.2.3', 'http://127.0.0.1:8000', '/var/lib/argosy', 'binance, paper', 'npm run demo', 'Ctrl+C']) expect(screen).toContain(fact);
  expect(screen.split('\n').length).toBeLessThanOrEqual(12);
});

it('says so where a process serves no address', () => {
  expect(welcomeScreen({ ...welcome, address: null }, 'en')).toContain('this process serves no pages');
});

const place = { host: '127.0.0.1', port: 8000 };
const systemError = (code: string) => Object.assign(new Error(`listen ${code}`), { code });

it.each([
  [systemError('EADDRINUSE'), 'port 8000 on 127.0.0.1 is in use by another program. Stop that program, or set PORT to another number: PORT=8001 npm start'],
  [systemError('EACCES'), 'this account may not listen on port 8000. Set PORT to a number above 1023.'],
  [systemError('EADDRNOTAVAIL'), 'this machine has no address "127.0.0.1". Set HOST to one it has, such as 127.0.0.1.'],
  [new AppError('configuration_invalid', 'PORT is "x": expected a whole number.'), 'PORT is "x": expected a whole number.'],
  [new PortError('store_unavailable', 'the database cannot be reached', { outcome: 'failed' }), 'the database cannot be reached'],
])('explains a failure with its remedy: %s', (error, paragraph) => {
  expect(startFailure(error, place)).toBe(paragraph);
});

it('shows where an unforeseen fault came from', () => {
  expect(startFailure(new TypeError('broken'), place)).toMatch(/^TypeError: broken\n {4}at /);
});
