/**
 * Holds claims of posts against books, funding and pools as they are: soon after they came, and again while they may be acted on. What nothing
 * confirms stays unverified, and expires so; what is refuted early may still be confirmed while it is news.
 */

import type { Clock, Log } from '#core/ports.ts';
import { type ClaimVerdict, closedSignal, judgeClaim } from '#core/posts/claim-signal.ts';
import type { ClaimCheck, DueClaim } from '#core/posts/post-store.ts';
import { isLastWord } from '#core/posts/refutation.ts';
import type { Scanner } from '#core/signals/scanner.ts';
import type { Signal } from '#core/signals/signal.ts';
import type { Store } from '#core/store/store.ts';
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
  /** Whose arithmetic claims are judged by. */
  readonly scanners: readonly Scanner[];
  readonly clock: Clock;
  readonly log: Log;
}

export class ClaimWatch {
  readonly #parts: ClaimWatchParts;
  #isClosed = false;
  #round: Promise<void> = Promise.resolve();
  #callOff: () => void = () => undefined;

  constructor(parts: ClaimWatchParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#round = this.#turn();
  }

  /** Settles when the round that is under way is over. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#callOff();
    await this.#round;
  }

  /** Looks at what is due, and says how many claims that were. */
  async look(): Promise<number> {
    const { store, clock } = this.#parts;
    const due = await store.posts.dueClaims(clock.now(), HOLD_MS, CLAIMS_AT_ONCE);
    await Promise.all(due.map((claim) => this.#judge(claim)));
    return due.length;
  }

  async #turn(): Promise<void> {
    try {
      await this.look();
    } catch (error) {
      this.#parts.log.warn({ err: error }, 'claims of posts could not be looked at; trying again');
    }
    if (!this.#isClosed) this.#callOff = this.#parts.clock.after(LOOK_MS, () => this.start());
  }

  async #judge(due: DueClaim): Promise<void> {
    const { store, books, clock, scanners } = this.#parts;
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
    await store.posts.noteCheck(resultId, check, signalAfter(verdict, signal, isOver, now), isLast ? null : now + RECHECK_MS);
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
