/**
 * Makes texts of strangers (names of bots, words of exchanges) harmless wherever a notice is shown: nothing in them ends a line, turns
 * around the reading direction, becomes a link, a mention or a command, or is read as markup.
 */

/** Of one value this much is shown. */
export const MAX_VALUE_LENGTH = 240;

/** Stands between two characters and is not seen. */
const JOINER = '\u2060';
const UNSEEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]+/gu;

/** One line of at most {@link MAX_VALUE_LENGTH} characters that is nothing but text. */
export function inertLine(text: string): string {
  // What is cut here would be cut below anyway; a text of megabytes is not worth more.
  const line = text
    .slice(0, MAX_VALUE_LENGTH * 4)
    .replace(UNSEEN, ' ')
    .replace(/\s+/gu, ' ')
    .trim();
  const characters = [...line];
  const short = characters.length > MAX_VALUE_LENGTH ? `${characters.slice(0, MAX_VALUE_LENGTH - 1).join('')}…` : line;
  return short
    .replace(/:\/\//g, `:${JOINER}//`)
    .replace(/([\p{L}\p{N}])\.(?=\p{L})/gu, `$1.${JOINER}`)
    .replace(/@(?=[\p{L}\p{N}_])/gu, `@${JOINER}`)
    .replace(/(^|\s)\/(?=[\p{L}\p{N}_])/gu, `$1/${JOINER}`);
}

/** For HTML, Telegram's included, between tags and in attributes. */
export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;');
}

/** For Discord's markdown. */
export function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+\-!|~<>:]/g, '\\$&');
}
