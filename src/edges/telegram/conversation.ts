/**
 * What is answered to whom: an update of a chat becomes calls of the same use cases as HTTP has, as the user the chat belongs to and
 * no other, and screens for that chat.
 */

import type { BotHistory } from '#app/bots/bot-stats.ts';
import type { Bots } from '#app/bots/bots.ts';
import type { Orders } from '#app/orders/orders.ts';
import type { Accounts } from '#app/people/accounts.ts';
import { Buckets, type Pace } from '#app/people/buckets.ts';
import type { SignalViews } from '#app/signal-views/signal-views.ts';
import type { ChatLinks } from '#app/telegram/links.ts';
import type { ActorScope } from '#core/audit.ts';
import { AppError, ERRORS, PortError } from '#core/errors.ts';
import type { Language } from '#core/notices/notice.ts';
import type { Clock, Log, Vault } from '#core/ports.ts';
import type { Store } from '#core/store/store.ts';
import { Buttons, type Press } from './buttons.ts';
import { Cockpit, isVerbOfCockpit } from './cockpit.ts';
import type { Incoming } from './incoming.ts';
import { pressNotices } from './notices.ts';
import type { Screen, Speaker } from './screen.ts';
import * as talk from './screens/talk.ts';
import { say } from './screens/words.ts';

/** Messages and presses of one chat at once; one more every two seconds. */
export const CHAT_PACE: Pace = { capacity: 20, refillMs: 2_000 };
/** Words that act and were said longer ago than this act no more. */
export const STALE_MS = 10 * 60_000;

export interface ConversationParts {
  readonly store: Pick<Store, 'users' | 'killSwitch' | 'operations'>;
  readonly links: ChatLinks;
  readonly bots: Bots;
  readonly history: BotHistory;
  readonly accounts: Accounts;
  readonly orders: Orders;
  readonly signals: Pick<SignalViews, 'list'>;
  readonly actors: ActorScope;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly log: Log;
}

/** What goes back to Telegram. */
export type Reply =
  | { readonly kind: 'send'; readonly chatId: string; readonly screen: Screen }
  /** In place of the message whose button was pressed. */
  | { readonly kind: 'edit'; readonly chatId: string; readonly messageId: number; readonly screen: Screen }
  /** A line that is gone in a moment; every press gets one, empty where there is nothing to say. */
  | { readonly kind: 'toast'; readonly pressId: string; readonly text: string }
  | { readonly kind: 'leave'; readonly chatId: string };

type Words = Extract<Incoming, { readonly kind: 'words' }>;
type Pressed = Extract<Incoming, { readonly kind: 'press' }>;

export class Conversation {
  readonly buttons: Buttons;
  readonly #parts: ConversationParts;
  readonly #paces: Buckets;
  readonly #cockpit: Cockpit;

  constructor(parts: ConversationParts) {
    this.#parts = parts;
    this.buttons = new Buttons(parts);
    this.#paces = new Buckets(parts.clock);
    this.#cockpit = new Cockpit(parts);
  }

