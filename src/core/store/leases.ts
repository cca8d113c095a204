/** Leases: who may act for a bot or an account, on the clock of the store. */

export interface Lease {
  /** `bot:<id>` or `account:<id>`. */
  readonly subject: string;
  readonly owner: string;
  readonly epoch: number;
}

export interface LeaseStore {
  /** Takes a free or expired lease, or one's own anew; every taking raises the epoch. `null` while another holds it. */
  acquire(subject: string, owner: string, ttlMs: number): Promise<Lease | null>;
  /** `false` when it is not ours any more. */
  renew(lease: Lease, ttlMs: number): Promise<boolean>;
  /** Renews many at once and names the subjects of those it did; one that another holds, or that a commit has locked at this moment, is left out. */
  renewAll(leases: readonly Lease[], ttlMs: number): Promise<ReadonlySet<string>>;
  release(lease: Lease): Promise<void>;
  /** Frees every lease not held by `owner`; only for one process with the exclusive lock on the data directory. */
  expireOthers(owner: string): Promise<void>;
}
