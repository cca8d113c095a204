/** Bots and money in a chat: what a command or a button shows or sets going, by the use cases that HTTP has. */

import type { BotHistory } from '#app/bots/bot-stats.ts';
import { visibleStatus } from '#app/bots/bot-status.ts';
import type { Bots } from '#app/bots/bots.ts';
import type { Orders } from '#app/orders/orders.ts';
import type { Accounts } from '#app/people/accounts.ts';
import type { SignalQuery, SignalViews } from '#app/signal-views/signal-views.ts';
import type { BotStatus } from '#core/bot-states.ts';
import { AppError } from '#core/errors.ts';
import type { OrderState } from '#core/order.ts';
import type { Clock } from '#core/ports.ts';
import type { BotRecord } from '#core/store/bots.ts';
import type { Page, PageRequest } from '#core/store/page.ts';
import type { Store } from '#core/store/store.ts';
import type { Verb } from './buttons.ts';
import type { Screen, Speaker } from './screen.ts';
import * as botScreens from './screens/bots.ts';
import * as moneyScreens from './screens/money.ts';
import { signalsScreen } from './screens/signals.ts';
import { pageOf } from './screens/words.ts';

/** Items of a user that are looked at for a screen; who has more goes to the site. */
export const MAX_LOOKED_AT = 200;

export interface CockpitParts {
  readonly store: Pick<Store, 'killSwitch' | 'operations'>;
  readonly bots: Bots;
  readonly history: BotHistory;
  readonly accounts: Accounts;
  readonly orders: Orders;
  readonly signals: Pick<SignalViews, 'list'>;
  readonly clock: Clock;
}

const VERBS_OF_COCKPIT = [
  'bots',
  'bot',
  'start',
  'stop',
  'askPanic',
  'panic',
  'askPanicAll',
  'panicAll',
  'balance',
  'orders',
  'profit',
  'status',
  'signals',
] as const;
type CockpitVerb = (typeof VERBS_OF_COCKPIT)[number];

export function isVerbOfCockpit(verb: Verb): verb is CockpitVerb {
  return (VERBS_OF_COCKPIT as readonly Verb[]).includes(verb);
}

export class Cockpit {
  readonly #parts: CockpitParts;

  constructor(parts: CockpitParts) {
    this.#parts = parts;
  }

  /** `null` for a command there is not. */
  async command(speaker: Speaker, name: string, argument: string): Promise<Screen | null> {
    switch (name) {
      case 'bots':
      case 'profit':
      case 'orders':
      case 'status':
      case 'signals':
        return this.press(speaker, name, '0');
      case 'bot':
        return this.#meant(speaker, 'bot', argument, () => true);
      case 'startbot':
        return this.#meant(speaker, 'start', argument, (status) => STARTABLE.includes(status));
      case 'stopbot':
        return this.#meant(speaker, 'stop', argument, (status) => AT_WORK.includes(status));
      case 'panic':
        return this.#meant(speaker, 'askPanic', argument, (status) => AT_WORK.includes(status) || status === 'stopping');
      case 'balance':
        return this.#balances(speaker);
      default:
        return null;
    }
  }

