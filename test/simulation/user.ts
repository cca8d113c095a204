/**
 * The people of a simulated world: the user who starts, pauses and stops bots, places and cancels orders and turns the
 * kill switch; and the same person's other hand, which trades and cancels at the venue itself.
 */
import { withRules } from '#app/bots/bot-rules.ts';
import { type NewHandOrder, Orders } from '#app/orders/orders.ts';
import type { DesiredState } from '#core/bot-states.ts';
import { isTerminal } from '#core/order.ts';
import type { Random } from '../venues/_random.ts';
import { type Scheduler, START } from './clock.ts';
import type { Connected } from './connections.ts';
import type { Database } from './database.ts';
import type { Faults } from './faults.ts';
import { SYMBOL } from './instrument.ts';
import { isOurs } from './invariants.ts';
import { drawBotRules, drawRules, PLACE_AGAIN } from './user-rules.ts';
import { ACCOUNT, type VenueTruth } from './venue-truth.ts';

export const USER = 'user';
const GRIDS = [
  { lower_price: '58000', upper_price: '62000', levels: 7, spacing: 'arithmetic', investment: '12000' },
  { lower_price: '57000', upper_price: '63500', levels: 6, spacing: 'geometric', investment: '8000' },
] as const;

/** What of the world a person can see and touch. */
export interface UserWorld {
  readonly scheduler: Scheduler;
  readonly faults: Faults;
  readonly database: Database;
  readonly truth: VenueTruth;
  readonly note: (text: string) => void;
  readonly connect: (name: string) => Connected;
}

export class User {
  readonly #world: UserWorld;
  readonly #random: Random;
  #orders: Orders | null = null;
  #set: (botId: string, desired: DesiredState) => void = () => undefined;
  #kill: (isOn: boolean) => void = () => undefined;
  #isResting = false;
  #count = 0;

  constructor(world: UserWorld, random: Random) {
    this.#world = world;
    this.#random = random;
  }

