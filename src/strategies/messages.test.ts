/** Whatever settings come in, no refusal and no preview of any strategy says NaN, undefined or Infinity, and those of grid and DCA are there in Russian. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { russianIssue } from '#app/bots/russian-issue.ts';
import { type Instrument, Scale } from '#core/instrument.ts';
import { type Field, type Issue, type ParamsSpec, parseParams, type ScalarField } from '#core/params.ts';
import type { Strategy } from '#core/strategy.ts';
import { CONFIGS } from '#test/support/strategy-histories.ts';
import { TEST_INSTRUMENT, TEST_PERPETUAL } from '#test/support/strategy-run.ts';
import { STRATEGIES } from './index.gen.ts';

const NONSENSE = /NaN|undefined|Infinity|\[object/;

const DECIMALS = ['0', '0.00000001', '0.01', '0.5', '1', '2', '5', '10', '50', '80', '90', '99', '100', '101', '120', '1000', '99999', '1000000000000'];
const INTEGERS = [0, 1, 2, 3, 5, 10, 50, 100, 500, 10_000];

/** Valid values, those at the bounds, and some that are none. */
function arbitraryOf(name: string, field: ScalarField): fc.Arbitrary<unknown> {
  switch (field.kind) {
    case 'decimal':
      return fc.constantFrom(...DECIMALS, field.min, ...(field.max === undefined ? [] : [field.max]));
    case 'integer':
      return fc.constantFrom(...INTEGERS, field.min, field.max);
    case 'choice':
      return fc.constantFrom(...field.options);
    case 'boolean':
      return fc.boolean();
    case 'text':
      return name.includes('symbol')
        ? fc.constantFrom('ABC/USDT', 'ABC/USDT:USDT', 'XYZ/USDT')
        : fc.constantFrom('rsi(14)', '30', 'close', '09:30', '', 'nonsense(');
  }
}

function settingOf(name: string, field: Field): fc.Arbitrary<unknown> {
  if (field.kind !== 'rows') return arbitraryOf(name, field);
  const row = fc.record(Object.fromEntries(Object.entries(field.fields).map(([each, own]) => [each, arbitraryOf(each, own)])));
  return fc.array(row, { maxLength: 4 });
}

/** Required settings are nearly always there, so that the plan is reached. */
function configOf(spec: ParamsSpec): fc.Arbitrary<Readonly<Record<string, unknown>>> {
  const model = Object.fromEntries(Object.entries(spec).map(([name, field]) => [name, settingOf(name, field)]));
  const required = Object.entries(spec).flatMap(([name, field]) =>
    field.optional === true || field.kind === 'rows' || field.default !== undefined ? [] : [name],
  );
  return fc.record(model, { requiredKeys: required });
}

/** Most settings as they work, a few of them wild, or all of them. */
function wildConfig({ name, params }: Pick<Strategy, 'name' | 'params'>): fc.Arbitrary<Readonly<Record<string, unknown>>> {
  const some = fc.tuple(configOf(params), fc.subarray(Object.keys(params), { maxLength: 3 })).map(([config, names]) => ({
    ...(CONFIGS[name] ?? { investment: '1550' }),
    ...Object.fromEntries(Object.entries(config).filter(([each]) => names.includes(each))),
  }));
  return fc.oneof({ weight: 5, arbitrary: some }, { weight: 1, arbitrary: configOf(params) });
}

const INSTRUMENTS: readonly Instrument[] = [
  TEST_INSTRUMENT,
  TEST_PERPETUAL,
  { ...TEST_INSTRUMENT, makerFeeRate: '0.05', takerFeeRate: '0.1' },
  { ...TEST_INSTRUMENT, sizeIncrement: '1000', minSize: '1000' },
];

const TRANSLATED: ReadonlySet<string> = new Set(['grid', 'dca']);

const market = fc.record({
  instrument: fc.constantFrom(...INSTRUMENTS),
  price: fc.constantFrom('0', '0.01', '85', '100', '130', '50000'),
  feeAsset: fc.constantFrom('received' as const, 'quote' as const, 'other' as const),
});

/** All words that a user would get. */
function words(
  strategy: Strategy,
  config: Readonly<Record<string, unknown>>,
  { instrument, price, feeAsset }: typeof market extends fc.Arbitrary<infer Value> ? Value : never,
): string {
  const params = parseParams(strategy.params, config);
  if (!params.ok) return JSON.stringify(params.issues);
  const legOf = (of: Instrument) => {
    const scale = new Scale(of);
    const ticks = price === '0' ? 0 : scale.ticks(price, 'nearest');
    return { scale, feeAsset: scale.isPerpetual ? ('quote' as const) : feeAsset, bidTicks: ticks, askTicks: ticks };
  };
  const wishes = strategy.otherLegs?.(params.value, instrument.symbol) ?? [];
  const otherLegs = wishes.map(({ name, kind }) => ({ name, ...legOf(kind === 'perpetual' ? TEST_PERPETUAL : TEST_INSTRUMENT) }));
  try {
    const plan = strategy.plan({ params: params.value, ...legOf(instrument), otherLegs });
    // What JSON would hide is looked at, too.
    return JSON.stringify(plan.ok ? plan.preview : plan.issues, (_key, value: unknown) =>
      typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
    );
  } catch (error) {
    // Figures too large to be exact are told by the planner of bots.
    if (error instanceof RangeError) return error.message;
    throw error;
  }
}

describe.each(STRATEGIES.map((strategy) => [strategy.name, strategy as unknown as Strategy] as const))('%s', (_name, strategy) => {
  it('says nothing that is no word and no number', () => {
    const seen = { refused: 0, planned: 0 };
    fc.assert(
      fc.property(wildConfig(strategy), market, (config, at) => {
        const text = words(strategy, config, at);
        expect(text).not.toMatch(NONSENSE);
        if (text.startsWith('[') && TRANSLATED.has(strategy.name))
          for (const issue of JSON.parse(text) as readonly Issue[]) expect(russianIssue(issue).message, issue.message).toMatch(/[а-я]/);
        if (text.startsWith('[')) seen.refused += 1;
        else seen.planned += 1;
      }),
      { numRuns: 1_500 },
    );
    expect(Math.min(seen.refused, seen.planned), JSON.stringify(seen)).toBeGreaterThan(20);
  });
});
