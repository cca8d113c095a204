/**
 * All orders of an account off the book: at once by the venue's own call, or by the venue itself when we fall silent.
 * Both reach every order of the account, its owner's own too.
 */
import type { CancelAllOutcome } from '#core/account-calls.ts';
import type { Clock } from '#core/ports.ts';
import type { VenueOrder } from '#core/venue-ports.ts';
import type { VenueAnswer } from './_api.ts';
import { failureOf } from './_ask.ts';
import type { CcxtDialect } from './_dialect.ts';
import type { Ask } from './_request.ts';

/** Between looks at what is still open after the venue took note. */
const CONFIRMING_PAUSES_MS = [0, 50, 150, 400] as const;

export interface CancelAllParts {
  readonly dialect: CcxtDialect;
  readonly clock: Clock;
  readonly send: (ask: Ask) => Promise<VenueAnswer>;
  readonly openOrders: (symbol: string) => Promise<readonly VenueOrder[]>;
}

/** Done only when the venue's list of open orders is empty, whatever the answers to the requests say. */
export async function cancelAll({ dialect, clock, send, openOrders }: CancelAllParts, asks: readonly Ask[], symbol: string): Promise<CancelAllOutcome> {
  for (const ask of asks) {
    const answer = await send(ask);
    if (answer.kind === 'unsent') return { outcome: 'unknown', code: 'not_sent', message: answer.message };
    if (answer.kind === 'lost') return { outcome: 'unknown', code: 'no_answer', message: answer.reason };
    if (dialect.isSuccess(answer)) continue;
    const judged = dialect.judgeCancel(answer, '');
    // Some venues call it a failure when there is nothing to cancel.
    if (judged.outcome === 'unknown') return judged;
  }
  try {
    for (const pauseMs of CONFIRMING_PAUSES_MS) {
      await new Promise<void>((resolve) => clock.after(pauseMs, resolve));
      if ((await openOrders(symbol)).length === 0) return { outcome: 'done' };
    }
    return { outcome: 'unknown', code: 'cancel_pending', message: 'the venue took the cancel and still shows orders' };
  } catch (error) {
    return { outcome: 'unknown', code: 'not_confirmed', message: error instanceof Error ? error.message : 'what is open could not be read' };
  }
}

export interface DeadMansSwitchParts {
  readonly dialect: CcxtDialect;
  readonly send: (ask: Ask) => Promise<VenueAnswer>;
  /** Sends on the private stream, if it is open. */
  readonly tell: (frame: unknown) => void;
}

/** Sets the venue's switch, and remembers whether the private stream is the one that counts. */
export class DeadMansSwitchHand {
  readonly #parts: DeadMansSwitchParts;
  #isArmed = false;

  constructor(parts: DeadMansSwitchParts) {
    this.#parts = parts;
  }

  async set(ms: number): Promise<void> {
    const { dialect, send, tell } = this.#parts;
    const { deadMansSwitch: hand, capabilities } = dialect;
    const limits = capabilities.deadMansSwitch;
    if (hand === undefined || limits === null) throw new Error(`${dialect.title} has no dead man's switch`);
    if (ms !== 0 && !(ms >= limits.leastMs && ms <= limits.mostMs))
      throw new RangeError(`${dialect.title} takes ${limits.leastMs} to ${limits.mostMs} ms or 0, not ${ms}`);
    const ask = hand.set(ms);
    const answer = ask === null ? null : await send(ask);
    if (answer !== null && (answer.kind !== 'answered' || !dialect.isSuccess(answer))) throw failureOf(dialect, answer);
    this.#isArmed = ms > 0;
    if (hand.stream !== undefined) tell(this.#isArmed ? hand.stream.arm : hand.stream.disarm);
  }

  /** A stream has come up: it has to say again that it counts. */
  onStream(state: 'up' | 'down'): void {
    const { stream } = this.#parts.dialect.deadMansSwitch ?? {};
    if (state === 'up' && this.#isArmed && stream !== undefined) this.#parts.tell(stream.arm);
  }
}
