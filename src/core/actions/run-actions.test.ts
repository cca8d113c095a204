import { describe, expect, it } from 'vitest';
import type { Command } from '../commands.ts';
import { event, limit, market, restored, setupOf, started } from '../engine/engine.fixture.ts';
import type { Engine } from '../engine/engine.ts';
import { Engine as NewEngine } from '../engine/engine.ts';
import type { Event } from '../events.ts';
import type { Order } from '../order.ts';
import type { RunRules } from './run-actions.ts';
import { ACTIONS_TIMER } from './run-actions.ts';

const NONE: RunRules = { opposite: null, placeAgainTimes: 0, cancelRestAfterMs: null, takeProfit: null, stopLoss: null, stopType: 'stopMarket' };

/** A run that has bought what a script says, under these rules, with the tape of all it was told since. */
function ruled(
  rules: Partial<RunRules>,
  onStart = (context: { submit(request: ReturnType<typeof limit>): string }): unknown => context.submit(limit('buy', 9_900, 100)),
) {
  const { engine, seen } = started({ onStart: (context, memory) => memory.ids.push(String(onStart(context))) }, { rules: { ...NONE, ...rules } });
  const commands: Command[] = [];
  const tell = (...events: Event[]): readonly Command[] => {
    const given = events.flatMap((each) => [...engine.step(each)]);
    commands.push(...given);
    return given;
  };
  const [entry] = seen.ids;
  return { engine, seen, tell, commands, entry: engine.orders.get(entry ?? '') as Order };
}

const submits = (commands: readonly Command[]) => commands.flatMap((command) => (command.type === 'submitOrder' ? [command.order] : []));
const cancels = (commands: readonly Command[]) => commands.flatMap((command) => (command.type === 'cancelOrder' ? [command.clientOrderId] : []));
const texts = (commands: readonly Command[]) => commands.flatMap((command) => (command.type === 'reportFact' ? [command.text] : []));
const alive = (engine: Engine) => [...engine.orders.values()].map((order) => `${order.tag} ${order.side} ${order.sizeLots}`);

describe('an order of a bot that the venue cancels', () => {
  it('is placed again for its rest as often as its rule says, and its strategy hears under which id', () => {
    const { tell, entry, seen, engine } = ruled({ placeAgainTimes: 2 });
    tell(event.accepted(entry.clientOrderId), event.filled(entry, 40));
    const [again] = submits(tell(event.cancelled(entry.clientOrderId)));
    expect(again).toMatchObject({ tag: 'buy', side: 'buy', priceTicks: 9_900, sizeLots: 60 });
    expect(seen.told.at(-1)).toBe('orderReplaced');
    const [last] = submits(tell(event.expired(again?.clientOrderId ?? '')));
    expect(last?.sizeLots).toBe(60);
    const given = tell(event.cancelled(last?.clientOrderId ?? ''));
    expect([submits(given), seen.told.at(-1), alive(engine)]).toEqual([[], 'closed buy cancelled', []]);
    expect(texts(given)[0]).toContain('it stays cancelled');
  });

  it('stays cancelled when its strategy or its user wanted that', () => {
    const { tell, entry, seen } = ruled({ placeAgainTimes: 2 });
    tell(event.accepted(entry.clientOrderId), event.cancelRequested(entry.clientOrderId));
    expect(submits(tell(event.cancelled(entry.clientOrderId)))).toEqual([]);
    expect(seen.told.at(-1)).toBe('closed buy cancelled');
  });

  it('is left to its strategy when risk refuses it', () => {
    const { tell, entry, seen, engine } = ruled({ placeAgainTimes: 2 });
    tell(event.accepted(entry.clientOrderId));
    engine.state.orderTokens = 0;
    const given = tell(event.cancelled(entry.clientOrderId));
    expect([submits(given), seen.told.at(-1)]).toEqual([[], 'closed buy cancelled']);
    expect(given.filter((command) => command.type === 'denyOrder')).toHaveLength(2);
  });
});

