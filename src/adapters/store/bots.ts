/**
 * Bots: what they are, what their owner wants of them, and which of them the runner must see to.
 */
import type { AuditAction, Deed } from '#core/audit.ts';
import type { BotStatus, DesiredState } from '#core/bot-states.ts';
import { PortError } from '#core/errors.ts';
import type { BotConfig, BotRecord } from '#core/store/bots.ts';
import type { KeptSettings } from '#core/store/commit.ts';
import type { Store } from '#core/store/store.ts';
import { insertAccount } from './accounts.ts';
import { note, noteOwn } from './audit.ts';
import { beginRun } from './begin-run.ts';
import type { Database, Session } from './database.ts';
import { insertFacts } from './facts.ts';
import { holdLeases, STANDING, type StandingColumns, standingOf } from './leases.ts';
import { pageOf, pageStart } from './paging.ts';
import { TERMINAL_STATES } from './states.ts';

/** A bot as every query reads it, from {@link BOT_SOURCE}. */
export const BOT_COLUMNS = `b.id, b.number, b.user_id as "userId", b.account_id as "accountId", b.name, b.strategy, b.symbol, b.mode, c.config,
  b.config_version as "configVersion", b.desired, b.status, b.status_reason as "statusReason", b.run_id as "runId", b.created_at as "createdAt",
  b.updated_at as "updatedAt", b.warning`;
export const BOT_SOURCE = 'bots b join bot_configs c on c.bot_id = b.id and c.version = b.config_version';

/** The account must be the same user's; a share lock keeps it from being removed meanwhile. */
const LOCK_ACCOUNT = { name: 'share_account', text: 'select id from exchange_accounts where user_id = $1 and id = $2 and removed_at is null for share' };
const INSERT = {
  name: 'insert_bot',
  text: `insert into bots (id, user_id, account_id, name, strategy, symbol, mode, config_version, desired, status, status_reason, created_at, updated_at, warning)
         values ($1, $2, $3, $4, $5, $6, $7, 1, 'stopped', 'stopped', '', $8, $8, $9)`,
};
const INSERT_CONFIG = { name: 'insert_bot_config', text: 'insert into bot_configs (bot_id, version, config, created_at) values ($1, $2, $3, $4)' };
const COUNT = { name: 'count_bots', text: 'select status, count(*) as count from bots where removed_at is null group by status' };
const LIST = {
  name: 'list_bots',
  text: `select ${BOT_COLUMNS} from ${BOT_SOURCE}
         where b.user_id = $1 and b.removed_at is null and (b.created_at, b.id) < ($2, $3) order by b.created_at desc, b.id desc limit $4`,
};
const GET = { name: 'get_bot', text: `select ${BOT_COLUMNS} from ${BOT_SOURCE} where b.user_id = $1 and b.id = $2 and b.removed_at is null` };
/** A bot may be changed when it neither works nor is about to. */
const LOCK = {
  name: 'lock_bot',
  text: `select b.config_version as "configVersion", b.status = 'error' or b.status = 'stopped' and b.desired in ('stopped', 'panicked') as "isAtRest"
         from bots b where b.user_id = $1 and b.id = $2 and b.removed_at is null for update`,
};
/** What was said of the settings of before says nothing of others. */
const CHANGE = {
  name: 'change_bot',
  text: `update bots set name = coalesce($2, name), config_version = $3, updated_at = $4,
           warning = case when config_version = $3 then warning end where id = $1`,
};
const CONFIGS = `select c.version, c.config, c.created_at as "createdAt" from bot_configs c join bots b on b.id = c.bot_id
         where b.user_id = $1 and b.id = $2 and b.removed_at is null`;