  async press(speaker: Speaker, verb: CockpitVerb, argument: string): Promise<Screen> {
    const { bots, accounts } = this.#parts;
    const { userId, language } = speaker;
    switch (verb) {
      case 'bots':
        return this.#list(speaker, Number(argument));
      case 'bot':
        return this.#show(speaker, await bots.get(userId, argument));
      case 'start':
      case 'stop':
      case 'panic':
        return botScreens.actedScreen(await this.#act(userId, argument, verb), verb, language);
      case 'askPanic':
        return botScreens.askPanicScreen(await this.#view(await bots.get(userId, argument)), language);
      case 'askPanicAll':
        return botScreens.askPanicAllScreen(await this.#atWork(userId), language);
      case 'panicAll':
        return this.#panicAll(speaker);
      case 'balance': {
        const account = await accounts.get(userId, argument);
        return moneyScreens.balanceScreen(account, await accounts.balances(userId, account.id), language);
      }
      case 'orders':
        return this.#orders(speaker, Number(argument));
      case 'profit':
        return this.#profit(speaker);
      case 'status':
        return this.#status(speaker);
      case 'signals': {
        const list = await firstOf((page) => this.#parts.signals.list(userId, OPEN_SIGNALS, page));
        return signalsScreen(list, Number(argument), this.#parts.clock.now(), language);
      }
    }
  }

  /** The bot that the words name; a choice where they name none or several. */
  async #meant(speaker: Speaker, verb: 'bot' | 'start' | 'stop' | 'askPanic', words: string, isFit: (status: BotStatus) => boolean): Promise<Screen> {
    const { bots } = this.#parts;
    const all = (await firstOf((page) => bots.list(speaker.userId, page))).items;
    const named = words === '' ? [] : botsNamed(all, words);
    const [only] = named;
    if (only !== undefined && named.length === 1) return this.press(speaker, verb, only.id);
    const choices = words === '' ? all.filter((bot) => isFit(visibleStatus(bot))) : named;
    return botScreens.whichBotScreen(choices, words !== '' && named.length === 0 ? 'bot' : verb, speaker.language);
  }

  async #list({ userId, language }: Speaker, wanted: number): Promise<Screen> {
    const { bots } = this.#parts;
    const { items } = await firstOf((page) => bots.list(userId, page));
    const { items: shown, page } = pageOf(items, wanted, botScreens.BOTS_A_PAGE);
    return botScreens.botsScreen(items, await Promise.all(shown.map((bot) => this.#view(bot))), page, language);
  }

  async #show({ language }: Speaker, bot: BotRecord): Promise<Screen> {
    return botScreens.botScreen(await this.#view(bot), this.#parts.clock.now(), language);
  }

  /** What has been wanted already is no conflict: an update may be heard twice. */
  async #act(userId: string, id: string, action: 'start' | 'stop' | 'panic'): Promise<BotRecord> {
    const { bots } = this.#parts;
    try {
      return await bots.act(userId, id, action);
    } catch (error) {
      const bot = error instanceof AppError && error.code === 'bot_state_conflict' ? await bots.get(userId, id) : null;
      if (bot !== null && bot.desired === WANTED[action]) return bot;
      throw error;
    }
  }

  async #panicAll(speaker: Speaker): Promise<Screen> {
    const failed: string[] = [];
    const atWork = await this.#atWork(speaker.userId);
    for (const bot of atWork) {
      try {
        await this.#act(speaker.userId, bot.id, 'panic');
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        failed.push(bot.name);
      }
    }
    return botScreens.panickedAllScreen(atWork.length - failed.length, failed, speaker.language);
  }

  /** All of them, however many. */
  async #atWork(userId: string): Promise<readonly BotRecord[]> {
    const found: BotRecord[] = [];
    let cursor: string | null = null;
    do {
      const page: Page<BotRecord> = await this.#parts.bots.list(userId, { limit: MAX_LOOKED_AT, cursor });
      found.push(...page.items.filter((bot) => visibleStatus(bot) !== 'stopped'));
      cursor = page.nextCursor;
    } while (cursor !== null);
    return found;
  }

  async #balances(speaker: Speaker): Promise<Screen> {
    const { items } = await firstOf((page) => this.#parts.accounts.list(speaker.userId, page));
    const [only] = items;
    return only !== undefined && items.length === 1 ? this.press(speaker, 'balance', only.id) : moneyScreens.whichAccountScreen(items, speaker.language);
  }

  async #orders({ userId, language }: Speaker, page: number): Promise<Screen> {
    const { bots, orders } = this.#parts;
    const [open, known] = await Promise.all([
      firstOf((request) => orders.list(userId, { states: NOT_OVER }, request)),
      firstOf((request) => bots.list(userId, request)),
    ]);
    const names = new Map(known.items.map((bot) => [bot.id, bot.name]));
    const shown = open.items.map(({ order }) => order);
    return moneyScreens.ordersScreen(shown, names, page, open.nextCursor !== null, language);
  }

  async #profit({ userId, language }: Speaker): Promise<Screen> {
    const { items, nextCursor } = await firstOf((page) => this.#parts.bots.list(userId, page));
    const views = await Promise.all(items.map((bot) => this.#view(bot)));
    return moneyScreens.profitScreen(views, nextCursor !== null, language);
  }

  async #status({ userId, language }: Speaker): Promise<Screen> {
    const { bots, store } = this.#parts;
    const [{ items }, isKilled, observing] = await Promise.all([
      firstOf((page) => bots.list(userId, page)),
      store.killSwitch.isOn(userId),
      store.operations.observing(),
    ]);
    return moneyScreens.statusScreen({ bots: items, isKilled, isObserving: observing !== null }, language);
  }

  async #view(bot: BotRecord): Promise<botScreens.BotView> {
    return { bot, stats: await this.#parts.history.stats(bot) };
  }
}

const NOT_OVER: readonly OrderState[] = ['initialized', 'submitting', 'accepted', 'partiallyFilled', 'cancelling', 'unknown'];
/** As the first page of the API. */
const OPEN_SIGNALS: SignalQuery = {
  filter: { state: 'open' },
  sort: 'net_percent',
  isWatchedOnly: false,
  isUnchosen: false,
  minAgeMs: undefined,
  maxAgeMs: undefined,
};
const WANTED = { start: 'running', stop: 'stopped', panic: 'panicked' } as const;
const STARTABLE: readonly BotStatus[] = ['stopped', 'paused', 'pausing', 'error'];
const AT_WORK: readonly BotStatus[] = ['starting', 'running', 'pausing', 'paused', 'error'];

function firstOf<Listed>(list: (page: PageRequest) => Promise<Listed>): Promise<Listed> {
  return list({ limit: MAX_LOOKED_AT, cursor: null });
}

/** By id, by its very name, or by a part of the name, whatever the case. */
function botsNamed(bots: readonly BotRecord[], words: string): readonly BotRecord[] {
  const wanted = words.toLowerCase();
  const byId = bots.filter(({ id }) => id === words);
  if (byId.length > 0) return byId;
  const exact = bots.filter(({ name }) => name.toLowerCase() === wanted);
  return exact.length > 0 ? exact : bots.filter(({ name }) => name.toLowerCase().includes(wanted));
}
