/**
 * The key by which a venue lets a private stream in: asked for once, kept alive while it is used, and replaced when the
 * venue knows it no more. Venues grant few keys, so a reconnect takes the one there is.
 */
import type { Clock, Log } from '#core/ports.ts';
import type { VenueAnswer } from './_api.ts';
import { failureOf, readAnswer } from './_ask.ts';
import type { CcxtDialect, ListenKeyDialect } from './_dialect.ts';
import type { Ask } from './_request.ts';

/** Between tries to renew when the venue does not answer. */
const RETRY_MS = 60_000;

export interface ListenKeyOptions {
  readonly dialect: CcxtDialect;
  readonly keys: ListenKeyDialect;
  readonly send: (ask: Ask) => Promise<VenueAnswer>;
  readonly clock: Clock;
  readonly log: Log;
}

export class ListenKey {
  readonly #options: ListenKeyOptions;
  #key: string | null = null;
  #onLost: (reason: string) => void = () => undefined;
  #callOff: () => void = () => undefined;

  constructor(options: ListenKeyOptions) {
    this.#options = options;
  }

  /** A key for the next connection: the present one if the venue still honours it, or a new one. */
  async use(): Promise<string> {
    const { dialect, keys, send } = this.#options;
    this.#callOff();
    if (this.#key !== null && !(await this.#renew(this.#key))) this.#key = null;
    if (this.#key === null) {
      const answer = await send(keys.create);
      if (answer.kind !== 'answered' || !dialect.isSuccess(answer)) throw failureOf(dialect, answer);
      this.#key = readAnswer(dialect, keys.read, answer.body);
    }
    return this.#key;
  }

  /** Renews the key until the next {@link use}; `onLost` hears when the venue refuses: such a stream stays open and says nothing more. */
  keep(onLost: (reason: string) => void): void {
    this.#onLost = onLost;
    this.#renewAfter(this.#options.keys.renewMs);
  }

  /** The next connection gets a new key. */
  forget(): void {
    this.#key = null;
  }

  close(): void {
    this.#callOff();
    this.#key = null;
  }

  #renewAfter(ms: number): void {
    this.#callOff();
    this.#callOff = this.#options.clock.after(ms, () => {
      const key = this.#key;
      if (key === null) return;
      this.#renew(key).then(
        (isAlive) => {
          if (this.#key !== key) return;
          if (isAlive) return this.#renewAfter(this.#options.keys.renewMs);
          this.#key = null;
          this.#onLost('the key of the stream has run out');
        },
        (error: unknown) => {
          this.#options.log.warn({ err: error }, 'the key of the stream could not be renewed; trying again');
          if (this.#key === key) this.#renewAfter(RETRY_MS);
        },
      );
    });
  }

  /** `false` when the venue refuses; throws when it could not be asked. */
  async #renew(key: string): Promise<boolean> {
    const { dialect, keys, send } = this.#options;
    const answer = await send(keys.renew(key));
    if (answer.kind === 'answered' && dialect.isSuccess(answer)) return true;
    // A page from a gateway says nothing of the key.
    const isTold = answer.kind === 'answered' && answer.status < 500 && typeof answer.body === 'object' && answer.body !== null;
    if (isTold && dialect.failure(answer).code !== 'venue_rate_limited') return false;
    throw failureOf(dialect, answer);
  }
}
