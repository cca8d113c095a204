/** A leg as it stands on the board: the newer of best price and depth, and levels that are still there. One object is filled again and again. */
import type { ListingBoard } from './listing-board.ts';
import type { LegMarket } from './spread.ts';

const NO_LEVELS = new Float64Array(0);

export class LegView implements LegMarket {
  bid = 0;
  ask = Number.POSITIVE_INFINITY;
  bids: Float64Array = NO_LEVELS;
  asks: Float64Array = NO_LEVELS;
  feeRate = 0;
  /** Whether levels come of a book, and not of the best price alone. */
  hasDepth = false;
  readonly #bestBid = new Float64Array(2);
  readonly #bestAsk = new Float64Array(2);

  look(board: ListingBoard, index: number, now: number): this {
    const depth = board.depthOf(index, now);
    this.feeRate = board.listings[index]?.takerFeeRate ?? 0;
    this.bid = board.bid[index] as number;
    this.ask = board.ask[index] as number;
    this.hasDepth = depth !== null;
    if (depth === null) {
      this.bids = oneLevel(this.#bestBid, this.bid, board.bidSize[index] as number);
      this.asks = oneLevel(this.#bestAsk, this.ask, board.askSize[index] as number);
      return this;
    }
    this.bids = depth.bids;
    this.asks = depth.asks;
    if ((board.depthAt[index] as number) >= (board.topAt[index] as number)) {
      this.bid = depth.bids[0] as number;
      this.ask = depth.asks[0] as number;
    }
    return this;
  }
}

function oneLevel(levels: Float64Array, price: number, size: number): Float64Array {
  if (!(size > 0)) return NO_LEVELS;
  levels[0] = price;
  levels[1] = size;
  return levels;
}
