/**
 * The venue as one simulated process reaches it: requests that travel, wait, get lost or come twice, a private stream
 * that forgets and repeats, and reads that lag. The request window is checked on arrival and again before matching.
 */

import { PortError } from '#core/errors.ts';
import type { Instrument } from '#core/instrument.ts';
import type {
  CancelOutcome,
  MarketData,
  OutboundOrder,
  PlaceOutcome,
  Quote,
  RequestWindow,
  SessionHandlers,
  TradingSession,
  Venue,
  VenueCapabilities,
} from '#core/venue-ports.ts';
import { QUOTES_ONLY } from '../support/quotes-only.ts';
import type { Random } from '../venues/_random.ts';
import type { Scheduler, SimulatedProcess } from './clock.ts';
import type { Faults } from './faults.ts';
import { PrivateStream } from './stream.ts';
import { ACCOUNT, type VenueTruth } from './venue-truth.ts';

export const WINDOW_MS = 5_000;
/** Longest matching (10 s), lag of reads (3 s), skew between our clocks (3 s) and what a timestamp may lie ahead (1 s), and some more. */
export const ABSENCE_MARGIN_MS = 20_000;
const TIMEOUT_MS = 11_000;
/** A request whose time lies further ahead than this is refused. */
const FUTURE_MS = 1_000;

export const CAPABILITIES: VenueCapabilities = {
  markets: ['spot'],
  walletsApart: false,
  orderTypes: ['limit', 'market', 'stopLimit', 'stopMarket'],
  timeInForce: ['gtc', 'ioc', 'fok'],
  postOnly: true,
  privateStream: true,
  cancelAll: false,
  deadMansSwitch: null,
  requestWindowMs: WINDOW_MS,
  absenceMarginMs: ABSENCE_MARGIN_MS,
};

/** What hears of requests as they leave a process and as the venue lets them in. */
export interface RequestWatch {
  onSent(order: OutboundOrder, process: string): void;
  onAdmitted(order: OutboundOrder): void;
}

export interface VenueParts {
  readonly truth: VenueTruth;
  readonly scheduler: Scheduler;
  readonly faults: Faults;
  readonly random: Random;
  readonly watch: RequestWatch;
  /** Until when, in true time, the venue refuses everybody or answers nobody. */
  readonly closed: { limitedUntil: number; maintenanceUntil: number };
  readonly trace: (text: string) => void;
}

export function venueFor(parts: VenueParts, process: SimulatedProcess): Venue {
  return {
    id: 'simulated',
    title: 'Simulated',
    credentials: [],
    capabilities: CAPABILITIES,
    market: marketFor(parts, process),
    session: () => new SimulatedSession(parts, process),
    close: () => Promise.resolve(),
  };
}

class SimulatedSession implements TradingSession {
  readonly #parts: VenueParts;
  readonly #process: SimulatedProcess;
  #stream: PrivateStream | null = null;

  constructor(parts: VenueParts, process: SimulatedProcess) {
    this.#parts = parts;
    this.#process = process;
  }

  listen(handlers: SessionHandlers): Promise<void> {
    const { truth, scheduler, faults, random } = this.#parts;
    this.#stream = new PrivateStream({ truth, scheduler, faults, random, process: this.#process, handlers });
    return Promise.resolve();
  }

