/** Puts notices into words for every channel at once: one alone, or several gathered into one message. */
import { escapeHtml } from './inert.ts';
import type { Language, Message, NoticeRecord, NoticeSource, SentNotice, Severity, Sound } from './notice.ts';
import { SEVERITIES } from './notice.ts';
import type { NotificationSettings } from './settings.ts';
import { templateOf } from './templates.ts';
import { counted, namesIn, wordsOf } from './wording.ts';

/** Telegram takes 4096; what we write has no characters that count more than once there. */
export const MAX_MESSAGE_LENGTH = 3_800;
/** Of the text of one notice among several this much is shown. */
const MAX_GATHERED_TEXT = 180;
const EVENTS = { en: ['event', 'events'], ru: ['событие', 'события', 'событий'] } as const;

/** A notice in words: one line and lines, both nothing but text. */
export function wordsOfNotice({ type, data }: NoticeSource, language: Language): { readonly title: string; readonly text: string } {
  const { title, text } = templateOf(type);
  return { title: wordsOf(title[language], data, language), text: wordsOf(text[language], data, language) };
}

export function severityOf({ type }: NoticeSource): Severity {
  return templateOf(type).severity;
}

export function soundOf(type: NoticeSource['type'], settings: Pick<NotificationSettings, 'sounds'>): Sound {
  return settings.sounds[type] ?? templateOf(type).sound;
}

/** Of the data only what the words are made of: nothing else may leave. */
export function shownData({ type, data }: NoticeSource): Readonly<Record<string, unknown>> {
  const { title, text } = templateOf(type);
  const names = new Set([title, text].flatMap(({ en, ru }) => [...namesIn(en), ...namesIn(ru)]));
  return Object.fromEntries(Object.entries(data).filter(([name, value]) => names.has(name) && isPlain(value)));
}

/** `notices` are of one user, oldest first, at least one. */
export function messageOf(notices: readonly NoticeRecord[], settings: Pick<NotificationSettings, 'language' | 'sounds'>): Message {
  const { language } = settings;
  const sent = notices.map((notice) => sentNotice(notice, language));
  const first = sent[0];
  if (first === undefined) throw new Error('a message without a notice');
  const severity = SEVERITIES[Math.max(...sent.map((each) => SEVERITIES.indexOf(each.severity)))] ?? 'info';
  const loudest = notices[sent.findIndex((each) => each.severity === severity)];
  const rest = { key: keyOf(sent), language, severity, sound: loudest === undefined ? 'none' : soundOf(loudest.type, settings), notices: sent } as const;
  if (sent.length === 1) return { ...rest, title: first.title, ...formsOf(first.title, [first.text]) };
  const title = counted(sent.length, language, EVENTS);
  const entries = sent.map(({ title: head, text }) => ({ head, text: shortened(text.replaceAll('\n', ' · '), MAX_GATHERED_TEXT) }));
  return { ...rest, title, ...gatheredForms(title, entries) };
}

function sentNotice(notice: NoticeRecord, language: Language): SentNotice {
  const { id, dedupeKey, type, at, botId } = notice;
  return { id, key: dedupeKey, type, severity: severityOf(notice), at, botId, ...wordsOfNotice(notice, language), data: shownData(notice) };
}

/** A message of the same notices has the same key. */
function keyOf(sent: readonly SentNotice[]): string {
  const [first] = sent;
  const last = sent.at(-1);
  return sent.length === 1 || first === undefined || last === undefined ? (first?.key ?? '') : `${first.key}+${last.key}+${sent.length}`;
}

function formsOf(title: string, texts: readonly string[]): Pick<Message, 'plain' | 'html' | 'telegram'> {
  const text = shortened(texts.filter((each) => each !== '').join('\n'), MAX_MESSAGE_LENGTH);
  const html = text === '' ? '' : `<p>${escapeHtml(text).replaceAll('\n', '<br>')}</p>`;
  return { plain: text, html, telegram: text === '' ? `<b>${escapeHtml(title)}</b>` : `<b>${escapeHtml(title)}</b>\n${escapeHtml(text)}` };
}

interface Entry {
  readonly head: string;
  readonly text: string;
}

function gatheredForms(title: string, entries: readonly Entry[]): Pick<Message, 'plain' | 'html' | 'telegram'> {
  // The heads alone always fit: there are few notices in one message, and heads are short.
  const length = entries.reduce((sum, { head, text }) => sum + head.length + text.length + 8, title.length);
  const shown = length <= MAX_MESSAGE_LENGTH ? entries : entries.map(({ head }) => ({ head: shortened(head, MAX_GATHERED_TEXT), text: '' }));
  return {
    plain: shown.map(({ head, text }) => (text === '' ? `• ${head}` : `• ${head}: ${text}`)).join('\n'),
    html: `<ul>${shown.map(({ head, text }) => `<li><b>${escapeHtml(head)}</b>${text === '' ? '' : `<br>${escapeHtml(text)}`}</li>`).join('')}</ul>`,
    telegram: [
      `<b>${escapeHtml(title)}</b>`,
      ...shown.map(({ head, text }) => `• <b>${escapeHtml(head)}</b>${text === '' ? '' : `\n   ${escapeHtml(text)}`}`),
    ].join('\n'),
  };
}

function shortened(text: string, length: number): string {
  const characters = [...text];
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join('')}…`;
}

function isPlain(value: unknown): boolean {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}
