/**
 * The contract of a rule over closed bars: figures, and what they mean at each close. A strategy that decides by one hears
 * only of the bars at which its rule turns, as a watched price spares it all the others. Live the rule goes from bar to bar
 * (see bar-watch.ts); a backtest finds its turns beforehand (see bar-turns.ts). Both read this one declaration.
 */
import type { Operand } from '../indicator-operand.ts';
import type { ParamsOf, ParamsSpec } from '../params.ts';

export interface BarRule<Spec extends ParamsSpec = ParamsSpec, Memory = unknown> {
  /** What prices are counted in: `ticks`, whose sums stay exact, or `quote` and base, which users compare with numbers of theirs. */
  readonly prices: 'ticks' | 'quote';
  /** What the rule looks at, in the sequence in which {@link turn} finds it. */
  figures(params: ParamsOf<Spec>): readonly Operand[];
  /** Its memory before the first bar: plain data that survives JSON. */
  start(params: ParamsOf<Spec>): Memory;
  /**
   * Takes the figures at a close in, NaN for those that warm up, changing the memory in place. Gives what the strategy is to
   * hear, in numbers of its own; 0 where it is to hear nothing. May depend on nothing else, or it could not be found beforehand.
   */
  turn(memory: Memory, figures: Float64Array, params: ParamsOf<Spec>): number;
  /**
   * A loop over columns that passes over closes at which {@link turn} would do nothing: the first from `from` on at which it might, `to`
   * where there is none; it changes nothing. For rules that are worth it.
   */
  quiet?(memory: Memory, columns: readonly Float64Array[], from: number, to: number): number;
}
