/** Starting, pausing, stopping and liquidating a run: it never hangs, never ends with an order out, and keeps to the user's last wish. */
import { describe, expect, it } from 'vitest';
import { EXIT_TAG } from '../exit.ts';
import { Scale } from '../instrument.ts';
import type { Order } from '../order.ts';
import { ASK, BID, event, grains, INSTRUMENT, limit, market, restored, type Script, type Seen, setupOf, started } from './engine.fixture.ts';
import { Engine } from './engine.ts';

const restsAtStart: Script = { onStart: (context, seen) => seen.ids.push(context.submit(limit('buy', 9_900, 100))) };
const holds100 = { lentGrains: grains(100) } as const;

function only(engine: Engine): Order {
  const [order] = engine.orders.values();
  if (order === undefined || engine.orders.size !== 1) throw new Error(`expected one order, there are ${engine.orders.size}`);
  return order;
}

/** A run whose one order rests at the venue. */
function resting(change = {}, script: Script = restsAtStart) {
  const { engine, seen } = started(script, change);
  const order = only(engine);
  engine.step(event.accepted(order.clientOrderId));
  return { engine, seen, order };
}

const types = (commands: readonly { readonly type: string }[]): string[] => commands.map((command) => command.type);

describe('a start', () => {
  it('waits for a price, whichever of price and owner comes first', () => {
    const engine = new Engine(setupOf(restsAtStart, holds100));
    engine.step(event.started(1, 5));
    expect([engine.state.phase, engine.wantsQuote(BID, ASK)]).toEqual(['created', true]);
    expect(types(engine.step(event.quote(BID, ASK, 7)))).toEqual(['submitOrder']);
    expect(engine.state.phase).toBe('running');
    expect(engine.state.position).toMatchObject({ baseGrains: grains(100), costAtoms: 100 * BID });
  });

  it('happens once, however many owners follow', () => {
    const { engine } = resting();
    const next = restored(engine);
    expect(next.step(event.started(2))).toEqual([]);
    expect(next.orders.size).toBe(1);
  });

  it('never gives an id twice: the next owner goes on with the sequence under its own epoch', () => {
    const places: Script = { on: (context, told) => void (told.type === 'barClosed' && context.submit(limit('buy', 9_900, 20))) };
    const bar = { type: 'barClosed', at: 5, openTicks: 1, highTicks: 1, lowTicks: 1, closeTicks: 1, volumeLots: 0 } as const;
    let { engine } = started(places);
    const ids = new Set<string>();
    for (let epoch = 1; epoch <= 4; epoch += 1) {
      engine.step(event.started(epoch));
      engine.step(bar);
      for (const id of engine.orders.keys()) ids.add(id);
      engine = restored(engine);
    }
    expect(ids.size).toBe(4);
    expect(engine.state.orderSequence).toBe(4);
  });

  it('that the user pauses before it has a price is paused, and begins with the resume', () => {
    const engine = new Engine(setupOf(restsAtStart));
    engine.step(event.started(1));
    expect(engine.step(event.pause())).toEqual([{ type: 'pauseRun' }]);
    expect(engine.step(event.quote(BID, ASK))).toEqual([]);
    expect(types(engine.step(event.resume()))).toEqual(['submitOrder']);
  });

  it('that is stopped before it has begun ends without having started the strategy', () => {
    const engine = new Engine(setupOf(restsAtStart, holds100));
    expect(engine.step(event.stop('toQuote'))).toEqual([{ type: 'finishRun', reason: 'asked' }]);
    expect(engine.step(event.started(1))).toEqual([]);
    expect(engine.step(event.quote(BID, ASK))).toEqual([]);
    expect(engine.state.strategy).toBeNull();
  });
});

