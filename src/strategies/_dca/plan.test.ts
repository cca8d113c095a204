import { describe, expect, it } from 'vitest';
import { Scale } from '#core/instrument.ts';
import { parseParams } from '#core/params.ts';
import type { FeeAsset } from '#core/risk.ts';
import type { Plan } from '#core/strategy.ts';
import { TEST_INSTRUMENT } from '#test/support/strategy-run.ts';
import { nextTime } from '../_schedule.ts';
import { dca } from '../dca.ts';

interface PlanOptions {
  readonly price?: string;
  readonly feeAsset?: FeeAsset;
  readonly instrument?: Partial<typeof TEST_INSTRUMENT>;
}

const DEAL = { base_order_size: '100', safety_orders: 2, safety_order_size: '100', price_step_percent: '10', take_profit_percent: '10' };

function planOf(config: Readonly<Record<string, unknown>>, { price = '100', feeAsset = 'received', instrument = {} }: PlanOptions = {}): Plan {
  const scale = new Scale({ ...TEST_INSTRUMENT, ...instrument });
  const params = parseParams(dca.params, config);
  if (!params.ok) return { ok: false, issues: params.issues };
  const ticks = scale.ticks(price, 'nearest');
  return dca.plan({ params: params.value, scale, feeAsset, bidTicks: ticks, askTicks: ticks });
}

function previewOf(config: Readonly<Record<string, unknown>>, options?: PlanOptions): Readonly<Record<string, unknown>> {
  const plan = planOf(config, options);
  if (!plan.ok) throw new Error(JSON.stringify(plan.issues));
  return plan.preview;
}

type Row = Readonly<Record<string, string | null>>;

describe('the ladder', () => {
  it('is that of the published worked example', () => {
    const fine = {
      priceIncrement: '0.000001',
      sizeIncrement: '0.000001',
      minPrice: '0.000001',
      minSize: '0.000001',
      makerFeeRate: '0',
      takerFeeRate: '0',
    };
    const config = {
      base_order_size: '100',
      safety_orders: 5,
      safety_order_size: '100',
      price_step_percent: '1',
      step_scale: '1.5',
      volume_scale: '1.5',
      take_profit_percent: '1.5',
    };
    const rows = previewOf(config, { price: '1', instrument: fine })['orders'] as readonly Row[];
    const rounded = (text: string | null | undefined, digits: number) => Number(text).toFixed(digits);
    expect(
      rows
        .slice(1)
        .map((row) => [
          rounded(row['deviation_percent'], 4),
          rounded(row['value'], 2),
          rounded(row['total_value'], 2),
          rounded(row['average_price'], 5),
          rounded(row['rise_to_take_profit_percent'], 3),
        ]),
    ).toEqual([
      ['1.0000', '100.00', '200.00', '0.99497', '2.010'],
      ['2.5000', '150.00', '350.00', '0.98631', '2.678'],
      ['4.7500', '225.00', '575.00', '0.97280', '3.663'],
      ['8.1250', '337.50', '912.50', '0.95208', '5.183'],
      ['13.1875', '506.25', '1418.75', '0.92032', '7.603'],
    ]);
  });

  it('needs the base order with half a per cent of margin, every safety order, and the funds for adding', () => {
    const plan = planOf({ ...DEAL, extra_funds: '50' });
    expect(plan.ok && plan.preview['needed_quote']).toBe('350.5');
    expect(plan.ok && plan.baseGrains).toBe(0);
    // With the fee taken in quote it is needed as well.
    expect(previewOf(DEAL, { feeAsset: 'quote' })['needed_quote']).toBe('300.8005');
  });

  it('shows where nothing is lost, where it stops, and what that costs', () => {
    const preview = previewOf({ ...DEAL, stop_loss_percent: '30' });
    expect(preview).toMatchObject({ covers_fall_percent: '20', stop_price_at_full_deal: '70' });
    expect(Number(preview['loss_at_stop_of_full_deal'])).toBeCloseTo(299.99 - 3.361 * 0.999 * 70 * 0.999, 2);
    expect((preview['orders'] as readonly Row[])[0]).toMatchObject({
      price: '100',
      size: '1',
      break_even_price: '100.21',
      take_profit_prices: ['110.23'],
      stop_price: '70',
    });
  });

  it('says how many bars warm its conditions up', () => {
    const config = { ...DEAL, start: 'conditions', start_conditions: [{ left: 'rsi(14)', is: 'below', right: '30' }], timeframe: '15m' };
    expect(previewOf(config)['warm_up_bars']).toBe(120);
    const params = parseParams(dca.params, config);
    expect(params.ok && dca.bars?.(params.value)).toEqual([{ intervalMs: 900_000, warmUp: 120 }]);
  });
});

