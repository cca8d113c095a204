/** Screens of the conversation itself: greeting and linking, settings, language, help, and refusals. */
import type { Language } from '#core/notices/notice.ts';
import type { Button } from '../buttons.ts';
import { COMMANDS } from '../commands.ts';
import { duration } from '../figures.ts';
import { bold, type Screen, screen } from '../screen.ts';
import { say } from './words.ts';

/** How long an unlinking may be confirmed. */
export const UNLINK_ENDS_MS = 5 * 60_000;

/** To somebody who is not linked. */
export function strangerScreen(language: Language): Screen {
  return screen([
    say(language, 'Hello! I watch over the bots of this Argosy installation.', 'Здравствуйте! Я слежу за ботами этой установки Argosy.'),
    '',
    say(
      language,
      'To link this chat, log in on the site, get a code under Telegram and send it here:\n<code>/start CODE</code>',
      'Чтобы привязать чат, войдите на сайт, получите код в разделе Telegram и отправьте его сюда:\n<code>/start КОД</code>',
    ),
  ]);
}

export function linkedScreen(email: string, language: Language): Screen {
  return screen([
    say(language, `Done: this chat belongs to ${bold(email)}.`, `Готово: чат привязан к ${bold(email)}.`),
    say(language, 'News of your bots will arrive here. /help shows what I can do.', 'Сюда будут приходить новости о ваших ботах. Что я умею: /help'),
  ]);
}

export function greetingScreen(email: string, language: Language): Screen {
  return screen([
    say(language, `This chat belongs to ${bold(email)}.`, `Этот чат привязан к ${bold(email)}.`),
    say(language, '/bots · /status · /help', '/bots · /status · /help'),
  ]);
}

/** To the chat that was linked before. */
export function movedScreen(language: Language): Screen {
  return screen([
    say(language, 'Your account was linked with another chat, so this one is unlinked.', 'Учётная запись привязана к другому чату, этот чат отвязан.'),
  ]);
}

export function wrongCodeScreen(reason: 'invalid' | 'chatTaken', language: Language): Screen {
  return reason === 'chatTaken'
    ? screen([
        say(language, 'This chat belongs to another user here. Send /unlink first.', 'Этот чат привязан к другому пользователю. Сначала отправьте /unlink'),
      ])
    : screen([
        say(
          language,
          'This code is wrong, used or older than 10 minutes. Get a new one on the site.',
          'Код неверный, уже использован или старше 10 минут. Получите новый на сайте.',
        ),
      ]);
}

export function tooManyCodesScreen(waitMs: number, language: Language): Screen {
  const wait = duration(Math.max(waitMs, 60_000), language);
  return screen([say(language, `Too many wrong codes. Try again in ${wait}.`, `Слишком много неверных кодов. Попробуйте через ${wait}.`)]);
}

/** To groups. */
export function groupScreen(language: Language): Screen {
  return screen([say(language, 'I talk in private chats only.', 'Я общаюсь только в личных чатах.')]);
}

export function helpScreen(language: Language): Screen {
  return screen([`<b>${say(language, 'What I can do', 'Что я умею')}</b>`, ...COMMANDS.map(({ name, title }) => `/${name} — ${title[language]}`)]);
}

export function unknownScreen(language: Language): Screen {
  return screen([say(language, 'I do not understand. /help shows what I can do.', 'Не понимаю. Что я умею: /help')]);
}

export function settingsScreen(email: string, language: Language): Screen {
  return screen(
    [
      `<b>${say(language, 'Settings', 'Настройки')}</b>`,
      `${say(language, 'User', 'Пользователь')}: ${bold(email)}`,
      `${say(language, 'Language', 'Язык')}: ${say(language, 'English', 'русский')}`,
    ],
    [
      [
        { text: say(language, 'Notifications', 'Уведомления'), verb: 'notifications', argument: '0' },
        { text: say(language, 'Language', 'Язык'), verb: 'askLanguage' },
      ],
      [{ text: say(language, 'Unlink this chat', 'Отвязать чат'), verb: 'askUnlink' }],
    ],
  );
}

export function languageScreen(language: Language): Screen {
  const button = (wanted: Language, text: string): Button => ({ text: `${wanted === language ? '• ' : ''}${text}`, verb: 'language', argument: wanted });
  return screen([say(language, 'Which language?', 'На каком языке говорить?')], [[button('en', 'English'), button('ru', 'Русский')]]);
}

export function askUnlinkScreen(language: Language): Screen {
  return screen(
    [
      say(
        language,
        'Unlink this chat? News will not arrive here any more; your bots go on.',
        'Отвязать чат? Новости сюда больше не придут; боты продолжат работу.',
      ),
    ],
    [
      [
        { text: say(language, 'Yes, unlink', 'Да, отвязать'), verb: 'unlink', endsInMs: UNLINK_ENDS_MS },
        { text: say(language, 'Cancel', 'Отмена'), verb: 'cancel' },
      ],
    ],
  );
}

export function unlinkedScreen(language: Language): Screen {
  return screen([say(language, 'Unlinked. A new code from the site links this chat again.', 'Чат отвязан. Привязать снова можно новым кодом с сайта.')]);
}

export function cancelledScreen(language: Language): Screen {
  return screen([say(language, 'Nothing was done.', 'Ничего не сделано.')]);
}

/** To something that was said while nobody listened, and that would act now. */
export function staleScreen(language: Language): Screen {
  return screen([
    say(
      language,
      'I was away when you wrote this, so nothing was done. Send it again if you still want it.',
      'Меня не было, когда вы это написали, поэтому ничего не сделано. Отправьте ещё раз, если это по-прежнему нужно.',
    ),
  ]);
}

/** A refusal or failure in its own words; `title` is the one of the code. */
export function refusalScreen(title: string, remedy: string | null): Screen {
  return screen([`✋ ${title}.`, remedy]);
}
