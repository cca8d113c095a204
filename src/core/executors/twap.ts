/** Trades an amount in equal slices over a time, at the market but not beyond a price, and if wished not more than a share of the market's volume. */
import type { Context } from '../strategy.ts';
import { isTradable, lowestSale, openingPrice } from './amounts.ts';
import { type Drawing, draw } from './draw.ts';
import { type Execution, type ExecutionIntent, executorOf } from './execution.ts';
import type { WantedOrder } from './wanted-orders.ts';

export interface TwapIntent extends ExecutionIntent {
  readonly startAt: number;
  readonly endsAt: number;
  readonly slices: number;
  /** How much later than its time a slice may come, as a share of the time between two. */
  readonly jitter: number;
  /** Worst price, in ticks. */
  readonly limitTicks: number;
  /** What a slice could not trade is added to the next; otherwise it is left out. */
  readonly isCatchingUp: boolean;
  /** Largest share of the volume since the slice before, or `null` without that limit. */
  readonly volumeShare: number | null;
  readonly seed: number;
}

export interface TwapState extends Execution, Drawing {
  /** The next slice, from 0, and when it comes. */
  next: number;
  nextAt: number;
  /** What is to be traded now. */
  dueLots: number;
  /** Volume of the bars that closed since the slice before. */
  volumeLots: number;
}

const KEY = 'slice';

export const twapExecutor = executorOf<TwapIntent, TwapState>({
  start: (base, { startAt, seed }) => ({ ...base, seed, next: 0, nextAt: startAt, dueLots: 0, volumeLots: 0 }),
  wanted(context, state, intent) {
    while (state.next < intent.slices && context.at >= state.nextAt) takeSlice(context, state, intent);
    return sliceOrder(context, state, intent);
  },
  wakeAt: (state, { slices }) => (state.next < slices ? state.nextAt : null),
  booked(state, _order, lots) {
    state.dueLots = Math.max(0, state.dueLots - lots);
  },
  cancelled(state) {
    // The slice is given up; the next one comes.
    state.dueLots = 0;
    state.board.parked = [];
  },
  isOver: () => false,
  hear(state, event) {
    if (event.type === 'barClosed') state.volumeLots += event.volumeLots;
  },
});

function takeSlice(context: Context, state: TwapState, intent: TwapIntent): void {
  const { lots, slices, startAt, endsAt, jitter, volumeShare } = intent;
  const upTo = (slice: number) => Math.floor((lots * slice) / slices);
  const rest = lots - state.filledLots;
  const planned = upTo(state.next + 1) - (intent.isCatchingUp ? state.filledLots : upTo(state.next));
  const wanted = Math.min(rest, Math.max(0, planned));
  // What would be too little for an order of its own comes along.
  const due = isTradable(context, rest - wanted, context.bidTicks) ? wanted : rest;
  state.dueLots = volumeShare === null ? due : Math.min(due, Math.floor(state.volumeLots * volumeShare));
  const interval = (endsAt - startAt) / slices;
  state.next += 1;
  state.nextAt = Math.round(startAt + state.next * interval + draw(state) * jitter * interval);
  // Slices that a pause has passed over are one.
  if (context.at < state.nextAt) state.volumeLots = 0;
}

function sliceOrder({ bidTicks, askTicks }: Context, { dueLots: lots }: TwapState, { side, limitTicks }: TwapIntent): readonly WantedOrder[] {
  if (lots === 0 || (side === 'buy' ? askTicks > limitTicks : bidTicks < limitTicks)) return [];
  const ticks = side === 'buy' ? Math.min(limitTicks, openingPrice(askTicks)) : Math.max(limitTicks, lowestSale(bidTicks));
  return [{ key: KEY, side, how: 'take', ticks, lots }];
}
