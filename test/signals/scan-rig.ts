/** The scanner role's own parts on a real store and real adapters, against simulated places: what it tells and keeps can be looked at. */
import { memoryBus } from '#adapters/bus/memory.ts';
import { systemClock } from '#adapters/clock.ts';
import { randomIds } from '#adapters/ids.ts';
import { booksOf } from '#adapters/store/books.ts';
import { aesVault } from '#adapters/vault.ts';
import { VENUES } from '#adapters/venues/index.gen.ts';
import { Shift } from '#app/fleet/shift.ts';
import { sealCredentials } from '#app/people/credentials.ts';
import { NetworkReader } from '#app/signals/networks/network-reader.ts';
import type { SignalDesk } from '#app/signals/signal-desk.ts';
import { signalsCheck } from '#app/signals/signals-health.ts';
import type { CheckResult } from '#core/health.ts';
import { PAIR_STRATEGY } from '#core/signals/pair-signal.ts';
import type { Scanner } from '#core/signals/scanner.ts';
import { SIGNALS_TOPIC, type Signal, type SignalNews } from '#core/signals/signal.ts';
import type { Venue } from '#core/venue-ports.ts';
import { openSignalDesk } from '#roles/_signals.ts';
import { SCANNERS } from '#scanners/index.gen.ts';
import { createTestStore, type TestStore } from '#test/support/database.ts';
import { type KeptLine, quietLog } from '#test/support/quiet-log.ts';
import { PATIENCE_MS, until } from '#test/support/until.ts';
import type { Place } from './place-state.ts';
import { Places } from './places.ts';

export interface ScanRigOptions {
  readonly places: readonly Place[];
  /** Names of scanners; all without it. */
  readonly scanners?: readonly string[];
  /** Signals open without having to last. */
  readonly isHasty?: boolean;
}

export class ScanRig {
  readonly database: TestStore;
  readonly places: Places;
  readonly news: SignalNews[] = [];
  readonly lines: KeptLine[] = [];
  readonly #venues: ReadonlyMap<string, Venue>;
  readonly #scanned: readonly Place[];
  readonly #bus = memoryBus(quietLog());
  readonly #scanners: readonly Scanner[];
  readonly #vault = aesVault('0'.repeat(64));
  readonly #networks: NetworkReader;
  #shifts: Shift<SignalDesk>[] = [];

  private constructor(database: TestStore, places: Places, options: ScanRigOptions) {
    this.database = database;
    this.places = places;
    this.#scanned = options.places;
    const chosen = SCANNERS.filter(({ name }) => options.scanners?.includes(name) !== false);
    this.#scanners = options.isHasty === false ? chosen : chosen.map((scanner) => ({ ...scanner, rules: { ...scanner.rules, holdMs: 0 } }));
    const urls: Readonly<Record<string, string>> = places.urls;
    const world = { clock: systemClock, ids: randomIds, log: quietLog(this.lines) };
    this.#venues = new Map(VENUES.map((module) => [module.id, module.open({ ...world, url: urls[module.id] ?? null, urls, books: booksOf(database.store) })]));
    this.#networks = new NetworkReader({ ...world, store: database.store, venues: this.#venues, vault: this.#vault }, options.places);
    this.#bus.subscribe(SIGNALS_TOPIC, (message) => this.news.push(message as unknown as SignalNews));
  }

  static async open(options: ScanRigOptions): Promise<ScanRig> {
    return new ScanRig(await createTestStore(), await Places.open(), options);
  }

  /** Another process that may scan. */
  start(owner = 'one'): Shift<SignalDesk> {
    const world = { clock: systemClock, ids: randomIds, log: quietLog(this.lines), store: this.database.store, bus: this.#bus, venues: this.#venues };
    const shift = new Shift({ ...world, owner, subject: 'scanner:signals' }, (lease) =>
      openSignalDesk({ ...world, scanners: this.#scanners, networks: this.#networks, urls: this.places.urls }, this.#scanned, lease),
    );
    this.#shifts.push(shift);
    this.#networks.start();
    shift.start();
    return shift;
  }

  /** The owner names an account of his own by which networks of coins are read there, before anything is started. */
  async nameSource(place: Place): Promise<void> {
    const { store } = this.database;
    const [id, at] = [randomIds.next(), systemClock.now()];
    const owner = (await store.users.owner()) ?? (await store.users.create({ id: randomIds.next(), email: 'owner@example.org', passwordHash: 'hash', at }));
    if (owner === null) throw new Error('there is no owner');
    const keys = sealCredentials(this.#vault, owner.id, id, place, { apiKey: `key of ${place}`, apiSecret: 'secret', passphrase: 'phrase' });
    await store.accounts.create({ id, userId: owner.id, name: place, exchange: place, ...keys, createdAt: at });
    await store.networkSources.set(owner.id, id, at);
  }

  async stop(shift: Shift<SignalDesk>): Promise<void> {
    this.#shifts = this.#shifts.filter((each) => each !== shift);
    await shift.close();
  }

  health(): Promise<CheckResult> {
    const { signals } = this.database.store;
    return signalsCheck({
      ...{ places: this.#scanned, areNamed: true, clock: systemClock },
      desk: () => this.#shifts[0]?.work ?? null,
      networks: () => this.#networks.standing(),
      waiters: () => signals.waiters(PAIR_STRATEGY, '', 10),
    }).look();
  }

  /** The newest word of the signal about a coin, of a scanner. */
  last(base: string, scanner = 'mexc-spot-futures'): Signal | undefined {
    return this.news.findLast(({ signal }) => signal.base === base && signal.scanner === scanner)?.signal;
  }

  async until(what: string, isTrue: () => boolean | Promise<boolean>): Promise<void> {
    await until(isTrue, what, PATIENCE_MS, async () => ({ health: await this.health(), lines: this.lines.slice(-3) }));
  }

  async close(): Promise<void> {
    await Promise.all(this.#shifts.map((shift) => shift.close()));
    await this.#networks.close();
    for (const venue of this.#venues.values()) await venue.close();
    await this.#bus.close();
    await this.places.close();
    await this.database.drop();
  }
}
