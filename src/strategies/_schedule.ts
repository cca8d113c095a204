/** Times that come again every hour, day, week or month in UTC. */
import type { ParamsOf, ParamsSpec } from '#core/params.ts';

export const SCHEDULE_FIELDS = {
  schedule_every: {
    kind: 'choice',
    options: ['hour', 'day', 'week', 'month'],
    default: 'day',
    title: { en: 'Every', ru: 'Каждые' },
    help: { en: 'How often the scheduled time comes. Left out: day.', ru: 'Как часто наступает время по расписанию. По умолчанию day (день).' },
  },
  schedule_at: {
    kind: 'text',
    maxLength: 5,
    pattern: '([01][0-9]|2[0-3]):[0-5][0-9]',
    default: '00:00',
    title: { en: 'At', ru: 'Время' },
    help: {
      en: 'Time of day in UTC such as 09:30; every hour only its minutes count. Left out: 00:00.',
      ru: 'Время UTC, например 09:30; для каждого часа важны только минуты. По умолчанию 00:00.',
    },
  },
  schedule_weekday: {
    kind: 'choice',
    options: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'],
    default: 'monday',
    title: { en: 'Weekday', ru: 'День недели' },
    help: { en: 'Day of the weekly time. Left out: monday.', ru: 'День для еженедельного расписания. По умолчанию monday.' },
  },
  schedule_month_day: {
    kind: 'integer',
    min: 1,
    max: 28,
    default: 1,
    title: { en: 'Day of the month', ru: 'День месяца' },
    help: { en: 'Day of the monthly time. Left out: 1.', ru: 'День для ежемесячного расписания. По умолчанию 1.' },
  },
} as const satisfies ParamsSpec;

export type Schedule = ParamsOf<typeof SCHEDULE_FIELDS>;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** The next scheduled time after an instant, in milliseconds since 1970. */
export function nextTime(schedule: Schedule, after: number): number {
  const [hours = 0, minutes = 0] = schedule.schedule_at.split(':').map(Number);
  const ofDay = hours * HOUR_MS + minutes * 60_000;
  switch (schedule.schedule_every) {
    case 'hour':
      return nextMultiple(after, HOUR_MS, minutes * 60_000);
    case 'day':
      return nextMultiple(after, DAY_MS, ofDay);
    case 'week':
      // 1970 began on a Thursday, so the first Monday was its fifth day.
      return nextMultiple(after, 7 * DAY_MS, (4 + SCHEDULE_FIELDS.schedule_weekday.options.indexOf(schedule.schedule_weekday)) * DAY_MS + ofDay);
    case 'month':
      return nextMonthly(after, schedule.schedule_month_day, ofDay);
  }
}

function nextMultiple(after: number, periodMs: number, offsetMs: number): number {
  return Math.floor((after - offsetMs) / periodMs) * periodMs + periodMs + offsetMs;
}

function nextMonthly(after: number, day: number, ofDay: number): number {
  const now = new Date(after);
  const timeIn = (month: number) => Date.UTC(now.getUTCFullYear(), month, day) + ofDay;
  const thisMonth = timeIn(now.getUTCMonth());
  return thisMonth > after ? thisMonth : timeIn(now.getUTCMonth() + 1);
}
