/** Carries answers to Telegram: patient with its limits and outages for a while, and quiet where somebody does not want to be talked to. */
import type { Log } from '#core/ports.ts';
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
  readonly log: Log;
}

/** How tries are waited for: not at all once everything is to end. */
export interface Patience {
  pause(ms: number): Promise<void>;
  isOver(): boolean;
}

export class Delivery {
  readonly #parts: DeliveryParts;

  constructor(parts: DeliveryParts) {
    this.#parts = parts;
  }

  /** Never throws; `false` when an answer could not be given, though it may be another time. */
  async send(replies: readonly Reply[], patience: Patience): Promise<boolean> {
    for (const reply of replies) {
      let answer = await this.#insist(() => this.#call(reply), patience);
      // A message that is too old to be changed is sent anew.
      if (reply.kind === 'edit' && !answer.isOk && answer.problem === 'invalid' && !/not modified/i.test(answer.description))
        answer = await this.#insist(() => this.#call({ ...reply, kind: 'send' }), patience);
      if (answer.isOk || answer.problem === 'blocked' || answer.problem === 'invalid') continue;
      this.#parts.log.warn({ reason: answer.description, problem: answer.problem }, 'an answer could not be given by Telegram');
      return false;
    }
    return true;
  }

  async #insist(call: () => Promise<TelegramAnswer<unknown>>, { pause, isOver }: Patience): Promise<TelegramAnswer<unknown>> {
    for (let attempt = 1; ; attempt += 1) {
      const answer = await call();
      if (answer.isOk || attempt >= TRIES || !['too_many', 'unreachable', 'unknown'].includes(answer.problem)) return answer;
      const pauseMs = answer.retryAfterMs ?? FIRST_PAUSE_MS * 2 ** (attempt - 1);
      if (pauseMs > LONGEST_PAUSE_MS) return answer;
      await pause(pauseMs);
      if (isOver()) return answer;
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
