/** A message as a screen of the conversation: text in Telegram's HTML, with rows of buttons. */
import { escapeHtml, inertLine } from '#core/notices/inert.ts';
import type { Language } from '#core/notices/notice.ts';
import type { Button } from './buttons.ts';

/** A person whose chat is linked. */
export interface Speaker {
  readonly userId: string;
  readonly chatId: string;
  readonly language: Language;
}

export interface Screen {
  readonly text: string;
  readonly rows: readonly (readonly Button[])[];
}

/** Names people gave are shown up to here. */
const MAX_NAME_LENGTH = 40;

/** Lines that are `null` are left out, as are rows without buttons. */
export function screen(lines: readonly (string | null)[], rows: readonly (readonly Button[])[] = []): Screen {
  return { text: lines.filter((line) => line !== null).join('\n'), rows: rows.filter((row) => row.length > 0) };
}

/** Text that people or exchanges wrote, made inert. */
export function told(text: string): string {
  return escapeHtml(inertLine(text));
}

export function bold(text: string): string {
  return `<b>${told(text)}</b>`;
}

/** A name cut to what a line of a phone shows; not escaped. */
export function shortName(name: string): string {
  const letters = [...inertLine(name)];
  return letters.length <= MAX_NAME_LENGTH ? letters.join('') : `${letters.slice(0, MAX_NAME_LENGTH - 1).join('')}…`;
}
