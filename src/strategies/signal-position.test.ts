/** What all strategies of signals have in common: sizes, entries, stops, profits, and coming through trouble whole. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { replay } from '#app/run/tape.ts';
import { fieldOf } from '#core/indicator-operand.ts';
import type { FeeAsset } from '#core/risk.ts';
import type { Strategy } from '#core/strategy.ts';
import { SignalRun } from '#test/support/signal-run.ts';
import type { StrategyRunOptions } from '#test/support/strategy-run.ts';
import { signalStrategy } from './_signal-position.ts';
import { ENTER, LEAVE, STAY } from './_signal-run.ts';

const FREE = { makerFeeRate: '0', takerFeeRate: '0' };

/** Enters at closes above 100.5 and leaves at closes below 99.5. */
const levels = signalStrategy({
  name: 'levels',
  title: { en: 'Levels', ru: 'Уровни' },
  summary: { en: 'For tests.', ru: 'Для тестов.' },
  params: {},
  isMirrored: true,
  warmUp: () => 3,
  figures: () => [fieldOf('close')],
  start: () => ({ closes: 0 }),
  turn(memory: { closes: number }, figures) {
    memory.closes += 1;
    const close = figures[0] as number;
    if (close > 10_050) return ENTER;
    return close < 9_950 ? LEAVE : STAY;
  },
}) as unknown as Strategy;

function begun(config: Readonly<Record<string, unknown>> = {}, more: Partial<StrategyRunOptions> = {}): SignalRun {
  return new SignalRun(levels, { config: { investment: '1005', ...config }, price: '100', instrument: FREE, ...more }).start();
}

describe('a position', () => {
  it('is bought on a signal and sold on another', () => {
    const run = begun();
    expect(run.close('100').held).toBe('0');
    // 1000 of 1005 at 101: half a per cent is kept for a price that runs away.
    expect(run.close('101').held).toBe('9.9');
    expect(run.close('105').held).toBe('9.9');
    expect(run.close('99').held).toBe('0');
    expect(run.setup.scale.quote(run.state.profitAtoms)).toBe('-19.8');
    expect(run.notes.at(-1)?.text).toBe('The position was closed (signal) with -19.8 USDT.');
    expect(run.close('101').state.stage).toBe('holding');
  });

  it('is of the same size every time, or of all there is', () => {
    const trade = (run: SignalRun) => run.closes('101').price('202').command('close_position').price('101').close('101');
    expect(trade(begun()).held).toBe('9.9');
    // 2004.9 by then, less the margin, at 101.
    expect(trade(begun({ sizing: 'compound' })).held).toBe('19.75');
  });

  it('is not opened on history, and not late', () => {
    const run = begun().price('101');
    run.bar(3_600_000, { open: '101', high: '101', low: '101', close: '101' }, true);
    expect(run.held).toBe('0');
    run.pause().close('101').resume();
    expect(run.held).toBe('0');
  });

  it('is left late where the signal came while nobody could act', () => {
    const run = begun().closes('101').pause();
    expect(run.close('99').held).not.toBe('0');
    expect(run.resume().held).toBe('0');
  });

  it('is closed by hand', () => {
    const run = begun().closes('101').command('close_position');
    expect([run.held, run.notes.at(-1)?.text]).toEqual(['0', 'The position was closed (closed by hand) with 0 USDT.']);
    run.command('close_position');
    expect(run.notes.at(-1)?.text).toBe('The command close_position was not carried out: nothing is held.');
  });
});

describe('stops and profits', () => {
  it('sell below the price paid', () => {
    const run = begun({ stop_loss_percent: '5' }).closes('101').price('95.96');
    expect(run.held).toBe('9.9');
    expect(run.price('95.95').held).toBe('0');
    expect(run.notes.at(-1)?.text).toContain('stop at 95.95');
  });

  it('sell below the highest price', () => {
    const run = begun({ trailing_stop_percent: '10' }).closes('101').price('120').price('108.1');
    expect(run.held).toBe('9.9');
    expect(run.price('108').held).toBe('0');
  });

  it('sell above the price paid, after both fees, with an order that waits', () => {
    const run = begun({ take_profit_percent: '5' }, { instrument: { makerFeeRate: '0.001', takerFeeRate: '0.001' } }).close('101');
    // 9.9 bought, 9.8901 arrived: 101 / 0.999 * 1.05 / 0.999.
    expect(run.book).toEqual(['sell 9.89 @ 106.27']);
    run.price('106.27');
    expect([run.state.stage, run.state.tradesWon]).toEqual(['flat', 1]);
  });

  it('do not look while the bot is paused', () => {
    const run = begun({ trailing_stop_percent: '0.5' }).closes('101').pause().close('100').price('101').resume();
    expect([run.state.stage, run.held]).toEqual(['holding', '9.9']);
  });

  it('withdraw the waiting order before they sell', () => {
    const run = begun({ take_profit_percent: '5', stop_loss_percent: '5' }).closes('101').price('90');
    expect([run.held, run.book]).toEqual(['0', []]);
  });
});

