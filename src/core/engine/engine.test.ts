/** The life of orders in the engine: what the strategy is told, what leaves as commands, and late or repeated reports. */
import { describe, expect, it } from 'vitest';
import type { Order } from '../order.ts';
import { ASK, BID, event, grains, limit, market, restored, type Script, started } from './engine.fixture.ts';
import type { Engine } from './engine.ts';

const buysAtStart: Script = { onStart: (context, seen) => seen.ids.push(context.submit(limit('buy', 9_900, 100))) };

/** The one order that is alive. */
function only(engine: Engine): Order {
  const [order] = engine.orders.values();
  if (order === undefined || engine.orders.size !== 1) throw new Error(`expected one order, there are ${engine.orders.size}`);
  return order;
}

const types = (commands: readonly { readonly type: string }[]): string[] => commands.map((command) => command.type);

describe('an order', () => {
  it('leaves as a command that carries a copy of it, is accepted, fills in parts and is over', () => {
    const { engine, seen } = started({});
    const { engine: other } = started(buysAtStart);
    expect(engine.orders.size).toBe(0);
    const order = only(other);
    expect(order).toMatchObject({ state: 'submitting', side: 'buy', priceTicks: 9_900, sizeLots: 100, filledLots: 0, cancelRequested: false, createdAt: 0 });
    const told = (other.state.strategy as typeof seen).told;
    expect(other.step(event.accepted(order.clientOrderId))).toEqual([]);
    expect(order.state).toBe('accepted');
    other.step(event.filled(order, 40));
    expect(order).toMatchObject({ state: 'partiallyFilled', filledLots: 40, filledAtoms: 40 * 9_900 });
    other.step(event.filled(order, 60, 9_890));
    expect(order).toMatchObject({ state: 'filled', filledLots: 100, filledAtoms: 40 * 9_900 + 60 * 9_890 });
    expect(other.orders.size).toBe(0);
    expect(told).toEqual(['accepted buy', 'filled buy 40 (40/100)', 'filled buy 60 (100/100)']);
    expect(other.state.position).toMatchObject({ baseGrains: grains(100), quoteAtoms: -(40 * 9_900 + 60 * 9_890), fillCount: 2 });
  });

  it('gives its first command with the state at that moment, which later facts do not change', () => {
    const { engine } = started({ on: (context) => void context.submit(limit('buy', 9_900, 100)) });
    const [command] = engine.step({ type: 'barClosed', at: 5, openTicks: 1, highTicks: 1, lowTicks: 1, closeTicks: 1, volumeLots: 0 });
    const order = only(engine);
    engine.step(event.accepted(order.clientOrderId));
    expect(command).toMatchObject({ type: 'submitOrder', order: { clientOrderId: order.clientOrderId, state: 'submitting', createdAt: 5 } });
  });

  it('that fills before it is accepted keeps its fills, and the late acceptance changes nothing', () => {
    const { engine, seen } = started(buysAtStart);
    const order = only(engine);
    engine.step(event.filled(order, 30));
    expect(order.state).toBe('partiallyFilled');
    engine.step(event.accepted(order.clientOrderId));
    expect(order).toMatchObject({ state: 'partiallyFilled', filledLots: 30 });
    expect(seen.told).toEqual(['filled buy 30 (30/100)']);
  });

  it('that is rejected after a part of it has filled ends as cancelled with its fills kept', () => {
    const { engine, seen } = started(buysAtStart);
    const order = only(engine);
    engine.step(event.filled(order, 30));
    engine.step(event.rejected(order.clientOrderId));
    expect(order).toMatchObject({ state: 'cancelled', filledLots: 30 });
    expect(engine.orders.size).toBe(0);
    expect(seen.told).toEqual(['filled buy 30 (30/100)', 'closed buy venue_says_no']);
  });

  it.each([
    ['rejected', 'venue_says_no'],
    ['cancelled', 'cancelled'],
    ['expired', 'expired'],
  ] as const)('that is %s without a fill is closed with the code %s, once', (kind, code) => {
    const { engine, seen } = started(buysAtStart);
    const { clientOrderId } = only(engine);
    engine.step(event[kind](clientOrderId));
    engine.step(event[kind](clientOrderId));
    engine.step(event.accepted(clientOrderId));
    expect(engine.orders.size).toBe(0);
    expect(seen.told).toEqual([`closed buy ${code}`]);
  });

  it('that fills after it was closed, or that nobody knows, still moves the position and is not told', () => {
    const { engine, seen } = started(buysAtStart);
    const order = only(engine);
    engine.step(event.cancelled(order.clientOrderId));
    engine.step(event.filled(order, 10));
    engine.step(event.filled({ ...order, clientOrderId: 'not-ours' }, 5));
    expect(engine.state.position).toMatchObject({ baseGrains: grains(15), quoteAtoms: -15 * 9_900, fillCount: 2 });
    expect(seen.told).toEqual(['closed buy cancelled']);
  });

  it('that the venue fills beyond its size is over with what the venue says', () => {
    const { engine } = started(buysAtStart);
    engine.step(event.filled(only(engine), 130));
    expect(engine.orders.size).toBe(0);
    expect(engine.state.position.baseGrains).toBe(grains(130));
  });
});

