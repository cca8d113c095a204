/** The part of the store that keeps signals, their course and what acting on them would have paid. Types only. */

import type { Mode } from '../bot-states.ts';
import type { DecimalString } from '../money.ts';
import type { Lease } from '../store/leases.ts';
import type { Page, PageRequest } from '../store/page.ts';
import type { Signal, SignalOutcome, SignalPoint } from './signal.ts';

/** What a list of signals may be narrowed by; all of it holds together. */
export interface SignalFilter {
  readonly scanner?: string;
  /** Of one of these. */
  readonly scanners?: readonly string[];
  readonly state?: Signal['state'];
  /** Without it those that may be acted on alone. */
  readonly quarantined?: 'only' | 'with';
  readonly minNetPercent?: DecimalString;
  /** The size that is still worth it is at least this. */
  readonly minSizeQuote?: DecimalString;
  /** Either leg trades there. */
  readonly venue?: string;
  /** The coin. */
  readonly base?: string;
  /** Opened before or from then. */
  readonly openedBefore?: number;
  readonly openedFrom?: number;
  /** Part of coin, symbol or venue, whatever the case. */
  readonly search?: string;
  /** These coins alone. */
  readonly bases?: readonly string[];
  readonly withoutBases?: readonly string[];
  readonly withoutVenues?: readonly string[];
  readonly withoutScanners?: readonly string[];
  /** Not those that this user has hidden. */
  readonly notHiddenFrom?: string;
}

export type SignalSort = 'opened_at' | 'net_percent' | 'max_size_quote';

/** What a scanner has to keep, in one transaction. */
export interface SignalBatch {
  /** Newest state of each; an older version than the one that is kept changes nothing. */
  readonly signals: readonly Signal[];
  readonly points: readonly (SignalPoint & { readonly signalId: string })[];
  readonly outcomes: readonly (SignalOutcome & { readonly signalId: string })[];
}

/** A running bot that enters only while a scanner has a signal for it. */
export interface SignalWaiter {
  readonly botId: string;
  readonly userId: string;
  readonly symbol: string;
  readonly mode: Mode;
  /** Where its account is. */
  readonly exchange: string;
  readonly config: Readonly<Record<string, unknown>>;
}

export interface SignalStore {
  /** Keeps what the holder of the lease tells; PortError `lease_lost`, and nothing is kept, when it is not its own any more. */
  keep(lease: Lease, batch: SignalBatch): Promise<void>;
  /** Those that are open, by no more than `limit`, oldest first: what an earlier scanner has left. */
  leftOpen(limit: number): Promise<readonly Signal[]>;
  /** Greatest first by `sort`, the newest of equals first. */
  list(filter: SignalFilter, sort: SignalSort, page: PageRequest): Promise<Page<Signal>>;
  get(id: string): Promise<Signal | null>;
  /** The course of a signal from `after` (exclusive), oldest first. */
  history(id: string, after: number, limit: number): Promise<readonly SignalPoint[]>;
  /** By signal, in minutes ascending; those without are left out. */
  outcomes(ids: readonly string[]): Promise<ReadonlyMap<string, readonly SignalOutcome[]>>;
  /** By signal, the last point of its course at that time or before; those without are left out. */
  pointsAt(ids: readonly string[], at: number): Promise<ReadonlyMap<string, SignalPoint>>;
  /** For an administrator: gone for everybody, with its course and outcomes, whatever its scanner goes on to tell. `false` when there is none. */
  remove(id: string, at: number): Promise<boolean>;
  /** Running bots of a strategy whose settings name a scanner in `start_signal`, by id, after `afterBotId`. Not reachable by users. */
  waiters(strategy: string, afterBotId: string, limit: number): Promise<readonly SignalWaiter[]>;
}
