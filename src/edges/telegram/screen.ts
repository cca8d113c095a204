/** A message as a screen of the conversation: text in Telegram's HTML, with rows of buttons. */
import type { Button } from './buttons.ts';

export interface Screen {
  readonly text: string;
  readonly rows: readonly (readonly Button[])[];
}

/** Telegram takes no longer text; entities count less than they take, so this is on the safe side. */
export const MAX_TEXT_LENGTH = 4_096;
/** Names people gave are shown up to here. */
const MAX_NAME_LENGTH = 40;

export function screen(lines: readonly (string | null)[], rows: readonly (readonly Button[])[] = []): Screen {
  return { text: lines.filter((line) => line !== null).join('\n'), rows: rows.filter((row) => row.length > 0) };
}

/** Text that people or exchanges wrote, made inert. */
export function plainText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

export function bold(text: string): string {
  return `<b>${plainText(text)}</b>`;
}

export function code(text: string): string {
  return `<code>${plainText(text)}</code>`;
}

/** A name cut to what a line of a phone shows; characters that turn the direction of writing or break lines are left out. */
export function shortName(name: string): string {
  const clean = name.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, ' ').trim();
  const letters = [...clean];
  return letters.length <= MAX_NAME_LENGTH ? clean : `${letters.slice(0, MAX_NAME_LENGTH - 1).join('')}…`;
}
