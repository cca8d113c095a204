/** A smart trade: its plan, its barriers, and the laws of its executor whatever happens. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { replay } from '#app/run/tape.ts';
import type { Instrument } from '#core/instrument.ts';
import type { RiskLimits } from '#core/risk.ts';
import type { Strategy } from '#core/strategy.ts';
import { mischief, perform } from '#test/support/mischief.ts';
import { PositionRun } from '#test/support/position-run.ts';
import { TEST_PERPETUAL } from '#test/support/strategy-run.ts';
import { type SmartTradeState, smartTrade } from './smart-trade.ts';

const FREE = { makerFeeRate: '0', takerFeeRate: '0' };
const TRADE = {
  investment: '1000',
  take_profits: [
    { percent: '2', share_percent: '50' },
    { percent: '5', share_percent: '50' },
  ],
  stop_loss_percent: '4',
};

function made(config: Readonly<Record<string, unknown>> = {}, instrument: Partial<Instrument> = FREE, limits: Partial<RiskLimits> = {}): PositionRun {
  const options = { config: { ...TRADE, ...config }, price: '100', instrument, limits };
  return new PositionRun(smartTrade as unknown as Strategy, options, (state) => state as SmartTradeState);
}

const stateOf = (run: PositionRun) => run.engine.state.strategy as SmartTradeState;

describe('a smart trade', () => {
  it('takes profit in steps and ends', () => {
    const run = made().start();
    expect(run.book).toEqual(['sell 4.975 @ 102', 'sell 4.975 @ 105']);
    run.price('102');
    expect(run.finished).toBeNull();
    run.price('105');
    expect([run.finished, run.held]).toEqual(['targets reached', '0']);
    expect(run.notes.at(-1)?.text).toBe('The position was closed (targets reached) with 34.825 USDT.');
  });

  it('waits at its price, and ends when nobody came in time', () => {
    const run = made({ entry_price: '98', entry_hours: '1' }).start();
    expect(run.book).toEqual(['buy 10.204 @ 98']);
    expect(run.pass(3_600_000).finished).toBe('its entry was not reached in time');
  });

  it('waits at a price below the smallest one, and never takes that for the market', () => {
    const run = made({ entry_price: '0.001', take_profits: [{ price: '105' }], stop_loss_percent: undefined }).start();
    expect([run.held, run.orders.length]).toEqual(['0', 1]);
  });

  it('keeps the targets of what has filled when its entry is cancelled', () => {
    const run = made({ entry_price: '98' }).start().price('97', 4_000).command('cancel_entry');
    expect(run.book).toEqual(['sell 2 @ 99.96', 'sell 2 @ 102.9']);
  });

  it('says so when what has filled is too little to be closed', () => {
    const run = made({ entry_price: '98' }).start().price('98', 20).command('cancel_entry');
    expect([run.finished, run.held]).toEqual(['what was entered is too little to be closed', '0.02']);
  });

  it('goes short, and is stopped above', () => {
    const run = made({ direction: 'short', leverage: 5 }, { ...TEST_PERPETUAL, ...FREE }).start();
    expect(run.orders.every(({ reduceOnly }) => reduceOnly)).toBe(true);
    expect(run.price('104').finished).toBe('stop at 104');
    expect(run.held).toBe('0');
  });

  it('is closed by command, and has its stop moved', () => {
    expect(made().start().command('close_position').finished).toBe('closed by command');
    expect(made().start().command('move_stop', { price: '99' }).price('99').finished).toBe('stop at 99');
  });

  it('closes at market what a target cancelled by hand leaves, once the stop is touched', () => {
    const run = made().start().cancelByHand('sell', '102');
    expect(run.book).toEqual(['sell 4.975 @ 105']);
    expect(run.price('96').finished).toBe('stop at 96');
    expect(run.held).toBe('0');
  });

  it('waits with the closing order until the targets are confirmed to be off', () => {
    const run = made().start();
    run.isHolding = true;
    run.price('96');
    expect(run.orders.map(({ tag }) => tag)).toEqual(['target:0', 'target:1']);
    run.flush();
    expect(run.finished).toBe('stop at 96');
  });

  it('places its closing order again where it was cancelled by hand', () => {
    const run = made({ take_profits: [] }).start();
    run.isHolding = true;
    const closing = () => run.price('96').orders[0]?.clientOrderId ?? '';
    const first = closing();
    run.tell({ type: 'orderAccepted', at: run.at, clientOrderId: first, venueOrderId: 'v' });
    run.tell({ type: 'cancelRequested', at: run.at, clientOrderId: first }).tell({ type: 'orderCancelled', at: run.at, clientOrderId: first });
    expect([run.orders.map(({ tag }) => tag), closing() === first]).toEqual([['exit_position'], false]);
  });

  it.each<[string, Readonly<Record<string, unknown>>, RegExp]>([
    ['both stops', { stop_price: '90' }, /"field":"stop_loss_percent","message":"cannot be given together with stop_price/],
    ['a stop above', { stop_loss_percent: undefined, stop_price: '101' }, /"field":"stop_price","message":"must be below the entry 100/],
    ['a target below', { take_profits: [{ price: '99' }] }, /"field":"take_profits\[0\]\.price","message":"must be above the entry 100/],
    ['a target without a price', { take_profits: [{}] }, /"field":"take_profits\[0\]\.price","message":"give either price or percent/],
    ['shares of less than all', { take_profits: [{ percent: '2', share_percent: '50' }] }, /"field":"take_profits","message":"must have shares of 100/],
    ['a target that does not exist', { break_even_after_target: 3 }, /"field":"break_even_after_target","message":"must be at most 2/],
    ['a time to wait for nothing', { entry_hours: '1' }, /"field":"entry_hours","message":"is of use only with entry_price/],
    ['a short on spot', { direction: 'short' }, /"field":"direction","message":"must be long/],
    ['too little money', { investment: '3' }, /"field":"investment","message":"is too little for one order/],
  ])('refuses %s', (_name, change, message) => {
    expect(() => made(change)).toThrow(message);
  });

  it('refuses a liquidation before its stop', () => {
    expect(() => made({ leverage: 40 }, TEST_PERPETUAL)).toThrow(
      /"field":"leverage","message":"the exchange would close the position at about 9[78]\.\d+, before its stop/,
    );
  });
});

/** So that nothing but the executor itself keeps to the intent. */
const RICH: Partial<RiskLimits> = { budgetAtoms: 10_000_000_000 };

