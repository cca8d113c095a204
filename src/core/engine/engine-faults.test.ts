/**
 * The engine against a venue that answers late, twice, out of order or not at all, under an owner that dies between
 * writing down and sending. The owner keeps its promises: executions are told once, and an order's end after them.
 * Afterwards books and venue agree, nothing is lost, doubled or oversold, and a stop ends.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Command } from '../commands.ts';
import type { Event } from '../events.ts';
import { GRAINS_PER_LOT } from '../instrument.ts';
import type { Order } from '../order.ts';
import { ASK, BID, event, fillOf, grains, restored, setupOf } from './engine.fixture.ts';
import { Engine, type RunSetup } from './engine.ts';
import { restless } from './engine-restless.fixture.ts';

const LENT_LOTS = 2_000;
const setup: RunSetup = { ...setupOf({}), strategy: restless as RunSetup['strategy'], lentGrains: grains(LENT_LOTS) };

type VenueState = 'inFlight' | 'open' | 'over' | 'neverCame';

interface VenueOrder {
  readonly order: Order;
  state: VenueState;
  filledLots: number;
  /** How it ended, told after its fills. */
  end: 'rejected' | 'cancelled' | 'expired' | null;
}

/** Draws from a list of random numbers; zeros when they are used up, so that shrinking ends quietly. */
type Dice = (below: number) => number;

class World {
  engine = new Engine(setup);
  readonly venue = new Map<string, VenueOrder>();
  /** Commands that are durable and not yet carried out. */
  outbox: Command[] = [];
  /** Reports on their way, per order in the sequence the venue made them. */
  mail = new Map<string, Event[]>();
  placed: string[] = [];
  finished = 0;
  bought = 0;
  sold = 0;
  spent = 0;
  #epoch = 1;
  #at = 0;
  #trades = 0;
  #bid = BID;
  /** While reconciling the venue works. */
  #isHealthy = false;
  readonly #dice: Dice;

  constructor(dice: Dice) {
    this.#dice = dice;
    this.take(event.quote(BID, ASK, 0));
    this.take(event.started(1, 0));
  }

  get at(): number {
    return this.#at;
  }

  take(one: Event): void {
    for (const command of this.engine.step(one)) {
      if (command.type === 'finishRun') this.finished += 1;
      this.outbox.push(command);
    }
  }

