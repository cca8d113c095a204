/** When a deal may begin by its conditions, and when they let it be closed. */
import type { BarRule } from '#core/bar-rule.ts';
import { type ConditionsMemory, conditionFigures, conditionsHold, conditionsOf, startConditions } from '#core/indicator-conditions.ts';
import type { DCA_PARAMS, DcaParams } from './_dca-params.ts';

/** What the rule says at a close, one or both of them: the conditions to start hold, or those to close. */
export const START = 1;
export const CLOSE = 2;

interface Memory {
  readonly start: ConditionsMemory;
  readonly close: ConditionsMemory;
}

const startOf = (params: DcaParams) => conditionsOf(params.start_conditions);
const closeOf = (params: DcaParams) => conditionsOf(params.close_conditions);

export const DCA_RULE: BarRule<typeof DCA_PARAMS> = {
  prices: 'quote',
  figures: (params) => [...conditionFigures(startOf(params)), ...conditionFigures(closeOf(params))],
  start: (params): Memory => ({ start: startConditions(startOf(params)), close: startConditions(closeOf(params)) }),
  turn(memory, figures, params) {
    const { start, close } = memory as Memory;
    const toStart = startOf(params);
    const toClose = closeOf(params);
    const mayStart = conditionsHold(toStart, start, figures) && params.start === 'conditions';
    const mayClose = conditionsHold(toClose, close, figures, 2 * toStart.length) && toClose.length > 0;
    return (mayStart ? START : 0) + (mayClose ? CLOSE : 0);
  },
};
