/**
 * Rebalancing: keeps a share of the money in the coin and the rest in quote. When the price has moved the share out of
 * its band, or at a scheduled time, it buys or sells the difference.
 */

import { isTradable, openingPrice, wholeLots } from '#core/executors/amounts.ts';
import { isIdle, newBoard, waitOf } from '#core/executors/order-board.ts';
import type { WantedOrder } from '#core/executors/wanted-orders.ts';
import { GRAINS_PER_LOT, MAX_ATOMS } from '#core/instrument.ts';
import { decimal } from '#core/money.ts';
import type { Issue } from '#core/params.ts';
import { type Context, defineStrategy, type Plan, type PlanInput, type StrategyEvent } from '#core/strategy.ts';
import { DueOrder, type DueState } from './_due-order.ts';
import { REBALANCE_PARAMS, type RebalanceParams } from './_rebalance-params.ts';
import {
  beginRound,
  type CoinShare,
  coinsOf,
  goOn,
  isOutOfBand,
  LOOK_MS,
  newPortfolio,
  PORTFOLIO_TIMER,
  type Portfolio,
  planPortfolio,
  reactPortfolio,
  sharesOf,
  writeShares,
} from './_rebalance-portfolio.ts';
import { nextTime } from './_schedule.ts';

interface State extends DueState {
  /** What is being bought (positive) or sold, in lots; 0 while the share is let be. */
  movingLots: number;
  count: number;
  /** Of several coins. */
  portfolio?: Portfolio;
  /** Written already in runs from before. */
  shares?: readonly CoinShare[] | string;
}

const DUE = new DueOrder('rebalance');

export const rebalance = defineStrategy({
  name: 'rebalance',
  version: 1,
  title: { en: 'Rebalancing', ru: 'Ребалансировка' },
  summary: {
    en: 'Keeps shares of the money in one coin or several: sells some of what has risen, buys some of what has fallen.',
    ru: 'Держит доли денег в одной или нескольких монетах: продаёт часть выросшего и докупает упавшее.',
  },
  params: REBALANCE_PARAMS,
  otherLegs: (params) => coinsOf(params).map(({ symbol }) => ({ name: symbol, symbol, kind: 'spot' })),
  wants: { bars: false, quotes: false },
  commands: {
    rebalance_now: {
      title: { en: 'Rebalance now', ru: 'Ребалансировать сейчас' },
      help: { en: 'Restores the share at once, however near it is.', ru: 'Восстанавливает долю сразу, независимо от отклонения.' },
      params: {},
    },
  },
  plan,

  start(context, params): State {
    const state: State = { board: newBoard(), movingLots: 0, count: 0, nextAt: 0 };
    if (coinsOf(params).length > 0) {
      state.portfolio = newPortfolio();
      beginRound(context, state.portfolio, params);
      settlePortfolio(context, state, params, state.portfolio);
      return state;
    }
    move(context, state, params);
    schedule(context, state, params);
    settle(context, state, params);
    return state;
  },

  on(context, state, event, params): void {
    if (state.portfolio !== undefined) return onPortfolio(context, state, event, params, state.portfolio);
    react(context, state, event, params);
    settle(context, state, params);
  },

  figures: (state, scale) => ({
    rebalancings: state.portfolio?.count ?? state.count,
    shares_percent: typeof state.shares === 'object' ? writeShares(state.shares) : (state.shares ?? null),
    under_way: state.movingLots === 0 ? null : scale.size(Math.abs(state.movingLots)),
    refusal: waitOf(state.board, DUE.name)?.code ?? null,
  }),
});

function onPortfolio(context: Context, state: State, event: StrategyEvent, params: RebalanceParams, portfolio: Portfolio): void {
  if (event.type === 'orderAccepted') return;
  reactPortfolio(portfolio, event);
  if (event.type === 'userCommand') beginRound(context, portfolio, params);
  // The shares are looked at by the clock, and where that stood still meanwhile.
  const isLook = (event.type === 'timerFired' && event.name === PORTFOLIO_TIMER) || event.type === 'resumed' || event.type === 'marketChanged';
  const isTime = params.when === 'band' || context.at >= state.nextAt;
  if (isLook && isTime && isOutOfBand(context, params)) beginRound(context, portfolio, params);
  settlePortfolio(context, state, params, portfolio, isLook);
}

function settlePortfolio(context: Context, state: State, params: RebalanceParams, portfolio: Portfolio, isLook = true): void {
  goOn(context, portfolio, params);
  state.shares = sharesOf(context, typeof state.shares === 'object' ? state.shares : []);
  if (!isLook) return;
  state.nextAt = params.when === 'band' ? context.at + LOOK_MS : nextTime(params, context.at);
  context.setTimer(PORTFOLIO_TIMER, state.nextAt);
}

function react(context: Context, state: State, event: StrategyEvent, params: RebalanceParams): void {
  if (event.type === 'userCommand') move(context, state, params);
  if (event.type === 'orderFilled') state.movingLots -= event.fill.side === 'buy' ? event.fill.sizeLots : -event.fill.sizeLots;
  const news = DUE.news(context, state, event);
  // Cancelled by hand: the share is let be until it is out of its band again.
  if (news === 'givenUp') state.movingLots = 0;
  const isBandLook = params.when === 'band' && (event.type === 'priceReached' || news === 'resumed');
  if ((isBandLook || news === 'time') && isOutside(context, params)) move(context, state, params);
  if (news === 'time' || news === 'resumed') schedule(context, state, params);
}

function schedule(context: Context, state: State, params: RebalanceParams): void {
  if (params.when === 'schedule') DUE.schedule(context, state, params);
}

