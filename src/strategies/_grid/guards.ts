/**
 * What holds a grid back or ends it beyond its price stops: its profit or loss as a whole, pump protection, and a
 * position that the exchange has closed by itself.
 */
import { FEE_RATE_UNITS, GRAINS_PER_LOT } from '#core/instrument.ts';
import { CANDLE_INTERVALS } from '#core/market-data.ts';
import { enqueue, type Grid, linesByDistance, pump, settleCell } from './orders.ts';
import type { GridParams } from './params.ts';
import type { BarEvent } from './start-rule.ts';
import type { GridState } from './state.ts';

/** Pump protection looks at bars of this length. */
export const PUMP_INTERVAL_MS = CANDLE_INTERVALS['1m'];

export function startPump(state: GridState, params: GridParams): void {
  state.pump = params.pump_protection_percent === null ? null : { lows: [], isOn: false };
}

/** The price at which a rise begins that pump protection answers, in ticks; Infinity without it, or while it acts. */
export function pumpTicks({ state, params }: Grid): number {
  if (state.pump === null || state.pump.isOn || state.pump.lows.length === 0) return Number.POSITIVE_INFINITY;
  return Math.ceil(Math.min(...state.pump.lows) * (1 + Number(params.pump_protection_percent) / 100));
}

/** Takes a minute in; holds sales back, or lets them go when the price is calm again. */
export function onPumpBar(grid: Grid, event: BarEvent): void {
  const { state, params } = grid;
  if (state.pump === null) return;
  const { lows } = state.pump;
  lows.push(event.lowTicks);
  if (lows.length > params.pump_protection_minutes) lows.shift();
  const limit = Math.min(...lows) * (1 + Number(params.pump_protection_percent) / 100);
  if (state.phase !== 'trading' || event.isHistory === true) return;
  if (state.pump.isOn && event.closeTicks < limit) letGo(grid);
  else if (!state.pump.isOn && event.closeTicks >= limit) holdBack(grid);
}

/** Begins to hold sales back where the price has risen too fast. */
export function pumpIfReached(grid: Grid): void {
  if (grid.context.askTicks >= pumpTicks(grid)) holdBack(grid);
}

function holdBack(grid: Grid): void {
  const { context, state, params } = grid;
  if (state.pump === null) return;
  state.pump.isOn = true;
  context.report(
    'strategy_note',
    `The price has risen by ${params.pump_protection_percent} % within ${params.pump_protection_minutes} minutes: sales are held back.`,
    {
      price: context.scale.price(context.askTicks),
    },
  );
  for (const cell of state.cells) if (cell.sellId !== null) settleCell(grid, cell);
}

function letGo(grid: Grid): void {
  const { context, state } = grid;
  if (state.pump === null) return;
  state.pump.isOn = false;
  context.report('strategy_note', 'The price is calm again: sales go on.', { price: context.scale.price(context.bidTicks) });
  for (const line of linesByDistance(grid)) enqueue(state, line);
  pump(grid);
}

/** The prices at which the grid as a whole has lost or earned what ends it, in ticks; 0 and Infinity where there is none. */
export function profitEdges(grid: Grid): { readonly below: number; readonly above: number } {
  const { context, params } = grid;
  const lots = context.position.baseGrains / GRAINS_PER_LOT;
  const loss = lots === 0 ? null : priceOfResult(grid, params.stop_loss_percent ?? null, -1);
  const gain = lots === 0 ? null : priceOfResult(grid, params.take_profit_percent ?? null, 1);
  const [lower, upper] = lots > 0 ? [loss, gain] : [gain, loss];
  return { below: lower === null ? 0 : Math.floor(lower), above: upper === null ? Number.POSITIVE_INFINITY : Math.ceil(upper) };
}

/** The price at which closing everything leaves so many per cent of the capital as profit. */
function priceOfResult({ context, state }: Grid, percent: string | null, sign: 1 | -1): number | null {
  if (percent === null) return null;
  const { position, scale } = context;
  const lots = position.baseGrains / GRAINS_PER_LOT;
  const fee = scale.takerFee / FEE_RATE_UNITS;
  const target = (sign * state.capitalAtoms * Number(percent)) / 100;
  return (target - position.realisedAtoms + position.costAtoms) / (lots * (lots > 0 ? 1 - fee : 1 + fee));
}

/** What ends the grid as a whole at the present price, in words; `null` when nothing does. */
export function resultReached(grid: Grid): string | null {
  const { context, state, params } = grid;
  const { position, scale } = context;
  const { stop_loss_percent: loss = null, take_profit_percent: gain = null } = params;
  if ((loss === null && gain === null) || state.capitalAtoms <= 0) return null;
  const lots = position.baseGrains / GRAINS_PER_LOT;
  const fee = scale.takerFee / FEE_RATE_UNITS;
  const value = lots > 0 ? lots * context.bidTicks * (1 - fee) : lots * context.askTicks * (1 + fee);
  const percent = ((position.realisedAtoms + value - position.costAtoms) / state.capitalAtoms) * 100;
  if (loss !== null && percent <= -Number(loss)) return `stop loss of the bot: ${(-percent).toFixed(2)} % of its capital are lost`;
  if (gain !== null && percent >= Number(gain)) return `take profit of the bot: ${percent.toFixed(2)} % of its capital are earned`;
  return null;
}

/** Whether the exchange has closed a position in a perpetual that the cells believe they have. */
export function isPositionGone({ context, state }: Grid): boolean {
  if (!context.scale.isPerpetual || context.position.baseGrains !== 0) return false;
  const lots = state.cells.reduce((sum, cell) => sum + (cell.isShort ? -cell.openLots : cell.openLots), 0);
  return lots !== 0;
}
