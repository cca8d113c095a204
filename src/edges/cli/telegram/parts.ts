/** What the commands about the owner's account at Telegram have in common: how it is reached, and words for what Telegram says. */
import type { UserLoginParts } from '#app/telegram-user/user-login.ts';
import { AppError } from '#core/errors.ts';
import type { Text } from '#core/params.ts';
import type { Store } from '#core/store/store.ts';
import type { TelegramUserAnswer, TelegramUserProblem } from '#core/telegram-user/port.ts';
import { speaker } from '../command.ts';
import type { Operator } from '../operator.ts';

/** Throws AppError `validation_failed` while the switch is off. */
export async function userParts(operator: Operator, store: Store): Promise<UserLoginParts> {
  const users = await operator.telegramUsers();
  if (users === null)
    throw new AppError(
      'validation_failed',
      speaker(operator)(
        'The switch is off: set ARGOSY_TELEGRAM_USER=on, with ARGOSY_TELEGRAM_USER_API_ID and ARGOSY_TELEGRAM_USER_API_HASH of my.telegram.org.',
        'Это выключено: задайте ARGOSY_TELEGRAM_USER=on и ключи с my.telegram.org в ARGOSY_TELEGRAM_USER_API_ID и ARGOSY_TELEGRAM_USER_API_HASH.',
      ),
    );
  return { store, users, vault: operator.vault(), clock: operator.clock, ids: operator.ids };
}

/** What was not to be had, in words and with what to do. */
export function refusalOf(operator: Operator, { problem, description, retryAfterMs }: Extract<TelegramUserAnswer<never>, { isOk: false }>): AppError {
  const say = speaker(operator);
  const { en, ru } = WORDS[problem] ?? { en: 'Telegram refuses.', ru: 'Telegram отказывает.' };
  const seconds = retryAfterMs === null ? 0 : Math.ceil(retryAfterMs / 1_000);
  const wait = seconds === 0 ? '' : say(` ${seconds} s.`, ` ${seconds} с.`);
  return new AppError('validation_failed', `${say(en, ru)}${wait} (${description})`);
}

const WORDS: Readonly<Partial<Record<TelegramUserProblem, Text>>> = {
  wait: { en: 'Too many attempts. Telegram wants to be asked again after', ru: 'Слишком много попыток. Telegram просит подождать' },
  api_refused: {
    en: 'Telegram does not know this application: check ARGOSY_TELEGRAM_USER_API_ID and ARGOSY_TELEGRAM_USER_API_HASH at my.telegram.org.',
    ru: 'Telegram не знает такого приложения: сверьте ARGOSY_TELEGRAM_USER_API_ID и ARGOSY_TELEGRAM_USER_API_HASH с my.telegram.org.',
  },
  phone_refused: {
    en: 'Telegram does not take this phone number: write it with the country code, such as +44…',
    ru: 'Telegram не принимает этот номер: укажите его с кодом страны, например +7…',
  },
  code_refused: { en: 'The code is wrong or too old.', ru: 'Код неверен или устарел.' },
  password_refused: { en: 'The password is wrong.', ru: 'Пароль неверен.' },
  unreachable: {
    en: 'Telegram cannot be reached: check that this machine may connect to port 443 of Telegram’s networks.',
    ru: 'Telegram недоступен: проверьте, что с этой машины открыт порт 443 в сети Telegram.',
  },
};
