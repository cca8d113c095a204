/** The engine with two instruments: what is told of which, the gate of each, stopping both, and a market that is gone. */
import { describe, expect, it } from 'vitest';
import type { Event } from '../events.ts';
import type { NamedLegTerms } from '../legs/leg-state.ts';
import type { Context } from '../strategy.ts';
import { ASK, BID, event, fillOf, limit, market, PERPETUAL_SCALE, SCALE, type Script, type Seen, setupOf } from './engine.fixture.ts';
import { Engine, type RunSetup } from './engine.ts';
import type { RunState } from './run-state.ts';

const LIMITS = { budgetAtoms: 100_000_000, maxOrderAtoms: 500_000_000, maxOpenOrders: 10, priceCollar: 0.1, ordersPerMinute: 60, leverage: 2 };
const SHORT: NamedLegTerms = { name: 'short', scale: PERPETUAL_SCALE, feeAsset: 'quote', limits: LIMITS, lentGrains: 0 };

const twoLegs = (script: Script, change: Partial<RunSetup> = {}): RunSetup => setupOf(script, { legName: 'long', otherLegs: [SHORT], ...change });
const quote = (leg: string, bidTicks: number, askTicks: number, more: { readonly hasMore?: true } = {}): Event => ({
  type: 'quoteChanged',
  at: 1,
  leg,
  bidTicks,
  askTicks,
  ...more,
});
const filled = (clientOrderId: string, side: 'buy' | 'sell', priceTicks: number, sizeLots: number, leg?: string): Event => ({
  type: 'orderFilled',
  at: 1,
  clientOrderId,
  ...(leg === undefined ? {} : { leg }),
  fill: fillOf(side, priceTicks, sizeLots),
});

function begun(script: Script, change: Partial<RunSetup> = {}): { readonly engine: Engine; readonly seen: Seen } {
  const engine = new Engine(twoLegs(script, change));
  engine.step(quote('long', BID, ASK));
  engine.step({ type: 'runStarted', at: 0, epoch: 1 });
  engine.step(quote('short', BID, ASK));
  return { engine, seen: engine.state.strategy as Seen };
}

/** Buys 10 lots of the first and sells as many of the other short. */
function paired(): { readonly engine: Engine; readonly seen: Seen } {
  const run = begun({
    onStart: (context, seen) => {
      seen.ids.push(context.leg('long').submit(market('buy', 10)), context.leg('short').submit(market('sell', 10)));
    },
  });
  const [long = '', short = ''] = run.seen.ids;
  run.engine.step(filled(long, 'buy', ASK, 10));
  run.engine.step(filled(short, 'sell', BID, 10));
  return run;
}

