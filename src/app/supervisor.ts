/**
 * Keeps the runs of this process in step with what users want: takes leases of bots that must run, opens their runs,
 * passes wishes on, and begins again from the store after any failure. Every start is a recovery.
 */
import { AppError, PortError } from '#core/errors.ts';
import { type Metrics, NO_METRICS } from '#core/metrics.ts';
import { OBSERVE_REASON, type Observing } from '#core/operations.ts';
import type { Bus, Clock, Ids, Log, Quote, TradingSession, Vault, Venue } from '#core/ports.ts';
import { isHeldByOther, type RunnerAnnouncement, type RunnerRecord } from '#core/runners.ts';
import { type AccountRecord, type BotRecord, type DueBot, leaseSubject, type NewEquityPoint, type Store } from '#core/store.ts';
import type { Strategy } from '#core/strategy.ts';
import type { Tracing } from '#core/tracing.ts';
import { runsStrategy } from './bot-types.ts';
import { Desks } from './desks.ts';
import { EquityRecorder } from './equity-recorder.ts';
import { Failures, MAX_STRIKES } from './failures.ts';
import { type FeedAges, Feeds } from './feeds.ts';
import { type HeldLease, LeaseKeeper } from './lease-keeper.ts';
import { identityOf, otherQuotes, watchLegs } from './legs/open-legs.ts';
import { LiveRun, type RunEnd } from './live-run.ts';
import { Openings } from './openings.ts';
import type { OrderDesk } from './order-desk.ts';
import { followMarket } from './run-feeds.ts';
import { assertSamePrices, beginRun, holdPositions, type OpenedRun, type RunOpeningParts, resumeRun } from './run-opening.ts';
import { Share } from './share.ts';
import type { SpreadRunner } from './spread.ts';
import { Stewards } from './stewards.ts';

/** Wishes reach a runner by the bus at once; this is how soon they do when a wake-up was lost. */
export const SWEEP_MS = 2_000;
/** A runner not heard of for this long gets nothing more; shorter than leases last, so that nobody waits for the dead to take them. */
export const RUNNER_TERM_MS = 10_000;
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
  readonly quotes: readonly [Quote, ...(Quote | null)[]];
  readonly isResumed: boolean;
}

export class Supervisor {
  readonly #parts: SupervisorParts;
  readonly #keeper: LeaseKeeper;
  readonly #feeds: Feeds;
  readonly #seats = new Map<string, Seat>();
  readonly #openings: Openings;
  /** Bots that other runners held at the last sweep. */
  #elsewhere: ReadonlySet<string> = new Set();
  /** Bots whose runs are being parked and given back. */
  readonly #giving = new Map<string, Promise<void>>();
  /** Bots that were given back, by the number of the sweep meanwhile: what that one has read of them is old. */
  readonly #given = new Map<string, number>();
  #sweepNumber = 0;
  readonly #share: Share;
  /** When the database last took note of this runner. */
  #heardAt = Number.POSITIVE_INFINITY;
  readonly #failures = new Failures();
  readonly #desks: Desks;
  readonly #stewards: Stewards;
  readonly #opening: RunOpeningParts;
  #isClosed = false;
  #isStandingAside = false;
  #sweeping: Promise<void> | null = null;
  #isSweepWanted = false;
  #cancelSweep: () => void = () => undefined;
  readonly #equity: EquityRecorder;
  readonly #unsubscribe: (() => void)[] = [];

