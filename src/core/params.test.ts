/** Settings from outside: every field checked, every refusal named, nothing guessed. */
import { describe, expect, it } from 'vitest';
import { type ParamsSpec, parseParams, withNewSettings } from './params.ts';

const text = { en: 'x', ru: 'x' };
const field = { title: text, help: text };
const SPEC = {
  price: { ...field, kind: 'decimal', min: '0', isExclusive: true, max: '1000' },
  ratio: { ...field, kind: 'decimal', min: '-1', default: '0.5' },
  levels: { ...field, kind: 'integer', min: 2, max: 500 },
  spacing: { ...field, kind: 'choice', options: ['arithmetic', 'geometric'], default: 'arithmetic' },
  trailing: { ...field, kind: 'boolean', default: false },
  stop: { ...field, kind: 'decimal', min: '0', optional: true },
} as const satisfies ParamsSpec;

const GIVEN = { price: '10.50', levels: 5 };
const issuesOf = (input: unknown): readonly string[] => {
  const result = parseParams(SPEC, input);
  return result.ok ? [] : result.issues.map((issue) => `${issue.field}: ${issue.message}`);
};

describe('settings', () => {
  it('come back complete: plain decimals, defaults filled in, optional ones null', () => {
    expect(parseParams(SPEC, GIVEN)).toEqual({
      ok: true,
      value: { price: '10.5', ratio: '0.5', levels: 5, spacing: 'arithmetic', trailing: false, stop: null },
    });
  });

  it('take decimals as text or as exact JSON numbers, and null as left out', () => {
    const result = parseParams(SPEC, { price: 0.25, ratio: '-0', levels: 2, spacing: 'geometric', trailing: true, stop: null });
    expect(result).toEqual({ ok: true, value: { price: '0.25', ratio: '0', levels: 2, spacing: 'geometric', trailing: true, stop: null } });
  });

  it.each([
    ['price', undefined, 'is required'],
    ['price', null, 'is required'],
    ['price', '0', 'must be above 0, got 0'],
    ['price', '-0', 'must be above 0, got 0'],
    ['price', '-1', 'must be above 0, got -1'],
    ['price', '1000.01', 'must be at most 1000, got 1000.01'],
    ['price', 'ten', 'expected a decimal such as "0.5", got "ten"'],
    ['price', Number.NaN, 'expected a finite decimal (numbers past 1e308 arrive as infinity)'],
    ['price', {}, 'expected a decimal such as "0.5", got a value of type object'],
    ['ratio', '-1.1', 'must be at least -1, got -1.1'],
    ['levels', undefined, 'is required'],
    ['levels', '5', 'expected a whole number such as 2, got "5"'],
    ['levels', 5.5, 'expected a whole number such as 2, got 5.5'],
    ['levels', 1e300, 'expected a whole number such as 2, got 1e+300'],
    ['levels', 'x'.repeat(99), `expected a whole number such as 2, got "${'x'.repeat(39)}…`],
    ['levels', 1, 'must be between 2 and 500, got 1'],
    ['levels', 501, 'must be between 2 and 500, got 501'],
    ['spacing', 'Arithmetic', 'must be one of arithmetic, geometric, got "Arithmetic"'],
    ['spacing', 0, 'must be one of arithmetic, geometric, got 0'],
    ['trailing', 'false', 'must be true or false, got "false"'],
    ['trailing', 0, 'must be true or false, got 0'],
    ['stop', true, 'expected a decimal such as "0.5", got a value of type boolean'],
  ])('with %s of %j are refused: %s', (name, value, message) => {
    expect(issuesOf({ ...GIVEN, [name]: value })).toEqual([`${name}: ${message}`]);
  });

  it.each([
    ['price', '1000'],
    ['price', '0.000000000000000000000001'],
    ['ratio', '-1'],
    ['levels', 2],
    ['levels', 500],
    ['stop', '0'],
  ])('with %s of %j at its limit are taken', (name, value) => {
    expect(issuesOf({ ...GIVEN, [name]: value })).toEqual([]);
  });

  it('name everything wrong at once', () => {
    expect(issuesOf({ price: '-1', levels: 0, spacing: 'x', colour: 'red' })).toEqual([
      'colour: is not a setting of this strategy; known are price, ratio, levels, spacing, trailing, stop',
      'price: must be above 0, got -1',
      'levels: must be between 2 and 500, got 0',
      'spacing: must be one of arithmetic, geometric, got "x"',
    ]);
  });

  it.each([[null], [undefined], ['{}'], [[]], [5]])('that are %j and no object are refused', (input) => {
    expect(issuesOf(input)).toEqual(['config: expected an object with the settings']);
  });

  it('are not taken from a prototype, and names of the language are unknown settings', () => {
    expect(issuesOf(Object.create({ price: '1', levels: 5 }))).toEqual(['price: is required', 'levels: is required']);
    expect(issuesOf(JSON.parse('{"price":"1","levels":5,"__proto__":{},"constructor":1}'))).toHaveLength(2);
  });
});

