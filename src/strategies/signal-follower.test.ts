/** A bot that follows signals: which it follows, with which orders, and how it ends them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { replay } from '#app/run/tape.ts';
import type { Instrument } from '#core/instrument.ts';
import { parseParams } from '#core/params.ts';
import { SIGNAL_CALL } from '#core/signal-call.ts';
import type { Strategy } from '#core/strategy.ts';
import { mischief, perform } from '#test/support/mischief.ts';
import { type Held, PositionRun } from '#test/support/position-run.ts';
import { TEST_PERPETUAL } from '#test/support/strategy-run.ts';
import { type FollowState, MAX_SEEN_IDS, signalFollower } from './signal-follower.ts';

const FREE = { makerFeeRate: '0', takerFeeRate: '0' };
const LONG = { id: 'a', side: 'long', entries: [{ price: '100' }], targets: [{ price: '105' }, { price: '110' }], stop: '95' };
const SHORT = { id: 's', side: 'short', entries: [{ price: '100' }], targets: [{ price: '95' }, { price: '90' }], stop: '104' };

class FollowRun extends PositionRun {
  get state(): FollowState {
    return this.engine.state.strategy as FollowState;
  }

  signal(call: Readonly<Record<string, unknown>>): this {
    const parsed = parseParams(SIGNAL_CALL, call);
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
    return this.command('signal', parsed.value);
  }

  change(call: Readonly<Record<string, unknown>>): this {
    return this.update('change_signal', call);
  }

  update(name: string, params: Readonly<Record<string, unknown>> = {}): this {
    const parsed = parseParams(signalFollower.commands?.[name]?.params ?? {}, params);
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
    return this.command(name, parsed.value);
  }

  get lastNote(): string | undefined {
    return this.notes.at(-1)?.text;
  }
}

function begun(config: Readonly<Record<string, unknown>> = {}, instrument: Partial<Instrument> = FREE): FollowRun {
  const strategy = signalFollower as unknown as Strategy;
  const heldOf = (state: unknown): Held | null => (state as FollowState).current;
  return new FollowRun(strategy, { config: { investment: '1000', ...config }, price: '100', instrument }, heldOf).start();
}

const onPerpetual = (config: Readonly<Record<string, unknown>> = {}) => begun({ leverage: 3, ...config }, { ...TEST_PERPETUAL, ...FREE });

describe('a signal', () => {
  it('is entered at the market near its entry, and its targets close equal shares', () => {
    const run = begun().signal(LONG);
    // 1000 at the worst price of 100.5.
    expect(run.held).toBe('9.95');
    expect(run.book).toEqual(['sell 4.975 @ 105', 'sell 4.975 @ 110']);
    run.price('105').price('110');
    expect(run.figures).toMatchObject({ signal: null, signals_won: 1, profit: '74.625' });
    expect(run.lastNote).toBe('Signal a is over (targets reached) with 74.625 USDT.');
    expect(run.finished).toBeNull();
  });

  it('closes its targets in the shares it names', () => {
    const targets = [
      { price: '105', share_percent: '20' },
      { price: '110', share_percent: '80' },
    ];
    expect(begun().signal({ ...LONG, targets }).book).toEqual(['sell 1.99 @ 105', 'sell 7.96 @ 110']);
  });

  it('is closed at its stop, whatever it still offers', () => {
    const run = begun().signal(LONG).price('95.01');
    expect(run.held).toBe('9.95');
    run.price('95');
    expect([run.held, run.book]).toEqual(['0', []]);
    expect(run.figures).toMatchObject({ signals_lost: 1, profit: '-49.75' });
  });

  it('loses nothing after its first target when the stop moves to break-even', () => {
    const run = begun({ break_even_after_target: 1 }, { makerFeeRate: '0.001', takerFeeRate: '0.001' }).signal(LONG).price('105');
    expect(run.lastNote).toMatch(/^Target 1 is reached: the stop is at 100\.2\d now\.$/);
    run.price('99');
    // What is left is less than a lot: the fee was taken in the coin.
    expect(Number(run.held)).toBeLessThan(0.001);
    expect(run.figures).toMatchObject({ signal: null, signals_won: 1 });
  });

  it('waits for an entry that is too far away, and is over when nobody came in time', () => {
    const run = begun({ valid_minutes: 10 }).signal({ ...LONG, entries: [{ price: '98' }] });
    expect(run.book).toEqual(['buy 10.204 @ 98']);
    run.pass(599_999);
    expect(run.book).toHaveLength(1);
    run.pass(1);
    expect([run.book, run.lastNote]).toEqual([[], 'Signal a is over: its entry was not reached in time; nothing was entered.']);
  });

  it('waits at a price below the smallest one, and never takes that for the market', () => {
    const run = begun().signal({ ...LONG, entries: [{ price: '0.001' }], targets: [], stop: null });
    expect([run.held, run.book.length]).toEqual(['0', 1]);
    expect(run.orderAt('buy', '0.01').sizeLots).toBeGreaterThan(0);
  });

  it('is valid no longer because its sender has a clock that is ahead', () => {
    const run = begun({ valid_minutes: 1 }).signal({ ...LONG, entries: [{ price: '98' }], issued_at: 9_000_000_000_000 });
    expect(run.pass(60_000).book).toEqual([]);
  });

  it('is called off when its first target is reached before its entry', () => {
    const run = begun()
      .signal({ ...LONG, entries: [{ price: '98' }] })
      .price('105');
    expect([run.book, run.lastNote]).toEqual([[], 'Signal a is over: the price reached target 105 before the entry; nothing was entered.']);
  });

  it('enters no more once a target is reached', () => {
    const run = begun().signal({ ...LONG, entries: [{ price: '100' }, { price: '98' }] });
    expect(run.book.filter((order) => order.startsWith('buy'))).toEqual(['buy 5.102 @ 98']);
    run.price('105');
    expect(run.book.filter((order) => order.startsWith('buy'))).toEqual([]);
  });

  it('loses what it may at the stop when sized by risk', () => {
    const run = begun({ sizing: 'risk', risk_percent: '2', max_deviation_percent: '0' }).signal(LONG);
    // 2 % of 1000 over 5 a coin.
    expect(run.held).toBe('4');
    expect(run.price('95').figures).toMatchObject({ profit: '-20' });
  });

  it('goes short on a perpetual with orders that may only reduce', () => {
    const run = onPerpetual().signal({ ...SHORT, leverage: 2 });
    expect(Number(run.held)).toBeLessThan(-19);
    expect(Number(run.held)).toBeGreaterThan(-20);
    run.price('95').price('90');
    expect([run.held, run.figures['signals_won']]).toEqual(['0', 1]);
  });

  it('uses no more leverage than the bot has', () => {
    const run = onPerpetual().signal({ ...LONG, leverage: 20 });
    expect(Number(run.held)).toBeGreaterThan(29);
    expect(Number(run.held)).toBeLessThan(30);
  });

  it('is followed with a trailing stop, and left when its time is over', () => {
    const trailing = begun({ trailing_stop_percent: '3' })
      .signal({ ...LONG, targets: [] })
      .price('120')
      .price('116.5');
    expect(trailing.held).toBe('9.95');
    expect(trailing.price('116.3').held).toBe('0');
    const timed = begun({ max_hours: '2' }).signal(LONG).pass(7_199_999);
    expect(timed.held).toBe('9.95');
    expect(timed.pass(1).held).toBe('0');
  });
});

describe('a signal is not followed', () => {
  it.each<[string, Readonly<Record<string, unknown>>, RegExp]>([
    ['for another symbol', { symbol: 'XYZ/USDT' }, /symbol is XYZ\/USDT, and the bot trades ABC\/USDT/],
    ['short on spot', { ...SHORT }, /side short needs a perpetual/],
    ['with a stop above the entry', { stop: '101' }, /stop must be below the entry 100 for a long; got 101/],
    ['with a target below the entry', { targets: [{ price: '99' }] }, /targets\[0\]\.price must be above the entry 100 for a long; got 99/],
    ['with targets in disorder', { targets: [{ price: '110' }, { price: '105' }] }, /targets\[1\]\.price must be above the target before it/],
    ['with shares that are not the whole', { targets: [{ price: '110', share_percent: '60' }] }, /shares of 100 per cent together, got 60/],
    [
      'with some shares',
      { targets: [{ price: '110', share_percent: '60' }, { price: '120' }] },
      /targets\[1\]\.share_percent is missing: give it for every target, or for none/,
    ],
    ['when it is too old', { issued_at: 1 }, /not valid any more/],
    ['at its stop', { entries: [{ price: '104' }], targets: [], stop: '100' }, /at its stop 100 already/],
    ['at its target', { entries: [{ price: '98' }], targets: [{ price: '100' }], stop: '90' }, /at its first target 100 already/],
  ])('%s', (_name, change, message) => {
    const run = begun({ valid_minutes: 1 });
    run.signal({ ...LONG, ...change });
    expect(run.figures['last_refusal']).toMatch(message);
    expect([run.held, run.book]).toEqual(['0', []]);
  });

  it('twice, nor while another is', () => {
    const run = begun()
      .signal(LONG)
      .signal({ ...LONG, id: 'b' });
    expect(run.lastNote).toBe('Signal b was not followed: the signal a is being followed.');
    run.price('90').signal(LONG);
    expect(run.lastNote).toBe('Signal a was not followed: it was received before.');
    expect(run.restart().figures).toMatchObject({ signals_followed: 1, signals_refused: 2 });
  });

  it('without a stop when sized by risk, unless the bot has one', () => {
    const { stop: _stop, ...call } = LONG;
    expect(begun({ sizing: 'risk' }).signal(call).lastNote).toMatch(/stop is missing/);
    expect(begun({ sizing: 'risk', default_stop_percent: '5' }).signal(call).held).not.toBe('0');
  });

  it('far from its entries when it may not wait', () => {
    expect(begun({ wait_for_entry: false }).signal({ ...LONG, entries: [{ price: '98' }] }).lastNote).toMatch(/more than 0\.5 % beyond its entries/);
  });

  it('when the exchange would close the position before its stop', () => {
    const run = begun({ leverage: 40 }, { ...TEST_PERPETUAL, ...FREE }).signal(LONG);
    expect(run.lastNote).toMatch(/would close the position at about 9[78]\.\d+, before its stop 95; use less leverage/);
  });

  it('while the bot may only reduce', () => {
    const run = begun();
    expect(run.tell({ type: 'tradingStateChanged', at: run.at, tradingState: 'reducing' }).signal(LONG).lastNote).toMatch(/opens nothing now/);
  });

  it('of which many have come since: the oldest are forgotten', () => {
    const run = begun();
    for (let index = 0; index <= MAX_SEEN_IDS; index += 1) run.signal({ ...LONG, id: `x${index}`, symbol: 'XYZ/USDT' });
    expect([run.state.seenIds.length, run.state.seenIds[0]]).toEqual([MAX_SEEN_IDS, 'x1']);
  });
});

describe('a signal in hand', () => {
  it('is closed, loses its entries, and has its stop moved by command', () => {
    const moved = begun().signal(LONG).update('move_stop', { price: '99', id: 'a' });
    expect(moved.figures).toMatchObject({ stop_price: '99' });
    expect(moved.price('99').held).toBe('0');
    const cancelled = begun()
      .signal({ ...LONG, entries: [{ price: '100' }, { price: '97' }] })
      .update('cancel_entries');
    expect(cancelled.book).toEqual(['sell 2.487 @ 105', 'sell 2.488 @ 110']);
    const closed = begun().signal(LONG).update('close_signal');
    expect([closed.held, closed.figures['signal']]).toEqual(['0', null]);
  });

  it('begins anew as it was changed, while nothing is entered', () => {
    const run = begun().signal({ ...LONG, entries: [{ price: '98' }] });
    run.change({ ...LONG, entries: [{ price: '97' }], stop: '90' });
    expect([run.book, run.figures['stop_price']]).toEqual([['buy 10.309 @ 97'], '90']);
    run.price('97').price('105').price('110');
    expect(run.figures).toMatchObject({ signal: null, signals_won: 1, signals_followed: 2 });
    expect(run.signal(LONG).lastNote).toBe('Signal a was not followed: it was received before.');
  });

  it('that has changed moves stop and targets of what is open, and enters no more', () => {
    const run = begun().signal({ ...LONG, entries: [{ price: '100' }, { price: '97' }] });
    run.change({ ...LONG, targets: [{ price: '104' }, { price: '112' }], stop: '99' });
    expect(run.book).toEqual(['sell 2.487 @ 104', 'sell 2.488 @ 112']);
    expect(run.figures).toMatchObject({ stop_price: '99' });
    run.price('104').change({ ...LONG, targets: [{ price: '106' }, { price: '107' }], stop: '99.5' });
    expect([run.book, run.figures['stop_price']]).toEqual([['sell 2.488 @ 112'], '99.5']);
    expect(run.price('99.5').held).toBe('0');
    expect(run.change(LONG).lastNote).toBe('The command change_signal was not carried out: no signal is being followed.');
  });

  it.each<[string, Readonly<Record<string, unknown>>, RegExp]>([
    ['contradicts itself', { stop: '106' }, /targets\[0\]\.price must be above the stop 106/],
    ['turns round', { side: 'short', targets: [{ price: '95' }], stop: '104' }, /a long is open/],
  ])('is not changed by what %s', (_name, change, message) => {
    const run = begun()
      .signal(LONG)
      .change({ ...LONG, ...change });
    expect([run.lastNote, run.book]).toEqual([expect.stringMatching(message), ['sell 4.975 @ 105', 'sell 4.975 @ 110']]);
  });

  it('that never came is followed when it is changed, and one that is over is not', () => {
    const run = begun().change(LONG);
    expect([run.held, run.figures['signals_followed']]).toEqual(['9.95', 1]);
    expect(run.update('close_signal').change(LONG).held).toBe('0');
  });

  it('is not entered after all when its entries are cancelled between a change and its beginning', () => {
    const run = begun().signal({ ...LONG, entries: [{ price: '98' }] });
    run.isHolding = true;
    run.change({ ...LONG, entries: [{ price: '97' }] }).update('cancel_entries');
    run.isHolding = false;
    expect([run.flush().book, run.figures['signal']]).toEqual([[], null]);
  });

  it('has its stop put to break-even once something is open', () => {
    expect(
      begun()
        .signal({ ...LONG, entries: [{ price: '98' }] })
        .update('break_even').lastNote,
    ).toMatch(/nothing was entered yet/);
    const run = begun().signal(LONG).update('break_even', { id: 'a' });
    expect([run.lastNote, run.figures['stop_price']]).toEqual(['The command break_even was not carried out: the market is not beyond 100 yet.', '95']);
    run.price('103').update('break_even');
    expect(run.figures).toMatchObject({ stop_price: '100' });
    expect(run.price('100').held).toBe('0');
  });

  it('is not touched by commands for another, which are refused and told', () => {
    const run = begun().signal(LONG).update('close_signal', { id: 'z' });
    expect([run.held, run.lastNote]).toEqual(['9.95', 'The command close_signal was not carried out: the signal in hand is a.']);
    expect(begun().update('move_stop', { price: '1' }).lastNote).toMatch(/no signal is being followed/);
  });

  it('goes on over refusals, a pause and a restart', () => {
    const run = begun();
    run.faults = ['reject'];
    run.signal(LONG);
    expect(run.held).toBe('0');
    run.pass(2_000).pause();
    expect([run.held, run.book]).toEqual(['9.95', []]);
    run.restart().resume();
    expect(run.book).toEqual(['sell 4.975 @ 105', 'sell 4.975 @ 110']);
  });

  it('is given up when the exchange has closed the position by itself', () => {
    const run = onPerpetual().signal(LONG);
    const fill = {
      tradeId: 'liq',
      side: 'sell',
      priceTicks: 9_600,
      sizeLots: Math.round(run.heldLots),
      feeGrains: 0,
      feeAtoms: 0,
      otherFeeAtoms: 0,
      isMaker: false,
    } as const;
    run.checkLaws = () => undefined;
    run.tell({ type: 'orderFilled', at: run.at, clientOrderId: 'venue', fill });
    for (const order of run.orders) run.cancelAtVenue(order.clientOrderId);
    expect([run.figures['signal'], run.orders]).toEqual([null, []]);
  });
});

describe('a plan', () => {
  it.each<[string, Readonly<Record<string, unknown>>, RegExp]>([
    ['too little money', { investment: '4' }, /"field":"investment","message":"is too little for one order; use at least 5\.\d+ USDT/],
    ['leverage on spot', { leverage: 2 }, /"field":"leverage","message":"must be 1/],
    ['more than all of it', { share_percent: '101' }, /"field":"share_percent","message":"must be at most 100/],
  ])('names %s', (_name, change, message) => {
    expect(() => begun(change)).toThrow(message);
  });
});

describe('a follower', () => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ is: fc.constant('trouble' as const), trouble: mischief }) },
    {
      weight: 3,
      arbitrary: fc.record({ is: fc.constant('signal' as const), entries: fc.constantFrom([], [100], [101, 99], [97]), stop: fc.constantFrom(95, 98) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ is: fc.constant('change' as const), entries: fc.constantFrom([], [100], [101, 99], [97]), stop: fc.constantFrom(94, 99) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ is: fc.constant('update' as const), name: fc.constantFrom('close_signal', 'cancel_entries', 'move_stop', 'break_even') }),
    },
  );

  it.each([
    ['on spot', 'long', {}, {}],
    ['long on a perpetual', 'long', TEST_PERPETUAL, { leverage: 3 }],
    ['short on a perpetual', 'short', TEST_PERPETUAL, { leverage: 3 }],
  ] as const)('keeps the laws of its positions %s whatever comes, and holds nothing in the end', { timeout: 120_000 }, (_name, side, instrument, config) => {
    // Prices of a short are those of a long, mirrored at 100.
    const price = (long: number) => String(side === 'long' ? long : 200 - long);
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 40 }), fc.boolean(), (steps, isRisk) => {
        const run = begun(
          { ...config, margin_mode: 'cross', sizing: isRisk ? 'risk' : 'share', trailing_stop_percent: isRisk ? '4' : undefined, break_even_after_target: 1 },
          instrument,
        );
        steps.forEach((each, index) => {
          if (each.is === 'trouble') perform(run, each.trouble);
          else if (each.is === 'update') run.update(each.name, each.name === 'move_stop' ? { price: price(97) } : {});
          else {
            const entries = each.entries.map((entry) => ({ price: price(entry) }));
            const targets = [{ price: price(103) }, { price: price(106) }];
            if (each.is === 'change') run.change({ id: run.state.current?.id ?? `s${index}`, side, entries, targets, stop: price(each.stop) });
            else run.signal({ id: `s${index}`, side, entries, targets, stop: price(each.stop) });
          }
        });
        run.faults = [];
        run.isHolding = false;
        run.flush().reconcile();
        run.matching.liquidityLots = Number.POSITIVE_INFINITY;
        run.pause().resume().update('close_signal').pass(1_200_000).price('100').pass(1_200_000);
        expect(run.figures['signal'], JSON.stringify(run.state)).toBeNull();
        expect(run.orders).toEqual([]);
        if (instrument === TEST_PERPETUAL) expect(run.held).toBe('0');
        expect(replay(run.setup, run.tape)).toBeNull();
      }),
      { numRuns: 60 },
    );
  });
});