  /** Does what the update asks for and says what to answer. Throws PortError `store_unavailable` and nothing else: then it may be heard again. */
  async hear(incoming: Incoming): Promise<readonly Reply[]> {
    try {
      return await this.#answer(incoming);
    } catch (error) {
      if (error instanceof PortError && error.code === 'store_unavailable') throw error;
      if (!(error instanceof AppError) && !(error instanceof PortError))
        this.#parts.log.error({ err: error, updateId: incoming.updateId }, 'an update of Telegram could not be dealt with');
      return [{ kind: 'send', chatId: incoming.chatId, screen: refusalOf(error, await this.#languageOf(incoming)) }, ...dismiss(incoming)];
    }
  }

  async #answer(incoming: Incoming): Promise<readonly Reply[]> {
    const { links, actors } = this.#parts;
    const { chatId, isPrivate } = incoming;
    if (incoming.kind === 'membership') return this.#membership(incoming);
    const waitMs = this.#paces.attempt(chatId, CHAT_PACE);
    if (waitMs > 0) return this.#tooFast(incoming, waitMs);
    if (!isPrivate) return [{ kind: 'send', chatId, screen: talk.groupScreen(incoming.language) }, ...dismiss(incoming)];
    const link = await links.ofChat(chatId);
    if (link === null) return this.#stranger(incoming);
    const { userId } = link;
    const speaker = { userId, chatId, language: await this.#languageOf(incoming) };
    // Who acts is the user, and from where is said as well as it can be.
    return actors.run({ userId, address: 'telegram' }, async () => {
      if (incoming.kind === 'words') return this.#words(speaker, incoming);
      if (incoming.kind === 'press') return this.#press(speaker, incoming);
      return [{ kind: 'send', chatId, screen: talk.unknownScreen(speaker.language) }];
    });
  }

  /** As its user has set it; that of his Telegram where the chat is nobody's. */
  async #languageOf({ chatId, language }: Incoming): Promise<Language> {
    const { links } = this.#parts;
    const link = await links.ofChat(chatId);
    return link === null ? language : (await links.notices.settings(link.userId)).language;
  }

  async #stranger(incoming: Incoming): Promise<readonly Reply[]> {
    const { chatId, language } = incoming;
    const answer = (screen: Screen): readonly Reply[] => [{ kind: 'send', chatId, screen }, ...dismiss(incoming)];
    if (incoming.kind !== 'words') return answer(talk.strangerScreen(language));
    const { name, argument } = commandOf(incoming.text);
    return name === 'start' && argument !== '' ? this.#redeem(incoming, argument) : answer(talk.strangerScreen(language));
  }

  async #redeem({ chatId, language }: Words, code: string): Promise<readonly Reply[]> {
    const { links, store } = this.#parts;
    const outcome = await links.redeem(code, chatId);
    const answer = (screen: Screen): Reply => ({ kind: 'send', chatId, screen });
    if (outcome.outcome === 'tooMany') return [answer(talk.tooManyCodesScreen(outcome.waitMs, language))];
    if (outcome.outcome !== 'linked') return [answer(talk.wrongCodeScreen(outcome.outcome, language))];
    const { link, formerChatId } = outcome;
    const { language: theirs } = await links.notices.settings(link.userId);
    const email = (await store.users.byId(link.userId))?.email ?? '';
    const former: readonly Reply[] = formerChatId === null ? [] : [{ kind: 'send', chatId: formerChatId, screen: talk.movedScreen(theirs) }];
    return [answer(talk.linkedScreen(email, theirs)), ...former];
  }

