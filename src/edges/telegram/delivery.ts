/** Carries answers to Telegram: patient with its limits and outages for a while, and quiet where somebody does not want to be talked to. */
import type { Clock, Log } from '#core/ports.ts';
import type { Telegram, TelegramAnswer } from '#core/telegram.ts';
import type { Button, Buttons } from './buttons.ts';
import type { Reply } from './conversation.ts';
import type { Screen } from './screen.ts';

/** An answer is tried so often; whoever asked may ask again. */
export const TRIES = 4;
const FIRST_PAUSE_MS = 1_000;
/** Telegram may ask for more patience than an answer is worth. */
export const LONGEST_PAUSE_MS = 30_000;

export interface DeliveryParts {
  readonly telegram: Telegram;
  readonly buttons: Buttons;
  readonly clock: Clock;
  readonly log: Log;
}

export class Delivery {
  readonly #parts: DeliveryParts;

  constructor(parts: DeliveryParts) {
    this.#parts = parts;
  }

  /** Never throws. `isStopping` ends the patience. */
  async send(replies: readonly Reply[], isStopping: () => boolean): Promise<void> {
    for (const reply of replies) {
      const answer = await this.#insist(() => this.#call(reply), isStopping);
      if (answer.isOk || answer.problem === 'blocked') continue;
      // A message that is too old to be changed is sent anew.
      if (reply.kind === 'edit' && answer.problem === 'invalid' && !/not modified/i.test(answer.description))
        await this.#insist(() => this.#call({ ...reply, kind: 'send' }), isStopping);
      else if (answer.problem !== 'invalid')
        this.#parts.log.warn({ reason: answer.description, problem: answer.problem }, 'an answer could not be given by Telegram');
    }
  }

  async #insist(call: () => Promise<TelegramAnswer<unknown>>, isStopping: () => boolean): Promise<TelegramAnswer<unknown>> {
    for (let attempt = 1; ; attempt += 1) {
      const answer = await call();
      if (answer.isOk || attempt >= TRIES || isStopping() || !['too_many', 'unreachable', 'unknown'].includes(answer.problem)) return answer;
      const pauseMs = answer.retryAfterMs ?? FIRST_PAUSE_MS * 2 ** (attempt - 1);
      if (pauseMs > LONGEST_PAUSE_MS) return answer;
      await new Promise<void>((resolve) => void this.#parts.clock.after(pauseMs, resolve));
    }
  }

  #call(reply: Reply): Promise<TelegramAnswer<unknown>> {
    const { telegram } = this.#parts;
    switch (reply.kind) {
      case 'send':
        return telegram.call('sendMessage', { chat_id: Number(reply.chatId), ...this.#written(reply.screen, reply.chatId) });
      case 'edit':
        return telegram.call('editMessageText', { chat_id: Number(reply.chatId), message_id: reply.messageId, ...this.#written(reply.screen, reply.chatId) });
      case 'toast':
        return telegram.call('answerCallbackQuery', { callback_query_id: reply.pressId, ...(reply.text === '' ? {} : { text: reply.text }) });
      case 'leave':
        return telegram.call('leaveChat', { chat_id: Number(reply.chatId) });
    }
  }

  #written({ text, rows }: Screen, chatId: string): Readonly<Record<string, unknown>> {
    const key = (button: Button) => ({ text: button.text, callback_data: this.#parts.buttons.write(button, chatId) });
    return {
      text,
      parse_mode: 'HTML',
      link_preview_options: { is_disabled: true },
      reply_markup: { inline_keyboard: rows.map((row) => row.map(key)) },
    };
  }
}
