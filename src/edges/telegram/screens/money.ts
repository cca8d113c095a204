/** Screens of money: how things stand, profit, balances and open orders. */
import { visibleStatus } from '#app/bots/bot-status.ts';
import type { BotStatus, Mode } from '#core/bot-states.ts';
import { type DecimalString, decimal, plain } from '#core/money.ts';
import type { Language } from '#core/notices/notice.ts';
import { counted } from '#core/notices/wording.ts';
import type { AccountRecord } from '#core/store/accounts.ts';
import type { BotRecord } from '#core/store/bots.ts';
import type { OrderRecord } from '#core/store/orders.ts';
import type { Balance } from '#core/venue-ports.ts';
import type { Button } from '../buttons.ts';
import { money, number } from '../figures.ts';
import { bold, type Screen, screen, shortName, told } from '../screen.ts';
import type { BotView } from './bots.ts';
import { BOTS, modeWord, pageOf, pager, STATUS, say } from './words.ts';

export const ORDERS_A_PAGE = 10;
/** Coins of one balance that are shown. */
export const MAX_COINS = 25;
/** Bots in error that are shown with their reasons, and bots whose profit is shown by itself. */
const MAX_NAMED = 5;

export interface Standing {
  readonly bots: readonly BotRecord[];
  readonly isKilled: boolean;
  readonly isObserving: boolean;
}

export function statusScreen({ bots, isKilled, isObserving }: Standing, language: Language): Screen {
  const counts = new Map<BotStatus, number>();
  for (const bot of bots) counts.set(visibleStatus(bot), (counts.get(visibleStatus(bot)) ?? 0) + 1);
  const shown = (Object.keys(STATUS) as BotStatus[]).filter((status) => counts.has(status));
  const failed = bots.filter((bot) => visibleStatus(bot) === 'error').slice(0, MAX_NAMED);
  return screen(
    [
      `<b>${say(language, 'How things stand', 'Как дела')}</b>`,
      isKilled ? `⛔ ${say(language, 'The kill switch is on: nothing trades.', 'Аварийный выключатель включён: торговли нет.')}` : null,
      isObserving ? `👁 ${say(language, 'This installation only observes: nothing trades.', 'Установка только наблюдает: торговли нет.')}` : null,
      bots.length === 0 ? say(language, 'No bots yet.', 'Ботов пока нет.') : null,
      ...shown.map((status) => `${STATUS[status].mark} ${STATUS[status].word[language]}: ${counts.get(status)}`),
      ...failed.map((bot) => `\n🔴 ${bold(shortName(bot.name))}\n${told(bot.statusReason)}`),
    ],
    [
      [
        { text: say(language, 'Bots', 'Боты'), verb: 'bots', argument: '0' },
        { text: say(language, 'Profit', 'Прибыль'), verb: 'profit' },
        { text: say(language, 'Refresh', 'Обновить'), verb: 'status' },
      ],
    ],
  );
}

/** Sums by coin, of the latest run of each bot; real and paper money apart. */
export function profitScreen(views: readonly BotView[], isCut: boolean, language: Language): Screen {
  const earned = views.filter(({ stats }) => stats.runId !== null && stats.quoteAsset !== null);
  if (earned.length === 0) return screen([say(language, 'No bot has run yet, so there is no profit to show.', 'Боты ещё не запускались: прибыли пока нет.')]);
  const ranked = earned.toSorted((one, other) => decimal(other.stats.totalProfit).comparedTo(one.stats.totalProfit)).slice(0, MAX_NAMED);
  return screen([
    `<b>${say(language, 'Profit of the latest runs, after fees', 'Прибыль последних запусков, за вычетом комиссий')}</b>`,
    ...(['live', 'paper'] as const).flatMap((mode) => sumLines(earned, mode, language)),
    '',
    ...ranked.map(({ bot, stats }) => `${told(shortName(bot.name))}: ${money(stats.totalProfit, stats.quoteAsset ?? '', language, true)}`),
    earned.length > ranked.length ? '…' : null,
    isCut ? say(language, 'The newest bots only.', 'Учтены только самые новые боты.') : null,
  ]);
}

