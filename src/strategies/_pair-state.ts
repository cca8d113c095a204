/** What spot-futures arbitrage remembers between events. */
import type { LegName } from './_pair-market.ts';

/** `entering` and `leaving` trade until both legs are where they shall be. */
export type PairStage = 'waiting' | 'entering' | 'holding' | 'leaving';

/** Why the legs are being closed. */
export type LeaveReason = 'spread' | 'time' | 'margin' | 'hand' | 'uncovered';

/** Something uncovered that is being put right. */
export interface Breach {
  since: number;
  /** Orders with a limit that were tried. */
  tries: number;
  /** Time of the next. */
  nextAt: number;
  /** What is uncovered is being closed at market. */
  isForced: boolean;
  /** Market orders in a row that traded nothing. */
  failures: number;
}

export interface PairState {
  stage: PairStage;
  /** The order that is under way in each leg. */
  readonly orders: Record<LegName, string | null>;
  lead: LegName;
  /** Prices of both legs when the first leg was last ordered, in ticks of each: bid and ask. */
  readonly seen: Record<LegName, { bidTicks: number; askTicks: number }>;
  breach: Breach | null;
  /** Base to be held when entering, or kept when leaving, is done. */
  targetBase: number;
  leaveReason: LeaveReason;
  /** No first leg before it: the last one came to nothing, or a pair was undone. */
  leadAt: number;
  /** Half of the pair was closed because the liquidation price was near; the rest stands until it is nearer. */
  isHalved: boolean;
  enteredAt: number;
  /** Spread before fees at which the pair that is held was entered, as a share. */
  entrySpread: number;
  rounds: number;
  /** How often a leg was left alone and closed at market. */
  undone: number;
  /** Profit of both legs with fees and funding, and the funding in it, as decimals in quote. */
  profit: string;
  funding: string;
  timerAt: number;
}

export function newPairState(): PairState {
  return {
    stage: 'waiting',
    orders: { spot: null, perpetual: null },
    lead: 'spot',
    seen: { spot: { bidTicks: 0, askTicks: 0 }, perpetual: { bidTicks: 0, askTicks: 0 } },
    breach: null,
    targetBase: 0,
    leaveReason: 'spread',
    leadAt: 0,
    isHalved: false,
    enteredAt: 0,
    entrySpread: 0,
    rounds: 0,
    undone: 0,
    profit: '0',
    funding: '0',
    timerAt: 0,
  };
}

export function isIdle({ orders }: PairState): boolean {
  return orders.spot === null && orders.perpetual === null;
}

/** What was under way in a leg is over. */
export function forgetOrder(state: PairState, clientOrderId: string): void {
  for (const leg of ['spot', 'perpetual'] as const) if (state.orders[leg] === clientOrderId) state.orders[leg] = null;
}