describe('a cancel', () => {
  it('goes out once for an accepted order, however often it is asked for', () => {
    const { engine } = started(buysAtStart);
    const { clientOrderId } = only(engine);
    engine.step(event.accepted(clientOrderId));
    expect(engine.step(event.cancelRequested(clientOrderId))).toEqual([{ type: 'cancelOrder', clientOrderId }]);
    expect(engine.step(event.cancelRequested(clientOrderId))).toEqual([]);
    expect(only(engine).state).toBe('cancelling');
  });

  it('of an order that nobody knows is no command', () => {
    const { engine } = started({});
    expect(engine.step(event.cancelRequested('nobody'))).toEqual([]);
  });

  it('waits while the order is on its way, so that it cannot overtake it, and goes out with the acceptance', () => {
    const { engine } = started(buysAtStart);
    const { clientOrderId } = only(engine);
    expect(engine.step(event.cancelRequested(clientOrderId))).toEqual([]);
    expect(only(engine).state).toBe('submitting');
    expect(engine.step(event.accepted(clientOrderId))).toEqual([{ type: 'cancelOrder', clientOrderId }]);
    expect(only(engine).state).toBe('cancelling');
  });

  it('goes out with the first fill when that is the first sign of life', () => {
    const { engine } = started(buysAtStart);
    const order = only(engine);
    engine.step(event.cancelRequested(order.clientOrderId));
    expect(engine.step(event.filled(order, 1))).toEqual([{ type: 'cancelOrder', clientOrderId: order.clientOrderId }]);
  });

  it('asked for while the order is in doubt goes out when it is found alive', () => {
    const { engine } = started(buysAtStart);
    const { clientOrderId } = only(engine);
    engine.step(event.unknown(clientOrderId));
    expect(engine.step(event.cancelRequested(clientOrderId))).toEqual([]);
    expect(engine.step(event.accepted(clientOrderId))).toEqual([{ type: 'cancelOrder', clientOrderId }]);
  });

  it('asked for while the order is in doubt goes out when a fill proves it alive', () => {
    const { engine } = started(buysAtStart);
    const order = only(engine);
    engine.step(event.unknown(order.clientOrderId));
    engine.step(event.cancelRequested(order.clientOrderId));
    expect(engine.step(event.filled(order, 1))).toEqual([{ type: 'cancelOrder', clientOrderId: order.clientOrderId }]);
    expect(order.state).toBe('cancelling');
  });

  it('of an order in doubt that proves never to have been placed is never sent', () => {
    const { engine, seen } = started(buysAtStart);
    const { clientOrderId } = only(engine);
    engine.step(event.cancelRequested(clientOrderId));
    engine.step(event.unknown(clientOrderId));
    expect(engine.step(event.rejected(clientOrderId))).toEqual([]);
    expect(seen.told).toEqual(['closed buy venue_says_no']);
  });

  it('whose answer is lost goes out again when the order is found alive', () => {
    const { engine } = started(buysAtStart);
    const { clientOrderId } = only(engine);
    engine.step(event.accepted(clientOrderId));
    engine.step(event.cancelRequested(clientOrderId));
    engine.step(event.unknown(clientOrderId));
    expect(only(engine).state).toBe('unknown');
    expect(engine.step(event.accepted(clientOrderId))).toEqual([{ type: 'cancelOrder', clientOrderId }]);
  });

  it('loses against the fill that was first', () => {
    const { engine, seen } = started(buysAtStart);
    const order = only(engine);
    engine.step(event.accepted(order.clientOrderId));
    engine.step(event.cancelRequested(order.clientOrderId));
    engine.step(event.filled(order, 60));
    expect(order.state).toBe('cancelling');
    engine.step(event.filled(order, 40));
    engine.step(event.cancelled(order.clientOrderId));
    expect(seen.told).toEqual(['accepted buy', 'filled buy 60 (60/100)', 'filled buy 40 (100/100)']);
  });

  it('that the former owner may not have sent goes out again at take-over', () => {
    const { engine } = started(buysAtStart);
    const { clientOrderId } = only(engine);
    engine.step(event.accepted(clientOrderId));
    engine.step(event.cancelRequested(clientOrderId));
    expect(restored(engine).step(event.started(2))).toEqual([{ type: 'cancelOrder', clientOrderId }]);
  });

  it('passes while the run may place nothing', () => {
    const { engine } = started(buysAtStart);
    const { clientOrderId } = only(engine);
    engine.step(event.accepted(clientOrderId));
    engine.state.tradingState = 'halted';
    engine.state.orderTokens = 0;
    expect(types(engine.step(event.cancelRequested(clientOrderId)))).toEqual(['cancelOrder']);
  });
});

