/**
 * Recurring purchases: buys for a fixed amount every hour, day, week or month at a time in UTC, and leaves purchases out
 * where its rules say so. What is too little for an order is spent with the next purchase.
 */
import type { BarRule } from '#core/bar-rule.ts';
import { isTradable, openingPrice } from '#core/executors/amounts.ts';
import { liveOrder, newBoard, type OrderBoard } from '#core/executors/order-board.ts';
import { BOARD_TIMER, onBoardAccepted, onBoardClosed, onBoardFilled, onBoardTimer, resetBoard, settleOrders } from '#core/executors/wanted-orders.ts';
import {
  type ConditionsMemory,
  conditionFigures,
  conditionIssues,
  conditionsField,
  conditionsHold,
  conditionsOf,
  conditionsWarmUp,
  startConditions,
} from '#core/indicator-conditions.ts';
import { feeOn, GRAINS_PER_LOT, MAX_ATOMS } from '#core/instrument.ts';
import { decimal } from '#core/money.ts';
import type { Issue, ParamsOf, ParamsSpec } from '#core/params.ts';
import { type Context, defineStrategy, type Plan, type PlanInput, type StrategyEvent } from '#core/strategy.ts';
import { barsOf, TIMEFRAME_FIELD } from './_bars.ts';
import { costOfSize } from './_dca-ladder.ts';
import { nextTime, SCHEDULE_FIELDS } from './_schedule.ts';

const PARAMS = {
  amount: {
    kind: 'decimal',
    min: '0',
    isExclusive: true,
    title: { en: 'Amount', ru: 'Сумма' },
    help: { en: 'Quote spent on each purchase.', ru: 'Сколько котировки тратится на каждую покупку.' },
  },
  purchases: {
    kind: 'integer',
    min: 1,
    max: 10_000,
    title: { en: 'Number of purchases', ru: 'Число покупок' },
    help: {
      en: 'The bot keeps the money for all of them ready, and ends when they are made. Purchases left out do not count.',
      ru: 'Бот держит деньги на все покупки и завершается, когда они сделаны. Пропущенные не считаются.',
    },
  },
  ...SCHEDULE_FIELDS,
  max_price: {
    kind: 'decimal',
    min: '0',
    isExclusive: true,
    optional: true,
    title: { en: 'Highest price', ru: 'Максимальная цена' },
    help: {
      en: 'A purchase is left out while the ask is above it. Left out: no limit.',
      ru: 'Покупка пропускается, пока цена продажи выше. По умолчанию без ограничения.',
    },
  },
  skip_above_average_percent: {
    kind: 'decimal',
    min: '0',
    max: '1000',
    optional: true,
    title: { en: 'Not far above the average', ru: 'Не намного выше средней' },
    help: {
      en: 'A purchase is left out while the ask is more than so many per cent above the average price paid so far. Left out: no limit.',
      ru: 'Покупка пропускается, пока цена продажи больше чем на столько процентов выше средней цены покупок. По умолчанию без ограничения.',
    },
  },
  conditions: conditionsField(
    { en: 'Conditions', ru: 'Условия' },
    {
      en: 'A purchase is left out unless all of them held at the last close of a bar of the timeframe. Left out: none.',
      ru: 'Покупка пропускается, если на последнем закрытии бара таймфрейма выполнены не все. По умолчанию нет.',
    },
  ),
  timeframe: TIMEFRAME_FIELD,
  catch_up: {
    kind: 'boolean',
    default: true,
    title: { en: 'Catch up', ru: 'Навёрстывать' },
    help: {
      en: 'true: a time that passed while the bot was paused is made up for once when it goes on. Left out: true.',
      ru: 'true: время, прошедшее на паузе, навёрстывается один раз при продолжении. По умолчанию true.',
    },
  },
} as const satisfies ParamsSpec;

type Params = ParamsOf<typeof PARAMS>;

interface State {
  board: OrderBoard;
  isAllowed: boolean;
  nextAt: number;
  /** Quote that is due to be spent, in atoms. */
  dueAtoms: number;
  made: number;
  leftOut: number;
  lastReason: string;
  bought: { lots: number; valueAtoms: number; grains: number };
}