const LIST_CONFIGS = { name: 'list_bot_configs', text: `${CONFIGS} and c.version < $3::bigint order by c.version desc limit $4` };
const GET_CONFIG = { name: 'get_bot_config', text: `${CONFIGS} and c.version = $3::bigint` };
const LOCK_CONFIG = {
  name: 'lock_bot_config',
  text: `select b.config_version as "configVersion", c.config from ${BOT_SOURCE} where b.id = $1 for update of b`,
};
const HAS_OPEN_ORDERS = { name: 'bot_has_open_orders', text: `select 1 as open from orders where bot_id = $1 and state not in ${TERMINAL_STATES} limit 1` };
const REMOVE = { name: 'remove_bot', text: `update bots set removed_at = $2, updated_at = $2, desired = 'stopped' where id = $1` };
const END_OPEN_RUN = { name: 'end_open_run', text: `update runs set ended_at = $2, end_reason = 'the bot was removed' where bot_id = $1 and ended_at is null` };
/** Wanting a bot that is in error to run is the wish to try again. */
const SET_DESIRED = {
  name: 'set_desired',
  text: `update bots set desired = $3, updated_at = $4,
           status = case when $3 = 'running' and status = 'error' then 'starting' else status end,
           status_reason = case when $3 = 'running' and status = 'error' then '' else status_reason end
         where user_id = $1 and id = $2 and removed_at is null`,
};
const DUE = { name: 'due_bots', text: due('true') };
const RESTLESS = {
  name: 'restless_bots',
  text: due(`not (b.desired = 'running' and b.status = 'running' and l.owner is not null and l.owner <> '' and l.expires_at > clock_timestamp())`),
};
const SET_STATUS = {
  name: 'set_bot_status',
  text: `update bots b set status = n.status, status_reason = n.reason, updated_at = n.at
         from unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) as n (id, status, reason, at) where b.id = n.id`,
};

type NewBot = Parameters<Store['bots']['create']>[0];

export function botsOf(database: Database): Store['bots'] {
  return {
    create: (bot, newAccount) =>
      database.transaction(async (session) => {
        if (newAccount !== undefined) await insertAccount(database, session, newAccount);
        await insertBot(session, bot);
        const { name, strategy, symbol, mode, accountId } = bot;
        await note(database, session, deedOn(bot, 'bot_created', { name, strategy, symbol, mode, account_id: accountId }));
        return await stored(session, bot.userId, bot.id);
      }),
    countByStatus: async () => {
      const rows = await database.rows<{ status: BotStatus; count: number }>(COUNT);
      return Object.fromEntries(rows.map(({ status, count }) => [status, count]));
    },
    list: async (userId, page) => {
      const start = pageStart(page, 'text');
      const rows = await database.rows<BotRecord>(LIST, [userId, start.at, start.id, start.rows]);
      return pageOf(rows, page, (bot) => ({ at: bot.createdAt, id: bot.id }));
    },
    get: (userId, id) => database.row<BotRecord>(GET, [userId, id]),
    update: (userId, id, change) =>
      database.transaction(async (session) => {
        const bot = await session.row<{ configVersion: number; isAtRest: boolean }>(LOCK, [userId, id]);
        if (bot === null) return null;
        if (!bot.isAtRest) return 'busy';
        const version = change.config === undefined ? bot.configVersion : bot.configVersion + 1;
        if (change.config !== undefined) await session.write(INSERT_CONFIG, [id, version, JSON.stringify(change.config), change.at]);
        await session.write(CHANGE, [id, change.name ?? null, version, change.at]);
        const details = { ...(change.name === undefined ? {} : { name: change.name }), ...(change.config === undefined ? {} : { config_version: version }) };
        await note(database, session, deedOn({ id, userId }, 'bot_changed', details));
        return await stored(session, userId, id);
      }),
    configs: async (userId, id, page) => {
      const start = pageStart(page, 'serial');
      const before = start.id === '0' ? Number.MAX_SAFE_INTEGER : Number(start.id);
      const rows = await database.rows<BotConfig>(LIST_CONFIGS, [userId, id, before, start.rows]);
      return pageOf(rows, page, ({ version, createdAt }) => ({ at: createdAt, id: String(version) }));
    },
    config: (userId, id, version) => database.row<BotConfig>(GET_CONFIG, [userId, id, version]),
    remove: (userId, id, at) =>
      database.transaction(async (session) => {
        const bot = await session.row<{ isAtRest: boolean }>(LOCK, [userId, id]);
        if (bot === null) return 'missing';
        // An order that may still be at the venue needs its bot to see it through.
        if (!bot.isAtRest || (await session.row(HAS_OPEN_ORDERS, [id])) !== null) return 'busy';
        await session.write(END_OPEN_RUN, [id, at]);
        await session.write(REMOVE, [id, at]);
        await note(database, session, deedOn({ id, userId }, 'bot_removed', {}));
        return 'removed';
      }),
    setDesired: (userId, id, desired: DesiredState, at) =>
      database.transaction(async (session) => {
        if ((await session.write(SET_DESIRED, [userId, id, desired, at])) === 0) return null;
        await note(database, session, deedOn({ id, userId }, 'bot_wanted', { desired }));
        return await stored(session, userId, id);
      }),
    due: async (which = 'all') =>
      (await database.rows<BotRecord & StandingColumns>(which === 'all' ? DUE : RESTLESS)).map(({ leaseOwner, isLeaseLive, ...bot }) => ({
        ...bot,
        lease: standingOf({ leaseOwner, isLeaseLive }),
      })),
    setStatus: (lease, botId, status, reason, at) =>
      database.transaction(async (session) => {
        await Promise.all([holdLeases(session, [lease]), setStatuses(session, [{ botId, status, reason, at }])]);
      }),
    beginRun: (lease, run, available) => database.transaction((session) => beginRun(session, lease, run, available)),
  };
}

