/**
 * Kill switches of the installation and of users. A switch and the commits that place orders exclude each other by a lock:
 * once setting it has returned, no order can be committed any more that it forbids.
 */
import { PortError } from '#core/errors.ts';
import type { Store } from '#core/store/store.ts';
import { INSTALLATION, note } from './audit.ts';
import type { Database, Session } from './database.ts';

/** Any number that no other lock uses. */
const LOCK = 4_721_033_002;

const EXCLUDE = { name: 'lock_kill_switches', text: 'select pg_advisory_xact_lock($1)' };
const SHARE = { name: 'share_kill_switches', text: 'select pg_advisory_xact_lock_shared($1)' };
const SET = {
  name: 'set_kill_switch',
  text: `insert into kill_switches (user_id, is_on, reason, changed_at) values ($1, $2, $3, $4)
         on conflict (coalesce(user_id, '')) do update set is_on = excluded.is_on, reason = excluded.reason, changed_at = excluded.changed_at`,
};
const IS_OBSERVING = { name: 'is_observing', text: 'select 1 as observing from installation where observing_since is not null' };
const IS_ON = { name: 'kill_switch_is_on', text: 'select 1 as on from kill_switches where is_on and (user_id is null or user_id = $1) limit 1' };
const ON_AMONG = {
  name: 'kill_switches_on',
  text: 'select n.id from unnest($1::text[]) as n (id) where exists (select 1 from kill_switches where is_on and (user_id is null or user_id = n.id))',
};

export function killSwitchOf(database: Database): Store['killSwitch'] {
  return {
    set: (userId, isOn, reason, at) =>
      database.transaction(async (session) => {
        await excludePlacing(session);
        await session.write(SET, [userId, isOn, reason, at]);
        const subject = userId === null ? INSTALLATION : ({ kind: 'user', id: userId } as const);
        await note(database, session, { action: 'kill_switch_set', subject, ownerId: userId, details: { is_on: isOn, reason } });
      }),
    isOn: async (userId) => (await database.row(IS_ON, [userId])) !== null,
    onAmong: async (userIds) => new Set((await database.rows<{ id: string }>(ON_AMONG, [userIds])).map(({ id }) => id)),
  };
}

/** Waits for every commit that may place orders and keeps others from beginning, to the end of the transaction. */
export async function excludePlacing(session: Session): Promise<void> {
  await session.rows(EXCLUDE, [LOCK]);
}

/** PortError `trading_killed` when the installation observes only or a switch forbids one of these users to place; to the end of the transaction none can be set. */
export async function assertTradingAllowed(session: Session, userIds: readonly string[]): Promise<void> {
  const [, observing, killed] = await Promise.all([session.rows(SHARE, [LOCK]), session.row(IS_OBSERVING), session.row(ON_AMONG, [userIds])]);
  if (observing !== null) throw new PortError('trading_killed', 'this installation observes only: no order may be placed', { outcome: 'failed' });
  if (killed !== null) throw new PortError('trading_killed', 'a kill switch is on: no order may be placed', { outcome: 'failed' });
}
