/**
 * What a strategy does that acts now and then: its scheduled times, and the one order at the market for what is due. How much is due it
 * says after every event itself.
 */
import type { OrderBoard } from '#core/executors/order-board.ts';
import {
  BOARD_TIMER,
  onBoardAccepted,
  onBoardClosed,
  onBoardFilled,
  onBoardTimer,
  resetBoard,
  settleOrders,
  type WantedOrder,
} from '#core/executors/wanted-orders.ts';
import type { Context, StrategyEvent } from '#core/strategy.ts';
import { nextTime, type Schedule } from './_schedule.ts';

/** What is remembered of it, as a part of the strategy's state. */
export interface DueState {
  board: OrderBoard;
  /** The next scheduled time. */
  nextAt: number;
}

/** What has happened that the strategy has to heed: its time has come, a part is done, its user does not want the rest, the run goes on. */
export type DueNews = 'time' | 'filled' | 'givenUp' | 'resumed';

export class DueOrder {
  /** Of its timer, its order and the order's tag. */
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  /** Takes an event in; `null` where there is nothing to heed. */
  news(context: Context, { board }: DueState, event: StrategyEvent): DueNews | null {
    switch (event.type) {
      case 'timerFired':
        if (event.name === BOARD_TIMER) onBoardTimer(board);
        return event.name === this.name ? 'time' : null;
      case 'orderAccepted':
        onBoardAccepted(board, event.order);
        return null;
      case 'orderFilled':
        onBoardFilled(board, event.order);
        return 'filled';
      case 'orderClosed':
        if (onBoardClosed(context, board, event.order, event.code) !== 'parked') return null;
        board.parked = [];
        return 'givenUp';
      case 'resumed':
        resetBoard(context, board);
        return 'resumed';
      default:
        return null;
    }
  }

  /** Asks to be told at the next scheduled time. */
  schedule(context: Context, state: DueState, times: Schedule): void {
    state.nextAt = nextTime(times, context.at);
    this.awaitTime(context, state);
  }

  awaitTime(context: Context, { nextAt }: DueState): void {
    context.setTimer(this.name, nextAt);
  }

  /** Trades what is due; `null` where nothing is, or too little. `heldLots` is what a sale may offer. */
  settle(context: Context, { board }: DueState, wanted: Pick<WantedOrder, 'side' | 'ticks' | 'lots'> | null, heldLots = 0): void {
    settleOrders(context, board, wanted === null ? [] : [{ key: this.name, how: 'take', ...wanted }], heldLots);
  }
}
