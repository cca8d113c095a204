/**
 * The processes that run bots: announced and kept alive by themselves on the database's clock, forgotten some time after
 * they were last heard of.
 */
import type { RunnerRecord } from '#core/store/runners.ts';
import type { Store } from '#core/store/store.ts';
import type { Database } from './database.ts';

const BEAT = {
  name: 'runner_beat',
  text: `insert into runners (id, host, pid, version, roles, bot_types, started_at, seen_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, clock_timestamp(), clock_timestamp(), clock_timestamp() + $7 * interval '1 millisecond')
         on conflict (id) do update set seen_at = excluded.seen_at, expires_at = excluded.expires_at`,
};
/** Long enough to find the dead in the database when somebody asks what has happened. */
const FORGET = { name: 'forget_runners', text: `delete from runners where expires_at < clock_timestamp() - interval '1 hour'` };
const LEAVE = { name: 'runner_leave', text: 'update runners set expires_at = clock_timestamp() where id = $1' };
const LIVE = {
  name: 'live_runners',
  text: `select r.id, r.host, r.pid, r.version, r.roles, r.bot_types as "botTypes", (extract(epoch from r.started_at) * 1000)::bigint as "startedAt",
           (extract(epoch from r.seen_at) * 1000)::bigint as "seenAt",
           count(l.subject) filter (where l.subject like 'bot:%') as bots, count(l.subject) filter (where l.subject like 'account:%') as accounts
         from runners r left join leases l on l.owner = r.id and l.expires_at > clock_timestamp()
         where r.expires_at > clock_timestamp() group by r.id order by r.id collate "C"`,
};
const HOLDING = {
  name: 'runner_holding',
  text: `select l.owner as id, r.host, (extract(epoch from l.taken_at) * 1000)::bigint as since
         from leases l left join runners r on r.id = l.owner where l.subject = $1 and l.owner <> '' and l.expires_at > clock_timestamp()`,
};

export function runnersOf(database: Database): Store['runners'] {
  const live = (): Promise<readonly RunnerRecord[]> => database.rows<RunnerRecord>(LIVE);
  return {
    beat: async ({ id, host, pid, version, roles, botTypes }, ttlMs) => {
      const types = botTypes === null ? null : JSON.stringify(botTypes);
      await database.write(BEAT, [id, host, pid, version, JSON.stringify(roles), types, ttlMs]);
      await database.write(FORGET);
      return await live();
    },
    live,
    leave: async (id) => {
      await database.write(LEAVE, [id]);
    },
    holding: (subject) => database.row(HOLDING, [subject]),
  };
}
