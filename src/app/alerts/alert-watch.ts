/**
 * Watches the figures that alerts are about: prices as they come, over feeds that all alerts on an instrument share, everything else once a
 * minute; and tells those that come true as facts, each once, whoever watches.
 */
import { type AlertStanding, advanceAlert } from '#core/alerts/alert.ts';
import type { AlertRecord } from '#core/alerts/alert-store.ts';
import { PriceWindow } from '#core/alerts/price-window.ts';
import { type Decimal, decimal } from '#core/money.ts';
import type { Clock, Log } from '#core/ports.ts';
import type { Store } from '#core/store/store.ts';
import type { Quote, Venue } from '#core/venue-ports.ts';
import type { ShiftWork } from '../fleet/shift.ts';
import type { Feeds } from '../market/feeds.ts';
import { Rounds } from '../rounds.ts';
import { factOf } from './alert-fact.ts';
import { AlertReadings, type AlertReadingsParts, type Reading } from './alert-readings.ts';

/** Alerts that were set, changed or taken away are noticed this soon. */
export const REFRESH_MS = 5_000;
/** Figures that nobody pushes are looked at this often. */
export const READ_MS = 60_000;

export interface AlertWatchParts extends Omit<AlertReadingsParts, 'store'> {
  readonly store: Pick<Store, 'alerts' | 'bots' | 'accounts'>;
  readonly venues: ReadonlyMap<string, Venue>;
  readonly feeds: Feeds;
  readonly clock: Clock;
  readonly log: Log;
}

/** An alert as it is watched here. */
interface Watched {
  readonly record: AlertRecord;
  readonly window: PriceWindow | null;
  standing: AlertStanding;
  timesTriggered: number;
  /** Not as it is kept. */
  isDirty: boolean;
  /** Its figure comes by itself. */
  readonly isPushed: boolean;
  /** Its figure was looked at since the alert was seen here. */
  isRead: boolean;
  /** It is being told; what is seen meanwhile does not count. */
  isTelling: boolean;
  leave: () => void;
}

export class AlertWatch implements ShiftWork {
  readonly #parts: AlertWatchParts;
  readonly #readings: AlertReadings;
  readonly #rounds: Rounds;
  readonly #watched = new Map<string, Watched>();
  readonly #telling = new Set<Promise<void>>();
  /** A look at figures takes as long as venues take to answer; nothing waits for it. */
  #reading: Promise<void> | null = null;
  #readAt = 0;

  constructor(parts: AlertWatchParts) {
    this.#parts = parts;
    this.#readings = new AlertReadings(parts);
    this.#rounds = new Rounds({ ...parts, pauseMs: REFRESH_MS, problem: 'alerts could not be looked at; trying again' }, () => this.#refresh());
  }

  /** How many are watched. */
  get size(): number {
    return this.#watched.size;
  }

  async start(): Promise<void> {
    await this.#refresh();
    this.#rounds.start(REFRESH_MS);
  }

