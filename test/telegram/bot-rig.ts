/** The bot as it runs, on a database of its own, against the simulator on loopback, beside the API that makes codes and bots. */
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach } from 'vitest';
import { asyncActorScope } from '#adapters/actor-scope.ts';
import { systemClock } from '#adapters/clock.ts';
import { randomIds } from '#adapters/ids.ts';
import { openTelegram } from '#adapters/telegram.ts';
import { aesVault } from '#adapters/vault.ts';
import { BotHistory } from '#app/bots/bot-stats.ts';
import { Bots } from '#app/bots/bots.ts';
import { Notices } from '#app/notices/notices.ts';
import { Orders } from '#app/orders/orders.ts';
import { Accounts } from '#app/people/accounts.ts';
import { Plans } from '#app/plans/plans.ts';
import { SignalViews } from '#app/signal-views/signal-views.ts';
import { ChatLinks } from '#app/telegram/links.ts';
import type { ActorScope } from '#core/audit.ts';
import type { Vault } from '#core/ports.ts';
import { digestOfToken } from '#edges/http/access-tokens.ts';
import { Buttons, type Verb } from '#edges/telegram/buttons.ts';
import { Conversation } from '#edges/telegram/conversation.ts';
import { UpdateLoop } from '#edges/telegram/update-loop.ts';
import { dca } from '#strategies/dca.ts';
import { grid } from '#strategies/grid.ts';
import { type Api, type Caller, GRID, openApi } from '#test/e2e/_api.ts';
import { createTestStore, type TestStore } from '#test/support/database.ts';
import type { ManualClock } from '#test/support/manual-clock.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import { until } from '#test/support/until.ts';
import { type SentMessage, TelegramSimulator } from './simulator.ts';

/** The simulator's bot. */
export const BOT_ID = '110201543';
export const WEBHOOK_SECRET = 'a-secret-that-telegram-shows';

interface Key {
  readonly text: string;
  readonly callback_data: string;
}

interface RigParts {
  readonly api: Api;
  readonly database: TestStore;
  readonly telegram: TelegramSimulator;
  readonly vault: Vault;
  readonly actors: ActorScope;
}

export class BotRig {
  readonly api: Api;
  readonly database: TestStore;
  readonly telegram: TelegramSimulator;
  /** Of the conversation and of the API; timers of the loop run in real time. */
  readonly clock: ManualClock;
  readonly #parts: RigParts;
  readonly #loops: UpdateLoop[] = [];
  readonly #plans: Plans[] = [];

  constructor(parts: RigParts) {
    this.#parts = parts;
    this.api = parts.api;
    this.database = parts.database;
    this.telegram = parts.telegram;
    this.clock = parts.api.clock;
  }

  /** Another process that may listen; closed after the test. */
  listen(owner: string, webhook: { readonly url: string; readonly secret: string } | null = null): UpdateLoop {
    const { api, telegram, vault, actors } = this.#parts;
    const strategies = new Map([grid, dca].map((each) => [each.name, each as never]));
    const venues = new Map([api.paper, api.binance].map((venue) => [venue.id, venue]));
    const parts = { ...api, vault, actors, strategies, venues, ids: randomIds, log: quietLog(api.lines) };
    const accounts = new Accounts(parts);
    const plans = new Plans({ ...parts, digest: digestOfToken });
    this.#plans.push(plans);
    const conversation = new Conversation({
      ...parts,
      links: new ChatLinks({ ...parts, notices: new Notices({ ...parts, channels: ['telegram'] }) }),
      accounts,
      bots: new Bots({ ...parts, accounts }),
      history: new BotHistory(parts),
      orders: new Orders({ ...parts, accounts }),
      signals: new SignalViews({ ...parts, plans }),
    });
    const client = openTelegram({ token: telegram.token, apiRoot: telegram.apiRoot });
    const loop = new UpdateLoop({ ...parts, clock: systemClock, telegram: client, botId: BOT_ID, owner, conversation, webhook });
    this.#loops.push(loop);
    loop.start();
    return loop;
  }

