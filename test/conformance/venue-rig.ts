/**
 * What the conformance suite needs of a venue to examine it: the venue itself, a hand on its prices, and the codes by
 * which it refuses.
 */
import { afterEach, beforeEach, expect } from 'vitest';
import { formatClientOrderId } from '#core/client-order-id.ts';
import type { ErrorCode } from '#core/errors.ts';
import type { Instrument, InstrumentKind } from '#core/instrument.ts';
import { Decimal } from '#core/money.ts';
import type { Clock } from '#core/ports.ts';
import type {
  OutboundOrder,
  PlaceOutcome,
  RequestWindow,
  SessionHandlers,
  TradingSession,
  Venue,
  VenueAccount,
  VenueFill,
  VenueOrder,
} from '#core/venue-ports.ts';
import type { KeptLine } from '#test/support/quiet-log.ts';
import { until } from '#test/support/until.ts';
import type { VenueServer } from '#test/venues/_server.ts';

/** Reasons to refuse that every venue must tell apart from doubt. */
export type Reason = 'insufficientBalance' | 'price' | 'size' | 'minNotional' | 'symbol' | 'wouldTake' | 'wouldTrigger' | 'late';

export interface VenueRig {
  readonly venue: Venue;
  readonly clock: VenueClock;
  /** Which of the venue's markets is examined; spot without it. */
  readonly kind?: InstrumentKind;
  /** Holds 100,000 USDT and nothing but USDT, BTC and what else the simulated venue gives; trades BTC/USDT near 60,000. */
  readonly account: VenueAccount;
  /** A second account that shares nothing with the first. */
  readonly other: VenueAccount;
  /** The venue's own code for each refusal; `null` where it accepts such an order and ends it at once without a trade. */
  readonly codes: Readonly<Record<Exclude<Reason, 'wouldTake'>, string> & { readonly wouldTake: string | null }>;
  /** What this venue's list of instruments says otherwise of BTC/USDT than the common case. */
  readonly instrument?: Partial<Instrument>;
  /** How the venue tells of an immediate order that found nothing; `expired` without it. */
  readonly unfilled?: 'cancelled';
  /** How exactly the venue tells when an execution was; to the millisecond without it. */
  readonly fillTimeStepMs?: number;
  /** The simulator's own number of an execution, from what the venue calls it; the same without it. */
  readonly tradeNumber?: (tradeId: string) => number;
  /** Jumps of the venue's clock, in ms, that it refuses requests after; the common ones without it. */
  readonly clockJumps?: readonly [number, number];
  /** The venue gives public trades no ids, so that missed ones cannot be told from known ones. */
  readonly tradesLackIds?: true;
  /** The venue looks at a request's window when it arrives, and not once more when it acts. */
  readonly windowEndsAtTheDoor?: true;
  /** The list of the figures of a day tells no bid and ask. */
  readonly tickersLackQuotes?: true;
  /** A fill-or-kill order that cannot be filled is refused with this code; accepted and ended without it. */
  readonly unfilledKill?: string;
  /** What only a market of perpetuals has to be examined with. */
  readonly perpetual?: {
    /** By which the venue refuses to reduce what is not there. */
    readonly reduceOnlyCode: string;
    /** Makes the first account hold longs and shorts apart. */
    hedge(): void;
    /** An account whose key may trade spot alone. */
    readonly spotOnly: VenueAccount;
    /** What its calls for perpetuals fail with; `key_rejected` without it. */
    readonly spotOnlyCode?: ErrorCode;
    /** Stops that wait are pushed on a stream of their own, which nobody needs. */
    readonly waitingStopsAreSilent?: true;
    /** How many private streams serve an account that has used perpetuals. */
    readonly streams: number;
  };
  /** Moves the outside market of BTC/USDT, and waits until the venue trades at it. */
  move(price: string): Promise<void>;
  readonly log: readonly KeptLine[];
  /** The simulator whose prices, and for a real venue whose protocol, are behind it. */
  readonly simulator: VenueServer;
  /** For a venue behind a network: accounts whose keys are not in order. */
  readonly flawed?: {
    readonly unknownKey: VenueAccount;
    readonly wrongSecret: VenueAccount;
    readonly mayWithdraw: VenueAccount;
    readonly mayNotTrade: VenueAccount;
  };
  close(): Promise<void>;
}