/** Those that must run or whose wish is not met, and of them those that a condition on the bot `b` and its lease `l` holds for. */
function due(condition: string): string {
  return `select ${BOT_COLUMNS}, ${STANDING} from ${BOT_SOURCE} left join leases l on l.subject = 'bot:' || b.id
          where b.removed_at is null and not (
            b.desired = 'running' and b.status = 'error'
            or b.desired = 'paused' and b.status in ('paused', 'error')
            or b.desired in ('stopped', 'panicked') and b.status = 'stopped')
          and ${condition}
          order by b.created_at, b.id`;
}

function deedOn({ id, userId }: Pick<BotRecord, 'id' | 'userId'>, action: AuditAction, details: Deed['details']): Deed {
  return { action, subject: { kind: 'bot', id }, ownerId: userId, details };
}

/** Part of a transaction that holds the leases of these bots. */
export async function setStatuses(
  session: Session,
  changes: readonly { readonly botId: string; readonly status: BotStatus; readonly reason: string; readonly at: number }[],
): Promise<void> {
  if (changes.length === 0) return;
  const texts = [changes.map(({ botId }) => botId), changes.map(({ status }) => status), changes.map(({ reason }) => reason)];
  await session.write(SET_STATUS, [...texts, changes.map(({ at }) => at)]);
}

/** Part of a transaction that holds the lease of the bot: its settings go on as the next version, with what its run has changed in them. */
export async function keepSettings(session: Session, bot: Pick<BotRecord, 'id' | 'userId'>, { commandId, settings }: KeptSettings, at: number): Promise<void> {
  const row = await session.row<Pick<BotRecord, 'configVersion' | 'config'>>(LOCK_CONFIG, [bot.id]);
  if (row === null) throw new PortError('store_conflict', 'the bot is not there any more', { outcome: 'failed' });
  const version = row.configVersion + 1;
  await session.write(INSERT_CONFIG, [bot.id, version, JSON.stringify({ ...row.config, ...settings }), at]);
  await session.write(CHANGE, [bot.id, null, version, at]);
  await noteOwn(session, deedOn(bot, 'bot_changed', { config_version: version, ...(commandId === null ? {} : { command_id: commandId }) }));
}

async function insertBot(session: Session, bot: NewBot): Promise<void> {
  const { id, userId, accountId, name, strategy, symbol, mode, config, at, warning = null } = bot;
  if ((await session.row(LOCK_ACCOUNT, [userId, accountId])) === null)
    throw new PortError('store_conflict', 'the exchange account is not there any more', { outcome: 'failed' });
  await session.write(INSERT, [id, userId, accountId, name, strategy, symbol, mode, at, warning]);
  await session.write(INSERT_CONFIG, [id, 1, JSON.stringify(config), at]);
  await insertFacts(session, [{ dedupeKey: `bot:${id}:bot_created`, userId, botId: id, type: 'bot_created', data: { bot: name, strategy, symbol, mode }, at }]);
}

async function stored(session: Session, userId: string, id: string): Promise<BotRecord> {
  const bot = await session.row<BotRecord>(GET, [userId, id]);
  if (bot === null) throw new PortError('store_conflict', 'the bot is not there any more', { outcome: 'failed' });
  return bot;
}