/** What the rule says where its conditions begin to hold, and where they hold no longer. */
const ALLOWED = 1;
const FORBIDDEN = 2;

interface Memory {
  readonly conditions: ConditionsMemory;
  /** `null` before the first close, which is told in any case. */
  isAllowed: boolean | null;
}

/** Tells where the conditions begin to hold and where they end. */
const RULE: BarRule<typeof PARAMS> = {
  prices: 'quote',
  figures: (params) => conditionFigures(conditionsOf(params.conditions)),
  start: (params): Memory => ({ conditions: startConditions(conditionsOf(params.conditions)), isAllowed: null }),
  turn(memory, figures, params) {
    const known = memory as Memory;
    const isAllowed = conditionsHold(conditionsOf(params.conditions), known.conditions, figures);
    if (isAllowed === known.isAllowed) return 0;
    known.isAllowed = isAllowed;
    return isAllowed ? ALLOWED : FORBIDDEN;
  },
};

const TIMER = 'purchase';
const KEY = 'purchase';

export const recurringBuy = defineStrategy({
  name: 'recurring_buy',
  version: 2,
  title: { en: 'Recurring purchases', ru: 'Регулярные покупки' },
  summary: {
    en: 'Buys for the same amount every hour, day, week or month, unless its rules say otherwise, and keeps the coin.',
    ru: 'Покупает на одну и ту же сумму каждый час, день, неделю или месяц, если правила не запрещают, и хранит монету.',
  },
  params: PARAMS,
  wants: { bars: true, quotes: false },
  bars: (params) => (params.conditions.length === 0 ? [] : [barsOf(params.timeframe, conditionsWarmUp(conditionsOf(params.conditions)))]),
  rule: RULE,
  commands: {
    buy_now: {
      title: { en: 'Buy now', ru: 'Купить сейчас' },
      help: {
        en: 'Makes the next purchase at once, whatever the rules say; the schedule stays.',
        ru: 'Делает следующую покупку сразу, независимо от правил; расписание остаётся.',
      },
      params: {},
    },
  },
  plan,

  start(context, params): State {
    const bought = { lots: 0, valueAtoms: 0, grains: 0 };
    const state: State = { board: newBoard(), isAllowed: false, nextAt: 0, dueAtoms: 0, made: 0, leftOut: 0, lastReason: '', bought };
    schedule(context, state, params);
    return state;
  },

  on(context, state, event, params): void {
    react(context, state, event, params);
    settle(context, state, params);
  },

  figures: (state, scale) => ({
    purchases_made: state.made,
    purchases_left_out: state.leftOut,
    last_reason: state.lastReason === '' ? null : state.lastReason,
    next_at: new Date(state.nextAt).toISOString(),
    bought: scale.base(state.bought.grains),
    spent: scale.quote(state.bought.valueAtoms),
    average_price: state.bought.lots === 0 ? null : scale.price(Math.round(state.bought.valueAtoms / state.bought.lots)),
  }),
});

function react(context: Context, state: State, event: StrategyEvent, params: Params): void {
  switch (event.type) {
    case 'timerFired':
      if (event.name === BOARD_TIMER) onBoardTimer(state.board);
      else if (event.name === TIMER) onTime(context, state, params);
      return;
    case 'barTurned':
      state.isAllowed = event.turn === ALLOWED;
      return;
    case 'userCommand':
      return state.made >= params.purchases ? undefined : purchase(context, state, params);
    case 'orderAccepted':
      return onBoardAccepted(state.board, event.order);
    case 'orderFilled': {
      onBoardFilled(state.board, event.order);
      const { fill } = event;
      const value = fill.priceTicks * fill.sizeLots;
      state.dueAtoms = Math.max(0, state.dueAtoms - value);
      state.bought.lots += fill.sizeLots;
      state.bought.valueAtoms += value;
      state.bought.grains += fill.sizeLots * GRAINS_PER_LOT - fill.feeGrains;
      return;
    }
    case 'orderClosed':
      // A purchase cancelled by hand is given up.
      if (onBoardClosed(context, state.board, event.order, event.code) !== 'parked') return;
      state.dueAtoms = 0;
      state.board.parked = [];
      return;
    case 'resumed':
      return onResumed(context, state, params);
    default:
      return;
  }
}

