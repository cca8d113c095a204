/** Screens of bots: the list, one bot, which of them is meant, and panic asked twice. */
import type { BotStats } from '#app/bots/bot-stats.ts';
import { visibleStatus } from '#app/bots/bot-status.ts';
import type { Language } from '#core/notices/notice.ts';
import { counted } from '#core/notices/wording.ts';
import type { BotRecord } from '#core/store/bots.ts';
import type { Button, Verb } from '../buttons.ts';
import { duration, money, number, percent } from '../figures.ts';
import { bold, type Screen, screen, shortName, told } from '../screen.ts';
import { BOTS, modeWord, pageOf, pager, STATUS, say } from './words.ts';

/** Bots on a page. */
export const BOTS_A_PAGE = 8;
/** How long a button that starts or stops a bot works: what the screen says is not true for long. */
export const ACT_ENDS_MS = 10 * 60_000;
/** How long a panic may be confirmed. */
export const PANIC_ENDS_MS = 60_000;

export interface BotView {
  readonly bot: BotRecord;
  readonly stats: BotStats;
}

export function botsScreen(views: readonly BotRecord[], shown: readonly BotView[], page: number, language: Language): Screen {
  if (views.length === 0)
    return screen([
      say(language, 'No bots yet. Create one on the site, and it shows up here.', 'Ботов пока нет. Создайте первого на сайте — он появится здесь.'),
    ]);
  const { pages } = pageOf(views, page, BOTS_A_PAGE);
  return screen(
    [`<b>${say(language, 'Your bots', 'Ваши боты')}</b> · ${views.length}`, '', ...shown.map((view) => botLine(view, language))],
    [...pairs(shown.map(({ bot }) => botButton(bot, 'bot'))), pager('bots', page, pages)],
  );
}

export function botScreen({ bot, stats }: BotView, now: number, language: Language): Screen {
  const status = visibleStatus(bot);
  const { mark, word } = STATUS[status];
  const isOn = status === 'running' && stats.startedAt !== null && stats.endedAt === null;
  const lines = [
    `${mark} ${bold(shortName(bot.name))} · ${word[language]}${isOn ? ` ${duration(now - (stats.startedAt ?? now), language)}` : ''}`,
    `${told(bot.symbol)} · ${told(bot.strategy)} · ${modeWord(bot.mode, language)}`,
    bot.statusReason === '' ? null : told(bot.statusReason),
    ...(stats.runId === null ? ['', say(language, 'It has never run.', 'Ещё не запускался.')] : ['', ...figures(stats, language)]),
  ];
  return screen(lines, [
    actionsOf(bot, language),
    [
      { text: say(language, 'Orders', 'Ордера'), verb: 'orders', argument: '0' },
      { text: say(language, 'Refresh', 'Обновить'), verb: 'bot', argument: bot.id },
      { text: say(language, 'All bots', 'Все боты'), verb: 'bots', argument: '0' },
    ],
  ]);
}

/** Which bot is meant, where the words do not say. */
export function whichBotScreen(bots: readonly BotRecord[], verb: 'start' | 'stop' | 'askPanic' | 'bot', language: Language): Screen {
  const questions = {
    start: say(language, 'Which bot shall start?', 'Какого бота запустить?'),
    stop: say(language, 'Which bot shall stop?', 'Какого бота остановить?'),
    askPanic: say(language, 'Panic for which bot?', 'Для какого бота паника?'),
    bot: say(language, 'Which bot?', 'Какой бот?'),
  };
  const none = {
    start: say(language, 'There is no bot to start.', 'Запускать некого.'),
    stop: say(language, 'No bot is at work.', 'Сейчас ни один бот не работает.'),
    askPanic: say(language, 'No bot is at work.', 'Сейчас ни один бот не работает.'),
    bot: say(language, 'There is no such bot. /bots lists yours.', 'Такого бота нет. Список ботов: /bots'),
  };
  if (bots.length === 0) return screen([none[verb]]);
  const buttons = bots.slice(0, MAX_CHOICES).map((bot) => botButton(bot, verb));
  const isAll = verb === 'askPanic' && bots.length > 1;
  return screen(
    [questions[verb]],
    [...pairs(buttons), isAll ? [{ text: say(language, 'All of them', 'Для всех'), verb: 'askPanicAll', endsInMs: PANIC_ENDS_MS }] : []],
  );
}

export function askPanicScreen({ bot, stats }: BotView, language: Language): Screen {
  const held = stats.baseAsset === null || stats.baseHeld === '0' ? null : money(stats.baseHeld, stats.baseAsset, language);
  return screen(
    [
      `⚠️ ${bold(shortName(bot.name))} · ${told(bot.symbol)} · ${modeWord(bot.mode, language)}`,
      say(
        language,
        `Panic cancels all its orders and closes its position${held === null ? '' : ` (${held})`} at market. It cannot be undone.`,
        `Паника снимет все его ордера и закроет позицию${held === null ? '' : ` (${held})`} по рынку. Отменить это нельзя.`,
      ),
    ],
    [sureButtons('panic', bot.id, language)],
  );
}

