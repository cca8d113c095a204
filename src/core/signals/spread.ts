/**
 * The arithmetic of two legs: what the difference of prices is, and what is left of it at a size after fees, both books' depth and the way
 * out. Shares of what the bought leg costs; NaN where a book ends before the size. Everything subtracted is never negative, so that net
 * cannot exceed gross.
 */
import { coinsForValue, coinsIn, valueOfCoins } from './book-walk.ts';
import type { SignalExit } from './signal.ts';

/** One leg as it stands. Prices for one coin. */
export interface LegMarket {
  readonly bid: number;
  readonly ask: number;
  readonly bids: Float64Array;
  readonly asks: Float64Array;
  /** A share. */
  readonly feeRate: number;
}

/** What a position costs besides prices and fees of trading. */
export interface OtherCosts {
  /** In the quote coin, whatever the size: gas, and the fee of moving coins. */
  readonly fixed: number;
  /** Of the size: a doubtful rate between two dollars. */
  readonly share: number;
}

/** Gross spreads at the best prices. Entry and exit are of the same money, so that their sum is what turning round at once would cost. */
export interface Gross {
  readonly entry: number;
  readonly exit: number;
  readonly exitBasis: number;
  readonly oppositeEntry: number;
}

/** What one has paid and is owed for a size. */
export interface Entry {
  readonly coins: number;
  /** Quote paid for the bought leg and received for the sold one, before fees. */
  readonly paid: number;
  readonly received: number;
}

export interface AtSize extends Entry {
  readonly net: number;
  readonly fees: number;
}

export function grossOf(buy: LegMarket, sell: LegMarket): Gross {
  return {
    entry: (sell.bid - buy.ask) / buy.ask,
    exit: (buy.bid - sell.ask) / buy.ask,
    exitBasis: sell.ask / buy.bid - 1,
    oppositeEntry: (buy.bid - sell.ask) / sell.ask,
  };
}

/** Buys for so much quote, and sells as many coins. */
export function enterWith(buy: LegMarket, sell: LegMarket, quote: number): Entry {
  const coins = coinsForValue(buy.asks, quote, buy.ask);
  return { coins, paid: quote, received: valueOfCoins(sell.bids, coins, 'bids', sell.bid) };
}

/**
 * What is left at a size. `convergence`: both legs are closed where their middle prices meet, through books as wide as they are now.
 * `transfer`: the coins are moved and sold. `funding`: both legs are closed at the basis that they have now; `income` is what has been received.
 * In the other two `income` counts where it is paid, and not where it is hoped for.
 */
export function netAtSize(buy: LegMarket, sell: LegMarket, exit: SignalExit, quote: number, income: number, costs: OtherCosts): AtSize {
  const entry = enterWith(buy, sell, quote);
  const { coins, paid, received } = entry;
  const other = costs.fixed + costs.share * paid;
  if (exit === 'transfer') {
    const fees = buy.feeRate * paid + sell.feeRate * received;
    return { ...entry, fees: fees / paid, net: (received - paid - fees - other) / paid };
  }
  const back = valueOfCoins(buy.bids, coins, 'bids', buy.bid);
  const cover = valueOfCoins(sell.asks, coins, 'asks', sell.ask);
  const widths = paid - back + (cover - received);
  if (exit === 'funding') {
    const fees = buy.feeRate * (paid + back) + sell.feeRate * (received + cover);
    return { ...entry, fees: fees / paid, net: income - (widths + fees + other) / paid };
  }
  const met = Math.max(paid, received);
  const fees = buy.feeRate * (paid + met) + sell.feeRate * (received + met);
  return { ...entry, fees: fees / paid, net: (received - paid - widths / 2 - fees - other) / paid + Math.min(0, income) };
}

/** Where the leg that is sold stands lower, its fees are less: of the least that they can be so much is left. */
const LEAST_FEES = 0.8;

/** No {@link netAtSize} that is positive is above `slope · entry + bias`: worked out for every price that arrives, to pass over most of them. */
export function netBound(exit: SignalExit, fees: number, income: number, share: number): { readonly slope: 0 | 1; readonly bias: number } {
  if (exit === 'funding') return { slope: 0, bias: income - 2 * LEAST_FEES * fees - share };
  return exit === 'transfer' ? { slope: 1, bias: -fees - share } : { slope: 1, bias: Math.min(0, income) - 2 * fees - share };
}

/** Quote that the thinner of both books has room for. */
export function roomOf(buy: LegMarket, sell: LegMarket, exit: SignalExit): number {
  const coins = Math.min(coinsIn(buy.asks, 'asks', buy.ask), coinsIn(sell.bids, 'bids', sell.bid));
  const both = exit === 'transfer' ? coins : Math.min(coins, coinsIn(buy.bids, 'bids', buy.bid), coinsIn(sell.asks, 'asks', sell.ask));
  // A hair less, so that rounding does not step over the end of a book.
  return valueOfCoins(buy.asks, both * (1 - 1e-9), 'asks', buy.ask);
}

const HALVINGS = 40;

/** The largest size whose net is still `threshold`; `isBound` when the books end first. A net that falls with size is halved towards. */
export function largestSize(room: number, threshold: number, netAt: (quote: number) => number): { readonly quote: number; readonly isBound: boolean } {
  if (!(room > 0)) return { quote: 0, isBound: true };
  if (netAt(room) >= threshold) return { quote: room, isBound: true };
  let [low, high] = [0, room];
  for (let step = 0; step < HALVINGS && high - low > low * 1e-4; step += 1) {
    const middle = (low + high) / 2;
    if (netAt(middle) >= threshold) low = middle;
    else high = middle;
  }
  return { quote: low, isBound: false };
}

/** What a position entered before would have paid, left now; `income` is the funding received since, as a share. NaN where the books are too short. */
export function realised(entry: Entry, buy: LegMarket, sell: LegMarket, exit: SignalExit, income: number, costs: OtherCosts): number {
  const { coins, paid, received } = entry;
  const other = costs.fixed + costs.share * paid;
  if (exit === 'transfer') {
    const sold = valueOfCoins(sell.bids, coins, 'bids', sell.bid);
    return (sold * (1 - sell.feeRate) - paid * (1 + buy.feeRate) - other) / paid;
  }
  const back = valueOfCoins(buy.bids, coins, 'bids', buy.bid);
  const cover = valueOfCoins(sell.asks, coins, 'asks', sell.ask);
  const fees = buy.feeRate * (paid + back) + sell.feeRate * (received + cover);
  return (back - paid + received - cover - fees - other) / paid + income;
}
