/** When a deal may begin by its conditions, and when they let it be closed. */
import type { BarRule } from '#core/bars/bar-rule.ts';
import type { Indicator } from '#core/indicator.ts';
import { type ConditionsMemory, conditionFigures, conditionsHold, conditionsOf, startConditions } from '#core/indicator-conditions.ts';
import { fieldOf, type Operand } from '#core/indicator-operand.ts';
import { sma } from '#core/indicators/sma.ts';
import { CANDLE_INTERVALS } from '#core/market-data.ts';
import type { DCA_PARAMS, DcaParams } from './params.ts';

/** What the rule says at a close, one or several of them: the conditions to start hold, or those to close. */
export const START = 1;
export const CLOSE = 2;
/** Besides, where a volume is asked for: from this close on there is enough of it, or too little. */
export const BUSY = 4;
export const QUIET = 8;

interface Memory {
  readonly start: ConditionsMemory;
  readonly close: ConditionsMemory;
  /** Absent before 24 hours are known. */
  isBusy?: boolean;
}

const DAY_MS = 86_400_000;

/** Bars of the timeframe that 24 hours have. */
export function barsOfDay({ timeframe }: Pick<DcaParams, 'timeframe'>): number {
  return Math.max(1, DAY_MS / CANDLE_INTERVALS[timeframe]);
}

/** The mean volume of a bar of the last 24 hours, and the close: nothing where no volume is asked for. */
function volumeFigures(params: DcaParams): readonly Operand[] {
  if (params.min_volume_24h === null) return [];
  return [{ kind: 'indicator', indicator: sma as Indicator, settings: { period: barsOfDay(params) }, source: 'volume', output: 'value' }, fieldOf('close')];
}

/** Tells where the volume crosses what is asked for; bars that warm up say nothing. */
function volumeTurn(memory: Memory, figures: Float64Array, params: DcaParams): number {
  if (params.min_volume_24h === null) return 0;
  const [mean = Number.NaN, close = Number.NaN] = figures.subarray(figures.length - 2);
  const volume = mean * barsOfDay(params) * close;
  const isBusy = volume >= Number(params.min_volume_24h);
  if (Number.isNaN(volume) || isBusy === memory.isBusy) return 0;
  memory.isBusy = isBusy;
  return isBusy ? BUSY : QUIET;
}

const startOf = (params: DcaParams) => conditionsOf(params.start_conditions);
const closeOf = (params: DcaParams) => conditionsOf(params.close_conditions);

export const DCA_RULE: BarRule<typeof DCA_PARAMS> = {
  prices: 'quote',
  figures: (params) => [...conditionFigures(startOf(params)), ...conditionFigures(closeOf(params)), ...volumeFigures(params)],
  start: (params): Memory => ({ start: startConditions(startOf(params)), close: startConditions(closeOf(params)) }),
  turn(memory, figures, params) {
    const { start, close } = memory as Memory;
    const volume = volumeTurn(memory as Memory, figures, params);
    const toStart = startOf(params);
    const toClose = closeOf(params);
    const mayStart = conditionsHold(toStart, start, figures) && params.start === 'conditions';
    const mayClose = conditionsHold(toClose, close, figures, 2 * toStart.length) && toClose.length > 0;
    return (mayStart ? START : 0) + (mayClose ? CLOSE : 0) + volume;
  },
};
