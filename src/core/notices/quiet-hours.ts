/** Hours of a person's day, in the person's own time zone, in which nothing may ring: also across midnight and where clocks change. */

export interface QuietHours {
  /** Minutes since midnight, inclusive. */
  readonly fromMinute: number;
  /** Minutes since midnight, exclusive. The same as `fromMinute` is no time at all. */
  readonly toMinute: number;
  /** A name of the IANA database, such as `Europe/Moscow`. */
  readonly timeZone: string;
}

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;
/** Clocks change by an hour or two at most. */
const MAX_SHIFT_MINUTES = 180;

/** When it is quiet at `at`, the first minute at which it is not any more; `at` itself otherwise. Milliseconds since 1970. */
export function quietUntil(hours: QuietHours, at: number): number {
  const minute = minuteOfDay(hours.timeZone, at);
  if (!isWithin(hours, minute)) return at;
  const left = (hours.toMinute - minute + DAY_MINUTES) % DAY_MINUTES;
  const wholeMinute = at - (at % MINUTE_MS);
  // The clock may be changed in between: look at it there, and go on or back to the minute meant.
  let end = wholeMinute + left * MINUTE_MS;
  const off = minuteOfDay(hours.timeZone, end) - hours.toMinute;
  const shift = ((off + DAY_MINUTES + DAY_MINUTES / 2) % DAY_MINUTES) - DAY_MINUTES / 2;
  if (Math.abs(shift) <= MAX_SHIFT_MINUTES) end -= shift * MINUTE_MS;
  return end > at ? end : wholeMinute + MINUTE_MS;
}

/** Whether the name is one of a time zone. */
export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

function isWithin({ fromMinute, toMinute }: QuietHours, minute: number): boolean {
  return fromMinute <= toMinute ? minute >= fromMinute && minute < toMinute : minute >= fromMinute || minute < toMinute;
}

const FORMATS = new Map<string, Intl.DateTimeFormat>();
/** There are some 600 names; whoever sends others is refused before. */
const MAX_FORMATS = 1_000;

function minuteOfDay(timeZone: string, at: number): number {
  const format = FORMATS.get(timeZone) ?? new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  if (FORMATS.size < MAX_FORMATS) FORMATS.set(timeZone, format);
  const [hour = 0, minute = 0] = format.format(at).split(':').map(Number);
  return hour * 60 + minute;
}
