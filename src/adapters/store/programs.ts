/** Users' own strategies: a row a name for ever, and versions that are written once. */
import type { ProgramFile } from '#core/sandbox/program.ts';
import { MAX_PROGRAM_VERSIONS, MAX_PROGRAMS, type ProgramRecord, type ProgramStore, type ProgramVersionRecord } from '#core/sandbox/program-store.ts';
import type { Database, Session } from './database.ts';

const HEAD = `s.user_id as "userId", s.name, s.version, s.created_at as "createdAt", s.changed_at as "changedAt"`;
const VERSION = `v.name, v.version, v.hash, v.note, v.declaration, v.created_at as "createdAt"`;

/** Uploads of one user go one after the other. */
const LOCK_USER = { name: 'lock_user_for_program', text: 'select id from users where id = $1 for update' };
const COUNT = { name: 'count_programs', text: 'select count(*)::int as count from strategies where user_id = $1 and name <> $2' };
const NEWEST = {
  name: 'newest_program_version',
  text: `select coalesce(max(v.version), 0)::int as newest, max(s.version)::int as present, bool_or(s.removed_at is not null) as "isRemoved",
                max(v.hash) filter (where v.version = s.version) as hash
         from strategies s join strategy_versions v on v.user_id = s.user_id and v.name = s.name where s.user_id = $1 and s.name = $2`,
};
const PUT_HEAD = {
  name: 'put_program',
  text: `insert into strategies (user_id, name, version, created_at, changed_at) values ($1, $2, $3, $4, $4)
         on conflict (user_id, name) do update set version = excluded.version, changed_at = excluded.changed_at, removed_at = null`,
};
const INSERT_VERSION = {
  name: 'insert_program_version',
  text: `insert into strategy_versions (id, user_id, name, version, hash, note, files, declaration, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
};
const LIST = { name: 'list_programs', text: `select ${HEAD} from strategies s where s.user_id = $1 and s.removed_at is null order by s.name collate "C"` };
const GET = { name: 'get_program', text: `select ${HEAD} from strategies s where s.user_id = $1 and s.name = $2 and s.removed_at is null` };
const VERSIONS = {
  name: 'list_program_versions',
  text: `select ${VERSION} from strategy_versions v join strategies s on s.user_id = v.user_id and s.name = v.name
         where v.user_id = $1 and v.name = $2 and s.removed_at is null order by v.version desc`,
};
const GET_VERSION = {
  name: 'get_program_version',
  text: `select ${VERSION}, v.files from strategy_versions v join strategies s on s.user_id = v.user_id and s.name = v.name
         where v.user_id = $1 and v.name = $2 and v.version = $3 and s.removed_at is null`,
};
const CHOOSE = {
  name: 'choose_program_version',
  text: `update strategies s set version = $3, changed_at = $4 where s.user_id = $1 and s.name = $2 and s.removed_at is null
         and exists (select 1 from strategy_versions v where v.user_id = $1 and v.name = $2 and v.version = $3) returning ${HEAD}`,
};
const LOCK_HEAD = { name: 'lock_program', text: 'select name from strategies where user_id = $1 and name = $2 and removed_at is null for update' };
const BOTS_AT_WORK = {
  name: 'bots_of_program',
  text: `select name from bots where user_id = $1 and strategy like $2 and removed_at is null
         and (status not in ('stopped', 'error') or desired = 'running') order by created_at, id`,
};
const REMOVE = { name: 'remove_program', text: 'update strategies set removed_at = $3 where user_id = $1 and name = $2' };

export function programsOf(database: Database): ProgramStore {
  return {
    add: (version) =>
      database.transaction(async (session) => {
        const { userId, name, hash, createdAt } = version;
        await session.row(LOCK_USER, [userId]);
        const known = await newestOf(session, userId, name);
        if (known.newest > 0 && !known.isRemoved && known.hash === hash) return { version: known.present, isNew: false };
        const others = await session.row<{ count: number }>(COUNT, [userId, name]);
        if (known.newest >= MAX_PROGRAM_VERSIONS || (others?.count ?? 0) >= MAX_PROGRAMS) return 'full';
        const number = known.newest + 1;
        await session.write(PUT_HEAD, [userId, name, number, createdAt]);
        const plain = [JSON.stringify(version.files), JSON.stringify(version.declaration)];
        await session.write(INSERT_VERSION, [version.id, userId, name, number, hash, version.note, ...plain, createdAt]);
        return { version: number, isNew: true };
      }),
    list: (userId) => database.rows<ProgramRecord>(LIST, [userId]),
    get: (userId, name) => database.row<ProgramRecord>(GET, [userId, name]),
    versions: (userId, name) => database.rows<ProgramVersionRecord>(VERSIONS, [userId, name]),
    version: (userId, name, version) => database.row<ProgramVersionRecord & { files: readonly ProgramFile[] }>(GET_VERSION, [userId, name, version]),
    choose: (userId, name, version, at) => database.row<ProgramRecord>(CHOOSE, [userId, name, version, at]),
    remove: (userId, name, at) =>
      database.transaction(async (session) => {
        if ((await session.row(LOCK_HEAD, [userId, name])) === null) return { outcome: 'missing' };
        const bots = await session.rows<{ name: string }>(BOTS_AT_WORK, [userId, `custom:${name.replaceAll('_', '\\_')}@%`]);
        if (bots.length > 0) return { outcome: 'inUse', bots: bots.map((bot) => bot.name) };
        await session.write(REMOVE, [userId, name, at]);
        return { outcome: 'removed' };
      }),
  };
}

async function newestOf(
  session: Session,
  userId: string,
  name: string,
): Promise<{ readonly newest: number; readonly present: number; readonly isRemoved: boolean; readonly hash: string }> {
  const found = await session.row<{ newest: number; present: number | null; isRemoved: boolean | null; hash: string | null }>(NEWEST, [userId, name]);
  return { newest: found?.newest ?? 0, present: found?.present ?? 0, isRemoved: found?.isRemoved === true, hash: found?.hash ?? '' };
}
