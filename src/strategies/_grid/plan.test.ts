import { describe, expect, it } from 'vitest';
import { Scale } from '#core/instrument.ts';
import { parseParams } from '#core/params.ts';
import type { FeeAsset } from '#core/risk.ts';
import type { Plan } from '#core/strategy.ts';
import { TEST_INSTRUMENT } from '#test/support/grid-run.ts';
import { grid } from '../grid.ts';
import { completedTrade } from './layout.ts';

const RANGE = { lower_price: '90', upper_price: '110', levels: 11, investment: '1000' };

interface PlanOptions {
  readonly price?: string;
  readonly feeAsset?: FeeAsset;
  readonly instrument?: Partial<typeof TEST_INSTRUMENT>;
}

function planOf(config: Readonly<Record<string, unknown>>, { price = '100', feeAsset = 'received', instrument = {} }: PlanOptions = {}): Plan {
  const scale = new Scale({ ...TEST_INSTRUMENT, ...instrument });
  const params = parseParams(grid.params, config);
  if (!params.ok) return { ok: false, issues: params.issues };
  const ticks = scale.ticks(price, 'nearest');
  return grid.plan({ params: params.value, scale, feeAsset, bidTicks: ticks, askTicks: ticks });
}

function previewOf(config: Readonly<Record<string, unknown>>, options?: PlanOptions): Readonly<Record<string, unknown>> {
  const plan = planOf(config, options);
  if (!plan.ok) throw new Error(JSON.stringify(plan.issues));
  return plan.preview;
}

interface PreviewOrder {
  readonly side: string;
  readonly price: string;
  readonly size: string;
}

function ordersOf(config: Readonly<Record<string, unknown>>, options?: PlanOptions): readonly PreviewOrder[] {
  return previewOf(config, options)['orders'] as readonly PreviewOrder[];
}

describe('levels', () => {
  it('counts price lines, both ends included, and makes one order fewer', () => {
    const orders = ordersOf(RANGE);
    expect(orders.map(({ side, price }) => `${side} ${price}`)).toEqual([
      'buy 90',
      'buy 92',
      'buy 94',
      'buy 96',
      'buy 98',
      'sell 102',
      'sell 104',
      'sell 106',
      'sell 108',
      'sell 110',
    ]);
  });

  it('says so in both languages', () => {
    expect(grid.params.levels.help.en).toContain('both ends included');
    expect(grid.params.levels.help.ru).toContain('вместе с обоими краями');
  });

  it('spaces lines by equal steps in price or in per cent', () => {
    const lines = (spacing: string) =>
      ordersOf({ ...RANGE, lower_price: '100', upper_price: '121', levels: 3, spacing }, { price: '121' }).map(({ price }) => price);
    expect(lines('arithmetic')).toEqual(['100', '110.5']);
    expect(lines('geometric')).toEqual(['100', '110']);
  });

  it('earns the published figures on the worked example of 60 000 to 70 000 in 20 cells', () => {
    const preview = previewOf(
      { lower_price: '60000', upper_price: '70000', levels: 21, spacing: 'geometric', investment: '20000' },
      { price: '65000', instrument: { sizeIncrement: '0.00000001', minSize: '0.00000001' } },
    );
    expect(preview['step_percent']).toEqual({ min: '0.7737', max: '0.7737' });
    expect(preview['profit_per_grid']).toMatchObject({ min_percent: '0.5723', max_percent: '0.5723' });
    expect(preview['break_even_percent']).toBe('0.2003');
  });
});