describe('refusals', () => {
  it.each<[string, Readonly<Record<string, unknown>>, string, string]>([
    ['no take profit', { take_profit_percent: null }, 'take_profit_percent', 'is required unless take_profits lists steps'],
    [
      'two kinds of take profit',
      { take_profits: [{ percent: '5', share_percent: '100' }] },
      'take_profits',
      'cannot be given together with take_profit_percent',
    ],
    [
      'shares that are not all',
      {
        take_profit_percent: null,
        take_profits: [
          { percent: '5', share_percent: '50' },
          { percent: '6', share_percent: '49' },
        ],
      },
      'take_profits',
      'the shares must add up to 100, got 99',
    ],
    [
      'steps in disorder',
      {
        take_profit_percent: null,
        take_profits: [
          { percent: '5', share_percent: '50' },
          { percent: '5', share_percent: '50' },
        ],
      },
      'take_profits[1].percent',
      'must be above the step before it',
    ],
    ['two kinds of safety orders', { safety_steps: [{ deviation_percent: '5', size: '50' }] }, 'safety_steps', 'cannot be given together with safety_orders'],
    ['safety orders without size', { safety_order_size: null }, 'safety_order_size', 'is required with safety_orders'],
    [
      'safety orders below nothing',
      { safety_orders: 12 },
      'safety_orders',
      'number 10 would stand 100.00 % below the base order, at no price at all; use at most 9',
    ],
    ['a base order too small', { base_order_size: '4' }, 'base_order_size', 'less than the venue takes; use at least 5 USDT'],
    [
      'safety orders too small',
      { safety_order_size: '4' },
      'safety_order_size',
      'safety order 1 at 90 buys 0.044 ABC, less than the venue takes; use at least 5 USDT',
    ],
    [
      'a take profit that fees eat',
      { take_profit_percent: '0.1', take_profit_net: false },
      'take_profit_percent',
      'would lose to fees: nothing is lost only from 100.21 on',
    ],
    ['a stop in the way of a safety order', { stop_loss_percent: '15' }, 'stop_loss_percent', 'the stop at 85 stands above safety order 2 at 80'],
    [
      'a stop from the average in the way',
      { stop_loss_percent: '9', stop_loss_basis: 'average' },
      'stop_loss_percent',
      'the stop at 91 stands above safety order 1 at 90',
    ],
    ['a trailing stop without a stop', { stop_loss_trailing: true }, 'stop_loss_trailing', 'needs stop_loss_percent'],
    ['break-even after the last step', { break_even_after_step: 1 }, 'break_even_after_step', 'must be below the number of take-profit steps, 1'],
    ['conditions that are none', { start: 'conditions' }, 'start_conditions', 'is required with start conditions'],
    [
      'conditions nobody looks at',
      { start_conditions: [{ left: 'close', is: 'above', right: '1' }] },
      'start_conditions',
      'are not looked at with start immediately',
    ],
    [
      'an indicator nobody knows',
      { start: 'conditions', start_conditions: [{ left: 'magic(3)', is: 'above', right: '1' }] },
      'start_conditions[0].left',
      'there is no indicator magic',
    ],
    ['a profit needed for nothing', { close_min_profit_percent: '1' }, 'close_min_profit_percent', 'needs close_conditions'],
    ['a price range upside down', { min_price: '100', max_price: '90' }, 'max_price', 'must be above min_price 100, got 90'],
    ['a time that is none', { start: 'schedule', schedule_at: '25:00' }, 'schedule_at', 'does not look as it must'],
  ])('name %s', (_, change, field, message) => {
    const plan = planOf({ ...DEAL, ...change });
    expect(plan.ok ? [] : plan.issues.map((issue) => issue.field)).toContain(field);
    expect(plan.ok ? '' : (plan.issues.find((issue) => issue.field === field)?.message ?? '')).toContain(message);
  });

  it('name steps that fall on one price', () => {
    const plan = planOf({ ...DEAL, price_step_percent: '0.1' }, { price: '5', instrument: { priceIncrement: '0.01' } });
    expect(plan.ok ? '' : plan.issues[0]?.message).toContain('would stand at the price of the order before it');
  });

  it('wait for a market price', () => {
    const plan = planOf(DEAL, { price: '0' });
    expect(plan.ok ? '' : plan.issues[0]?.message).toContain('no market price is known');
  });

  it('find nothing wrong where nothing is', () => {
    for (const config of [DEAL, { ...DEAL, stop_loss_percent: '25' }, { ...DEAL, safety_orders: 9 }]) expect(planOf(config).ok).toBe(true);
  });
});

describe('schedules', () => {
  const at = (iso: string) => Date.parse(`${iso}Z`);
  const base = { schedule_every: 'day', schedule_at: '09:30', schedule_weekday: 'wednesday', schedule_month_day: 15 } as const;
  it.each([
    ['hour', '2026-11-20T09:30:00', '2026-11-20T10:30:00'],
    ['day', '2026-11-20T09:29:59', '2026-11-20T09:30:00'],
    ['day', '2026-11-20T09:30:00', '2026-11-21T09:30:00'],
    ['week', '2026-11-20T00:00:00', '2026-11-25T09:30:00'],
    ['week', '2026-11-25T09:30:00', '2026-12-02T09:30:00'],
    ['month', '2026-11-15T09:29:00', '2026-11-15T09:30:00'],
    ['month', '2026-12-15T09:30:00', '2027-01-15T09:30:00'],
  ] as const)('every %s after %s come at %s', (every, after, next) => {
    expect(new Date(nextTime({ ...base, schedule_every: every }, at(after))).toISOString()).toBe(`${next}.000Z`);
  });
});
