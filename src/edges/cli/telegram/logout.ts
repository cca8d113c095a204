/** `argosy telegram logout`: ends the session at Telegram and forgets it. */
import { endUserSession, forgetUserSession } from '#app/telegram-user/user-login.ts';
import { type CliCommand, speaker } from '../command.ts';
import { userParts } from './parts.ts';

export const telegramLogout: CliCommand = {
  usage: 'logout',
  summary: { en: 'end the session at Telegram', ru: 'завершить сеанс в Telegram' },
  options: [
    {
      flags: '--forget',
      help: {
        en: 'forget it without a word to Telegram, and end it there yourself: Settings → Devices',
        ru: 'забыть его, не обращаясь к Telegram; завершите его там сами: «Настройки → Устройства»',
      },
    },
  ],
  run: async (operator, _args, { forget }) => {
    const say = speaker(operator);
    const outcome = await operator.database.use(async (store) => {
      if (forget === true) return (await forgetUserSession(store)) ? 'forgotten' : 'none';
      return endUserSession(await userParts(operator, store));
    });
    const said = {
      ended: say('The session has ended. No channel is read any more.', 'Сеанс завершён. Каналы больше не читаются.'),
      none: say('There is no session.', 'Сеанса нет.'),
      forgotten: say(
        'It is forgotten here. End it at Telegram too: Settings → Devices → Argosy.',
        'Здесь он забыт. Завершите его и в Telegram: «Настройки → Устройства → Argosy».',
      ),
      waiting: say(
        'Telegram could not be reached. Nothing is read any more, and the session ends as soon as it can be. Try again, or: argosy telegram logout --forget.',
        'Telegram недоступен. Каналы больше не читаются; сеанс завершится, когда связь появится. Повторите позже или: argosy telegram logout --forget.',
      ),
    };
    operator.terminal.print(said[outcome]);
    return outcome === 'waiting' ? 1 : 0;
  },
};
