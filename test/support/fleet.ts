/**
 * A whole fleet in one test: real database, the real Binance adapter against the simulated venue, the paper venue, and
 * supervisors that can be dropped as a crash would and started anew.
 */
import { memoryBus } from '#adapters/bus/memory.ts';
import { systemClock } from '#adapters/clock.ts';
import { randomIds } from '#adapters/ids.ts';
import { booksOf } from '#adapters/store/books.ts';
import { aesVault } from '#adapters/vault.ts';
import { VENUES } from '#adapters/venues/index.gen.ts';
import { type Standing, Supervisor } from '#app/fleet/supervisor.ts';
import { OwnStrategies } from '#app/own-strategies/own-strategies.ts';
import { sealCredentials } from '#app/people/credentials.ts';
import { setupOf } from '#app/run/run-setup.ts';
import { replay, type TapeDifference } from '#app/run/tape.ts';
import type { DesiredState } from '#core/bot-states.ts';
import type { Instrument } from '#core/instrument.ts';
import { type Metrics, NO_METRICS } from '#core/metrics.ts';
import type { StrategySandbox } from '#core/sandbox/port.ts';
import type { BotRecord } from '#core/store/bots.ts';
import type { OrderRecord } from '#core/store/orders.ts';
import type { JournalEntry } from '#core/store/runs.ts';
import { NO_TRACING, type Tracing } from '#core/tracing.ts';
import type { Quote, Venue, VenueCapabilities } from '#core/venue-ports.ts';
import { STRATEGIES } from '#strategies/index.gen.ts';
import type { VenueServer } from '../venues/_server.ts';
import { SIMULATORS, type SimulatedVenue } from '../venues/_simulators.ts';
import { KEY } from '../venues/_world.ts';
import { createTestStore, type TestStore } from './database.ts';
import { type KeptLine, quietLog } from './quiet-log.ts';
import { PATIENCE_MS, until } from './until.ts';

const ALL = { limit: 200, cursor: null } as const;

export interface FleetOptions {
  readonly seed?: number;
  /** Which venue the account is at; Binance if not given. */
  readonly venue?: SimulatedVenue;
  readonly tracing?: Tracing;
  readonly metrics?: Metrics;
  /** With it the fleet runs users' own strategies. */
  readonly sandbox?: StrategySandbox;
  /** Where the paper venue's prices come from: the simulated venue, whose price a test sets, or the demonstration market if not given. */
  readonly paperPrices?: 'simulator';
}

export class Fleet {
  readonly database: TestStore;
  readonly simulator: VenueServer;
  readonly lines: KeptLine[] = [];
  readonly bus = memoryBus(quietLog());
  readonly strategies = new Map(STRATEGIES.map((strategy) => [strategy.name, strategy]));
  readonly vault = aesVault('0'.repeat(64));
  userId = '';
  accountId = '';
  #supervisor: Supervisor | null = null;
  #venues: ReadonlyMap<string, Venue> = new Map();

  readonly #venue: SimulatedVenue;

  readonly #tracing: Tracing;
  readonly #metrics: Metrics;
  /** Users' own strategies, where there is a sandbox. */
  readonly own: OwnStrategies | undefined;
  readonly #paperUrl: string | null;

  constructor(
    database: TestStore,
    simulator: VenueServer,
    venue: SimulatedVenue,
    watch: Pick<FleetOptions, 'tracing' | 'metrics' | 'paperPrices' | 'sandbox'> = {},
  ) {
    this.database = database;
    this.simulator = simulator;
    this.#venue = venue;
    this.#tracing = watch.tracing ?? NO_TRACING;
    this.#metrics = watch.metrics ?? NO_METRICS;
    this.own =
      watch.sandbox === undefined ? undefined : new OwnStrategies({ store: database.store, sandbox: watch.sandbox, clock: systemClock, ids: randomIds });
    this.#paperUrl = watch.paperPrices === 'simulator' ? null : 'demo';
  }

  static async open(options: FleetOptions = {}): Promise<Fleet> {
    const venue = options.venue ?? 'binance';
    const simulator = await SIMULATORS[venue]({ seed: options.seed ?? 1 });
    const fleet = new Fleet(await createTestStore(), simulator, venue, options);
    fleet.userId = randomIds.next();
    await fleet.store.users.create({ id: fleet.userId, email: 'fleet@example.org', passwordHash: 'hash', at: systemClock.now() });
    fleet.accountId = await fleet.#addAccount();
    await fleet.start();
    return fleet;
  }

  get venues(): ReadonlyMap<string, Venue> {
    return this.#venues;
  }

  /** What the present process has in hand. */
  readonly standing: Standing = {
    runs: () => this.#supervisor?.standing.runs() ?? [],
    feeds: () => this.#supervisor?.standing.feeds() ?? [],
    desks: () => this.#supervisor?.standing.desks() ?? [],
  };

  get store() {
    return this.database.store;
  }