  /** One thing happens somewhere. */
  tick(): void {
    this.#at += this.#dice(2_000);
    const roll = this.#dice(20);
    if (roll < 6) this.send();
    else if (roll < 11) this.deliver(this.#dice(8) === 0);
    else if (roll < 14) this.trade();
    else if (roll < 16) this.move();
    else if (roll === 16) this.crash();
    else if (roll === 17) this.take(event.cancelRequested([...this.venue.keys()][this.#dice(this.venue.size + 1)] ?? 'nobody', this.#at));
    else if (roll === 18)
      this.take(
        [event.pause(this.#at), event.resume(this.#at), event.trading('halted', this.#at), event.trading('active', this.#at)][this.#dice(4)] ??
          event.resume(this.#at),
      );
    else this.answerIsLost();
  }

  /** Carries out the oldest command; an order comes in, or is lost on the way, or is refused. */
  send(): void {
    const command = this.outbox.shift();
    if (command?.type === 'submitOrder') {
      const { order } = command;
      this.placed.push(order.clientOrderId);
      const found: VenueOrder = { order, state: 'open', filledLots: 0, end: null };
      this.venue.set(order.clientOrderId, found);
      const roll = this.#isHealthy ? 2 : this.#dice(8);
      if (roll === 0) found.state = 'neverCame';
      else if (roll === 1) this.#end(found, 'rejected');
      else {
        this.#report(order.clientOrderId, event.accepted(order.clientOrderId, this.#at));
        if (order.type === 'market') this.#fill(found, this.#isHealthy ? order.sizeLots : 1 + this.#dice(order.sizeLots));
        if (order.type === 'market' && found.state === 'open') this.#end(found, 'expired');
      }
    } else if (command?.type === 'cancelOrder') {
      const found = this.venue.get(command.clientOrderId);
      // A cancel for what the venue never had, or has no more, changes nothing.
      if (found?.state === 'open' && (this.#isHealthy || this.#dice(6) > 0)) this.#end(found, 'cancelled');
    }
  }

  deliver(isTwice: boolean): void {
    const waiting = [...this.mail].filter(([, events]) => events.length > 0);
    const [, events] = waiting[this.#dice(Math.max(1, waiting.length))] ?? [];
    const one = events?.shift();
    if (one === undefined) return;
    this.take(one);
    // Executions are told once; everything else may come again.
    if (isTwice && one.type !== 'orderFilled') this.take(one);
  }

  trade(): void {
    const open = [...this.venue.values()].filter((found) => found.state === 'open' && found.order.type === 'limit');
    const found = open[this.#dice(Math.max(1, open.length))];
    if (found !== undefined) this.#fill(found, 1 + this.#dice(found.order.sizeLots - found.filledLots));
  }

  move(): void {
    this.#bid = Math.max(9_500, Math.min(10_500, this.#bid + this.#dice(201) - 100));
    this.take(event.quote(this.#bid, this.#bid + 2, this.#at));
  }

  /** The owner dies. What it had not sent is never sent; the next one doubts what was never accepted and asks. */
  crash(): void {
    this.outbox = [];
    for (const events of this.mail.values())
      if (this.#dice(2) === 0) events.splice(0, events.length, ...events.filter((one) => one.type === 'orderFilled' || isEnd(one)));
    this.engine = restored(this.engine);
    this.#epoch += 1;
    this.take(event.started(this.#epoch, this.#at));
    for (const order of [...this.engine.orders.values()]) if (order.state === 'submitting') this.take(event.unknown(order.clientOrderId, this.#at));
  }

  answerIsLost(): void {
    const orders = [...this.engine.orders.values()].filter((order) => this.venue.has(order.clientOrderId));
    const order = orders[this.#dice(Math.max(1, orders.length))];
    if (order !== undefined) this.take(event.unknown(order.clientOrderId, this.#at));
  }

  /** What reconciliation does: everything told, commands carried out, doubts resolved, until nothing changes. */
  settle(): void {
    this.#isHealthy = true;
    for (let round = 0; this.#isBusy() || this.#resolve(); round += 1) {
      if (round > 1_000) throw new Error('the run never comes to rest');
      while (this.outbox.length > 0) this.send();
      this.deliver(false);
    }
  }

  #isBusy(): boolean {
    return this.outbox.length > 0 || [...this.mail.values()].some((events) => events.length > 0);
  }

  /** Compares each order with the venue once nothing is under way; `false` when there was nothing to say. */
  #resolve(): boolean {
    let isNews = false;
    for (const { clientOrderId, state } of [...this.engine.orders.values()].map((order) => ({ ...order }))) {
      const found = this.venue.get(clientOrderId);
      if (found?.state === 'open') {
        if (state === 'accepted' || state === 'partiallyFilled') continue;
        if (state === 'cancelling') this.outbox.push({ type: 'cancelOrder', clientOrderId });
        else this.take(event.accepted(clientOrderId, this.#at));
      } else if (found === undefined || found.state === 'neverCame') {
        this.take(event.unknown(clientOrderId, this.#at));
        this.take(event.rejected(clientOrderId, this.#at));
      } else throw new Error(`order ${clientOrderId} is ${state} here and over at the venue, and nothing is under way that says so`);
      isNews = true;
    }
    return isNews;
  }

  #fill(found: VenueOrder, lots: number): void {
    const { order } = found;
    this.#trades += 1;
    const market = order.side === 'buy' ? this.#bid + 2 : this.#bid;
    const priceTicks = order.type === 'limit' ? order.priceTicks : market;
    found.filledLots += lots;
    if (order.side === 'buy') this.bought += lots;
    else this.sold += lots;
    this.spent += (order.side === 'buy' ? 1 : -1) * lots * priceTicks;
    this.#report(order.clientOrderId, {
      type: 'orderFilled',
      at: this.#at,
      clientOrderId: order.clientOrderId,
      fill: { ...fillOf(order.side, priceTicks, lots), tradeId: `t${this.#trades}` },
    });
    if (found.filledLots === order.sizeLots) found.state = 'over';
  }

  #end(found: VenueOrder, end: 'rejected' | 'cancelled' | 'expired'): void {
    found.state = 'over';
    found.end = end;
    this.#report(found.order.clientOrderId, event[end](found.order.clientOrderId, this.#at));
  }

  #report(clientOrderId: string, one: Event): void {
    const events = this.mail.get(clientOrderId) ?? [];
    // An acceptance has no fixed place among the fills.
    if (one.type === 'orderAccepted') events.splice(this.#dice(events.length + 1), 0, one);
    else events.push(one);
    this.mail.set(clientOrderId, events);
  }

  openAtVenue(): string[] {
    return [...this.venue.values()].filter((found) => found.state === 'open').map((found) => found.order.clientOrderId);
  }
}

function isEnd(one: Event): boolean {
  return one.type === 'orderCancelled' || one.type === 'orderExpired' || one.type === 'orderRejected';
}

const anyNumbers = fc.array(fc.nat(1_000_000), { minLength: 50, maxLength: 900, size: 'max' });

function world(numbers: readonly number[]): { readonly world: World; readonly isLeft: () => boolean } {
  let next = 0;
  const dice: Dice = (below) => (numbers[next++] ?? 0) % Math.max(1, below);
  return { world: new World(dice), isLeft: () => next < numbers.length };
}

describe('whatever goes wrong on the way', () => {
  it('books and venue agree once everything has been told, no order was sent twice, and nothing was oversold or overspent', () => {
    fc.assert(
      fc.property(anyNumbers, (numbers) => {
        const { world: one, isLeft } = world(numbers);
        while (isLeft()) {
          one.tick();
          // What the venue holds open or has executed is always covered by what the run was given.
          expect(LENT_LOTS + one.bought - one.sold).toBeGreaterThanOrEqual(0);
          expect(one.spent).toBeLessThanOrEqual(setup.limits.budgetAtoms);
        }
        one.settle();
        expect(new Set(one.placed).size).toBe(one.placed.length);
        expect([...one.engine.orders.keys()].sort()).toEqual(one.openAtVenue().sort());
        for (const order of one.engine.orders.values()) expect(order.filledLots).toBe(one.venue.get(order.clientOrderId)?.filledLots);
        const { position } = one.engine.state;
        expect([position.baseGrains, position.quoteAtoms]).toEqual([(LENT_LOTS + one.bought - one.sold) * GRAINS_PER_LOT, -one.spent + 0]);
        expect(one.engine.legs.first.freeBaseGrains()).toBeGreaterThanOrEqual(0);
        expect(one.engine.legs.first.freeQuoteAtoms()).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 300 },
    );
  });

  it.each(['keep', 'toQuote', 'toBase'] as const)('a stop (%s) ends, once, with nothing open at the venue', (liquidation) => {
    fc.assert(
      fc.property(anyNumbers, fc.nat(300), (numbers, stopAfter) => {
        const { world: one, isLeft } = world(numbers);
        for (let count = 0; isLeft() && count < stopAfter; count += 1) one.tick();
        one.take(event.stop(liquidation, one.at));
        while (isLeft()) one.tick();
        one.settle();
        expect([one.engine.state.phase, one.finished, one.openAtVenue()]).toEqual(['finished', 1, []]);
      }),
      { numRuns: 300 },
    );
  });

  it('a pause is complete with nothing open at the venue, and a resume ends it', () => {
    fc.assert(
      fc.property(anyNumbers, (numbers) => {
        const { world: one, isLeft } = world(numbers);
        while (isLeft()) one.tick();
        one.take(event.pause(one.at));
        one.settle();
        const { phase } = one.engine.state;
        expect(['paused', 'finished']).toContain(phase);
        expect(one.openAtVenue()).toEqual([]);
        one.take(event.resume(one.at));
        // It may want to finish as soon as it is told.
        expect(one.engine.state.phase).not.toBe('paused');
      }),
      { numRuns: 300 },
    );
  });
});
