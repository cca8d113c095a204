/**
 * The private stream of one session: frames that come late, twice, out of order or never, silence that looks like calm,
 * and connections that break.
 */
import type { SessionHandlers, VenueFill, VenueOrder } from '#core/venue-ports.ts';
import type { Random } from '../venues/_random.ts';
import type { Scheduler, SimulatedProcess } from './clock.ts';
import type { Faults } from './faults.ts';
import type { Sink, VenueTruth } from './venue-truth.ts';

const CONNECT_MS = 50;
const WEATHER_MS = 1_000;

export interface PrivateStreamParts {
  readonly truth: VenueTruth;
  readonly scheduler: Scheduler;
  readonly faults: Faults;
  readonly random: Random;
  readonly process: SimulatedProcess;
  readonly handlers: SessionHandlers;
}

export class PrivateStream implements Sink {
  readonly #parts: PrivateStreamParts;
  #isClosed = false;
  #isUp = false;
  #silentUntil = 0;
  /** Arrival of the frame before, so that frames keep their order unless a fault says otherwise. */
  #lastAt = 0;

  constructor(parts: PrivateStreamParts) {
    this.#parts = parts;
    parts.truth.sinks.add(this);
    this.#connect(CONNECT_MS);
    this.#watchWeather();
  }

  close(): void {
    this.#isClosed = true;
    this.#parts.truth.sinks.delete(this);
  }

  order(order: VenueOrder): void {
    this.#push(() => this.#parts.handlers.onOrder(order));
  }

  fill(fill: VenueFill): void {
    this.#push(() => this.#parts.handlers.onFill(fill));
  }

  #connect(ms: number): void {
    const { process, handlers } = this.#parts;
    process.later(ms, () => {
      if (this.#isClosed) return;
      this.#isUp = true;
      handlers.onStream('up');
    });
  }

  #watchWeather(): void {
    const { scheduler, process, faults, handlers } = this.#parts;
    scheduler.schedule(WEATHER_MS, () => {
      if (this.#isClosed || !process.isAlive) return this.close();
      if (this.#isUp && faults.strikes('streamSilent')) this.#silentUntil = scheduler.now + faults.length('streamSilent');
      if (this.#isUp && faults.strikes('streamDown')) {
        this.#isUp = false;
        process.later(0, () => handlers.onStream('down'));
        this.#connect(faults.length('streamDown'));
      }
      if (!faults.isHealed) this.#watchWeather();
      else this.#silentUntil = 0;
    });
  }

  #push(deliver: () => void): void {
    const { scheduler, faults, random, process } = this.#parts;
    if (!this.#isUp || scheduler.now < this.#silentUntil || faults.strikes('streamDropped')) return;
    const at = Math.max(this.#lastAt, Math.ceil(scheduler.now + 2 + random() * 60));
    const handOver = (): void => {
      if (!this.#isClosed) deliver();
    };
    if (faults.strikes('streamDuplicated')) process.later(at - scheduler.now + 500 * faults.draw('streamDuplicated'), handOver);
    if (faults.strikes('streamReordered')) {
      process.later(at - scheduler.now + faults.length('streamReordered'), handOver);
      return;
    }
    this.#lastAt = at;
    process.later(at - scheduler.now, handOver);
  }
}
