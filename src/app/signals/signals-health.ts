/** How the looking for signals fares: which places are read, which are not and why. Nothing else depends on it. */
import type { CheckResult, HealthCheck } from '#core/health.ts';
import type { Clock } from '#core/ports.ts';
import { MAX_LIVE } from '#core/signals/signal-engine.ts';
import type { SignalDesk } from './signal-desk.ts';

/** A feed is late when so many of its readings have not come, and for so long at least. */
const LATE_READINGS = 5;
const LATE_MS = 30_000;

/** `desk` is `null` while another process scans; `places` are those that this one may read. */
export function signalsCheck(places: readonly string[], desk: () => Pick<SignalDesk, 'standing'> | null, clock: Clock): HealthCheck {
  return {
    name: 'signals',
    isVital: false,
    look: () => Promise.resolve(places.length === 0 ? OFF : looked(desk()?.standing() ?? null, clock.now())),
  };
}

const OFF: CheckResult = { status: 'ok', detail: '', figures: { mode: 'off' } };

function looked(standing: ReturnType<SignalDesk['standing']> | null, now: number): CheckResult {
  if (standing === null) return { status: 'ok', detail: '', figures: { mode: 'standing_by' } };
  const { feeds, open, followed, listings, pairs, told, unkept } = standing;
  const failing = feeds.filter(({ problem }) => problem !== '');
  const late = feeds.filter(({ readAt, everyMs, problem }) => problem === '' && readAt !== null && now - readAt > Math.max(LATE_MS, LATE_READINGS * everyMs));
  const drifted = feeds.filter(({ unreadable, problem }) => problem === '' && unreadable > 0);
  const figures: Record<string, number | string> = { mode: 'scanning', open, followed, listings, pairs, told, unkept };
  for (const { name, problemCode } of failing) figures[`${wire(name)}_problem`] = problemCode;
  for (const { name, unreadable } of drifted) figures[`${wire(name)}_unreadable_rows`] = unreadable;
  for (const { name, readAt } of late) figures[`${wire(name)}_age_ms`] = now - (readAt ?? now);
  const isReachable = feeds.some(({ readAt, problem }) => readAt !== null && problem === '');
  if (!isReachable && failing.length > 0) return { status: 'degraded', detail: 'no place can be reached: no signals are looked for', figures };
  const said = [
    ...(followed >= MAX_LIVE ? [`${followed} signals are followed at once: no new ones are looked at`] : []),
    ...failing.map(({ name, problem }) => `${name}: ${problem}`),
    ...late.map(({ name }) => `${name} is late`),
    ...drifted.map(({ name, unreadable }) => `${name}: ${unreadable} rows make no sense`),
  ];
  return { status: said.length === 0 ? 'ok' : 'degraded', detail: said.join('; '), figures };
}

function wire(name: string): string {
  return name.replaceAll(' ', '_');
}
