/**
 * Which tables a backup holds: all that our schema declares, those that others refer to first, as the database has them.
 */
import { getTableName, is } from 'drizzle-orm';
import { PgTable } from 'drizzle-orm/pg-core';
import type pg from 'pg';
import * as alerts from '../schema/alerts.ts';
import * as backtests from '../schema/backtests.ts';
import * as chats from '../schema/chats.ts';
import * as hooks from '../schema/hooks.ts';
import * as networkSources from '../schema/network-sources.ts';
import * as notices from '../schema/notices.ts';
import * as optimizations from '../schema/optimizations.ts';
import * as orders from '../schema/orders.ts';
import * as people from '../schema/people.ts';
import * as plans from '../schema/plans.ts';
import * as posts from '../schema/posts.ts';
import * as programs from '../schema/programs.ts';
import * as quotes from '../schema/quotes.ts';
import * as signalChoices from '../schema/signal-choices.ts';
import * as signalTellings from '../schema/signal-tellings.ts';
import * as signals from '../schema/signals.ts';
import * as telegramUser from '../schema/telegram-user.ts';
import * as trading from '../schema/trading.ts';

/** Sessions are not carried over, ours and Telegram's: a token must not work at two installations, and logging in again is easy. */
const LEFT_OUT: ReadonlySet<string> = new Set(['refresh_tokens', 'socket_tickets', 'telegram_sessions']);

export interface Table {
  readonly name: string;
  readonly columns: readonly string[];
}

/** Names of all tables of the schema of this version. */
export const TABLES: readonly string[] = Object.values({
  ...people,
  ...trading,
  ...orders,
  ...backtests,
  ...optimizations,
  ...notices,
  ...chats,
  ...hooks,
  ...alerts,
  ...posts,
  ...plans,
  ...programs,
  ...quotes,
  ...signalChoices,
  ...signals,
  ...signalTellings,
  ...networkSources,
  ...telegramUser,
}).flatMap((item) => (is(item, PgTable) ? [getTableName(item)] : []));

/** The tables to keep, in an order in which they can be filled again. */
export async function tablesToKeep(client: pg.Client): Promise<readonly Table[]> {
  const wanted = TABLES.filter((name) => !LEFT_OUT.has(name));
  const columns = await client.query<{ name: string; columns: string[] }>(
    `select c.relname as name, array_agg(a.attname::text order by a.attnum) as columns
     from pg_class c join pg_attribute a on a.attrelid = c.oid
     where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') and c.relname = any ($1)
       and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' group by 1`,
    [wanted],
  );
  const references = await client.query<{ from: string; to: string }>(
    `select f.relname as from, t.relname as to from pg_constraint k join pg_class f on f.oid = k.conrelid join pg_class t on t.oid = k.confrelid
     where k.contype = 'f' and f.relnamespace = current_schema()::regnamespace and f.oid <> t.oid`,
  );
  return inOrder(columns.rows, references.rows);
}

function inOrder(tables: readonly Table[], references: readonly { readonly from: string; readonly to: string }[]): readonly Table[] {
  const ordered: Table[] = [];
  const waiting = new Map(tables.toSorted((one, other) => (one.name < other.name ? -1 : 1)).map((table) => [table.name, table]));
  while (waiting.size > 0) {
    const ready = [...waiting.values()].filter(({ name }) => !references.some(({ from, to }) => from === name && waiting.has(to)));
    if (ready.length === 0) throw new Error(`tables refer to each other in a circle: ${[...waiting.keys()].join(', ')}`);
    for (const table of ready) waiting.delete(table.name);
    ordered.push(...ready);
  }
  return ordered;
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Of a COPY in text format, the same both ways. */
export function copyTarget({ name, columns }: Table): string {
  return `${quoted(name)} (${columns.map(quoted).join(', ')})`;
}