  clockOffsetMs(): Promise<number> {
    const { truth } = this.#parts;
    return ask(this.#parts, this.#process, () => truth.now - this.#process.clock.now());
  }

  place(order: OutboundOrder, window: RequestWindow): Promise<PlaceOutcome> {
    const { scheduler, faults, watch, random } = this.#parts;
    return new Promise((resolve) => {
      const callOff = this.#process.later(TIMEOUT_MS, () => resolve({ outcome: 'unknown', code: 'no_answer', message: 'no answer in time' }));
      const answer = (outcome: PlaceOutcome, ms: number): void => {
        if (faults.strikes('responseLost')) return;
        const slowMs = faults.strikes('slowResponse') ? faults.length('slowResponse') : 0;
        this.#process.later(ms + slowMs, () => {
          callOff();
          resolve(outcome);
        });
      };
      // A process may be paused between deciding to send and the first byte.
      this.#process.later(random() * 3, () => {
        watch.onSent(order, this.#process.name);
        if (faults.strikes('requestLost')) return;
        const lateMs = faults.strikes('lateDelivery') ? faults.length('lateDelivery') : 0;
        scheduler.schedule(2 + random() * 30 + lateMs, () => this.#arrive(order, window, answer));
      });
    });
  }

  #arrive(order: OutboundOrder, window: RequestWindow, answer: (outcome: PlaceOutcome, ms: number) => void): void {
    const { scheduler, faults, random, closed } = this.#parts;
    const backMs = 2 + random() * 30;
    if (scheduler.now < closed.maintenanceUntil || faults.strikes('unknownBefore'))
      return answer({ outcome: 'unknown', code: '503', message: 'unknown' }, backMs);
    if (scheduler.now < closed.limitedUntil) return answer({ outcome: 'rejected', code: 'rate_limited', message: 'too many requests' }, backMs);
    if (!this.#isInTime(window)) return answer(LATE, backMs);
    const lagMs = faults.strikes('matchingLag') ? faults.length('matchingLag') : 0;
    scheduler.schedule(lagMs, () => {
      if (!this.#isInTime(window)) return answer(LATE, backMs);
      this.#admit(order, answer, backMs);
    });
  }

  #admit(order: OutboundOrder, answer: (outcome: PlaceOutcome, ms: number) => void, backMs: number): void {
    const { truth, scheduler, faults, watch } = this.#parts;
    watch.onAdmitted(order);
    const execute = (): void => {
      const result = truth.place(order);
      if (faults.strikes('unknownAfter')) return answer({ outcome: 'unknown', code: '-1007', message: 'timeout' }, backMs);
      if (result.ok) return answer({ outcome: 'accepted', venueOrderId: result.order.venueOrderId }, backMs);
      // The same id again proves that the first was taken, not that this order failed.
      const outcome = result.reason === 'duplicateClientOrderId' ? 'unknown' : 'rejected';
      answer({ outcome, code: result.reason, message: result.reason }, backMs);
    };
    if (!faults.strikes('slowMatching')) return execute();
    scheduler.schedule(faults.length('slowMatching'), execute);
  }

  #isInTime({ timestampMs, windowMs }: RequestWindow): boolean {
    const { now } = this.#parts.truth;
    return now <= timestampMs + windowMs && timestampMs <= now + FUTURE_MS;
  }

  cancel(clientOrderId: string): Promise<CancelOutcome> {
    const { truth, scheduler, faults, random, closed, trace } = this.#parts;
    return new Promise((resolve) => {
      const callOff = this.#process.later(TIMEOUT_MS, () => resolve({ outcome: 'unknown', code: 'no_answer', message: 'no answer in time' }));
      const answer = (outcome: CancelOutcome): void => {
        this.#process.later(2 + random() * 30, () => {
          callOff();
          resolve(outcome);
        });
      };
      this.#process.later(random() * 3, () => {
        trace(`${this.#process.name} cancels ${clientOrderId}`);
        if (faults.strikes('cancelLost')) return;
        scheduler.schedule(2 + random() * 30, () => {
          if (scheduler.now < closed.maintenanceUntil || scheduler.now < closed.limitedUntil) return answer(UNKNOWN_CANCEL);
          if (faults.strikes('cancelUnknown') && faults.draw('cancelUnknown') < 0.5) return answer(UNKNOWN_CANCEL);
          const result = truth.cancel(clientOrderId);
          if (faults.strikes('cancelUnknown')) answer(UNKNOWN_CANCEL);
          else answer({ outcome: result.ok ? 'done' : 'notOpen' });
        });
      });
    });
  }

  findOrder(clientOrderId: string) {
    return ask(this.#parts, this.#process, (agoMs) => this.#parts.truth.find(clientOrderId, agoMs));
  }

  openOrders() {
    return ask(this.#parts, this.#process, (agoMs) => this.#parts.truth.open(agoMs));
  }

  fillsSince(_symbol: string, since: number) {
    return ask(this.#parts, this.#process, (agoMs) => this.#fills(agoMs).filter((fill) => fill.at >= since));
  }

  fillsOf(venueOrderId: string) {
    return ask(this.#parts, this.#process, (agoMs) => this.#fills(agoMs).filter((fill) => fill.venueOrderId === venueOrderId));
  }

  #fills(agoMs: number) {
    const fills = this.#parts.truth.fills(agoMs);
    return this.#parts.faults.isOn('tradesWithoutIds') ? fills.map((fill) => ({ ...fill, clientOrderId: null })) : fills;
  }

  balances() {
    return ask(this.#parts, this.#process, () => this.#parts.truth.exchange.balances(ACCOUNT));
  }

  /** Answered at once: what the instrument says holds for the account. */
  feeRates() {
    const { makerFeeRate: maker, takerFeeRate: taker } = this.#parts.truth.instrument;
    return Promise.resolve({ maker, taker });
  }

  checkKey() {
    return Promise.resolve({ canTrade: true, canWithdraw: false, isIpRestricted: true });
  }

  close(): Promise<void> {
    this.#stream?.close();
    return Promise.resolve();
  }
}

const LATE: PlaceOutcome = { outcome: 'rejected', code: 'outside_window', message: 'the request came too late' };
const UNKNOWN_CANCEL: CancelOutcome = { outcome: 'unknown', code: '-1007', message: 'timeout' };

/** A read: sees the venue as it was up to a few seconds ago, or fails. */
function ask<Result>({ scheduler, faults, random, closed }: VenueParts, process: SimulatedProcess, read: (agoMs: number) => Result): Promise<Result> {
  return new Promise((resolve, reject) => {
    const fail = (code: 'venue_unavailable' | 'venue_rate_limited', ms: number): void => {
      process.later(ms, () => reject(new PortError(code, 'the venue does not answer', { outcome: 'failed' })));
    };
    const slowMs = faults.strikes('querySlow') ? faults.length('querySlow') : 0;
    scheduler.schedule(2 + random() * 30 + slowMs, () => {
      if (scheduler.now < closed.maintenanceUntil) return fail('venue_unavailable', 5);
      if (scheduler.now < closed.limitedUntil) return fail('venue_rate_limited', 5);
      if (faults.strikes('queryFailed')) return fail('venue_unavailable', faults.draw('queryFailed') * TIMEOUT_MS);
      const result = read(faults.strikes('readLag') ? faults.length('readLag') : 0);
      process.later(2 + random() * 30, () => resolve(result));
    });
  });
}

const QUOTE_MS = 250;

function marketFor(parts: VenueParts, process: SimulatedProcess): MarketData {
  const { truth } = parts;
  const quote = (): Quote => {
    const { bidTicks, askTicks } = truth.exchange.quote(truth.instrument.symbol);
    return { symbol: truth.instrument.symbol, bid: truth.scale.price(bidTicks), ask: truth.scale.price(askTicks), at: process.clock.now() };
  };
  return {
    ...QUOTES_ONLY,
    instruments: () => ask(parts, process, (): ReadonlyMap<string, Instrument> => new Map([[truth.instrument.symbol, truth.instrument]])),
    quote: () => ask(parts, process, quote),
    watchQuotes: (_symbol, onQuote) => {
      let last = '';
      const tick = (): void => {
        const newest = quote();
        if (`${newest.bid} ${newest.ask}` !== last) onQuote(newest);
        last = `${newest.bid} ${newest.ask}`;
        cancel = process.later(QUOTE_MS, tick);
      };
      let cancel = process.later(QUOTE_MS, tick);
      return () => cancel();
    },
    notice: () => null,
    close: () => Promise.resolve(),
  };
}
