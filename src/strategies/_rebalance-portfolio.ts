/**
 * Rebalancing of several coins: each has a share of the value, the rest is quote. What is too much is sold first; then its money goes to
 * the coins of which there is too little. Orders never rest: what a round could not trade the next one does.
 */

import { isTradable, openingPrice } from '#core/executors/amounts.ts';
import { GRAINS_PER_LOT, MAX_ATOMS } from '#core/instrument.ts';
import { decimal } from '#core/money.ts';
import type { Side } from '#core/order.ts';
import type { Issue, ParamsSpec } from '#core/params.ts';
import type { Context, LegContext, Plan, PlanLeg, StrategyEvent } from '#core/strategy.ts';

/** Coins beside the first. */
const MAX_OTHER_COINS = 9;
/** Several prices move the shares together, so they are looked at by the clock and not at one of the prices. */
export const LOOK_MS = 30_000;
/** How much worse than the market a sale may be priced. */
const SALE_MARGIN = 0.005;
export const PORTFOLIO_TIMER = 'shares';

export const COINS_FIELD = {
  kind: 'rows',
  maxRows: MAX_OTHER_COINS,
  title: { en: 'Further coins', ru: 'Другие монеты' },
  help: {
    en: 'Further coins of the portfolio against the same quote, each with its share. What no coin has is quote. Left out: the one coin alone.',
    ru: 'Другие монеты портфеля к той же котировке, каждая со своей долей. Остальное — котировка. По умолчанию одна монета.',
  },
  fields: {
    symbol: {
      kind: 'text',
      maxLength: 40,
      pattern: '[A-Z0-9]+/[A-Z0-9]+',
      title: { en: 'Symbol', ru: 'Символ' },
      help: { en: 'Such as ETH/USDT.', ru: 'Например, ETH/USDT.' },
    },
    target_percent: {
      kind: 'decimal',
      min: '1',
      max: '99',
      title: { en: 'Share', ru: 'Доля' },
      help: { en: 'Share of the value to be held in it, in per cent.', ru: 'Доля стоимости в этой монете, в процентах.' },
    },
  },
} as const satisfies ParamsSpec[string];

/** What of the settings concerns several coins. */
export interface PortfolioParams {
  readonly target_percent: string;
  readonly band_percent: string;
  readonly coins: readonly { readonly symbol: string; readonly target_percent: string }[];
}

export interface Portfolio {
  step: 'idle' | 'selling' | 'buying';
  /** Orders that are under way. */
  orders: string[];
  count: number;
}

export function newPortfolio(): Portfolio {
  return { step: 'idle', orders: [], count: 0 };
}

/** Runs from before there were several coins have no such setting. */
export function coinsOf({ coins }: { readonly coins?: PortfolioParams['coins'] }): PortfolioParams['coins'] {
  return coins ?? [];
}

/** Forgets an order that is over. */
export function reactPortfolio(portfolio: Portfolio, event: StrategyEvent): void {
  const isOver = event.type === 'orderClosed' || (event.type === 'orderFilled' && event.order.state === 'filled');
  if (isOver) portfolio.orders = portfolio.orders.filter((each) => each !== event.order.clientOrderId);
}

/** Begins a round, unless one is under way: sells of each coin what is too much. */
export function beginRound(context: Context, portfolio: Portfolio, params: PortfolioParams): void {
  if (portfolio.step !== 'idle' || !context.canOpen) return;
  portfolio.step = 'selling';
  portfolio.count += 1;
  const total = totalOf(context);
  for (const [index, leg] of context.legs.entries()) {
    const excess = worthOf(leg) - total * shareWanted(params, index);
    const held = Math.floor(leg.freeBaseGrains() / GRAINS_PER_LOT);
    const lots = Math.min(held, Math.floor(excess / (leg.bidTicks * leg.scale.quotePerAtom)));
    if (isTradable(leg, lots, leg.bidTicks)) submit(portfolio, leg, 'sell', lots, Math.max(1, Math.floor(leg.bidTicks * (1 - SALE_MARGIN))));
  }
}

/** Goes on with a round whose orders are over; a pause or a closed market ends it. */
export function goOn(context: Context, portfolio: Portfolio, params: PortfolioParams): void {
  if (portfolio.step === 'idle' || portfolio.orders.length > 0 || !context.isTrading) return;
  const isSold = portfolio.step === 'selling';
  portfolio.step = isSold ? 'buying' : 'idle';
  if (isSold && context.canOpen) buy(context, portfolio, params);
  if (isSold && portfolio.orders.length === 0) portfolio.step = 'idle';
}

/** Whether any coin is as far from its share as the band allows. */
export function isOutOfBand(context: Context, params: PortfolioParams): boolean {
  const total = totalOf(context);
  if (total <= 0) return false;
  const band = Number(params.band_percent) / 100 - 1e-9;
  for (let index = 0; index < context.legs.length; index += 1)
    if (Math.abs(worthOf(context.legs[index] as LegContext) / total - shareWanted(params, index)) >= band) return true;
  return false;
}

/** Buys what is missing of each coin, with the money of all. */
function buy(context: Context, portfolio: Portfolio, params: PortfolioParams): void {
  const total = totalOf(context);
  const wishes = context.legs.map((leg, index) => {
    const missing = Math.max(0, total * shareWanted(params, index) - worthOf(leg));
    const ticks = openingPrice(leg.askTicks);
    return { leg, ticks, lots: Math.floor(missing / (ticks * leg.scale.quotePerAtom)) };
  });
  const bought = wishes.filter(({ leg, lots }) => isTradable(leg, lots, leg.bidTicks));
  for (const { leg, ticks, lots } of bought) collect(context, leg, ticks * lots, bought);
  for (const { leg, ticks, lots } of bought) {
    const affordable = Math.min(lots, Math.floor(leg.freeQuoteAtoms() / ticks));
    if (isTradable(leg, affordable, leg.bidTicks)) submit(portfolio, leg, 'buy', affordable, ticks);
  }
}

