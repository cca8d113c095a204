/** Each rule says enter and leave at the closes where its description says it does. */
import { describe, expect, it } from 'vitest';
import type { Strategy } from '#core/strategy.ts';
import { SignalRun } from '#test/support/signal-run.ts';
import { bollingerReversion } from './bollinger-reversion.ts';
import { donchianBreakout } from './donchian-breakout.ts';
import { macdCross } from './macd-cross.ts';
import { movingAverageCross } from './moving-average-cross.ts';
import { rsi } from './rsi.ts';
import { supertrend } from './supertrend.ts';

/** The numbers of the closes at which it bought and sold: `+3 -7`. */
function trades(strategy: unknown, config: Readonly<Record<string, unknown>>, closes: readonly number[]): string {
  const run = new SignalRun(strategy as Strategy, {
    config: { investment: '1000', ...config },
    price: String(closes[0]),
    instrument: { makerFeeRate: '0', takerFeeRate: '0' },
  });
  run.start();
  const done: string[] = [];
  closes.forEach((close, index) => {
    const before = run.state.stage;
    run.close(String(close)).restart();
    if (before === 'flat' && run.state.stage === 'holding') done.push(`+${index}`);
    if (before === 'holding' && run.state.stage === 'flat') done.push(`-${index}`);
  });
  return done.join(' ');
}

describe('rules', () => {
  it('RSI enters on the way out of oversold and leaves on the way out of overbought', () => {
    expect(trades(rsi, { period: 2, oversold: 30, overbought: 70 }, [100, 99, 98, 97, 96, 99, 102, 105, 108, 100, 99])).toBe('+5 -9');
  });

  it('MACD enters where the distance of the averages passes its own average, and leaves where it falls back', () => {
    const closes = [100, 99, 98, 97, 96, 95, 94, 93, 92, 91, 95, 99, 103, 107, 111, 112, 110, 106, 101, 96];
    expect(trades(macdCross, { fast: 2, slow: 4, signal: 3 }, closes)).toBe('+10 -15');
    // By then it stands above zero; where the fall only slows down it does not.
    expect(trades(macdCross, { fast: 2, slow: 4, signal: 3, below_zero_only: true }, closes)).toBe('');
    const slowing = [100, 98, 96, 94, 92, 90, 88, 86, 85, 84.5, 84.2];
    expect(trades(macdCross, { fast: 2, slow: 4, signal: 3, below_zero_only: true }, slowing)).toBe('+8');
  });

  it.each([
    ['sma', '+5 -9'],
    ['wma', '+5 -9'],
    ['ema', '+5 -9'],
  ])('averages of kind %s enter where the fast one passes the slow one', (average, expected) => {
    expect(trades(movingAverageCross, { average, fast: 2, slow: 4 }, [100, 99, 98, 97, 96, 102, 104, 106, 104, 100, 96, 92])).toBe(expected);
  });

  it('Bollinger enters when the price comes back over the lower band and leaves at the middle', () => {
    const closes = [100, 101, 100, 101, 100, 90, 97, 98, 99, 104];
    expect(trades(bollingerReversion, { period: 5, width: '1.5' }, closes)).toBe('+6 -7');
    expect(trades(bollingerReversion, { period: 5, width: '1.5', sell_at: 'upper' }, closes)).toBe('+6');
  });

  it('the breakout enters above the highest of the bars before and leaves below the lowest', () => {
    expect(trades(donchianBreakout, { entry_period: 3, exit_period: 2 }, [100, 101, 100, 101, 102, 103, 102, 101, 99])).toBe('+4 -7');
  });

  it('Supertrend enters when it turns up and leaves when it turns down', () => {
    expect(trades(supertrend, { period: 2, width: '1' }, [100, 97, 94, 91, 88, 95, 102, 104, 90, 85])).toBe('+5 -8');
  });

  it('refuse settings that contradict each other', () => {
    expect(() => trades(rsi, { oversold: 70, overbought: 70 }, [100])).toThrow('must be above oversold 70, got 70');
    expect(() => trades(macdCross, { fast: 26 }, [100])).toThrow('must be longer than fast 26, got 26');
    expect(() => trades(movingAverageCross, { fast: 50 }, [100])).toThrow('must be longer than fast 50, got 50');
  });
});
