/**
 * What lies behind every simulated venue, whatever protocol it speaks: one exchange, its accounts and keys, prices that
 * walk, the venue's clock, and the record of all that was asked. A dialect translates between this and the wire.
 */
import { type Instrument, type InstrumentKind, isPerpetualSymbol, type Scale } from '#core/instrument.ts';
import { type ExchangeEvent, SimulatedExchange, type SimulatedExchangeOptions } from '#core/simulated-exchange.ts';
import { type Movement, movementOf, type Skew } from './_movements.ts';
import { DEFAULT_WALK, PricePath, type WalkOptions } from './_prices.ts';
import { type Random, seeded } from './_random.ts';

/** An API key at the venue. Several may lead to one account. */
export interface VenueKey {
  readonly apiKey: string;
  readonly secret: string;
  readonly passphrase: string;
  readonly account: string;
  readonly canTrade: boolean;
  /** Perpetuals are another right; a key has it unless this says otherwise. */
  readonly canTradePerpetuals?: false;
  readonly canWithdraw: boolean;
  readonly isIpRestricted: boolean;
}

/** A network of a coin, in the venue's own words. */
export interface SimulatedNetwork {
  readonly chain: string;
  /** Empty for the network's own coin. */
  readonly contract: string;
  readonly canDeposit: boolean;
  readonly canWithdraw: boolean;
  readonly fee: string;
}

export interface WorldOptions {
  readonly seed?: number;
  readonly instruments?: readonly { readonly instrument: Instrument; readonly startPrice: string }[];
  readonly keys?: readonly VenueKey[];
  /** What every account of `keys` holds at the start. */
  readonly balances?: Readonly<Record<string, string>>;
  /** And in the wallet of perpetuals, where the venue keeps one for them. */
  readonly perpetualBalances?: Readonly<Record<string, string>>;
  readonly walk?: Partial<WalkOptions>;
  readonly exchange?: Partial<Omit<SimulatedExchangeOptions, 'instruments'>>;
  /** Milliseconds since 1970; the machine's clock without it. */
  readonly now?: () => number;
}

/** A price that changed, for the public streams. */
export interface PriceEvent {
  readonly type: 'price';
  readonly symbol: string;
  readonly at: number;
}

export type WorldEvent = ExchangeEvent | PriceEvent;

/** A request to place that the venue refused, in the venue's own words. */
export interface Refused {
  readonly at: number;
  readonly account: string;
  readonly symbol: string;
  readonly clientOrderId: string;
  readonly code: string;
  readonly message: string;
}

export const KEY: VenueKey = {
  apiKey: 'simulated-key-simulated-key-simulated-key-simulated-key-00000000',
  secret: 'simulated-secret-simulated-secret-simulated-secret-simulated-000',
  passphrase: 'simulated-passphrase',
  account: 'main',
  canTrade: true,
  canWithdraw: false,
  isIpRestricted: true,
};

const MAX_REFUSED = 100_000;

export class World {
  readonly exchange: SimulatedExchange;
  readonly random: Random;
  readonly keys = new Map<string, VenueKey>();
  readonly refused: Refused[] = [];
  /** Accounts that keep longs and shorts in a perpetual apart. */
  readonly hedged = new Set<string>();
  /** Networks of coins that are told otherwise than as one of the coin's own. */
  readonly networks = new Map<string, readonly SimulatedNetwork[]>();
  /** What happened to orders, oldest first. */
  readonly movements: Movement[] = [];
  /** How the venue's clock was set, oldest first. */
  readonly skews: Skew[] = [];
  readonly #now: () => number;
  readonly #paths = new Map<string, PricePath>();
  readonly #listeners = new Set<(event: WorldEvent) => void>();
  /** When all orders of an account end, unless that is put off. */
  readonly #ends = new Map<string, { readonly account: string; readonly kind: InstrumentKind | null; readonly at: number }>();
  readonly #perpetualBalances: Readonly<Record<string, string>>;
  readonly #walletsApart: boolean;
  #walking: NodeJS.Timeout | undefined;