export function askPanicAllScreen(bots: readonly BotRecord[], language: Language): Screen {
  const count = counted(bots.length, language, BOTS);
  return screen(
    [
      `⚠️ <b>${say(language, 'Panic for all', 'Паника для всех')}</b> · ${count}`,
      say(
        language,
        'All orders of these bots are cancelled and their positions closed at market. It cannot be undone.',
        'Все ордера этих ботов будут сняты, позиции закрыты по рынку. Отменить это нельзя.',
      ),
      ...bots.slice(0, BOTS_A_PAGE).map((bot) => `• ${told(shortName(bot.name))} · ${told(bot.symbol)} · ${modeWord(bot.mode, language)}`),
      bots.length > BOTS_A_PAGE ? '…' : null,
    ],
    [sureButtons('panicAll', '', language)],
  );
}

/** What has been set going. */
export function actedScreen(bot: BotRecord, action: 'start' | 'stop' | 'panic', language: Language): Screen {
  const name = bold(shortName(bot.name));
  const said = {
    start: say(language, `${name} is starting.`, `${name} запускается.`),
    stop: say(
      language,
      `${name} is stopping: its orders are cancelled, what it holds stays.`,
      `${name} останавливается: ордера снимаются, купленное остаётся.`,
    ),
    panic: say(language, `${name}: cancelling all orders and closing the position at market.`, `${name}: снимаю все ордера и закрываю позицию по рынку.`),
  };
  return screen([said[action]], [[{ text: say(language, 'How it stands', 'Как дела'), verb: 'bot', argument: bot.id }]]);
}

export function panickedAllScreen(done: number, failed: readonly string[], language: Language): Screen {
  const count = counted(done, language, BOTS);
  return screen([
    say(language, `Panic is under way for ${count}.`, `Паника запущена: ${count}.`),
    failed.length === 0 ? null : `${say(language, 'Refused for', 'Отказано')}: ${failed.map((name) => told(shortName(name))).join(', ')}`,
  ]);
}

const MAX_CHOICES = 20;

function botLine({ bot, stats }: BotView, language: Language): string {
  const { mark } = STATUS[visibleStatus(bot)];
  const profit = stats.runId === null || stats.quoteAsset === null ? '' : ` · ${money(stats.totalProfit, stats.quoteAsset, language, true)}`;
  return `${mark} ${bold(shortName(bot.name))} · ${told(bot.symbol)}${bot.mode === 'paper' ? ` · ${modeWord('paper', language)}` : ''}${profit}`;
}

function figures(stats: BotStats, language: Language): readonly (string | null)[] {
  const coin = stats.quoteAsset ?? '';
  const amount = (value: string): string => money(value, coin, language, true);
  const rate = stats.totalProfitRate === null ? '' : ` (${percent(stats.totalProfitRate, language)})`;
  const orders = counted(stats.openOrderCount, language, { en: ['open order', 'open orders'], ru: ['открытый ордер', 'открытых ордера', 'открытых ордеров'] });
  const trades = counted(stats.fillCount, language, { en: ['trade', 'trades'], ru: ['сделка', 'сделки', 'сделок'] });
  return [
    `${say(language, 'Profit', 'Прибыль')}: <b>${amount(stats.totalProfit)}</b>${rate}`,
    `${say(language, 'taken', 'зафиксировано')} ${amount(stats.realisedProfit)}, ${say(language, 'open', 'открыто')} ${amount(stats.floatingProfit)}`,
    stats.baseAsset === null || stats.baseHeld === '0' ? null : `${say(language, 'Holds', 'В позиции')}: ${money(stats.baseHeld, stats.baseAsset, language)}`,
    stats.lastPrice === null ? null : `${say(language, 'Price', 'Цена')}: ${number(stats.lastPrice, language)}`,
    stats.liquidationPrice === null ? null : `${say(language, 'Liquidation near', 'Ликвидация около')} ${number(stats.liquidationPrice, language)}`,
    `${orders}, ${trades}`,
  ];
}

function actionsOf(bot: BotRecord, language: Language): readonly Button[] {
  const status = visibleStatus(bot);
  const act = (verb: Verb, text: string): Button => ({ text, verb, argument: bot.id, endsInMs: ACT_ENDS_MS });
  const canStart = ['stopped', 'paused', 'pausing', 'error'].includes(status);
  const canStop = ['starting', 'running', 'pausing', 'paused', 'error'].includes(status);
  return [
    ...(canStart ? [act('start', say(language, '▶ Start', '▶ Запустить'))] : []),
    ...(canStop ? [act('stop', say(language, '■ Stop', '■ Остановить'))] : []),
    ...(status === 'stopped' ? [] : [act('askPanic', say(language, '⚠ Panic', '⚠ Паника'))]),
  ];
}

function botButton(bot: BotRecord, verb: 'start' | 'stop' | 'askPanic' | 'bot'): Button {
  const button = { text: `${STATUS[visibleStatus(bot)].mark} ${shortName(bot.name)}`, verb, argument: bot.id };
  return verb === 'bot' ? button : { ...button, endsInMs: ACT_ENDS_MS };
}

function sureButtons(verb: Verb, argument: string, language: Language): readonly Button[] {
  return [
    { text: say(language, 'Yes, close everything', 'Да, закрыть всё'), verb, argument, endsInMs: PANIC_ENDS_MS },
    { text: say(language, 'Cancel', 'Отмена'), verb: 'cancel' },
  ];
}

function pairs(buttons: readonly Button[]): readonly (readonly Button[])[] {
  return buttons.flatMap((_, index) => (index % 2 === 0 ? [buttons.slice(index, index + 2)] : []));
}
