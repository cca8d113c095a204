/** Strategies of signals on a perpetual: long, short and both ways, with leverage, funding, and trouble. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { replay } from '#app/run/tape.ts';
import { fieldOf } from '#core/indicator-operand.ts';
import type { Strategy } from '#core/strategy.ts';
import { mischief, perform } from '#test/support/mischief.ts';
import { SignalRun } from '#test/support/signal-run.ts';
import { TEST_PERPETUAL } from '#test/support/strategy-run.ts';
import { signalStrategy } from './_signal-position.ts';
import { ENTER, LEAVE, STAY } from './_signal-run.ts';
import { bollingerReversion } from './bollinger-reversion.ts';
import { donchianBreakout } from './donchian-breakout.ts';
import { macdCross } from './macd-cross.ts';

/** Up at closes above 100.5, down at closes below 99.5. */
const levels = signalStrategy({
  name: 'levels',
  title: { en: 'Levels', ru: 'Уровни' },
  summary: { en: 'For tests.', ru: 'Для тестов.' },
  params: {},
  isMirrored: true,
  warmUp: () => 3,
  figures: () => [fieldOf('close')],
  start: () => ({}),
  turn: (_memory: object, figures) => {
    const close = figures[0] as number;
    if (close > 10_050) return ENTER;
    return close < 9_950 ? LEAVE : STAY;
  },
}) as unknown as Strategy;

function begun(config: Readonly<Record<string, unknown>> = {}, strategy: Strategy = levels, fee = '0'): SignalRun {
  const instrument = { ...TEST_PERPETUAL, makerFeeRate: fee, takerFeeRate: fee };
  return new SignalRun(strategy, { config: { investment: '1005', ...config }, price: '100', instrument }).start();
}

const directionOf = (run: SignalRun) => run.state.directed?.trade?.intent.direction ?? null;

describe('on a perpetual a position', () => {
  it('is as large as the margin times the leverage', () => {
    expect(begun({ leverage: 3 }).closes('101').held).toBe('29.701');
    expect(begun({ leverage: 3, margin_mode: 'cross', direction: 'short' }).closes('99').held).toBe('-30.301');
  });

  it('is long, short, or turns from one to the other, in one step', () => {
    expect(['101', '99'].map((close) => begun().closes(close).held)).toEqual(['9.9', '0']);
    expect(['101', '99'].map((close) => begun({ direction: 'short' }).closes(close).held)).toEqual(['0', '-10.1']);
    const both = begun({ direction: 'both' }).closes('101', '99');
    expect([both.held, directionOf(both), both.state.tradesLost]).toEqual(['-9.901', 'short', 1]);
    expect([both.closes('101').held, both.state.tradesLost]).toEqual(['9.51', 2]);
    expect(replay(both.setup, both.tape)).toBeNull();
  });

  it('of a short stops above and takes profit below, after fees', () => {
    const stop = begun({ direction: 'short', stop_loss_percent: '5' }).closes('99').price('103.94');
    expect(stop.held).toBe('-10.1');
    expect(stop.price('103.95').held).toBe('0');
    expect(stop.notes.at(-1)?.text).toMatch(/^The short position was closed \(stop at 103\.95\) with -/);
    const profit = begun({ direction: 'short', take_profit_percent: '5' }, levels, '0.001').closes('99');
    // 98.901 received a coin; bought back at 98.901 * 0.95 / 1.001.
    expect(profit.book).toEqual([expect.stringMatching(/^buy 10\.0\d* @ 93\.86$/)]);
    expect([profit.price('93.86').held, profit.state.tradesWon]).toEqual(['0', 1]);
  });

  it('of a short is followed downwards by its trailing stop, which never goes back', () => {
    const run = begun({ direction: 'short', trailing_stop_percent: '10' }).closes('99').price('80').price('87.9');
    expect(run.held).toBe('-10.1');
    expect(run.price('88').held).toBe('0');
  });

  it('closes late where the signal came while nobody could act, and enters nothing late', () => {
    const run = begun({ direction: 'both' }).closes('101').pause().close('99');
    expect(run.resume().held).toBe('0');
    expect(begun({ direction: 'short' }).pause().close('99').resume().held).toBe('0');
  });

  it('counts funding in what it has earned', () => {
    const run = begun().closes('101').tell({ type: 'fundingPaid', at: 1, paymentId: 'f1', amountAtoms: -50_000 }).closes('99');
    const figures = levels.figures?.(run.state, run.setup.scale);
    expect(figures).toMatchObject({ profit: run.setup.scale.quote(-50_000 - 9_900 * 200), funding: '-0.5' });
  });

  it('is closed by hand, and nothing is where nothing is held', () => {
    const run = begun().closes('101').command('close_position');
    expect([run.held, run.notes.at(-1)?.text]).toEqual(['0', 'The long position was closed (closed by hand) with 0 USDT.']);
    expect(run.command('close_position').notes.at(-1)?.text).toContain('nothing is held');
  });

  it('that the exchange has closed by itself ends the bot', () => {
    const run = begun({ leverage: 10 }).closes('101');
    const fill = { tradeId: 'liquidation', side: 'sell' as const, priceTicks: 9_200, sizeLots: run.heldLots, feeAtoms: 0, feeGrains: 0, otherFeeAtoms: 0 };
    run.tell({ type: 'orderFilled', at: run.at, clientOrderId: 'x', fill: fill as never });
    run.close('92');
    expect(run.finished).toBe('the exchange has closed the position by itself');
  });
});