  async close(): Promise<void> {
    await this.#rounds.close();
    await this.#reading;
    for (const watched of this.#watched.values()) watched.leave();
    await Promise.all(this.#telling);
    await this.#keep();
    this.#watched.clear();
  }

  async #refresh(): Promise<void> {
    await this.#keep();
    const active = new Map((await this.#parts.store.alerts.active()).map((record) => [record.id, record]));
    for (const [id, { record, leave }] of this.#watched) {
      if (active.get(id)?.changedAt === record.changedAt) continue;
      leave();
      this.#watched.delete(id);
    }
    for (const record of active.values()) if (!this.#watched.has(record.id)) this.#begin(record);
    this.#read();
  }

  /** All that are due, and at once those that were not looked at before. */
  #read(): void {
    const now = this.#parts.clock.now();
    const isDue = now - this.#readAt >= READ_MS;
    const due = [...this.#watched.values()].filter(({ isPushed, isRead }) => !isPushed && (isDue || !isRead));
    if (this.#reading !== null || due.length === 0) return;
    if (isDue) this.#readAt = now;
    for (const watched of due) watched.isRead = true;
    const records = due.map(({ record }) => record);
    this.#reading = this.#readings
      .read(records, (reading) => this.#take(reading))
      .catch((error: unknown) => this.#parts.log.warn({ err: error }, 'figures of alerts could not be looked at; trying again'))
      .finally(() => {
        this.#reading = null;
      });
  }

  #begin(record: AlertRecord): void {
    const { condition, isArmed, triggeredAt, memory, timesTriggered } = record;
    const window = condition.kind === 'price_moves' ? new PriceWindow(condition.windowMinutes) : null;
    const standing = { isArmed, triggeredAt, memory };
    const isPushed = condition.kind === 'price_crosses' || condition.kind === 'price_moves';
    const watched: Watched = { record, window, standing, timesTriggered, isDirty: false, isPushed, isRead: false, isTelling: false, leave: () => undefined };
    if (isPushed) {
      const venue = this.#parts.venues.get(condition.exchange);
      if (venue === undefined) return;
      watched.leave = this.#parts.feeds.subscribe(venue, condition.symbol, (quote) => this.#onQuote(watched, quote));
    }
    this.#watched.set(record.id, watched);
  }

  #onQuote(watched: Watched, { bid, ask, at }: Quote): void {
    const price = decimal(bid).plus(ask).div(2);
    this.#observe(watched, watched.window?.move(price, at) ?? price, at, {});
  }

  #take({ id, value, names, run }: Reading): void {
    const watched = this.#watched.get(id);
    if (watched === undefined) return;
    // With another run everything begins anew.
    if (run !== undefined && watched.standing.memory.run !== run) watched.standing = { ...watched.standing, isArmed: true, memory: { run } };
    this.#observe(watched, value, this.#parts.clock.now(), names);
  }

  #observe(watched: Watched, value: Decimal, at: number, names: Reading['names']): void {
    if (watched.isTelling || this.#rounds.isClosed) return;
    const before = watched.standing;
    const { standing, triggers, shown } = advanceAlert(watched.record, before, value, at);
    watched.standing = standing;
    watched.isDirty ||= standing.isArmed !== before.isArmed || JSON.stringify(standing.memory) !== JSON.stringify(before.memory);
    if (!triggers) return;
    watched.isTelling = true;
    const telling = this.#tell(watched, before, factOf(watched.record, watched.timesTriggered + 1, shown, names, at)).finally(() => {
      watched.isTelling = false;
      this.#telling.delete(telling);
    });
    this.#telling.add(telling);
  }

  /** What could not be told is as if it had not been seen, and is seen again. */
  async #tell(watched: Watched, before: AlertStanding, fact: ReturnType<typeof factOf>): Promise<void> {
    const { record, standing, timesTriggered } = watched;
    const { store, log } = this.#parts;
    try {
      const isTold = await store.alerts.trigger({ ...record, timesTriggered }, standing, fact);
      watched.isDirty = false;
      watched.window?.clear();
      // Once, or not ours to tell any more: the next round sees what it is now.
      if (!isTold || !record.repeats) this.#drop(watched);
      else watched.timesTriggered += 1;
    } catch (error) {
      log.warn({ err: error, alertId: record.id }, 'an alert has come true and could not be told; trying again');
      watched.standing = before;
    }
  }

  #drop(watched: Watched): void {
    watched.leave();
    if (this.#watched.get(watched.record.id) === watched) this.#watched.delete(watched.record.id);
  }

  /** Notes what has been seen, so that a price that comes to its mark while nobody watches is not missed. */
  async #keep(): Promise<void> {
    for (const watched of this.#watched.values()) {
      if (!watched.isDirty || watched.isTelling) continue;
      watched.isDirty = false;
      try {
        await this.#parts.store.alerts.note(watched.record, watched.standing);
      } catch (error) {
        watched.isDirty = true;
        throw error;
      }
    }
  }
}
