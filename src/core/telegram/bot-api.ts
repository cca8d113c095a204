/** The Telegram Bot API as far as a conversation needs it, types only. */

/** How a call may fail: thrown as an Error that carries this. */
export interface BotApiFailure {
  /** Status as Telegram gives it; `null` where it has not answered. */
  readonly status: number | null;
  readonly retryAfterMs: number | null;
  readonly message: string;
}

export interface BotApi {
  /** The number that begins the bot's token; no secret. */
  readonly botId: string;
  /** Calls a method with its parameters as Telegram names them, returns its `result`, and waits `extraMs` longer than usual for it. Throws {@link BotApiFailure}. */
  call(method: string, parameters: Readonly<Record<string, unknown>>, extraMs?: number): Promise<unknown>;
  /** Calls that are under way fail. */
  close(): Promise<void>;
}
