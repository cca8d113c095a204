/**
 * The ground-truth door of a simulated venue: what really happened there, and the hands of the world outside (prices,
 * faults, deposits, a human who trades by hand). No product code may use it; it is how tests judge the product.
 */
import type { AskedOrder, SimulatedFill, SimulatedOrder } from '#core/simulated-exchange.ts';
import type { WireRequest } from './_dialect.ts';
import type { Fault, Faults } from './_faults.ts';
import type { RequestLog } from './_request-log.ts';
import type { Streams } from './_streams.ts';
import { KEY, type World } from './_world.ts';

/** An order with its amounts in decimals. */
export interface TrueOrder extends Omit<SimulatedOrder, 'request'> {
  readonly side: 'buy' | 'sell';
  readonly type: AskedOrder['type'];
  readonly price: string | null;
  readonly size: string;
  readonly filledSize: string;
}

export interface TrueFill extends SimulatedFill {
  readonly price: string;
  readonly size: string;
}

/** What the door opens on. */
export interface Venue {
  readonly world: World;
  readonly faults: Faults;
  readonly log: RequestLog;
  readonly streams: Streams;
  release(): number;
}

type Answer = { readonly status: number; readonly answer: unknown };

export class Truth {
  readonly #venue: Venue;
  #humanOrders = 0;

  constructor(venue: Venue) {
    this.#venue = venue;
  }

