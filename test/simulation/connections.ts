/**
 * How a simulated process reaches the world: its own store, venue, bus, ids and log, each with the faults of the seed.
 */
import type { Bus, Ids, Log } from '#core/ports.ts';
import type { Store } from '#core/store/store.ts';
import type { Venue } from '#core/venue-ports.ts';
import type { Random } from '../venues/_random.ts';
import { type Scheduler, SimulatedProcess } from './clock.ts';
import type { Database } from './database.ts';
import type { Faults } from './faults.ts';
import type { Invariants } from './invariants.ts';
import type { Mutant } from './mutant.ts';
import { storeFor } from './store.ts';
import { venueFor } from './venue.ts';
import type { VenueTruth } from './venue-truth.ts';

export interface ConnectionParts {
  readonly scheduler: Scheduler;
  readonly faults: Faults;
  readonly database: Database;
  readonly truth: VenueTruth;
  readonly invariants: Invariants;
  readonly random: Random;
  readonly mutant: Mutant;
  readonly note: (text: string) => void;
}

/** A process and what it holds in its hands. */
export interface Connected {
  readonly process: SimulatedProcess;
  readonly store: Store;
  readonly bus: Bus;
  readonly ids: Ids;
  readonly venue: Venue;
  readonly log: Log;
}

export class Connections {
  /** Until when the venue refuses everybody or answers nobody, in true time. */
  readonly closed = { limitedUntil: 0, maintenanceUntil: 0 };
  /** Until when the database does not answer, in true time. */
  databaseDownUntil = 0;
  readonly #parts: ConnectionParts;
  readonly #subscribers: { readonly topic: string; readonly process: SimulatedProcess; readonly handler: Parameters<Bus['subscribe']>[1] }[] = [];

  constructor(parts: ConnectionParts) {
    this.#parts = parts;
  }

  /** A new process of this name. */
  connect(name: string): Connected {
    const { scheduler, faults, database, truth, invariants, random, mutant, note } = this.#parts;
    const process = new SimulatedProcess(name, scheduler);
    const store = storeFor({ database, scheduler, faults, downUntil: () => this.databaseDownUntil }, process);
    const venue = venueFor({ truth, scheduler, faults, random, watch: invariants, closed: this.closed, trace: note }, process);
    let count = 0;
    const next = (): string => {
      count += 1;
      return `${name}-${count}`;
    };
    return {
      process,
      store: mutant.wrapStore?.(store, process) ?? store,
      bus: this.#busFor(process),
      ids: { next, secret: next },
      venue: mutant.wrapVenue?.(venue, process) ?? venue,
      log: this.#logFor(process),
    };
  }

  #busFor(process: SimulatedProcess): Bus {
    return {
      publish: (topic, message) => {
        for (const subscriber of this.#subscribers) {
          if (subscriber.topic !== topic || this.#parts.faults.strikes('busLost')) continue;
          subscriber.process.later(1 + this.#parts.random() * 5, () => subscriber.handler(message));
        }
      },
      subscribe: (topic, handler) => {
        const subscriber = { topic, process, handler };
        this.#subscribers.push(subscriber);
        return () => {
          const at = this.#subscribers.indexOf(subscriber);
          if (at >= 0) this.#subscribers.splice(at, 1);
        };
      },
    };
  }

  #logFor(process: SimulatedProcess): Log {
    const write = (level: string) => (fields: Readonly<Record<string, unknown>>, message: string) => {
      const { err } = fields;
      this.#parts.note(`${process.name} ${level}: ${message}${err instanceof Error ? `: ${err.message}` : ''}`);
      // Only what a port refuses may go wrong; anything else is a defect of ours.
      if (err instanceof Error && (err.constructor === TypeError || err.constructor === RangeError))
        this.#parts.invariants.violate('defect', `${message}: ${err.stack ?? err.message}`);
    };
    const log: Log = { debug: () => undefined, info: () => undefined, warn: write('warns'), error: write('errs'), child: () => log };
    return log;
  }
}