describe('a pause', () => {
  it('cancels everything, is complete when nothing is open, and a resume tells the strategy', () => {
    const { engine, seen, order } = resting();
    expect(engine.step(event.pause())).toEqual([{ type: 'cancelOrder', clientOrderId: order.clientOrderId }]);
    expect(engine.state.phase).toBe('pausing');
    expect(engine.step(event.cancelled(order.clientOrderId))).toEqual([{ type: 'pauseRun' }]);
    expect(engine.state.phase).toBe('paused');
    engine.step(event.resume());
    expect(engine.state.phase).toBe('running');
    expect(seen.told).toEqual(['accepted buy', 'closed buy cancelled', 'paused', 'resumed']);
  });

  it('waits for an order in doubt', () => {
    const { engine } = started(restsAtStart);
    const { clientOrderId } = only(engine);
    engine.step(event.unknown(clientOrderId));
    expect(engine.step(event.pause())).toEqual([]);
    expect(engine.step(event.accepted(clientOrderId))).toEqual([{ type: 'cancelOrder', clientOrderId }]);
    expect(types(engine.step(event.cancelled(clientOrderId)))).toEqual(['pauseRun']);
  });

  it('that the user takes back before it is complete goes on by itself', () => {
    const { engine, seen, order } = resting();
    engine.step(event.pause());
    engine.step(event.resume());
    expect(engine.step(event.cancelled(order.clientOrderId))).toEqual([]);
    expect(engine.state.phase).toBe('running');
    expect(seen.told.slice(-2)).toEqual(['paused', 'resumed']);
  });

  it('that is asked for again after a resume stays a pause', () => {
    const { engine, order } = resting();
    for (const wish of [event.pause(), event.resume(), event.pause()]) engine.step(wish);
    expect(types(engine.step(event.cancelled(order.clientOrderId)))).toEqual(['pauseRun']);
    expect(engine.state.phase).toBe('paused');
  });

  it('refuses what the strategy wants meanwhile, and says so within the same step', () => {
    const { engine, seen } = started({ on: (context, told) => void (told.type === 'paused' && context.submit(limit('buy', 9_900, 10, 'late'))) });
    expect(engine.step(event.pause())).toMatchObject([{ type: 'denyOrder', code: 'trading_halted', message: 'the bot is paused' }, { type: 'pauseRun' }]);
    expect(seen.told).toEqual(['paused', 'closed late trading_halted']);
  });

  it('counts a fill that was faster than its cancel', () => {
    const { engine, seen, order } = resting();
    engine.step(event.pause());
    expect(types(engine.step(event.filled(order, 100)))).toEqual(['pauseRun']);
    expect(seen.told).toEqual(['accepted buy', 'filled buy 100 (100/100)', 'paused']);
  });

  it('that the strategy answers by finishing ends in the same step', () => {
    const { engine } = started({ on: (context, told) => void (told.type === 'paused' && context.finish('enough', 'keep')) });
    expect(engine.step(event.pause())).toEqual([{ type: 'finishRun', reason: 'enough' }]);
  });

  it('is followed by a stop without delay', () => {
    const { engine } = started({});
    engine.step(event.pause());
    expect(engine.step(event.stop('keep'))).toEqual([{ type: 'finishRun', reason: 'asked' }]);
  });
});

