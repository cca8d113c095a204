/** `argosy telegram status`: whose session it is, and how its channels fare. */
import type { UserSessionStatus } from '#core/telegram-user/store.ts';
import { type CliCommand, speaker } from '../command.ts';

export const telegramStatus: CliCommand = {
  usage: 'status',
  summary: { en: 'the session at Telegram, and the channels that it reads', ru: 'сеанс в Telegram и каналы, которые он читает' },
  run: async (operator) => {
    const say = speaker(operator);
    const { session, readings } = await operator.database.use(async (store) => {
      const present = await store.telegramUser.session();
      return { session: present, readings: present === null ? [] : await store.telegramUser.readings(present.userId) };
    });
    if (session === null) {
      operator.terminal.print(say('Nobody is logged in: argosy telegram login', 'Вход не выполнен: argosy telegram login'));
      return 0;
    }
    const words: Readonly<Record<UserSessionStatus, string>> = {
      active: say('logged in', 'вход выполнен'),
      leaving: say('being ended', 'завершается'),
      revoked: say('ended by Telegram: argosy telegram login', 'завершён Telegram: argosy telegram login'),
    };
    operator.terminal.print(`${session.name}: ${words[session.status]}`);
    for (const { channel, found, problem } of readings)
      operator.terminal.print(`  ${channel}  ${problem ?? (found === null ? say('being looked for', 'ищем') : say('is read', 'читается'))}`);
    return session.status === 'revoked' || readings.some(({ problem }) => problem !== null) ? 1 : 0;
  },
};
