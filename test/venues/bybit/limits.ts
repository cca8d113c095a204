/** Bybit's budgets: requests of an address in five seconds, with a ban for who goes on, and requests of an account to each endpoint in a second. */
import { Banned, BybitRefusal } from './refusals.ts';

export interface LimitOptions {
  readonly requestsPer5s: number;
  readonly banSeconds: number;
  /** Multiplies what an account may ask in a second. */
  readonly accountFactor: number;
}

export const DEFAULT_LIMITS: LimitOptions = { requestsPer5s: 600, banSeconds: 600, accountFactor: 1 };

const ADDRESS_WINDOW_MS = 5_000;
const ACCOUNT_WINDOW_MS = 1_000;

export class Limits {
  readonly #options: LimitOptions;
  readonly #ofAddress: number[] = [];
  readonly #ofAccounts = new Map<string, number[]>();
  #bannedUntil = 0;

  constructor(options: Partial<LimitOptions> = {}) {
    this.#options = { ...DEFAULT_LIMITS, ...options };
  }

  /** Books a request of the address, or shuts it out. */
  spend(at: number): void {
    if (at < this.#bannedUntil) throw new Banned();
    if (book(this.#ofAddress, ADDRESS_WINDOW_MS, at) <= this.#options.requestsPer5s) return;
    this.#bannedUntil = at + this.#options.banSeconds * 1_000;
    throw new Banned();
  }

  /** Books a request of an account to an endpoint, or refuses with 10006. */
  spendOf(account: string, endpoint: string, perSecond: number, at: number): void {
    const times = this.#timesOf(account, endpoint);
    if (book(times, ACCOUNT_WINDOW_MS, at) > perSecond * this.#options.accountFactor)
      throw new BybitRefusal(10006, 'Too many visits. Exceeded the API Rate Limit.');
  }

  headers(account: string, endpoint: string, perSecond: number, at: number): Record<string, string> {
    const limit = perSecond * this.#options.accountFactor;
    const times = this.#timesOf(account, endpoint);
    const isOver = times.length >= limit;
    return {
      'x-bapi-limit': String(limit),
      'x-bapi-limit-status': String(Math.max(0, limit - times.length)),
      'x-bapi-limit-reset-timestamp': String(isOver ? (times[0] ?? at) + ACCOUNT_WINDOW_MS : at),
    };
  }

  #timesOf(account: string, endpoint: string): number[] {
    const name = `${account} ${endpoint}`;
    let times = this.#ofAccounts.get(name);
    if (times === undefined) this.#ofAccounts.set(name, (times = []));
    return times;
  }
}

/** Adds a request to a rolling window; how many are in it. */
function book(times: number[], windowMs: number, at: number): number {
  const firstInside = times.findIndex((time) => time > at - windowMs && time <= at);
  times.splice(0, firstInside < 0 ? times.length : firstInside);
  times.push(at);
  return times.length;
}
