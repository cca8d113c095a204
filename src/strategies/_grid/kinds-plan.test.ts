/** What the plans of grids of every kind refuse, and what they show. */
import { describe, expect, it } from 'vitest';
import { type Instrument, Scale } from '#core/instrument.ts';
import { parseParams } from '#core/params.ts';
import type { Plan } from '#core/strategy.ts';
import { TEST_INSTRUMENT, TEST_PERPETUAL } from '#test/support/grid-run.ts';
import { grid } from '../grid.ts';

type Config = Readonly<Record<string, unknown>>;

function planOf(config: Config, instrument: Instrument, price = '100'): Plan {
  const scale = new Scale(instrument);
  const params = parseParams(grid.params, config);
  if (!params.ok) return { ok: false, issues: params.issues };
  const ticks = scale.ticks(price, 'nearest');
  return grid.plan({ params: params.value, scale, feeAsset: scale.isPerpetual ? 'quote' : 'received', bidTicks: ticks, askTicks: ticks });
}

const RANGE = { lower_price: '90', upper_price: '110', levels: 11, investment: '1000' };
const INFINITE = { range: 'infinite', lower_price: '50', step_percent: '2', investment: '1000' };
const REVERSE = { lower_price: '90', upper_price: '110', levels: 11, direction: 'reverse', base_investment: '10' };
const ROW = [{ left: 'close', is: 'below', right: '95' }];

