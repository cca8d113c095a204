/** The screens of the conversation as people read them, in both languages, against texts that were reviewed for tone and length. */
import { describe, expect, it } from 'vitest';
import type { BotStats } from '#app/bots/bot-stats.ts';
import type { SignalList } from '#app/signal-views/signal-views.ts';
import type { Language } from '#core/notices/notice.ts';
import { firstSettings } from '#core/notices/settings.ts';
import { aSignal } from '#core/signals/signal.fixture.ts';
import type { AccountRecord } from '#core/store/accounts.ts';
import type { BotRecord } from '#core/store/bots.ts';
import type { OrderRecord } from '#core/store/orders.ts';
import { noticesScreen } from '#edges/telegram/notices.ts';
import type { Screen } from '#edges/telegram/screen.ts';
import * as bots from '#edges/telegram/screens/bots.ts';
import * as money from '#edges/telegram/screens/money.ts';
import { signalsScreen } from '#edges/telegram/screens/signals.ts';
import * as talk from '#edges/telegram/screens/talk.ts';
import { textOfHtml } from './markup.ts';

const AT = 1_700_000_000_000;
const HOUR_MS = 3_600_000;

const bot = (change: Partial<BotRecord> = {}): BotRecord => ({
  id: 'bot-1',
  number: 1,
  userId: 'ann',
  accountId: 'account-1',
  name: 'Calm grid',
  strategy: 'grid',
  symbol: 'BTC/USDT',
  mode: 'live',
  config: {},
  configVersion: 1,
  desired: 'running',
  status: 'running',
  statusReason: '',
  runId: 'run-1',
  createdAt: AT - 60 * HOUR_MS,
  updatedAt: AT,
  ...change,
});

const signalList = (count: number): SignalList => ({
  items: Array.from({ length: count }, (_, index) => ({
    signal: aSignal({
      id: `signal-${index}`,
      base: index === 1 ? 'X<b>' : 'ABC',
      netPercent: index === 1 ? '-0.4' : '2.2963',
      openedAt: AT - (index * 70 + 0.5) * 60_000,
    }),
    outcomes: [],
    isDelayed: false,
  })),
  nextCursor: null,
  delayMs: 0,
  isCut: false,
});

const stats = (change: Partial<BotStats> = {}): BotStats => ({
  runId: 'run-1',
  startedAt: AT - 52 * HOUR_MS,
  endedAt: null,
  uptimeMs: 52 * HOUR_MS,
  quoteAsset: 'USDT',
  baseAsset: 'BTC',
  lastPrice: '60123.45',
  baseHeld: '0.01234',
  averageCost: '59000',
  realisedProfit: '10.5',
  floatingProfit: '-2.25',
  totalProfit: '8.25',
  totalProfitRate: '0.00825',
  holdProfit: null,
  profitOverHold: null,
  feesInQuote: '0.5',
  funding: null,
  leverage: null,
  liquidationPrice: null,
  openOrderCount: 12,
  fees: [],
  fillCount: 34,
  boughtSize: '0',
  boughtQuote: '0',
  soldSize: '0',
  soldQuote: '0',
  figures: {},
  legs: [],
  ...change,
});

const calm = { bot: bot(), stats: stats() };
const rough = {
  bot: bot({
    id: 'bot-2',
    name: 'DCA <on> dips',
    strategy: 'dca',
    symbol: 'ETH/USDT:USDT',
    mode: 'paper',
    status: 'error',
    statusReason: 'The exchange refused the keys.',
  }),
  stats: stats({ quoteAsset: 'USDT', baseAsset: 'ETH', totalProfit: '-1234.5', totalProfitRate: '-0.12345', liquidationPrice: '1850.5' }),
};
const fresh = {
  bot: bot({ id: 'bot-3', name: 'New one', desired: 'stopped', status: 'stopped', runId: null }),
  stats: stats({ runId: null, quoteAsset: null, baseAsset: null }),
};
const account: AccountRecord = {
  id: 'account-1',
  number: 1,
  userId: 'ann',
  name: 'My Binance',
  exchange: 'binance',
  sealed: null,
  keyVersion: 0,
  keyHint: null,
  createdAt: AT,
};
const order = (change: Partial<OrderRecord>): OrderRecord => ({
  id: 'order-1',
  clientOrderId: 'c',
  userId: 'ann',
  accountId: 'account-1',
  botId: 'bot-1',
  runId: 'run-1',
  symbol: 'BTC/USDT',
  side: 'buy',
  type: 'limit',
  timeInForce: 'gtc',
  postOnly: false,
  reduceOnly: false,
  price: '59000',
  triggerPrice: null,
  size: '0.00123',
  filledSize: '0',
  filledQuote: '0',
  state: 'accepted',
  reasonCode: null,
  reason: null,
  tag: '',
  parentOrderId: null,
  venueOrderId: 'v',
  deadlineAt: null,
  cancelRequestedAt: null,
  createdAt: AT,
  updatedAt: AT,
  ...change,
});

