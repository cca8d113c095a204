/**
 * Recurring purchases: buys for a fixed amount every hour, day, week or month at a time in UTC, and leaves purchases out
 * where its rules say so. What is too little for an order is spent with the next purchase.
 */
import type { BarRule } from '#core/bars/bar-rule.ts';
import { isTradable, openingPrice } from '#core/executors/amounts.ts';
import { hurriedTicks, isShort, openingSideOf, openingTicks } from '#core/executors/directions.ts';
import { liveOrder, newBoard, type OrderBoard } from '#core/executors/order-board.ts';
import { BOARD_TIMER, onBoardAccepted, onBoardClosed, onBoardFilled, onBoardTimer, resetBoard, settleOrders } from '#core/executors/wanted-orders.ts';
import {
  type ConditionsMemory,
  conditionFigures,
  conditionIssues,
  conditionsHold,
  conditionsOf,
  conditionsWarmUp,
  startConditions,
} from '#core/indicator-conditions.ts';
import { feeOn, GRAINS_PER_LOT, MAX_ATOMS } from '#core/instrument.ts';
import { type Decimal, decimal } from '#core/money.ts';
import type { Issue } from '#core/params.ts';
import { type Context, defineStrategy, type Plan, type PlanInput, type StrategyEvent } from '#core/strategy.ts';
import { barsOf } from './_bars.ts';
import { costOfSize } from './_dca/ladder.ts';
import { leverageIssues, liquidationsAfter } from './_perpetuals.ts';
import { type RecurringParams as Params, RECURRING_PARAMS } from './_recurring-params.ts';
import { nextTime } from './_schedule.ts';

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
const RULE: BarRule<typeof RECURRING_PARAMS> = {
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
    en: 'Buys for the same amount every hour, day, week or month, unless its rules say otherwise, and keeps the coin; or lets a position in a perpetual grow.',
    ru: 'Покупает на одну и ту же сумму каждый час, день, неделю или месяц, если правила не запрещают, и хранит монету; или наращивает позицию в бессрочном контракте.',
  },
  params: RECURRING_PARAMS,
  markets: ['spot', 'perpetual'],
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
    // A fill that is told now counts in the position already.
    const isGone = context.scale.isPerpetual && state.bought.lots > 0 && context.position.baseGrains === 0;
    if (isGone) return context.finish('the exchange has closed the position by itself', 'keep');
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
  if (above !== null && lots > 0 && isTooFar(params, decimal(String(openingTicks(params, context) * lots)), above, valueAtoms))
    return `the price ${price} is more than ${above} % ${isShort(params) ? 'below' : 'above'} the average`;
  return params.conditions.length > 0 && !state.isAllowed ? 'the conditions did not hold at the last close' : null;
}

/** Whether what was bought would cost so many per cent more now, or of a short bring as much less. */
function isTooFar(params: Params, valueNow: Decimal, percent: string, valueAtoms: number): boolean {
  const share = decimal(percent).times(isShort(params) ? -1 : 1);
  const limit = share.plus(100).div(100).times(valueAtoms);
  return isShort(params) ? valueNow.lt(limit) : valueNow.gt(limit);
}

function settle(context: Context, state: State, params: Params): void {
  const ticks = hurriedTicks(params, context);
  const lots = Math.floor(state.dueAtoms / openingPrice(context.askTicks));
  const isDue = isTradable(context, lots, context.askTicks);
  settleOrders(context, state.board, isDue ? [{ key: KEY, side: openingSideOf(params), how: 'take', ticks, lots }] : [], 0);
  if (state.made >= params.purchases && !isDue && liveOrder(state.board, KEY) === undefined) context.finish(`${state.made} purchases are made`, 'keep');
}

function plan(input: PlanInput<typeof RECURRING_PARAMS>): Plan {
  const { params, scale, feeAsset, askTicks } = input;
  const issues: Issue[] = [...conditionIssues('conditions', params.conditions), ...leverageIssues(params, scale)];
  if (!scale.isPerpetual && isShort(params)) issues.push({ field: 'direction', message: `must be long: ${scale.instrument.symbol} is a spot instrument` });
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
  const quoteAtoms = costOfSize(total, scale, feeAsset, params.leverage) + (feeAsset === 'quote' ? params.purchases : 0);
  const { takerFeeRate, quote } = scale.instrument;
  return {
    ok: true,
    quoteAtoms,
    baseGrains: 0,
    ...(scale.isPerpetual ? { leverage: params.leverage, marginMode: params.margin_mode } : {}),
    preview: {
      quote,
      needed_quote: scale.quote(quoteAtoms),
      each_buys_about: scale.size(Math.floor(amount / askTicks)),
      fee_of_each: scale.quote(feeOn(amount, scale.takerFee)),
      ...(scale.isPerpetual ? { liquidation_price_at_present_price: liquidationOf(input, quoteAtoms) } : {}),
      fees: { taker_rate: takerFeeRate, taken_in: feeAsset },
    },
  };
}

/** Where the exchange would close the whole position if all of it were opened at the present price; `null` where it never would. */
function liquidationOf({ params, scale, askTicks }: PlanInput<typeof RECURRING_PARAMS>, quoteAtoms: number): string | null {
  const lots = Math.floor((scale.atoms(params.amount, 'down') * params.purchases) / askTicks);
  const [ticks = null] = liquidationsAfter([{ ticks: askTicks, lots }], isShort(params), params, scale, quoteAtoms);
  return ticks === null ? null : scale.price(ticks);
}
