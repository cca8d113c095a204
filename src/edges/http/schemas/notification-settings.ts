/** Wire shapes of what a user wants to be told, where and when. */
import { z } from 'zod';
import { FACT_TYPES } from '#core/facts.ts';
import { CHANNELS, type ChannelName, SEVERITIES, SOUNDS } from '#core/notices/notice.ts';
import { firstSettings, MAX_DIGEST_MINUTES, MIN_DIGEST_MINUTES, type NotificationSettings } from '#core/notices/settings.ts';

const language = z.enum(['en', 'ru']);
export const severity = z.enum(SEVERITIES);
export const eventType = z.enum(FACT_TYPES);
export const channel = z.enum(CHANNELS);
const eventTypes = z.array(eventType).max(FACT_TYPES.length);
const minuteText = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day such as 22:30');

const QuietHours = z.strictObject({
  from: minuteText.describe('When it begins, such as `22:00`.'),
  to: minuteText.describe('When it ends; before `from` it is on the next day.'),
  time_zone: z.string().max(64).describe('Whose day that is, as a name such as `Europe/Moscow`.'),
});
const Digest = z.strictObject({
  every_minutes: z.int().min(MIN_DIGEST_MINUTES).max(MAX_DIGEST_MINUTES).describe('How often they are told.'),
  events: eventTypes.describe('Which events are gathered.'),
});
const ChannelChoice = z.strictObject({
  is_on: z.boolean().describe('Whether anything is told there.'),
  events: eventTypes.nullable().describe('The events told there; `null` for all but signals, which are told where they are named.'),
  minimum_severity: severity.nullable().describe('Nothing below it is told there; `null` where that of all channels decides.'),
});

const settingsFields = {
  language: language.describe('In which language you are told.'),
  minimum_severity: severity.describe('Nothing below it leaves the application.'),
  quiet_hours: QuietHours.nullable().describe('Hours in which only what is critical is told; the rest comes in one message when they end. `null` for none.'),
  digest: Digest.nullable().describe('Events gathered into one message instead of one each; `null` for none.'),
  channels: z.partialRecord(channel, ChannelChoice).describe('Channels with a choice of their own; one that is not named tells everything.'),
  sounds: z.partialRecord(eventType, z.enum(SOUNDS)).describe('Sounds instead of those the events have by themselves.'),
};
const EXAMPLE = {
  language: 'en' as const,
  minimum_severity: 'info' as const,
  quiet_hours: { from: '22:00', to: '07:30', time_zone: 'Europe/Moscow' },
  digest: { every_minutes: 60, events: ['order_placed' as const, 'order_cancelled' as const] },
  channels: { email: { is_on: true, events: null, minimum_severity: 'warning' as const } },
  sounds: { order_filled: 'coin' as const },
};

export const NotificationSettingsInput = z
  .strictObject(settingsFields)
  .meta({ id: 'WantedNotificationSettings', description: 'What to be told, where and when.', examples: [EXAMPLE] });

export const NotificationSettingsAnswer = z
  .object({ ...settingsFields, available_channels: z.array(channel).describe('Channels that are set up on this server.') })
  .meta({
    id: 'NotificationSettings',
    description: 'What you are told, where and when.',
    examples: [{ ...EXAMPLE, available_channels: ['telegram', 'email', 'browser', 'webhook', 'discord', 'slack'] }],
  });

export function readSettings(wire: z.output<typeof NotificationSettingsInput>): NotificationSettings {
  const { quiet_hours: quiet, digest, channels } = wire;
  return {
    ...firstSettings(wire.language),
    minimumSeverity: wire.minimum_severity,
    quietHours: quiet === null ? null : { fromMinute: minuteOf(quiet.from), toMinute: minuteOf(quiet.to), timeZone: quiet.time_zone },
    digest: digest === null ? null : { everyMinutes: digest.every_minutes, events: digest.events },
    channels: Object.fromEntries(
      Object.entries(channels).map(([name, { is_on, events, minimum_severity }]) => [name, { isOn: is_on, events, minimumSeverity: minimum_severity }]),
    ),
    sounds: wire.sounds as NotificationSettings['sounds'],
  };
}

export function presentSettings(settings: NotificationSettings, available: readonly ChannelName[]): z.output<typeof NotificationSettingsAnswer> {
  const { quietHours: quiet, digest, channels } = settings;
  return {
    language: settings.language,
    minimum_severity: settings.minimumSeverity,
    quiet_hours: quiet === null ? null : { from: minuteTextOf(quiet.fromMinute), to: minuteTextOf(quiet.toMinute), time_zone: quiet.timeZone },
    digest: digest === null ? null : { every_minutes: digest.everyMinutes, events: [...digest.events] },
    channels: Object.fromEntries(
      Object.entries(channels).map(([name, { isOn, events, minimumSeverity }]) => [
        name,
        { is_on: isOn, events: events === null ? null : [...events], minimum_severity: minimumSeverity },
      ]),
    ),
    sounds: { ...settings.sounds },
    available_channels: [...available],
  };
}

function minuteOf(text: string): number {
  const [hour = 0, minute = 0] = text.split(':').map(Number);
  return hour * 60 + minute;
}

function minuteTextOf(minute: number): string {
  return [Math.floor(minute / 60), minute % 60].map((part) => String(part).padStart(2, '0')).join(':');
}
