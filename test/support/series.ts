/** Bars as columns, the shape in which indicators take a whole history. */
import type { IndicatorBar } from '#core/indicator.ts';
import type { BarSeries } from '#core/indicator-batch.ts';

export function seriesOf(bars: readonly IndicatorBar[]): BarSeries {
  const column = (field: keyof IndicatorBar) => Float64Array.from(bars, (bar) => bar[field]);
  return {
    length: bars.length,
    at: column('at'),
    open: column('open'),
    high: column('high'),
    low: column('low'),
    close: column('close'),
    volume: column('volume'),
  };
}
