/** The bot of Telegram that this installation speaks through, as far as it may be known. */
export interface ChatBot {
  /** The number that begins its token. */
  readonly botId: string;
  /** What Telegram shows when it brings updates; `null` where they are fetched. */
  readonly webhookSecret: string | null;
}
