/** The executor of a pair by itself, under wishes that a test makes: a coin and a perpetual on it, and two perpetuals. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PairStatus, restingEdges, workPair } from '#core/executors/pair/pair.ts';
import { pairOf } from '#core/executors/pair/pair-market.ts';
import { newPairState, onPairEvent, type PairState, type PairTerms, type PairWish, setWish } from '#core/executors/pair/pair-state.ts';
import type { Instrument } from '#core/instrument.ts';
import { defineStrategy, type LegNeed, type Strategy } from '#core/strategy.ts';
import { type LegsFault, LegsRun, TEST_PERPETUAL } from '#test/support/legs-run.ts';
import { TEST_INSTRUMENT } from '#test/support/strategy-run.ts';

const OTHER_PERPETUAL: Instrument = { ...TEST_PERPETUAL, symbol: 'ABC/USDC:USDT', sizeIncrement: '0.1', minSize: '0.1' };

interface State {
  pair: PairState;
  status: PairStatus;
}

/** Carries whatever wish a test puts into its state, and looks at every event. */
function carrier(terms: PairTerms): Strategy {
  const work = (context: Parameters<typeof pairOf>[0], state: State) => {
    if (!context.isTrading) return;
    const run = { context, pair: pairOf(context, terms.names), state: state.pair, terms };
    state.status = workPair(run);
    if (state.status === 'stuck') context.finish('stuck', 'toQuote');
    for (const leg of ['long', 'short'] as const) {
      const { below, above } = restingEdges(run, leg);
      run.pair[leg].watchPrice(below, above);
    }
  };
  const need: LegNeed = { quoteAtoms: 1e11, baseGrains: 0, leverage: 2 };
  return defineStrategy({
    name: 'carrier',
    version: 1,
    title: { en: 'Carrier', ru: 'Носитель' },
    summary: { en: 'For tests.', ru: 'Для тестов.' },
    params: {},
    legName: 'a',
    otherLegs: () => [{ name: 'b', symbol: TEST_PERPETUAL.symbol, kind: 'perpetual' }],
    wants: { bars: false, quotes: true },
    commands: { look: { title: { en: 'Look', ru: 'Взглянуть' }, help: { en: 'Looks.', ru: 'Смотрит.' }, params: {} } },
    plan: () => ({ ok: true, ...need, otherLegs: [need], preview: {} }),
    start: (): State => ({ pair: newPairState(), status: 'still' }),
    on(context, state, event) {
      onPairEvent(context, state.pair, event);
      work(context, state);
    },
  }) as unknown as Strategy;
}

const TERMS: PairTerms = { names: { long: 'a', short: 'b' }, first: 'auto', how: 'take', coverMs: 5_000, maxSlippage: 0.005 };

/** The long leg 100.00 / 100.02, the short one 101.00 / 101.01. */
function begun(terms: Partial<PairTerms> = {}, long: Instrument = TEST_INSTRUMENT): LegsRun {
  const run = new LegsRun(carrier({ ...TERMS, ...terms }), {
    config: {},
    markets: [
      { instrument: long, bid: '100', ask: '100.02' },
      { instrument: TEST_PERPETUAL, bid: '101', ask: '101.01' },
    ],
  });
  if (long.kind === 'perpetual') run.exchange.perpetuals.setLeverage('run', long.symbol, 2, 'isolated', run.now);
  return run.start();
}

const stateOf = (run: LegsRun) => run.engine.state.strategy as State;

function wish(run: LegsRun, wanted: Partial<PairWish> | null): LegsRun {
  setWish(stateOf(run).pair, run.now, wanted === null ? null : { kind: 'open', base: 5, spread: 0.005, most: null, ...wanted });
  return run.command('look');
}

const held = (run: LegsRun) => [run.held('a'), run.held('b')];
const live = (run: LegsRun) => run.engine.snapshot().orders;
const sent = (run: LegsRun) => run.tape.flatMap(({ commands }) => commands.flatMap((each) => (each.type === 'submitOrder' ? [each.order] : [])));

