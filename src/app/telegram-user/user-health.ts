/** How the reading of channels as a person fares. Nothing else depends on it. */
import type { CheckResult, HealthCheck } from '#core/health.ts';
import type { Clock } from '#core/ports.ts';
import type { DeskStanding, UserDesk } from './user-desk.ts';

/** A silence, or a wait that Telegram demands, of this length is worth a look. */
const LONG_MS = 60_000;

/** `desk` is `null` while another process has the session. */
export function telegramUserCheck(desk: () => Pick<UserDesk, 'standing'> | null, clock: Clock): HealthCheck {
  return {
    name: 'telegram_user',
    isVital: false,
    look: () => Promise.resolve(looked(desk()?.standing() ?? null, clock.now())),
  };
}

function looked(standing: DeskStanding | null, now: number): CheckResult {
  if (standing === null) return { status: 'ok', detail: '', figures: { mode: 'standing_by' } };
  const { mode } = standing;
  if (mode !== 'reading') return { status: mode === 'leaving' ? 'ok' : 'degraded', detail: WORDS[mode], figures: { mode } };
  const { channels, failing, waitUntil, silentSince, posts, gaps } = standing;
  const waitMs = waitUntil === null ? 0 : waitUntil - now;
  const silentMs = silentSince === null ? 0 : now - silentSince;
  const figures: Record<string, number | string> = { mode, channels, posts, gaps };
  if (waitMs > 0) figures['wait_ms'] = waitMs;
  if (silentMs > 0) figures['silent_ms'] = silentMs;
  const problems = Object.entries(failing);
  for (const [problem, count] of problems) figures[`channels_${problem}`] = count;
  const said = [
    ...(silentMs >= LONG_MS ? ['Telegram does not answer'] : []),
    ...(waitMs >= LONG_MS ? ['Telegram wants to be left in peace'] : []),
    ...problems.map(([problem, count]) => `${count} of the channels cannot be read: ${problem}`),
  ];
  return { status: said.length === 0 ? 'ok' : 'degraded', detail: said.join('; '), figures };
}

const WORDS = {
  no_session: 'nobody is logged in: argosy telegram login',
  leaving: 'the session is being ended',
  unopened: 'the session was sealed under another master key: argosy telegram logout --forget, then login',
  revoked: 'Telegram has ended the session: argosy telegram login',
} as const;
