/**
 * A made-up history for trying a program out, and settings for it: enough to run through its code once, nothing to judge it
 * by. The second time its state goes through JSON between any two events, as it does in a live run whenever it is moved.
 */
import { type Bars, newBars } from '#core/bars/bars.ts';
import type { Instrument } from '#core/instrument.ts';
import type { Field, ParamsSpec, ScalarField } from '#core/params.ts';
import type { LegWish } from '#core/strategy.ts';

const TRIAL_BARS = 3_000;
const START_AT = 1_700_006_400_000;
const START_TICKS = 50_000;
const SWING_TICKS = 150;

export const TRIAL_INSTRUMENT: Instrument = {
  venue: 'trial',
  symbol: 'ABC/USDT',
  base: 'ABC',
  quote: 'USDT',
  kind: 'spot',
  settle: 'USDT',
  perpetual: null,
  priceIncrement: '0.01',
  sizeIncrement: '0.0001',
  minPrice: '0.01',
  maxPrice: null,
  minSize: '0.0001',
  maxSize: null,
  minNotional: '5',
  makerFeeRate: '0.001',
  takerFeeRate: '0.001',
  status: 'trading',
};

/** The default of every setting; where there is none, a value in the middle of what is allowed. */
export function trialSettings(spec: ParamsSpec): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(spec).flatMap(([name, field]) => (needsValue(field) ? [[name, valueFor(field)]] : [])));
}

function needsValue(field: Field): boolean {
  return field.kind !== 'rows' && field.default === undefined && field.optional !== true;
}

function valueFor(field: Field): unknown {
  return field.kind === 'rows' ? [] : scalarFor(field);
}

function scalarFor(field: ScalarField): unknown {
  switch (field.kind) {
    case 'decimal':
      return String(Math.min(Math.max(Number(field.min) + 1, 100), field.max === undefined ? Number.MAX_SAFE_INTEGER : Number(field.max)));
    case 'integer':
      return Math.min(Math.max(field.min, 10), field.max);
    case 'choice':
      return field.options[0];
    case 'boolean':
      return false;
    case 'text':
      return '';
  }
}

const TRIAL_PERPETUAL: NonNullable<Instrument['perpetual']> = {
  contractSize: '0.0001',
  fundingIntervalMs: 28_800_000,
  maxLeverage: 20,
  maintenanceMarginRate: '0.01',
};

/** An instrument that a program wants beside {@link TRIAL_INSTRUMENT}, in everything else like that. */
export function trialLeg({ symbol, kind }: LegWish): Instrument {
  const base = symbol.split('/')[0] ?? symbol;
  return { ...TRIAL_INSTRUMENT, symbol, base, kind, perpetual: kind === 'perpetual' ? TRIAL_PERPETUAL : null };
}

/** A walk that wanders both ways: the same for everybody, another one for each number of a leg. */
export function trialBars(intervalMs: number, leg = 0): Bars {
  const bars = newBars(TRIAL_BARS, intervalMs);
  let state = 20_261_120 + leg;
  const random = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4_294_967_296;
  };
  let price = START_TICKS;
  for (let index = 0; index < bars.length; index += 1) {
    const open = price;
    const trend = Math.sin(index / 90) * 40;
    price = Math.max(START_TICKS / 2, Math.round(open + trend + (random() - 0.5) * 2 * SWING_TICKS));
    bars.startAt[index] = START_AT + index * intervalMs;
    bars.openTicks[index] = open;
    bars.closeTicks[index] = price;
    bars.highTicks[index] = Math.max(open, price) + Math.round(random() * SWING_TICKS);
    bars.lowTicks[index] = Math.min(open, price) - Math.round(random() * SWING_TICKS);
    bars.volumeLots[index] = 10_000 + Math.round(random() * 10_000);
  }
  return bars;
}
