/** Notes once a minute how each run of this process stands, for its chart. A chart may lack a point; nothing else waits for it. */
import type { Clock, Log } from '#core/ports.ts';
import type { NewEquityPoint } from '#core/store/runs.ts';
import type { Store } from '#core/store/store.ts';
import { Rounds } from '../rounds.ts';

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
  readonly #rounds: Rounds;
  /** Of the present minute, those that were not looked at yet. */
  #parcels: (readonly EquityReading[])[] = [];
  #spacingMs = ROUND_MS;
  #pauseMs = EQUITY_MS;

  constructor(parts: EquityRecorderParts) {
    this.#parts = parts;
    this.#rounds = new Rounds({ ...parts, pauseMs: () => this.#pauseMs, problem: 'equity was not recorded' }, () => this.#record());
  }

  start(): void {
    this.#rounds.start(EQUITY_MS);
  }

  close(): Promise<void> {
    return this.#rounds.close();
  }

  /** One parcel; with the first of them the minute's others are laid out. */
  async #record(): Promise<void> {
    const { store, clock, readings } = this.#parts;
    if (this.#parcels.length === 0) {
      const all = readings();
      this.#parcels = Array.from({ length: Math.ceil(all.length / MAX_POINTS) }, (_, part) => all.slice(part * MAX_POINTS, (part + 1) * MAX_POINTS));
      this.#spacingMs = ROUND_MS / Math.max(1, this.#parcels.length);
    }
    const at = clock.now();
    const points = (this.#parcels.shift() ?? []).flatMap((read) => read() ?? []).map((point) => ({ ...point, at }));
    this.#pauseMs = this.#parcels.length > 0 ? this.#spacingMs : this.#spacingMs + EQUITY_MS - ROUND_MS;
    if (points.length > 0) await store.runs.addEquity(points);
  }
}
