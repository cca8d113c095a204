/**
 * Keeps the runs of this process in step with what users want: sweeps over what is due, has bots taken that must run, and
 * passes wishes on. What fails is begun again from the store by a later sweep.
 */
import type { Metrics } from '#core/metrics.ts';
import type { Bus, Clock, Ids, Log, Vault } from '#core/ports.ts';
import type { RunnerAnnouncement } from '#core/store/runners.ts';
import type { Store } from '#core/store/store.ts';
import type { Strategy } from '#core/strategy.ts';
import type { Tracing } from '#core/tracing.ts';
import type { Venue } from '#core/venue-ports.ts';
import { runsStrategy } from '../bots/bot-types.ts';
import { Desks } from '../desk/desks.ts';
import { type FeedAges, Feeds } from '../market/feeds.ts';
import { Stewards } from '../orders/stewards.ts';
import type { OwnStrategies } from '../own-strategies/own-strategies.ts';
import { EquityRecorder } from '../run/equity-recorder.ts';
import { LeaseKeeper } from './lease-keeper.ts';
import { Openings } from './openings.ts';
import { FleetPicture } from './picture.ts';
import { Seats } from './seats.ts';
import { RUNNER_TERM_MS, Spreading } from './spreading.ts';
import { StandingAside } from './standing-aside.ts';
import { Troubles } from './troubles.ts';

/** Wishes reach a runner by the bus at once; this is how soon they do when a wake-up was lost. */
export const SWEEP_MS = 2_000;
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

export interface Standing {
  runs(): readonly { readonly venueId: string; readonly strategy: string }[];
  feeds(): readonly FeedAges[];
  desks(): readonly { readonly venueId: string; readonly lagMs: number; readonly inDoubt: number }[];
}

export class Supervisor {
  readonly #parts: SupervisorParts;
  readonly #keeper: LeaseKeeper;
  readonly #feeds: Feeds;
  readonly #seats: Seats;
  readonly #openings: Openings;
  readonly #picture: FleetPicture;
  readonly #spreading: Spreading;
  readonly #standingAside: StandingAside;
  readonly #desks: Desks;
  readonly #stewards: Stewards;
  #isClosed = false;
  #sweeping: Promise<void> | null = null;
  #isSweepWanted = false;
  #cancelSweep: () => void = () => undefined;
  readonly #equity: EquityRecorder;
  readonly #unsubscribe: (() => void)[] = [];

  constructor(parts: SupervisorParts, installation: number) {
    this.#parts = parts;
    const troubles = new Troubles(parts);
    this.#feeds = new Feeds(parts);
    this.#keeper = new LeaseKeeper(parts);
    this.#openings = new Openings(
      (bot) => this.#seats.take(bot),
      parts.log,
      () => !this.#keeper.isBehind,
    );
    this.#picture = new FleetPicture(parts);
    this.#desks = new Desks({ ...parts, installation, onTrouble: (account, message) => troubles.tell(account, message) });
    this.#seats = new Seats({
      ...{ ...parts, installation, keeper: this.#keeper, feeds: this.#feeds, desks: this.#desks, troubles },
      isClosed: () => this.#isClosed,
    });
    this.#stewards = new Stewards({ ...parts, feeds: this.#feeds, desks: this.#desks, keeper: this.#keeper });
    this.#spreading = new Spreading({
      ...parts,
      openings: this.#openings,
      isSeated: (botId) => this.#seats.has(botId),
      mayTry: (bot) => troubles.mayTry(bot),
      park: async (botId) => {
        await this.#seats.park(botId);
        await this.#seats.vacate(botId, 'release');
      },
      onGiven: () => this.#wakeOthers(),
    });
    this.#standingAside = new StandingAside({
      ...parts,
      openings: this.#openings,
      stewards: this.#stewards,
      seated: () => this.#seats.leases(),
      park: (botId) => this.#seats.park(botId),
      vacate: (botId) => this.#seats.vacate(botId, 'release'),
    });
    this.#equity = new EquityRecorder({ ...parts, readings: () => this.#seats.equityReadings() });
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
    runs: () => this.#seats.all.map(({ venue, strategy }) => ({ venueId: venue.id, strategy })),
    feeds: () => this.#feeds.ages(),
    desks: () => this.#desks.open().map((desk) => ({ venueId: desk.venueId, ...desk.standing() })),
  };

  /** Stops working in order; orders stay at the venues and the next start goes on with them. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#cancelSweep();
    await this.#equity.close();
    await this.#sweeping;
    await this.#parts.store.runners
      .leave(this.#parts.owner)
      .catch((error: unknown) => this.#parts.log.warn({ err: error }, 'the fleet was not told of leaving'));
    await this.#openings.close();
    await this.#spreading.close(this.#seats.botIds);
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
    const run = typeof botId === 'string' ? this.#seats.runOf(botId) : null;
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
    for (const bot of due) this.#seats.runOf(bot.id)?.want(bot.desired);
    if (!this.#isClosed) this.#spreading.spread(due, runners);
    for (const { botId, clientOrderId } of await store.orders.wishedOff()) this.#seats.runOf(botId)?.cancelOrder(clientOrderId);
    for (const command of await store.commands.due()) this.#seats.runOf(command.botId)?.command(command);
    await this.#stewards.sweep(this.#parts.venues, runners);
  }

  #wakeOthers(): void {
    this.#parts.bus.publish('bot_commands', { from: this.#parts.owner });
  }

  async #obeyKillSwitches(): Promise<void> {
    if (this.#seats.size === 0) return;
    const killed = await this.#parts.store.killSwitch.onAmong([...new Set(this.#seats.all.map(({ account }) => account.userId))]);
    for (const { run, account } of this.#seats.all) run?.halt(killed.has(account.userId));
  }
}
