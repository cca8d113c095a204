/**
 * A crossover of two simple averages, naively: at a close at which the fast average has come above the slow one since the close before, it
 * buys at that close for the investment less half a per cent; at one at which it no longer is, it sells all whole lots it has.
 */
import { Decimal } from 'decimal.js';
import { down, type NaiveBar, NaiveMarket, type NaiveTerms, up } from './naive-market.ts';

export interface NaiveCrossover {
  readonly fast: number;
  readonly slow: number;
  readonly investment: string;
}

/** How far above the market a purchase may trade; as much of the investment is kept back. */
const MARGIN = '1.005';
/** Of what is free this much is used at most. */
const USED = '0.999999';

export function naiveCrossover(terms: NaiveTerms, { fast, slow, investment }: NaiveCrossover, bars: readonly NaiveBar[]): NaiveMarket {
  const market = new NaiveMarket(terms, investment);
  let isAbove: boolean | null = null;
  let isHolding = false;
  let fastSum = new Decimal(0);
  let slowSum = new Decimal(0);
  bars.forEach(({ close }, index) => {
    const price = market.price(close);
    fastSum = fastSum.plus(price).minus(index < fast ? 0 : market.price(bars[index - fast]?.close ?? 0));
    slowSum = slowSum.plus(price).minus(index < slow ? 0 : market.price(bars[index - slow]?.close ?? 0));
    if (index < slow - 1) return;
    const before = isAbove;
    isAbove = fastSum.times(slow).gt(slowSum.times(fast));
    if (before === null || before === isAbove) return;
    if (isAbove && !isHolding) isHolding = enter(market, investment, close);
    else if (!isAbove && isHolding) isHolding = !leave(market, price);
  });
  return market;
}

/** Buys until what is left to spend is too little for an order: on coarse prices the margin leaves that much. */
function enter(market: NaiveMarket, investment: string, close: number): boolean {
  const price = market.price(close);
  const worst = up(price.times(MARGIN), market.tick);
  const most = down(market.cash.times(USED).div(MARGIN), market.leastQuote);
  let left = Decimal.min(most, down(new Decimal(investment).div(MARGIN), market.leastQuote));
  for (let isFirst = true; ; isFirst = false) {
    const size = Decimal.min(down(left.div(price), market.lot), down(up(left.times(MARGIN), market.leastQuote).div(worst), market.lot));
    if (!market.takes(size, price)) return !isFirst;
    market.buy(size, price);
    left = left.minus(size.times(price));
  }
}

function leave(market: NaiveMarket, price: Decimal): boolean {
  const size = down(market.coin, market.lot);
  if (!market.takes(size, price)) return false;
  market.sell(size, price);
  return true;
}