describe('a pair', () => {
  it('is opened and closed at spreads that pay, the leg with the wider gap first', () => {
    const run = wish(begun(), {});
    expect([held(run)[1], stateOf(run).status, Math.abs(run.delta) < 0.01]).toEqual(['-5', 'done', true]);
    wish(run, { kind: 'close', base: 0, spread: 0.005 });
    expect([held(run)[1], stateOf(run).status]).toEqual(['-5', 'unpaid']);
    run.quote('b', '100.2', '100.21');
    expect([held(run)[1], stateOf(run).status, sent(run).map(({ leg }) => leg)]).toEqual(['0', 'done', ['a', 'b', 'a', 'b']]);
    run.checkBooks();
  });

  it('may be two perpetuals, of which the long one only reduces when it closes', () => {
    const run = wish(begun({ first: 'long' }, OTHER_PERPETUAL), {});
    expect(held(run)).toEqual(['5', '-5']);
    wish(run, { kind: 'close', base: 0, spread: null });
    expect([held(run), sent(run).map(({ reduceOnly }) => reduceOnly)]).toEqual([
      ['0', '0'],
      [false, false, true, true],
    ]);
    run.checkBooks();
  });

  it('is ordered in parts, each covered before the next', () => {
    const run = wish(begun(), { most: 2 });
    expect(held(run)[1]).toBe('-2');
    run.pass(1_000);
    expect(held(run)[1]).toBe('-4');
    run.pass(1_000);
    expect([held(run)[1], stateOf(run).status]).toEqual(['-5', 'done']);
  });

  it('is undone where the second leg does not follow in time', () => {
    const run = begun();
    run.faults = ['none', 'reject', 'reject', 'reject', 'reject'];
    wish(run, {}).pass(5_000);
    expect([held(run)[1], run.delta < 0.001, stateOf(run).pair.undone]).toEqual(['0', true, 1]);
  });
});

describe('a first leg that makes', () => {
  const making = (): LegsRun => wish(begun({ how: 'make' }), {});

  it('waits at the best price of its own side, and the other follows what has traded', () => {
    const run = making();
    const [order] = sent(run);
    expect([sent(run).length, order?.priceTicks, order?.postOnly, stateOf(run).status]).toEqual([1, 10_000, true, 'working']);
    run.quote('a', '99.98', '100');
    expect([held(run)[1], stateOf(run).status]).toEqual(['-5', 'done']);
    expect(sent(run).at(-1)).toMatchObject({ leg: 'b', timeInForce: 'ioc' });
  });

  it('withdraws it at once when the other price does not pay any more', () => {
    const run = making().quote('b', '100.4', '100.41');
    expect([live(run).length, held(run)[1], stateOf(run).status]).toEqual([0, '0', 'unpaid']);
  });

  it('follows the price of its side once a second', () => {
    const run = making().quote('a', '100.1', '100.12');
    expect(sent(run)).toHaveLength(1);
    run.pass(1_100);
    expect(sent(run).map(({ priceTicks }) => priceTicks)).toEqual([10_000, 10_010]);
  });

  it('looks at what rests no more often than that', () => {
    const run = making();
    const before = run.tape.length;
    run.pass(10_000);
    expect(run.tape.length - before).toBe(10);
  });

  it('takes where the spread does not matter', () => {
    const run = wish(making().quote('a', '99.98', '100'), { kind: 'close', base: 0, spread: null });
    expect([held(run)[1], run.delta < 0.001]).toEqual(['0', true]);
  });

  it('withdraws what rests while it is uncovered', () => {
    const run = making();
    run.faults = ['loseAnswer'];
    run.quote('a', '99.98', '100', 2_000);
    // What has traded is 2 of 5; the other leg's order is in doubt, and the rest of the first is off the book.
    expect([run.held('a') !== '0', live(run).map(({ leg }) => leg)]).toEqual([true, ['b']]);
    run.reconcile();
    expect(Math.abs(run.delta)).toBeLessThan(0.06);
  });
});

