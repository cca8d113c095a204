/** What the health says of the owner's session at Telegram. */
import { expect, it } from 'vitest';
import { ManualClock } from '#test/support/manual-clock.ts';
import type { DeskStanding } from './user-desk.ts';
import { telegramUserCheck } from './user-health.ts';

const clock = new ManualClock(1_000_000);
const READING = { mode: 'reading', channels: 2, failing: {}, waitUntil: null, silentSince: null, posts: 3, gaps: 0 } as const;

it.each<[string, DeskStanding | null, string, string]>([
  ['stands by', null, 'ok', ''],
  ['reads', READING, 'ok', ''],
  ['has no session', { mode: 'no_session' }, 'degraded', 'nobody is logged in: argosy telegram login'],
  ['was ended by Telegram', { mode: 'revoked' }, 'degraded', 'Telegram has ended the session: argosy telegram login'],
  [
    'does not open under this master key',
    { mode: 'unopened' },
    'degraded',
    'the session was sealed under another master key: argosy telegram logout --forget, then login',
  ],
  ['is being ended', { mode: 'leaving' }, 'ok', 'the session is being ended'],
  ['waits a moment', { ...READING, waitUntil: 1_000_000 + 59_999 }, 'ok', ''],
  ['waits long', { ...READING, waitUntil: 1_000_000 + 60_000 }, 'degraded', 'Telegram wants to be left in peace'],
  ['hears nothing for long', { ...READING, silentSince: 1_000_000 - 60_000 }, 'degraded', 'Telegram does not answer'],
  ['cannot read a channel', { ...READING, failing: { no_access: 1 } }, 'degraded', '1 of the channels cannot be read: no_access'],
])('%s', async (_name, standing, status, detail) => {
  const check = telegramUserCheck(() => (standing === null ? null : { standing: () => standing }), clock);
  expect(await check.look()).toMatchObject({ status, detail, figures: { mode: standing?.mode ?? 'standing_by' } });
  expect(check.isVital).toBe(false);
});