describe('a stop', () => {
  it('that keeps ends when the last order is off the book', () => {
    const { engine, order } = resting(holds100);
    expect(types(engine.step(event.stop('keep')))).toEqual(['cancelOrder']);
    expect(engine.step(event.cancelled(order.clientOrderId))).toEqual([{ type: 'finishRun', reason: 'asked' }]);
    expect(engine.state).toMatchObject({ phase: 'finished', watchBelowTicks: 0, watchAboveTicks: null });
  });

  it('ends although the strategy fails at every event', () => {
    const fails: Script['on'] = (_context, told) => {
      if (told.type === 'orderClosed') throw new Error('out of order');
    };
    const { engine, order } = resting({}, { ...restsAtStart, on: fails });
    expect(types(engine.step(event.stop('keep')))).toEqual(['cancelOrder']);
    const last = engine.step(event.cancelled(order.clientOrderId));
    expect(types(last)).toEqual(['reportFact', 'finishRun']);
    expect(last[0]).toMatchObject({ text: expect.stringContaining('out of order') });
  });

  it('ends although the strategy answers every refusal with another wish', () => {
    const insists: Script['on'] = (context, told) => void (told.type === 'orderClosed' && context.submit(limit('buy', 9_900, 100)));
    const { engine, order } = resting({}, { ...restsAtStart, on: insists });
    engine.step(event.stop('keep'));
    const last = engine.step(event.cancelled(order.clientOrderId));
    expect(last.at(-1)).toEqual({ type: 'finishRun', reason: 'asked' });
    expect(last.at(-2)).toMatchObject({ type: 'reportFact', text: expect.stringContaining('without end') });
  });

  it('clears what the strategy still waited for', () => {
    const { engine } = started({ onStart: (context) => [context.setTimer('tick', 100), context.watchPrice(9_000, 11_000)] });
    expect(engine.step(event.stop('keep'))).toEqual([
      { type: 'clearTimer', name: 'tick' },
      { type: 'finishRun', reason: 'asked' },
    ]);
    expect([engine.state.timers, engine.wantsQuote(1, 2), engine.wantsQuote(99_999, 99_999)]).toEqual([{}, false, false]);
  });

  it('to quote sells the holding after the orders are gone, and never more than the holding', () => {
    const { engine, order } = resting(holds100);
    engine.step(event.stop('toQuote'));
    engine.step(event.filled(order, 30));
    const [exit] = engine.step(event.cancelled(order.clientOrderId));
    expect(exit).toMatchObject({ type: 'submitOrder', order: { side: 'sell', type: 'market', sizeLots: 130, tag: EXIT_TAG } });
    expect(types(engine.step(event.filled({ ...only(engine), priceTicks: BID }, 130)))).toEqual(['finishRun']);
    expect(engine.state.position.baseGrains).toBe(0);
  });

  it('to quote goes on after a partial exit until the rest is below the minimum', () => {
    const { engine } = started({}, holds100);
    engine.step(event.stop('toQuote'));
    engine.step(event.filled({ ...only(engine), priceTicks: BID }, 40));
    expect(engine.step(event.expired(only(engine).clientOrderId))).toMatchObject([{ type: 'submitOrder', order: { sizeLots: 60 } }]);
    engine.step(event.filled({ ...only(engine), priceTicks: BID }, 51));
    expect(engine.step(event.expired(only(engine).clientOrderId))).toEqual([{ type: 'finishRun', reason: 'asked' }]);
    expect(engine.state.position.baseGrains).toBe(grains(9));
  });

  it('to base spends the free quote at the worst price the collar allows, fee included', () => {
    const { engine } = started({}, { feeAsset: 'quote' });
    const [exit] = engine.step(event.stop('toBase'));
    const worst = Math.ceil(ASK * 1.1);
    const lots = Math.floor((1_000_000_000 - 1_000_000) / worst);
    expect(exit).toMatchObject({ type: 'submitOrder', order: { side: 'buy', type: 'market', sizeLots: Math.min(lots, Math.floor(500_000_000 / ASK)) } });
  });

  it('to base works where the fee is a large share', () => {
    const limits = { budgetAtoms: 1_000_000, maxOrderAtoms: 500_000_000, maxOpenOrders: 10, priceCollar: 0.1, ordersPerMinute: 60 };
    const { engine } = started({}, { feeAsset: 'quote', limits, scale: new Scale({ ...INSTRUMENT, takerFeeRate: '0.06' }) });
    expect(types(engine.step(event.stop('toBase')))).toEqual(['submitOrder']);
  });

  it('tries the exit five times when it fails every time, then ends and says what it could not do', () => {
    const { engine } = started({}, holds100);
    let commands = engine.step(event.stop('toQuote'));
    let tries = 0;
    while (commands[0]?.type === 'submitOrder') {
      tries += 1;
      commands = engine.step(event.rejected(only(engine).clientOrderId));
    }
    expect(tries).toBe(5);
    expect(commands).toMatchObject([
      { type: 'reportFact', fact: 'strategy_note', data: { exit_attempts: 5 } },
      { type: 'finishRun', reason: 'asked' },
    ]);
  });

  it('counts only exits without a fill, so that a holding larger than five orders is sold whole', () => {
    const limits = { budgetAtoms: 1_000_000_000, maxOrderAtoms: 10 * ASK, maxOpenOrders: 10, priceCollar: 0.1, ordersPerMinute: 3 };
    const { engine } = started({}, { ...holds100, limits });
    let commands = engine.step(event.stop('toQuote'));
    let sold = 0;
    while (commands[0]?.type === 'submitOrder') {
      sold += commands[0].order.sizeLots;
      commands = engine.step(event.filled({ ...only(engine), priceTicks: BID }, commands[0].order.sizeLots));
    }
    expect(sold).toBe(100);
    expect(types(commands)).toEqual(['finishRun']);
  });

  it('is not kept from selling by an order rate the strategy has used up', () => {
    const limits = { budgetAtoms: 1_000_000_000, maxOrderAtoms: 500_000_000, maxOpenOrders: 10, priceCollar: 0.1, ordersPerMinute: 1 };
    const { engine } = started(restsAtStart, { ...holds100, limits });
    engine.step(event.stop('toQuote', 0));
    expect(types(engine.step(event.rejected(only(engine).clientOrderId, 0)))).toEqual(['submitOrder']);
  });

  it('whose exit is refused here ends, says so, and leaves nothing untold', () => {
    const { engine, seen } = started({}, holds100);
    engine.state.tradingState = 'halted';
    expect(engine.step(event.stop('toQuote'))).toMatchObject([{ type: 'denyOrder', code: 'trading_halted' }, { type: 'reportFact' }, { type: 'finishRun' }]);
    expect(seen.told).toEqual(['closed exit trading_halted']);
  });

  it('tries a new wish as often as if it were the first', () => {
    const { engine } = started({}, holds100);
    engine.step(event.stop('toBase'));
    for (let tries = 0; tries < 4; tries += 1) engine.step(event.rejected(only(engine).clientOrderId));
    engine.step(event.stop('toQuote'));
    let tries = 0;
    for (; engine.state.phase !== 'finished'; tries += 1) engine.step(event.rejected(only(engine).clientOrderId));
    expect(tries).toBe(6);
  });

  it('waits while an order is in doubt and ends when its absence is proven', () => {
    const { engine } = started(restsAtStart);
    const { clientOrderId } = only(engine);
    engine.step(event.unknown(clientOrderId));
    expect(engine.step(event.stop('keep'))).toEqual([]);
    expect(engine.step(event.quote(BID, ASK))).toEqual([]);
    expect(engine.step(event.rejected(clientOrderId))).toEqual([{ type: 'finishRun', reason: 'asked' }]);
  });

  it('waits while an order is in doubt, and cancels it when a fill proves it alive', () => {
    const { engine } = started(restsAtStart);
    const order = only(engine);
    engine.step(event.unknown(order.clientOrderId));
    engine.step(event.stop('keep'));
    expect(engine.step(event.filled(order, 10))).toEqual([{ type: 'cancelOrder', clientOrderId: order.clientOrderId }]);
    expect(types(engine.step(event.cancelled(order.clientOrderId)))).toEqual(['finishRun']);
  });

  it('goes on after a restart in the middle', () => {
    const { engine, order } = resting(holds100);
    engine.step(event.stop('toQuote'));
    const next = restored(engine);
    expect(next.step(event.started(2))).toEqual([{ type: 'cancelOrder', clientOrderId: order.clientOrderId }]);
    expect(next.step(event.cancelled(order.clientOrderId))).toMatchObject([{ type: 'submitOrder', order: { side: 'sell', sizeLots: 100 } }]);
    const last = restored(next);
    last.step(event.started(3));
    const exit = only(last);
    last.step(event.unknown(exit.clientOrderId));
    expect(types(last.step(event.filled({ ...exit, priceTicks: BID }, 100)))).toEqual(['finishRun']);
  });

  it('ends even when its last order was over before it was asked for', () => {
    const { engine } = started({});
    expect(types(engine.step(event.stop('keep')))).toEqual(['finishRun']);
    for (const late of [event.stop('toQuote'), event.pause(), event.resume(), event.started(9), event.quote(1, 2), event.timer('x')])
      expect(engine.step(late)).toEqual([]);
    expect(engine.state.phase).toBe('finished');
  });
});

