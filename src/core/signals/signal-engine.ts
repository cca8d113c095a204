/**
 * From prices to signals: a function of what arrives, in the sequence in which it arrives. A price looks at the slots of its listing, and
 * most of them end with one comparison. What passes is computed with books, must last for a while, and is then followed until it is gone.
 */

import { DepthWishes } from './depth-wishes.ts';
import { ListingBoard } from './listing-board.ts';
import { LiveSignal } from './live-signal.ts';
import type { Depth, FundingNews, Listing } from './market-scan.ts';
import { isPatienceOver, type OutcomeNews, outcomeOf, outcomesGivenUp, paidPercent } from './outcomes.ts';
import type { Scanner } from './scanner.ts';
import type { CloseReason, SignalNews } from './signal.ts';
import { SlotView } from './slot-view.ts';
import { type Slot, Slots } from './slots.ts';
import { writeSignal } from './write-signal.ts';

/** A net that has moved by so much is told at once… */
export const TOLD_STEP = 0.0005;
/** …but no more often than this; and any news of it at least this often. */
export const LEAST_TELL_MS = 100;
export const MOST_TELL_MS = 5_000;
/** What is open asks for its books this often. */
export const DEPTH_REFRESH_MS = 3_000;
/** What was not worth it with its books is looked at again after this. */
export const RETRY_MS = 10_000;
/** What has just closed does not open again before this. */
export const COOL_DOWN_MS = 10_000;
/** A signal that could not be computed for so long is over. */
export const BLIND_PATIENCE_MS = 30_000;
/** Income of funding changes with the time, too. */
const RECKON_MS = 10_000;
/** At most so many are followed at once, those whose outcomes are awaited included. */
export const MAX_LIVE = 5_000;

export type EngineNews = Pick<SignalNews, 'change' | 'signal'>;

export interface EngineOptions {
  readonly scanners: readonly Scanner[];
  readonly newId: () => string;
  readonly onNews: (news: EngineNews) => void;
  readonly onOutcome: (outcome: OutcomeNews) => void;
}

