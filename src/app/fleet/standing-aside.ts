/**
 * While the installation observes only nothing is sent anywhere: no run is open, no order is seen to, and no bot shows as running.
 */

import type { Clock, Log } from '#core/ports.ts';
import type { Lease } from '#core/store/leases.ts';
import { OBSERVE_REASON, type Observing } from '#core/store/operations.ts';
import type { Store } from '#core/store/store.ts';
import type { Stewards } from '../orders/stewards.ts';
import type { Openings } from './openings.ts';

export interface StandingAsideParts {
  readonly store: Pick<Store, 'bots'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly openings: Pick<Openings, 'close'>;
  readonly stewards: Pick<Stewards, 'rest'>;
  /** The bots seated here, each with the lease it is run under. */
  readonly seated: () => readonly { readonly botId: string; readonly lease: Lease }[];
  readonly park: (botId: string) => Promise<void>;
  readonly vacate: (botId: string) => Promise<void>;
}

export class StandingAside {
  readonly #parts: StandingAsideParts;
  #isAside = false;

  constructor(parts: StandingAsideParts) {
    this.#parts = parts;
  }

  /** Repeating it changes nothing. */
  async begin({ since, reason }: Observing): Promise<void> {
    const { log, openings, stewards, seated } = this.#parts;
    if (!this.#isAside) log.warn({ since, reason }, 'OBSERVE ONLY: no bot runs and no order is sent until this is ended');
    this.#isAside = true;
    await openings.close();
    await Promise.all(seated().map(({ botId, lease }) => this.#standUp(botId, lease)));
    await stewards.rest();
  }

  end(): void {
    this.#isAside = false;
  }

  /** What shows as running must not: it begins again from here when the installation trades. */
  async #standUp(botId: string, lease: Lease): Promise<void> {
    const { store, clock, log, park, vacate } = this.#parts;
    await park(botId);
    await store.bots
      .setStatus(lease, botId, 'starting', OBSERVE_REASON, clock.now())
      .catch((error: unknown) => log.warn({ botId, err: error }, 'that it waits could not be recorded'));
    await vacate(botId);
  }
}