/** The middle of the market. */
function priceOf(context: Context): number {
  return (context.bidTicks + context.askTicks) / 2;
}

/** Share of the coin in the value, from 0 to 1. Quote bound by a purchase under way counts as quote. */
function shareOf(context: Context, priceTicks: number): number {
  const coin = (context.position.baseGrains / GRAINS_PER_LOT) * priceTicks;
  const quote = quoteOf(context);
  return coin + quote <= 0 ? 0 : coin / (coin + quote);
}

function quoteOf(context: Context): number {
  // While nothing is on the book all quote is free; the strategy has one order at a time and looks only between them.
  return Math.max(0, context.freeQuoteAtoms());
}

function shareWanted(params: RebalanceParams): number {
  return Number(params.target_percent) / 100;
}

function isOutside(context: Context, params: RebalanceParams): boolean {
  return Math.abs(shareOf(context, priceOf(context)) - shareWanted(params)) * 100 >= Number(params.band_percent) - 1e-9;
}

/** Finds what must be bought or sold for the share to be as wanted, at the price of now. Not while an order is under way. */
function move(context: Context, state: State, params: RebalanceParams): void {
  if (!isIdle(state.board) || !context.isTrading) return;
  const price = priceOf(context);
  const coin = (context.position.baseGrains / GRAINS_PER_LOT) * price;
  const missing = shareWanted(params) * (coin + quoteOf(context)) - coin;
  const lots = Math.floor(Math.abs(missing) / (missing > 0 ? openingPrice(context.askTicks) : price));
  if (!isTradable(context, lots, context.bidTicks)) return;
  state.movingLots = missing > 0 ? lots : -Math.min(lots, wholeLots(context.freeBaseGrains()));
  state.count += 1;
  context.report('strategy_note', `${missing > 0 ? 'Buys' : 'Sells'} ${context.scale.size(lots)} ${context.scale.instrument.base} to restore the share.`, {
    side: missing > 0 ? 'buy' : 'sell',
    size: context.scale.size(lots),
  });
}

function settle(context: Context, state: State, params: RebalanceParams): void {
  const wanted = wantedOrder(context, state);
  if (wanted === null && isIdle(state.board)) state.movingLots = 0;
  DUE.settle(context, state, wanted, wholeLots(context.position.baseGrains));
  watch(context, state, params);
}

function wantedOrder(context: Context, { movingLots }: State): Pick<WantedOrder, 'side' | 'ticks' | 'lots'> | null {
  const side = movingLots > 0 ? 'buy' : 'sell';
  const lots = Math.abs(movingLots);
  const ticks = side === 'buy' ? openingPrice(context.askTicks) : Math.max(1, Math.floor(context.bidTicks * 0.995));
  return isTradable(context, lots, Math.min(ticks, context.bidTicks)) ? { side, ticks, lots } : null;
}

/** Asks to be told at the prices at which the share leaves its band: they follow from what is held. */
function watch(context: Context, state: State, params: RebalanceParams): void {
  const lots = context.position.baseGrains / GRAINS_PER_LOT;
  if (params.when !== 'band' || !isIdle(state.board) || lots <= 0) return context.watchPrice(0, Number.POSITIVE_INFINITY);
  const quote = quoteOf(context);
  const priceAt = (share: number) => (quote * share) / ((1 - share) * lots);
  const band = Number(params.band_percent) / 100;
  const low = shareWanted(params) - band;
  const high = shareWanted(params) + band;
  context.watchPrice(low <= 0 ? 0 : Math.floor(priceAt(low)), high >= 1 ? Number.POSITIVE_INFINITY : Math.ceil(priceAt(high)));
}

function plan({ params, scale, feeAsset, bidTicks, askTicks, otherLegs = [] }: PlanInput<typeof REBALANCE_PARAMS>): Plan {
  if (coinsOf(params).length > 0) return planPortfolio(params, { scale, feeAsset, bidTicks, askTicks }, otherLegs);
  const issues: Issue[] = [];
  const quoteAtoms = scale.atoms(params.investment, 'down');
  const baseGrains = params.base_investment === null ? 0 : scale.grains(params.base_investment, 'down');
  if (bidTicks <= 0 || askTicks <= 0)
    return { ok: false, issues: [{ field: 'investment', message: 'cannot be planned: no market price is known; try again when the market answers' }] };
  const target = decimal(params.target_percent);
  const band = decimal(params.band_percent);
  if (target.minus(band).lte(0) && target.plus(band).gte(100))
    issues.push({ field: 'band_percent', message: `must leave a way out of the band around ${params.target_percent} %` });
  const value = quoteAtoms + (baseGrains / GRAINS_PER_LOT) * bidTicks;
  if (value > MAX_ATOMS) issues.push({ field: 'investment', message: 'makes amounts that cannot be computed exactly; use less' });
  const least = (value * Number(params.band_percent)) / 100;
  const lots = Math.floor(least / askTicks);
  if (lots < scale.minLots || lots * bidTicks < scale.minAtoms)
    issues.push({
      field: 'band_percent',
      message: `would move ${scale.quote(Math.floor(least))} ${scale.instrument.quote} at a time, less than the venue takes; use a wider band or more money`,
    });
  if (issues.length > 0) return { ok: false, issues };
  const { takerFeeRate } = scale.instrument;
  return {
    ok: true,
    quoteAtoms,
    baseGrains,
    preview: {
      value: scale.quote(Math.floor(value)),
      share_now_percent: (((baseGrains / GRAINS_PER_LOT) * bidTicks * 100) / value).toFixed(2),
      moves_at_least: scale.quote(Math.floor(least)),
      fees: { taker_rate: takerFeeRate, taken_in: feeAsset },
    },
  };
}