  constructor(parts: SupervisorParts, installation: number) {
    this.#parts = parts;
    this.#feeds = new Feeds(parts);
    this.#keeper = new LeaseKeeper(parts);
    this.#openings = new Openings((bot) => this.#take(bot), parts.log);
    this.#share = new Share(parts.owner, parts.clock);
    this.#desks = new Desks({ ...parts, installation, onTrouble: (account, message) => this.#tellTrouble(account, message) });
    this.#stewards = new Stewards({ ...parts, feeds: this.#feeds, desks: this.#desks, keeper: this.#keeper });
    this.#equity = new EquityRecorder({ ...parts, points: () => this.#equityPoints() });
    this.#opening = { store: parts.store, ids: parts.ids, strategies: parts.strategies, installation, now: () => parts.clock.now() };
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
    await Promise.all([...this.#giving.values(), ...[...this.#seats.keys()].map((botId) => this.#giveAway(botId))]);
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
    return typeof botId === 'string' && this.#elsewhere.has(botId) && !this.#seats.has(botId);
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
    this.#sweepNumber += 1;
    const present = await store.runners.beat({ ...self, id: owner, botTypes }, RUNNER_TERM_MS);
    const runners = present.filter(({ roles }) => roles.includes('bots'));
    const now = this.#parts.clock.now();
    // When the database was away, nobody has been heard of: the others get one sweep to come back to what is theirs.
    const isFirstBack = now - this.#heardAt > RUNNER_TERM_MS;
    this.#heardAt = now;
    const observing = await store.operations.observing();
    if (observing !== null) return await this.#standAside(observing);
    this.#isStandingAside = false;
    const all = await store.bots.due();
    this.#elsewhere = new Set(all.filter(({ lease }) => isHeldByOther(lease, owner)).map(({ id }) => id));
    const due = all.filter((bot) => runsStrategy(botTypes, bot.strategy));
    await this.#obeyKillSwitches(due);
    for (const bot of due) this.#seats.get(bot.id)?.run?.want(bot.desired);
    this.#spread(due, runners, isFirstBack);
    for (const { botId, clientOrderId } of await store.orders.wishedOff()) this.#seats.get(botId)?.run?.cancelOrder(clientOrderId);
    for (const command of await store.commands.due()) this.#seats.get(command.botId)?.run?.command(command);
    await this.#stewards.sweep(this.#parts.venues, runners);
  }

  /** Takes what is this runner's share, and gives away what is another's. */
  #spread(due: readonly DueBot[], runners: readonly RunnerRecord[], isFirstBack: boolean): void {
    if (this.#isClosed) return;
    for (const [botId, number] of [...this.#given]) if (number < this.#sweepNumber) this.#given.delete(botId);
    const charges = due.map((bot) => ({
      id: bot.id,
      kind: bot.strategy,
      group: bot.accountId,
      lease: this.#isLost(bot) ? null : bot.lease,
      isMovable: bot.status === 'running' && bot.desired === 'running',
    }));
    const plan = this.#share.plan(charges, runners.map(toSpread));
    const takes = isFirstBack ? plan.takes.filter(({ lease }) => lease === null || lease.owner === this.#parts.owner) : plan.takes;
    const gives = isFirstBack ? [] : plan.gives;
    const byId = new Map(due.map((bot) => [bot.id, bot]));
    this.#openings.offer(takes.flatMap(({ id }) => byId.get(id) ?? []).filter((bot) => this.#mayTake(bot)));
    if (gives.length === 0) return;
    this.#parts.log.info({ bots: gives.length, runners: runners.length }, 'bots are handed over to spread them evenly');
    void Promise.all(gives.map(({ id }) => this.#giveAway(id))).then(() => this.#wakeOthers());
  }

  /** Whether a lease of ours stands without anybody here who holds it: its release, or its taking, had no answer. */
  #isLost({ id, lease }: DueBot): boolean {
    return lease?.owner === this.#parts.owner && !this.#seats.has(id) && !this.#openings.isOpening(id) && !this.#isGiven(id);
  }

  #isGiven(botId: string): boolean {
    return this.#giving.has(botId) || this.#given.has(botId);
  }

  #mayTake(bot: BotRecord): boolean {
    return !this.#seats.has(bot.id) && !this.#isGiven(bot.id) && this.#failures.mayTry(bot, this.#parts.clock.now());
  }

  /** Ends the run between two events and gives its lease back, for another runner to go on. */
  #giveAway(botId: string): Promise<void> {
    const giving = this.#giving.get(botId) ?? this.#parkAndVacate(botId).finally(() => this.#giving.delete(botId));
    this.#giving.set(botId, giving);
    return giving;
  }

  async #parkAndVacate(botId: string): Promise<void> {
    await this.#seats.get(botId)?.run?.park(PARK_PATIENCE_MS);
    await this.#vacate(botId, 'release');
    this.#given.set(botId, this.#sweepNumber);
  }

  #wakeOthers(): void {
    this.#parts.bus.publish('bot_commands', { from: this.#parts.owner });
  }

  /** While the installation observes only nothing is sent anywhere: no run is open, no order is seen to. */
  async #standAside({ since, reason }: Observing): Promise<void> {
    if (!this.#isStandingAside) this.#parts.log.warn({ since, reason }, 'OBSERVE ONLY: no bot runs and no order is sent until this is ended');
    this.#isStandingAside = true;
    await this.#openings.close();
    await Promise.all([...this.#seats].map(([botId, seat]) => this.#standUp(botId, seat)));
    await this.#stewards.rest();
  }

  /** What shows as running must not: it begins again from here when the installation trades. */
  async #standUp(botId: string, { run, held }: Seat): Promise<void> {
    const { store, clock, log } = this.#parts;
    await run?.park(PARK_PATIENCE_MS);
    await store.bots
      .setStatus(held.lease, botId, 'starting', OBSERVE_REASON, clock.now())
      .catch((error: unknown) => log.warn({ botId, err: error }, 'that it waits could not be recorded'));
    await this.#vacate(botId, 'release');
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
      await this.#onOpenFailure(due, held, error);
    }
  }

  async #obeyKillSwitches(due: readonly BotRecord[]): Promise<void> {
    const seated = due.filter((bot) => this.#seats.get(bot.id)?.run);
    if (seated.length === 0) return;
    const killed = await this.#parts.store.killSwitch.onAmong([...new Set(seated.map((bot) => bot.userId))]);
    for (const bot of seated) this.#seats.get(bot.id)?.run?.halt(killed.has(bot.userId));
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
    const quoteOf = (symbol: string) => this.#feeds.quote(venue, symbol);
    const quote = await quoteOf(bot.symbol);
    const open = await this.#desks.of(account, venue, ownerOf(bot));
    try {
      const opened =
        resumed ?? (await beginRun(this.#opening, { bot, venue, session: open.session, reads: open.desk.reads, lease: held.lease, quote, quoteOf }));
      await holdPositions(open.session, opened.recipe);
      const others = await otherQuotes(opened.engine, quoteOf);
      this.#seat(bot, {
        held,
        account,
        venue,
        desk: open.desk,
        session: open.session,
        opened,
        isKilled,
        quotes: [quote, ...others],
        isResumed: resumed !== null,
      });
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
      held,
      desk,
      sequence: opened.sequence,
      orders: opened.orders,
      onEnd: (end) => void this.#onRunEnd(bot, end),
    });
    const owner = ownerOf(bot);
    run.halt(isKilled);
    const [quote, ...others] = quotes;
    run.start(quote, others);
    desk.join(owner, run);
    const unwatch = followMarket(this.#feeds, venue, bot.symbol, run, opened.engine);
    const { store, clock } = this.#parts;
    const unwatchLegs = watchLegs({
      ...{ opened, run, venue, store, clock, log },
      quoteOf: (symbol) => this.#feeds.quote(venue, symbol),
      session: parts.session,
      accountId: account.id,
      onTrouble: (message) => this.#tellTrouble(account, message),
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

  async #onOpenFailure(bot: BotRecord, held: HeldLease, error: unknown): Promise<void> {
    // A venue may come back; everything else the user has to change first.
    const isRefused = error instanceof AppError && error.code !== 'venue_unavailable';
    const reason = error instanceof AppError || error instanceof PortError ? error.message : 'internal error; see the log';
    this.#parts.log.warn({ botId: bot.id, err: error }, 'run could not be opened');
    const isRecorded = await this.#recordFailure(bot, held, isRefused, reason);
    // A refusal that its user could not be told of is no answer: it is tried, and told, again.
    this.#failures.note(bot.id, this.#parts.clock.now(), isRefused && isRecorded);
    await held.release().catch(() => held.abandon());
  }

  async #onRunEnd(bot: BotRecord, end: RunEnd): Promise<void> {
    if (end.kind === 'failed') await this.#onRunFailure(bot, end.error);
    await this.#vacate(bot.id, 'release');
  }

  /** The database or another owner may be the reason; a run that fails by itself time and again is left alone. */
  async #onRunFailure(bot: BotRecord, error: unknown): Promise<void> {
    const now = this.#parts.clock.now();
    this.#parts.log.error({ botId: bot.id, err: error }, 'run failed; it begins again from the store');
    const isOwn = !(error instanceof PortError || (error instanceof AppError && error.code === 'lease_lost'));
    (this.#parts.metrics ?? NO_METRICS).countRunFailure(isOwn ? 'own' : 'outside');
    const strikes = this.#failures.note(bot.id, now, false, isOwn);
    const seat = this.#seats.get(bot.id);
    if (!isOwn || strikes < MAX_STRIKES || seat === undefined) return;
    const message = error instanceof Error ? error.message : String(error);
    const reason = `failed ${strikes} times (${message}); its orders are still at the exchange: stop it to take them off`;
    if (await this.#recordFailure(bot, seat.held, true, reason)) this.#failures.note(bot.id, this.#parts.clock.now(), true);
  }

  /** `false` when nobody could be told. */
  async #recordFailure(bot: BotRecord, held: HeldLease, isRefused: boolean, reason: string): Promise<boolean> {
    const { store, clock, log } = this.#parts;
    const at = clock.now();
    const data = { bot: bot.name, symbol: bot.symbol, reason };
    try {
      await store.bots.setStatus(held.lease, bot.id, isRefused ? 'error' : 'starting', reason, at);
      if (isRefused) await store.facts.add({ dedupeKey: `${bot.id}:error:${at}`, userId: bot.userId, botId: bot.id, type: 'bot_error', at, data });
      return true;
    } catch (error) {
      log.warn({ botId: bot.id, err: error }, 'failure could not be recorded');
      return false;
    }
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

  #equityPoints(): readonly Omit<NewEquityPoint, 'at'>[] {
    return [...this.#seats.values()].flatMap(({ run, held }) => {
      const equity = run?.equity() ?? null;
      return run === null || equity === null ? [] : [{ lease: held.lease, runId: run.runId, ...equity }];
    });
  }

  #tellTrouble(account: AccountRecord, message: string): void {
    const { store, clock, log } = this.#parts;
    const at = clock.now();
    log.error({ accountId: account.id }, message);
    void store.facts
      .add({
        dedupeKey: `${account.id}:trouble:${message}:${at}`,
        userId: account.userId,
        botId: null,
        type: 'exchange_error',
        at,
        data: { account: account.name, message },
      })
      .catch((error: unknown) => log.warn({ err: error }, 'trouble could not be recorded'));
  }
}

/** A bot as its orders name it. */
function ownerOf(bot: BotRecord): string {
  return `bot:${bot.number}`;
}

function toSpread({ id, bots, botTypes }: RunnerRecord): SpreadRunner {
  return { id, load: bots, runs: (strategy) => runsStrategy(botTypes, strategy) };
}