  async until(isSo: () => boolean | Promise<boolean>, what: string): Promise<void> {
    await until(isSo, what);
  }

  /** Until the update has been dealt with. */
  settled(updateId: number): Promise<void> {
    const isDone = async (): Promise<boolean> =>
      (await this.database.query('select 1 from telegram_updates where update_id = $1 and done_at is not null', [updateId])).length > 0;
    return this.until(isDone, `update ${updateId} is dealt with`);
  }

  /** Says it, and gives what the chat was told in answer. */
  async say(chatId: number, text: string, more?: Parameters<TelegramSimulator['say']>[2]): Promise<readonly string[]> {
    const before = this.telegram.toldTo(chatId).length;
    await this.settled(this.telegram.say(chatId, text, more));
    return this.telegram
      .toldTo(chatId)
      .slice(before)
      .map((message) => message.text);
  }

  /** Of the chat's messages, those of the newest first. */
  buttons(chatId: number): readonly (Key & { readonly message: SentMessage })[] {
    return this.telegram
      .toldTo(chatId)
      .toReversed()
      .flatMap((message) => {
        const markup = message.parameters['reply_markup'] as { readonly inline_keyboard: readonly (readonly Key[])[] };
        return markup.inline_keyboard.flat().map((key) => ({ ...key, message }));
      });
  }

  /** Presses the newest button with this in its text; gives what its message says afterwards. */
  async press(chatId: number, label: string, fromId?: number): Promise<string> {
    const buttons = this.buttons(chatId);
    const button = buttons.find(({ text }) => text.includes(label));
    if (button === undefined) throw new Error(`no button ${label}; there are ${buttons.map(({ text }) => text).join(', ')}`);
    await this.settled(this.telegram.press(chatId, button.message.messageId, button.callback_data, fromId));
    return button.message.text;
  }

  /** What a button would carry whoever had the key, for another's things too. */
  signed(chatId: number, verb: Verb, argument: string): string {
    return new Buttons({ vault: this.#parts.vault, clock: this.clock }).write({ text: '', verb, argument }, String(chatId));
  }

  async codeOf(user: Caller): Promise<string> {
    return ((await user.call('POST', '/users/me/telegram-link')).body as unknown as { readonly code: string }).code;
  }

  /** A user whose chat is linked. */
  async linked(chatId: number, email?: string): Promise<Caller> {
    const user = await this.api.user(email);
    await this.say(chatId, `/start ${await this.codeOf(user)}`);
    return user;
  }

  async bot(user: Caller, name: string): Promise<string> {
    const made = await user.call('POST', '/bots', { name, strategy: 'grid', symbol: 'BTC/USDT', mode: 'paper', exchange: 'paper', config: GRID });
    if (made.status !== 201) throw new Error(made.text);
    return made.body.id;
  }

  async close(): Promise<void> {
    await Promise.all(this.#loops.map((loop) => loop.close()));
    for (const plans of this.#plans) plans.close();
    await this.api.server.close();
    await this.telegram.close();
    await this.database.drop();
  }
}

/** Opened before each test and closed after it. */
export function botRig(): () => BotRig {
  let rig: BotRig | null = null;
  beforeEach(async () => {
    const actors = asyncActorScope();
    const database = await createTestStore(actors);
    const telegram = new TelegramSimulator();
    await telegram.start();
    const vault = aesVault(randomBytes(32).toString('base64'));
    const api = await openApi(database.store, { vault, actors, chatBot: { botId: BOT_ID, webhookSecret: WEBHOOK_SECRET } });
    rig = new BotRig({ api, database, telegram, vault, actors });
  });
  afterEach(() => rig?.close());
  return () => {
    if (rig === null) throw new Error('not open yet');
    return rig;
  };
}