describe('a grid is refused, with the setting at fault and the remedy,', () => {
  it.each<[name: string, config: Config, field: string, message: RegExp]>([
    ['without an upper price', { ...RANGE, upper_price: undefined }, 'upper_price', /^is required unless range is infinite$/],
    ['without levels', { ...RANGE, levels: undefined }, 'levels', /^is required unless range is infinite$/],
    ['with a step beside levels', { ...RANGE, step_percent: '1' }, 'step_percent', /belongs to range infinite/],
    ['infinite without a step', { ...INFINITE, step_percent: undefined }, 'step_percent', /is required with range infinite/],
    ['infinite with an upper end', { ...INFINITE, upper_price: '200' }, 'upper_price', /cannot be given with range infinite/],
    ['infinite with levels', { ...INFINITE, levels: 5 }, 'levels', /cannot be given with range infinite/],
    ['infinite with a trail', { ...INFINITE, trailing_up_limit: '200' }, 'trailing_up_limit', /cannot be given with range infinite/],
    ['infinite with expansion', { ...INFINITE, expand_down_limit: '40' }, 'expand_down_limit', /cannot be given with range infinite/],
    ['infinite with equal base', { ...INFINITE, sizing: 'base' }, 'sizing', /must be quote with range infinite/],
    ['infinite and reverse', { ...INFINITE, direction: 'reverse' }, 'direction', /must be long with range infinite/],
    ['infinite with too many lines', { ...INFINITE, lower_price: '1', step_percent: '0.5' }, 'step_percent', /more than 500 price lines; use a larger step/],
    [
      'infinite with a step that fees eat',
      { ...INFINITE, step_percent: '0.15', lower_price: '90' },
      'step_percent',
      /would lose .* to fees.*: use a larger step/,
    ],
    ['infinite with a step below the tick', { ...INFINITE, lower_price: '0.05', step_percent: '5' }, 'step_percent', /fall on the same price/],
    ['short on spot', { ...RANGE, direction: 'short' }, 'direction', /short needs a perpetual/],
    ['neutral on spot', { ...RANGE, direction: 'neutral' }, 'direction', /neutral needs a perpetual/],
    ['with leverage on spot', { ...RANGE, leverage: 2 }, 'leverage', /must be 1: ABC\/USDT is a spot instrument/],
    ['reverse without the coin', { ...REVERSE, base_investment: undefined }, 'base_investment', /is required with direction reverse/],
    ['reverse with quote', { ...REVERSE, investment: '100' }, 'investment', /cannot be given with direction reverse/],
    ['reverse with a reserve', { ...REVERSE, reserve: '1' }, 'reserve', /must be 0 with direction reverse/],
    ['reverse with too little of the coin', { ...REVERSE, base_investment: '0.2' }, 'base_investment', /lend at least 0\.5\d* ABC or use fewer levels/],
    ['reverse with orders beyond the coin', { ...REVERSE, order_size: '500' }, 'order_size', /more than base_investment 10; use less, or lend more/],
    ['with a reserve as large as the investment', { ...RANGE, reserve: '1000' }, 'reserve', /must be below investment 1000/],
    ['with a negative reserve', { ...RANGE, reserve: '-1' }, 'reserve', /must be at least 0/],
    ['trailing and expanding up', { ...RANGE, trailing_up_limit: '120', expand_up_limit: '120' }, 'expand_up_limit', /together with trailing_up_limit/],
    ['trailing and expanding down', { ...RANGE, trailing_down_limit: '80', expand_down_limit: '80' }, 'expand_down_limit', /together with trailing_down_limit/],
    ['expanding inwards', { ...RANGE, expand_up_limit: '105' }, 'expand_up_limit', /must be above upper_price 110/],
    ['expanding down inwards', { ...RANGE, expand_down_limit: '95' }, 'expand_down_limit', /must be below lower_price 90/],
    ['with a stop in front of where it expands to', { ...RANGE, expand_down_limit: '70', stop_lower_price: '80' }, 'stop_lower_price', /never expand there/],
    ['with an upper stop in front of it', { ...RANGE, expand_up_limit: '150', stop_upper_price: '130' }, 'stop_upper_price', /never expand there/],
    ['with too many lines to expand to', { ...RANGE, expand_up_limit: '2000' }, 'expand_up_limit', /more than 500 price lines; use a nearer limit/],
    ['with one order at the exchange', { ...RANGE, active_orders: 1 }, 'active_orders', /between 2 and 499/],
    ['with two ways to start', { ...RANGE, start_price: '95', start_conditions: ROW }, 'start_conditions', /together with start_price/],
    ['with an unknown indicator', { ...RANGE, start_conditions: [{ ...ROW[0], left: 'magic(3)' }] }, 'start_conditions[0].left', /no indicator magic/],
    ['with a stop loss beyond all', { ...RANGE, stop_loss_percent: '101' }, 'stop_loss_percent', /at most 100/],
    ['with a take profit of nothing', { ...RANGE, take_profit_percent: '0' }, 'take_profit_percent', /must be above 0/],
    ['with a pump of nothing', { ...RANGE, pump_protection_percent: '0' }, 'pump_protection_percent', /must be above 0/],
    ['with pump protection that looks too far back', { ...RANGE, pump_protection_minutes: 241 }, 'pump_protection_minutes', /between 1 and 240/],
  ])('%s on spot', (_name, config, field, message) => {
    const plan = planOf(config, TEST_INSTRUMENT);
    expect(plan.ok ? '' : plan.issues.find((issue) => issue.field === field)?.message, JSON.stringify(plan)).toMatch(message);
  });

  it.each<[name: string, config: Config, field: string, message: RegExp]>([
    ['reverse', { ...RANGE, direction: 'reverse' }, 'direction', /must be long, short or neutral/],
    ['infinite', INFINITE, 'range', /must be bounded/],
    ['with lent base', { ...RANGE, base_investment: '1' }, 'base_investment', /cannot be given/],
    ['with profit in base', { ...RANGE, profit_currency: 'base' }, 'profit_currency', /must be quote/],
    ['that buys everything at its stop', { ...RANGE, stop_lower_action: 'buy_all' }, 'stop_lower_action', /must be keep or sell_all/],
    ['neutral with a trail', { ...RANGE, direction: 'neutral', trailing_up_limit: '120' }, 'trailing_up_limit', /use expand_up_limit/],
    ['with more leverage than there is', { ...RANGE, leverage: 51 }, 'leverage', /must be at most 50 for ABC\/USDT:USDT, got 51/],
    ['with leverage that is none', { ...RANGE, leverage: 0 }, 'leverage', /between 1 and 125/],
    ['with an unknown margin mode', { ...RANGE, margin_mode: 'shared' }, 'margin_mode', /must be one of isolated, cross/],
    [
      'long with its liquidation inside the range',
      { ...RANGE, leverage: 20 },
      'leverage',
      /close the long position at about 9\d\.\d+, before the price reaches 9\d/,
    ],
    [
      'short with its liquidation inside the range',
      { ...RANGE, direction: 'short', leverage: 20 },
      'leverage',
      /close the short position at about 10\d\.\d+, before the price reaches 1\d\d/,
    ],
    [
      'neutral with its liquidation inside the range',
      { ...RANGE, direction: 'neutral', levels: 41, lower_price: '60', upper_price: '140', leverage: 10 },
      'leverage',
      /before the price reaches/,
    ],
    [
      'with a stop beyond its liquidation',
      { ...RANGE, direction: 'long', leverage: 5, stop_lower_price: '60' },
      'leverage',
      /before the price reaches 60; use less leverage, margin_mode cross, or a narrower range/,
    ],
  ])('%s on a perpetual', (_name, config, field, message) => {
    const plan = planOf(config, TEST_PERPETUAL);
    expect(plan.ok ? '' : plan.issues.find((issue) => issue.field === field)?.message, JSON.stringify(plan)).toMatch(message);
  });

  it('until the remedy is followed', () => {
    const least = /lend at least ([\d.]+) ABC/.exec(JSON.stringify(planOf({ ...REVERSE, base_investment: '0.2' }, TEST_INSTRUMENT)))?.[1] ?? '';
    expect(planOf({ ...REVERSE, base_investment: least }, TEST_INSTRUMENT).ok).toBe(true);
    expect(planOf({ ...REVERSE, base_investment: (Number(least) - 0.005).toFixed(3) }, TEST_INSTRUMENT).ok).toBe(false);
    for (const change of [{ leverage: 3 }, { leverage: 20, margin_mode: 'cross' }]) expect(planOf({ ...RANGE, ...change }, TEST_PERPETUAL).ok).toBe(true);
  });
});