describe('laws', () => {
  const price = fc.integer({ min: 9_950, max: 10_050 });
  const action = fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant('move' as const), long: price, basis: fc.integer({ min: -60, max: 160 }) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('thin' as const), leg: fc.constantFrom('a', 'b'), share: fc.integer({ min: 0, max: 60 }) }) },
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constant('fault' as const), fault: fc.constantFrom<LegsFault>('none', 'reject', 'loseAnswer', 'neverArrives') }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('wish' as const),
        kind: fc.constantFrom('open' as const, 'close' as const),
        base: fc.constantFrom(0, 2, 5),
        spread: fc.constantFrom(null, 0, 0.005),
        most: fc.constantFrom(null, 1),
      }),
    },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 70_000 }) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('reconcile' as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('market' as const), leg: fc.constantFrom('a', 'b'), isOpen: fc.boolean() }) },
  );
  type Action = typeof action extends fc.Arbitrary<infer Kind> ? Kind : never;

  const text = (ticks: number) => (ticks / 100).toFixed(2);
  const again = (run: LegsRun, leg: string, lots?: number) => {
    const { bidTicks, askTicks } = run.engine.legs.of(leg).state;
    run.quote(leg, text(bidTicks), text(askTicks), lots);
  };

  function act(run: LegsRun, each: Action): void {
    if (each.do === 'move') run.quotes({ a: [text(each.long), text(each.long + 2)], b: [text(each.long + each.basis), text(each.long + each.basis + 1)] });
    else if (each.do === 'thin') again(run, each.leg, Math.floor(each.share / Number(run.engine.legs.of(each.leg).terms.scale.instrument.sizeIncrement) / 10));
    else if (each.do === 'fault') run.faults.push(each.fault);
    else if (each.do === 'wish') wish(run, each);
    else if (each.do === 'pass') run.pass(each.ms);
    else if (each.do === 'reconcile') run.reconcile();
    else if (each.do === 'restart') run.restart();
    else run.market(each.leg, each.isOpen);
  }

  it('whatever is wished, refused, lost or filled in parts: no leg is ahead of the other in the end, and none by more than asked before', () => {
    const seen = { opened: 0, undone: 0, stuck: 0, rested: 0 };
    fc.assert(
      fc.property(
        fc.array(action, { minLength: 1, maxLength: 40 }),
        fc.constantFrom<PairTerms['first']>('auto', 'long', 'short'),
        fc.constantFrom<PairTerms['how']>('take', 'make'),
        fc.constantFrom(TEST_INSTRUMENT, OTHER_PERPETUAL),
        (actions, first, how, long) => {
          const run = begun({ first, how }, long);
          for (const each of actions) {
            act(run, each);
            const [inLong = 0, inShort = 0] = held(run).map(Number);
            if (inLong > 0) seen.opened += 1;
            // Neither leg turns round, and neither is more than the largest wish.
            expect([inLong >= 0, inShort <= 0, inLong <= 5.06, inShort >= -5.06], `${held(run)}`).toEqual([true, true, true, true]);
          }
          run.faults = [];
          run.reconcile().market('a', true).market('b', true);
          if (run.finished === null) wish(run, null);
          for (let round = 0; round < 6; round += 1) {
            again(run, 'a');
            again(run, 'b');
            run.pass(20_000);
          }
          run.checkBooks();
          seen.undone += stateOf(run).pair.undone;
          seen.stuck += run.finished === null ? 0 : 1;
          seen.rested += sent(run).filter(({ timeInForce }) => timeInForce === 'gtc').length;
          const told = run.notes.find((note) => note.text.startsWith('The run ends holding'))?.text ?? '';
          const isTold = run.finished !== null && ['a', 'b'].every((leg) => run.held(leg) === '0' || told.includes(run.held(leg)));
          expect(Math.abs(run.delta) <= 0.06 || isTold, `delta ${run.delta}, finished ${run.finished}, told ${told}`).toBe(true);
          expect(live(run), 'nothing is left on the book').toEqual([]);
        },
      ),
      { numRuns: 300 },
    );
    expect(Math.min(seen.opened, seen.undone, seen.rested), JSON.stringify(seen)).toBeGreaterThan(0);
  });
});