const KINDS = {
  'on spot': { instrument: {}, config: {} },
  'long on a perpetual': { instrument: TEST_PERPETUAL, config: { leverage: 3, margin_mode: 'cross' } },
  'short on a perpetual': { instrument: TEST_PERPETUAL, config: { direction: 'short', leverage: 3, margin_mode: 'cross' } },
} as const;

const settings = fc.record({
  entry: fc.constantFrom(null, '100'),
  take_profits: fc.constantFrom([], [{ percent: '3' }], TRADE.take_profits, [{ percent: '1' }, { percent: '2' }, { percent: '3' }]),
  stop_loss_percent: fc.constantFrom(null, '4', '10'),
  trailing_stop_percent: fc.constantFrom(null, '2'),
  isBreakEven: fc.boolean(),
  max_hours: fc.constantFrom(null, '0.2'),
  feeRate: fc.constantFrom('0', '0.001'),
});

describe('the executor of a position', () => {
  it.each(Object.entries(KINDS))('keeps its laws %s, ends when closed, and its tape replays', { timeout: 120_000 }, (_name, { instrument, config }) => {
    fc.assert(
      fc.property(settings, fc.array(mischief, { minLength: 3, maxLength: 40 }), ({ entry, isBreakEven, feeRate, ...rest }, steps) => {
        const breakEven = isBreakEven && rest.take_profits.length > 0 ? { break_even_after_target: 1 } : {};
        const waits = entry === null ? {} : { entry_price: entry, entry_hours: '0.3' };
        const run = made({ ...config, ...rest, ...breakEven, ...waits }, { ...instrument, makerFeeRate: feeRate, takerFeeRate: feeRate }, RICH).start();
        for (const step of steps) if (run.finished === null) perform(run, step);
        run.faults = [];
        run.isHolding = false;
        run.flush().reconcile();
        run.matching.liquidityLots = Number.POSITIVE_INFINITY;
        if (run.finished === null) run.pause().resume().command('close_position').pass(1_200_000).price('100').pass(1_200_000);
        expect(run.finished, JSON.stringify(stateOf(run))).not.toBeNull();
        expect(run.orders).toEqual([]);
        const { opened } = stateOf(run).position;
        expect(Number(run.figures['filled']) + Number(run.figures['unfilled'])).toBeCloseTo((stateOf(run).intent.entries[0]?.lots ?? 0) / 1_000, 9);
        // What is left is less than the venue takes.
        if (opened.lots > 0 && instrument === TEST_PERPETUAL) expect(run.held).toBe('0');
        expect(Number(run.held) * 100).toBeLessThan(6);
        expect(replay(run.setup, run.tape)).toBeNull();
      }),
      { numRuns: 80 },
    );
  });
});
