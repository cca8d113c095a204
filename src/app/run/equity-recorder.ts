/** Notes once a minute how each run of this process stands, for its chart. A chart may lack a point; nothing else waits for it. */
import type { Clock, Log } from '#core/ports.ts';
import type { NewEquityPoint } from '#core/store/runs.ts';
import type { Store } from '#core/store/store.ts';

export const EQUITY_MS = 60_000;
/** A round is spread over this long, so that thousands of runs are not looked at in one breath. */
const ROUND_MS = 30_000;
/** Runs in one statement. */
const MAX_POINTS = 200;

/** Where a run stands now; `null` before its first price. */
export type EquityReading = () => Omit<NewEquityPoint, 'at'> | null;

export interface EquityRecorderParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** The runs there are. */
  readonly readings: () => readonly EquityReading[];
}

export class EquityRecorder {
  readonly #parts: EquityRecorderParts;
  #callOff: () => void = () => undefined;
  #isClosed = false;

  constructor(parts: EquityRecorderParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#after(EQUITY_MS, () => this.#round());
  }

  close(): void {
    this.#isClosed = true;
    this.#callOff();
  }

  #round(): void {
    const readings = this.#parts.readings();
    const parts = Array.from({ length: Math.ceil(readings.length / MAX_POINTS) }, (_, part) => readings.slice(part * MAX_POINTS, (part + 1) * MAX_POINTS));
    const pauseMs = ROUND_MS / Math.max(1, parts.length);
    const next = (): void => {
      const part = parts.shift();
      if (part === undefined) return this.#after(EQUITY_MS - ROUND_MS, () => this.#round());
      void this.#record(part).finally(() => this.#after(pauseMs, next));
    };
    next();
  }

  async #record(readings: readonly EquityReading[]): Promise<void> {
    const { store, clock, log } = this.#parts;
    const at = clock.now();
    const points = readings.flatMap((read) => read() ?? []).map((point) => ({ ...point, at }));
    if (points.length > 0) await store.runs.addEquity(points).catch((error: unknown) => log.warn({ err: error }, 'equity was not recorded'));
  }

  #after(delayMs: number, task: () => void): void {
    if (!this.#isClosed) this.#callOff = this.#parts.clock.after(delayMs, task);
  }
}
