/**
 * Keeps the runs of this process in step with what users want: takes leases of bots that must run, opens their runs,
 * passes wishes on, and begins again from the store after any failure. Every start is a recovery.
 */
import { AppError } from '#core/errors.ts';
import type { Metrics } from '#core/metrics.ts';
import type { Bus, Clock, Ids, Log, Quote, TradingSession, Vault, Venue } from '#core/ports.ts';
import type { RunnerAnnouncement } from '#core/runners.ts';
import { type AccountRecord, type BotRecord, leaseSubject, type Store } from '#core/store.ts';
import type { Strategy } from '#core/strategy.ts';
import type { Tracing } from '#core/tracing.ts';
import { runsStrategy } from './bot-types.ts';
import { Desks } from './desks.ts';
import { type EquityReading, EquityRecorder } from './equity-recorder.ts';
import { type FeedAges, Feeds } from './feeds.ts';
import { FleetPicture } from './fleet/picture.ts';
import { RUNNER_TERM_MS, Spreading } from './fleet/spreading.ts';
import { StandingAside } from './fleet/standing-aside.ts';
import { Troubles } from './fleet/troubles.ts';
import { type HeldLease, LeaseKeeper } from './lease-keeper.ts';
import { askedOnce, identityOf, newestQuotes, watchLegs } from './legs/open-legs.ts';
import { LiveRun, type RunEnd } from './live-run.ts';
import { Openings } from './openings.ts';
import type { OrderDesk } from './order-desk.ts';
import type { OwnStrategies } from './own-strategies/own-strategies.ts';
import { followMarket } from './run-feeds.ts';
import { assertSamePrices, beginRun, holdPositions, type OpenedRun, type RunOpeningParts, resumeRun } from './run-opening.ts';
import { Stewards } from './stewards.ts';

/** Wishes reach a runner by the bus at once; this is how soon they do when a wake-up was lost. */
export const SWEEP_MS = 2_000;
/** How long a polite end waits for answers to orders that are on their way. */
const PARK_PATIENCE_MS = 3_000;

export interface SupervisorParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly metrics?: Metrics | undefined;
  readonly tracing?: Tracing | undefined;
  readonly bus: Bus;
  readonly vault: Vault;
  readonly venues: ReadonlyMap<string, Venue>;
  readonly strategies: ReadonlyMap<string, Strategy>;
  /** Users' own strategies; without them their bots cannot be run here. */
  readonly own?: OwnStrategies | undefined;
  /** Strategies whose bots this process runs; `null` for all. */
  readonly botTypes: readonly string[] | null;
  /** Name of this process, unlike any other's. */
  readonly owner: string;
  /** How it presents itself to the fleet. */
  readonly self: Pick<RunnerAnnouncement, 'host' | 'pid' | 'version' | 'roles'>;
}

interface Seat {
  readonly owner: string;
  readonly held: HeldLease;
  readonly account: AccountRecord;
  readonly venue: Venue;
  readonly strategy: string;
  run: LiveRun | null;
  leave: () => void;
}

export interface Standing {
  runs(): readonly { readonly venueId: string; readonly strategy: string }[];
  feeds(): readonly FeedAges[];
  desks(): readonly { readonly venueId: string; readonly lagMs: number; readonly inDoubt: number }[];
}

/** What a run is seated with. */
interface SeatParts {
  readonly desk: OrderDesk;
  readonly session: TradingSession;
  readonly opened: OpenedRun;
  readonly isKilled: boolean;
  /** Of its instruments, the first one first. */
  readonly quotes: readonly (Quote | null)[];
  readonly isResumed: boolean;
}

export class Supervisor {
  readonly #parts: SupervisorParts;
  readonly #keeper: LeaseKeeper;
  readonly #feeds: Feeds;
  readonly #seats = new Map<string, Seat>();
  readonly #openings: Openings;
  readonly #picture: FleetPicture;
  readonly #spreading: Spreading;
  readonly #standingAside: StandingAside;
  readonly #troubles: Troubles;
  readonly #desks: Desks;
  readonly #stewards: Stewards;
  readonly #opening: RunOpeningParts;
  #isClosed = false;
  #sweeping: Promise<void> | null = null;
  #isSweepWanted = false;
  #cancelSweep: () => void = () => undefined;
  readonly #equity: EquityRecorder;
  readonly #unsubscribe: (() => void)[] = [];

