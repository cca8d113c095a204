/**
 * One worker of one queue: takes jobs, hands them to the handler, tells it when they are cancelled, lost or must be
 * put back, and keeps trying to open while its server is away.
 */
import { UnrecoverableError, WaitingError, type Worker } from 'bullmq';
import type { JobData, JobHandler, StopReason } from '#core/jobs.ts';
import type { Bus, Clock, Log } from '#core/ports.ts';
import type { Desk } from './_desk.ts';
import { CANCELLED, type Stored, type StoredJob } from './_records.ts';

/** The part of a worker that we use, the same for every backend. */
export type AnyWorker = Pick<Worker<Stored, JobData>, 'close' | 'waitUntilReady'> & {
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'lockRenewalFailed', listener: (ids: string[]) => void): unknown;
};

export type Process = (job: StoredJob, token: string | undefined) => Promise<JobData>;

export interface BenchOptions {
  readonly desk: Desk;
  readonly open: (process: Process) => AnyWorker;
  readonly handler: JobHandler;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
}

/** Told on the bus when a job is to be cancelled. */
export const CANCEL_TOPIC = 'job_cancelled';
/** The mark is looked at this often in case the word on the bus was lost. */
export const MARK_MS = 5_000;
/** Jobs in hand may take so long to end by themselves when the worker is closed; then they are told to, and after as long again left behind. */
const CLOSE_PATIENCE_MS = 5_000;
const REOPEN_MS = 1_000;
/** Errors of one outage are not told one by one. */
const QUIET_MS = 30_000;

export class Bench {
  readonly #options: BenchOptions;
  readonly #inHand = new Map<string, Stop>();
  readonly #unsubscribe: () => void;
  readonly #opening: Promise<void>;
  #worker: AnyWorker | null = null;
  #isClosed = false;
  #toldAt = Number.NEGATIVE_INFINITY;
  #cancelMarks: () => void = () => undefined;
  #wakeOpening: () => void = () => undefined;

  constructor(options: BenchOptions) {
    this.#options = options;
    this.#unsubscribe = options.bus.subscribe(
      CANCEL_TOPIC,
      ({ queue, id }) => {
        if (queue === options.desk.name && typeof id === 'string') this.#inHand.get(id)?.ask(CANCELLED);
      },
      () => void this.#readMarks(),
    );
    this.#opening = this.#open();
    this.#scheduleMarks();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#wakeOpening();
    await this.#opening;
    const { clock, log, desk } = this.#options;
    const late = Promise.withResolvers<void>();
    let callOff = clock.after(CLOSE_PATIENCE_MS, () => {
      for (const stop of this.#inHand.values()) stop.ask('closing');
      callOff = clock.after(CLOSE_PATIENCE_MS, () => {
        log.warn({ queue: desk.name, jobs: [...this.#inHand.keys()] }, 'jobs did not end when told to; another worker takes them when their locks run out');
        late.resolve();
      });
    });
    const closing = this.#worker?.close().catch((error: unknown) => this.#complain(error));
    await Promise.race([closing, late.promise]);
    callOff();
    this.#cancelMarks();
    this.#unsubscribe();
  }

  async #open(): Promise<void> {
    while (!this.#isClosed) {
      const worker = this.#options.open((job, token) => this.#process(job, token));
      worker.on('error', (error) => this.#complain(error));
      worker.on('lockRenewalFailed', (ids) => {
        for (const id of ids) this.#inHand.get(id)?.ask('lost');
      });
      try {
        await worker.waitUntilReady();
        this.#worker = worker;
        return;
      } catch (error) {
        this.#complain(error);
        await worker.close().catch(() => undefined);
      }
      await new Promise<void>((resolve) => {
        const callOff = this.#options.clock.after(REOPEN_MS, resolve);
        this.#wakeOpening = () => {
          callOff();
          resolve();
        };
      });
    }
  }

  async #process(job: StoredJob, token: string | undefined): Promise<JobData> {
    if (job.data.isCancelled) throw new UnrecoverableError(CANCELLED);
    const id = job.id ?? '';
    const stop = new Stop();
    this.#inHand.set(id, stop);
    try {
      return await this.#options.handler({
        id,
        kind: job.name,
        data: job.data.data,
        attemptsMade: job.attemptsMade,
        stopReason: () => stop.reason,
        onStop: (callback) => stop.onAsked(callback),
        progress: (value) => job.updateProgress({ ...value }),
      });
    } catch (error) {
      if (stop.reason === CANCELLED) throw new UnrecoverableError(CANCELLED);
      if (stop.reason !== 'closing') throw error;
      // Not its fault: it waits for another worker, and this try does not count.
      await job.moveToWait(token);
      throw new WaitingError();
    } finally {
      this.#inHand.delete(id);
    }
  }

  #scheduleMarks(): void {
    this.#cancelMarks = this.#options.clock.after(MARK_MS, () => {
      void this.#readMarks().finally(() => {
        if (!this.#isClosed) this.#scheduleMarks();
      });
    });
  }

  async #readMarks(): Promise<void> {
    for (const [id, stop] of [...this.#inHand]) {
      // What cannot be read now is read next time.
      if (await this.#options.desk.isMarked(id).catch(() => false)) stop.ask(CANCELLED);
    }
  }

  #complain(error: unknown): void {
    const { clock, log, desk } = this.#options;
    if (clock.now() - this.#toldAt < QUIET_MS) return;
    this.#toldAt = clock.now();
    log.warn({ queue: desk.name, reason: error instanceof Error ? error.message : String(error) }, 'a worker of the queue is in trouble; it goes on trying');
  }
}

/** Whether a job in hand must be let go of; the first reason stands. */
class Stop {
  #reason: StopReason | null = null;
  #callbacks: ((reason: StopReason) => void)[] = [];

  get reason(): StopReason | null {
    return this.#reason;
  }

  ask(reason: StopReason): void {
    if (this.#reason !== null) return;
    this.#reason = reason;
    for (const callback of this.#callbacks.splice(0)) callback(reason);
  }

  onAsked(callback: (reason: StopReason) => void): void {
    if (this.#reason === null) this.#callbacks.push(callback);
    else callback(this.#reason);
  }
}
