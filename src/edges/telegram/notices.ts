/** The screen on which a person chooses what is told in the chat. */
import type { ChatLinks } from '#app/telegram/links.ts';
import { FACT_TYPES, type FactType } from '#core/facts.ts';
import type { Language } from '#core/notices/notice.ts';
import { isWanted, type NotificationSettings } from '#core/notices/settings.ts';
import { TEMPLATES } from '#core/notices/templates.ts';
import type { Button } from './buttons.ts';
import { type Screen, type Speaker, screen } from './screen.ts';
import { pageOf, pager, say } from './screens/words.ts';

const EVENTS_A_PAGE = 8;
/** Not for choosing: those about the telling itself, and what concerns the owner alone. */
const UNCHOSEN: readonly FactType[] = ['notification_test', 'channel_disabled', 'telegram_session_ended'];
const CHOICES: readonly FactType[] = FACT_TYPES.filter((type) => !UNCHOSEN.includes(type));

/** `argument` is empty, a page, or what to set: a type (or `all`) and `.1` or `.0`. Setting the same twice changes nothing. */
export async function pressNotices(links: ChatLinks, speaker: Speaker, argument: string): Promise<Screen> {
  const { userId, language } = speaker;
  const settings = await links.notices.settings(userId);
  const [, name = '', value = ''] = /^([a-z_]+)\.([01])$/.exec(argument) ?? [];
  if (name === '') return noticesScreen(settings, Number(argument), language);
  const changed = changedSettings(settings, name, value === '1');
  await links.notices.putSettings(userId, changed);
  if (name === 'all' && value === '1') await links.tellIn(speaker);
  return noticesScreen(changed, Math.max(0, Math.floor(CHOICES.indexOf(name as FactType) / EVENTS_A_PAGE)), language);
}

function changedSettings(settings: NotificationSettings, name: string, isOn: boolean): NotificationSettings {
  const own = settings.channels.telegram ?? { isOn: true, events: null, minimumSeverity: null };
  const told = new Set(FACT_TYPES.filter((type) => isWanted(type, own.events)));
  if (isOn) told.add(name as FactType);
  else told.delete(name as FactType);
  const events = FACT_TYPES.filter((type) => told.has(type));
  const isAsAtFirst = FACT_TYPES.every((type) => told.has(type) === isWanted(type, null));
  const telegram = name === 'all' ? { ...own, isOn } : { ...own, events: isAsAtFirst ? null : events };
  return { ...settings, channels: { ...settings.channels, telegram } };
}

export function noticesScreen(settings: NotificationSettings, wanted: number, language: Language): Screen {
  const { isOn = true, events = null } = settings.channels.telegram ?? {};
  const all: Button = isOn
    ? { text: say(language, '🔔 On — switch all off', '🔔 Включены — выключить все'), verb: 'setEvents', argument: 'all.0' }
    : { text: say(language, '🔕 Off — switch on', '🔕 Выключены — включить'), verb: 'setEvents', argument: 'all.1' };
  const { items, page, pages } = pageOf(CHOICES, wanted, EVENTS_A_PAGE);
  const choices = items.map((type): readonly Button[] => {
    const isTold = isWanted(type, events);
    return [{ text: `${isTold ? '✅' : '▫️'} ${titleOf(type, language)}`, verb: 'setEvents', argument: `${type}.${isTold ? 0 : 1}` }];
  });
  return screen(
    [
      `<b>${say(language, 'Notifications in this chat', 'Уведомления в этом чате')}</b>`,
      isOn ? say(language, 'Tap to choose what to tell here.', 'Нажмите, чтобы выбрать, о чём сообщать.') : null,
    ],
    isOn ? [[all], ...choices, pager('notifications', page, pages)] : [[all]],
  );
}

/** A template's title without its values. */
function titleOf(type: FactType, language: Language): string {
  return TEMPLATES[type].title[language].replace(/\[[^\]]*\]/g, '').trim();
}
