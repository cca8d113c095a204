/** A slot as it stands at a moment: how far apart its prices are, whether both legs are fresh, and what is left of it by their books. */
import { LegView } from './leg-view.ts';
import type { ListingBoard } from './listing-board.ts';
import { otherCosts, type Slot, type Slots } from './slots.ts';
import { type AtSize, netAtSize } from './spread.ts';

export class SlotView {
  readonly board: ListingBoard;
  readonly slots: Slots;
  /** As they were looked at last. */
  readonly buy = new LegView();
  readonly sell = new LegView();

  constructor(board: ListingBoard, slots: Slots) {
    this.board = board;
    this.slots = slots;
  }

  /** The listings of both legs. */
  legs(slot: number): readonly [buy: number, sell: number] {
    return [this.slots.buy[slot] as number, this.slots.sell[slot] as number];
  }

  /** No net is above this. */
  bound(slot: number): number {
    const [buy, sell] = this.legs(slot);
    const entry = (this.board.bid[sell] as number) / (this.board.ask[buy] as number) - 1;
    return (this.slots.slope[slot] as number) * entry + (this.slots.bias[slot] as number);
  }

  /** Which legs have not been heard of for too long: 0 for none, 1 for the bought one, 2 for the sold one, 3 for both. */
  staleLegs(slot: number, now: number): number {
    const [buy, sell] = this.legs(slot);
    return Number(this.board.isStale(buy, now)) + 2 * Number(this.board.isStale(sell, now));
  }

  /** Whether the books of both legs were read at that time or later; a pool's come with its price. */
  hasBooksSince(slot: number, at: number): boolean {
    return this.legs(slot).every((index) => this.board.listings[index]?.market === 'dex' || (this.board.depthAt[index] as number) >= at);
  }

  look(slot: number, now: number): void {
    const [buy, sell] = this.legs(slot);
    this.buy.look(this.board, buy, now);
    this.sell.look(this.board, sell, now);
  }

  compute(slot: number, now: number): AtSize {
    this.look(slot, now);
    const told = this.slots.all[slot] as Slot;
    const { plan, scanner } = told;
    return netAtSize(this.buy, this.sell, plan.exit, scanner.rules.sizeQuote, this.slots.income(this.board, slot, now), otherCosts(told, this.buy.ask));
  }
}