/** What the present stage is about. The same cases are played on spot and on perpetuals, whose instruments have the same increments in them. */
export let SYMBOL = 'BTC/USDT';
/** Another instrument of the same market, and one that is not traded. */
export let ELSEWHERE = 'ETH/USDT';
export let NOWHERE = 'NO/SUCH';
const SPOT_SYMBOLS = ['BTC/USDT', 'ETH/USDT', 'BNB/USDT', 'ETH/BTC'];
const PERPETUAL_SYMBOLS = ['BTC/USDT:USDT', 'ETH/USDT:USDT'];

export function isPerpetual(rig: Pick<VenueRig, 'kind'>): boolean {
  return rig.kind === 'perpetual';
}

/** All that the examined market trades. */
export function symbolsOf(rig: Pick<VenueRig, 'kind'>): readonly string[] {
  return isPerpetual(rig) ? PERPETUAL_SYMBOLS : SPOT_SYMBOLS;
}

/** Those of a venue's symbols that belong to the examined market. */
export function ofMarket(rig: Pick<VenueRig, 'kind'>, symbols: Iterable<string>): readonly string[] {
  return [...symbols].filter((symbol) => symbol.includes(':') === isPerpetual(rig));
}

/** What a trade must cost: of a spot buy in the coin received, of a perpetual in the settle coin, rounded up to what prices times sizes can be. */
export function feeOf(rig: VenueRig, trade: { readonly price: string; readonly size: string; readonly isMaker: boolean }) {
  const { makerFeeRate, takerFeeRate } = rig.simulator.world.scale(SYMBOL).instrument;
  const rate = isPerpetual(rig) ? (trade.isMaker ? makerFeeRate : takerFeeRate) : '0.001';
  if (!isPerpetual(rig)) return { feeAsset: 'BTC', feeAmount: new Decimal(trade.size).times(rate).toFixed() };
  const fee = new Decimal(trade.price).times(trade.size).times(rate);
  return { feeAsset: 'USDT', feeAmount: fee.toDecimalPlaces(7, Decimal.ROUND_UP).toFixed() };
}

/** Real time for what is short; timers of more than a second wait until the test moves time on. */
export class VenueClock implements Clock {
  #shiftMs = 0;
  #held: { readonly at: number; readonly callback: () => void }[] = [];

  now(): number {
    return Date.now() + this.#shiftMs;
  }

  after(ms: number, callback: () => void): () => void {
    // A second itself is short: the budgets of some venues turn every second.
    if (ms <= 1000) {
      const timer = setTimeout(callback, ms);
      return () => clearTimeout(timer);
    }
    const entry = { at: this.now() + ms, callback };
    this.#held.push(entry);
    return () => {
      this.#held = this.#held.filter((other) => other !== entry);
    };
  }

  /** Moves time on at once and fires what has fallen due, in its order. */
  skip(ms: number): void {
    this.#shiftMs += ms;
    const due = this.#held.filter(({ at }) => at <= this.now()).sort((one, other) => one.at - other.at);
    this.#held = this.#held.filter(({ at }) => at > this.now());
    for (const { callback } of due) callback();
  }
}

/** Everything a session pushed, in its sequence. */
export class Heard implements SessionHandlers {
  readonly orders: VenueOrder[] = [];
  readonly fills: VenueFill[] = [];
  readonly states: ('up' | 'down')[] = [];

  onOrder(order: VenueOrder): void {
    this.orders.push(order);
  }

  onFill(fill: VenueFill): void {
    this.fills.push(fill);
  }

  onStream(state: 'up' | 'down'): void {
    this.states.push(state);
  }
}