describe('a panic', () => {
  it('during a plain stop still sells', () => {
    const { engine, order } = resting(holds100);
    engine.step(event.stop('keep', 1, 'first'));
    expect(engine.step(event.stop('toQuote', 1, 'panic'))).toEqual([]);
    expect(engine.step(event.cancelled(order.clientOrderId))).toMatchObject([{ type: 'submitOrder', order: { side: 'sell', sizeLots: 100 } }]);
    expect(engine.step(event.filled({ ...only(engine), priceTicks: BID }, 100))).toEqual([{ type: 'finishRun', reason: 'first' }]);
  });

  it('is neither called off nor disturbed by stops that follow', () => {
    const { engine } = started({}, holds100);
    engine.step(event.stop('toQuote'));
    const exit = only(engine);
    engine.step(event.accepted(exit.clientOrderId));
    expect([engine.step(event.stop('keep')), engine.step(event.stop('toQuote')), engine.step(event.pause())]).toEqual([[], [], []]);
    expect(exit.state).toBe('accepted');
  });

  it('is not turned round by the strategy', () => {
    const { engine, order } = resting(holds100, {
      ...restsAtStart,
      on: (context, told) => void (told.type === 'orderFilled' && context.finish('mine', 'toBase')),
    });
    engine.step(event.stop('toQuote'));
    engine.step(event.filled(order, 30));
    expect(engine.step(event.cancelled(order.clientOrderId))).toMatchObject([{ type: 'submitOrder', order: { side: 'sell', sizeLots: 130 } }]);
  });

  it('after a wish for base sells what was bought', () => {
    const { engine } = started({}, holds100);
    engine.step(event.stop('toBase'));
    const exit = only(engine);
    engine.step(event.accepted(exit.clientOrderId));
    expect(engine.step(event.stop('toQuote'))).toEqual([{ type: 'cancelOrder', clientOrderId: exit.clientOrderId }]);
    engine.step(event.filled({ ...exit, priceTicks: ASK }, 20));
    expect(engine.step(event.cancelled(exit.clientOrderId))).toMatchObject([{ type: 'submitOrder', order: { side: 'sell', sizeLots: 120 } }]);
  });
});

