/** A bar watch, the twin of a price watch: takes every closed bar of a run in and says at which its rule turns. */

import type { BarClosed } from '../events.ts';
import { type FigurePlan, type FigureSource, planFigures } from '../figure-plan.ts';
import { type IndicatorBar, outputOf } from '../indicator.ts';
import type { Scale } from '../instrument.ts';
import type { ParamsOf, ParamsSpec } from '../params.ts';
import type { BarRule } from './bar-rule.ts';
import { type BarUnits, unitsOf } from './bar-units.ts';

/** What is remembered from bar to bar, as plain data. */
export interface BarWatchState {
  /** Of each indicator, in the sequence of the rule's figures. */
  readonly indicators: readonly unknown[];
  readonly memory: unknown;
}

export class BarWatch {
  readonly #rule: BarRule;
  readonly #params: ParamsOf<ParamsSpec>;
  readonly #plan: FigurePlan;
  readonly #units: BarUnits;
  readonly #figures: Float64Array;
  /** One object for all bars: indicators keep none. */
  readonly #bar: { -readonly [Key in keyof IndicatorBar]: IndicatorBar[Key] } = { at: 0, open: 0, high: 0, low: 0, close: 0, volume: 0 };

  constructor(rule: BarRule, params: ParamsOf<ParamsSpec>, scale: Scale) {
    this.#rule = rule;
    this.#params = params;
    this.#plan = planFigures(rule.figures(params));
    this.#units = unitsOf(rule, scale);
    this.#figures = new Float64Array(this.#plan.length);
    for (const { place, value } of this.#plan.numbers) this.#figures[place] = value;
  }

  start(): BarWatchState {
    return { indicators: this.#plan.sources.map(({ indicator, settings }) => indicator.start(settings)), memory: this.#rule.start(this.#params) };
  }

  /** Takes a bar in, changing the state in place; what the rule says at its close, 0 for nothing. */
  step(state: BarWatchState, event: BarClosed): number {
    const { price, size } = this.#units;
    const bar = this.#bar;
    bar.at = event.closedAt ?? event.at;
    bar.open = event.openTicks * price;
    bar.high = event.highTicks * price;
    bar.low = event.lowTicks * price;
    bar.close = event.closeTicks * price;
    bar.volume = event.volumeLots * size;
    for (const { place, field } of this.#plan.fields) this.#figures[place] = bar[field];
    for (const [index, source] of this.#plan.sources.entries()) this.#update(source, state.indicators[index]);
    return this.#rule.turn(state.memory, this.#figures, this.#params);
  }

  #update({ indicator, field, outputs, places }: FigureSource, state: unknown): void {
    const bar = this.#bar;
    const reading = indicator.input === 'value' ? indicator.update(state, bar[field]) : indicator.update(state, bar);
    for (const [index, place] of places.entries()) this.#figures[place] = outputOf(indicator, reading, outputs[index] ?? '') ?? Number.NaN;
  }
}