/** What each case plays on: a venue of its own, and a session of its first account that listens. */
export interface Stage {
  rig: VenueRig;
  session: TradingSession;
  heard: Heard;
}

/** Sets the stage before each case and clears it away after. */
export function onStage(start: () => Promise<VenueRig>): Stage {
  const stage = {} as Stage;
  beforeEach(async () => {
    stage.rig = await start();
    [SYMBOL, ELSEWHERE, NOWHERE] = isPerpetual(stage.rig) ? ['BTC/USDT:USDT', 'ETH/USDT:USDT', 'NO/SUCH:USDT'] : ['BTC/USDT', 'ETH/USDT', 'NO/SUCH'];
    Object.assign(stage, await listening(stage.rig));
  });
  afterEach(() => stage.rig.close());
  return stage;
}

/** Opens a session and waits until its stream delivers. */
export async function listening(rig: VenueRig, account: VenueAccount = rig.account): Promise<{ readonly session: TradingSession; readonly heard: Heard }> {
  const session = rig.venue.session(account);
  const heard = new Heard();
  // Its stream of perpetuals opens once the key has proved that it may trade them.
  if (isPerpetual(rig)) await session.perpetual?.fundingSince(SYMBOL, rig.clock.now());
  await session.listen(heard);
  await until(() => heard.states.includes('up'), 'the stream is up');
  return { session, heard };
}

let sequence = 0;

/** A limit order to buy 0.001 BTC at 59,000, far enough below the market to rest. */
export function order(change: Partial<OutboundOrder> = {}): OutboundOrder {
  sequence += 1;
  const clientOrderId = formatClientOrderId({ installation: 7, kind: 'bot', number: 1 }, 1, sequence);
  return {
    clientOrderId,
    symbol: SYMBOL,
    side: 'buy',
    type: 'limit',
    price: '59000',
    triggerPrice: null,
    size: '0.001',
    timeInForce: 'gtc',
    postOnly: false,
    reduceOnly: false,
    ...change,
  };
}

export async function windowOf(rig: VenueRig, session: TradingSession): Promise<RequestWindow> {
  return { timestampMs: rig.clock.now() + (await session.clockOffsetMs()), windowMs: rig.venue.capabilities.requestWindowMs };
}

/** Places an order with a fresh window. */
export async function place(rig: VenueRig, session: TradingSession, asked: OutboundOrder): Promise<PlaceOutcome> {
  return session.place(asked, await windowOf(rig, session));
}

/** Places an order that must be accepted; its id at the venue. */
export async function placed(rig: VenueRig, session: TradingSession, asked: OutboundOrder): Promise<string> {
  const outcome = await place(rig, session, asked);
  if (outcome.outcome !== 'accepted') throw new Error(`expected the order to be accepted, got ${JSON.stringify(outcome)}`);
  return outcome.venueOrderId;
}

/** A post-only order that would trade at once is refused, or, where the venue says so, accepted and ended; it never trades. */
export async function expectWouldTake(stage: Stage, asked: OutboundOrder): Promise<void> {
  const code = stage.rig.codes.wouldTake;
  const outcome = await place(stage.rig, stage.session, asked);
  if (code !== null) {
    expect(outcome).toMatchObject({ outcome: 'rejected', code });
    expect(await stage.session.findOrder(asked.clientOrderId, asked.symbol)).toBeNull();
  } else {
    expect(outcome).toMatchObject({ outcome: 'accepted' });
    const isOver = (found: VenueOrder | null): boolean => found !== null && found.status !== 'open' && found.status !== 'filled' && found.filledSize === '0';
    await until(async () => isOver(await stage.session.findOrder(asked.clientOrderId, asked.symbol)), 'the order is over without a trade');
    await until(() => stage.heard.orders.some((told) => told.clientOrderId === asked.clientOrderId && isOver(told)), 'its end is pushed');
  }
  expect(stage.heard.fills.filter(({ clientOrderId }) => clientOrderId === asked.clientOrderId)).toEqual([]);
}
