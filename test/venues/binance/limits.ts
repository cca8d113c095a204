/** Binance's budgets: request weight a minute for the address, orders per ten seconds and day for the account, and the ban for who goes on. */
import { BinanceRefusal } from './refusals.ts';

export interface LimitOptions {
  readonly weightPerMinute: number;
  readonly ordersPer10s: number;
  readonly ordersPerDay: number;
  /** Requests past the weight limit, in one minute, that bring the ban. */
  readonly strikesToBan: number;
  readonly banSeconds: number;
}

export const DEFAULT_LIMITS: LimitOptions = { weightPerMinute: 6_000, ordersPer10s: 100, ordersPerDay: 200_000, strikesToBan: 20, banSeconds: 120 };

const MINUTE_MS = 60_000;
const TEN_SECONDS_MS = 10_000;
const DAY_MS = 86_400_000;

export class Limits {
  readonly options: LimitOptions;
  readonly #weight = new Window(MINUTE_MS);
  readonly #orders = new Map<string, { readonly short: Window; readonly day: Window }>();
  #strikes = 0;
  #bannedUntil = 0;

  constructor(options: Partial<LimitOptions> = {}) {
    this.options = { ...DEFAULT_LIMITS, ...options };
  }

  /** Books the weight of a request, or refuses with 429 or 418. */
  spend(weight: number, at: number): void {
    if (at < this.#bannedUntil) throw this.#banned(at);
    if (this.#weight.used(at) === 0) this.#strikes = 0;
    const used = this.#weight.add(weight, at);
    if (used <= this.options.weightPerMinute) return;
    this.#strikes += 1;
    if (this.#strikes > this.options.strikesToBan) {
      this.#bannedUntil = at + this.options.banSeconds * 1_000;
      throw this.#banned(at);
    }
    const message = `Too much request weight used; current limit is ${this.options.weightPerMinute} request weight per 1 MINUTE. Please use WebSocket Streams for live updates to avoid polling the API.`;
    throw new BinanceRefusal(-1003, message, 429, Math.ceil(this.#weight.resetsInMs(at) / 1_000));
  }

  /** Books an order of an account, or refuses with -1015. */
  order(account: string, at: number): void {
    const { short, day } = this.#of(account);
    if (short.used(at) >= this.options.ordersPer10s) throw tooManyOrders(this.options.ordersPer10s, '10 SECOND', short.resetsInMs(at));
    if (day.used(at) >= this.options.ordersPerDay) throw tooManyOrders(this.options.ordersPerDay, '1 DAY', day.resetsInMs(at));
    short.add(1, at);
    day.add(1, at);
  }

  /** `account` is empty for public requests. */
  headers(account: string, isOrder: boolean, at: number): Record<string, string> {
    const used = String(this.#weight.used(at));
    const headers: Record<string, string> = { 'x-mbx-used-weight': used, 'x-mbx-used-weight-1m': used };
    if (!isOrder) return headers;
    const { short, day } = this.#of(account);
    return { ...headers, 'x-mbx-order-count-10s': String(short.used(at)), 'x-mbx-order-count-1d': String(day.used(at)) };
  }

  #of(account: string): { readonly short: Window; readonly day: Window } {
    let windows = this.#orders.get(account);
    if (windows === undefined) this.#orders.set(account, (windows = { short: new Window(TEN_SECONDS_MS), day: new Window(DAY_MS) }));
    return windows;
  }

  #banned(at: number): BinanceRefusal {
    const message = `Way too much request weight used; IP banned until ${this.#bannedUntil}. Please use WebSocket Streams for live updates to avoid bans.`;
    return new BinanceRefusal(-1003, message, 418, Math.ceil((this.#bannedUntil - at) / 1_000));
  }
}

function tooManyOrders(limit: number, interval: string, resetsInMs: number): BinanceRefusal {
  return new BinanceRefusal(-1015, `Too many new orders; current limit is ${limit} orders per ${interval}.`, 429, Math.ceil(resetsInMs / 1_000));
}

/** A count that starts anew at every full interval, as Binance counts. */
class Window {
  readonly #ms: number;
  #startedAt = 0;
  #used = 0;

  constructor(ms: number) {
    this.#ms = ms;
  }

  add(amount: number, at: number): number {
    this.#used = this.used(at) + amount;
    return this.#used;
  }

  used(at: number): number {
    const startedAt = at - (at % this.#ms);
    if (startedAt !== this.#startedAt) {
      this.#startedAt = startedAt;
      this.#used = 0;
    }
    return this.#used;
  }

  resetsInMs(at: number): number {
    return this.#ms - (at % this.#ms);
  }
}
