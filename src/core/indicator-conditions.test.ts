/** Conditions over indicators: read as they are written, true at the closes where they hold. */
import { describe, expect, it } from 'vitest';
import type { BarRule } from './bars/bar-rule.ts';
import { BarWatch } from './bars/bar-watch.ts';
import { INSTRUMENT } from './engine/engine.fixture.ts';
import type { BarClosed } from './events.ts';
import {
  type ConditionRow,
  type ConditionsMemory,
  conditionFigures,
  conditionIssues,
  conditionsHold,
  conditionsOf,
  conditionsWarmUp,
  startConditions,
} from './indicator-conditions.ts';
import { parseOperand } from './indicator-operand.ts';
import { Scale } from './instrument.ts';

/** One tick is one of quote. */
const ONE_TO_ONE = new Scale({ ...INSTRUMENT, priceIncrement: '1', sizeIncrement: '1' });

const bar = (close: number, index: number): BarClosed => ({
  type: 'barClosed',
  at: index + 1,
  openTicks: close,
  highTicks: close + 1,
  lowTicks: close - 1,
  closeTicks: close,
  volumeLots: 7,
});

/** The numbers of the bars at whose close all conditions hold. */
function holdsAt(rows: readonly ConditionRow[], closes: readonly number[]): readonly number[] {
  const conditions = conditionsOf(rows);
  const rule: BarRule = {
    prices: 'quote',
    figures: () => conditionFigures(conditions),
    start: () => startConditions(conditions),
    turn: (memory, figures) => (conditionsHold(conditions, memory as ConditionsMemory, figures) ? 1 : 0),
  };
  const watch = new BarWatch(rule, {}, ONE_TO_ONE);
  let state = watch.start();
  return closes.flatMap((close, index) => {
    state = JSON.parse(JSON.stringify(state));
    return watch.step(state, bar(close, index)) === 0 ? [] : [index];
  });
}

describe('operands', () => {
  it.each([
    ['30', { kind: 'number', value: 30 }],
    ['-0.5', { kind: 'number', value: -0.5 }],
    [' close ', { kind: 'field', field: 'close' }],
  ])('%j is read', (text, operand) => {
    expect(parseOperand(text)).toEqual({ ok: true, operand });
  });

  it.each([
    ['rsi', { period: 14 }, 'close', 'value'],
    ['rsi(7)', { period: 7 }, 'close', 'value'],
    ['ema( 50 , high )', { period: 50 }, 'high', 'value'],
    ['bollinger(20, 2.5).lower', { period: 20, width: 2.5 }, 'close', 'lower'],
    ['macd(12,26,9).histogram', { fast: 12, slow: 26, signal: 9 }, 'close', 'histogram'],
    ['keltner(30)', { period: 30, width: 2, range_period: 10 }, 'close', 'middle'],
  ])('%j is an indicator with its settings', (text, settings, source, output) => {
    expect(parseOperand(text)).toMatchObject({ ok: true, operand: { kind: 'indicator', settings, source, output } });
  });

  it.each([
    ['', 'is neither a number nor a name'],
    ['rsi(14', 'is neither a number nor a name'],
    ['1e5', 'is neither a number nor a name'],
    ['magic(3)', 'there is no indicator magic; known are open, high, low, close, volume, adx'],
    ['rsi(0)', 'period of rsi must be a whole number from 1 to 1000, got 0'],
    ['rsi(1.5)', 'period of rsi must be a whole number from 1 to 1000, got 1.5'],
    ['rsi(many)', 'period of rsi must be a number, got many'],
    ['rsi(1,2)', 'rsi takes period'],
    ['obv(1)', 'obv takes no settings'],
    ['atr(14, close)', 'atr takes period'],
    ['rsi(14).upper', 'rsi has no upper; it has value'],
    ['close(1)', 'close takes nothing'],
    ['constructor', 'there is no indicator constructor'],
  ])('%j is refused: %s', (text, problem) => {
    const result = parseOperand(text);
    expect(result.ok ? '' : result.problem).toContain(problem);
  });
});

describe('conditions', () => {
  it('hold at the closes where all of them do', () => {
    const rows: ConditionRow[] = [
      { left: 'close', is: 'above', right: '10' },
      { left: 'sma(2)', is: 'below', right: '12' },
    ];
    expect(holdsAt(rows, [11, 11, 10, 12, 13])).toEqual([1, 3]);
  });

  it('that cross hold only at the close of the crossing', () => {
    expect(holdsAt([{ left: 'close', is: 'crosses_above', right: 'sma(2)' }], [10, 9, 8, 11, 12, 5, 5, 6])).toEqual([3, 7]);
    expect(holdsAt([{ left: 'close', is: 'crosses_below', right: '10' }], [10, 9, 8, 11, 10, 9])).toEqual([1, 5]);
  });

  it('do not hold while warming up, and say how long that is', () => {
    const rows: ConditionRow[] = [{ left: 'sma(3)', is: 'crosses_above', right: '0' }];
    expect([conditionsWarmUp(conditionsOf(rows)), holdsAt(rows, [-5, -5, -5, 20, 20])]).toEqual([4, [3]]);
  });

  it('say what is wrong where it stands', () => {
    expect(conditionIssues('start_conditions', [{ left: 'close', is: 'above', right: 'x' }]).map(({ field }) => field)).toEqual(['start_conditions[0].right']);
  });
});