describe('a plan', () => {
  it('refuses shorts and leverage on spot, more leverage than there is, and a stop beyond the liquidation', () => {
    const onSpot = (config: Readonly<Record<string, unknown>>) => () => new SignalRun(levels, { config: { investment: '1005', ...config }, price: '100' });
    expect(onSpot({ direction: 'short' })).toThrow('is a spot instrument; short needs a perpetual');
    expect(onSpot({ leverage: 2 })).toThrow('must be 1');
    expect(() => begun({ leverage: 100 })).toThrow('must be at most');
    expect(() => begun({ leverage: 20, stop_loss_percent: '8' })).toThrow('before its stop');
  });

  it('shows both ways', () => {
    const { setup } = begun({ direction: 'both', stop_loss_percent: '5', take_profit_percent: '10', leverage: 2 });
    const plan = levels.plan({ params: setup.params, scale: setup.scale, feeAsset: 'quote', bidTicks: 10_000, askTicks: 10_000 });
    expect(plan.ok && plan.preview['positions']).toMatchObject([
      { direction: 'long', stop_price: '95', take_profit_price: '110' },
      { direction: 'short', stop_price: '105', take_profit_price: '90' },
    ]);
  });
});

describe('rules that are not their own mirror', () => {
  const trade = (strategy: unknown, config: Readonly<Record<string, unknown>>, closes: readonly string[]) =>
    begun({ ...config, direction: 'both' }, strategy as Strategy).closes(...closes);

  it('Donchian falls out of its entry channel into a short, and leaves it above the exit channel', () => {
    const config = { entry_period: 3, exit_period: 2 };
    const run = trade(donchianBreakout, config, ['100', '101', '102', '103', '99']);
    // Out of the long below two bars, into the short below three.
    expect(directionOf(run)).toBe('short');
    expect(run.closes('98.9', '100').held).toBe('0');
  });

  it('Bollinger sells short when a close comes back below the upper band, until the middle', () => {
    const config = { period: 3, width: '1', sell_at: 'middle' };
    const run = trade(bollingerReversion, config, ['100', '100.5', '100', '103', '102.4']);
    expect(directionOf(run)).toBe('short');
    expect(directionOf(run.closes('99'))).not.toBe('short');
  });

  it('MACD closes a short at every upward crossing, and enters a long only where it may', () => {
    const config = { fast: 2, slow: 4, signal: 2, below_zero_only: true };
    const run = trade(macdCross, config, ['100', '100', '100', '100', '101', '103', '106', '110', '115', '121', '120']);
    expect(directionOf(run)).toBe('short');
    expect(directionOf(run.closes('135'))).toBeNull();
  });
});

describe('laws', () => {
  const action = fc.oneof(
    { weight: 5, arbitrary: mischief },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('close' as const), ticks: fc.integer({ min: 9_500, max: 10_500 }) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('command' as const) }) },
  );
  const settings = fc.record({
    direction: fc.constantFrom('long', 'short', 'both'),
    leverage: fc.constantFrom(1, 3),
    sizing: fc.constantFrom('fixed', 'compound'),
    stop_loss_percent: fc.constantFrom(null, '2'),
    trailing_stop_percent: fc.constantFrom(null, '1.5'),
    take_profit_percent: fc.constantFrom(null, '1'),
  });

  it('hold whatever happens; it can always be left, and the tape replays', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(settings, fc.constantFrom('0', '0.0005'), fc.array(action, { minLength: 5, maxLength: 50 }), (config, fee, actions) => {
        const run = begun({ ...config, margin_mode: 'cross' }, levels, fee);
        for (const step of actions) {
          if (run.finished !== null) return;
          if (step.do === 'close') run.close(run.setup.scale.price(step.ticks));
          else if (step.do === 'command') run.command('close_position');
          else perform(run, step);
        }
        if (run.finished !== null) return;
        run.faults = [];
        run.isHolding = false;
        run.matching.liquidityLots = Number.POSITIVE_INFINITY;
        run.flush().reconcile().pause().resume().price('100').pass(600_000).command('close_position').pass(600_000);
        expect([run.state.stage, run.held, run.orders], JSON.stringify(run.state)).toEqual(['flat', '0', []]);
        expect(run.state.profitAtoms).toBe(run.engine.state.position.quoteAtoms);
        for (const { text } of run.notes) expect(text).not.toMatch(/NaN|undefined|Infinity/);
        expect(replay(run.setup, run.tape)).toBeNull();
      }),
      { numRuns: 300 },
    );
  });
});
