/** Accounts by which networks of coins are read: none but the owner's is ever set or told. */
import type { NetworkSource } from '#core/signals/network-sources.ts';
import type { AccountRecord } from '#core/store/accounts.ts';
import type { Store } from '#core/store/store.ts';
import { ACCOUNT_COLUMNS } from './accounts.ts';
import { INSTALLATION, note } from './audit.ts';
import type { Database } from './database.ts';

const OF_OWNER = `join exchange_accounts a on a.id = s.account_id and a.exchange = s.exchange and a.removed_at is null
  join users u on u.id = a.user_id and u.role = 'owner'`;
const LIST = { name: 'list_network_sources', text: `select ${ACCOUNT_COLUMNS}, s.set_at as "setAt" from network_sources s ${OF_OWNER} order by s.exchange` };
const SET = {
  name: 'set_network_source',
  text: `insert into network_sources as s (exchange, account_id, set_at)
         select a.exchange, a.id, $3 from exchange_accounts a join users u on u.id = a.user_id and u.role = 'owner'
         where a.user_id = $1 and a.id = $2 and a.removed_at is null
         on conflict (exchange) do update set account_id = excluded.account_id, set_at = excluded.set_at returning s.exchange`,
};
const REMOVE = { name: 'remove_network_source', text: 'delete from network_sources where exchange = $1' };
const GET = {
  name: 'get_network_source',
  text: `select ${ACCOUNT_COLUMNS}, s.set_at as "setAt" from network_sources s ${OF_OWNER} where s.exchange = $1`,
};

export function networkSourcesOf(database: Database): Store['networkSources'] {
  return {
    list: async () => (await database.rows<Row>(LIST)).map(sourceOf),
    set: (userId, accountId, at) =>
      database.transaction(async (session) => {
        const set = await session.row<{ readonly exchange: string }>(SET, [userId, accountId, at]);
        const row = set === null ? null : await session.row<Row>(GET, [set.exchange]);
        if (row === null) return null;
        const details = { exchange: row.exchange };
        await note(database, session, { action: 'network_source_set', subject: { kind: 'account', id: accountId }, ownerId: userId, details });
        return sourceOf(row);
      }),
    remove: (exchange) =>
      database.transaction(async (session) => {
        if ((await session.write(REMOVE, [exchange])) === 0) return false;
        await note(database, session, { action: 'network_source_removed', subject: INSTALLATION, ownerId: null, details: { exchange } });
        return true;
      }),
  };
}

type Row = AccountRecord & Pick<NetworkSource, 'setAt'>;

function sourceOf({ setAt, ...account }: Row): NetworkSource {
  return { account, setAt };
}
