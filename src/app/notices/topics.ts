/** What is said on the bus about notices. */
import type { FactType } from '#core/facts.ts';
import type { Severity, Sound } from '#core/notices/notice.ts';

/** Somebody has a new notice: {@link NoticeNews}. */
export const NOTICE_TOPIC = 'notice';
/** Something may be due on some channel. */
export const DUE_TOPIC = 'notices_due';

/** A notice that has just come into the list of its user, in his language; what a screen needs to show and ring it. */
export interface NoticeNews {
  readonly userId: string;
  readonly id: string;
  readonly type: FactType;
  readonly severity: Severity;
  readonly title: string;
  readonly text: string;
  readonly sound: Sound;
  readonly botId: string | null;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** How many are unread with it; counted up to 1000. */
  readonly unread: number;
}
