/** What spot-futures arbitrage remembers between events. */
import { newPairState, type PairState } from '#core/executors/pair/pair-state.ts';
import { closedGate, type ScannerGate } from '#core/signals/scanner-gate.ts';

/** `entering` and `leaving` trade until both legs are where they shall be. */
type Stage = 'waiting' | 'entering' | 'holding' | 'leaving';

/** Why the legs are being closed. */
export type LeaveReason = 'spread' | 'time' | 'margin' | 'hand' | 'uncovered';

export interface ArbitrageState {
  stage: Stage;
  pair: PairState;
  leaveReason: LeaveReason;
  /** Half of the pair was closed because the liquidation price was near; the rest stands until it is nearer. */
  isHalved: boolean;
  enteredAt: number;
  /** Spread before fees at which the pair that is held was entered, as a share. */
  entrySpread: number;
  rounds: number;
  /** Profit of both legs with fees and funding, and the funding in it, as decimals in quote. */
  profit: string;
  funding: string;
  timerAt: number;
  /** What the scanner said last, where the bot waits for one. */
  gate: ScannerGate;
}

export function newArbitrageState(): ArbitrageState {
  return {
    stage: 'waiting',
    pair: newPairState(),
    leaveReason: 'spread',
    isHalved: false,
    enteredAt: 0,
    entrySpread: 0,
    rounds: 0,
    profit: '0',
    funding: '0',
    timerAt: 0,
    gate: closedGate(),
  };
}

/** A state of version 1, which held the figures of its pair itself and knew the legs by the names of their markets. */
interface FormerState extends Omit<ArbitrageState, 'pair' | 'gate'> {
  readonly orders: Readonly<Record<'spot' | 'perpetual', string | null>>;
  readonly seen: Readonly<Record<'spot' | 'perpetual', PairState['seen']['long']>>;
  readonly breach: PairState['breach'];
  readonly targetBase: number;
  readonly leadAt: number;
  readonly undone: number;
}

/** A spread that never pays: what was under way is looked at anew. */
export const NEVER = { open: 1e9, close: -0.999 } as const;

/** Completes the state of a run that began before pairs had an executor, or could wait for a scanner. */
export function adoptState(state: ArbitrageState): void {
  if ((state.gate as ScannerGate | undefined) === undefined) state.gate = closedGate();
  if ((state.pair as PairState | undefined) !== undefined) return;
  const { orders, seen, breach, targetBase, leadAt, undone } = state as unknown as FormerState;
  const kind = state.stage === 'entering' ? 'open' : 'close';
  const isHurried = kind === 'close' && state.leaveReason !== 'spread';
  const isMoving = state.stage === 'entering' || state.stage === 'leaving';
  state.pair = {
    ...newPairState(),
    wish: isMoving ? { kind, base: targetBase, spread: isHurried ? null : NEVER[kind], most: null } : null,
    orders: { long: orders.spot, short: orders.perpetual },
    seen: { long: seen.spot, short: seen.perpetual },
    breach,
    leadAt,
    undone,
  };
}