interface Wish {
  readonly leg: LegContext;
  readonly ticks: number;
  readonly lots: number;
}

/** Brings a leg the quote it needs from those that have more than they need themselves. */
function collect(context: Context, to: LegContext, needAtoms: number, wishes: readonly Wish[]): void {
  for (const from of context.legs) {
    const missing = (needAtoms - to.freeQuoteAtoms()) * to.scale.quotePerAtom;
    if (missing <= 0) return;
    if (from === to) continue;
    const own = wishes.find(({ leg }) => leg === from);
    const spare = from.freeQuoteAtoms() - (own === undefined ? 0 : own.ticks * own.lots);
    if (spare > 0) context.moveQuote(from.name, to.name, Math.min(spare, Math.ceil(missing / from.scale.quotePerAtom) + 1));
  }
}

function submit(portfolio: Portfolio, leg: LegContext, side: Side, sizeLots: number, priceTicks: number): void {
  portfolio.orders.push(
    leg.submit({ side, type: 'limit', priceTicks, triggerTicks: 0, sizeLots, timeInForce: 'ioc', postOnly: false, reduceOnly: false, tag: 'rebalance' }),
  );
}

/** What a coin is worth, in quote. */
function worthOf(leg: LegContext): number {
  return (leg.position.baseGrains / GRAINS_PER_LOT) * ((leg.bidTicks + leg.askTicks) / 2) * leg.scale.quotePerAtom;
}

function totalOf({ legs }: Pick<Context, 'legs'>): number {
  let total = 0;
  for (const leg of legs) total = total + worthOf(leg) + Math.max(0, leg.freeQuoteAtoms()) * leg.scale.quotePerAtom;
  return total;
}

function percentWanted({ target_percent, coins }: PortfolioParams, index: number): number {
  return Number(index === 0 ? target_percent : (coins[index - 1]?.target_percent ?? 0));
}

function shareWanted(params: PortfolioParams, index: number): number {
  return percentWanted(params, index) / 100;
}

/** What one coin is worth of the whole, in per cent; `null` where there is nothing. */
export interface CoinShare {
  readonly coin: string;
  percent: number | null;
}

/** Of all coins; `former` are written anew. */
export function sharesOf(context: Context, former: readonly CoinShare[]): readonly CoinShare[] {
  const total = totalOf(context);
  const shares = former.length === context.legs.length ? former : context.legs.map(({ scale }) => ({ coin: scale.instrument.base, percent: null }));
  for (let index = 0; index < shares.length; index += 1)
    (shares[index] as CoinShare).percent = total <= 0 ? null : (worthOf(context.legs[index] as LegContext) / total) * 100;
  return shares;
}

/** Such as `ABC 40.1, DEF 29.8`. */
export function writeShares(shares: readonly CoinShare[]): string {
  return shares.map(({ coin, percent }) => `${coin} ${percent?.toFixed(1) ?? '0'}`).join(', ');
}

/** Plans several coins; the money is promised to each by its share, the rest to the first. */
export function planPortfolio(
  params: PortfolioParams & { readonly investment: string; readonly base_investment: string | null },
  first: PlanLeg,
  others: readonly PlanLeg[],
): Plan {
  const legs = [first, ...others];
  const issues: Issue[] = [];
  if (others.length !== params.coins.length || legs.some(({ bidTicks, askTicks }) => bidTicks <= 0 || askTicks <= 0))
    return { ok: false, issues: [{ field: 'coins', message: 'cannot be planned: a market price is missing; try again when the market answers' }] };
  const sum = legs.reduce((total, _leg, index) => total + percentWanted(params, index), 0);
  if (sum > 99) issues.push({ field: 'coins', message: `take ${sum} % with the first coin; together they may have 99, so that fees can be paid` });
  const investment = decimal(params.investment);
  const least = (Number(params.investment) * Number(params.band_percent)) / 100;
  for (const [index, leg] of legs.entries()) {
    const smallest = Math.max(leg.scale.minLots * leg.askTicks, leg.scale.minAtoms) * leg.scale.quotePerAtom;
    const field = index === 0 ? 'band_percent' : `coins[${index - 1}]`;
    if (least < smallest)
      issues.push({
        field,
        message: `would move ${least.toFixed(2)} at a time, less than the venue takes of ${leg.scale.instrument.symbol} (${smallest.toFixed(2)})`,
      });
    if (Number(params.investment) / leg.scale.quotePerAtom > MAX_ATOMS / 4)
      issues.push({ field: 'investment', message: 'makes amounts that cannot be computed exactly; use less' });
  }
  if (issues.length > 0) return { ok: false, issues };
  const otherLegs = others.map((leg, index) => ({ quoteAtoms: leg.scale.atoms(investment.times(shareWanted(params, index + 1)), 'down'), baseGrains: 0 }));
  const promised = otherLegs.reduce((rest, { quoteAtoms }, index) => rest.minus(others[index]?.scale.quote(quoteAtoms) ?? 0), investment);
  return {
    ok: true,
    quoteAtoms: first.scale.atoms(promised, 'down'),
    baseGrains: params.base_investment === null ? 0 : first.scale.grains(params.base_investment, 'down'),
    otherLegs,
    preview: {
      quote_percent: (100 - sum).toFixed(2),
      moves_at_least: least.toFixed(2),
      coins: legs.map(({ scale }, index) => ({ symbol: scale.instrument.symbol, target_percent: percentWanted(params, index).toFixed(2) })),
    },
  };
}
