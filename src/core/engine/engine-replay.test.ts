/** The same inbox gives the same commands, whoever reads it and however often the run changes hands in between. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseClientOrderId } from '../client-order-id.ts';
import type { Command } from '../commands.ts';
import type { Event } from '../events.ts';
import type { Order } from '../order.ts';
import { freeBaseGrains, freeQuoteAtoms } from '../risk.ts';
import { BID, event, fillOf, grains, restored, setupOf } from './engine.fixture.ts';
import { Engine, type RunSetup } from './engine.ts';
import { restless } from './engine-restless.fixture.ts';

const KINDS = [
  'accepted',
  'part',
  'whole',
  'rejected',
  'cancelled',
  'expired',
  'unknown',
  'cancelRequested',
  'quote',
  'quote',
  'bar',
  'bar',
  'bar',
  'timer',
  'pause',
  'resume',
  'stop',
  'trading',
  'owner',
  'foreign',
] as const;

interface Step {
  readonly kind: (typeof KINDS)[number];
  /** Which order, price or time, taken modulo what there is. */
  readonly pick: number;
  readonly isHandedOver: boolean;
}

const anyStep: fc.Arbitrary<Step> = fc.record({ kind: fc.constantFrom(...KINDS), pick: fc.nat(10_000), isHandedOver: fc.boolean() });
const setup: RunSetup = { ...setupOf({}), strategy: restless as RunSetup['strategy'], lentGrains: grains(2_000) };

/** The event a step means, given the orders that have left so far. Late, repeated and contradictory reports are all among them. */
function eventOf({ kind, pick }: Step, sent: readonly Order[], at: number): Event {
  const order = sent[pick % Math.max(1, sent.length)];
  const bid = BID + (pick % 2_000) - 1_000;
  switch (kind) {
    case 'quote':
      return event.quote(bid, bid + 1 + (pick % 5), at);
    case 'bar':
      return { type: 'barClosed', at, openTicks: bid, highTicks: bid + 5, lowTicks: bid - 5, closeTicks: bid, volumeLots: pick };
    case 'timer':
      return event.timer(`t${pick % 3}`, at);
    case 'pause':
    case 'resume':
      return event[kind](at);
    case 'trading':
      return event.trading((['active', 'active', 'reducing', 'halted'] as const)[pick % 4] ?? 'active', at);
    case 'stop':
      return pick % 4 === 0 ? event.stop((['keep', 'toQuote', 'toBase'] as const)[pick % 3] ?? 'keep', at) : event.pause(at);
    case 'owner':
      return event.started(2 + Math.floor(at / 10), at);
    case 'foreign':
      return { type: 'orderFilled', at, clientOrderId: 'not-ours', fill: { ...fillOf('buy', bid, 1 + (pick % 9)), tradeId: `f${at}` } };
    case 'part':
    case 'whole': {
      const lots = order === undefined ? 1 : kind === 'whole' ? order.sizeLots : 1 + (pick % order.sizeLots);
      const side = order?.side ?? 'buy';
      return {
        type: 'orderFilled',
        at,
        clientOrderId: order?.clientOrderId ?? 'nobody',
        fill: { ...fillOf(side, order?.priceTicks || bid, lots), tradeId: `f${at}` },
      };
    }
    default:
      return event[kind](order?.clientOrderId ?? 'nobody', at);
  }
}

/** Plays the steps; `handsOver` says whether the marked ones change the engine for one made from its snapshot. */
function play(steps: readonly Step[], handsOver: boolean): { readonly tape: Event[]; readonly commands: (readonly Command[])[]; readonly end: unknown } {
  let engine = new Engine(setup);
  const sent: Order[] = [];
  const tape: Event[] = [];
  const commands: (readonly Command[])[] = [];
  const take = (one: Event): void => {
    tape.push(one);
    const given = engine.step(one);
    for (const command of given) if (command.type === 'submitOrder') sent.push(command.order);
    commands.push(structuredClone(given));
  };
  take(event.started(1, 0));
  take(event.quote(BID, BID + 2, 0));
  steps.forEach((step, index) => {
    take(eventOf(step, sent, (index + 1) * 700));
    if (handsOver && step.isHandedOver) engine = restored(engine);
  });
  return { tape, commands, end: JSON.parse(JSON.stringify(engine.snapshot())) };
}

const anySteps = fc.array(anyStep, { maxLength: 120, size: 'max' });

describe('a run', () => {
  it('gives identical commands and ends in the identical state when it is restored from its snapshot at any moments', () => {
    fc.assert(
      fc.property(anySteps, (steps) => void expect(play(steps, true)).toEqual(play(steps, false))),
      { numRuns: 300 },
    );
  });

  it('gives identical commands when its tape is played again, also from a copy that went through JSON', () => {
    fc.assert(
      fc.property(anySteps, (steps) => {
        const first = play(steps, false);
        const engine = new Engine(setup);
        const again = (JSON.parse(JSON.stringify(first.tape)) as Event[]).map((one) => structuredClone(engine.step(one)));
        expect(again).toEqual(first.commands);
      }),
    );
  });

  it('never gives an order id twice, counts sequences up and bears the epoch of its owner', () => {
    fc.assert(
      fc.property(anySteps, (steps) => {
        const { tape, commands } = play(steps, true);
        let epoch = 0;
        let last = 0;
        commands.forEach((given, index) => {
          const one = tape[index];
          if (one?.type === 'runStarted') epoch = one.epoch;
          for (const command of given) {
            if (command.type !== 'submitOrder' && command.type !== 'denyOrder') continue;
            const parsed = parseClientOrderId(command.order.clientOrderId);
            expect([parsed?.epoch, parsed?.sequence]).toEqual([epoch, last + 1]);
            last += 1;
          }
        });
      }),
    );
  });

  it.each(['received', 'quote'] as const)('keeps what its open orders bind as counting them anew would, with fees in %s', (feeAsset) => {
    fc.assert(
      fc.property(anySteps, (steps) => {
        const engine = new Engine({ ...setup, feeAsset });
        const { first } = engine.legs;
        const sent: Order[] = [];
        const take = (one: Event): void => {
          for (const command of engine.step(one)) if (command.type === 'submitOrder') sent.push(command.order);
          const { position, bidTicks, askTicks } = engine.state;
          const view = { ...setup, feeAsset, position, bidTicks, askTicks, orders: engine.desk.orders.list };
          expect([first.freeQuoteAtoms(), first.freeBaseGrains()]).toEqual([freeQuoteAtoms(view), freeBaseGrains(view)]);
        };
        take(event.started(1, 0));
        take(event.quote(BID, BID + 2, 0));
        steps.forEach((step, index) => void take(eventOf(step, sent, (index + 1) * 700)));
      }),
    );
  });

  it('places nothing while it pauses or after it has ended, and ends at most once', () => {
    fc.assert(
      fc.property(anySteps, (steps) => {
        const given = play(steps, true).commands.flat();
        const end = given.findIndex((command) => command.type === 'finishRun');
        if (end >= 0) expect(given.slice(end + 1)).toEqual([]);
        const pauses = given.filter((command) => command.type === 'pauseRun').length;
        expect(pauses).toBeLessThanOrEqual(steps.filter((step) => step.kind === 'pause' || step.kind === 'stop').length);
      }),
    );
  });
});
