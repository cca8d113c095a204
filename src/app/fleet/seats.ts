/**
 * The bots this process has in hand: each with its lease, its run and its place at the desk of its account. Taking one is
 * always a recovery: what was read before the lease was ours counts for nothing.
 */
import { AppError } from '#core/errors.ts';
import type { Metrics } from '#core/metrics.ts';
import type { Clock, Ids, Log } from '#core/ports.ts';
import type { AccountRecord } from '#core/store/accounts.ts';
import type { BotRecord } from '#core/store/bots.ts';
import { leaseSubject, type Store } from '#core/store/store.ts';
import type { Strategy } from '#core/strategy.ts';
import type { Tracing } from '#core/tracing.ts';
import type { Quote, TradingSession, Venue } from '#core/venue-ports.ts';
import type { Desks } from '../desk/desks.ts';
import type { OrderDesk } from '../desk/order-desk.ts';
import { holdPositions } from '../legs/hold-positions.ts';
import { askedOnce, identityOf, newestQuotes, watchLegs } from '../legs/open-legs.ts';
import type { Feeds } from '../market/feeds.ts';
import type { OwnStrategies } from '../own-strategies/own-strategies.ts';
import type { EquityReading } from '../run/equity-recorder.ts';
import { LiveRun, type RunEnd } from '../run/live-run.ts';
import { followMarket } from '../run/run-feeds.ts';
import { assertSamePrices, beginRun, type OpenedRun, type RunOpeningParts, resumeRun } from '../run/run-opening.ts';
import type { HeldLease, LeaseKeeper } from './lease-keeper.ts';
import type { Troubles } from './troubles.ts';

/** How long a polite end waits for answers to orders that are on their way. */
const PARK_PATIENCE_MS = 3_000;

export interface Seat {
  readonly owner: string;
  readonly held: HeldLease;
  readonly account: AccountRecord;
  readonly venue: Venue;
  readonly strategy: string;
  run: LiveRun | null;
  leave: () => void;
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

export interface SeatsParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly metrics?: Metrics | undefined;
  readonly tracing?: Tracing | undefined;
  readonly venues: ReadonlyMap<string, Venue>;
  readonly strategies: ReadonlyMap<string, Strategy>;
  readonly own?: OwnStrategies | undefined;
  readonly installation: number;
  readonly keeper: LeaseKeeper;
  readonly feeds: Feeds;
  readonly desks: Desks;
  readonly troubles: Troubles;
  readonly isClosed: () => boolean;
}

export class Seats {
  readonly #parts: SeatsParts;
  readonly #opening: RunOpeningParts;
  readonly #seats = new Map<string, Seat>();

  constructor(parts: SeatsParts) {
    this.#parts = parts;
    const { store, ids, strategies, own, installation, clock } = parts;
    this.#opening = { store, ids, strategies, own, installation, now: () => clock.now() };
  }

  get size(): number {
    return this.#seats.size;
  }

  get botIds(): readonly string[] {
    return [...this.#seats.keys()];
  }

  get all(): readonly Seat[] {
    return [...this.#seats.values()];
  }

  has(botId: string): boolean {
    return this.#seats.has(botId);
  }

  runOf(botId: string): LiveRun | null {
    return this.#seats.get(botId)?.run ?? null;
  }

  leases(): readonly { readonly botId: string; readonly lease: HeldLease['lease'] }[] {
    return [...this.#seats].map(([botId, { held }]) => ({ botId, lease: held.lease }));
  }

  /** Waits until nothing of the bot is on its way, so far as that can be waited for. */
  async park(botId: string): Promise<void> {
    await this.runOf(botId)?.park(PARK_PATIENCE_MS);
  }

  /** Takes the lease of a bot and opens its run; what fails is told and tried again later. */
  async take(due: BotRecord): Promise<void> {
    const held = await this.#parts.keeper.acquire(leaseSubject('bot', due.id), () => void this.vacate(due.id, 'abandon'));
    if (held === null) return;
    try {
      // Until the lease was ours another owner may have begun a run: only what is read from here on can be relied on.
      const bot = this.#parts.isClosed() ? null : await this.#parts.store.bots.get(due.userId, due.id);
      if (bot === null) return await held.release();
      await this.#open(bot, held);
    } catch (error) {
      await this.#parts.troubles.onOpenFailure(due, held.lease, error);
      await held.release().catch(() => held.abandon());
    }
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
    const quoteOf = askedOnce((symbol) => this.#parts.feeds.quote(venue, symbol));
    if (resumed === null) await quoteOf(bot.symbol);
    const open = await this.#parts.desks.of(account, venue, ownerOf(bot));
    try {
      const { desk, session } = open;
      const opened = resumed ?? (await beginRun(this.#opening, { bot, venue, session, reads: desk.reads, lease: held.lease, quoteOf }));
      await holdPositions(open.session, opened.recipe, resumed !== null);
      const quotes = await newestQuotes(opened.engine, quoteOf);
      this.#seat(bot, { held, account, venue, desk, session, opened, isKilled, quotes, isResumed: resumed !== null });
    } catch (error) {
      await this.#parts.desks.leave(account, venue, ownerOf(bot));
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
    const unwatch = followMarket(this.#parts.feeds, venue, run, opened.engine);
    const { store, clock } = this.#parts;
    const unwatchLegs = watchLegs({
      ...{ opened, run, venue, store, clock, log },
      quoteOf: (symbol) => this.#parts.feeds.quote(venue, symbol),
      session: parts.session,
      accountId: account.id,
      onTrouble: (message, code) => this.#parts.troubles.tell(account, message, code),
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
    if (end.kind === 'failed') await this.#parts.troubles.onRunFailure(bot, this.#seats.get(bot.id)?.held.lease ?? null, end.error);
    await this.vacate(bot.id, 'release');
  }

  /** Lets a bot go: its run stops working, its orders stay where they are. */
  async vacate(botId: string, how: 'release' | 'abandon'): Promise<void> {
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
    await this.#parts.desks
      .leave(seat.account, seat.venue, seat.owner)
      .catch((error: unknown) => this.#parts.log.warn({ botId, err: error }, 'a desk was not closed cleanly'));
  }

  /** How to read what each run has earned so far. */
  equityReadings(): readonly EquityReading[] {
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