  /** What was there before: an account and two bots that are wanted to run. */
  settle(): void {
    const { database } = this.#world;
    database.accounts.put(ACCOUNT, {
      id: ACCOUNT,
      number: 1,
      userId: USER,
      name: 'Simulated',
      exchange: 'simulated',
      sealed: null,
      keyVersion: 1,
      keyHint: null,
      createdAt: START,
      orderSequence: 0,
    });
    const count = this.#random() < 0.5 ? 1 : 2;
    const grids = GRIDS.slice(0, count).map((config) => ({ strategy: 'grid', config: this.#random() < 0.5 ? withRules(config, PLACE_AGAIN) : config }));
    const buyers = this.#random() < 0.4 ? [{ strategy: 'buyer', config: withRules({}, drawBotRules(this.#random)) }] : [];
    for (const [index, { strategy, config }] of [...grids, ...buyers].entries()) {
      const id = `bot${index + 1}`;
      database.bots.put(id, {
        id,
        number: index + 1,
        userId: USER,
        accountId: ACCOUNT,
        name: id,
        strategy,
        symbol: SYMBOL,
        mode: 'live',
        config,
        configVersion: 1,
        desired: 'running',
        status: 'stopped',
        statusReason: '',
        runId: null,
        createdAt: START + index,
        updatedAt: START + index,
      });
    }
  }

  start(): void {
    const { process, store, bus, ids, venue, log } = this.#world.connect('user');
    const session = venue.session({ accountId: ACCOUNT, credentials: null });
    this.#orders = new Orders({
      store,
      accounts: { venue: () => venue, balances: () => session.balances(), positions: async () => [] },
      clock: process.clock,
      ids,
      bus,
    });
    const complain = (error: unknown): void => log.warn({ err: error }, 'a wish was not taken');
    this.#set = (botId, desired) => {
      this.#world.note(`user wants ${botId} ${desired}`);
      void store.bots.setDesired(USER, botId, desired, process.clock.now()).then(() => bus.publish('bot_commands', { botId }), complain);
    };
    this.#kill = (isOn) => {
      this.#world.note(`user turns the kill switch ${isOn ? 'on' : 'off'}`);
      void store.killSwitch.set(USER, isOn, '', process.clock.now()).then(() => bus.publish('bot_commands', {}), complain);
    };
    this.#act();
  }

  /** No more wishes; the kill switch is off, but for some seeds. */
  rest(): void {
    this.#isResting = true;
    if (this.#random() < 0.8) this.#world.database.killSwitches.put(USER, false);
  }

  #act(): void {
    this.#world.scheduler.schedule(500 + this.#random() * 5_000, () => {
      if (this.#isResting) return;
      const dice = this.#random();
      if (dice < 0.45) this.#place();
      else if (dice < 0.62) this.#cancel();
      else if (dice < 0.65) this.#callOff();
      else if (dice < 0.95) this.#direct();
      else this.#kill(!this.#world.database.isKilled(USER));
      this.#act();
    });
  }

  #place(): void {
    const { truth, database } = this.#world;
    const { bidTicks } = truth.exchange.quote(SYMBOL);
    const side = this.#random() < 0.5 ? 'buy' : 'sell';
    const isMarket = this.#random() < 0.2;
    const isIoc = !isMarket && this.#random() < 0.2;
    const away = Math.floor(this.#random() * 6_000) * (side === 'buy' ? -1 : 1);
    const bot = this.#random() < 0.3 ? database.bots.values()[0] : undefined;
    this.#count += 1;
    const actions =
      this.#random() < 0.45 ? drawRules(this.#random, { side, canRest: !isMarket && !isIoc, scale: truth.scale, bidTicks: bidTicks + away }) : null;
    const ticket: NewHandOrder = {
      ...(bot === undefined ? { accountId: ACCOUNT } : { botId: bot.id }),
      symbol: SYMBOL,
      side,
      type: isMarket ? 'market' : 'limit',
      quantity: truth.scale.size(10 + Math.floor(this.#random() * 200)),
      price: isMarket ? null : truth.scale.price(bidTicks + away),
      triggerPrice: null,
      timeInForce: isIoc ? 'ioc' : 'gtc',
      postOnly: false,
      reduceOnly: side === 'sell' && actions === null && this.#random() < 0.3,
      actions,
      idempotencyKey: `key-${this.#count}`,
    };
    const place = (tries: number): void => {
      // Who gets no answer asks again with the same key.
      this.#orders?.place(USER, ticket).catch(() => {
        if (tries < 3 && !this.#isResting) place(tries + 1);
      });
    };
    place(1);
  }

  #cancel(): void {
    const alive = this.#world.database.orders.values().filter((order) => !isTerminal(order.state));
    const order = alive[Math.floor(this.#random() * alive.length)];
    if (order !== undefined) this.#orders?.cancel(USER, order.id).catch(() => undefined);
  }

  #callOff(): void {
    const active = this.#world.database.actions.rows.values().filter(({ state }) => state.status === 'active');
    const actions = active[Math.floor(this.#random() * active.length)];
    if (actions !== undefined) this.#orders?.callOff(USER, actions.orderId).catch(() => undefined);
  }

  #direct(): void {
    const bots = this.#world.database.bots.values();
    const bot = bots[Math.floor(this.#random() * bots.length)];
    if (bot === undefined) return;
    const dice = this.#random();
    if (bot.desired !== 'running' || bot.status === 'error') {
      if (dice < 0.7) this.#set(bot.id, 'running');
    } else if (dice < 0.2) this.#set(bot.id, 'paused');
    else if (dice < 0.3) this.#set(bot.id, 'stopped');
    else if (dice < 0.36) this.#set(bot.id, 'panicked');
  }

  /** What is done at the venue itself, past us. */
  strikeByHand(): void {
    const { faults, truth } = this.#world;
    if (faults.strikes('manualTrade')) {
      this.#count += 1;
      const { bidTicks } = truth.exchange.quote(SYMBOL);
      const isMarket = faults.draw('manualTrade') < 0.5;
      truth.place({
        clientOrderId: `web_${this.#count}`,
        symbol: SYMBOL,
        side: faults.draw('manualTrade') < 0.5 ? 'buy' : 'sell',
        type: isMarket ? 'market' : 'limit',
        price: isMarket ? null : truth.scale.price(bidTicks + Math.round((faults.draw('manualTrade') - 0.5) * 8_000)),
        triggerPrice: null,
        size: truth.scale.size(20 + Math.floor(faults.draw('manualTrade') * 100)),
        timeInForce: 'gtc',
        postOnly: false,
        reduceOnly: false,
      });
    }
    if (faults.strikes('manualCancel')) this.#cancelAtVenue('manualCancel', 'the human');
    if (faults.strikes('venueCancels')) this.#cancelAtVenue('venueCancels', 'the venue');
  }

  #cancelAtVenue(knob: 'manualCancel' | 'venueCancels', who: string): void {
    const { faults, truth, note } = this.#world;
    const open = truth.open(0).filter((order) => isOurs(order.clientOrderId));
    const order = open[Math.floor(faults.draw(knob) * open.length)];
    if (order === undefined) return;
    note(`${who} cancels ${order.clientOrderId} at the venue`);
    truth.cancel(order.clientOrderId);
  }
}
