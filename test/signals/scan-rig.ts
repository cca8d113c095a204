/** The scanner role's own parts on a real store and real adapters, against simulated places: what it tells and keeps can be looked at. */
import { memoryBus } from '#adapters/bus/memory.ts';
import { systemClock } from '#adapters/clock.ts';
import { randomIds } from '#adapters/ids.ts';
import { booksOf } from '#adapters/store/books.ts';
import { VENUES } from '#adapters/venues/index.gen.ts';
import { Shift } from '#app/fleet/shift.ts';
import type { SignalDesk } from '#app/signals/signal-desk.ts';
import { signalsCheck } from '#app/signals/signals-health.ts';
import type { CheckResult } from '#core/health.ts';
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
    this.#bus.subscribe(SIGNALS_TOPIC, (message) => this.news.push(message as unknown as SignalNews));
  }

  static async open(options: ScanRigOptions): Promise<ScanRig> {
    return new ScanRig(await createTestStore(), await Places.open(), options);
  }

  /** Another process that may scan. */
  start(owner = 'one'): Shift<SignalDesk> {
    const world = { clock: systemClock, ids: randomIds, log: quietLog(this.lines), store: this.database.store, bus: this.#bus, venues: this.#venues };
    const shift = new Shift({ ...world, owner, subject: 'scanner:signals' }, (lease) =>
      openSignalDesk({ ...world, scanners: this.#scanners, urls: this.places.urls }, this.#scanned, lease),
    );
    this.#shifts.push(shift);
    shift.start();
    return shift;
  }

  async stop(shift: Shift<SignalDesk>): Promise<void> {
    this.#shifts = this.#shifts.filter((each) => each !== shift);
    await shift.close();
  }

  health(): Promise<CheckResult> {
    return signalsCheck(this.#scanned, () => this.#shifts[0]?.work ?? null, systemClock).look();
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
    for (const venue of this.#venues.values()) await venue.close();
    await this.#bus.close();
    await this.places.close();
    await this.database.drop();
  }
}
