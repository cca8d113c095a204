/**
 * What the operator of an installation sees and sets: one look over everything, all bots, and whether it observes only.
 */
import type { Observing, OperatedBot, Overview } from '#core/store/operations.ts';
import type { Store } from '#core/store/store.ts';
import { INSTALLATION, note } from './audit.ts';
import type { Database } from './database.ts';
import { excludePlacing } from './kill-switches.ts';

/** One statement, so that looking costs one connection and all figures are of one moment. */
const OVERVIEW = {
  name: 'overview',
  text: `select
           (select coalesce(json_agg(b), '[]') from
             (select status, strategy, count(*)::int as count from bots where removed_at is null group by status, strategy order by 1, 2) b) as bots,
           (select coalesce(json_agg(l), '[]') from
             (select split_part(subject, ':', 1) as kind, count(*)::int as count from leases
               where owner <> '' and expires_at > clock_timestamp() group by 1 order by 1) l) as leases,
           (select count(*) from facts where told_at is null and not is_parked) as "outboxDepth",
           (select min(at) from facts where told_at is null and not is_parked) as "oldestAt",
           (select count(*) from facts where told_at is null and is_parked) as "parked",
           (select count(*) from runs r join bots b on b.id = r.bot_id where r.ended_at is null and b.status = 'error' and b.removed_at is null) as quarantined,
           (select coalesce(json_agg(c), '[]') from (
             select channel, count(*) filter (where state = 'waiting')::int as waiting, count(*) filter (where state = 'dead')::int as dead,
               (coalesce(max(extract(epoch from clock_timestamp() - due_at)) filter (where "isFirst" and due_at < clock_timestamp()
                 and (claimed_until is null or claimed_until < clock_timestamp())), 0) * 1000)::int8 as "oldestDueMs"
             from (select channel, state, due_at, claimed_until,
                     row_number() over (partition by channel, target_id, is_gathered, state order by id) = 1 and state = 'waiting' as "isFirst"
                   from deliveries where state in ('waiting', 'dead')) d group by channel order by channel) c) as deliveries,
           (select observing_since from installation) as since,
           (select observing_reason from installation) as reason,
           (extract(epoch from clock_timestamp()) * 1000)::bigint as "databaseNow"`,
};
const BOTS = {
  name: 'operated_bots',
  text: `select b.id, b.number, b.user_id as "userId", b.name, b.strategy, b.symbol, b.mode, b.desired, b.status, b.status_reason as "statusReason",
           u.email, a.exchange
         from bots b join users u on u.id = b.user_id join exchange_accounts a on a.id = b.account_id
         where b.removed_at is null order by b.number`,
};
const OBSERVING = { name: 'observing', text: 'select observing_since as since, observing_reason as reason from installation' };
const SET_OBSERVING = { name: 'set_observing', text: 'update installation set observing_since = $1, observing_reason = $2' };

interface OverviewRow {
  readonly bots: Overview['bots'];
  readonly leases: Overview['leases'];
  readonly outboxDepth: number;
  readonly oldestAt: number | null;
  readonly parked: number;
  readonly quarantined: number;
  readonly deliveries: Overview['deliveries'];
  readonly since: number | null;
  readonly reason: string | null;
  readonly databaseNow: number;
}

export function operationsOf(database: Database): Store['operations'] {
  return {
    overview: async () => {
      const [row] = await database.rows<OverviewRow>(OVERVIEW);
      if (row === undefined) throw new Error('a select without a table has given no row');
      return {
        bots: row.bots,
        leases: row.leases,
        outbox: { depth: row.outboxDepth, oldestAgeMs: row.oldestAt === null ? 0 : Math.max(0, row.databaseNow - row.oldestAt), parked: row.parked },
        quarantinedRuns: row.quarantined,
        deliveries: row.deliveries,
        observing: observingOf(row),
        databaseNow: row.databaseNow,
      };
    },
    bots: () => database.rows<OperatedBot>(BOTS),
    observing: async () => {
      const row = await database.row<Pick<OverviewRow, 'since' | 'reason'>>(OBSERVING);
      return row === null ? null : observingOf(row);
    },
    setObserving: (observing) =>
      database.transaction(async (session) => {
        await excludePlacing(session);
        await session.write(SET_OBSERVING, [observing?.since ?? null, observing?.reason ?? null]);
        const details = { is_observing: observing !== null, reason: observing?.reason ?? null };
        await note(database, session, { action: 'observing_set', subject: INSTALLATION, ownerId: null, details });
      }),
  };
}

function observingOf({ since, reason }: Pick<OverviewRow, 'since' | 'reason'>): Observing | null {
  return since === null ? null : { since, reason: reason ?? '' };
}