describe('what a bot has bought', () => {
  const stop = { stopLoss: { kind: 'share', millionths: 20_000 }, takeProfit: { kind: 'share', millionths: 30_000 } } as const;

  it('is guarded as it is bought, and its strategy hears nothing of the guards', () => {
    const { tell, entry, seen, engine } = ruled(stop);
    tell(event.accepted(entry.clientOrderId));
    expect(submits(tell(event.filled(entry, 40)))).toMatchObject([
      { tag: 'action:stopLoss', side: 'sell', type: 'stopMarket', triggerTicks: 9_702, sizeLots: 40 },
    ]);
    expect(submits(tell(event.filled(entry, 60)))).toMatchObject([{ tag: 'action:stopLoss', sizeLots: 60 }]);
    for (const order of [...engine.orders.values()]) tell(event.accepted(order.clientOrderId));
    expect(seen.told.filter((told) => told.includes('action'))).toEqual([]);
  });

  it('is sold for its profit only when the stop is off the book', () => {
    const { tell, entry, engine } = ruled(stop);
    tell(event.accepted(entry.clientOrderId), event.filled(entry, 100));
    const [guard] = [...engine.orders.values()];
    if (guard === undefined) throw new Error('nothing guards');
    tell(event.accepted(guard.clientOrderId));
    expect(engine.wantsQuote(10_196, 10_198)).toBe(false);
    expect(engine.wantsQuote(10_197, 10_199)).toBe(true);
    const reached = tell(event.quote(10_197, 10_199));
    expect([submits(reached), cancels(reached)]).toEqual([[], [guard.clientOrderId]]);
    expect(submits(tell(event.cancelled(guard.clientOrderId)))).toMatchObject([
      { tag: 'action:takeProfit', timeInForce: 'ioc', priceTicks: 10_197, sizeLots: 100 },
    ]);
  });

  it('is guarded again after a pause, which takes every order off the book', () => {
    const { tell, entry, engine } = ruled(stop);
    tell(event.accepted(entry.clientOrderId), event.filled(entry, 100));
    const [guard] = [...engine.orders.values()];
    tell(event.accepted(guard?.clientOrderId ?? ''));
    expect(cancels(tell(event.pause()))).toEqual([guard?.clientOrderId]);
    expect(submits(tell(event.cancelled(guard?.clientOrderId ?? '')))).toEqual([]);
    expect(engine.state.phase).toBe('paused');
    expect(submits(tell(event.resume()))).toMatchObject([{ tag: 'action:stopLoss', sizeLots: 100 }]);
  });

  it('is guarded again after a halt, while the former guard is still under way', () => {
    const { tell, entry, engine } = ruled(stop);
    tell(event.accepted(entry.clientOrderId), event.filled(entry, 100));
    const [guard] = [...engine.orders.values()];
    tell(event.accepted(guard?.clientOrderId ?? ''), event.trading('halted'));
    expect(submits(tell(event.trading('active')))).toEqual([]);
    expect(submits(tell(event.cancelled(guard?.clientOrderId ?? '')))).toMatchObject([{ tag: 'action:stopLoss', sizeLots: 100 }]);
  });

  it('is left as it is when the run ends: nothing follows any more', () => {
    const { tell, entry, engine } = ruled(stop);
    tell(event.accepted(entry.clientOrderId), event.filled(entry, 100));
    const [guard] = [...engine.orders.values()];
    tell(event.accepted(guard?.clientOrderId ?? ''), event.stop('keep'));
    const given = tell(event.cancelled(guard?.clientOrderId ?? ''));
    expect([submits(given), engine.state.phase, engine.state.actions]).toEqual([[], 'finished', []]);
  });

  it('is answered by the opposite order once its order is over', () => {
    const { tell, entry } = ruled({ opposite: { kind: 'ticks', ticks: 50 } });
    tell(event.accepted(entry.clientOrderId), event.filled(entry, 40));
    expect(submits(tell(event.filled(entry, 60)))).toMatchObject([{ tag: 'action:opposite', side: 'sell', priceTicks: 9_950, sizeLots: 100 }]);
  });

  it('needs no guard when it is a sale', () => {
    const { engine } = ruled(stop, (context) => context.submit(market('buy', 100)));
    expect(engine.state.actions).toHaveLength(1);
    const sale = ruled(stop, (context) => context.submit(limit('sell', 10_500, 100)));
    expect(sale.engine.state.actions).toEqual([]);
  });
});

it('cancels the rest of an order that stays partially filled, by a timer of its own', () => {
  const { tell, entry, engine, seen } = ruled({ cancelRestAfterMs: 5_000 });
  tell(event.accepted(entry.clientOrderId));
  expect(tell(event.filled(entry, 40, 9_900, 1_000))).toContainEqual({ type: 'setTimer', name: ACTIONS_TIMER, at: 6_000 });
  expect(cancels(tell(event.timer(ACTIONS_TIMER, 6_000)))).toEqual([entry.clientOrderId]);
  expect(engine.state.timers).toEqual({});
  expect(seen.told.filter((told) => told.startsWith('timer'))).toEqual([]);
});

it('gives the same commands from the same events, and from a snapshot in between', () => {
  const rules: Partial<RunRules> = {
    placeAgainTimes: 1,
    cancelRestAfterMs: 4_000,
    takeProfit: { kind: 'share', millionths: 30_000 },
    stopLoss: { kind: 'share', millionths: 20_000 },
  };
  const story = (engine: Engine, from = 0, to = 99): string[] => {
    const told: string[] = [];
    let at = 10;
    const orders = () => [...engine.orders.values()];
    const steps: (() => Event | undefined)[] = [
      () => event.accepted(orders()[0]?.clientOrderId ?? '', at),
      () => (orders()[0] === undefined ? undefined : event.filled(orders()[0] as Order, 30, 9_900, at)),
      () => event.cancelled(orders()[0]?.clientOrderId ?? '', at),
      ...[0, 1].map((index) => () => event.accepted(orders()[index]?.clientOrderId ?? '', at)),
      () => event.quote(9_000, 9_002, at),
      () => event.timer(ACTIONS_TIMER, 5_000),
      () => event.cancelled(orders()[0]?.clientOrderId ?? '', at),
      () => event.cancelled(orders()[0]?.clientOrderId ?? '', at),
    ];
    for (const step of steps.slice(from, to)) {
      at += 1;
      const next = step();
      // Trade ids are counted through the whole file.
      if (next !== undefined) told.push(JSON.stringify(engine.step(next)));
    }
    return told;
  };
  const begin = () => ruled(rules).engine;
  const whole = story(begin());
  expect(story(begin())).toEqual(whole);
  const broken = begin();
  const first = story(broken, 0, 4);
  expect([...first, ...story(restored(broken), 4)].length).toBe(whole.length);
  expect(restored(broken).snapshot()).toEqual(JSON.parse(JSON.stringify(broken.snapshot())));
  expect(new NewEngine(setupOf({}, {})).state.actions, 'a run without rules has none').toBeUndefined();
});
