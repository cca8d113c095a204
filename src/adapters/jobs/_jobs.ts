/** The Jobs port over BullMQ, the same for its backends: a desk for each queue, benches for its workers, and schedules that come back. */
import type { JobSchedule, Jobs, QueueName, WorkerSettings } from '#core/jobs.ts';
import type { Bus, Clock, Log } from '#core/ports.ts';
import { type AnyWorker, Bench, CANCEL_TOPIC, type Process } from './_bench.ts';
import { type AnyQueue, Desk } from './_desk.ts';

export interface JobsWorld {
  /** Carries the word of cancelled jobs to their workers. */
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
  /** A worker that is silent for so long has died, and its job is given to another; 30,000 if not given. */
  readonly lockMs?: number;
}

/** What a backend gives: queues and workers on its own connections. */
export interface JobsBackend {
  queue(name: QueueName): AnyQueue;
  worker(name: QueueName, process: Process, settings: WorkerTerms): AnyWorker;
}

export interface WorkerTerms {
  readonly concurrency: number;
  readonly lockDuration: number;
  readonly stalledInterval: number;
  readonly maxStalledCount: number;
  readonly runRetryDelay: number;
}

/** A job whose worker died is begun again so often; one that kills its workers must come to an end. */
const MAX_DEATHS = 3;
const LOCK_MS = 30_000;
const RETRY_MS = 2_000;
/** A server that has lost its memory is given its schedules again after so long. */
export const RESCHEDULE_MS = 20_000;

export function jobsOn(backend: JobsBackend, world: JobsWorld): Jobs {
  const desks = new Map<QueueName, Desk>();
  const benches = new Set<Bench>();
  const deskOf = (name: QueueName): Desk => {
    const desk = desks.get(name) ?? new Desk(name, () => backend.queue(name), world.clock);
    desks.set(name, desk);
    return desk;
  };
  const schedules = new Schedules(deskOf, world);
  const lockDuration = world.lockMs ?? LOCK_MS;
  const terms = { lockDuration, stalledInterval: lockDuration, maxStalledCount: MAX_DEATHS, runRetryDelay: RETRY_MS };
  return {
    enqueue: (queue, job) => deskOf(queue).enqueue(job),
    get: (queue, id) => deskOf(queue).get(id),
    list: (queue, states, limit) => deskOf(queue).list(states, limit),
    depth: (queue) => deskOf(queue).depth(),
    cancel: async (queue, id) => {
      const outcome = await deskOf(queue).cancel(id);
      if (outcome === 'asked') world.bus.publish(CANCEL_TOPIC, { queue, id });
      return outcome;
    },
    retry: (queue, id) => deskOf(queue).retry(id),
    schedule: (queue, schedule) => schedules.set(queue, schedule),
    unschedule: (queue, name) => schedules.remove(queue, name),
    schedules: (queue) => deskOf(queue).schedules(),
    work: (queue, handler, { concurrency = 1 }: WorkerSettings = {}) => {
      const open = (process: Process): AnyWorker => backend.worker(queue, process, { ...terms, concurrency });
      const bench = new Bench({ ...world, desk: deskOf(queue), open, handler });
      benches.add(bench);
      return async () => {
        benches.delete(bench);
        await bench.close();
      };
    },
    close: async () => {
      schedules.close();
      await Promise.all([...benches].map((bench) => bench.close()));
      await Promise.all([...desks.values()].map((desk) => desk.close()));
    },
  };
}

/** The schedules that this process has set, so that a server that was emptied gets them again. */
class Schedules {
  readonly #deskOf: (queue: QueueName) => Desk;
  readonly #world: JobsWorld;
  readonly #set = new Map<string, { readonly queue: QueueName; readonly schedule: JobSchedule }>();
  readonly #unsubscribe: () => void;
  #isClosed = false;
  #cancelTimer: () => void = () => undefined;

  constructor(deskOf: (queue: QueueName) => Desk, world: JobsWorld) {
    this.#deskOf = deskOf;
    this.#world = world;
    this.#unsubscribe = world.bus.subscribe(
      CANCEL_TOPIC,
      () => undefined,
      () => this.#plan(0),
    );
    this.#plan(RESCHEDULE_MS);
  }

  async set(queue: QueueName, schedule: JobSchedule): Promise<void> {
    this.#set.set(`${queue} ${schedule.name}`, { queue, schedule });
    await this.#deskOf(queue).schedule(schedule);
  }

  async remove(queue: QueueName, name: string): Promise<boolean> {
    this.#set.delete(`${queue} ${name}`);
    return await this.#deskOf(queue).unschedule(name);
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelTimer();
    this.#unsubscribe();
  }

  #plan(delayMs: number): void {
    this.#cancelTimer();
    if (this.#isClosed) return;
    this.#cancelTimer = this.#world.clock.after(delayMs, () => {
      void this.#restore().then(
        () => this.#plan(RESCHEDULE_MS),
        // The server is away.
        () => this.#plan(RETRY_MS),
      );
    });
  }

  async #restore(): Promise<void> {
    for (const { queue, schedule } of [...this.#set.values()]) {
      if (!(await this.#deskOf(queue).hasSchedule(schedule.name))) await this.#deskOf(queue).schedule(schedule);
    }
  }
}
