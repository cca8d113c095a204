/** An opportunity while it is watched: first on trial, then open, then closed until the last outcome is known. */
import { type CloseReason, OUTCOME_MINUTES, type Signal } from './signal.ts';
import type { AtSize, Entry } from './spread.ts';

const MINUTE_MS = 60_000;

export class LiveSignal {
  /** Its place in the slots, which changes when others are listed. */
  slot: number;
  readonly key: string;
  /** Since when its net has been enough; `null` while it is not known to be. */
  enoughSince: number | null = null;
  id = '';
  version = 0;
  openedAt = 0;
  closedAt: number | null = null;
  closeReason: CloseReason | null = null;
  /** What acting on it would have paid when it closed. */
  paidPercent: Signal['paidPercent'] = null;
  /** As told last. */
  told: Signal | null = null;
  toldAt = 0;
  toldNet = 0;
  toldStaleLegs = 0;
  /** What was computed last, and when. */
  figures: AtSize | null = null;
  computedAt = 0;
  peakNet = 0;
  peakAt = 0;
  #sum = 0;
  #net = 0;
  /** What one would have got at the opening, and the funding that had been settled by then. */
  entry: Entry = { coins: 0, paid: 0, received: 0 };
  settledBefore: readonly [buy: number, sell: number] = [0, 0];
  /** How many outcomes are known. */
  outcomes = 0;

  /** Since when it has been looked at with books. */
  readonly triedAt: number;

  constructor(slot: number, key: string, triedAt: number) {
    this.slot = slot;
    this.key = key;
    this.triedAt = triedAt;
  }

  get isOpen(): boolean {
    return this.openedAt > 0 && this.closedAt === null;
  }

  get isOver(): boolean {
    return this.closedAt !== null && this.outcomes >= OUTCOME_MINUTES.length;
  }

  /** When the next outcome is to be worked out. */
  get nextOutcomeAt(): number {
    const minutes = OUTCOME_MINUTES[this.outcomes];
    return minutes === undefined || this.openedAt === 0 ? Number.POSITIVE_INFINITY : this.openedAt + minutes * MINUTE_MS;
  }

  toldAs(signal: Signal, at: number): void {
    this.told = signal;
    this.version = signal.version;
    this.toldAt = at;
    this.toldNet = this.#net;
    this.toldStaleLegs = Number(signal.legs[0].isStale) + 2 * Number(signal.legs[1].isStale);
  }

  open(id: string, figures: AtSize, settled: readonly [number, number], at: number): void {
    this.id = id;
    this.openedAt = at;
    this.entry = { coins: figures.coins, paid: figures.paid, received: figures.received };
    this.settledBefore = settled;
    this.peakNet = Number.NEGATIVE_INFINITY;
    this.#sum = 0;
    this.computedAt = at;
    this.add(figures, at);
  }

  /** The net before counts for the time until now. */
  add(figures: AtSize, at: number): void {
    this.#sum += this.#net * (at - this.computedAt);
    this.#net = figures.net;
    this.figures = { ...figures };
    this.computedAt = at;
    if (figures.net > this.peakNet) [this.peakNet, this.peakAt] = [figures.net, at];
  }

  /** Weighted by time; of the present one while no time has passed. */
  get averageNet(): number {
    const passed = this.computedAt - this.openedAt;
    return passed > 0 ? this.#sum / passed : this.#net;
  }
}
