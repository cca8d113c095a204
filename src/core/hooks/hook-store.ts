/** Addresses at which other programs tell bots what to do, as they are kept: types only. */

export interface HookSettings {
  readonly isEnabled: boolean;
  /** How old a message may be, in seconds; `null` where messages need not say when they were written. */
  readonly maxAgeSeconds: number | null;
  /** Whether it takes messages from TradingView's own addresses only. */
  readonly isTradingViewOnly: boolean;
}

export interface HookRecord extends HookSettings {
  readonly botId: string;
  readonly userId: string;
  /** What stands in the address; another one with every secret. */
  readonly hookId: string;
  /** The secret under the master key. */
  readonly sealed: string;
  readonly createdAt: number;
  readonly changedAt: number;
  /** When a message with the right secret came last, and what became of it. */
  readonly lastAt: number | null;
  readonly lastOutcome: string | null;
}

export type NewHook = Omit<HookRecord, 'createdAt' | 'changedAt' | 'lastAt' | 'lastOutcome'> & { readonly at: number };

export interface HookStore {
  /** Makes the address of a bot, or gives it another id and secret. `null` when the bot is not this user's. */
  put(hook: NewHook): Promise<HookRecord | null>;
  get(userId: string, botId: string): Promise<HookRecord | null>;
  change(userId: string, botId: string, change: Partial<HookSettings> & { readonly at: number }): Promise<HookRecord | null>;
  /** `false` when there was none. */
  remove(userId: string, botId: string): Promise<boolean>;
  /** Not reachable by users. */
  byHookId(hookId: string): Promise<HookRecord | null>;
  /** Whether a message of one of these digests has come since then. */
  hasReceipt(botId: string, digests: readonly string[], since: number): Promise<boolean>;
  /** Notes what came and what became of it; a digest makes it a receipt, `null` is for what has not acted. */
  note(botId: string, digest: string | null, outcome: string, at: number): Promise<void>;
  /** Removes up to `limit` receipts from before then. */
  forgetReceipts(before: number, limit: number): Promise<number>;
}
