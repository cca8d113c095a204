/**
 * Why one of two runs over the same time executed an order that the other did not: each such order gets the first cause of a closed list for
 * which there is evidence. The last ones need none but what the list has already said: from the first difference on both hold something else.
 */
import { type Bars, firstBarAt } from '#core/bars/bars.ts';
import type { Event } from '#core/events.ts';
import type { Side } from '#core/order.ts';
import type { JournalEntry } from '#core/store/runs.ts';
import type { LedgerOrder } from '../report/ledger.ts';

/**
 * `outside`: before the first candle or after the last. `paused`: the live run was paused, or its trading switched off. `refused`: the other
 * run asked for it too, and was refused. `moment`: the other did the same further apart in time than orders are taken for one. `unfilled`: it
 * rested in the other, which saw its price and was not executed. `candles`: it rested in the other, which never saw its price. `command`: the
 * live run was told something by its user. `path`: what both did within this candle went another way, and how a price goes within a candle is
 * assumed. `start`: they began at other prices. `follows`: of a difference before.
 */
export const CAUSES = ['outside', 'paused', 'refused', 'moment', 'unfilled', 'candles', 'command', 'path', 'start', 'follows'] as const;
export type Cause = (typeof CAUSES)[number];

/** Executions of one order, as far as they are looked at here. */
export interface Lone {
  readonly side: Side;
  readonly at: number;
  readonly price: number;
}

/** What is known of the time of both runs beside their ledgers. */
export interface BothWorlds {
  readonly bars: Bars;
  /** When the live run was told something by its user. */
  readonly commands: readonly number[];
  /** When it could not trade as it liked. */
  readonly pauses: readonly { readonly from: number; readonly to: number }[];
  /** Middle of the market at which each began, in ticks; 0 where that is not known. */
  readonly begins: { readonly live: number; readonly test: number };
}

/** What else is known of the run that did not do it. */
export interface OtherRun {
  /** Those of its orders that were never executed. */
  readonly unfilled: readonly LedgerOrder[];
  /** When its executions began, ascending. */
  readonly executedAt: Float64Array;
  /** Executions that were not found in the first run either. */
  readonly alone: readonly Lone[];
}

export interface CauseQuestion {
  readonly lone: Lone;
  readonly isLive: boolean;
  readonly other: OtherRun;
  /** Whether anything differed before. */
  readonly isLater: boolean;
  readonly world: BothWorlds;
}

/** Orders whose prices differ by no more than this share ask for the same: less than the steps of any grid. */
const LIKE_SHARE = 0.001;

export function causeOf(question: CauseQuestion): Cause {
  const { lone, isLive, other, isLater, world } = question;
  const { bars } = world;
  const end = bars.length === 0 ? 0 : (bars.startAt[bars.length - 1] as number) + bars.intervalMs;
  if (lone.at < (bars.startAt[0] ?? 0) || lone.at >= end) return 'outside';
  if (!isLive && world.pauses.some(({ from, to }) => lone.at >= from - bars.intervalMs && lone.at < to + bars.intervalMs)) return 'paused';
  const isLike = (side: Side, price: number): boolean => side === lone.side && Math.abs(price / lone.price - 1) <= LIKE_SHARE;
  const waiting = waitingIn(question, isLike);
  if (waiting === 'refused') return 'refused';
  if (other.alone.some(({ side, price }) => isLike(side, price))) return 'moment';
  if (waiting === 'resting') return isLive && !isWithin(bars, lone) ? 'candles' : 'unfilled';
  if (!isLater && world.commands.some((at) => at <= lone.at + bars.intervalMs)) return 'command';
  // Both acted in this candle, but not alike: how the price went in it is a rule.
  if (hasBetween(other.executedAt, lone.at - bars.intervalMs, lone.at + bars.intervalMs)) return 'path';
  if (isLater) return 'follows';
  return world.begins.live === world.begins.test ? 'path' : 'start';
}

/** Whether the other run had asked for the like: and was refused, or had it resting at that time and it was never executed. */
function waitingIn({ lone, other, world }: CauseQuestion, isLike: (side: Side, price: number) => boolean): 'refused' | 'resting' | null {
  let isRefused = false;
  const slack = world.bars.intervalMs;
  for (const { order, outcome, endedAt, bidTicks } of other.unfilled) {
    if (!isLike(order.side, order.priceTicks > 0 ? order.priceTicks : bidTicks)) continue;
    if (order.createdAt > lone.at + slack || (endedAt ?? Number.POSITIVE_INFINITY) < lone.at - slack) continue;
    if (outcome === 'open' || outcome === 'cancelled' || outcome === 'expired') return 'resting';
    isRefused = true;
  }
  return isRefused ? 'refused' : null;
}

function hasBetween(times: Float64Array, from: number, to: number): boolean {
  return (times[firstBarAt({ startAt: times, length: times.length }, from)] ?? Number.POSITIVE_INFINITY) <= to;
}

/** Whether the candles of that time came to the price. */
function isWithin(bars: Bars, { at, price }: Lone): boolean {
  const { startAt, lowTicks, highTicks, intervalMs, length } = bars;
  for (let index = firstBarAt(bars, at - 2 * intervalMs); index < length && (startAt[index] as number) <= at + intervalMs; index += 1)
    if ((lowTicks[index] as number) <= price && (highTicks[index] as number) >= price) return true;
  return false;
}

/** What the tape of the live run tells of them. `end` is when its comparison ends. */
export function worldOf(tape: readonly JournalEntry[], bars: Bars, end: number): BothWorlds {
  const commands: number[] = [];
  const pauses: { from: number; to: number }[] = [];
  let stoppedAt: number | null = null;
  let begin = 0;
  for (const { event } of tape) {
    if (begin === 0 && event.type === 'quoteChanged') begin = Math.round((event.bidTicks + event.askTicks) / 2);
    if (isCommand(event)) commands.push(event.at);
    const isStopped = stops(event);
    if (isStopped === true) stoppedAt ??= event.at;
    if (isStopped === false && stoppedAt !== null) {
      pauses.push({ from: stoppedAt, to: event.at });
      stoppedAt = null;
    }
  }
  if (stoppedAt !== null) pauses.push({ from: stoppedAt, to: end });
  return { bars, commands, pauses, begins: { live: begin, test: bars.openTicks[0] ?? 0 } };
}

function isCommand({ type }: Event): boolean {
  return type === 'userCommand' || type === 'cancelRequested' || type === 'stopRequested' || type === 'pauseRequested' || type === 'resumeRequested';
}

/** Whether trading stands still from here on; `null` where nothing is said of it. */
function stops(event: Event): boolean | null {
  if (event.type === 'pauseRequested' || event.type === 'stopRequested') return true;
  if (event.type === 'resumeRequested') return false;
  return event.type === 'tradingStateChanged' ? event.tradingState !== 'active' : null;
}
