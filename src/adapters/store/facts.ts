/**
 * The outbox: facts are written in the transaction that makes them true; from here they are spread into the lists of their users.
 */
import type { FactRecord, NewFact } from '#core/facts.ts';
import type { Store } from '#core/store/store.ts';
import type { Database, Session } from './database.ts';
import { pageOf, pageStart } from './paging.ts';

/** A fact as every query reads it, from `facts f`. */
export const FACT_COLUMNS = 'f.id::text as id, f.dedupe_key as "dedupeKey", f.user_id as "userId", f.bot_id as "botId", f.type, f.data, f.at';

const INSERT = {
  name: 'insert_facts',
  text: `insert into facts (dedupe_key, user_id, bot_id, type, data, at)
         select n."dedupeKey", n."userId", n."botId", n.type, n.data, n.at
         from json_to_recordset($1::json) as n ("dedupeKey" text, "userId" text, "botId" text, type text, data json, at bigint)
         on conflict (dedupe_key) do nothing`,
};
const OF_BOT = {
  name: 'facts_of_bot',
  text: `select ${FACT_COLUMNS} from facts f where f.user_id = $1 and f.bot_id = $2 and (f.at, f.id) < ($3, $4::bigint) order by f.at desc, f.id desc limit $5`,
};
const FAILED = {
  name: 'fact_not_told',
  text: `update facts set failures = failures + 1, problem = $2, is_parked = failures + 1 >= $5,
           claimed_until = clock_timestamp() + least($3::float8 * power(2, failures), $4::float8) * interval '1 millisecond'
         where id = $1::bigint and told_at is null returning is_parked as parked`,
};
const PARKED = { name: 'parked_facts', text: 'select count(*) as count from facts where is_parked and told_at is null' };

export function factsOf(database: Database): Store['facts'] {
  return {
    ofBot: async (userId, botId, page) => {
      const start = pageStart(page, 'serial');
      const rows = await database.rows<FactRecord>(OF_BOT, [userId, botId, start.at, start.id, start.rows]);
      return pageOf(rows, page, (fact) => ({ at: fact.at, id: fact.id }));
    },
    add: async (fact) => void (await insertFacts(database, [fact])),
    failed: async (id, problem, { firstPauseMs, longestPauseMs, tries }) => {
      const row = await database.row<{ parked: boolean }>(FAILED, [id, problem, firstPauseMs, longestPauseMs, tries]);
      return row?.parked === true ? 'parked' : 'waiting';
    },
    parked: async () => (await database.row<{ count: number }>(PARKED, []))?.count ?? 0,
  };
}

/** Writes facts, also as a part of a larger transaction; one that is there already stays as it is. */
export async function insertFacts(session: Session, facts: readonly NewFact[]): Promise<number> {
  return facts.length === 0 ? 0 : session.write(INSERT, [JSON.stringify(facts)]);
}
