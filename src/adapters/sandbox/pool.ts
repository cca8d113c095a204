/** The processes of the sandbox: by user, apart for runs and for work, so many and started so often at most. */
import { fileURLToPath } from 'node:url';
import { PortError } from '#core/errors.ts';
import { type CageCommand, CageProcess, cageCommand, type GuestPaths } from './cage-process.ts';
import { Launcher } from './launcher.ts';
import { LIMITS, type PoolLimits } from './limits.ts';
import { Starts } from './starts.ts';

interface Cage {
  readonly process: CageProcess;
  readonly runs: Set<number>;
  /** `null` for one that does work; runs of a quarantined process have no neighbours. */
  readonly isAlone: boolean;
  idle: NodeJS.Timeout | null;
}

export class CagePool {
  readonly #paths: GuestPaths;
  readonly #limits: PoolLimits;
  readonly #launcher = new Launcher();
  #command: CageCommand | null = null;
  readonly #workers = new Map<string, Cage>();
  readonly #runners = new Map<string, Set<Cage>>();
  readonly #starts: Starts;
  #lastRun = 0;
  #count = 0;
  #isClosed = false;

  constructor(paths: GuestPaths, limits: PoolLimits) {
    this.#paths = paths;
    this.#limits = limits;
    this.#starts = new Starts(limits.startsPerMinute);
  }

  /** The process in which checks, plans and backtests of a user are done. Throws PortError `sandbox_unavailable`. */
  worker(owner: string): CageProcess {
    const present = this.#workers.get(owner);
    if (present !== undefined && !present.process.isOver) {
      this.#rest(present);
      return present.process;
    }
    const cage = this.#start(owner, { isAlone: false, isBackground: true }, () => this.#workers.delete(owner));
    this.#workers.set(owner, cage);
    this.#rest(cage);
    return cage.process;
  }

  /** A place for a run. Throws PortError `sandbox_unavailable`. */
  seat(owner: string, isAlone: boolean): { readonly cage: CageProcess; readonly run: number } {
    const cages = this.#runners.get(owner) ?? new Set();
    this.#runners.set(owner, cages);
    const free = isAlone ? undefined : [...cages].find((each) => !each.isAlone && !each.process.isOver && each.runs.size < this.#limits.runsPerProcess);
    const cage = free ?? this.#start(owner, { isAlone, isBackground: false }, () => cages.delete(cage));
    cages.add(cage);
    if (cage.idle !== null) clearTimeout(cage.idle);
    const run = ++this.#lastRun;
    cage.runs.add(run);
    return { cage: cage.process, run };
  }

  /** A run has gone; the last one leaves an empty process, which ends by and by. */
  leave(process: CageProcess, run: number): void {
    for (const cages of this.#runners.values())
      for (const cage of cages) {
        if (cage.process !== process || !cage.runs.delete(run)) continue;
        if (!process.isOver) void process.ask({ op: 'close', run }, LIMITS.loadMs + LIMITS.graceMs);
        if (cage.runs.size === 0) this.#rest(cage);
      }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const cages = [...this.#workers.values(), ...[...this.#runners.values()].flatMap((each) => [...each])];
    for (const cage of cages) cage.process.kill();
    await this.#launcher.close();
  }

  #start(owner: string, { isAlone, isBackground }: { readonly isAlone: boolean; readonly isBackground: boolean }, onEnd: () => void): Cage {
    if (this.#isClosed) throw refused('the sandbox is closed');
    if (this.#count >= this.#limits.processes) throw refused(`all ${this.#limits.processes} processes for users' strategies are taken`);
    this.#countStart(owner);
    const process = this.#spawn(isBackground, (isBad) => {
      this.#count -= 1;
      if (isBad) this.#starts.fail(owner, performance.now());
      if (cage.idle !== null) clearTimeout(cage.idle);
      onEnd();
    });
    const cage: Cage = { process, runs: new Set(), isAlone, idle: null };
    return cage;
  }

  #spawn(isBackground: boolean, onEnd: (isBad: boolean) => void): CageProcess {
    try {
      // Looking up what it may read touches some forty files: once.
      this.#command ??= cageCommand(CAGE, this.#paths);
      const process = new CageProcess(this.#launcher, this.#command, isBackground, onEnd);
      this.#count += 1;
      return process;
    } catch (cause) {
      throw refused("a process for users' strategies could not be started", { cause });
    }
  }

  /** Programs that kill their process again and again do not get new ones for ever. */
  #countStart(owner: string): void {
    const now = performance.now();
    const waitMs = this.#starts.waitMs(owner, now);
    if (waitMs > 0)
      throw refused('processes for strategies of this user came to an end, or were started, too often of late; wait a little', { retryAfterMs: waitMs });
    this.#starts.start(owner, now);
  }

  /** Ends it after a while without work. */
  #rest(cage: Cage): void {
    if (cage.idle !== null) clearTimeout(cage.idle);
    cage.idle = setTimeout(() => {
      if (cage.runs.size === 0 && cage.process.load === 0) cage.process.kill();
      else this.#rest(cage);
    }, this.#limits.idleMs);
    cage.idle.unref();
  }
}

const CAGE = fileURLToPath(new URL('cage.ts', import.meta.url));

function refused(message: string, { retryAfterMs = 60_000, cause }: { readonly retryAfterMs?: number; readonly cause?: unknown } = {}): PortError {
  return new PortError('sandbox_unavailable', message, { outcome: 'failed', retryAfterMs, cause });
}
