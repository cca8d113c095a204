/** Words that several screens use. */

import type { BotStatus, Mode } from '#core/bot-states.ts';
import type { Language } from '#core/notices/notice.ts';
import type { Text } from '#core/params.ts';
import type { Button, Verb } from '../buttons.ts';

/** The text in a language. */
export function say(language: Language, en: string, ru: string): string {
  return language === 'ru' ? ru : en;
}

export const STATUS: Readonly<Record<BotStatus, { readonly mark: string; readonly word: Text }>> = {
  starting: { mark: '🟡', word: { en: 'starting', ru: 'запускается' } },
  running: { mark: '🟢', word: { en: 'running', ru: 'работает' } },
  pausing: { mark: '🟡', word: { en: 'pausing', ru: 'встаёт на паузу' } },
  paused: { mark: '⏸', word: { en: 'paused', ru: 'на паузе' } },
  stopping: { mark: '🟡', word: { en: 'stopping', ru: 'останавливается' } },
  stopped: { mark: '⚪️', word: { en: 'stopped', ru: 'остановлен' } },
  error: { mark: '🔴', word: { en: 'in error', ru: 'ошибка' } },
};

export const BOTS = { en: ['bot', 'bots'], ru: ['бот', 'бота', 'ботов'] } as const;

/** Paper money is always called so. */
export function modeWord(mode: Mode, language: Language): string {
  return mode === 'paper' ? say(language, 'paper', 'демо') : say(language, 'live', 'реальный счёт');
}

/** Buttons to turn pages with; none where there is one page. Pages count from 0. */
export function pager(verb: Verb, page: number, pages: number): readonly Button[] {
  if (pages <= 1) return [];
  const at = (number: number, text: string): Button => ({ text, verb, argument: String(number) });
  return [...(page > 0 ? [at(page - 1, '‹')] : []), at(page, `${page + 1}/${pages}`), ...(page < pages - 1 ? [at(page + 1, '›')] : [])];
}

/** The part of a list that a page shows, with the page that there is next to the one that was asked for. */
export function pageOf<Item>(
  items: readonly Item[],
  wanted: number,
  size: number,
): { readonly items: readonly Item[]; readonly page: number; readonly pages: number } {
  const pages = Math.max(1, Math.ceil(items.length / size));
  const page = Number.isInteger(wanted) ? Math.min(Math.max(wanted, 0), pages - 1) : 0;
  return { items: items.slice(page * size, (page + 1) * size), page, pages };
}