  async #words(speaker: Speaker, incoming: Words): Promise<readonly Reply[]> {
    const { chatId, language, userId } = speaker;
    const answer = (screen: Screen): readonly Reply[] => [{ kind: 'send', chatId, screen }];
    const { name, argument } = commandOf(incoming.text);
    if (ACTING.has(name) && this.#parts.clock.now() - incoming.at > STALE_MS) return answer(talk.staleScreen(language));
    switch (name) {
      case 'start':
        return argument === '' ? answer(talk.greetingScreen(await this.#email(userId), language)) : this.#redeem(incoming, argument);
      case 'help':
        return answer(talk.helpScreen(language));
      case 'settings':
        return answer(talk.settingsScreen(await this.#email(userId), language));
      case 'notifications':
        return answer(await pressNotices(this.#parts.links, speaker, ''));
      case 'language':
        return answer(talk.languageScreen(language));
      case 'unlink':
        return answer(talk.askUnlinkScreen(language));
      default:
        return answer((await this.#cockpit.command(speaker, name, argument)) ?? talk.unknownScreen(language));
    }
  }

  async #press(speaker: Speaker, incoming: Pressed): Promise<readonly Reply[]> {
    const { chatId, language } = speaker;
    const press = this.buttons.read(incoming.data, chatId);
    const toast = (text: string): Reply => ({ kind: 'toast', pressId: incoming.pressId, text });
    if (press === 'forged') return [toast(say(language, 'This button is not for here.', 'Эта кнопка не отсюда.'))];
    if (press === 'late') return [toast(say(language, 'This button is too old. Ask again.', 'Кнопка устарела. Спросите ещё раз.'))];
    const screen = await this.#pressed(speaker, press);
    return [toast(''), { kind: 'edit', chatId, messageId: incoming.messageId, screen }];
  }

  async #pressed(speaker: Speaker, { verb, argument }: Press): Promise<Screen> {
    const { links } = this.#parts;
    const { notices } = links;
    const { userId, language } = speaker;
    if (isVerbOfCockpit(verb)) return this.#cockpit.press(speaker, verb, argument);
    switch (verb) {
      case 'settings':
        return talk.settingsScreen(await this.#email(userId), language);
      case 'notifications':
      case 'setEvents':
        return pressNotices(links, speaker, argument);
      case 'askLanguage':
        return talk.languageScreen(language);
      case 'language': {
        const wanted = argument === 'ru' ? 'ru' : 'en';
        await notices.putSettings(userId, { ...(await notices.settings(userId)), language: wanted });
        return talk.languageScreen(wanted);
      }
      case 'askUnlink':
        return talk.askUnlinkScreen(language);
      case 'unlink':
        await links.unlink(userId);
        return talk.unlinkedScreen(language);
      case 'cancel':
        return talk.cancelledScreen(language);
    }
  }

  /** Somebody who blocks the bot is left in peace; somebody who takes it back is told news again. */
  async #membership({ chatId, isPrivate, isMember, language }: Extract<Incoming, { readonly kind: 'membership' }>): Promise<readonly Reply[]> {
    if (isPrivate) {
      await this.#parts.links.setReach(chatId, isMember);
      return [];
    }
    const farewell: Reply = { kind: 'send', chatId, screen: talk.groupScreen(language) };
    return isMember ? [farewell, { kind: 'leave', chatId }] : [];
  }

  /** The first message past the limit is answered, and then there is silence. */
  #tooFast(incoming: Incoming, waitMs: number): readonly Reply[] {
    const text = say(incoming.language, 'One thing at a time, please.', 'Не так быстро, пожалуйста.');
    if (incoming.kind === 'press') return [{ kind: 'toast', pressId: incoming.pressId, text }];
    const isFirst =
      this.#paces.attempt(`warned ${incoming.chatId}`, { capacity: 1, refillMs: Math.max(waitMs, CHAT_PACE.capacity * CHAT_PACE.refillMs) }) === 0;
    return isFirst ? [{ kind: 'send', chatId: incoming.chatId, screen: { text, rows: [] } }] : [];
  }

  async #email(userId: string): Promise<string> {
    return (await this.#parts.store.users.byId(userId))?.email ?? '';
  }
}

/** Commands that change something, and so must not be late. */
const ACTING: ReadonlySet<string> = new Set(['startbot', 'stopbot', 'panic', 'unlink']);

/** `/name@bot argument` taken apart; a name is empty where there is none. */
function commandOf(text: string): { readonly name: string; readonly argument: string } {
  const [, name = '', argument = ''] = /^\/([a-z_]{1,32})(?:@\w+)?(?:\s+([\s\S]*))?$/i.exec(text.trim()) ?? [];
  return { name: name.toLowerCase(), argument: argument.trim() };
}

/** A press is over for Telegram once it has been answered. */
function dismiss(incoming: Incoming): readonly Reply[] {
  return incoming.kind === 'press' ? [{ kind: 'toast', pressId: incoming.pressId, text: '' }] : [];
}

/** In the words of its code, which are in both languages; what a code leaves to `detail` stays on the site. */
function refusalOf(error: unknown, language: Language): Screen {
  const code = error instanceof AppError || error instanceof PortError ? error.code : 'internal_error';
  const remedy = ERRORS[code].remedy[language];
  return talk.refusalScreen(ERRORS[code].title[language], remedy.includes('`') ? null : remedy);
}
