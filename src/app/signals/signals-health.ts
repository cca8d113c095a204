/**
 * How the looking for signals fares: which places are read, which are not and why. Something is amiss only with what somebody depends on: a
 * place that the configuration names, that has answered since the start, for which the owner has named an account, or for whose signals a
 * running bot waits. Of the others it is told that they have not been reached: a machine without a way out is well for all that it does.
 */
import type { CheckResult, HealthCheck } from '#core/health.ts';
import type { Clock } from '#core/ports.ts';
import { MAX_LIVE } from '#core/signals/signal-engine.ts';
import type { SignalWaiter } from '#core/signals/signal-store.ts';
import type { FeedStanding } from './feed-loop.ts';
import type { SignalDesk } from './signal-desk.ts';

/** A feed is late when so many of its readings have not come, and for so long at least. */
const LATE_READINGS = 5;
const LATE_MS = 30_000;

export interface SignalsHealthParts {
  /** Places that this process may read. */
  readonly places: readonly string[];
  /** Whether the configuration names them; otherwise they are all there are. */
  readonly areNamed: boolean;
  /** `null` while another process scans. */
  readonly desk: () => Pick<SignalDesk, 'standing'> | null;
  /** Readings by accounts that the owner has named. */
  readonly networks: () => readonly FeedStanding[];
  /** Running bots that wait for signals; asked only where that decides. */
  readonly waiters: () => Promise<readonly Pick<SignalWaiter, 'mode' | 'exchange' | 'config'>[]>;
  readonly clock: Clock;
}

export function signalsCheck(parts: SignalsHealthParts): HealthCheck {
  return { name: 'signals', isVital: false, look: async () => (parts.places.length === 0 ? OFF : looked(parts)) };
}

const OFF: CheckResult = { status: 'ok', detail: '', figures: { mode: 'off' } };

async function looked({ areNamed, desk, networks, waiters, clock }: SignalsHealthParts): Promise<CheckResult> {
  const standing = desk()?.standing() ?? null;
  if (standing === null) return { status: 'ok', detail: '', figures: { mode: 'standing_by' } };
  const { feeds, ...counts } = standing;
  const reached = new Set(feeds.flatMap((feed) => (feed.readAt === null ? [] : [placeOf(feed)])));
  const isReachable = feeds.some(({ readAt, problem }) => readAt !== null && problem === '');
  const doubtful = areNamed ? [] : feeds.filter((feed) => feed.problem !== '' && !reached.has(placeOf(feed)));
  const needed = doubtful.length === 0 ? [] : placesFor(await waiters());
  const alarming = (feed: FeedStanding): boolean => !doubtful.includes(feed) || needed.includes(placeOf(feed));
  const byAccounts = networks();
  const faults = faultsOf([...feeds, ...byAccounts], clock.now());
  const figures = { mode: 'scanning', ...counts, ...faults.figures };
  if (!isReachable && feeds.some(({ problem }) => problem !== '')) {
    const isMissed = areNamed || reached.size > 0 || needed.length > 0 || byAccounts.some(({ problem }) => problem !== '');
    if (isMissed) return { status: 'degraded', detail: 'no place can be reached: no signals are looked for', figures };
    return { status: 'ok', detail: `${NOT_REACHED}: no signals are looked for, and nothing here waits for any`, figures: { ...figures, mode: 'not_reached' } };
  }
  const said = [
    ...(counts.followed >= MAX_LIVE ? [`${counts.followed} signals are followed at once: no new ones are looked at`] : []),
    ...faults.said.filter(({ feed }) => alarming(feed)).map(({ text }) => text),
  ];
  const missing = [...new Set(doubtful.filter((feed) => !alarming(feed)).map(placeOf))].map((place) => `${place} has not been reached since the start`);
  return { status: said.length === 0 ? 'ok' : 'degraded', detail: [...said, ...missing].join('; '), figures };
}

const NOT_REACHED = 'no place has been reached since the start';

interface Faults {
  readonly said: readonly { readonly feed: FeedStanding; readonly text: string }[];
  readonly figures: Readonly<Record<string, number | string>>;
}

function faultsOf(feeds: readonly FeedStanding[], now: number): Faults {
  const said: { feed: FeedStanding; text: string }[] = [];
  const figures: Record<string, number | string> = {};
  const note = (feed: FeedStanding, text: string, figure: string, value: number | string): void => {
    said.push({ feed, text });
    figures[`${feed.name.replaceAll(' ', '_')}_${figure}`] = value;
  };
  const well = feeds.filter(({ problem }) => problem === '');
  for (const feed of feeds) if (feed.problem !== '') note(feed, `${feed.name}: ${feed.problem}`, 'problem', feed.problemCode);
  for (const feed of well) {
    const ageMs = feed.readAt === null ? 0 : now - feed.readAt;
    if (ageMs > Math.max(LATE_MS, LATE_READINGS * feed.everyMs)) note(feed, `${feed.name} is late`, 'age_ms', ageMs);
  }
  for (const feed of well) if (feed.unreadable > 0) note(feed, `${feed.name}: ${feed.unreadable} rows make no sense`, 'unreadable_rows', feed.unreadable);
  return { said, figures };
}

function placeOf({ name }: FeedStanding): string {
  return name.split(' ')[0] ?? name;
}

/** Stands for whichever place has the signal: on paper a bot takes it from any. */
const ANY = '';

function placesFor(waiters: Awaited<ReturnType<SignalsHealthParts['waiters']>>): readonly string[] {
  return waiters.map(({ mode, exchange, config }) => (mode === 'live' ? exchange : config['start_signal'] === 'mexc-spot-futures' ? 'mexc' : ANY));
}
