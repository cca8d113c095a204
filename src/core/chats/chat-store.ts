/** Whose Telegram chat is whose, and what has come from chats: types only. A bot is named by the number that begins its token. */
/** The one chat of a user, who is the one user of that chat. */
export interface ChatLink {
  readonly userId: string;
  readonly chatId: string;
  readonly linkedAt: number;
}

/** What became of a code. `chatTaken`: the chat belongs to another user, and the code is still good. */
export type Redemption =
  | { readonly outcome: 'linked'; readonly link: ChatLink; readonly formerChatId: string | null }
  | { readonly outcome: 'invalid' | 'chatTaken' };

export interface ChatStore {
  /** Keeps a code; one that the user got before is void from now on. */
  issueCode(code: { readonly userId: string; readonly codeHash: string; readonly expiresAt: number }): Promise<void>;
  /**
   * Links the chat to the user of the code, atomically: of two chats with one code the first has it, and for that one it is good once more, so that
   * an update may be dealt with again. A chat that the user had is let go.
   */
  redeem(codeHash: string, chat: { readonly chatId: string; readonly at: number }): Promise<Redemption>;
  ofUser(userId: string): Promise<ChatLink | null>;
  /** Whose the chat is. Not reachable by users but through that chat. */
  ofChat(chatId: string): Promise<ChatLink | null>;
  /** The link as it was; `null` when there was none. */
  unlink(userId: string): Promise<ChatLink | null>;
}

/** An update as Telegram sent it, with what it is told apart by. */
export interface ReceivedUpdate {
  readonly updateId: number;
  readonly chatId: string;
  readonly update: unknown;
  readonly receivedAt: number;
}

/** What has come from Telegram and is dealt with once each, by one process at a time. */
export interface UpdateInbox {
  /** Takes or keeps the turn for `ms`, on the clock of the store; `false` while another has it. */
  takeTurn(botId: string, owner: string, ms: number): Promise<boolean>;
  giveTurn(botId: string, owner: string): Promise<void>;
  /** Notes by what name people find the bot. */
  setName(botId: string, name: string): Promise<void>;
  /** `null` before it is known. */
  name(botId: string): Promise<string | null>;
  /** Keeps what is new of them and says how many that were; what has come before is passed over. */
  receive(botId: string, updates: readonly ReceivedUpdate[]): Promise<number>;
  /** From which update on Telegram is to be asked, and when the last one came; `null` before the first. */
  position(botId: string): Promise<{ readonly nextUpdate: number; readonly receivedAt: number } | null>;
  /**
   * Updates nobody deals with, the oldest first, for `claimMs`; those of `busyChats` are left out, and no update overtakes another of
   * its chat. What another owner has claimed is free at once: whoever has the turn is alone.
   */
  claim(botId: string, owner: string, busyChats: readonly string[], limit: number, claimMs: number): Promise<readonly ReceivedUpdate[]>;
  /** It has been dealt with; what it said is forgotten. */
  settle(botId: string, updateId: number, at: number): Promise<void>;
  /** Removes up to `limit` that were settled before then. */
  forget(before: number, limit: number): Promise<number>;
}
