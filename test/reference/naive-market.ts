/**
 * What the naive references share: decimals, the terms of a market, and the path of a bar. Written without a look at the engine,
 * to be read beside it: slow, plain, and nothing but decimals where money is concerned.
 *
 * The path of a bar, which a bar does not tell: the price jumps to the open, goes to the low first where the bar closes at or above its
 * open and to the high first otherwise, then to the other extreme, then to the close. Bid and ask are the one price. A resting
 * order trades at its own price when the price touches it, those nearest first.
 */
import { Decimal } from 'decimal.js';

/** The venue's terms; decimals as text. */
export interface NaiveTerms {
  readonly tick: string;
  readonly lot: string;
  /** Smallest size and smallest value of an order. */
  readonly minSize: string;
  readonly minValue: string;
  /** Share of what a trade brings, taken of that coin, rounded up to the last unit that is counted. */
  readonly fee: string;
}

/** One bar, prices as whole ticks. */
export interface NaiveBar {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

/** Parts of a lot that are still counted, as a fee taken in coin leaves them. */
const PARTS_OF_A_LOT = 10_000;

export class NaiveMarket {
  readonly tick: Decimal;
  readonly lot: Decimal;
  readonly minSize: Decimal;
  readonly minValue: Decimal;
  readonly fee: Decimal;
  /** Smallest amount of quote, and of the coin, that is counted. */
  readonly leastQuote: Decimal;
  readonly leastCoin: Decimal;
  cash: Decimal;
  coin = new Decimal(0);
  trades = 0;

  constructor(terms: NaiveTerms, cash: string) {
    this.tick = new Decimal(terms.tick);
    this.lot = new Decimal(terms.lot);
    this.minSize = new Decimal(terms.minSize);
    this.minValue = new Decimal(terms.minValue);
    this.fee = new Decimal(terms.fee);
    this.leastQuote = this.tick.times(this.lot);
    this.leastCoin = this.lot.div(PARTS_OF_A_LOT);
    this.cash = new Decimal(cash);
  }

  price(ticks: number): Decimal {
    return this.tick.times(ticks);
  }

  /** Coin after the fee. */
  buy(size: Decimal, price: Decimal): Decimal {
    const received = size.minus(up(size.times(this.fee), this.leastCoin));
    this.cash = this.cash.minus(size.times(price));
    this.coin = this.coin.plus(received);
    this.trades += 1;
    return received;
  }

  sell(size: Decimal, price: Decimal): void {
    const value = size.times(price);
    this.cash = this.cash.plus(value).minus(up(value.times(this.fee), this.leastQuote));
    this.coin = this.coin.minus(size);
    this.trades += 1;
  }

  takes(size: Decimal, price: Decimal): boolean {
    return size.gt(0) && size.gte(this.minSize) && size.times(price).gte(this.minValue);
  }

  /** Equity at a price, to the last unit of quote. */
  equity(ticks: number): string {
    return this.cash
      .plus(this.coin.times(this.price(ticks)))
      .div(this.leastQuote)
      .toDecimalPlaces(0, Decimal.ROUND_HALF_CEIL)
      .times(this.leastQuote)
      .toFixed();
  }
}

export function down(value: Decimal, unit: Decimal): Decimal {
  return value.div(unit).floor().times(unit);
}

export function up(value: Decimal, unit: Decimal): Decimal {
  return value.div(unit).ceil().times(unit);
}
