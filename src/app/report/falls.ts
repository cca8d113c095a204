/** How far and how long equity fell below its highest value so far. */

export interface Fall {
  /** Share of the peak that was lost. */
  readonly share: number;
  readonly amountAtoms: number;
  readonly peakAt: number;
  readonly troughAt: number;
}

export class Falls {
  deepest: Fall;
  /** The present fall as a share of the peak; 0 on it. */
  share = 0;
  #peak: number;
  #peakAt: number;
  #at: number;
  #longestMs = 0;

  constructor(equityAtoms: number, at: number) {
    this.#peak = equityAtoms;
    this.#peakAt = at;
    this.#at = at;
    this.deepest = { share: 0, amountAtoms: 0, peakAt: at, troughAt: at };
  }

  /** The longest time from a peak until equity was back there, or until the end where it never was. */
  get longestMs(): number {
    return this.share > 0 ? Math.max(this.#longestMs, this.#at - this.#peakAt) : this.#longestMs;
  }

  follow(equityAtoms: number, at: number): void {
    this.#at = at;
    if (equityAtoms < this.#peak) {
      // Below nothing there is no share to tell.
      this.share = this.#peak > 0 ? (this.#peak - equityAtoms) / this.#peak : 0;
      if (this.share > this.deepest.share) this.deepest = { share: this.share, amountAtoms: this.#peak - equityAtoms, peakAt: this.#peakAt, troughAt: at };
      return;
    }
    if (this.share > 0) this.#longestMs = Math.max(this.#longestMs, at - this.#peakAt);
    this.share = 0;
    this.#peak = equityAtoms;
    this.#peakAt = at;
  }
}
