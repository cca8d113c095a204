/**
 * Takes what comes from Telegram and has it answered: kept before anything is done with it, one update of a chat after the other, chats
 * beside each other, by one process at a time. Whoever takes over goes on with what was kept; doing an update twice does no harm.
 */
import { keepable, UPDATES_TOPIC } from '#app/telegram/updates.ts';
import type { ReceivedUpdate } from '#core/chats/chat-store.ts';
import { PortError } from '#core/errors.ts';
import { type Metrics, NO_METRICS } from '#core/metrics.ts';
import type { Bus, Clock, Log } from '#core/ports.ts';
import type { Store } from '#core/store/store.ts';
import type { Telegram, TelegramProblem } from '#core/telegram.ts';
import { COMMANDS } from './commands.ts';
import type { Conversation } from './conversation.ts';
import { Delivery, type Patience } from './delivery.ts';
import { readUpdate, WANTED_UPDATES } from './incoming.ts';
import type { PostInbox } from './posts.ts';

/** A turn that is not renewed ends after this, and another process may take it. */
export const TURN_MS = 15_000;
const RENEWAL_MS = 5_000;
/** Telegram holds a request for updates open for so long. */
const POLL_SECONDS = 25;
const POLL_PATIENCE_MS = 10_000;
/** Chats dealt with at once. */
export const CHATS_AT_ONCE = 8;
const CLAIM_MS = 60_000;
/** What waits is looked for this often where nobody says that something came. */
const SWEEP_MS = 1_000;
/** After a refusal of Telegram. */
const PAUSES_MS: Readonly<Partial<Record<TelegramProblem, number>>> = { conflict: 10_000, unauthorized: 60_000 };
const PAUSE_MS = 3_000;
/** Numbers of updates begin anew after a week without any; then the old place means nothing. */
const POSITION_TTL_MS = 6 * 24 * 3_600_000;
/** What was dealt with is remembered for twice as long as Telegram may repeat it. */
const REMEMBERED_MS = 48 * 3_600_000;
const FORGET_LIMIT = 1_000;
const FORGET_EVERY_MS = 3_600_000;

export interface UpdateLoopParts {
  readonly store: Pick<Store, 'chatUpdates'>;
  readonly telegram: Telegram;
  readonly botId: string;
  /** Name of this process. */
  readonly owner: string;
  readonly conversation: Conversation;
  /** Takes posts of channels, and those that people forward; without it they are not looked at. */
  readonly posts?: Pick<PostInbox, 'hear'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly bus: Bus;
  /** Where Telegram brings updates; `null` where they are fetched. */
  readonly webhook: { readonly url: string; readonly secret: string } | null;
  readonly metrics?: Metrics;
}

export class UpdateLoop {
  readonly #parts: UpdateLoopParts;
  readonly #delivery: Delivery;
  readonly #metrics: Metrics;
  readonly #patience: Patience = { pause: (ms) => this.#pause(ms, false), isOver: () => this.#isClosed };
  readonly #busy = new Map<string, Promise<void>>();
  readonly #sleepers = new Set<() => void>();
  #hasTurn = false;
  #turnUntil = 0;
  /** Whether Telegram has been told how updates reach us, in this turn. */
  #isIntroduced = false;
  #isClosed = false;
  #loops: readonly Promise<void>[] = [];
  #unsubscribe: () => void = () => undefined;
  #forgetAt = 0;

  constructor(parts: UpdateLoopParts) {
    this.#parts = parts;
    this.#metrics = parts.metrics ?? NO_METRICS;
    this.#delivery = new Delivery({ ...parts, buttons: parts.conversation.buttons });
  }