describe('two legs', () => {
  it('begin when both have a price', () => {
    const engine = new Engine(twoLegs({}));
    engine.step({ type: 'runStarted', at: 0, epoch: 1 });
    engine.step(quote('long', BID, ASK));
    expect(engine.state.phase).toBe('created');
    engine.step(quote('short', BID, ASK));
    expect(engine.state.phase).toBe('running');
  });

  it('have an order, a position, a price and a budget each', () => {
    const { engine, seen } = begun({
      onStart: (context, memory) => memory.ids.push(context.submit(limit('buy', 9_000, 100)), context.leg('short').submit(limit('sell', 11_000, 100))),
    });
    const [long = '', short = ''] = seen.ids;
    expect([engine.orders.get(long)?.leg, engine.orders.get(short)?.leg]).toEqual(['long', 'short']);
    engine.step(filled(short, 'sell', 11_000, 40));
    expect([engine.state.position.baseGrains, engine.state.legs?.['short']?.position.baseGrains]).toEqual([0, -400_000]);
    engine.step(quote('short', 10_500, 10_502));
    expect([engine.state.bidTicks, engine.state.legs?.['short']?.bidTicks]).toEqual([BID, 10_500]);
    const context = { long: engine.legs.of('long'), short: engine.legs.of('short') };
    expect(context.long.freeQuoteAtoms()).toBe(1_000_000_000 - 900_000);
    expect(context.short.freeQuoteAtoms()).toBeLessThan(100_000_000 - 500_000);
  });

  it('hear of what is theirs by name, and of fills of orders that are over', () => {
    const told: unknown[] = [];
    const { engine } = begun({
      onStart: (context) => {
        context.leg('short').watchPrice(0, 10_100);
        context.watchPrice(9_900, Number.POSITIVE_INFINITY);
      },
      on: (_context, each) => told.push(each.type === 'priceReached' ? [each.leg, each.priceTicks] : each.type),
    });
    engine.step(quote('short', 10_099, 10_101));
    engine.step(quote('long', 9_899, 9_901));
    expect(told).toEqual([
      ['short', 10_101],
      ['long', 9_899],
    ]);
    engine.step(filled('gone', 'sell', BID, 5, 'short'));
    expect([engine.state.position.baseGrains, engine.legs.of('short').state.position.baseGrains]).toEqual([0, -50_000]);
    engine.step({ type: 'fundingPaid', at: 1, leg: 'short', paymentId: 'p1', amountAtoms: 7 });
    expect(engine.legs.of('short').state.position.fundingAtoms).toBe(7);
    expect(() => engine.step(quote('other', 1, 2))).toThrow('the run has no leg "other"');
  });

  it('are watched together: the last price of a moment decides, and nobody asks for less', () => {
    const onStart = (context: Context) => context.watchSpread({ long: 'long', short: 'short', above: 1.01, below: null });
    const { engine, seen } = begun({ onStart });
    engine.step(quote('long', 9_800, 9_802, { hasMore: true }));
    expect(seen.told).toEqual([]);
    engine.step(quote('short', 9_810, 9_812));
    expect(seen.told).toEqual([]);
    expect(engine.wantsSpread((leg) => (leg.name === 'short' ? { bidTicks: 9_900, askTicks: 9_902 } : leg.state))).toBe(false);
    expect(engine.wantsSpread((leg) => (leg.name === 'short' ? { bidTicks: 9_901, askTicks: 9_902 } : leg.state))).toBe(true);
    engine.step(quote('short', 9_901, 9_903));
    expect(seen.told).toEqual(['spreadReached']);
    engine.legs.watchSpread({ long: 'long', short: 'short', above: null, below: 1.001 });
    engine.step(quote('short', 9_808, 9_809));
    expect(seen.told).toEqual(['spreadReached', 'spreadReached']);
  });

  it('carry their name in commands, so that whoever carries them out knows the market', () => {
    const { engine, seen } = begun({ onStart: (context, memory) => memory.ids.push(context.leg('short').submit(limit('sell', 11_000, 100))) });
    const [id = ''] = seen.ids;
    engine.step(event.accepted(id));
    expect(engine.step(event.cancelRequested(id))).toEqual([{ type: 'cancelOrder', clientOrderId: id, leg: 'short' }]);
    const next = new Engine(engine.setup, JSON.parse(JSON.stringify(engine.snapshot())) as RunState);
    expect(next.step({ type: 'runStarted', at: 2, epoch: 2 })).toEqual([{ type: 'cancelOrder', clientOrderId: id, leg: 'short' }]);
  });
});