  constructor(options: WorldOptions = {}) {
    this.#now = options.now ?? (() => Date.now());
    this.random = seeded(options.seed ?? 1);
    const listed = options.instruments ?? LISTED;
    this.exchange = new SimulatedExchange({ ...options.exchange, instruments: listed.map((each) => each.instrument) });
    this.#walletsApart = options.exchange?.wallets === 'apart';
    this.#perpetualBalances = options.perpetualBalances ?? { USDT: '100000' };
    for (const key of options.keys ?? [KEY]) this.addKey(key, options.balances ?? { USDT: '100000', BTC: '2', ETH: '20', BNB: '10' });
    for (const { instrument, startPrice } of listed) {
      const start = this.scale(instrument.symbol).ticks(startPrice, 'nearest');
      // Chance of its own, so that the prices of spot instruments walk the same with and without perpetuals.
      const random = instrument.kind === 'spot' ? this.random : seeded((options.seed ?? 1) + this.#paths.size * 7919);
      this.#paths.set(instrument.symbol, new PricePath(start, this.now(), { ...DEFAULT_WALK, ...options.walk }, random));
      this.#apply(instrument.symbol);
    }
    this.flush();
  }

  /** Milliseconds by which the venue's clock runs ahead of the machine's. */
  get skewMs(): number {
    return this.skews.at(-1)?.ms ?? 0;
  }

  set skewMs(ms: number) {
    this.skews.push({ machineAt: this.#now(), ms });
  }

  /** Venue time in milliseconds since 1970. */
  now(): number {
    return this.#now() + this.skewMs;
  }

  /** Time that no skew touches, for limits and logs. */
  machineNow(): number {
    return this.#now();
  }

  /** A key and, where its account is new, what it holds. */
  addKey(key: VenueKey, balances: Readonly<Record<string, string>> = {}): void {
    this.keys.set(key.apiKey, key);
    if (this.exchange.balances(key.account).length > 0) return;
    for (const [asset, amount] of Object.entries(balances)) this.exchange.deposit(key.account, asset, amount, this.now());
    if (!this.#walletsApart) return;
    for (const [asset, amount] of Object.entries(this.#perpetualBalances)) this.exchange.deposit(key.account, asset, amount, this.now(), 'perpetual');
  }

  /** Listed symbols of a kind. */
  symbolsOf(kind: InstrumentKind): readonly string[] {
    return this.exchange.symbols.filter((symbol) => isPerpetualSymbol(symbol) === (kind === 'perpetual'));
  }

  networksOf(coin: string): readonly SimulatedNetwork[] {
    return this.networks.get(coin) ?? [{ chain: coin, contract: '', canDeposit: true, canWithdraw: true, fee: '0.0001' }];
  }

  scale(symbol: string): Scale {
    const scale = this.exchange.scale(symbol);
    if (scale === undefined) throw new RangeError(`${symbol} is not listed`);
    return scale;
  }

  path(symbol: string): PricePath {
    const path = this.#paths.get(symbol);
    if (path === undefined) throw new RangeError(`${symbol} is not listed`);
    return path;
  }

  /** Hears of everything that happens, in sequence; the returned function ends it. */
  listen(listener: (event: WorldEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Tells the listeners what the exchange has done since the last call. */
  flush(): void {
    for (const event of this.exchange.takeEvents()) {
      const movement = movementOf(event, this.machineNow());
      if (movement !== null) this.movements.push(movement);
      this.#tell(event);
    }
  }

  /** All orders of the account, or those of one kind, end at a time, `null` for never; what was said before no longer holds. */
  cancelAllAt(account: string, at: number | null, kind: InstrumentKind | null = null): void {
    const key = `${account} ${kind}`;
    if (at === null) this.#ends.delete(key);
    else this.#ends.set(key, { account, kind, at });
  }

  /** Carries out what has fallen due. */
  expire(): void {
    const now = this.now();
    for (const [key, { account, kind, at }] of this.#ends) {
      if (at > now) continue;
      this.#ends.delete(key);
      const ended = kind === null ? this.exchange.symbols : this.symbolsOf(kind);
      for (const symbol of ended) for (const order of this.exchange.openOrders(account, symbol)) this.exchange.cancel(account, symbol, order, now);
    }
    this.flush();
  }

  /** Moves the middle of a market to `price`; orders on the way execute. */
  setPrice(symbol: string, price: string): void {
    this.path(symbol).set(this.scale(symbol).ticks(price, 'nearest'), this.now());
    this.#apply(symbol);
  }

  /** Takes steps of the random walk in every market. */
  advance(steps = 1): void {
    for (let step = 0; step < steps; step += 1) {
      for (const [symbol, path] of this.#paths) {
        path.step(this.now());
        this.#apply(symbol);
      }
    }
  }

  /** Walks by itself, one step every `ms`. */
  startWalking(ms: number): void {
    this.stopWalking();
    this.#walking = setInterval(() => this.advance(), ms);
  }

  stopWalking(): void {
    clearInterval(this.#walking);
    this.#walking = undefined;
  }

  noteRefusal(refused: Refused): void {
    this.refused.push(refused);
    if (this.refused.length > MAX_REFUSED) this.refused.shift();
  }

  #apply(symbol: string): void {
    this.expire();
    const { bidTicks, askTicks, liquidityLots } = this.path(symbol).quote;
    const at = this.now();
    this.exchange.setQuote(symbol, bidTicks, askTicks, at, liquidityLots);
    this.#tell({ type: 'price', symbol, at });
    this.flush();
  }

  #tell(event: WorldEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

function listing(
  base: string,
  quote: string,
  startPrice: string,
  priceIncrement: string,
  sizeIncrement: string,
  minNotional: string,
): { readonly instrument: Instrument; readonly startPrice: string } {
  return {
    startPrice,
    instrument: {
      venue: 'simulated',
      symbol: `${base}/${quote}`,
      base,
      quote,
      kind: 'spot',
      settle: quote,
      perpetual: null,
      priceIncrement,
      sizeIncrement,
      minPrice: priceIncrement,
      maxPrice: '1000000',
      minSize: sizeIncrement,
      maxSize: '9000',
      minNotional,
      makerFeeRate: '0.001',
      takerFeeRate: '0.001',
      status: 'trading',
    },
  };
}

/** What is traded where nothing else is said; dialects change what their venue does not know. */
export const LISTED: readonly { readonly instrument: Instrument; readonly startPrice: string }[] = [
  listing('BTC', 'USDT', '60000', '0.01', '0.00001', '5'),
  listing('ETH', 'USDT', '3000', '0.01', '0.0001', '5'),
  listing('BNB', 'USDT', '600', '0.1', '0.001', '5'),
  listing('ETH', 'BTC', '0.05', '0.00001', '0.0001', '0.0001'),
];

function perpetual(base: string, startPrice: string, priceIncrement: string, sizeIncrement: string): (typeof LISTED)[number] {
  const { instrument } = listing(base, 'USDT', startPrice, priceIncrement, sizeIncrement, '5');
  return {
    startPrice,
    instrument: {
      ...instrument,
      symbol: `${base}/USDT:USDT`,
      kind: 'perpetual',
      perpetual: { contractSize: '1', fundingIntervalMs: 8 * 3_600_000, maxLeverage: 125, maintenanceMarginRate: '0.005' },
      maxSize: '1000',
      makerFeeRate: '0.0002',
      takerFeeRate: '0.0005',
    },
  };
}

/** Listed beside them where the venue has perpetuals. */
export const PERPETUALS: typeof LISTED = [perpetual('BTC', '60000', '0.1', '0.001'), perpetual('ETH', '3000', '0.01', '0.01')];
