/** Notes once a minute how the runs of this process stand, for their charts. A chart may lack a point; nothing else waits for it. */
import type { Clock, Log } from '#core/ports.ts';
import type { NewEquityPoint, Store } from '#core/store.ts';

export const EQUITY_MS = 60_000;
/** Points in one statement. */
const MAX_POINTS = 500;

export interface EquityRecorderParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** Where the runs stand now. */
  readonly points: () => readonly Omit<NewEquityPoint, 'at'>[];
}

export class EquityRecorder {
  readonly #parts: EquityRecorderParts;
  #callOff: () => void = () => undefined;
  #isClosed = false;

  constructor(parts: EquityRecorderParts) {
    this.#parts = parts;
  }

  start(): void {
    if (this.#isClosed) return;
    this.#callOff = this.#parts.clock.after(EQUITY_MS, () => {
      void this.#record().finally(() => this.start());
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#callOff();
  }

  async #record(): Promise<void> {
    const { store, clock, log } = this.#parts;
    const at = clock.now();
    const points = this.#parts.points().map((point) => ({ ...point, at }));
    for (let first = 0; first < points.length; first += MAX_POINTS) {
      await store.runs.addEquity(points.slice(first, first + MAX_POINTS)).catch((error: unknown) => log.warn({ err: error }, 'equity was not recorded'));
    }
  }
}
