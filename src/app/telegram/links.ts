/** How a Telegram chat becomes a user's: by a code of the site that is used once, soon, and is not to be guessed. */
import type { ChatLink, Redemption } from '#core/chats/chat-store.ts';
import { AppError } from '#core/errors.ts';
import type { Clock, Ids, Vault } from '#core/ports.ts';
import type { Store } from '#core/store/store.ts';
import type { Notices } from '../notices/notices.ts';
import { Buckets, type Pace } from '../people/buckets.ts';

/** How long a code is good. */
export const CODE_TTL_MS = 10 * 60_000;
const CODE_BYTES = 16;
/** Wrong codes of one chat at once; one more every ten minutes. */
export const CODES_PER_CHAT: Pace = { capacity: 5, refillMs: 10 * 60_000 };
/** Codes one user may ask for at once; one more every minute. */
export const CODES_PER_USER: Pace = { capacity: 5, refillMs: 60_000 };
const CODE = /^[A-Za-z0-9_-]{22}$/;

export interface ChatLinksParts {
  readonly store: Pick<Store, 'chats'>;
  readonly notices: Notices;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly ids: Ids;
}

export class ChatLinks {
  readonly notices: Notices;
  readonly #parts: ChatLinksParts;
  readonly #paces: Buckets;

  constructor(parts: ChatLinksParts) {
    this.#parts = parts;
    this.notices = parts.notices;
    this.#paces = new Buckets(parts.clock);
  }

  /** A new code; the one before is void. Throws AppError `rate_limited`. */
  async issue(userId: string): Promise<{ readonly code: string; readonly expiresAt: number }> {
    const { store, clock, ids } = this.#parts;
    const waitMs = this.#paces.attempt(`user ${userId}`, CODES_PER_USER);
    if (waitMs > 0) throw new AppError('rate_limited', `Too many codes; ask for the next one in ${Math.ceil(waitMs / 1_000)} s.`, [], waitMs);
    const code = ids.secret(CODE_BYTES);
    const expiresAt = clock.now() + CODE_TTL_MS;
    await store.chats.issueCode({ userId, codeHash: this.#digest(code), expiresAt });
    return { code, expiresAt };
  }

  /** Links a chat, and has news told there. `tooMany` is said without looking at the code. */
  async redeem(code: string, chatId: string): Promise<Redemption | { readonly outcome: 'tooMany'; readonly waitMs: number }> {
    const { store, clock } = this.#parts;
    const waitMs = this.#paces.attempt(`chat ${chatId}`, CODES_PER_CHAT);
    if (waitMs > 0) return { outcome: 'tooMany', waitMs };
    if (!CODE.test(code)) return { outcome: 'invalid' };
    const redemption = await store.chats.redeem(this.#digest(code), { chatId, at: clock.now() });
    if (redemption.outcome !== 'linked') return redemption;
    this.#paces.giveBack(`chat ${chatId}`, CODES_PER_CHAT);
    await this.tellIn(redemption.link);
    return redemption;
  }

  ofUser(userId: string): Promise<ChatLink | null> {
    return this.#parts.store.chats.ofUser(userId);
  }

  ofChat(chatId: string): Promise<ChatLink | null> {
    return this.#parts.store.chats.ofChat(chatId);
  }

  /** The link as it was; `null` when there was none. No news are told in the chat any more. */
  async unlink(userId: string): Promise<ChatLink | null> {
    const link = await this.#parts.store.chats.ofUser(userId);
    if (link === null) return null;
    await this.notices.unlinkChat(userId);
    return this.#parts.store.chats.unlink(userId);
  }

  /** Whoever blocks the bot is left in peace; whoever takes it back is told news again. */
  async setReach(chatId: string, isReachable: boolean): Promise<void> {
    const link = await this.ofChat(chatId);
    if (link === null) return;
    if (isReachable) await this.tellIn(link);
    else await this.notices.chatBlocked(link.userId, chatId);
  }

  /** News are told in the chat, also where its user has taken it off the list of his addresses. */
  async tellIn({ userId, chatId }: Pick<ChatLink, 'userId' | 'chatId'>): Promise<void> {
    await this.notices.linkChat(userId, chatId, hintOf(chatId));
  }

  #digest(code: string): string {
    return this.#parts.vault.fingerprint(code, 'telegram link code');
  }
}

/** Enough to tell chats apart. */
export function hintOf(chatId: string): string {
  return chatId.slice(-4);
}
