/** What can be said to the bot, in the order of its menu, in both languages. */
import type { Text } from '#core/params.ts';

interface Command {
  readonly name: string;
  readonly title: Text;
}

const command = (name: string, en: string, ru: string): Command => ({ name, title: { en, ru } });

export const COMMANDS = [
  command('status', 'how things stand', 'как дела'),
  command('bots', 'your bots', 'ваши боты'),
  command('bot', 'one bot: /bot name', 'один бот: /bot имя'),
  command('profit', 'what they have earned', 'сколько заработано'),
  command('balance', 'what is in your accounts', 'что на счетах'),
  command('orders', 'open orders', 'открытые ордера'),
  command('startbot', 'start a bot', 'запустить бота'),
  command('stopbot', 'stop a bot', 'остановить бота'),
  command('panic', 'cancel everything and close at market', 'снять всё и закрыть по рынку'),
  command('signals', 'arbitrage signals', 'арбитражные сигналы'),
  command('notifications', 'what to tell you here', 'о чём сообщать'),
  command('settings', 'user and language', 'пользователь и язык'),
  command('language', 'English or Russian', 'английский или русский'),
  command('unlink', 'unlink this chat', 'отвязать чат'),
  command('help', 'this list', 'этот список'),
] as const;