function onResumed(context: Context, state: State, params: Params): void {
  resetBoard(context, state.board);
  if (context.at < state.nextAt) context.setTimer(TIMER, state.nextAt);
  else if (params.catch_up) onTime(context, state, params);
  else schedule(context, state, params);
}

function schedule(context: Context, state: State, params: Params): void {
  state.nextAt = nextTime(params, context.at);
  context.setTimer(TIMER, state.nextAt);
}

function onTime(context: Context, state: State, params: Params): void {
  schedule(context, state, params);
  if (state.made >= params.purchases) return;
  const reason = skipReason(context, state, params);
  if (reason === null) return purchase(context, state, params);
  state.leftOut += 1;
  state.lastReason = reason;
  context.report('strategy_note', `A purchase was left out: ${reason}.`, { reason });
}

function purchase(context: Context, state: State, params: Params): void {
  state.made += 1;
  state.lastReason = '';
  state.dueAtoms += context.scale.atoms(params.amount, 'down');
}

function skipReason(context: Context, state: State, params: Params): string | null {
  const { scale, askTicks } = context;
  const price = scale.price(askTicks);
  if (params.max_price !== null && askTicks > scale.ticks(params.max_price, 'down')) return `the price ${price} is above max_price ${params.max_price}`;
  const { lots, valueAtoms } = state.bought;
  const above = params.skip_above_average_percent;
  if (above !== null && lots > 0 && decimal(String(askTicks * lots)).gt(decimal(above).plus(100).div(100).times(valueAtoms)))
    return `the price ${price} is more than ${above} % above the average`;
  return params.conditions.length > 0 && !state.isAllowed ? 'the conditions did not hold at the last close' : null;
}

function settle(context: Context, state: State, params: Params): void {
  const ticks = openingPrice(context.askTicks);
  const lots = Math.floor(state.dueAtoms / ticks);
  const isDue = isTradable(context, lots, context.askTicks);
  settleOrders(context, state.board, isDue ? [{ key: KEY, side: 'buy', how: 'take', ticks, lots }] : [], 0);
  if (state.made >= params.purchases && !isDue && liveOrder(state.board, KEY) === undefined) context.finish(`${state.made} purchases are made`, 'keep');
}

function plan({ params, scale, feeAsset, askTicks }: PlanInput<typeof PARAMS>): Plan {
  const issues: Issue[] = [...conditionIssues('conditions', params.conditions)];
  const amount = scale.atoms(params.amount, 'down');
  const ticks = openingPrice(askTicks);
  const lots = Math.floor(amount / ticks);
  const least = Math.max(scale.minLots * ticks, Math.ceil(scale.minAtoms / askTicks) * ticks);
  if (askTicks <= 0) issues.push({ field: 'amount', message: 'cannot be planned: no market price is known; try again when the market answers' });
  else if (lots < scale.minLots || lots * askTicks < scale.minAtoms)
    issues.push({ field: 'amount', message: `buys less than the venue takes; use at least ${scale.quote(least)} ${scale.instrument.quote}` });
  const total = amount * params.purchases;
  if (total > MAX_ATOMS / 2) issues.push({ field: 'purchases', message: 'makes amounts that cannot be computed exactly; use less' });
  if (issues.length > 0) return { ok: false, issues };
  const quoteAtoms = costOfSize(total, scale, feeAsset) + (feeAsset === 'quote' ? params.purchases : 0);
  const { takerFeeRate, quote } = scale.instrument;
  return {
    ok: true,
    quoteAtoms,
    baseGrains: 0,
    preview: {
      quote,
      needed_quote: scale.quote(quoteAtoms),
      each_buys_about: scale.size(Math.floor(amount / askTicks)),
      fee_of_each: scale.quote(feeOn(amount, scale.takerFee)),
      fees: { taker_rate: takerFeeRate, taken_in: feeAsset },
    },
  };
}
