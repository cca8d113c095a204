/**
 * Requests to a venue through ccxt, with what really came back: status, headers and body of each single request, so that
 * outcomes are decided on the venue's own words and never on an exception class. Each call has one deadline of ours that
 * covers the body too, is sent at most once, and says for certain whether anything left this process.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Clock } from '#core/ports.ts';
import { NO_TRACING, type Tracing } from '#core/tracing.ts';
import type { Budget, BudgetNews, Priority } from './_budget.ts';
import { type Exchange, endpointOf, type FetchedAnswer, type FetchSettings, type Params } from './_exchange.ts';

/** Longer than the ten seconds that venues themselves allow a request, so that their own "timed out" arrives first. */
export const DEADLINE_MS = 11_500;

export interface VenueRequest {
  /** A ccxt endpoint method, such as `privatePostOrder`. */
  readonly endpoint: string;
  /** A function where they must be made at the moment of sending, after any wait: a request carries its time. */
  readonly params: Params | ((exchange: Exchange) => Params);
  readonly weight: number;
  readonly accountWeight?: number;
  readonly isList?: true;
  readonly priority: Priority;
  /** How long it may wait for its turn in the budget. */
  readonly patienceMs: number;
  /** Called once, right before the request is written. */
  readonly onSent?: () => void;
}

/**
 * `answered`: a complete answer, whatever it says. `lost`: it was sent, or may have been, and no complete answer came.
 * `unsent`: nothing left this process.
 */
export type VenueAnswer =
  | { readonly kind: 'answered'; readonly status: number; readonly headers: Headers; readonly body: unknown }
  | { readonly kind: 'lost'; readonly reason: string }
  | { readonly kind: 'unsent'; readonly reason: 'rate_limited' | 'closed' | 'not_sendable'; readonly message: string; readonly retryAfterMs: number };

/** What happened to one request on the wire. */
interface Wire {
  readonly onSent: (() => void) | undefined;
  isSent: boolean;
  answer: { readonly status: number; readonly headers: Headers; readonly text: string } | null;
  lostBy: string;
}

export interface ApiOptions {
  /** Id of the venue, for traces. */
  readonly venue?: string;
  readonly tracing?: Tracing | undefined;
  readonly clock: Clock;
  readonly budget: Budget;
  /** The account's own budget for an endpoint, beside that of the address; `null` where the venue does not count by account. */
  readonly accountBudget: ((endpoint: string) => Budget) | null;
  readonly open: () => Promise<Exchange>;
  /** Reads budget headers and demands for silence out of an answer. */
  readonly news: (status: number, headers: Headers, body: unknown) => BudgetNews;
}

export class Api {
  readonly #options: ApiOptions;
  readonly #wires = new AsyncLocalStorage<Wire>();
  readonly #flying = new Set<AbortController>();
  #exchange: Promise<Exchange> | null = null;
  #isClosed = false;

  constructor(options: ApiOptions) {
    this.#options = options;
  }

  /** The ccxt instance behind this api, made on first use. */
  exchange(): Promise<Exchange> {
    if (this.#exchange !== null) return this.#exchange;
    const opening = this.#options.open().then((exchange) => {
      exchange.fetchImplementation = (url, settings) => this.#fetch(url, settings);
      return exchange;
    });
    this.#exchange = opening;
    opening.catch(() => {
      this.#exchange = null;
    });
    return opening;
  }

  call(request: VenueRequest): Promise<VenueAnswer> {
    const { tracing = NO_TRACING, venue = 'unknown' } = this.#options;
    return tracing.span('venue.request', { venue, endpoint: request.endpoint, priority: request.priority }, () => this.#call(request));
  }

  async #call(request: VenueRequest): Promise<VenueAnswer> {
    const { budget, news } = this.#options;
    const exchange = await this.exchange();
    if (this.#isClosed) return CLOSED;
    if (!(await this.#acquire(request)))
      return { kind: 'unsent', reason: 'rate_limited', message: 'the request budget of this venue is used up', retryAfterMs: Math.max(1000, budget.brakeMs) };
    if (this.#isClosed) return CLOSED;
    const wire: Wire = { onSent: request.onSent, isSent: false, answer: null, lostBy: 'no answer' };
    let value: unknown;
    let refusal: unknown = null;
    try {
      value = await this.#wires.run(wire, () => {
        const params = typeof request.params === 'function' ? request.params(exchange) : request.params;
        return endpointOf(exchange, request.endpoint)(request.isList === true ? [params] : params);
      });
    } catch (error) {
      refusal = error;
    }
    if (wire.answer !== null) {
      const { status, headers, text } = wire.answer;
      const body = refusal === null ? value : (exchange.parseJson(text) ?? text);
      budget.learn(news(status, headers, body));
      return { kind: 'answered', status, headers, body };
    }
    if (wire.isSent) return { kind: 'lost', reason: wire.lostBy };
    return { kind: 'unsent', reason: 'not_sendable', message: refusal instanceof Error ? refusal.message : 'ccxt made no request', retryAfterMs: 0 };
  }

  /** Abandons what is in flight; later calls are not sent. */
  close(): void {
    this.#isClosed = true;
    for (const controller of this.#flying) controller.abort();
  }

  async #acquire({ endpoint, priority, weight, accountWeight, patienceMs }: VenueRequest): Promise<boolean> {
    const { budget, accountBudget } = this.#options;
    if (accountBudget !== null && accountWeight !== undefined && !(await accountBudget(endpoint).acquire(priority, accountWeight, patienceMs))) return false;
    return budget.acquire(priority, weight, patienceMs);
  }

  async #fetch(url: string, settings: FetchSettings): Promise<FetchedAnswer> {
    const wire = this.#wires.getStore();
    if (wire === undefined) throw new Error('a request outside of any call');
    // One call, one request: whatever made ccxt ask again must not send an order twice.
    if (wire.isSent) throw new Error('this call has been sent already');
    const controller = new AbortController();
    this.#flying.add(controller);
    const callOff = this.#options.clock.after(DEADLINE_MS, () => {
      wire.lostBy = `no complete answer within ${DEADLINE_MS} ms`;
      controller.abort();
    });
    try {
      wire.isSent = true;
      const { method, body } = settings;
      // ccxt names headers that it has no value for; fetch would send them as the text "undefined".
      const headers = Object.fromEntries(Object.entries(settings.headers).filter(([, value]) => value !== undefined));
      wire.onSent?.();
      const answer = await fetch(url, { method, headers, redirect: 'error', signal: controller.signal, ...(body === undefined ? {} : { body }) });
      const text = await answer.text();
      wire.answer = { status: answer.status, headers: answer.headers, text };
      return { status: answer.status, statusText: answer.statusText, headers: answer.headers, text: () => Promise.resolve(text) };
    } catch (error) {
      if (!controller.signal.aborted) wire.lostBy = describe(error);
      throw error;
    } finally {
      callOff();
      this.#flying.delete(controller);
    }
  }
}

const CLOSED: VenueAnswer = { kind: 'unsent', reason: 'closed', message: 'the session is closed', retryAfterMs: 0 };

/** The code beneath `fetch failed`, such as `ECONNRESET`; never the address, which carries a signature. */
function describe(error: unknown): string {
  const cause: unknown = error instanceof Error ? error.cause : null;
  const code: unknown = typeof cause === 'object' && cause !== null ? Reflect.get(cause, 'code') : null;
  return typeof code === 'string' ? code : 'connection failed';
}