describe('sizes', () => {
  it('makes every buy cost the same quote, rounded down to the lot', () => {
    expect(ordersOf({ ...RANGE, investment: undefined, order_size: '50' }).map(({ size }) => size)).toEqual([
      '0.555',
      '0.543',
      '0.531',
      '0.52',
      '0.51',
      '0.5',
      '0.49',
      '0.48',
      '0.471',
      '0.462',
    ]);
  });

  it('makes every buy the same base', () => {
    expect(new Set(ordersOf({ ...RANGE, investment: undefined, order_size: '0.5', sizing: 'base' }).map(({ size }) => size))).toEqual(new Set(['0.5']));
  });

  it.each(['quote', 'base'])('spends as much of the investment as fits and no more, with sizing %s', (sizing) => {
    const needed = Number(previewOf({ ...RANGE, sizing })['needed_quote']);
    expect(needed).toBeLessThanOrEqual(1_000);
    expect(needed).toBeGreaterThan(998);
  });

  const sizesOf = (shape: string, ratio: string) =>
    ordersOf({ ...RANGE, levels: 5, investment: undefined, order_size: '1', sizing: 'base', size_shape: shape, size_ratio: ratio }).map(({ size }) => size);

  it('grow evenly or by a factor from the highest order to the lowest', () => {
    expect(sizesOf('linear', '4')).toEqual(['4', '3', '2', '1']);
    expect(sizesOf('geometric', '8')).toEqual(['8', '4', '2', '1']);
    expect(sizesOf('linear', '0.25')).toEqual(['0.25', '0.5', '0.75', '1']);
    expect(sizesOf('equal', '8')).toEqual(['1', '1', '1', '1']);
  });

  it.each(['linear', 'geometric'].flatMap((size_shape) => ['0.2', '5'].map((size_ratio) => ({ size_shape, size_ratio }))))(
    'spend as much of the investment as fits and no more, %o',
    (shape) => {
      for (const price of ['85', '100', '115']) {
        const needed = Number(previewOf({ ...RANGE, ...shape }, { price })['needed_quote']);
        expect(needed).toBeLessThanOrEqual(1_000);
        expect(needed).toBeGreaterThan(998);
      }
    },
  );

  it('must be equal where there is no upper end', () => {
    const plan = planOf({ lower_price: '90', range: 'infinite', step_percent: '2', investment: '5000', size_shape: 'linear' });
    expect(plan).toMatchObject({ ok: false, issues: [{ field: 'size_shape' }] });
  });

  it('buys what the sells miss, with the fee that will be missing from it', () => {
    // Five sells of 0.5 need 2.5; at 0.1 % fee in base 2.503 bring 2.500497.
    expect(previewOf({ ...RANGE, investment: undefined, order_size: '0.5', sizing: 'base' })['opening_purchase']).toEqual({
      size: '2.503',
      at_most_quote: '251.5515',
    });
    expect(previewOf({ ...RANGE, investment: undefined, order_size: '0.5', sizing: 'base' }, { feeAsset: 'quote' })['opening_purchase']).toMatchObject({
      size: '2.5',
    });
  });

  it('lends base instead of buying it, and no more than it needs', () => {
    const config = { ...RANGE, investment: undefined, order_size: '0.5', sizing: 'base', base_investment: '2' };
    expect(previewOf(config)).toMatchObject({ needed_base: '2', opening_purchase: { size: '0.501' } });
    expect(planOf({ ...config, base_investment: '7' })).toMatchObject({ ok: true, baseGrains: 25_000_000 });
  });

  it('buys nothing above the range and all base below it', () => {
    expect(ordersOf(RANGE, { price: '150' }).every(({ side }) => side === 'buy')).toBe(true);
    expect(previewOf(RANGE, { price: '150' })['opening_purchase']).toMatchObject({ size: '0' });
    expect(ordersOf(RANGE, { price: '50' }).every(({ side }) => side === 'sell')).toBe(true);
  });

  it('plans for the start price where one is set', () => {
    expect(ordersOf({ ...RANGE, start_price: '95' }).filter(({ side }) => side === 'buy')).toHaveLength(2);
  });
});

describe('a trade', () => {
  it('nets what is left after both fees, whichever coin they are taken in', () => {
    const cell = { line: 0, buyTicks: 10_000, sellTicks: 11_000, lots: 1_000 };
    // 0.1 % is 10 000 parts per ten million.
    expect(completedTrade(cell, 10_000, 10_000, 'received')).toEqual({ costAtoms: 10_000_000, profitAtoms: 999 * 11_000 - 10_989 - 10_000_000, sellLots: 999 });
    expect(completedTrade(cell, 10_000, 10_000, 'quote')).toEqual({ costAtoms: 10_010_000, profitAtoms: 11_000_000 - 11_000 - 10_010_000, sellLots: 1_000 });
    expect(completedTrade(cell, 10_000, 10_000, 'other')).toEqual({ costAtoms: 10_010_000, profitAtoms: 11_000_000 - 11_000 - 10_010_000, sellLots: 1_000 });
  });
});