  /** Every order the venue accepted, of all accounts or one, in the sequence it did. */
  orders(account?: string): readonly TrueOrder[] {
    const { exchange } = this.#venue.world;
    const accounts = account === undefined ? exchange.accounts : [account];
    return accounts.flatMap((each) => exchange.orders(each)).map((order) => this.#written(order));
  }

  openOrders(account?: string): readonly TrueOrder[] {
    return this.orders(account).filter((order) => order.status === 'open' || order.status === 'partiallyFilled');
  }

  fills(account?: string): readonly TrueFill[] {
    const { exchange } = this.#venue.world;
    const accounts = account === undefined ? exchange.accounts : [account];
    const all = accounts.flatMap((each) => exchange.symbols.flatMap((symbol) => exchange.fillsSince(each, symbol, 0)));
    return all
      .map((fill) => {
        const scale = this.#venue.world.scale(fill.symbol);
        return { ...fill, price: scale.price(fill.priceTicks), size: scale.size(fill.sizeLots) };
      })
      .sort((one, other) => Number(one.tradeId) - Number(other.tradeId));
  }

  balances(account: string = KEY.account): Readonly<Record<string, { readonly free: string; readonly locked: string }>> {
    return Object.fromEntries(this.#venue.world.exchange.balances(account).map(({ asset, free, locked }) => [asset, { free, locked }]));
  }

  /** Client ids that the venue accepted more than once, with how often. */
  duplicates(): readonly { readonly account: string; readonly clientOrderId: string; readonly count: number }[] {
    const counts = new Map<string, { account: string; clientOrderId: string; count: number }>();
    for (const { account, clientOrderId } of this.orders()) {
      const key = `${account}\n${clientOrderId}`;
      const known = counts.get(key);
      if (known === undefined) counts.set(key, { account, clientOrderId, count: 1 });
      else known.count += 1;
    }
    return [...counts.values()].filter((each) => each.count > 1);
  }

  /** Places an order past the protocol, as the account's owner would by hand at the venue. */
  placeByHand(asked: Partial<AskedOrder> & Pick<AskedOrder, 'symbol' | 'side' | 'size'>, account: string = KEY.account): TrueOrder {
    const { world } = this.#venue;
    this.#humanOrders += 1;
    const type = asked.type ?? (asked.price === undefined ? 'market' : 'limit');
    const order: AskedOrder = {
      clientOrderId: `web_${this.#humanOrders}`,
      price: null,
      triggerPrice: null,
      timeInForce: 'gtc',
      postOnly: false,
      ...asked,
      type,
    };
    const answer = world.exchange.place(account, order, world.now());
    world.flush();
    if (!answer.ok) throw new Error(`the order by hand was refused: ${answer.reason}`);
    return this.#written(answer.order);
  }

  /** Cancels any order past the protocol; `false` when it is not open. */
  cancelByHand(symbol: string, venueOrderId: string, account: string = KEY.account): boolean {
    const { world } = this.#venue;
    const answer = world.exchange.cancel(account, symbol, { venueOrderId }, world.now());
    world.flush();
    return answer.ok;
  }

  deposit(asset: string, amount: string, account: string = KEY.account): boolean {
    const { world } = this.#venue;
    const isDone = world.exchange.deposit(account, asset, amount, world.now());
    world.flush();
    return isDone;
  }

  /** Serves `/__truth/…`: GET tells, POST acts, DELETE /faults clears. Bodies are JSON. */
  serve(request: WireRequest): Answer {
    const name = request.path.slice('/__truth/'.length);
    const query = new URLSearchParams(request.query);
    try {
      if (request.method === 'GET') return this.#tell(name, query.get('account') ?? undefined, query.get('operation') ?? undefined);
      if (request.method === 'DELETE' && name === 'faults') return done(this.#venue.faults.clear());
      return this.#act(name, request.body === '' ? {} : (JSON.parse(request.body) as Record<string, unknown>));
    } catch (error) {
      return { status: 400, answer: { error: String(error) } };
    }
  }

  #tell(name: string, account: string | undefined, operation: string | undefined): Answer {
    const { world, log, faults, streams } = this.#venue;
    const told: Record<string, () => unknown> = {
      orders: () => this.orders(account),
      'open-orders': () => this.openOrders(account),
      fills: () => this.fills(account),
      movements: () => world.movements.filter((each) => account === undefined || each.account === account),
      skews: () => world.skews,
      refusals: () => world.refused.filter((each) => account === undefined || each.account === account),
      balances: () => this.balances(account),
      requests: () => log.list(operation),
      duplicates: () => this.duplicates(),
      faults: () => faults.list(),
      prices: () => Object.fromEntries(world.exchange.symbols.map((symbol) => [symbol, world.scale(symbol).price(world.path(symbol).lastTicks)])),
      streams: () => ({ public: streams.count('public'), private: streams.count('private'), subscriptions: streams.subscriptions }),
    };
    const teller = told[name];
    return teller === undefined
      ? { status: 404, answer: { error: `nothing is told under ${name}`, told: Object.keys(told) } }
      : { status: 200, answer: teller() };
  }

  #act(name: string, body: Record<string, unknown>): Answer {
    const { world, faults, streams } = this.#venue;
    const text = (field: string): string => {
      const value = body[field];
      if (typeof value !== 'string') throw new TypeError(`${field} must be text`);
      return value;
    };
    const count = (field: string): number => {
      const value = body[field];
      if (typeof value !== 'number') throw new TypeError(`${field} must be a number`);
      return value;
    };
    const account = typeof body['account'] === 'string' ? body['account'] : KEY.account;
    const acts: Record<string, () => unknown> = {
      price: () => world.setPrice(text('symbol'), text('price')),
      advance: () => world.advance(count('steps')),
      walk: () => (count('ms') > 0 ? world.startWalking(count('ms')) : world.stopWalking()),
      faults: () => faults.add(body as unknown as Fault),
      release: () => ({ released: this.#venue.release() }),
      drop: () => ({ dropped: streams.drop(body['stream'] as 'public' | 'private' | undefined) }),
      skew: () => (world.skewMs = count('ms')),
      halt: () => world.exchange.setHalted(text('symbol'), body['halted'] !== false),
      deposit: () => ({ done: this.deposit(text('asset'), text('amount'), account) }),
      order: () => this.placeByHand(body as unknown as AskedOrder, account),
      cancel: () => ({ done: this.cancelByHand(text('symbol'), text('venueOrderId'), account) }),
      key: () => world.addKey({ ...KEY, ...body }, body['balances'] as Record<string, string> | undefined),
    };
    const act = acts[name];
    return act === undefined ? { status: 404, answer: { error: `there is no act ${name}`, acts: Object.keys(acts) } } : done(act());
  }

  #written(order: SimulatedOrder): TrueOrder {
    const { request, ...rest } = order;
    const scale = this.#venue.world.scale(order.symbol);
    return {
      ...rest,
      side: request.side,
      type: request.type,
      price: request.priceTicks === 0 ? null : scale.price(request.priceTicks),
      size: scale.size(request.sizeLots),
      filledSize: scale.size(order.filledLots),
    };
  }
}

function done(result: unknown): Answer {
  return { status: 200, answer: result ?? { done: true } };
}
