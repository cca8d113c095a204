/** Notices into Telegram chats, in Telegram's HTML, without previews of links. */
import type { Channel, SendOutcome } from '#core/notices/channel.ts';
import type { Telegram, TelegramAnswer } from '#core/telegram.ts';

/** Chats in a row that were told to wait: then it is the bot that sends too much. */
const BRAKED_CHATS = 3;

/** Closes `telegram` with itself. The address is the number of a private chat. */
export function telegramChannel(telegram: Telegram): Channel {
  const braked = new Set<string>();
  return {
    name: 'telegram',
    // Telegram grants 30 in a second to all chats and one to each; the bot answers people beside this.
    pace: { perSecond: 25, perTargetMs: 1_050, atOnce: 2, gathers: 10 },
    send: async (chat, message) => {
      const answer = await telegram.call('sendMessage', {
        chat_id: Number(chat),
        text: message.telegram,
        parse_mode: 'HTML',
        link_preview_options: { is_disabled: true },
        disable_notification: message.sound === 'none',
      });
      if (answer.isOk) braked.clear();
      else if (answer.problem === 'too_many') braked.add(chat);
      return outcomeOf(answer, braked.size >= BRAKED_CHATS);
    },
    close: async () => telegram.close(),
  };
}

function outcomeOf(answer: TelegramAnswer<unknown>, isBotBraked: boolean): SendOutcome {
  if (answer.isOk) return { outcome: 'sent' };
  const { problem, description: reason, retryAfterMs } = answer;
  switch (problem) {
    case 'blocked':
      return { outcome: 'gone', reason };
    case 'invalid':
      return { outcome: 'refused', reason };
    case 'unauthorized':
    case 'unreachable':
      return { outcome: 'later', reason, scope: 'channel', retryAfterMs };
    default:
      return { outcome: 'later', reason, scope: problem === 'too_many' && isBotBraked ? 'channel' : 'target', retryAfterMs };
  }
}