describe('refusals name the field and the remedy', () => {
  const cases: readonly (readonly [name: string, config: Readonly<Record<string, unknown>>, field: string, message: RegExp, options?: PlanOptions])[] = [
    ['bounds the wrong way round', { lower_price: '110', upper_price: '90' }, 'upper_price', /must be above lower_price 110/],
    ['neither amount', { investment: undefined }, 'investment', /required unless order_size/],
    ['both amounts', { order_size: '10' }, 'order_size', /together with investment; leave one of them out/],
    ['a price between two increments', { lower_price: '90.005' }, 'lower_price', /multiple of the price increment 0\.01; next to 90\.005 are 90 and 90\.01/],
    ['a price the venue does not take', { upper_price: '110' }, 'upper_price', /between 0\.01 and 105/, { instrument: { maxPrice: '105' } }],
    ['lines on one tick', { lower_price: '100', upper_price: '100.05', levels: 11 }, 'levels', /fall on the same price.*at most 6 levels/],
    ['orders below the minimum', { investment: '20' }, 'investment', /venue takes no less than 0\.056.*invest at least [\d.]+ USDT or use fewer levels/],
    ['an order size below the minimum', { investment: undefined, order_size: '4' }, 'order_size', /use at least 5[\d.]* USDT/],
    ['an order size in base below the minimum', { investment: undefined, order_size: '0.01', sizing: 'base' }, 'order_size', /use at least 0\.056 ABC/],
    ['orders above the maximum', { investment: '1000000' }, 'investment', /more than the venue takes \(100\)/, { instrument: { maxSize: '100' } }],
    [
      'a step that fees eat',
      { lower_price: '99', upper_price: '101', levels: 41, investment: '100000' },
      'levels',
      /would lose 0\.1495 % to fees; break-even is a step of 0\.2003 %: use at most 10 levels/,
    ],
    ['a lower stop inside the range', { stop_lower_price: '95' }, 'stop_lower_price', /must be below lower_price 90/],
    [
      'a lower stop the price has passed',
      { stop_lower_price: '89' },
      'stop_lower_price',
      /below the price at start, 85, or the bot would stop at once/,
      { price: '85' },
    ],
    ['an upper stop inside the range', { stop_upper_price: '105' }, 'stop_upper_price', /must be above upper_price 110/],
    ['an upper stop the price has passed', { stop_upper_price: '111' }, 'stop_upper_price', /above the price at start/, { price: '112' }],
    ['a trail that leads inwards', { trailing_up_limit: '110' }, 'trailing_up_limit', /must be above upper_price 110/],
    ['a downward trail that leads inwards', { trailing_down_limit: '90' }, 'trailing_down_limit', /must be below lower_price 90/],
    ['a stop in front of the trail', { trailing_down_limit: '70', stop_lower_price: '80' }, 'stop_lower_price', /must be below trailing_down_limit 70/],
    ['a trail that ends below the minimum', { investment: '100', trailing_down_limit: '10' }, 'investment', /where the trail ends/],
    ['one line only', { levels: 1 }, 'levels', /between 2 and 500/],
    ['a fraction of a line', { levels: 10.5 }, 'levels', /whole number/],
    ['no number', { lower_price: 'NaN' }, 'lower_price', /expected a decimal/],
    ['a negative amount', { investment: '-5' }, 'investment', /must be above 0/],
    ['an unknown setting', { colour: 5 }, 'colour', /is not a setting/],
    ['an unknown spacing', { spacing: 'random' }, 'spacing', /must be one of arithmetic, geometric/],
    ['no price of the market', {}, 'start_price', /no market price/, { price: '0' }],
  ];

  it.each(cases.map(([name, ...rest]) => ({ name, rest })))('$name', ({ rest: [config, field, message, options] }) => {
    const plan = planOf({ ...RANGE, ...config }, options);
    expect(plan.ok).toBe(false);
    if (!plan.ok) expect(plan.issues.find((issue) => issue.field === field)?.message, JSON.stringify(plan.issues)).toMatch(message);
  });

  it('gives remedies that work', () => {
    const remedy = (config: Readonly<Record<string, unknown>>, pattern: RegExp, options?: PlanOptions): string => {
      const plan = planOf({ ...RANGE, ...config }, options);
      return plan.ok ? '' : (pattern.exec(plan.issues[0]?.message ?? '')?.[1] ?? '');
    };
    const least = remedy({ investment: '20' }, /at least ([\d.]+) USDT/);
    expect(planOf({ ...RANGE, investment: least }).ok, least).toBe(true);
    expect(planOf({ ...RANGE, investment: (Number(least) - 1).toFixed(2) }).ok).toBe(false);
    const levels = Number(remedy({ lower_price: '99', upper_price: '101', levels: 41, investment: '100000' }, /at most (\d+) levels/));
    expect(planOf({ ...RANGE, lower_price: '99', upper_price: '101', levels, investment: '100000' }).ok).toBe(true);
    expect(planOf({ ...RANGE, lower_price: '99', upper_price: '101', levels: levels + 1, investment: '100000' }).ok).toBe(false);
    for (const trail of [{ trailing_up_limit: '300' }, { trailing_down_limit: '20' }]) {
      const trailing = remedy({ investment: '40', ...trail }, /at least ([\d.]+) USDT/);
      expect(planOf({ ...RANGE, investment: trailing, ...trail }).ok, trailing).toBe(true);
    }
  });
});
