/** What whoever operates an installation sees and sets: the part of the store that names nobody's rows by their user. */
import type { BotStatus, DesiredState, Mode } from '../bot-states.ts';
import type { OwnerKind } from '../client-order-id.ts';
import type { DeliveryFigures } from './notices.ts';

/** Since when and why an installation observes only: nothing is sent to a venue, no bot is run. */
export interface Observing {
  readonly since: number;
  readonly reason: string;
}

/** What the bots of an installation that observes only give as the reason why they do not run. */
export const OBSERVE_REASON = 'waits: this installation observes only';

/** A look over the whole installation that names nobody. */
export interface Overview {
  readonly bots: readonly { readonly status: BotStatus; readonly strategy: string; readonly count: number }[];
  readonly leases: readonly { readonly kind: OwnerKind; readonly count: number }[];
  /** Facts not told yet, how old the oldest of them is, and how many were given up on. */
  readonly outbox: { readonly depth: number; readonly oldestAgeMs: number; readonly parked: number };
  /** Notices under way, by channel; channels without any are left out. */
  readonly deliveries: readonly DeliveryFigures[];
  /** Open runs whose bot is in error: left alone until somebody looks. */
  readonly quarantinedRuns: number;
  readonly observing: Observing | null;
  /** The database's own clock. */
  readonly databaseNow: number;
}

/** A bot as whoever operates the installation sees it. */
export interface OperatedBot {
  readonly id: string;
  readonly number: number;
  readonly userId: string;
  readonly name: string;
  readonly strategy: string;
  readonly symbol: string;
  readonly mode: Mode;
  readonly desired: DesiredState;
  readonly status: BotStatus;
  readonly statusReason: string;
  readonly email: string;
  readonly exchange: string;
}

/** Not reachable by users. */
export interface Operations {
  overview(): Promise<Overview>;
  /** Every bot that is not removed, by its number. */
  bots(): Promise<readonly OperatedBot[]>;
  observing(): Promise<Observing | null>;
  /** From when this has returned, no commit that places an order succeeds; `null` ends it. */
  setObserving(observing: Observing | null): Promise<void>;
}
