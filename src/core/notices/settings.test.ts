import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FactType } from '../facts.ts';
import { quietUntil } from './quiet-hours.ts';
import { decide, firstSettings, type NotificationSettings } from './settings.ts';

const at = (text: string): number => Date.parse(text);
const NOON = at('2026-11-20T12:00:00Z');
const all = { ...firstSettings('en'), digest: null, channels: {} };
const told = (type: FactType, change: Partial<NotificationSettings> = {}, when = NOON) => decide({ type, data: {} }, { ...all, ...change }, 'telegram', when);

describe('an event', () => {
  it('is told at once where nothing speaks against it', () => {
    expect(told('order_filled')).toEqual({ kind: 'now' });
  });

  it.each<[string, Partial<NotificationSettings>]>([
    ['the channel is off', { channels: { telegram: { isOn: false, events: null, minimumSeverity: null } } }],
    ['the channel tells other events', { channels: { telegram: { isOn: true, events: ['bot_error'], minimumSeverity: null } } }],
    ['it matters too little', { minimumSeverity: 'warning' }],
    ['it matters too little for the channel', { channels: { telegram: { isOn: true, events: null, minimumSeverity: 'critical' } } }],
  ])('is not told where %s', (_, change) => {
    expect(told('order_filled', change)).toEqual({ kind: 'not' });
  });

  it('is told on a channel that asks for less than the others do', () => {
    const change: Partial<NotificationSettings> = {
      minimumSeverity: 'critical',
      channels: { telegram: { isOn: true, events: null, minimumSeverity: 'info' } },
    };
    expect(told('order_filled', change)).toEqual({ kind: 'now' });
  });

  it('is gathered until the next full span, or the end of quiet hours if that is later', () => {
    const digest = { everyMinutes: 60, events: ['order_placed'] as const };
    expect(told('order_placed', { digest }, at('2026-11-20T12:34:00Z'))).toEqual({ kind: 'held', until: at('2026-11-20T13:00:00Z') });
    expect(told('order_filled', { digest })).toEqual({ kind: 'now' });
    const quietHours = { fromMinute: 13 * 60, toMinute: 14 * 60, timeZone: 'UTC' };
    expect(told('order_placed', { digest, quietHours }, at('2026-11-20T12:34:00Z'))).toEqual({ kind: 'held', until: at('2026-11-20T14:00:00Z') });
  });

  it('that is critical is told at once at any hour', () => {
    const quietHours = { fromMinute: 0, toMinute: 1_439, timeZone: 'UTC' };
    expect(told('bot_error', { quietHours, digest: { everyMinutes: 60, events: ['bot_error'] } })).toEqual({ kind: 'now' });
    expect(told('order_filled', { quietHours }).kind).toBe('held');
  });

  it('of a channel that was switched off is told on the others', () => {
    const off = { type: 'channel_disabled', data: { channel: 'email' } } as const;
    expect([decide(off, all, 'email', NOON).kind, decide(off, all, 'telegram', NOON).kind]).toEqual(['not', 'now']);
  });

  it('that is a test is told on the channel to be tried, whatever the settings say', () => {
    const test = { type: 'notification_test', data: { channel: 'telegram' } } as const;
    const off = { ...all, channels: { telegram: { isOn: false, events: [], minimumSeverity: null } } };
    expect([decide(test, off, 'telegram', NOON).kind, decide(test, off, 'email', NOON).kind]).toEqual(['now', 'not']);
  });

  it('that is for the asking is told only where it is named', () => {
    const named = { telegram: { isOn: true, events: ['signal_opened'] as const, minimumSeverity: null } };
    expect([told('signal_opened'), told('signal_closed'), told('signals_beyond')].map(({ kind }) => kind)).toEqual(['not', 'not', 'not']);
    expect(told('signal_opened', { channels: { telegram: { isOn: true, events: null, minimumSeverity: null } } })).toEqual({ kind: 'not' });
    expect(told('signal_opened', { channels: named })).toEqual({ kind: 'now' });
    expect(told('signal_closed', { channels: named })).toEqual({ kind: 'not' });
    const { digest } = firstSettings('en');
    expect(told('signal_opened', { channels: named, digest })).toEqual({ kind: 'held', until: NOON + 3_600_000 });
  });

  it('begins noisy ones with an hourly digest, and e-mail with what needs attention', () => {
    const first = firstSettings('ru');
    expect(decide({ type: 'order_placed', data: {} }, first, 'telegram', NOON)).toEqual({ kind: 'held', until: NOON + 3_600_000 });
    expect(decide({ type: 'order_filled', data: {} }, first, 'email', NOON)).toEqual({ kind: 'not' });
    expect(decide({ type: 'order_rejected', data: {} }, first, 'email', NOON)).toEqual({ kind: 'now' });
  });
});

describe('quiet hours', () => {
  const night = { fromMinute: 22 * 60, toMinute: 7 * 60 + 30, timeZone: 'Europe/Moscow' };

  it.each([
    ['2026-11-20T18:59:59Z', '2026-11-20T18:59:59Z'],
    ['2026-11-20T19:00:00Z', '2026-11-21T04:30:00Z'],
    ['2026-11-20T23:15:27Z', '2026-11-21T04:30:00Z'],
    ['2026-11-21T04:29:59Z', '2026-11-21T04:30:00Z'],
    ['2026-11-21T04:30:00Z', '2026-11-21T04:30:00Z'],
  ])('of a night in Moscow last at %s until %s', (from, until) => {
    expect(new Date(quietUntil(night, at(from))).toISOString()).toBe(new Date(until).toISOString());
  });

  it('end by the clock on the wall also when that was changed in the night', () => {
    const hours = { fromMinute: 23 * 60, toMinute: 8 * 60, timeZone: 'Europe/Berlin' };
    expect(quietUntil(hours, at('2026-03-28T23:00:00Z'))).toBe(at('2026-03-29T06:00:00Z'));
    expect(quietUntil(hours, at('2026-10-24T22:00:00Z'))).toBe(at('2026-10-25T07:00:00Z'));
  });

  it('are over when they end, and never end in the past', () => {
    const zone = fc.constantFrom('UTC', 'Europe/Moscow', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'Pacific/Apia');
    const minute = fc.integer({ min: 0, max: 1_439 });
    const moment = fc.integer({ min: at('2024-01-01T00:00:00Z'), max: at('2030-01-01T00:00:00Z') });
    fc.assert(
      fc.property(minute, minute, zone, moment, (fromMinute, toMinute, timeZone, now) => {
        const until = quietUntil({ fromMinute, toMinute, timeZone }, now);
        expect(until).toBeGreaterThanOrEqual(now);
        expect(until - now).toBeLessThanOrEqual(26 * 3_600_000);
        if (fromMinute === toMinute) expect(until).toBe(now);
      }),
    );
  });
});
