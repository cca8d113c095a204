/**
 * Tells users of signals that open and close, by the delay of their plans: looks every second at what the store has and makes facts of it, which
 * travel as all facts do. Trading comes first: while many facts wait to be told, signals wait too.
 */
import { PortError } from '#core/errors.ts';
import type { Text } from '#core/params.ts';
import { PLAN_TERMS } from '#core/plans/plan.ts';
import type { Clock, Log } from '#core/ports.ts';
import type { Signal } from '#core/signals/signal.ts';
import { closedData, openedData, type UntoldSignal } from '#core/signals/telling.ts';
import type { Store } from '#core/store/store.ts';
import type { ShiftWork } from '../fleet/shift.ts';
import { Rounds } from '../rounds.ts';
import { asOf } from '../signal-views/as-of.ts';

export const TELL_MS = 1_000;
/** Signals of one look, each told to all who want it by one statement. */
export const SIGNALS_AT_ONCE = 50;
/** While so many facts wait to be told, no signal adds to them. */
export const MAX_WAITING_FACTS = 1_000;
const HOUR_MS = 3_600_000;
const DELAYS = [...new Set(Object.values(PLAN_TERMS).map(({ signalDelayMs }) => signalDelayMs))].sort((one, other) => one - other);

export interface SignalTellerParts {
  readonly store: Pick<Store, 'signalTellings'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Of scanners, by name. */
  readonly titles: ReadonlyMap<string, Text>;
}

export class SignalTeller implements ShiftWork {
  readonly #parts: SignalTellerParts;
  readonly #rounds: Rounds;
  /** The hour up to which it was told what came beyond the limits. */
  #toldUpTo = 0;

  constructor(parts: SignalTellerParts) {
    this.#parts = parts;
    this.#rounds = new Rounds({ ...parts, pauseMs: TELL_MS, problem: 'users could not be told of signals; trying again' }, () => this.sweep());
  }

  async start(): Promise<void> {
    this.#rounds.start(TELL_MS);
  }

  close(): Promise<void> {
    return this.#rounds.close();
  }

  /** Tells what is due; how many facts that were. What the outbox has no room for now is found by the next sweep. */
  async sweep(): Promise<number> {
    const { clock, store } = this.#parts;
    let told = 0;
    for (const delayMs of DELAYS) {
      const now = clock.now();
      for (const signal of await store.signalTellings.closed(delayMs, now, SIGNALS_AT_ONCE)) {
        if (!(await this.#hasRoom())) return told;
        told += await this.#apart(signal, () => this.#tellClosed(signal, delayMs));
      }
      for (const untold of await store.signalTellings.opened(delayMs, now, SIGNALS_AT_ONCE)) {
        if (!(await this.#hasRoom())) return told;
        told += await this.#apart(untold.signal, () => this.#tellOpened(untold, delayMs, now));
      }
    }
    return told + (await this.#tellBeyond());
  }

  async #hasRoom(): Promise<boolean> {
    return !this.#rounds.isClosed && (await this.#parts.store.signalTellings.waiting(MAX_WAITING_FACTS)) < MAX_WAITING_FACTS;
  }

  /** One that cannot be told keeps no other waiting. */
  async #apart({ id }: Signal, tell: () => Promise<number>): Promise<number> {
    try {
      return await tell();
    } catch (error) {
      if (error instanceof PortError && error.code === 'store_unavailable') throw error;
      this.#parts.log.error({ err: error, signalId: id }, 'a signal could not be told; trying again');
      return 0;
    }
  }

  #tellClosed(signal: Signal, delayMs: number): Promise<number> {
    const close = { signal, data: closedData(signal, this.#titleOf(signal.scanner)), at: this.#parts.clock.now() };
    return this.#parts.store.signalTellings.tellClosed(close, delayMs);
  }

  #tellOpened({ signal, point }: UntoldSignal, delayMs: number, now: number): Promise<number> {
    const view = point === null ? signal : asOf(signal, point, now - delayMs);
    const opening = { signal: view, data: openedData(view, this.#titleOf(signal.scanner), delayMs), at: this.#parts.clock.now() };
    return this.#parts.store.signalTellings.tellOpened(opening, delayMs);
  }

  async #tellBeyond(): Promise<number> {
    const now = this.#parts.clock.now();
    const hourStart = now - (now % HOUR_MS);
    if (hourStart === this.#toldUpTo) return 0;
    const told = await this.#parts.store.signalTellings.tellBeyond(hourStart, now);
    this.#toldUpTo = hourStart;
    return told;
  }

  #titleOf(scanner: string): Text {
    return this.#parts.titles.get(scanner) ?? { en: scanner, ru: scanner };
  }
}