  /** A new process: its own venues, sessions and lease owner. */
  async start(): Promise<void> {
    const log = quietLog(this.lines);
    const urls: Readonly<Record<string, string>> = { [this.#venue]: this.simulator.url, ...(this.#paperUrl === null ? {} : { paper: this.#paperUrl }) };
    const options = { clock: systemClock, ids: randomIds, log, urls, books: booksOf(this.store), tracing: this.#tracing };
    this.#venues = new Map(VENUES.map((module) => [module.id, module.open({ ...options, url: urls[module.id] ?? null })]));
    const owner = randomIds.next();
    await this.store.leases.expireOthers(owner);
    const parts = {
      store: this.store,
      clock: systemClock,
      ids: randomIds,
      log,
      tracing: this.#tracing,
      metrics: this.#metrics,
      bus: this.bus,
      vault: this.vault,
      venues: this.#venues,
      strategies: this.strategies,
      own: this.own,
      botTypes: null,
      owner,
      self: { host: 'test', pid: 1, version: 'test', roles: ['bots'] },
    };
    this.#supervisor = new Supervisor(parts, await this.store.installation());
    await this.#supervisor.start();
  }

  /** Ends the process's work; orders stay where they are. The next {@link start} is a take-over. */
  async halt(): Promise<void> {
    await this.#supervisor?.close();
    for (const venue of this.#venues.values()) await venue.close();
    this.#supervisor = null;
  }

  async close(): Promise<void> {
    await this.halt();
    await this.simulator.close();
    await this.database.drop();
  }

  /** A grid around the simulator's BTC price, started. */
  async startGrid(change: Partial<Pick<BotRecord, 'strategy' | 'mode' | 'symbol' | 'config'>> = {}): Promise<BotRecord> {
    const bot = await this.store.bots.create({
      id: randomIds.next(),
      userId: this.userId,
      accountId: this.accountId,
      name: 'Grid',
      strategy: 'grid',
      symbol: 'BTC/USDT',
      mode: 'live',
      config: { lower_price: '58000', upper_price: '62000', levels: 9, spacing: 'arithmetic', investment: '10000' },
      at: systemClock.now(),
      ...change,
    });
    await this.want(bot.id, 'running');
    return bot;
  }

  /** The middle of a market at a venue, for settings around the present price. */
  async price(venueId: string, symbol: string): Promise<number> {
    const quote = await this.#venues.get(venueId)?.market.quote(symbol);
    if (quote === undefined) throw new Error(`there is no venue ${venueId}`);
    return (Number(quote.bid) + Number(quote.ask)) / 2;
  }

  /** What orders at a venue are checked against. */
  async market(venueId: string, symbol: string): Promise<{ readonly instrument: Instrument; readonly quote: Quote; readonly capabilities: VenueCapabilities }> {
    const venue = this.#venues.get(venueId);
    const instrument = (await venue?.market.instruments())?.get(symbol);
    if (venue === undefined || instrument === undefined) throw new Error(`${symbol} is not traded at ${venueId}`);
    return { instrument, quote: await venue.market.quote(symbol), capabilities: venue.capabilities };
  }

  async want(botId: string, desired: DesiredState): Promise<void> {
    await this.store.bots.setDesired(this.userId, botId, desired, systemClock.now());
    this.bus.publish('bot_commands', { botId });
  }

  async bot(botId: string): Promise<BotRecord> {
    const bot = await this.store.bots.get(this.userId, botId);
    if (bot === null) throw new Error(`there is no bot ${botId}`);
    return bot;
  }

  async orders(botId: string): Promise<readonly OrderRecord[]> {
    return (await this.store.orders.list(this.userId, { botId }, ALL)).items;
  }

  /** Waits until something is true, and fails with what it was and the last troubles of the fleet. */
  async until(what: string, isTrue: () => boolean | Promise<boolean>, patienceMs = PATIENCE_MS): Promise<void> {
    await until(isTrue, what, patienceMs, () => this.lines.filter((line) => line.level !== 'info').slice(-5));
  }

  /** Whether every open order at the venue is open in the books, with the same fills, and the other way round. */
  async agrees(botId: string): Promise<boolean> {
    const books = (await this.orders(botId))
      .filter((order) => ['accepted', 'partiallyFilled'].includes(order.state))
      .map((order) => `${order.clientOrderId} ${order.filledSize}`);
    const doubtful = (await this.orders(botId)).some((order) => ['submitting', 'cancelling', 'unknown'].includes(order.state));
    const venue = this.simulator.truth.openOrders().map((order) => `${order.clientOrderId} ${order.filledSize}`);
    return !doubtful && books.sort().join() === venue.sort().join();
  }

  /** Replays the newest run of a bot from its tape and returns where it differs, and how long the tape is. */
  async replay(botId: string, userId = this.userId): Promise<{ readonly length: number; readonly difference: TapeDifference | null }> {
    const run = await this.store.runs.latest(userId, botId);
    if (run === null) throw new Error('the bot has no run');
    const entries: JournalEntry[] = [];
    for (;;) {
      const page = await this.store.runs.tape(userId, botId, run.id, entries.at(-1)?.sequence ?? 0, 200);
      if (page.length === 0) break;
      entries.push(...page);
    }
    return { length: entries.length, difference: replay(setupOf(this.strategies, run.recipe), entries) };
  }

  async #addAccount(): Promise<string> {
    const id = randomIds.next();
    const keys = sealCredentials(this.vault, this.userId, id, this.#venue, { apiKey: KEY.apiKey, apiSecret: KEY.secret, passphrase: KEY.passphrase });
    await this.store.accounts.create({ id, userId: this.userId, name: 'Simulated', exchange: this.#venue, ...keys, createdAt: systemClock.now() });
    return id;
  }
}
