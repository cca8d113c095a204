/**
 * Leases: who owns a bot or an account, decided by the database's clock alone. Every taking raises the epoch, and every
 * write of trading state carries it, so that a former owner that wakes up late can change nothing.
 */
import { PortError } from '#core/errors.ts';
import type { Lease } from '#core/store/leases.ts';
import type { LeaseStanding } from '#core/store/runners.ts';
import type { Store } from '#core/store/store.ts';
import type { Database, Session } from './database.ts';

/**
 * One statement: taking and taking over cannot overlap. Whoever takes its own again has lost track of it (its release got
 * no answer): a new epoch keeps what it does from now on apart from what it did, and a late release from ending it.
 */
const ACQUIRE = {
  name: 'acquire_lease',
  text: `insert into leases as l (subject, owner, epoch, expires_at, taken_at)
         values ($1, $2, 1, clock_timestamp() + $3 * interval '1 millisecond', clock_timestamp())
         on conflict (subject) do update
           set owner = excluded.owner,
               epoch = l.epoch + 1,
               expires_at = clock_timestamp() + $3 * interval '1 millisecond',
               taken_at = clock_timestamp()
           where l.owner = excluded.owner or l.expires_at <= clock_timestamp()
         returning epoch`,
};
/** Only what has not run out is renewed: after its term somebody else may have acted, even if nobody holds it now. */
const RENEW = {
  name: 'renew_lease',
  text: `update leases set expires_at = clock_timestamp() + $4 * interval '1 millisecond'
         where subject = $1 and owner = $2 and epoch = $3 and expires_at > clock_timestamp()`,
};
/** Waits for no commit, so that no commit waits for another's. */
const RENEW_ALL = {
  name: 'renew_leases',
  text: `update leases set expires_at = clock_timestamp() + $4 * interval '1 millisecond'
         where subject in (
           select l.subject from leases l join unnest($1::text[], $2::text[], $3::bigint[]) as n (subject, owner, epoch) using (subject, owner, epoch)
           where l.expires_at > clock_timestamp() for update of l skip locked)
         returning subject`,
};
/** Leaves no owner, so that whoever comes next, even the same, gets a new epoch. */
const RELEASE = {
  name: 'release_lease',
  text: `update leases set owner = '', expires_at = clock_timestamp() where subject = $1 and owner = $2 and epoch = $3`,
};
const EXPIRE_OTHERS = { name: 'expire_other_leases', text: `update leases set owner = '', expires_at = clock_timestamp() where owner <> $1` };
/** Locks the rows, all processes in the same sequence, so that no lease can change hands before the transaction ends. */
const HOLD = {
  name: 'hold_leases',
  text: `select l.subject from leases l join unnest($1::text[], $2::text[], $3::bigint[]) as n (subject, owner, epoch) using (subject, owner, epoch)
         where l.expires_at > clock_timestamp() order by l.subject for update of l`,
};

/** How the lease `l` of a row stands, to be joined into a list; see {@link standingOf}. */
export const STANDING = `nullif(l.owner, '') as "leaseOwner", l.expires_at > clock_timestamp() as "isLeaseLive"`;

export interface StandingColumns {
  readonly leaseOwner: string | null;
  readonly isLeaseLive: boolean | null;
}

export function standingOf({ leaseOwner, isLeaseLive }: StandingColumns): LeaseStanding | null {
  return leaseOwner === null ? null : { owner: leaseOwner, isLive: isLeaseLive === true };
}

export function leasesOf(database: Database): Store['leases'] {
  return {
    acquire: async (subject, owner, ttlMs) => {
      const row = await database.row<{ epoch: number }>(ACQUIRE, [subject, owner, ttlMs]);
      return row === null ? null : { subject, owner, epoch: row.epoch };
    },
    renew: async ({ subject, owner, epoch }, ttlMs) => (await database.urgent.write(RENEW, [subject, owner, epoch, ttlMs])) === 1,
    renewAll: async (leases, ttlMs) => {
      const rows = await database.urgent.rows<{ subject: string }>(RENEW_ALL, [...columnsOf(leases), ttlMs]);
      return new Set(rows.map(({ subject }) => subject));
    },
    release: async ({ subject, owner, epoch }) => {
      await database.write(RELEASE, [subject, owner, epoch]);
    },
    expireOthers: async (owner) => {
      await database.write(EXPIRE_OTHERS, [owner]);
    },
  };
}

/** Makes sure, to the end of the transaction, that the leases are held; PortError `lease_lost` when one is not. */
export async function holdLeases(session: Session, leases: readonly Lease[]): Promise<void> {
  const held = new Set((await session.rows<{ subject: string }>(HOLD, columnsOf(leases))).map(({ subject }) => subject));
  const lost = leases.find(({ subject }) => !held.has(subject));
  if (lost !== undefined)
    throw new PortError('lease_lost', `${lost.subject} is not held by this process any more (epoch ${lost.epoch})`, { outcome: 'failed' });
}

function columnsOf(leases: readonly Lease[]): [readonly string[], readonly string[], readonly number[]] {
  return [leases.map(({ subject }) => subject), leases.map(({ owner }) => owner), leases.map(({ epoch }) => epoch)];
}