describe('lists and texts', () => {
  const LISTS = {
    steps: {
      ...field,
      kind: 'rows',
      maxRows: 2,
      fields: { size: { ...field, kind: 'decimal', min: '0', isExclusive: true }, note: { ...field, kind: 'text', maxLength: 5, optional: true } },
    },
    at: { ...field, kind: 'text', maxLength: 5, pattern: '[0-2][0-9]:[0-5][0-9]', default: '00:00' },
  } as const satisfies ParamsSpec;
  const messages = (input: unknown): readonly string[] => {
    const result = parseParams(LISTS, input);
    return result.ok ? [] : result.issues.map((issue) => `${issue.field}: ${issue.message}`);
  };

  it('come back complete, left out ones empty', () => {
    expect(parseParams(LISTS, {})).toEqual({ ok: true, value: { steps: [], at: '00:00' } });
    expect(parseParams(LISTS, { steps: [{ size: '1.50' }, { size: 2, note: 'last' }], at: '23:59' })).toEqual({
      ok: true,
      value: {
        steps: [
          { size: '1.5', note: null },
          { size: '2', note: 'last' },
        ],
        at: '23:59',
      },
    });
  });

  it.each([
    [{ steps: {} }, 'steps: expected a list'],
    [{ steps: [1] }, 'steps[0]: expected an object with the settings'],
    [{ steps: [{ size: '1' }, { size: '0' }] }, 'steps[1].size: must be above 0, got 0'],
    [{ steps: [{ size: '1', colour: 'red' }] }, 'steps[0].colour: is not a setting of this strategy; known are size, note'],
    [{ steps: [{ size: '1' }, { size: '1' }, { size: '1' }] }, 'steps: must have at most 2 rows, got 3'],
    [{ steps: [{ size: '1', note: 'longer' }] }, 'steps[0].note: must have at most 5 characters, got 6'],
    [{ at: '24h' }, 'at: does not look as it must ([0-2][0-9]:[0-5][0-9])'],
    [{ at: 7 }, 'at: expected a text'],
  ])('with %j are refused: %s', (input, message) => {
    expect(messages(input)).toEqual([message]);
  });
});

describe('settings of an earlier time', () => {
  it('take what is new as if it had been left out, and keep what they have', () => {
    const text = { en: '', ru: '' };
    const spec = {
      amount: { kind: 'decimal', min: '0', title: text, help: text },
      mode: { kind: 'choice', options: ['a', 'b'], default: 'a', title: text, help: text },
      limit: { kind: 'integer', min: 0, max: 9, optional: true, title: text, help: text },
      steps: { kind: 'rows', maxRows: 3, fields: {}, title: text, help: text },
    } as const;
    expect(withNewSettings(spec, { amount: '5' })).toEqual({ amount: '5', mode: 'a', limit: null, steps: [] });
    expect(withNewSettings(spec, { amount: '5', mode: 'b', limit: 0 })).toMatchObject({ mode: 'b', limit: 0 });
  });
});
