/**
 * Exchange accounts of users. A removed account loses its keys and is reached by nobody, but keeps its row: orders and
 * fills of the past belong to it.
 */
import type { AuditAction, Deed } from '#core/audit.ts';
import { PortError } from '#core/errors.ts';
import type { AccountRecord, NewAccount } from '#core/store/accounts.ts';
import type { Store } from '#core/store/store.ts';
import { note } from './audit.ts';
import type { Database, Session } from './database.ts';
import { pageOf, pageStart } from './paging.ts';
import { TERMINAL_STATES } from './states.ts';

export const ACCOUNT_COLUMNS = `a.id, a.number, a.user_id as "userId", a.name, a.exchange, a.sealed, a.key_version as "keyVersion", a.key_hint as "keyHint",
  a.created_at as "createdAt"`;

const INSERT = {
  name: 'insert_account',
  text: `insert into exchange_accounts as a (id, user_id, name, exchange, sealed, key_version, key_hint, key_fingerprint, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning ${ACCOUNT_COLUMNS}`,
};
const LIST = {
  name: 'list_accounts',
  text: `select ${ACCOUNT_COLUMNS} from exchange_accounts a
         where a.user_id = $1 and a.removed_at is null and (a.created_at, a.id) < ($2, $3) order by a.created_at desc, a.id desc limit $4`,
};
const GET = { name: 'get_account', text: `select ${ACCOUNT_COLUMNS} from exchange_accounts a where a.user_id = $1 and a.id = $2 and a.removed_at is null` };
const RENAME = {
  name: 'rename_account',
  text: `update exchange_accounts a set name = $3 where a.user_id = $1 and a.id = $2 and a.removed_at is null returning ${ACCOUNT_COLUMNS}`,
};
const REPLACE_KEYS = {
  name: 'replace_keys',
  text: `update exchange_accounts a set sealed = $3, key_version = $4, key_hint = $5, key_fingerprint = $6
         where a.user_id = $1 and a.id = $2 and a.removed_at is null returning ${ACCOUNT_COLUMNS}`,
};
/** Until the end of the transaction nobody removes the account or begins a run on it. */
export const LOCK_ACCOUNT = { name: 'lock_account', text: 'select id from exchange_accounts where user_id = $1 and id = $2 and removed_at is null for update' };
const BOTS_ON_IT = { name: 'bots_of_account', text: 'select name from bots where account_id = $1 and removed_at is null order by created_at, id' };
/** An order whose automatic actions are active is not over either, whatever it stands at. */
const OPEN_ORDERS = {
  name: 'count_open_orders_of_account',
  text: `select count(*) as count from (
           select id from orders where account_id = $1 and state not in ${TERMINAL_STATES}
           union select order_id from order_actions where account_id = $1 and is_active) alive`,
};
const REMOVE = {
  name: 'remove_account',
  text: `update exchange_accounts set removed_at = extract(epoch from now()) * 1000, sealed = null, key_hint = null, key_fingerprint = null where id = $1`,
};
const NEXT_SEQUENCE = {
  name: 'next_order_sequence',
  text: `update exchange_accounts set order_sequence = order_sequence + 1 where user_id = $1 and id = $2 and removed_at is null
         returning order_sequence as sequence`,
};

export function accountsOf(database: Database): Store['accounts'] {
  return {
    create: (account) => database.transaction((session) => insertAccount(database, session, account)),
    list: async (userId, page) => {
      const start = pageStart(page, 'text');
      const rows = await database.rows<AccountRecord>(LIST, [userId, start.at, start.id, start.rows]);
      return pageOf(rows, page, (account) => ({ at: account.createdAt, id: account.id }));
    },
    get: (userId, id) => database.row<AccountRecord>(GET, [userId, id]),
    rename: (userId, id, name) =>
      database.transaction(async (session) => {
        const account = await session.row<AccountRecord>(RENAME, [userId, id, name]);
        if (account !== null) await note(database, session, deedOn(account, 'account_renamed', { name }));
        return account;
      }),
    replaceKeys: (userId, id, keys) =>
      database.transaction(async (session) => {
        const values = [userId, id, keys.sealed, keys.keyVersion, keys.keyHint, keys.keyFingerprint ?? null];
        const account = await session.row<AccountRecord>(REPLACE_KEYS, values);
        if (account !== null) await note(database, session, deedOn(account, 'account_keys_replaced', { exchange: account.exchange }));
        return account;
      }),
    remove: (userId, id) =>
      database.transaction(async (session) => {
        if ((await session.row(LOCK_ACCOUNT, [userId, id])) === null) return { outcome: 'missing' };
        const bots = await session.rows<{ name: string }>(BOTS_ON_IT, [id]);
        const open = (await session.row<{ count: number }>(OPEN_ORDERS, [id]))?.count ?? 0;
        if (bots.length > 0 || open > 0) return { outcome: 'inUse', bots: bots.map((bot) => bot.name), openOrders: open };
        await session.write(REMOVE, [id]);
        await note(database, session, deedOn({ id, userId }, 'account_removed', {}));
        return { outcome: 'removed' };
      }),
    nextOrderSequence: async (userId, id) => (await database.row<{ sequence: number }>(NEXT_SEQUENCE, [userId, id]))?.sequence ?? null,
  };
}

/** Stores an account, also as a part of a larger transaction. */
export async function insertAccount(database: Database, session: Session, account: NewAccount): Promise<AccountRecord> {
  const { id, userId, name, exchange, sealed, keyVersion, keyHint, keyFingerprint = null, createdAt } = account;
  const stored = await session.row<AccountRecord>(INSERT, [id, userId, name, exchange, sealed, keyVersion, keyHint, keyFingerprint, createdAt]);
  if (stored === null) throw new PortError('store_conflict', 'the account was not stored', { outcome: 'failed' });
  await note(database, session, deedOn(stored, 'account_created', { name, exchange }));
  return stored;
}

function deedOn({ id, userId }: Pick<AccountRecord, 'id' | 'userId'>, action: AuditAction, details: Deed['details']): Deed {
  return { action, subject: { kind: 'account', id }, ownerId: userId, details };
}