function screens(language: Language): Readonly<Record<string, Screen>> {
  const names = new Map([['bot-1', 'Calm grid']]);
  const orders = [
    order({}),
    order({ side: 'sell', price: '61000.5', filledSize: '0.001' }),
    order({ botId: null, type: 'market', price: null, symbol: 'PEPE/USDT', size: '1200000' }),
  ];
  const records = [calm.bot, rough.bot, fresh.bot];
  return {
    stranger: talk.strangerScreen(language),
    linked: talk.linkedScreen('ann@example.org', language),
    greeting: talk.greetingScreen('ann@example.org', language),
    moved: talk.movedScreen(language),
    'wrong code': talk.wrongCodeScreen('invalid', language),
    'chat of another': talk.wrongCodeScreen('chatTaken', language),
    'too many codes': talk.tooManyCodesScreen(9 * 60_000, language),
    group: talk.groupScreen(language),
    help: talk.helpScreen(language),
    unknown: talk.unknownScreen(language),
    status: money.statusScreen({ bots: records, isKilled: false, isObserving: false }, language),
    'status, nothing trades': money.statusScreen({ bots: [], isKilled: true, isObserving: true }, language),
    bots: bots.botsScreen(records, [calm, rough, fresh], 0, language),
    'bots, none': bots.botsScreen([], [], 0, language),
    bot: bots.botScreen(calm, AT, language),
    'bot in error': bots.botScreen(rough, AT, language),
    'bot that never ran': bots.botScreen(fresh, AT, language),
    'which to start': bots.whichBotScreen([fresh.bot], 'start', language),
    'none to start': bots.whichBotScreen([], 'start', language),
    'which to panic': bots.whichBotScreen([calm.bot, rough.bot], 'askPanic', language),
    'no such bot': bots.whichBotScreen([], 'bot', language),
    'panic asked': bots.askPanicScreen(calm, language),
    'panic for all asked': bots.askPanicAllScreen([calm.bot, rough.bot], language),
    'panic for all': bots.panickedAllScreen(2, ['New one'], language),
    started: bots.actedScreen(fresh.bot, 'start', language),
    stopped: bots.actedScreen(calm.bot, 'stop', language),
    panicked: bots.actedScreen(calm.bot, 'panic', language),
    profit: money.profitScreen([calm, rough, fresh], false, language),
    'profit, none': money.profitScreen([fresh], false, language),
    'which account': money.whichAccountScreen([account, { ...account, id: 'account-2', name: 'Paper', exchange: 'paper' }], language),
    'which account, none': money.whichAccountScreen([], language),
    balance: money.balanceScreen(
      account,
      [
        { asset: 'USDT', free: '1000', locked: '234.5' },
        { asset: 'BTC', free: '0.00012345', locked: '0' },
        { asset: 'DUST', free: '0', locked: '0' },
      ],
      language,
    ),
    'balance, nothing': money.balanceScreen(account, [], language),
    orders: money.ordersScreen(orders, names, 0, false, language),
    'orders, second page': money.ordersScreen(
      Array.from({ length: 12 }, () => order({})),
      names,
      1,
      true,
      language,
    ),
    'orders, none': money.ordersScreen([], names, 0, false, language),
    signals: signalsScreen(signalList(2), 0, AT, language),
    'signals, free plan': signalsScreen({ ...signalList(2), delayMs: 60_000, isCut: true }, 0, AT, language),
    'signals, second page': signalsScreen({ ...signalList(7), nextCursor: 'more' }, 1, AT, language),
    'signals, none': signalsScreen(signalList(0), 0, AT, language),
    notifications: noticesScreen(firstSettings(language), 0, language),
    'notifications off': noticesScreen(
      { ...firstSettings(language), channels: { telegram: { isOn: false, events: null, minimumSeverity: null } } },
      0,
      language,
    ),
    settings: talk.settingsScreen('ann@example.org', language),
    language: talk.languageScreen(language),
    'unlink asked': talk.askUnlinkScreen(language),
    unlinked: talk.unlinkedScreen(language),
    cancelled: talk.cancelledScreen(language),
    stale: talk.staleScreen(language),
  };
}

/** As a person sees it: words, and each row of buttons on a line. */
function shown({ text, rows }: Screen): string {
  const words = textOfHtml(text);
  if (words === null) throw new Error(`Telegram would refuse ${text}`);
  return [words, ...rows.map((row) => row.map((button) => `[ ${button.text} ]`).join(' '))].join('\n');
}

describe('screens', () => {
  it.each(['en', 'ru'] as const)('read in %s as they were reviewed', async (language) => {
    const text = Object.entries(screens(language))
      .map(([name, screen]) => `=== ${name}\n${shown(screen)}\n`)
      .join('\n');
    await expect(text).toMatchFileSnapshot(`screens.${language}.txt`);
  });

  it.each(['en', 'ru'] as const)('in %s fit a phone: no message past 12 lines but lists, no button past 40 characters', (language) => {
    for (const [name, { text, rows }] of Object.entries(screens(language))) {
      if (!['help', 'orders, second page'].includes(name)) expect(text.split('\n').length, name).toBeLessThanOrEqual(12);
      for (const { text: label } of rows.flat()) expect([...label].length, `${name}: ${label}`).toBeLessThanOrEqual(40);
    }
  });
});
