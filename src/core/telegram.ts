/** The port of the Telegram Bot API, types only: one call, and what Telegram may say to it. */

/** Why a call came to nothing. */
export type TelegramProblem =
  /** The person has blocked the bot, has left, or there is no such chat: there is no use in trying again. */
  | 'blocked'
  /** Too many requests: nothing to anybody, or to this chat, before `retryAfterMs` is over. */
  | 'too_many'
  /** Telegram cannot make sense of the request, and will not the next time. */
  | 'invalid'
  /** The token is not (or no longer) that of a bot. */
  | 'unauthorized'
  /** Somebody else fetches the updates of this bot. */
  | 'conflict'
  /** The request has not arrived for certain. */
  | 'unreachable'
  /** No answer that could be read: it may have taken effect. */
  | 'unknown';

export type TelegramAnswer<Result> =
  | { readonly isOk: true; readonly result: Result }
  | { readonly isOk: false; readonly problem: TelegramProblem; readonly description: string; readonly retryAfterMs: number | null };

/** A bot of Telegram. Never throws; the token appears in nothing it says. */
export interface Telegram {
  /**
   * Calls a method of the Bot API by its own name and parameters. `patienceMs` is how long an answer is waited for, 10 seconds if not given;
   * for `getUpdates` it must be longer than its `timeout`.
   * @see https://core.telegram.org/bots/api
   */
  call<Result>(method: string, parameters: Readonly<Record<string, unknown>>, patienceMs?: number): Promise<TelegramAnswer<Result>>;
  /** Ends calls that are under way, as `unknown`; of later ones each is `unreachable`. */
  close(): void;
}