describe('a refusal by risk', () => {
  it('comes as a command with its reason at once and is told to the strategy after its call has returned', () => {
    const { engine, seen } = started({
      on: (context, told, memory) => {
        if (told.type !== 'barClosed') return;
        memory.ids.push(context.submit(limit('buy', 9_900, 0, 'empty')));
        memory.told.push('call returned');
      },
    });
    const commands = engine.step({ type: 'barClosed', at: 5, openTicks: 1, highTicks: 1, lowTicks: 1, closeTicks: 1, volumeLots: 0 });
    expect(commands).toMatchObject([{ type: 'denyOrder', code: 'order_invalid', order: { state: 'denied', tag: 'empty', clientOrderId: seen.ids[0] } }]);
    expect(seen.told).toEqual(['barClosed', 'call returned', 'closed empty order_invalid']);
    expect(engine.orders.size).toBe(0);
  });

  it('at the start is told once the strategy has its state', () => {
    const { seen } = started({ onStart: (context) => void context.submit(limit('buy', 9_900, 0, 'empty')) });
    expect(seen.told).toEqual(['closed empty order_invalid']);
  });

  it('that a strategy answers with the same order for ever ends the step with an error instead of hanging', () => {
    const { engine } = started({ on: (context) => void context.submit(limit('buy', 9_900, 0)) });
    expect(() => engine.step({ type: 'barClosed', at: 5, openTicks: 1, highTicks: 1, lowTicks: 1, closeTicks: 1, volumeLots: 0 })).toThrow(
      'answers its own refusals without end',
    );
  });

  it('uses up a number of its own, so that the next order has another id', () => {
    const ids: string[] = [];
    started({
      onStart: (context) => {
        ids.push(context.submit(limit('buy', 9_900, 0)), context.submit(limit('buy', 9_900, 100)));
      },
    });
    expect(new Set(ids).size).toBe(2);
  });
});

describe('the order rate', () => {
  const placesOnBars: Script = { on: (context, told) => void (told.type === 'barClosed' && context.submit(limit('buy', 9_900, 20))) };
  const bar = (at: number) => ({ type: 'barClosed', at, openTicks: 1, highTicks: 1, lowTicks: 1, closeTicks: 1, volumeLots: 0 }) as const;

  it('refuses what is beyond the burst and lets one more pass as soon as the share of a minute has gone by', () => {
    const limits = { budgetAtoms: 1_000_000_000, maxOrderAtoms: 500_000_000, maxOpenOrders: 100, priceCollar: 0.1, ordersPerMinute: 2 };
    const { engine } = started(placesOnBars, { limits });
    const answers = [0, 0, 0, 29_999, 30_000, 30_001].map((at) => engine.step(bar(at))[0]);
    expect(answers.map((command) => (command?.type === 'denyOrder' ? command.code : command?.type))).toEqual([
      'submitOrder',
      'submitOrder',
      'order_rate_exceeded',
      'order_rate_exceeded',
      'submitOrder',
      'order_rate_exceeded',
    ]);
  });

  it('never saves up more than a minute of orders', () => {
    const limits = { budgetAtoms: 1_000_000_000, maxOrderAtoms: 500_000_000, maxOpenOrders: 100, priceCollar: 0.1, ordersPerMinute: 2 };
    const { engine } = started(placesOnBars, { limits });
    const day = 86_400_000;
    expect([day, day, day].map((at) => types(engine.step(bar(at)))[0])).toEqual(['submitOrder', 'submitOrder', 'denyOrder']);
  });
});