describe('a halt', () => {
  it('cancels what is open, refuses what the strategy wants, and tells it when it may go on', () => {
    const { engine, seen, order } = resting(
      {},
      {
        ...restsAtStart,
        on: (context, told) => void (told.type === 'orderClosed' && told.code === 'cancelled' && context.submit(limit('buy', 9_900, 20, 'again'))),
      },
    );
    expect(engine.step(event.trading('halted'))).toEqual([{ type: 'cancelOrder', clientOrderId: order.clientOrderId }]);
    expect(engine.step(event.cancelled(order.clientOrderId))).toMatchObject([{ type: 'denyOrder', code: 'trading_halted' }]);
    engine.step(event.trading('active'));
    engine.step(event.trading('active'));
    expect(seen.told).toEqual(['accepted buy', 'closed buy cancelled', 'closed again trading_halted', 'resumed']);
    expect(engine.state.phase).toBe('running');
  });

  it('reaches an order that was on its way as soon as it is known', () => {
    const { engine } = started(restsAtStart);
    const { clientOrderId } = only(engine);
    expect(engine.step(event.trading('halted'))).toEqual([]);
    expect(engine.step(event.accepted(clientOrderId))).toEqual([{ type: 'cancelOrder', clientOrderId }]);
  });

  it('that is over while the run is paused does not end the pause', () => {
    const { engine, seen } = started({});
    for (const one of [event.pause(), event.trading('halted'), event.trading('active')]) engine.step(one);
    expect([engine.state.phase, seen.told]).toEqual(['paused', ['paused']]);
  });

  it('does not keep a stop from ending', () => {
    const { engine, order } = resting(holds100);
    engine.step(event.trading('halted'));
    engine.step(event.stop('toQuote'));
    expect(types(engine.step(event.cancelled(order.clientOrderId)))).toEqual(['denyOrder', 'reportFact', 'finishRun']);
  });
});

describe('a strategy that finishes', () => {
  it('within its start ends the run in the same step', () => {
    const engine = new Engine(setupOf({ onStart: (context) => context.finish('nothing to do', 'keep') }));
    engine.step(event.quote(BID, ASK));
    expect(engine.step(event.started(1))).toEqual([{ type: 'finishRun', reason: 'nothing to do' }]);
  });

  it('cancels, liquidates and ends; orders it wants afterwards are refused', () => {
    const { engine, seen, order } = resting(holds100, {
      ...restsAtStart,
      on: (context, told) => {
        if (told.type === 'priceReached' || told.type === 'barClosed') context.finish('stop loss', 'toQuote');
        if (told.type === 'orderClosed' && told.code === 'cancelled') context.submit(market('buy', 10, 'again'));
      },
    });
    engine.step({ type: 'barClosed', at: 1, openTicks: 1, highTicks: 1, lowTicks: 1, closeTicks: 1, volumeLots: 0 });
    const commands = engine.step(event.cancelled(order.clientOrderId));
    expect(commands).toMatchObject([
      { type: 'denyOrder', code: 'trading_halted' },
      { type: 'submitOrder', order: { tag: EXIT_TAG } },
    ]);
    expect(types(engine.step(event.filled({ ...only(engine), priceTicks: BID }, 100)))).toEqual(['finishRun']);
    expect(seen.told.at(-1)).toBe('filled exit 100 (100/100)');
  });

  it('hears nothing of prices, bars and timers once it is ending', () => {
    const { engine, order } = resting(
      {},
      { onStart: (context) => [context.submit(limit('buy', 9_900, 100)), context.setTimer('tick', 5), context.watchPrice(9_950, 10_100)] },
    );
    engine.step(event.stop('keep'));
    for (const late of [event.quote(9_000, 9_002), event.timer('tick', 6)]) engine.step(late);
    expect((engine.state.strategy as Seen).told).toEqual(['accepted buy']);
    expect(types(engine.step(event.cancelled(order.clientOrderId)))).toEqual(['finishRun']);
  });
});
