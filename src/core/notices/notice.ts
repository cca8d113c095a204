/** A notice: a fact as its user is told of it, in his language, however it travels. */
import type { FactType } from '../facts.ts';

export type Language = 'en' | 'ru';

/** From what is good to know to what somebody must act on. */
export const SEVERITIES = ['info', 'warning', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** What the client plays when a notice arrives; the files are its own. */
export const SOUNDS = ['none', 'chime', 'coin', 'knock', 'alarm'] as const;
export type Sound = (typeof SOUNDS)[number];

/** The means by which users are told, besides the list in the application, which has everything. */
export const CHANNELS = ['telegram', 'email', 'browser', 'webhook', 'discord', 'slack', 'fcm', 'apns'] as const;
export type ChannelName = (typeof CHANNELS)[number];

/** What is told, before it is put into words. */
export interface NoticeSource {
  readonly type: FactType;
  readonly data: Readonly<Record<string, unknown>>;
}

/** A notice in the list of its user. */
export interface NoticeRecord extends NoticeSource {
  readonly id: string;
  /** That of its fact: the same event never has two. */
  readonly dedupeKey: string;
  readonly userId: string;
  readonly botId: string | null;
  /** When it happened. */
  readonly at: number;
  readonly readAt: number | null;
}

/** A notice (or several in one) in words, ready to be sent. No part of it needs escaping in its own form any more. */
export interface Message {
  /** The same for the same notice whenever it is sent again, so that a receiver can tell a repetition. */
  readonly key: string;
  readonly language: Language;
  readonly severity: Severity;
  /** One line. */
  readonly title: string;
  /** Lines without markup. */
  readonly plain: string;
  /** A fragment of HTML. */
  readonly html: string;
  /** Telegram's HTML, title included; within the length that Telegram takes. */
  readonly telegram: string;
  readonly sound: Sound;
  /** What it is made of, oldest first; empty for what is no notice. */
  readonly notices: readonly SentNotice[];
}

/** A notice as programs read it. */
export interface SentNotice {
  readonly id: string;
  readonly key: string;
  readonly type: FactType;
  readonly severity: Severity;
  readonly at: number;
  readonly botId: string | null;
  readonly title: string;
  readonly text: string;
  /** The values its words are made of, and no others. */
  readonly data: Readonly<Record<string, unknown>>;
}