describe('trouble', () => {
  it('of an entry that nobody fills ends after some tries, and the next signal is followed', () => {
    const run = begun();
    run.price('101');
    run.matching.liquidityLots = 0;
    run.bar(3_600_000, { open: '101', high: '101', low: '101', close: '101' }).pass(10_000);
    expect([run.state.stage, run.held]).toEqual(['flat', '0']);
    expect(run.close('101').held).toBe('9.9');
  });

  it('of a part of an entry is completed, and sold with the rest', () => {
    const run = begun();
    run.price('101');
    run.matching.liquidityLots = 4_000;
    run.bar(3_600_000, { open: '101', high: '101', low: '101', close: '101' });
    expect(run.held).toBe('4');
    run.matching.liquidityLots = Number.POSITIVE_INFINITY;
    expect(run.pass(2_000).held).toBe('9.9');
    expect(run.close('99').held).toBe('0');
  });

  it('of a restart anywhere changes nothing', () => {
    const run = begun({ take_profit_percent: '5' }).restart().close('101').restart().price('106', 3_000).restart().price('120').restart();
    expect([run.state.stage, run.held, run.state.tradesWon]).toEqual(['flat', '0', 1]);
  });
});

describe('a plan', () => {
  it('refuses what could not be sold again', () => {
    expect(() => begun({ investment: '5' })).toThrow('which could not be sold again after the fee');
  });

  it('shows entry, stop, profit and warm-up', () => {
    const { setup } = begun({ stop_loss_percent: '5', take_profit_percent: '10' });
    const plan = levels.plan({ params: setup.params, scale: setup.scale, feeAsset: 'received', bidTicks: 10_000, askTicks: 10_000 });
    expect(plan.ok && plan.preview).toMatchObject({ entry_size: '10', stop_price: '95', take_profit_price: '110', break_even_price: '100', warm_up_bars: 24 });
    expect(plan.ok && setup.scale.quote(plan.quoteAtoms)).toBe('1005');
  });
});

describe('laws', () => {
  const action = fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant('close' as const), ticks: fc.integer({ min: 9_500, max: 10_500 }) }) },
    {
      weight: 4,
      arbitrary: fc.record({ do: fc.constant('thin' as const), ticks: fc.integer({ min: 9_500, max: 10_700 }), lots: fc.integer({ min: 0, max: 6_000 }) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('faults' as const),
        faults: fc.array(fc.constantFrom('reject' as const, 'loseAnswer' as const), { minLength: 1, maxLength: 3 }),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constantFrom('pause' as const, 'restart' as const, 'reconcile' as const, 'hold' as const, 'command' as const, 'pass' as const),
      }),
    },
  );
  const settings = fc.record({
    sizing: fc.constantFrom('fixed', 'compound'),
    stop_loss_percent: fc.constantFrom(null, '2'),
    trailing_stop_percent: fc.constantFrom(null, '1.5'),
    take_profit_percent: fc.constantFrom(null, '1'),
  });

  function perform(run: SignalRun, step: typeof action extends fc.Arbitrary<infer Value> ? Value : never): void {
    const { scale } = run.setup;
    if (step.do === 'close') run.close(scale.price(step.ticks));
    else if (step.do === 'thin') run.price(scale.price(step.ticks), step.lots);
    else if (step.do === 'faults') run.faults = [...step.faults];
    else if (step.do === 'pause') run.pause().resume();
    else if (step.do === 'restart') run.restart();
    else if (step.do === 'reconcile') run.reconcile();
    else if (step.do === 'command') run.command('close_position');
    else if (step.do === 'pass') run.pass(60_000);
    else if (run.isHolding) run.flush();
    else run.isHolding = true;
  }

  it('hold whatever happens; it can always be left, and the tape replays', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(
        settings,
        fc.constantFrom<FeeAsset>('received', 'quote', 'other'),
        fc.array(action, { minLength: 5, maxLength: 50 }),
        (config, feeAsset, actions) => {
          const run = begun(config, { feeAsset, instrument: { makerFeeRate: '0.001', takerFeeRate: '0.001' } });
          for (const step of actions) perform(run, step);
          run.faults = [];
          run.isHolding = false;
          run.flush().reconcile().pause().resume().price('100').pass(600_000).close('98').pass(600_000).close('98').pass(600_000);
          expect([run.state.stage, Math.floor(run.heldLots) * 9_800 < 500_000, run.orders], JSON.stringify(run.state)).toEqual(['flat', true, []]);
          expect(replay(run.setup, run.tape)).toBeNull();
        },
      ),
      { numRuns: 150 },
    );
  });
});
