/** A history in which every strategy of the product trades, and settings for each. */
import { type Bars, newBars } from '#core/bars/bars.ts';
import { parseParams } from '#core/params.ts';
import { SIGNAL_CALL } from '#core/signal-call.ts';
import type { Strategy } from '#core/strategy.ts';
import { BARS_BEGIN_AT } from './bars.ts';

/** Two weeks. */
export const MINUTES = 20_160;

/** A seeded walk around 100 with waves of hours and of days, so that every rule has something to follow. */
export function history(length: number): Bars {
  const bars = newBars(length, 60_000);
  let seed = 42;
  const chance = () => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return seed / 2 ** 32;
  };
  let close = 10_000;
  for (let index = 0; index < length; index += 1) {
    const open = close;
    const target = 10_000 + 900 * Math.sin(index / 700) + 300 * Math.sin(index / 90);
    close = Math.max(1_000, Math.round(open + (target - open) * 0.05 + (chance() - 0.5) * 24));
    bars.startAt[index] = BARS_BEGIN_AT + index * 60_000;
    bars.openTicks[index] = open;
    bars.closeTicks[index] = close;
    bars.highTicks[index] = Math.max(open, close) + Math.floor(chance() * 9);
    bars.lowTicks[index] = Math.min(open, close) - Math.floor(chance() * 9);
    bars.volumeLots[index] = 100_000 + Math.floor(chance() * 900_000);
  }
  return bars;
}

/** A stretch of a history, copied. */
export function cut(bars: Bars, from: number, to: number): Bars {
  const part = newBars(to - from, bars.intervalMs);
  for (const column of ['startAt', 'openTicks', 'highTicks', 'lowTicks', 'closeTicks', 'volumeLots'] as const)
    part[column].set(bars[column].subarray(from, to));
  return part;
}

const SIGNAL = { investment: '1000', timeframe: '15m', stop_loss_percent: '8' };
/** Settings under which each strategy trades in it. */
export const CONFIGS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  bollinger_reversion: SIGNAL,
  dca: {
    base_order_size: '100',
    safety_orders: 4,
    safety_order_size: '100',
    price_step_percent: '1',
    volume_scale: '1.3',
    take_profits: [
      { percent: '0.5', share_percent: '50' },
      { percent: '1', share_percent: '50' },
    ],
    stop_loss_percent: '12',
    start: 'conditions',
    start_conditions: [{ left: 'rsi(14)', is: 'below', right: '45' }],
    timeframe: '15m',
  },
  donchian_breakout: SIGNAL,
  grid: { lower_price: '88', upper_price: '112', levels: 13, investment: '1000' },
  iceberg: { side: 'buy', size: '10', price: '99', visible_size: '1' },
  ladder: { side: 'buy', size: '10', first_price: '99', last_price: '94', orders: 6 },
  macd_cross: SIGNAL,
  moving_average_cross: { ...SIGNAL, fast: 10, slow: 30 },
  rebalance: { investment: '1000', band_percent: '2' },
  recurring_buy: { amount: '20', purchases: 100, schedule_every: 'hour' },
  rsi: { ...SIGNAL, oversold: 40, overbought: 60 },
  signal_follower: { investment: '1000' },
  smart_trade: {
    investment: '1000',
    take_profits: ['1', '1.5', '2', '2.5', '3'].map((percent) => ({ percent })),
    stop_loss_percent: '15',
  },
  supertrend: SIGNAL,
  twap: { side: 'buy', size: '10', duration_minutes: 600, slices: 10, max_volume_percent: '1' },
};

const SIGNALS_EVERY_MS = 14_400_000;

/** A strategy that trades when it is told to, with somebody who tells it every four hours: a backtest has nobody else who could. Others as they are. */
export function fed(strategy: Strategy): Strategy {
  if (strategy.name !== 'signal_follower') return strategy;
  return {
    ...strategy,
    wants: { bars: true, quotes: false },
    bars: () => [{ intervalMs: SIGNALS_EVERY_MS, warmUp: 1 }],
    on(context, state, event, params) {
      if (event.type !== 'barClosed' || event.isHistory === true) return strategy.on(context, state, event, params);
      const { askTicks, scale, at } = context;
      const targets = [1.004, 1.008].map((factor) => ({ price: scale.price(Math.round(askTicks * factor)) }));
      const call = parseParams(SIGNAL_CALL, { id: `s${at}`, side: 'long', targets, stop: scale.price(Math.round(askTicks * 0.99)) });
      if (call.ok) strategy.on(context, state, { type: 'userCommand', name: 'signal', params: call.value }, params);
    },
  };
}