describe('a timer', () => {
  const arms: Script = { onStart: (context) => context.setTimer('tick', 100) };

  it('comes back once', () => {
    const { engine, seen } = started(arms);
    expect(engine.state.timers).toEqual({ tick: 100 });
    engine.step(event.timer('tick', 100));
    engine.step(event.timer('tick', 101));
    expect(seen.told).toEqual(['timer tick']);
    expect(engine.state.timers).toEqual({});
  });

  it('that was set anew while the former one was on its way is not told early and is asked for again', () => {
    const { engine, seen } = started({ ...arms, on: (context, told) => void (told.type === 'barClosed' && context.setTimer('tick', 500)) });
    engine.step({ type: 'barClosed', at: 100, openTicks: 1, highTicks: 1, lowTicks: 1, closeTicks: 1, volumeLots: 0 });
    expect(engine.step(event.timer('tick', 101))).toEqual([{ type: 'setTimer', name: 'tick', at: 500 }]);
    engine.step(event.timer('tick', 500));
    expect(seen.told).toEqual(['barClosed', 'timer tick']);
  });

  it('that was called off is not told', () => {
    const { engine, seen } = started({ ...arms, on: (context, told) => void (told.type === 'barClosed' && context.clearTimer('tick')) });
    expect(types(engine.step({ type: 'barClosed', at: 50, openTicks: 1, highTicks: 1, lowTicks: 1, closeTicks: 1, volumeLots: 0 }))).toEqual(['clearTimer']);
    engine.step(event.timer('tick', 100));
    expect(seen.told).toEqual(['barClosed']);
  });

  it('that is running is asked for again by the next owner', () => {
    const { engine } = started(arms);
    expect(restored(engine).step(event.started(2))).toEqual([{ type: 'setTimer', name: 'tick', at: 100 }]);
  });
});

describe('prices', () => {
  it('are told when a watched one is reached, and only then', () => {
    const { engine, seen } = started({ onStart: (context) => context.watchPrice(9_500, 10_500) });
    expect([engine.wantsQuote(9_501, 9_503), engine.wantsQuote(9_500, 9_502), engine.wantsQuote(10_498, 10_500)]).toEqual([false, true, true]);
    engine.step(event.quote(9_501, 9_503));
    engine.step(event.quote(9_500, 9_502));
    engine.step(event.quote(10_498, 10_500));
    expect(seen.told).toEqual(['price 9500', 'price 10500']);
  });

  it('of zero are no prices: they are neither kept nor told', () => {
    const { engine, seen } = started({ onStart: (context) => context.watchPrice(9_500, Number.POSITIVE_INFINITY) });
    engine.step(event.quote(0, 9_502));
    engine.step(event.quote(9_000, 0));
    expect(seen.told).toEqual([]);
    expect([engine.state.bidTicks, engine.state.askTicks]).toEqual([BID, ASK]);
  });
});

describe('what is free', () => {
  it('counts orders on their way and in doubt in full, and gives back what the end of an order frees', () => {
    const { engine } = started(buysAtStart);
    const budget = engine.setup.limits.budgetAtoms;
    const order = only(engine);
    expect(engine.legs.first.freeQuoteAtoms()).toBe(budget - 990_000);
    engine.step(event.unknown(order.clientOrderId));
    expect(engine.legs.first.freeQuoteAtoms()).toBe(budget - 990_000);
    engine.step(event.filled(order, 40, 9_890));
    expect(engine.legs.first.freeQuoteAtoms()).toBe(budget - 40 * 9_890 - 60 * 9_900);
    engine.step(event.cancelled(order.clientOrderId));
    expect(engine.legs.first.freeQuoteAtoms()).toBe(budget - 40 * 9_890);
    expect(engine.legs.first.freeBaseGrains()).toBe(grains(40));
  });

  it('never lets the same coin be offered twice', () => {
    const { engine } = started(
      {
        onStart: (context) =>
          void [
            context.submit(limit('sell', 10_100, 60, 'first')),
            context.submit(limit('sell', 10_100, 60, 'second')),
            context.submit(market('sell', 40, 'third')),
          ],
      },
      { lentGrains: grains(100) },
    );
    expect([...engine.orders.values()].map((order) => order.tag)).toEqual(['first', 'third']);
    expect(engine.legs.first.freeBaseGrains()).toBe(0);
  });
});
