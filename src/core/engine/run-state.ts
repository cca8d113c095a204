/**
 * Everything a run remembers between events, as plain data: what a snapshot holds and a restart begins from.
 */

import type { RunAction } from '../actions/run-actions.ts';
import type { BarWatchState } from '../bars/bar-watch.ts';
import type { Liquidation } from '../events.ts';
import { type LegState, newLegState, type SpreadWatch } from '../legs/leg-state.ts';
import type { Order } from '../order.ts';
import type { TradingState } from '../risk.ts';

/** Where a run stands. `created` has not seen its first event; `finished` takes no more. */
export type RunPhase = 'created' | 'running' | 'pausing' | 'paused' | 'stopping' | 'liquidating' | 'finished';

/** Commands a run tells apart; far more than can be under way. */
export const MAX_KNOWN_COMMANDS = 100;

/** What it remembers of its first instrument is a part of it. */
export interface RunState extends LegState {
  phase: RunPhase;
  tradingState: TradingState;
  /** Lease epoch of the present owner; part of every new ClientOrderId. */
  epoch: number;
  /** Number of the last order made; never goes back. */
  orderSequence: number;
  /** The instruments beyond the first, by name. */
  legs?: Record<string, LegState>;
  spreadWatch?: SpreadWatch;
  /** Orders that are not terminal, oldest first. */
  orders: Order[];
  /** Timers that have been asked for and have not fired. */
  timers: Record<string, number>;
  /** What the strategy's rule over bars remembers; absent where it has none or has not started. */
  watch?: BarWatchState;
  /** The newest commands of the user that were carried out, oldest first, at most {@link MAX_KNOWN_COMMANDS}. */
  commandIds?: string[];
  /** The user has asked to go on while the run was still pausing. */
  isResumeWanted: boolean;
  orderTokens: number;
  orderTokensAt: number;
  liquidation: Liquidation;
  finishReason: string;
  /** Exit orders in a row that brought no fill. */
  exitAttempts: number;
  /** Of runs whose user has given rules: what follows from the strategy's orders. */
  actions?: RunAction[];
  strategyVersion: number;
  /** The strategy's own state; `null` until it has started. */
  strategy: unknown;
}

export function newRunState(strategyVersion: number, ordersPerMinute: number): RunState {
  return {
    phase: 'created',
    tradingState: 'active',
    epoch: 0,
    orderSequence: 0,
    ...newLegState(),
    orders: [],
    timers: {},
    isResumeWanted: false,
    orderTokens: ordersPerMinute,
    orderTokensAt: 0,
    liquidation: 'keep',
    finishReason: '',
    exitAttempts: 0,
    strategyVersion,
    strategy: null,
  };
}