  constructor(parts: SupervisorParts, installation: number) {
    this.#parts = parts;
    this.#troubles = new Troubles(parts);
    this.#feeds = new Feeds(parts);
    this.#keeper = new LeaseKeeper(parts);
    this.#openings = new Openings(
      (bot) => this.#take(bot),
      parts.log,
      () => !this.#keeper.isBehind,
    );
    this.#picture = new FleetPicture(parts);
    this.#desks = new Desks({ ...parts, installation, onTrouble: (account, message) => this.#troubles.tell(account, message) });
    this.#stewards = new Stewards({ ...parts, feeds: this.#feeds, desks: this.#desks, keeper: this.#keeper });
    this.#spreading = new Spreading({
      ...parts,
      openings: this.#openings,
      isSeated: (botId) => this.#seats.has(botId),
      mayTry: (bot) => this.#troubles.mayTry(bot),
      park: async (botId) => {
        await this.#seats.get(botId)?.run?.park(PARK_PATIENCE_MS);
        await this.#vacate(botId, 'release');
      },
      onGiven: () => this.#wakeOthers(),
    });
    this.#standingAside = new StandingAside({
      ...parts,
      openings: this.#openings,
      stewards: this.#stewards,
      seated: () => [...this.#seats].map(([botId, { held }]) => ({ botId, lease: held.lease })),
      park: async (botId) => await this.#seats.get(botId)?.run?.park(PARK_PATIENCE_MS),
      vacate: (botId) => this.#vacate(botId, 'release'),
    });
    this.#equity = new EquityRecorder({ ...parts, readings: () => this.#equityReadings() });
    this.#opening = { store: parts.store, ids: parts.ids, strategies: parts.strategies, own: parts.own, installation, now: () => parts.clock.now() };
  }

  async start(): Promise<void> {
    this.#unsubscribe.push(
      this.#parts.bus.subscribe(
        'bot_commands',
        (message) => this.#onBotCommand(message),
        () => this.#sweepNow(),
      ),
      this.#parts.bus.subscribe('order_commands', (message) => this.#onOrderCommand(message)),
    );
    await this.#sweep();
    // Who is there may have something to hand over.
    this.#wakeOthers();
    this.#equity.start();
  }

  /** What this process has in hand, for graphs. */
  readonly standing: Standing = {
    runs: () => [...this.#seats.values()].map(({ venue, strategy }) => ({ venueId: venue.id, strategy })),
    feeds: () => this.#feeds.ages(),
    desks: () => this.#desks.open().map((desk) => ({ venueId: desk.venueId, ...desk.standing() })),
  };

  /** Stops working in order; orders stay at the venues and the next start goes on with them. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#cancelSweep();
    this.#equity.close();
    await this.#sweeping;
    await this.#parts.store.runners
      .leave(this.#parts.owner)
      .catch((error: unknown) => this.#parts.log.warn({ err: error }, 'the fleet was not told of leaving'));
    await this.#openings.close();
    await this.#spreading.close([...this.#seats.keys()]);
    await this.#stewards.close();
    this.#wakeOthers();
    this.#feeds.close();
    await this.#desks.close();
  }

  #onBotCommand({ from, botId, strategy }: Readonly<Record<string, unknown>>): void {
    // What this runner has given away is for others.
    if (from === this.#parts.owner) return;
    const isOfOtherKind = typeof strategy === 'string' && !runsStrategy(this.#parts.botTypes, strategy);
    if (!isOfOtherKind && !this.#isElsewhere(botId)) this.#sweepNow();
  }

  #onOrderCommand({ botId, accountId, clientOrderId, action }: Readonly<Record<string, unknown>>): void {
    const run = typeof botId === 'string' ? this.#seats.get(botId)?.run : null;
    if (run && action === 'cancel' && typeof clientOrderId === 'string') return run.cancelOrder(clientOrderId);
    if (typeof botId === 'string' ? this.#isElsewhere(botId) : this.#stewards.isElsewhere(accountId)) return;
    // A sweep under way may be letting the steward go that is told here.
    if (typeof botId === 'string' || !this.#stewards.takeUp(accountId) || this.#sweeping !== null) this.#sweepNow();
  }

  /** Whether another runner held the bot at the last sweep: a word for that one. Should it have died since, the next sweep finds the wish. */
  #isElsewhere(botId: unknown): boolean {
    return typeof botId === 'string' && this.#picture.isElsewhere(botId) && !this.#seats.has(botId);
  }

  #sweepNow(): void {
    if (this.#sweeping !== null) this.#isSweepWanted = true;
    else void this.#sweep();
  }

  async #sweep(): Promise<void> {
    this.#cancelSweep();
    this.#sweeping = this.#sweepOnce()
      .catch((error: unknown) => this.#parts.log.warn({ err: error }, 'sweep failed; trying again'))
      .finally(() => {
        this.#sweeping = null;
      });
    await this.#sweeping;
    if (this.#isClosed) return;
    const delayMs = this.#isSweepWanted ? 0 : SWEEP_MS;
    this.#isSweepWanted = false;
    this.#cancelSweep = this.#parts.clock.after(delayMs, () => void this.#sweep());
  }

  async #sweepOnce(): Promise<void> {
    const { botTypes, store, owner, self } = this.#parts;
    this.#spreading.beginSweep();
    const present = await store.runners.beat({ ...self, id: owner, botTypes }, RUNNER_TERM_MS);
    const runners = present.filter(({ roles }) => roles.includes('bots'));
    this.#spreading.noteHeard();
    const observing = await store.operations.observing();
    if (observing !== null) return await this.#standingAside.begin(observing);
    this.#standingAside.end();
    const due = await this.#picture.read(runners, this.#seats.size + this.#openings.size + this.#spreading.leaving);
    await this.#obeyKillSwitches();
    for (const bot of due) this.#seats.get(bot.id)?.run?.want(bot.desired);
    if (!this.#isClosed) this.#spreading.spread(due, runners);
    for (const { botId, clientOrderId } of await store.orders.wishedOff()) this.#seats.get(botId)?.run?.cancelOrder(clientOrderId);
    for (const command of await store.commands.due()) this.#seats.get(command.botId)?.run?.command(command);
    await this.#stewards.sweep(this.#parts.venues, runners);
  }

  #wakeOthers(): void {
    this.#parts.bus.publish('bot_commands', { from: this.#parts.owner });
  }

  async #take(due: BotRecord): Promise<void> {
    const held = await this.#keeper.acquire(leaseSubject('bot', due.id), () => void this.#vacate(due.id, 'abandon'));
    if (held === null) return;
    try {
      // Until the lease was ours another owner may have begun a run: only what is read from here on can be relied on.
      const bot = this.#isClosed ? null : await this.#parts.store.bots.get(due.userId, due.id);
      if (bot === null) return await held.release();
      await this.#open(bot, held);
    } catch (error) {
      await this.#troubles.onOpenFailure(due, held.lease, error);
      await held.release().catch(() => held.abandon());
    }
  }

  async #obeyKillSwitches(): Promise<void> {
    if (this.#seats.size === 0) return;
    const killed = await this.#parts.store.killSwitch.onAmong([...new Set([...this.#seats.values()].map(({ account }) => account.userId))]);
    for (const { run, account } of this.#seats.values()) run?.halt(killed.has(account.userId));
  }

  async #open(bot: BotRecord, held: HeldLease): Promise<void> {
    const { store, venues } = this.#parts;
    const account = await store.accounts.get(bot.userId, bot.accountId);
    const venueId = bot.mode === 'paper' ? 'paper' : (account?.exchange ?? '');
    const venue = venues.get(venueId);
    if (account === null || venue === undefined) throw new AppError('exchange_unknown', `there is no venue "${venueId}" here`);
    const resumed = await resumeRun(this.#opening, bot);
    if (resumed === null && bot.desired !== 'running') {
      await store.bots.setStatus(held.lease, bot.id, 'stopped', '', this.#parts.clock.now());
      return await held.release();
    }
    await this.#parts.store.bots.setStatus(held.lease, bot.id, 'starting', resumed === null ? '' : 'taking over', this.#parts.clock.now());
    if (resumed !== null) await assertSamePrices(venue, bot.symbol, resumed.scale.instrument.venue);
    const isKilled = await store.killSwitch.isOn(bot.userId);
    if (isKilled && resumed === null) throw new AppError('trading_killed', 'the kill switch is on; nothing is begun');
    const quoteOf = askedOnce((symbol) => this.#feeds.quote(venue, symbol));
    if (resumed === null) await quoteOf(bot.symbol);
    const open = await this.#desks.of(account, venue, ownerOf(bot));
    try {
      const { desk, session } = open;
      const opened = resumed ?? (await beginRun(this.#opening, { bot, venue, session, reads: desk.reads, lease: held.lease, quoteOf }));
      await holdPositions(open.session, opened.recipe, resumed !== null);
      const quotes = await newestQuotes(opened.engine, quoteOf);
      this.#seat(bot, { held, account, venue, desk, session, opened, isKilled, quotes, isResumed: resumed !== null });
    } catch (error) {
      await this.#desks.leave(account, venue, ownerOf(bot));
      throw error;
    }
  }

  #seat(bot: BotRecord, parts: Omit<Seat, 'owner' | 'run' | 'leave' | 'strategy'> & SeatParts): void {
    const { held, account, venue, desk, opened, isKilled, quotes, isResumed } = parts;
    const log = this.#parts.log.child({ runId: opened.runId, botId: bot.id, userId: bot.userId });
    const run = new LiveRun({
      ...this.#parts,
      log,
      identity: identityOf(opened, bot),
      engine: opened.engine,
      own: opened.own,
      held,
      desk,
      sequence: opened.sequence,
      orders: opened.orders,
      onEnd: (end) => void this.#onRunEnd(bot, end),
    });
    const owner = ownerOf(bot);
    run.halt(isKilled);
    run.start(...quotes);
    desk.join(owner, run);
    const unwatch = followMarket(this.#feeds, venue, bot.symbol, run, opened.engine);
    const { store, clock } = this.#parts;
    const unwatchLegs = watchLegs({
      ...{ opened, run, venue, store, clock, log },
      quoteOf: (symbol) => this.#feeds.quote(venue, symbol),
      session: parts.session,
      accountId: account.id,
      onTrouble: (message) => this.#troubles.tell(account, message),
    });
    this.#seats.set(bot.id, {
      owner,
      held,
      account,
      venue,
      strategy: bot.strategy,
      run,
      leave: () => {
        unwatch();
        unwatchLegs();
        desk.leave(owner, run);
      },
    });
    run.want(bot.desired);
    log.info({ epoch: held.lease.epoch, isResumed }, 'run opened');
  }

  async #onRunEnd(bot: BotRecord, end: RunEnd): Promise<void> {
    if (end.kind === 'failed') await this.#troubles.onRunFailure(bot, this.#seats.get(bot.id)?.held.lease ?? null, end.error);
    await this.#vacate(bot.id, 'release');
  }

  async #vacate(botId: string, how: 'release' | 'abandon'): Promise<void> {
    const seat = this.#seats.get(botId);
    if (seat === undefined) return;
    this.#seats.delete(botId);
    seat.run?.drop();
    seat.leave();
    try {
      if (how === 'release') await seat.held.release();
      else seat.held.abandon();
    } catch (error) {
      this.#parts.log.warn({ botId, err: error }, 'a lease was not given back; it runs out by itself');
    }
    await this.#desks
      .leave(seat.account, seat.venue, seat.owner)
      .catch((error: unknown) => this.#parts.log.warn({ botId, err: error }, 'a desk was not closed cleanly'));
  }

  #equityReadings(): readonly EquityReading[] {
    return [...this.#seats.values()].map(({ run, held }) => () => {
      const equity = run?.equity() ?? null;
      return run === null || equity === null ? null : { lease: held.lease, runId: run.runId, ...equity };
    });
  }
}

/** A bot as its orders name it. */
function ownerOf(bot: BotRecord): string {
  return `bot:${bot.number}`;
}
