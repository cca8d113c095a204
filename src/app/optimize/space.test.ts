import { describe, expect, it } from 'vitest';
import type { ParamsSpec } from '#core/params.ts';
import { goalIssues, scoresOf } from './goal.ts';
import { configAt, MAX_AXES, MAX_VALUES, readSpace, sizeOf } from './space.ts';
import type { TrialFigures } from './trial-figures.ts';

const text = { title: { en: '', ru: '' }, help: { en: '', ru: '' } };
const SPEC: ParamsSpec = {
  length: { ...text, kind: 'integer', min: 1, max: 500 },
  width: { ...text, kind: 'decimal', min: '0', isExclusive: true, max: '5' },
  mode: { ...text, kind: 'choice', options: ['a', 'b'] },
  eager: { ...text, kind: 'boolean' },
  note: { ...text, kind: 'text', maxLength: 5 },
  steps: { ...text, kind: 'rows', fields: {}, maxRows: 2 },
};
const faults = (ranges: Parameters<typeof readSpace>[1]) => {
  const read = readSpace(SPEC, ranges);
  return read.ok ? [] : read.issues.map(({ field }) => field);
};

describe('a space', () => {
  it('has exact decimals, whole numbers and named values, and settings at each point', () => {
    const read = readSpace(SPEC, { width: { from: '0.1', to: 0.5, step: '0.1' }, length: { from: '3', to: 9, step: 3 }, eager: { values: [true, false] } });
    if (!read.ok) throw new Error('it is valid');
    expect(read.axes).toEqual([
      { name: 'width', values: ['0.1', '0.2', '0.3', '0.4', '0.5'] },
      { name: 'length', values: [3, 6, 9] },
      { name: 'eager', values: [true, false] },
    ]);
    expect(sizeOf(read.axes)).toBe(30);
    expect(configAt(read.axes, [2, 1, 1], { mode: 'a' })).toEqual({ mode: 'a', width: '0.3', length: 6, eager: false });
  });

  it('names what cannot be', () => {
    expect(faults({})).toEqual(['ranges']);
    expect(faults(Object.fromEntries(Array.from({ length: MAX_AXES + 1 }, (_, index) => [`x${index}`, { values: [1] }])))[0]).toBe('ranges');
    expect(faults({ note: { values: ['x'] }, steps: { values: [[]] } })).toEqual(['ranges.note', 'ranges.steps']);
    expect(faults({ length: { values: [] } })).toEqual(['ranges.length.values']);
    expect(faults({ length: { values: Array.from({ length: MAX_VALUES + 1 }, (_, index) => index) } })).toEqual(['ranges.length.values']);
    expect(faults({ length: { values: [1, null] } })).toEqual(['ranges.length.values[1]']);
    expect(faults({ length: { from: 1, to: 501 } })).toEqual(['ranges.length.to']);
    expect(faults({ length: { from: 1, to: 5, step: 0 } })).toEqual(['ranges.length.step']);
    expect(faults({ width: { from: 1, to: 5, step: -1 } })).toEqual(['ranges.width.step']);
    expect(faults({ width: { from: '0.001', to: 5, step: '0.001' } })).toEqual(['ranges.width.step']);
    expect(faults({ mode: { from: 1, to: 2 } })).toEqual(['ranges.mode']);
    expect(faults({ constructor: { values: [1] } })).toEqual(['ranges.constructor']);
  });
});

describe('a goal', () => {
  const figures = { profitShare: 0.2, drawdown: 0.1, sharpe: null, trades: 12 } as TrialFigures;

  it('has a score for each objective, or their weighted sum', () => {
    const objectives = [{ name: 'profit' }, { name: 'drawdown' }];
    expect(scoresOf({ objectives, leastTrades: 12 }, figures)).toEqual([0.2, -0.1]);
    const weighted = [
      { name: 'profit', weight: 2 },
      { name: 'drawdown', weight: 0.5 },
    ];
    expect(scoresOf({ objectives: weighted, leastTrades: 0 }, figures)?.[0]).toBeCloseTo(0.35, 12);
  });

  it('has none where a figure is not known, or trades are too few', () => {
    expect(scoresOf({ objectives: [{ name: 'profit' }, { name: 'sharpe' }], leastTrades: 0 }, figures)).toBeNull();
    expect(scoresOf({ objectives: [{ name: 'profit' }], leastTrades: 13 }, figures)).toBeNull();
    expect(goalIssues({ objectives: [], leastTrades: 0 })).toHaveLength(1);
  });
});
