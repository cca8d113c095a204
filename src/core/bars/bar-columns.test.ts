/** Columns over a history: the steps taken live, stretch by stretch; computed once, shared, and not kept for ever. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planFigures } from '../figure-plan.ts';
import { outputOf } from '../indicator.ts';
import { openIndicator, runIndicator } from '../indicator-batch.ts';
import { figureOf } from '../indicator-operand.ts';
import { INDICATORS } from '../indicators/index.gen.ts';
import { sma } from '../indicators/sma.ts';
import { BarColumns, MAX_COLUMNS } from './bar-columns.ts';
import { type Bars, newBars } from './bars.ts';

const TICKS = { price: 1, size: 1 };

function bars(length: number): Bars {
  const made = newBars(length, 60_000);
  for (let index = 0; index < length; index += 1) {
    // No whole numbers, so that a sum taken in another sequence would differ in its last bits.
    const close = 100 + Math.sin(index / 7) * 9 + ((index * 7_919) % 97) / 13;
    made.startAt[index] = index * 60_000;
    made.openTicks[index] = close - 0.1;
    made.highTicks[index] = close + 1.7;
    made.lowTicks[index] = close - 1.3;
    made.closeTicks[index] = close;
    made.volumeLots[index] = 1 + (index % 5);
  }
  return made;
}

const smaOf = (period: number) => planFigures([figureOf(sma, { period })]).sources[0];

describe('columns', () => {
  const history = bars(2_600);
  const series = new BarColumns(history).series(TICKS);
  const batched = INDICATORS.filter((indicator) => indicator.input === 'value' && indicator.batch !== undefined);

  it.each(batched.map((indicator) => [indicator.name, indicator] as const))('of %s are its steps to the last bit, however they are cut', (_, indicator) => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000 }), fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 3, maxLength: 9 }), (period, lengths) => {
        const state = indicator.start({ period });
        const stepped = Float64Array.from(series.close, (close) => outputOf(indicator, indicator.update(state, close as never), 'value') ?? Number.NaN);
        expect(runIndicator(indicator, { period }, series)['value']).toEqual(stepped);
        const fill = openIndicator(indicator, { period }, series, 'close', ['value']);
        let from = 0;
        for (const length of lengths) {
          const to = Math.min(series.length, from + length);
          const into = new Float64Array(length);
          fill(from, to, [into]);
          expect(into.subarray(0, to - from)).toEqual(stepped.subarray(from, to));
          from = to;
        }
      }),
      { numRuns: 30 },
    );
  });

  it('are computed once and taken over by others', () => {
    const source = smaOf(5);
    if (source === undefined) throw new Error('there is no source');
    const one = new BarColumns(history);
    const made = one.indicator(source, TICKS);
    expect(one.indicator(source, TICKS)).toBe(made);
    const other = new BarColumns(history);
    other.adopt(one.share());
    expect(other.indicator(source, TICKS)).toBe(made);
    // In another unit it is another column.
    expect(other.indicator(source, { price: 0.01, size: 1 })).not.toBe(made);
  });

  it('are forgotten when there are too many, those not read for longest first', () => {
    const short = new BarColumns(bars(3));
    const read = (period: number) => {
      const source = smaOf(period);
      return source === undefined ? null : short.indicator(source, TICKS);
    };
    const [first, second] = [read(1), read(2)];
    for (let period = 3; period <= MAX_COLUMNS; period += 1) read(period);
    expect(read(1)).toBe(first);
    read(MAX_COLUMNS + 1);
    expect([short.share().length, read(1) === first, read(2) === second]).toEqual([MAX_COLUMNS, true, false]);
  });
});
