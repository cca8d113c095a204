/**
 * The processes that run bots and what they hold, as the store keeps it: who is there, whose a lease is, and since when.
 */

/** Whose a lease is, or was until it ran out, on the database's clock. */
export interface LeaseStanding {
  readonly owner: string;
  readonly isLive: boolean;
}

/** Whether another runner than `owner` has the lease now. */
export function isHeldByOther(lease: LeaseStanding | null, owner: string): boolean {
  return lease?.isLive === true && lease.owner !== owner;
}

/** A process that runs bots and stewards, as it announces itself. */
export interface RunnerAnnouncement {
  /** The name under which it holds leases. */
  readonly id: string;
  /** Of the machine or container it runs on. */
  readonly host: string;
  readonly pid: number;
  readonly version: string;
  readonly roles: readonly string[];
  /** Kinds of bots it runs, as configured; `null` for all. */
  readonly botTypes: readonly string[] | null;
}

/** A runner and what it holds. */
export interface RunnerRecord extends RunnerAnnouncement {
  readonly startedAt: number;
  /** When it was last heard of. */
  readonly seenAt: number;
  /** Leases it holds now, of bots and of accounts. */
  readonly bots: number;
  readonly accounts: number;
}

/** The processes of an installation, alive as long as they are heard of; on the database's clock. */
export interface Runners {
  /** Announces a runner, or says that it is still there, for the next `ttlMs`; returns all that are alive, in the order of their ids. */
  beat(runner: RunnerAnnouncement, ttlMs: number): Promise<readonly RunnerRecord[]>;
  /** Those alive, in the order of their ids. Not reachable by users. */
  live(): Promise<readonly RunnerRecord[]>;
  /** It takes nothing more. */
  leave(id: string): Promise<void>;
  /** Who holds a lease now and since when; `null` when nobody does. `host` is `null` for an owner that never announced itself. */
  holding(subject: string): Promise<{ readonly id: string; readonly host: string | null; readonly since: number } | null>;
}