  start(): void {
    this.#unsubscribe = this.#parts.bus.subscribe(UPDATES_TOPIC, () => this.#wake());
    const steps = { turn: () => this.#keepTurn(), work: () => this.#work(), introduction: () => this.#introduce(), poll: () => this.#poll() };
    this.#loops = Object.entries(steps).map(([name, step]) => this.#forever(name, step));
  }

  /** Lets what is being dealt with end, and another process take over at once. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#unsubscribe();
    this.#wake();
    // Whoever is being answered is answered; a request for updates would be held open for long.
    await Promise.all(this.#busy.values());
    this.#parts.telegram.close();
    await Promise.all(this.#loops);
    if (this.#hasTurn) await this.#parts.store.chatUpdates.giveTurn(this.#parts.botId, this.#parts.owner);
  }

  async #forever(name: string, step: () => Promise<void>): Promise<void> {
    while (!this.#isClosed) {
      try {
        await step();
      } catch (error) {
        if (this.#isClosed) return;
        this.#parts.log.warn({ err: error, loop: name }, 'the conversation by Telegram is interrupted');
        await this.#pause(PAUSE_MS);
      }
    }
  }

  async #keepTurn(): Promise<void> {
    const { store, botId, owner, clock } = this.#parts;
    const askedAt = clock.now();
    if (this.#hasTurn && askedAt >= this.#turnUntil) this.#hasTurn = false;
    const hasTurn = await store.chatUpdates.takeTurn(botId, owner, TURN_MS);
    if (hasTurn) this.#turnUntil = askedAt + TURN_MS;
    if (!hasTurn || !this.#hasTurn) this.#isIntroduced = false;
    const isNew = hasTurn && !this.#hasTurn;
    this.#hasTurn = hasTurn;
    if (isNew) this.#wake();
    await this.#pause(RENEWAL_MS, false);
  }

  /** Tells Telegram, once a turn, how updates reach us and what can be said to us; until it takes that, again and again. */
  async #introduce(): Promise<void> {
    const { telegram, webhook, store, botId, log } = this.#parts;
    if (!this.#isAllowed() || this.#isIntroduced) return this.#pause(SWEEP_MS);
    const me = await telegram.call<{ readonly username?: unknown }>('getMe', {});
    if (me.isOk && typeof me.result.username === 'string') await store.chatUpdates.setName(botId, me.result.username);
    const way =
      webhook === null
        ? await telegram.call('deleteWebhook', {})
        : await telegram.call('setWebhook', { url: webhook.url, secret_token: webhook.secret, allowed_updates: WANTED_UPDATES });
    const scope = { type: 'all_private_chats' };
    for (const language of ['en', 'ru'] as const) {
      const commands = COMMANDS.map(({ name, title }) => ({ command: name, description: title[language] }));
      await telegram.call('setMyCommands', { scope, commands, ...(language === 'en' ? {} : { language_code: language }) });
    }
    if (way.isOk) {
      this.#isIntroduced = true;
      return this.#wake();
    }
    if (this.#isClosed) return;
    log.warn({ reason: way.description, problem: way.problem }, 'Telegram does not take how updates shall reach us; trying again');
    await this.#pause(way.retryAfterMs ?? PAUSES_MS[way.problem] ?? PAUSE_MS, false);
  }

  async #poll(): Promise<void> {
    const { telegram, store, botId, clock, log, webhook } = this.#parts;
    if (webhook !== null || !this.#isAllowed() || !this.#isIntroduced) return this.#pause(SWEEP_MS);
    const position = await store.chatUpdates.position(botId);
    const isFresh = position !== null && clock.now() - position.receivedAt < POSITION_TTL_MS;
    const answer = await telegram.call<unknown>(
      'getUpdates',
      { timeout: POLL_SECONDS, allowed_updates: WANTED_UPDATES, ...(isFresh ? { offset: position.nextUpdate } : {}) },
      POLL_SECONDS * 1_000 + POLL_PATIENCE_MS,
    );
    if (this.#isClosed) return;
    if (!answer.isOk) {
      log.warn({ reason: answer.description, problem: answer.problem }, 'updates of Telegram cannot be fetched');
      return this.#pause(answer.retryAfterMs ?? PAUSES_MS[answer.problem] ?? PAUSE_MS, false);
    }
    const updates = keepable(answer.result, clock.now());
    const isNew = updates.length === 0 ? 0 : await store.chatUpdates.receive(botId, updates);
    if (isNew === 0) return;
    this.#metrics.countTelegramUpdates('received', isNew);
    this.#wake();
  }

  async #work(): Promise<void> {
    const { store, botId, owner } = this.#parts;
    await this.#forgetNowAndThen();
    const room = CHATS_AT_ONCE - this.#busy.size;
    const claimed = this.#isAllowed() && room > 0 ? await store.chatUpdates.claim(botId, owner, [...this.#busy.keys()], room, CLAIM_MS) : [];
    // What was claimed meanwhile is for whoever comes next.
    if (this.#isClosed) return;
    for (const [chatId, updates] of Map.groupBy(claimed, (update) => update.chatId)) {
      const work = this.#deal(updates).finally(() => {
        this.#busy.delete(chatId);
        this.#wake();
      });
      this.#busy.set(chatId, work);
    }
    if (claimed.length === 0) await this.#pause(SWEEP_MS);
  }

  /** One after the other. What the store does not take now comes again when the claim has run out. */
  async #deal(updates: readonly ReceivedUpdate[]): Promise<void> {
    const { conversation, posts, store, botId, clock, log } = this.#parts;
    for (const { update, updateId } of updates) {
      try {
        const incoming = readUpdate(update);
        const replies = (await posts?.hear(update)) ?? (incoming === null ? [] : await conversation.hear(incoming));
        const isAnswered = await this.#delivery.send(replies, this.#patience);
        // The next process does it once more, which does no harm, and answers.
        if (!isAnswered && this.#isClosed) return;
        await store.chatUpdates.settle(botId, updateId, clock.now());
        this.#metrics.countTelegramUpdates('settled', 1);
      } catch (error) {
        this.#metrics.countTelegramUpdates('failed', 1);
        log.warn({ err: error, updateId }, 'an update of Telegram could not be dealt with; it is tried again');
        if (error instanceof PortError) return;
      }
    }
  }

  async #forgetNowAndThen(): Promise<void> {
    const now = this.#parts.clock.now();
    if (now < this.#forgetAt || !this.#isAllowed()) return;
    this.#forgetAt = now + FORGET_EVERY_MS;
    await this.#parts.store.chatUpdates.forget(now - REMEMBERED_MS, FORGET_LIMIT);
  }

  #isAllowed(): boolean {
    return this.#hasTurn && !this.#isClosed && this.#parts.clock.now() < this.#turnUntil;
  }

  /** Until then, or until somebody wakes it. */
  #pause(ms: number, isWakeable = true): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    return new Promise((resolve) => {
      const end = (): void => {
        callOff();
        this.#sleepers.delete(wake);
        resolve();
      };
      const wake = (): void => {
        if (isWakeable || this.#isClosed) end();
      };
      const callOff = this.#parts.clock.after(ms, end);
      this.#sleepers.add(wake);
    });
  }

  #wake(): void {
    for (const wake of [...this.#sleepers]) wake();
  }
}
