/** What a user wants to be told, where and when: the settings, and what they say of one event. */
import type { FactType } from '../facts.ts';
import { type ChannelName, type Language, type NoticeSource, SEVERITIES, type Severity, type Sound } from './notice.ts';
import { type QuietHours, quietUntil } from './quiet-hours.ts';
import { TEMPLATES, templateOf } from './templates.ts';

export const MIN_DIGEST_MINUTES = 5;
export const MAX_DIGEST_MINUTES = 1_440;
const MINUTE_MS = 60_000;

export interface ChannelSettings {
  readonly isOn: boolean;
  /** The event types told there; `null` for all but those that are for the asking. */
  readonly events: readonly FactType[] | null;
  /** Nothing below it; `null` where that of all channels decides. */
  readonly minimumSeverity: Severity | null;
}

export interface NotificationSettings {
  readonly language: Language;
  /** Nothing below it leaves the application. */
  readonly minimumSeverity: Severity;
  /** `null` for none. What is critical is told all the same. */
  readonly quietHours: QuietHours | null;
  /** Events gathered into one message every so many minutes; `null` tells each at once. What is critical is told at once. */
  readonly digest: { readonly everyMinutes: number; readonly events: readonly FactType[] } | null;
  /** A channel that is not named is on for everything. */
  readonly channels: Readonly<Partial<Record<ChannelName, ChannelSettings>>>;
  /** Where another sound than the template's is wanted. */
  readonly sounds: Readonly<Partial<Record<FactType, Sound>>>;
}

const NOISY = (Object.keys(TEMPLATES) as FactType[]).filter((type) => TEMPLATES[type].isNoisy === true);

/** What a user begins with: everything that matters at once, the noisy ones every hour, by e-mail only what needs attention. */
export function firstSettings(language: Language): NotificationSettings {
  return {
    language,
    minimumSeverity: 'info',
    quietHours: null,
    digest: { everyMinutes: 60, events: NOISY },
    channels: { email: { isOn: true, events: null, minimumSeverity: 'warning' } },
    sounds: {},
  };
}

/** What becomes of an event on a channel: told now, held back until then to be gathered with others, or not told there. */
export type Decision = { readonly kind: 'now' } | { readonly kind: 'held'; readonly until: number } | { readonly kind: 'not' };

export function decide(source: NoticeSource, settings: NotificationSettings, channel: ChannelName, at: number): Decision {
  const { severity } = templateOf(source.type);
  if (source.type === 'notification_test') return source.data['channel'] === channel ? NOW : NOT;
  // A channel cannot tell of its own end.
  if (source.type === 'channel_disabled' && source.data['channel'] === channel) return NOT;
  const own = settings.channels[channel];
  const minimum = own?.minimumSeverity ?? settings.minimumSeverity;
  if (own?.isOn === false || SEVERITIES.indexOf(severity) < SEVERITIES.indexOf(minimum)) return NOT;
  if (!isWanted(source.type, own?.events ?? null)) return NOT;
  if (severity === 'critical') return NOW;
  return whenOf(source.type, settings, at);
}

/** Whether an event is told where these are wanted; `null` where nothing was chosen. */
export function isWanted(type: FactType, events: ChannelSettings['events']): boolean {
  return events === null ? templateOf(type).isForTheAsking !== true : events.includes(type);
}

function whenOf(type: FactType, { digest, quietHours }: NotificationSettings, at: number): Decision {
  const everyMs = digest?.events.includes(type) === true ? digest.everyMinutes * MINUTE_MS : null;
  const gatheredAt = everyMs === null ? at : (Math.floor(at / everyMs) + 1) * everyMs;
  const until = quietHours === null ? gatheredAt : quietUntil(quietHours, gatheredAt);
  return until > at ? { kind: 'held', until } : NOW;
}

const NOW: Decision = { kind: 'now' };
const NOT: Decision = { kind: 'not' };
