/**
 * Holds claims of posts against books, funding and pools as they are: soon after they came, and again while they may be acted on. What nothing
 * confirms stays unverified, and expires so; what is refuted early may still be confirmed while it is news.
 */

import type { Bus, Clock, Log } from '#core/ports.ts';
import { type ClaimVerdict, closedSignal, judgeClaim, POST_SIGNALS_TOPIC, POST_TITLE } from '#core/posts/claim-signal.ts';
import type { ClaimCheck, ClaimWord, DueClaim } from '#core/posts/post-store.ts';
import { isLastWord } from '#core/posts/refutation.ts';
import type { Scanner } from '#core/signals/scanner.ts';
import type { Signal } from '#core/signals/signal.ts';
import { closedData, openedData } from '#core/signals/telling.ts';
import type { Store } from '#core/store/store.ts';
import { Rounds } from '../rounds.ts';
import type { LiveBooks } from './live-books.ts';

/** How often it is asked which claims are due. */
export const LOOK_MS = 2_000;
/** Claims looked at in one round: two books each. */
export const CLAIMS_AT_ONCE = 5;
/** A claim is looked at again after this, */
export const RECHECK_MS = 15_000;
/** and no more when it came so long ago. */
export const WATCH_MS = 10 * 60_000;
/** Nobody else looks at it meanwhile. */
const HOLD_MS = 60_000;

export interface ClaimWatchParts {
  readonly store: Pick<Store, 'posts'>;
  readonly books: Pick<LiveBooks, 'read'>;
  readonly bus: Pick<Bus, 'publish'>;
  /** Whose arithmetic claims are judged by. */
  readonly scanners: readonly Scanner[];
  readonly clock: Clock;
  readonly log: Log;
}

export class ClaimWatch {
  readonly #parts: ClaimWatchParts;
  readonly #rounds: Rounds;

  constructor(parts: ClaimWatchParts) {
    this.#parts = parts;
    this.#rounds = new Rounds({ ...parts, pauseMs: LOOK_MS, problem: 'claims of posts could not be looked at; trying again' }, () => this.look());
  }

  start(): void {
    this.#rounds.start();
  }

  /** Settles when the round that is under way is over. */
  close(): Promise<void> {
    return this.#rounds.close();
  }

  /** Looks at what is due, and says how many claims that were. */
  async look(): Promise<number> {
    const { store, clock } = this.#parts;
    const due = await store.posts.dueClaims(clock.now(), HOLD_MS, CLAIMS_AT_ONCE);
    await Promise.all(due.map((claim) => this.#judge(claim)));
    return due.length;
  }

  async #judge(due: DueClaim): Promise<void> {
    const { store, books, bus, clock, scanners } = this.#parts;
    const { claim, resultId, signal } = due;
    const scanner = scanners.find(({ strategy }) => strategy === claim.strategy);
    if (scanner === undefined) throw new Error(`no scanner looks for ${claim.strategy}`);
    const [buy, sell] = await Promise.all([books.read(claim, claim.legs[0]), books.read(claim, claim.legs[1])]);
    const now = clock.now();
    const verdict = judgeClaim(claim, [buy, sell], { now, id: resultId, before: signal, scanner });
    const isOver = now - due.receivedAt >= WATCH_MS;
    const check: ClaimCheck = { status: statusOf(verdict, isOver), liveSpread: verdict.liveSpread, reason: 'reason' in verdict ? verdict.reason : '', at: now };
    const refutation = { reason: check.reason, ageMs: now - due.receivedAt, wasConfirmed: signal !== null };
    const isLast = isOver || (verdict.status === 'refuted' && isLastWord(refutation));
    const after = signalAfter(verdict, signal, isOver, now);
    await store.posts.noteCheck(resultId, check, after, isLast ? null : now + RECHECK_MS, wordOf(after, now));
    if (after !== null) bus.publish(POST_SIGNALS_TOPIC, {});
  }
}

/** What was confirmed once is not unverified for want of a book now: its signal says how old it is, and ends. */
function statusOf(verdict: ClaimVerdict, isOver: boolean): ClaimCheck['status'] {
  return verdict.status === 'unverified' && isOver ? 'expired' : verdict.status;
}

function signalAfter(verdict: ClaimVerdict, before: Signal | null, isOver: boolean, now: number): Signal | null {
  if (verdict.status === 'confirmed') return isOver ? closedSignal(verdict.signal, 'stale', now) : verdict.signal;
  if (before === null || before.state === 'closed') return null;
  if (verdict.status === 'refuted') return closedSignal(before, 'spread_gone', now);
  // Without books nothing is known to be there still.
  return closedSignal(before, 'stale', now);
}

/** Of an opening it is said at every look: whoever knows of it is not told again, and thresholds may be reached later. */
function wordOf(signal: Signal | null, at: number): ClaimWord | null {
  if (signal === null) return null;
  if (signal.state === 'closed') return { kind: 'closed', close: { signal, data: closedData(signal, POST_TITLE, false), at } };
  return signal.quarantine === null ? { kind: 'opened', opening: { signal, data: openedData(signal, POST_TITLE, 0), at } } : null;
}
