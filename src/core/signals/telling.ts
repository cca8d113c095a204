/** What users are told of signals: which facts are made of an opening and of a close, and the part of the store that knows who was told. Pure. */
import type { DecimalString } from '../money.ts';
import type { Text } from '../params.ts';
import type { Signal, SignalPoint } from './signal.ts';

/** A user is not told of the same opportunity again before this, however often it opens and closes. */
export const REOPENED_QUIET_MS = 600_000;
/** A signal that has become better is offered anew, to those whom it was not good enough for, no more often than this. */
export const RISEN_MS = 5_000;

/** An opening as it may be told. */
export interface SignalOpening {
  readonly signal: Pick<Signal, 'id' | 'key' | 'scanner' | 'base' | 'quote' | 'netPercent' | 'maxSizeQuote' | 'legs'>;
  readonly data: Readonly<Record<string, unknown>>;
  /** When it is told. */
  readonly at: number;
}

export interface SignalClose {
  readonly signal: Pick<Signal, 'id'>;
  readonly data: Readonly<Record<string, unknown>>;
  readonly at: number;
}

/** A signal of which some have not heard, with the last point of its course before the delay of the audience; `null` without a delay. */
export interface UntoldSignal {
  readonly signal: Signal;
  readonly point: SignalPoint | null;
}

/** Not reachable by users. An audience is everybody whose plan shows signals `delayMs` late. */
export interface SignalTellingStore {
  /**
   * Signals that were open `delayMs` before `now` and that this audience has not been told of, or not since they became better; the best first.
   * Those in quarantine are told to nobody.
   */
  opened(delayMs: number, now: number, limit: number): Promise<readonly UntoldSignal[]>;
  /**
   * Makes the facts of an opening, in one transaction: for every user of the audience who wants such signals and has not heard of this one, or
   * of the same opportunity within {@link REOPENED_QUIET_MS}. Beyond the number of his plan a user's signals of the hour are counted only. How
   * many facts that were; none when another has told this audience of it meanwhile.
   */
  tellOpened(opening: SignalOpening, delayMs: number): Promise<number>;
  /** Signals that were over `delayMs` before `now` and of which this audience was told that they opened, and not that they closed. */
  closed(delayMs: number, now: number, limit: number): Promise<readonly Signal[]>;
  /** Makes the facts of a close, for those who were told of the opening and need not wait longer. How many that were. */
  tellClosed(close: SignalClose, delayMs: number): Promise<number>;
  /** Makes one fact for each user and hour before `hourStart` in which more signals opened than were told. How many that were. */
  tellBeyond(hourStart: number, at: number): Promise<number>;
  /** How many facts of whatever kind wait to be told, counted up to `limit`. */
  waiting(limit: number): Promise<number>;
}

/** `view` is the signal as the audience sees it, so late. */
export function openedData(view: Signal, title: Text, delayMs: number): Readonly<Record<string, unknown>> {
  const [buy, sell] = view.legs;
  const isDelayed = delayMs > 0;
  return {
    ...shared(view, title),
    ...{ net_percent: view.netPercent, max_size: view.maxSizeQuote },
    ...{ buy_venue: buy.venue, buy_market: buy.market, buy_symbol: buy.symbol, buy_age_seconds: isDelayed ? null : seconds(buy.priceAgeMs) },
    ...{ sell_venue: sell.venue, sell_market: sell.market, sell_symbol: sell.symbol, sell_age_seconds: isDelayed ? null : seconds(sell.priceAgeMs) },
    delay_seconds: isDelayed ? seconds(delayMs) : null,
  };
}

/** `isFollowed` says whether somebody has watched to the end what an entry would have become. */
export function closedData(signal: Signal, title: Text, isFollowed = true): Readonly<Record<string, unknown>> {
  const paid: DecimalString | null = signal.paidPercent ?? null;
  return {
    ...shared(signal, title),
    lasted_seconds: seconds((signal.closedAt ?? signal.updatedAt) - signal.openedAt),
    peak_percent: signal.peakNetPercent,
    paid_percent: paid,
    unpaid: paid !== null ? null : isFollowed ? 'no_prices' : 'not_followed',
    reason: signal.closeReason,
  };
}

function shared({ id, scanner, base, quote, sizeQuote }: Signal, title: Text): Readonly<Record<string, unknown>> {
  return { signal_id: id, scanner, scanner_en: title.en, scanner_ru: title.ru, symbol: `${base}/${quote}`, size: sizeQuote, quote };
}

function seconds(ms: number): number {
  return Math.round(ms / 1_000);
}
