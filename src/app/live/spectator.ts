/**
 * One connection that follows a stream: what it wants to see, and what waits while it cannot keep up. What waits is the newest
 * of each thing only, so a slow reader gets the truth later and never a queue without end; one that stays slow is sent away.
 */
import type { Clock } from '#core/ports.ts';
import { type Change, frameOf, type Plain, type Stream } from './stream.ts';

/** Why a connection is ended. */
export type EndReason = 'slow' | 'session_ended' | 'plan_ended' | 'closing';

/** The way to whoever is connected. */
export interface Pipe {
  /** `onWritten` is called once the system has taken it. */
  send(frame: Uint8Array, onWritten?: () => void): void;
  /** Bytes that the system has not taken yet. */
  buffered(): number;
  end(reason: EndReason): void;
}

/** What a connection wants to see. */
export interface Wish {
  /** Who it is: what is told to another alone is as if it were not there. */
  readonly userId: string;
  readonly topics: ReadonlySet<string>;
  /** Of things that are there; what is gone is always told to whoever has seen it. */
  readonly shows: (change: Change) => boolean;
}

/** Where a connection has been before. */
export interface Place {
  readonly epoch: string;
  readonly seq: number;
}

/** What has been pushed, by a process. */
export class PushFigures {
  sent = 0;
  /** Values that were replaced by a newer one of the same thing before they could be sent. */
  superseded = 0;
  endedSlow = 0;
}

/** Beyond so many bytes that are not taken, changes wait. */
export const SOFT_BYTES = 64 * 1024;
/** Whoever has not taken so much asks for nothing more: each wish is answered with all there is. */
export const HARD_BYTES = 1024 * 1024;
/** Things that may wait at most. */
export const MAX_WAITING = 5_000;
/** Whoever has something waiting for so long is sent away. */
export const SLOW_PATIENCE_MS = 10_000;
const SNAPSHOT_ITEMS = 100;

export class Spectator {
  readonly #pipe: Pipe;
  readonly #clock: Clock;
  readonly #figures: PushFigures;
  readonly #waiting = new Map<string, Uint8Array>();
  /** Names of what it has been shown and is still there. */
  readonly #shown = new Set<string>();
  #stream: Stream | null = null;
  #wish: Wish | null = null;
  #slowSince: number | null = null;
  #isEnded = false;
  readonly #onWritten = (): void => this.#drain();

  constructor(parts: { readonly pipe: Pipe; readonly clock: Clock; readonly figures: PushFigures }) {
    this.#pipe = parts.pipe;
    this.#clock = parts.clock;
    this.#figures = parts.figures;
  }

  /** How many things wait. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Begins to follow a stream, or follows it by another wish: from a place where that is remembered, else from all there is. */
  follow(stream: Stream, wish: Wish, place: Place | null): void {
    if (this.#pipe.buffered() >= HARD_BYTES) return this.#endSlow();
    this.#stream = stream;
    this.#wish = wish;
    this.#waiting.clear();
    this.#shown.clear();
    const missed = place !== null && place.epoch === stream.epoch ? stream.since(place.seq) : null;
    const { epoch, head } = stream;
    this.#say({ type: 'subscribed', mode: missed === null ? 'snapshot' : 'replay', epoch, seq: head, topics: [...wish.topics] });
    if (missed === null) return this.#sendSnapshot(stream, wish);
    // It may know of anything that was there; telling of what it does not know does no harm.
    for (const change of [...stream.present(), ...missed]) if (concerns(change, wish)) this.#shown.add(change.name);
    for (const change of missed) this.offer(change);
  }

  offer(change: Change): void {
    const wish = this.#wish;
    if (wish === null || this.#isEnded || !concerns(change, wish)) return;
    const frame = this.#frameFor(change, wish);
    if (frame !== null) this.#push(change.name, frame);
  }

  /** Sends a message that is about the connection itself. */
  say(message: Plain): void {
    this.#say(message);
  }

  /** Sequence up to which everything has been sent; `null` while something waits or nothing is followed. */
  get place(): Place | null {
    return this.#stream === null || this.#waiting.size > 0 ? null : { epoch: this.#stream.epoch, seq: this.#stream.head };
  }

  /** Sends it away when it has been slow for too long; to be asked now and then. */
  checkPace(): void {
    this.#drain();
    if (this.#slowSince !== null && this.#clock.now() - this.#slowSince >= SLOW_PATIENCE_MS) this.#endSlow();
  }

  /** Nothing is sent any more. */
  leave(): void {
    this.#isEnded = true;
    this.#waiting.clear();
    this.#shown.clear();
  }

  /** The message that tells a change to this connection; `null` when it is none of its business. */
  #frameFor(change: Change, wish: Wish): Uint8Array | null {
    const { name, data } = change;
    if (data !== null && wish.shows(change)) {
      if (change.isLast) this.#shown.delete(name);
      else this.#shown.add(name);
      return change.frame;
    }
    if (!this.#shown.delete(name)) return null;
    return data === null ? change.frame : frameOf({ type: 'change', topic: change.topic, key: change.key, seq: change.seq, data: null });
  }

  #push(name: string, frame: Uint8Array): void {
    if (this.#waiting.size === 0 && this.#pipe.buffered() < SOFT_BYTES) return this.#send(frame);
    // Deleted first, so that what waits stays in the sequence of its changes.
    if (this.#waiting.delete(name)) this.#figures.superseded += 1;
    this.#waiting.set(name, frame);
    this.#slowSince ??= this.#clock.now();
    if (this.#waiting.size > MAX_WAITING) this.#endSlow();
  }

  #drain(): void {
    if (this.#isEnded) return;
    for (const [name, frame] of this.#waiting) {
      if (this.#pipe.buffered() >= SOFT_BYTES) return;
      this.#waiting.delete(name);
      this.#send(frame);
    }
    this.#slowSince = null;
  }

  #send(frame: Uint8Array): void {
    this.#figures.sent += 1;
    this.#pipe.send(frame, this.#onWritten);
  }

  #endSlow(): void {
    if (this.#isEnded) return;
    this.leave();
    this.#figures.endedSlow += 1;
    this.#pipe.end('slow');
  }

  #sendSnapshot(stream: Stream, wish: Wish): void {
    for (const topic of wish.topics) {
      const shown = [...stream.present()].filter((change) => change.topic === topic && concerns(change, wish) && wish.shows(change));
      for (const { name } of shown) this.#shown.add(name);
      for (let from = 0; from === 0 || from < shown.length; from += SNAPSHOT_ITEMS) {
        const items = shown.slice(from, from + SNAPSHOT_ITEMS).map(({ key, data }) => ({ key, data }));
        this.#say({ type: 'snapshot', topic, seq: stream.head, items, more: from + SNAPSHOT_ITEMS < shown.length });
      }
    }
  }

  #say(message: Plain): void {
    if (!this.#isEnded) this.#pipe.send(frameOf(message));
  }
}

function concerns({ topic, userId }: Change, wish: Wish): boolean {
  return wish.topics.has(topic) && (userId === null || userId === wish.userId);
}