describe('the preview', () => {
  const previewOf = (config: Config, instrument: Instrument): Readonly<Record<string, unknown>> => {
    const plan = planOf(config, instrument);
    if (!plan.ok) throw new Error(JSON.stringify(plan.issues));
    return plan.preview;
  };

  it('shows leverage, the largest position and both liquidation prices of a neutral grid', () => {
    const plan = planOf({ ...RANGE, direction: 'neutral', leverage: 4 }, TEST_PERPETUAL);
    expect(plan).toMatchObject({ ok: true, baseGrains: 0, leverage: 4, marginMode: 'isolated' });
    const margin = plan.ok ? (plan.preview['margin'] as Readonly<Record<string, string>>) : {};
    expect(margin).toMatchObject({ leverage: 4, margin_mode: 'isolated' });
    // Bought at 90 to 98 on average 93.9; a quarter of that less the maintenance margin is what it may fall.
    expect(Number(margin['liquidation_price_below'])).toBeCloseTo((93.9 * 0.75) / 0.995, 0);
    expect(Number(margin['liquidation_price_above'])).toBeCloseTo((106 * 1.25) / 1.005, 0);
    expect(Number(margin['liquidation_distance_below_percent'])).toBeCloseTo(29.2, 0);
    expect(plan.ok && (plan.preview['orders'] as readonly { readonly side: string }[]).map(({ side }) => side[0]).join('')).toBe('bbbbbsssss');
  });

  it('asks of margin what the position, its loss at the end of the range and fees come to', () => {
    const one = { ...RANGE, investment: undefined, order_size: '1', sizing: 'base', direction: 'neutral', reserve: '100' };
    const free = { ...TEST_PERPETUAL, makerFeeRate: '0', takerFeeRate: '0' };
    // Short 1 at 102, 104, 106, 108, 110: 530 in all, 20 lost at 110; at leverage 2 285 are needed.
    expect(previewOf({ ...one, leverage: 2 }, free)).toMatchObject({ needed_quote: '285', reserve: '100' });
    const plan = planOf({ ...one, leverage: 2 }, free);
    expect(plan.ok && new Scale(free).quote(plan.quoteAtoms)).toBe('390.7');
  });

  it('shows what an infinite grid holds for lines above, and how many orders are at the exchange', () => {
    const preview = previewOf({ ...INFINITE, active_orders: 12 }, TEST_INSTRUMENT);
    expect(preview).toMatchObject({ spacing: 'geometric', orders_at_exchange: 12 });
    expect(Number(preview['held_for_higher_lines'])).toBeGreaterThan(0);
    expect(Number(preview['needed_quote'])).toBeLessThanOrEqual(1000);
    expect(Number(preview['needed_quote'])).toBeGreaterThan(995);
  });

  it('shows the sale with which a reverse grid begins, and that it needs the coin alone', () => {
    const preview = previewOf(REVERSE, TEST_INSTRUMENT);
    expect(preview).toMatchObject({ needed_quote: '0', profit_per_grid: { currency: 'ABC' } });
    expect(Number((preview['opening_sale'] as Readonly<Record<string, string>>)['size'])).toBeGreaterThan(4);
    expect(Number(preview['needed_base'])).toBeLessThanOrEqual(10);
  });

  it('keeps the reserve out of the sizes', () => {
    expect(Number(previewOf({ ...RANGE, reserve: '500' }, TEST_INSTRUMENT)['needed_quote'])).toBeLessThanOrEqual(500);
  });

  it('sets money aside for the cells a grid may get', () => {
    const one = { ...RANGE, investment: undefined, order_size: '10' };
    const plain = Number(previewOf(one, TEST_INSTRUMENT)['needed_quote']);
    // Five more cells below and five above, 10 each.
    expect(Number(previewOf({ ...one, expand_up_limit: '120', expand_down_limit: '80' }, TEST_INSTRUMENT)['needed_quote'])).toBeCloseTo(plain + 100, -1);
  });
});
