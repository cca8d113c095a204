/** MEXC's budgets: each endpoint has its own weight in ten seconds; who goes on past it is banned for a while. */
import { MexcRefusal } from './refusals.ts';

export interface LimitOptions {
  readonly weightPer10s: number;
  /** Requests past a limit, in one window, that bring the ban. */
  readonly strikesToBan: number;
  readonly banSeconds: number;
}

const DEFAULT_LIMITS: LimitOptions = { weightPer10s: 500, strikesToBan: 20, banSeconds: 120 };
const WINDOW_MS = 10_000;

export class Limits {
  readonly #options: LimitOptions;
  #window = -1;
  #used = new Map<string, number>();
  #strikes = 0;
  #bannedUntil = 0;

  constructor(options: Partial<LimitOptions> = {}) {
    this.#options = { ...DEFAULT_LIMITS, ...options };
  }

  /** Books the weight of a request, or refuses with 429 or 418. */
  spend(endpoint: string, weight: number, at: number): void {
    if (at < this.#bannedUntil) throw tooMany(418, this.#bannedUntil - at);
    const window = Math.floor(at / WINDOW_MS);
    if (window !== this.#window) {
      this.#window = window;
      this.#used = new Map();
      this.#strikes = 0;
    }
    const used = (this.#used.get(endpoint) ?? 0) + weight;
    this.#used.set(endpoint, used);
    if (used <= this.#options.weightPer10s) return;
    this.#strikes += 1;
    if (this.#strikes <= this.#options.strikesToBan) throw tooMany(429, (window + 1) * WINDOW_MS - at);
    this.#bannedUntil = at + this.#options.banSeconds * 1_000;
    throw tooMany(418, this.#bannedUntil - at);
  }
}

function tooMany(status: number, ms: number): MexcRefusal {
  return new MexcRefusal(429, 'Too Many Requests', status, Math.ceil(ms / 1_000));
}
