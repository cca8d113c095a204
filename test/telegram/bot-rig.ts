/** The bot as it runs, on a database of its own, against the simulator on loopback, beside the API that makes codes and bots. */
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach } from 'vitest';
import { asyncActorScope } from '#adapters/actor-scope.ts';
import { systemClock } from '#adapters/clock.ts';
import { randomIds } from '#adapters/ids.ts';
import { openTelegram } from '#adapters/telegram.ts';
import { aesVault } from '#adapters/vault.ts';
import { Accounts } from '#app/accounts.ts';
import { BotHistory } from '#app/bot-stats.ts';
import { Bots } from '#app/bots.ts';
import { Orders } from '#app/orders.ts';
import { ChatLinks } from '#app/telegram/links.ts';
import { Buttons, type Verb } from '#edges/telegram/buttons.ts';
import { Conversation } from '#edges/telegram/conversation.ts';
import { UpdateLoop } from '#edges/telegram/update-loop.ts';
import { dca } from '#strategies/dca.ts';
import { grid } from '#strategies/grid.ts';
import { type Api, type Caller, GRID, openApi } from '#test/e2e/_api.ts';
import { createTestStore, type TestStore } from '#test/support/database.ts';
import type { ManualClock } from '#test/support/manual-clock.ts';
import { quietLog } from '#test/support/quiet-log.ts';
import { type SentMessage, TelegramSimulator } from './simulator.ts';

/** The simulator's bot. */
export const BOT_ID = '110201543';
const PATIENCE_MS = 15_000;

export interface BotRig {
  readonly api: Api;
  readonly database: TestStore;
  readonly telegram: TelegramSimulator;
  /** Of the conversation and of the API; timers of the loop run in real time. */
  readonly clock: ManualClock;
  readonly webhookSecret: string;
  /** Another process that may listen; closed after the test. */
  listen(owner: string, change?: { readonly webhook?: { readonly url: string; readonly secret: string } }): UpdateLoop;
  /** Until the update has been dealt with. */
  settled(updateId: number): Promise<void>;
  /** Says it, and gives what the chat was told in answer. */
  say(chatId: number, text: string, more?: Parameters<TelegramSimulator['say']>[2]): Promise<readonly string[]>;
  /** Presses the button with this text under the newest message that has one; gives what the message says afterwards. */
  press(chatId: number, label: string, fromId?: number): Promise<string>;
  /** A user whose chat is linked. */
  linked(chatId: number, email?: string): Promise<Caller>;
  bot(user: Caller, name: string): Promise<string>;
  /** What a button would carry whoever had the key, for another's things too. */
  signed(chatId: number, verb: Verb, argument: string): string;
  until(isSo: () => boolean | Promise<boolean>, what: string): Promise<void>;
  buttons(chatId: number): readonly { readonly text: string; readonly callback_data: string; readonly message: SentMessage }[];
}

interface Key {
  readonly text: string;
  readonly callback_data: string;
}

/** Opened before each test and closed after it. */
export function botRig(): () => BotRig {
  let rig: BotRig | null = null;
  let close: () => Promise<void> = async () => undefined;
  beforeEach(async () => {
    const actors = asyncActorScope();
    const database = await createTestStore(actors);
    const telegram = new TelegramSimulator();
    await telegram.start();
    const vault = aesVault(randomBytes(32).toString('base64'));
    const webhookSecret = 'a-secret-that-telegram-shows';
    const api = await openApi(database.store, { vault, actors, chatBot: { botId: BOT_ID, webhookSecret } });
    const loops: UpdateLoop[] = [];
    const { clock, bus, store } = api;
    const parts = {
      store,
      vault,
      clock,
      bus,
      ids: randomIds,
      actors,
      log: quietLog(api.lines),
      venues: new Map([api.paper, api.binance].map((venue) => [venue.id, venue])),
      strategies: new Map([grid, dca].map((each) => [each.name, each as never])),
    };
    const until: BotRig['until'] = async (isSo, what) => {
      for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 5))) if (await isSo()) return;
      throw new Error(`not within ${PATIENCE_MS} ms: ${what}`);
    };
    const settled = (updateId: number): Promise<void> =>
      until(
        async () => (await database.query('select 1 from telegram_updates where update_id = $1 and done_at is not null', [updateId])).length > 0,
        `update ${updateId} is dealt with`,
      );
    const listen: BotRig['listen'] = (owner, { webhook } = {}) => {
      const accounts = new Accounts(parts);
      const conversation = new Conversation({
        ...parts,
        links: new ChatLinks(parts),
        accounts,
        bots: new Bots({ ...parts, accounts }),
        history: new BotHistory(parts),
        orders: new Orders({ ...parts, accounts }),
      });
      const client = openTelegram({ token: telegram.token, apiRoot: telegram.apiRoot });
      const loop = new UpdateLoop({ ...parts, clock: systemClock, telegram: client, botId: BOT_ID, owner, conversation, webhook: webhook ?? null });
      loops.push(loop);
      loop.start();
      return loop;
    };
    const buttons: BotRig['buttons'] = (chatId) =>
      telegram
        .toldTo(chatId)
        .toReversed()
        .flatMap((message) => {
          const markup = message.parameters['reply_markup'] as { readonly inline_keyboard: readonly (readonly Key[])[] };
          return markup.inline_keyboard.flat().map((key) => ({ ...key, message }));
        });
    const say: BotRig['say'] = async (chatId, text, more) => {
      const before = telegram.toldTo(chatId).length;
      await settled(telegram.say(chatId, text, more));
      return telegram
        .toldTo(chatId)
        .slice(before)
        .map((message) => message.text);
    };
    rig = {
      api,
      database,
      telegram,
      clock,
      webhookSecret,
      listen,
      settled,
      say,
      until,
      signed: (chatId, verb, argument) => new Buttons({ vault, clock }).write({ text: '', verb, argument }, String(chatId)),
      buttons,
      press: async (chatId, label, fromId) => {
        const button = buttons(chatId).find(({ text }) => text.includes(label));
        if (button === undefined)
          throw new Error(
            `no button ${label}; there are ${buttons(chatId)
              .map(({ text }) => text)
              .join(', ')}`,
          );
        await settled(telegram.press(chatId, button.message.messageId, button.callback_data, fromId));
        return button.message.text;
      },
      linked: async (chatId, email) => {
        const user = await api.user(email);
        const { code } = (await user.call('POST', '/users/me/telegram-link')).body as unknown as { readonly code: string };
        await say(chatId, `/start ${code}`);
        return user;
      },
      bot: async (user, name) => {
        const made = await user.call('POST', '/bots', { name, strategy: 'grid', symbol: 'BTC/USDT', mode: 'paper', exchange: 'paper', config: GRID });
        if (made.status !== 201) throw new Error(made.text);
        return made.body.id;
      },
    };
    close = async () => {
      await Promise.all(loops.map((loop) => loop.close()));
      await api.server.close();
      await telegram.close();
      await database.drop();
    };
  });
  afterEach(() => close());
  return () => {
    if (rig === null) throw new Error('not open yet');
    return rig;
  };
}