describe('ending', () => {
  it('closes both legs at once in a panic', () => {
    const { engine } = paired();
    const exits = engine.step(event.stop('toQuote')).flatMap((command) => (command.type === 'submitOrder' ? [command.order] : []));
    expect(exits.map(({ leg, side, sizeLots, reduceOnly }) => [leg, side, sizeLots, reduceOnly])).toEqual([
      ['long', 'sell', 10, false],
      ['short', 'buy', 10, true],
    ]);
    for (const { clientOrderId, side } of exits) engine.step(filled(clientOrderId, side, BID, 10));
    expect(engine.state.phase).toBe('finished');
  });

  it('tells what is left where one leg cannot be closed', () => {
    const { engine } = paired();
    let commands = engine.step(event.stop('toQuote'));
    const told: string[] = [];
    for (let round = 0; round < 20 && engine.state.phase !== 'finished'; round += 1) {
      const orders = commands.flatMap((command) => (command.type === 'submitOrder' ? [command.order] : []));
      commands = orders.flatMap(({ clientOrderId, leg, side }) =>
        engine.step(leg === 'long' ? filled(clientOrderId, side, BID, 10) : event.rejected(clientOrderId)),
      );
      told.push(...commands.flatMap((command) => (command.type === 'reportFact' ? [command.text] : [])));
    }
    expect(engine.state.phase).toBe('finished');
    expect(told.at(-1)).toBe('The run ends holding -0.01 BTC in BTC/USDT:USDT.');
  });

  it('keeps both in a plain stop, and says what they are', () => {
    const { engine } = paired();
    const [note] = engine.step(event.stop('keep'));
    expect(note).toMatchObject({ type: 'reportFact', text: 'The run ends holding 0.01 BTC in BTC/USDT, -0.01 BTC in BTC/USDT:USDT.' });
  });
});

describe('a market that is gone', () => {
  it('lets orders of all legs only close, says why once, and is told to the strategy', () => {
    const { engine, seen } = paired();
    const gone: Event = { type: 'marketChanged', at: 2, leg: 'short', isOpen: false, reason: 'it is listed no more' };
    expect(engine.step(gone)).toEqual([
      {
        type: 'reportFact',
        fact: 'strategy_note',
        text: 'BTC/USDT:USDT cannot be traded (it is listed no more): nothing is opened in any instrument until it can; what is held may still be closed.',
        data: { symbol: 'BTC/USDT:USDT', is_open: false },
      },
    ]);
    expect(engine.step(gone)).toEqual([]);
    expect(seen.told.filter((each) => each === 'marketChanged')).toHaveLength(1);
    const denials = (leg: string, request: Parameters<Context['submit']>[0]) => {
      const { order, denial } = engine.legs.of(leg).place(request, null);
      return denial ?? order.state;
    };
    expect([denials('long', market('buy', 20)), denials('long', market('sell', 10))]).toEqual(['reduce_only', 'submitting']);
    expect([denials('short', market('sell', 20)), denials('short', { ...market('buy', 10), reduceOnly: true })]).toEqual(['reduce_only', 'submitting']);
    engine.step({ ...gone, isOpen: true, reason: '' });
    expect(denials('long', market('buy', 20))).toBe('submitting');
  });

  it('is remembered over a restart', () => {
    const { engine } = paired();
    engine.step({ type: 'marketChanged', at: 2, leg: 'long', isOpen: false, reason: 'halted' });
    const next = new Engine(engine.setup, JSON.parse(JSON.stringify(engine.snapshot())) as RunState);
    expect([next.legs.of('long').isOpen, next.legs.tradingState('active')]).toEqual([false, 'reducing']);
  });

  it('changes nothing for a run with one instrument, whose exchange refuses by itself', () => {
    const engine = new Engine(setupOf({}));
    engine.legs.first.takeMarket(false, 'halted');
    expect(engine.legs.tradingState('active')).toBe('active');
    expect(SCALE.instrument.symbol).toBe(engine.legs.first.symbol);
  });
});

describe('switches of the whole run', () => {
  it('halt both legs and take their orders off the book', () => {
    const { engine, seen } = begun({
      onStart: (context, memory) => memory.ids.push(context.submit(limit('buy', 9_000, 100)), context.leg('short').submit(limit('sell', 11_000, 100))),
    });
    for (const id of seen.ids) engine.step(event.accepted(id));
    expect(engine.step(event.trading('halted')).map(({ type }) => type)).toEqual(['cancelOrder', 'cancelOrder']);
    expect(engine.legs.of('short').place(market('sell', 20), null).denial).toBe('trading_halted');
  });
});
