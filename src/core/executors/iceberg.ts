/** Trades an amount at one price and shows a part of it at a time: the next part is placed when the one before has filled. */
import { isTradable } from './amounts.ts';
import { type Drawing, draw } from './draw.ts';
import { type Execution, type ExecutionIntent, executorOf } from './execution.ts';
import { liveOrder } from './order-board.ts';

export interface IcebergIntent extends ExecutionIntent {
  readonly ticks: number;
  readonly visibleLots: number;
  /** How much a part may differ from the visible size to both sides, as a share. */
  readonly variance: number;
  readonly seed: number;
}

export interface IcebergState extends Execution, Drawing {
  /** What is left of the part in hand; 0 before the first and between two. */
  partLots: number;
  parts: number;
  isCancelled: boolean;
}

const KEY = 'part';

export const icebergExecutor = executorOf<IcebergIntent, IcebergState>({
  start: (base, { seed }) => ({ ...base, seed, partLots: 0, parts: 0, isCancelled: false }),
  wanted(context, state, { side, ticks, visibleLots, variance, lots }) {
    const rest = lots - state.filledLots;
    const isLive = liveOrder(state.board, KEY) !== undefined;
    if (!isLive && !isTradable(context, state.partLots, ticks)) {
      const part = Math.max(1, Math.round(visibleLots * (1 + variance * (2 * draw(state) - 1))));
      // A part that would leave too little for another takes that, too.
      state.partLots = isTradable(context, rest - part, ticks) ? part : rest;
      state.parts += 1;
    }
    return [{ key: KEY, side, how: 'rest', ticks, lots: Math.min(state.partLots, rest) }];
  },
  wakeAt: () => null,
  booked(state, _order, lots) {
    state.partLots = Math.max(0, state.partLots - lots);
  },
  cancelled(state) {
    state.isCancelled = true;
  },
  isOver: (_context, state) => state.isCancelled,
});
