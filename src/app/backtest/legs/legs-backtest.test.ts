/** Histories of several instruments merged by time, and what a run over them comes to. */
import { describe, expect, it } from 'vitest';
import { newBars } from '#core/bars/bars.ts';
import { type Instrument, Scale } from '#core/instrument.ts';
import { decimal } from '#core/money.ts';
import { defineStrategy, type Strategy } from '#core/strategy.ts';
import { spotFuturesArbitrage } from '#strategies/spot-futures-arbitrage.ts';
import { TEST_PERPETUAL } from '#test/support/legs-run.ts';
import { TEST_INSTRUMENT } from '#test/support/strategy-run.ts';
import { replay } from '../../run/tape.ts';
import { runBacktest } from '../backtest.ts';
import type { LegHistory } from './leg-history.ts';
import { type LegsBacktestOptions, runLegsBacktest } from './legs-backtest.ts';
import { legsReport } from './legs-report.ts';

const MINUTE_MS = 60_000;
const strategy = spotFuturesArbitrage as unknown as Strategy;

/** Bars of a minute from a beginning on that stand still at these prices, each for a bar. */
function history(instrument: Instrument, prices: readonly string[], beginsAt = MINUTE_MS): LegHistory {
  const scale = new Scale(instrument);
  const bars = newBars(prices.length, MINUTE_MS);
  for (const [index, price] of prices.entries()) {
    const ticks = scale.ticks(price, 'nearest');
    bars.startAt[index] = beginsAt + index * MINUTE_MS;
    for (const column of [bars.openTicks, bars.highTicks, bars.lowTicks, bars.closeTicks]) column[index] = ticks;
    bars.volumeLots[index] = 1_000;
  }
  return { instrument, bars };
}

function run(spot: readonly string[], perpetual: readonly string[], change: Partial<LegsBacktestOptions> = {}) {
  const others = new Map([[TEST_PERPETUAL.symbol, history(TEST_PERPETUAL, perpetual)]]);
  const config = { investment: '1550', entry_percent: '0.5' };
  return runLegsBacktest({ strategy, config, first: history(TEST_INSTRUMENT, spot), others, keepTape: true, ...change });
}

describe('a backtest over a coin and its perpetual', () => {
  it('enters at the wide spread and leaves at the narrow one, with the profit of both legs', () => {
    const result = run(['100', '100', '100', '110', '110'], ['100', '101', '101', '110', '110']);
    expect(result.notes.map(({ at, text }) => [at, text.split(' ', 1)[0]])).toEqual([
      [2 * MINUTE_MS, 'Holds'],
      [4 * MINUTE_MS, 'Both'],
    ]);
    // What is left of the investment is less than an atom.
    expect([result.bars, result.trades, result.endReason]).toEqual([5, { count: 4, buys: 2, sells: 2 }, '']);
    expect(legsReport(result).figures.capital).toBe('1549.99999');
    expect(result.legs.map(({ held }) => held)).toEqual([expect.stringMatching(/^0\.000/), '0']);
    // One per cent of 988 less all four fees; what the coin has gained the short has lost.
    expect(Number(result.profit)).toBeCloseTo(9.88 - 0.3 * 0.01 * 988 * 1.05, 0);
    const sum = result.legs.reduce((total, leg) => total.plus(leg.profit), decimal('0'));
    expect(sum.eq(result.profit)).toBe(true);
    expect(replay(result.setup, result.tape)).toBeNull();
  });

  it('enters at a spread however wide, for no more than its money pays', () => {
    // The spot order might go as high as the spread pays, which is more than there is.
    const result = run(['100', '100', '100', '110', '110'], ['100', '106', '106', '110', '110']);
    expect([result.orders.denied, result.trades.count]).toEqual([0, 4]);
    expect(Number(result.profit)).toBeGreaterThan(50);
  });

  it('sees no distance that only the sequence of moving makes', () => {
    // Both jump by five per cent in the same minute.
    expect(run(['100', '105', '100', '105'], ['100', '105', '100', '105']).trades.count).toBe(0);
  });

  it('settles funding of what is held, by time', () => {
    const still = (price: string) => Array.from({ length: 600 }, () => price);
    const result = run(still('100'), still('101'), { fundingRate: '0.0001' });
    expect(Number(result.funding)).toBeCloseTo(988 * 1.01 * 0.0001, 2);
  });

  it('goes on where one history has a hole, at the last price of the other', () => {
    const others = new Map([[TEST_PERPETUAL.symbol, history(TEST_PERPETUAL, ['101', '101'], 3 * MINUTE_MS)]]);
    const first = history(TEST_INSTRUMENT, ['100', '100', '100', '100', '100', '100']);
    const result = runLegsBacktest({ strategy, config: { investment: '1550', entry_percent: '0.5' }, first, others });
    expect([result.bars, result.notes[0]?.at]).toEqual([6, 3 * MINUTE_MS]);
  });

  it('carries out every order of a step, also those after one that the exchange refuses', () => {
    const crowd = defineStrategy({
      name: 'crowd',
      version: 1,
      title: { en: 'Crowd', ru: 'Толпа' },
      summary: { en: 'More orders than the exchange takes.', ru: 'Больше ордеров, чем принимает биржа.' },
      params: {},
      otherLegs: (_params, symbol) => [{ name: 'perpetual', symbol: `${symbol}:USDT`, kind: 'perpetual' }],
      wants: { bars: false, quotes: false },
      plan: () => ({ ok: true, quoteAtoms: 1_000_000_000_000, baseGrains: 0, otherLegs: [{ quoteAtoms: 1_000_000, baseGrains: 0 }], preview: {} }),
      start(context) {
        const order = { side: 'buy', type: 'limit', triggerTicks: 0, timeInForce: 'gtc', postOnly: false, reduceOnly: false, tag: '' } as const;
        for (let place = 0; place < 203; place += 1) context.submit({ ...order, priceTicks: 9_500, sizeLots: 1_000 });
        return {};
      },
      on(context, _state, event) {
        if (event.type === 'orderClosed') context.report('strategy_note', event.code);
      },
    });
    const result = run(['100', '100'], ['100', '100'], { strategy: crowd as unknown as Strategy, config: {}, keepTape: false });
    expect([result.orders.placed, result.orders.rejected, result.notes.map(({ text }) => text)]).toEqual([
      203,
      3,
      Array.from({ length: 3 }, () => 'tooManyOrders'),
    ]);
    expect(result.legs[0]?.ledger.orders.size).toBe(203);
    expect([...(result.legs[0]?.ledger.orders.values() ?? [])].filter(({ outcome }) => outcome === 'tooManyOrders')).toHaveLength(3);
  });

  it('refuses settings by name, and to begin without the history of a leg', () => {
    expect(() => run(['100'], ['100'], { config: { investment: '20' } })).toThrow('a part of an order could not be covered');
    expect(() => run(['100'], ['100'], { others: new Map() })).toThrow('the strategy trades ABC/USDT:USDT beside ABC/USDT, of which there are no candles');
    const { instrument, bars } = history(TEST_INSTRUMENT, ['100']);
    expect(() => runBacktest({ strategy, config: { investment: '1550' }, instrument, bars })).toThrow('the strategy trades ABC/USDT:USDT beside ABC/USDT');
    expect(() => run(['100'], [])).toThrow('there are no candles of ABC/USDT:USDT');
  });
});