export function whichAccountScreen(accounts: readonly AccountRecord[], language: Language): Screen {
  if (accounts.length === 0) return screen([say(language, 'No exchange accounts yet. Add one on the site.', 'Счетов пока нет. Добавьте счёт на сайте.')]);
  const buttons = accounts.map((account): readonly Button[] => [
    { text: `${shortName(account.name)} · ${account.exchange}`, verb: 'balance', argument: account.id },
  ]);
  return screen([say(language, 'Balance of which account?', 'Баланс какого счёта?')], buttons);
}

export function balanceScreen(account: AccountRecord, balances: readonly Balance[], language: Language): Screen {
  const held = balances
    .map(({ asset, free, locked }) => ({ asset, locked, total: plain(decimal(free).plus(locked)) }))
    .filter(({ total }) => total !== '0')
    .sort((one, other) => (one.asset < other.asset ? -1 : 1));
  const inOrders = (locked: DecimalString): string => (locked === '0' ? '' : ` (${number(locked, language, 8)} ${say(language, 'in orders', 'в ордерах')})`);
  return screen(
    [
      `${bold(shortName(account.name))} · ${told(account.exchange)}`,
      ...(held.length === 0 ? [say(language, 'Nothing is held.', 'Средств нет.')] : []),
      ...held.slice(0, MAX_COINS).map(({ asset, total, locked }) => `${told(money(total, asset, language))}${inOrders(locked)}`),
      held.length > MAX_COINS ? say(language, `and ${held.length - MAX_COINS} more`, `и ещё ${held.length - MAX_COINS}`) : null,
    ],
    [[{ text: say(language, 'Refresh', 'Обновить'), verb: 'balance', argument: account.id }]],
  );
}

/** Open orders, the newest first; `names` are those of bots by id. */
export function ordersScreen(orders: readonly OrderRecord[], names: ReadonlyMap<string, string>, wanted: number, isCut: boolean, language: Language): Screen {
  if (orders.length === 0) return screen([say(language, 'No open orders.', 'Открытых ордеров нет.')]);
  const { items, page, pages } = pageOf(orders, wanted, ORDERS_A_PAGE);
  const count = isCut ? `${orders.length}+` : String(orders.length);
  return screen(
    [`<b>${say(language, 'Open orders', 'Открытые ордера')}</b> · ${count}`, '', ...items.map((order) => orderLine(order, names, language))],
    [pager('orders', page, pages), [{ text: say(language, 'Refresh', 'Обновить'), verb: 'orders', argument: String(page) }]],
  );
}

function orderLine(order: OrderRecord, names: ReadonlyMap<string, string>, language: Language): string {
  const side = order.side === 'buy' ? say(language, 'Buy', 'Купить') : say(language, 'Sell', 'Продать');
  const price = order.price ?? order.triggerPrice;
  const at = price === null ? '' : ` ${say(language, 'at', 'по')} ${number(price, language)}`;
  const filled = order.filledSize === '0' ? '' : ` · ${say(language, 'filled', 'исполнено')} ${number(order.filledSize, language, 8)}`;
  const owner = order.botId === null ? say(language, 'by hand', 'вручную') : told(shortName(names.get(order.botId) ?? ''));
  return `${side} ${number(order.size, language, 8)} ${told(order.symbol)}${at}${filled} · ${owner}`;
}

function sumLines(views: readonly BotView[], mode: Mode, language: Language): readonly string[] {
  const sums = new Map<string, ReturnType<typeof decimal>>();
  const ofMode = views.filter(({ bot }) => bot.mode === mode);
  for (const { stats } of ofMode) sums.set(stats.quoteAsset ?? '', decimal(stats.totalProfit).plus(sums.get(stats.quoteAsset ?? '') ?? '0'));
  const bots = counted(ofMode.length, language, BOTS);
  return [...sums].map(([coin, sum]) => `${modeWord(mode, language)}: <b>${told(money(plain(sum), coin, language, true))}</b> · ${bots}`);
}
