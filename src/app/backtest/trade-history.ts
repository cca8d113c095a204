/** A history of trades in columns, and the bars that they make. */
import { type Bars, newBars } from '#core/bars/bars.ts';
import { AppError } from '#core/errors.ts';

/** Every trade that was, in its sequence. */
export interface TradeHistory {
  readonly length: number;
  /** Not descending, in milliseconds since 1970. */
  readonly at: Float64Array;
  readonly priceTicks: Float64Array;
  readonly sizeLots: Float64Array;
}

export interface TradeBars {
  readonly bars: Bars;
  /** Index of the first trade of each bar; one more stands for the end. */
  readonly firstTrades: Uint32Array;
}

/** Bars of those spans in which something traded. Throws AppError `candles_invalid` naming the first trade that cannot be. */
export function barsOfTrades(trades: TradeHistory, intervalMs: number): TradeBars {
  assertTrades(trades);
  const starts: number[] = [];
  for (let index = 0; index < trades.length; index += 1) {
    const startAt = Math.floor((trades.at[index] as number) / intervalMs) * intervalMs;
    if (starts.length === 0 || startAt !== Math.floor((trades.at[starts.at(-1) as number] as number) / intervalMs) * intervalMs) starts.push(index);
  }
  const bars = newBars(starts.length, intervalMs);
  const firstTrades = Uint32Array.from([...starts, trades.length]);
  for (let bar = 0; bar < bars.length; bar += 1) fillBar(bars, bar, trades, firstTrades[bar] as number, firstTrades[bar + 1] as number);
  return { bars, firstTrades };
}

function fillBar(bars: Bars, bar: number, trades: TradeHistory, from: number, to: number): void {
  const { intervalMs } = bars;
  const open = trades.priceTicks[from] as number;
  let [low, high, volume] = [open, open, 0];
  for (let index = from; index < to; index += 1) {
    const price = trades.priceTicks[index] as number;
    if (price < low) low = price;
    if (price > high) high = price;
    volume += trades.sizeLots[index] as number;
  }
  bars.startAt[bar] = Math.floor((trades.at[from] as number) / intervalMs) * intervalMs;
  bars.openTicks[bar] = open;
  bars.lowTicks[bar] = low;
  bars.highTicks[bar] = high;
  bars.closeTicks[bar] = trades.priceTicks[to - 1] as number;
  bars.volumeLots[bar] = volume;
}

function assertTrades({ length, at, priceTicks, sizeLots }: TradeHistory): void {
  if (length === 0) throw new AppError('candles_invalid', 'there are no trades to run over');
  for (let index = 0; index < length; index += 1) {
    const problem =
      !Number.isSafeInteger(at[index]) || (index > 0 && (at[index] as number) < (at[index - 1] as number))
        ? 'comes before the trade in front of it; sort the trades by time'
        : !(Number.isSafeInteger(priceTicks[index]) && (priceTicks[index] as number) > 0)
          ? 'has no price above zero; remove it'
          : !(Number.isSafeInteger(sizeLots[index]) && (sizeLots[index] as number) >= 0)
            ? 'has no size; remove it'
            : null;
    if (problem !== null) throw new AppError('candles_invalid', `trade ${index + 1} ${problem}`);
  }
}