export class SignalEngine {
  readonly #options: EngineOptions;
  #board = new ListingBoard([], null);
  #slots: Slots;
  #lives: (LiveSignal | null)[] = [];
  #retryAt = new Float64Array(0);
  readonly #watched = new Set<LiveSignal>();
  readonly #wishes = new DepthWishes();
  #view: SlotView;
  #reckonedAt = 0;
  #now = 0;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#slots = new Slots(this.#board, options.scanners);
    this.#view = new SlotView(this.#board, this.#slots);
  }

  get listings(): readonly Listing[] {
    return this.#board.listings;
  }

  get slotCount(): number {
    return this.#slots.all.length;
  }

  /** How many are followed: on trial, open, or until their outcomes are known; never more than {@link MAX_LIVE}. */
  get liveCount(): number {
    return this.#watched.size;
  }

  /** How many are open. */
  get openCount(): number {
    let count = 0;
    for (const live of this.#watched) if (live.isOpen) count += 1;
    return count;
  }

  indexOf(key: string): number {
    return this.#board.indexOf(key);
  }

  /** It is this late now, or later. */
  tick(now: number): void {
    if (now > this.#now) this.#now = now;
  }

  /** What is listed from now on. What is open goes on where its legs are still there. */
  setListings(listings: readonly Listing[], now: number): void {
    this.tick(now);
    const board = new ListingBoard(listings, this.#board);
    const slots = new Slots(board, this.#options.scanners);
    for (const live of [...this.#watched]) if (slots.placeOf(live.key) < 0) this.#abandon(live, 'stale');
    this.#board = board;
    this.#slots = slots;
    this.#view = new SlotView(board, slots);
    this.#retryAt = new Float64Array(slots.all.length);
    this.#lives = slots.all.map(() => null);
    for (const live of this.#watched) {
      live.slot = slots.placeOf(live.key);
      if (live.closedAt === null) this.#lives[live.slot] = live;
    }
    this.#wishes.clear();
    this.#reckonAll(this.#now);
  }

  /** Best prices of a listing, for one coin, of the moment `at`. */
  top(index: number, bid: number, bidSize: number, ask: number, askSize: number, at: number): void {
    const board = this.#board;
    if (index < 0 || index >= board.listings.length) return;
    if (at > this.#now) this.#now = at;
    board.setTop(index, bid, bidSize, ask, askSize, at);
    const { buy, sell, slope, bias, openAt, of } = this.#slots;
    for (const slot of of[index] as Int32Array) {
      const live = this.#lives[slot];
      if (live !== null && live !== undefined) this.#follow(live);
      else {
        const entry = (board.bid[sell[slot] as number] as number) / (board.ask[buy[slot] as number] as number) - 1;
        if ((slope[slot] as number) * entry + (bias[slot] as number) >= (openAt[slot] as number)) this.#consider(slot);
      }
    }
  }

  depth(index: number, depth: Depth, at: number): void {
    if (index < 0) return;
    this.tick(at);
    this.#board.setDepth(index, depth, at);
    for (const slot of this.#slots.of[index] ?? []) {
      const live = this.#lives[slot] ?? null;
      if (live !== null) this.#follow(live);
      else if (this.#view.bound(slot) >= (this.#slots.openAt[slot] as number)) this.#consider(slot);
    }
  }

  funding(index: number, news: FundingNews, at: number): void {
    if (index < 0) return;
    this.tick(at);
    this.#board.setFunding(index, news, at);
    for (const slot of this.#slots.of[index] ?? []) this.#slots.reckon(this.#board, slot, this.#now);
  }

  /** Time passes without prices: what was on trial may open, what is blind closes, outcomes fall due. */
  sweep(now: number): void {
    this.tick(now);
    if (this.#now - this.#reckonedAt >= RECKON_MS) this.#reckonAll(this.#now);
    for (const live of [...this.#watched]) {
      if (live.closedAt === null) this.#follow(live);
      this.#settleOutcomes(live);
      if (live.isOver) this.#forget(live);
    }
  }

  /** Books that are wanted, the most urgent first; each is told once. */
  takeDepthWishes(limit: number): readonly Listing[] {
    return this.#wishes.take(limit).flatMap((index) => this.#board.listings[index] ?? []);
  }

  /** Ends everything: who scans no more does not know. */
  stop(now: number): void {
    this.tick(now);
    for (const live of [...this.#watched]) this.#abandon(live, 'scanner_stopped');
  }

  #reckonAll(now: number): void {
    this.#reckonedAt = now;
    for (let slot = 0; slot < this.#slots.all.length; slot += 1) this.#slots.reckon(this.#board, slot, now);
  }

  /** It might be one. */
  #consider(slot: number): void {
    if (this.#now < (this.#retryAt[slot] as number) || this.#watched.size >= MAX_LIVE || this.#view.staleLegs(slot, this.#now) > 0) return;
    const live = new LiveSignal(slot, (this.#slots.all[slot] as Slot).key, this.#now);
    this.#lives[slot] = live;
    this.#watched.add(live);
    this.#follow(live);
  }

  #follow(live: LiveSignal): void {
    if (live.closedAt !== null) return;
    if (live.isOpen) this.#followOpen(live);
    else this.#try(live);
  }

  /** On trial: must be worth it by its books, for as long as the scanner says. */
  #try(live: LiveSignal): void {
    const { slot } = live;
    const { scanner } = this.#slots.all[slot] as Slot;
    if (this.#view.staleLegs(slot, this.#now) > 0 || this.#view.bound(slot) < scanner.rules.openAt) return this.#forget(live);
    const figures = this.#view.compute(slot, this.#now);
    if (!(figures.net >= scanner.rules.openAt)) {
      live.enoughSince = null;
      // Only books that were read since can say that it is not worth it: older ones tell of other prices.
      return this.#view.hasBooksSince(slot, live.triedAt) ? this.#giveUp(live) : this.#wish(slot, 1, this.#now - live.triedAt);
    }
    live.enoughSince ??= this.#now;
    this.#wish(slot, 1, DEPTH_REFRESH_MS);
    if (this.#now - live.enoughSince < scanner.rules.holdMs) return;
    const { settled } = this.#board;
    live.open(
      this.#options.newId(),
      figures,
      [settled[this.#slots.buy[slot] as number] as number, settled[this.#slots.sell[slot] as number] as number],
      this.#now,
    );
    this.#tell(live, 'opened');
  }

  #giveUp(live: LiveSignal): void {
    this.#retryAt[live.slot] = this.#now + RETRY_MS;
    this.#forget(live);
  }

  #followOpen(live: LiveSignal): void {
    const { slot } = live;
    const { scanner } = this.#slots.all[slot] as Slot;
    this.#wish(slot, 2, DEPTH_REFRESH_MS);
    const staleLegs = this.#view.staleLegs(slot, this.#now);
    const figures = staleLegs > 0 ? null : this.#view.compute(slot, this.#now);
    if (figures === null || Number.isNaN(figures.net)) {
      if (this.#now - live.computedAt > BLIND_PATIENCE_MS) this.#close(live, 'stale');
      else if (staleLegs !== live.toldStaleLegs) this.#tell(live, 'changed');
      return;
    }
    // Without both rates there is no spread of them.
    if (figures.net === Number.NEGATIVE_INFINITY) return this.#close(live, 'funding_changed');
    live.add(figures, this.#now);
    if (figures.net < scanner.rules.closeAt) return this.#close(live, 'spread_gone');
    const sinceTold = this.#now - live.toldAt;
    if (sinceTold >= LEAST_TELL_MS && (Math.abs(figures.net - live.toldNet) >= TOLD_STEP || sinceTold >= MOST_TELL_MS || live.toldStaleLegs > 0))
      this.#tell(live, 'changed');
  }

  #wish(slot: number, urgency: 0 | 1 | 2, olderThanMs: number): void {
    for (const index of this.#view.legs(slot)) {
      if (this.#board.listings[index]?.market === 'dex') continue;
      if (this.#now - (this.#board.depthAt[index] as number) > olderThanMs) this.#wishes.add(index, urgency);
    }
  }

  #tell(live: LiveSignal, change: SignalNews['change']): void {
    this.#view.look(live.slot, this.#now);
    const signal = writeSignal({ live, view: this.#view, now: this.#now });
    live.toldAs(signal, this.#now);
    this.#options.onNews({ change, signal });
  }

  #close(live: LiveSignal, reason: CloseReason): void {
    live.closedAt = this.#now;
    live.closeReason = reason;
    // Without fresh prices nobody knows.
    if (reason === 'spread_gone' || reason === 'funding_changed') live.paidPercent = paidPercent(live, this.#view, this.#now);
    this.#tell(live, 'closed');
    if (this.#lives[live.slot] === live) this.#lives[live.slot] = null;
    this.#retryAt[live.slot] = this.#now + COOL_DOWN_MS;
  }

  #settleOutcomes(live: LiveSignal): void {
    while (live.openedAt > 0 && this.#now >= live.nextOutcomeAt) {
      const outcome = outcomeOf(live, this.#view, this.#now);
      if (outcome.netPercent === null && !isPatienceOver(live, this.#now)) {
        this.#wish(live.slot, 0, DEPTH_REFRESH_MS);
        return;
      }
      live.outcomes += 1;
      this.#options.onOutcome(outcome);
    }
  }

  /** Nobody will know what becomes of it. */
  #abandon(live: LiveSignal, reason: CloseReason): void {
    if (live.isOpen) this.#close(live, reason);
    for (const outcome of outcomesGivenUp(live, this.#now)) this.#options.onOutcome(outcome);
    this.#forget(live);
  }

  #forget(live: LiveSignal): void {
    this.#watched.delete(live);
    if (this.#lives[live.slot] === live) this.#lives[live.slot] = null;
  }
}
