/** Signals as their scanner tells them: the newest state of each, its course, and its outcomes. */
import type { Signal, SignalOutcome, SignalPoint } from '#core/signals/signal.ts';
import type { SignalFilter, SignalSort, SignalStore, SignalWaiter } from '#core/signals/signal-store.ts';
import { note } from './audit.ts';
import { BOT_SOURCE } from './bots.ts';
import type { Database, Statement, Value } from './database.ts';
import { holdLeases } from './leases.ts';
import { type PageStart, pageOf, pageStart } from './paging.ts';
import { netParts, sizeParts } from './signal-parts.ts';

/** Rows of one statement. */
const KEEP = {
  name: 'keep_signals',
  text: `insert into signals as s (id, version, key, scanner, base, venues, state, is_quarantined, net_parts, size_parts, searched, opened_at, closed_at, document)
         select id, version, key, scanner, base, venues, state, "isQuarantined", "netParts", "sizeParts", searched, "openedAt", "closedAt", document
         from json_to_recordset($1) as r (id text, version int, key text, scanner text, base text, venues text[], state text, "isQuarantined" boolean,
           "netParts" bigint, "sizeParts" bigint, searched text, "openedAt" bigint, "closedAt" bigint, document json)
         where not exists (select 1 from removed_signals x where x.signal_id = r.id)
         on conflict (id) do update set version = excluded.version, state = excluded.state, is_quarantined = excluded.is_quarantined,
           net_parts = excluded.net_parts, size_parts = excluded.size_parts, closed_at = excluded.closed_at, document = excluded.document
         where s.version < excluded.version`,
};
/** A signal that was removed meanwhile keeps nothing. */
const KEEP_POINTS = {
  name: 'keep_signal_points',
  text: `insert into signal_points (signal_id, at, entry_percent, exit_percent, net_percent, max_size_quote)
         select r."signalId", r.at, r."entryPercent", r."exitPercent", r."netPercent", r."maxSizeQuote"
         from json_to_recordset($1) as r ("signalId" text, at bigint, "entryPercent" numeric, "exitPercent" numeric, "netPercent" numeric, "maxSizeQuote" numeric)
         join signals s on s.id = r."signalId" on conflict do nothing`,
};
const KEEP_OUTCOMES = {
  name: 'keep_signal_outcomes',
  text: `insert into signal_outcomes (signal_id, minutes, at, net_percent, problem)
         select r."signalId", r.minutes, r.at, r."netPercent", r.problem
         from json_to_recordset($1) as r ("signalId" text, minutes int, at bigint, "netPercent" numeric, problem text)
         join signals s on s.id = r."signalId" on conflict do nothing`,
};
const LEFT_OPEN = { name: 'signals_left_open', text: `select document from signals where state = 'open' order by opened_at limit $1` };
const GET = { name: 'get_signal', text: 'select document from signals where id = $1' };
const HISTORY = {
  name: 'signal_history',
  text: `select at, entry_percent as "entryPercent", exit_percent as "exitPercent", net_percent as "netPercent", max_size_quote as "maxSizeQuote"
         from signal_points where signal_id = $1 and at > $2 order by at limit $3`,
};
const OUTCOMES = {
  name: 'signal_outcomes',
  text: `select signal_id as "signalId", minutes, at, net_percent as "netPercent", problem
         from signal_outcomes where signal_id = any ($1::text[]) order by signal_id, minutes`,
};
const POINTS_AT = {
  name: 'signal_points_at',
  text: `select i.id as "signalId", p.at, p.entry_percent as "entryPercent", p.exit_percent as "exitPercent", p.net_percent as "netPercent",
           p.max_size_quote as "maxSizeQuote"
         from unnest($1::text[]) as i (id)
         cross join lateral (select * from signal_points where signal_id = i.id and at <= $2 order by at desc limit 1) p`,
};
/** The scanner does not know of it and goes on telling: what it tells must not bring it back. */
const NOTE_REMOVED = {
  name: 'note_removed_signal',
  text: 'insert into removed_signals (signal_id, removed_at) select id, $2 from signals where id = $1 on conflict do nothing',
};
const WAITERS = {
  name: 'signal_waiters',
  text: `select b.id as "botId", b.user_id as "userId", b.symbol, b.mode, a.exchange, c.config from ${BOT_SOURCE} join exchange_accounts a on a.id = b.account_id
         where b.removed_at is null and b.desired = 'running' and b.status = 'running' and b.strategy = $1 and c.config->>'start_signal' is not null and b.id > $2
         order by b.id limit $3`,
};
const REMOVE = { name: 'remove_signal', text: 'delete from signals where id = $1' };

const SORTS: Readonly<Record<SignalSort, { readonly column: string; readonly of: (signal: Signal) => number }>> = {
  opened_at: { column: 'opened_at', of: ({ openedAt }) => openedAt },
  net_percent: { column: 'net_parts', of: ({ netPercent }) => netParts(netPercent) },
  max_size_quote: { column: 'size_parts', of: ({ maxSizeQuote }) => sizeParts(maxSizeQuote) },
};

interface DocumentRow {
  readonly document: Signal;
}

export function signalsOf(database: Database): SignalStore {
  return {
    keep: (lease, { signals, points, outcomes }) =>
      database.transaction(async (session) => {
        await holdLeases(session, [lease]);
        if (signals.length > 0) await session.write(KEEP, [JSON.stringify(signals.map(rowOf))]);
        if (points.length > 0) await session.write(KEEP_POINTS, [JSON.stringify(points)]);
        if (outcomes.length > 0) await session.write(KEEP_OUTCOMES, [JSON.stringify(outcomes)]);
      }),
    leftOpen: async (limit) => (await database.rows<DocumentRow>(LEFT_OPEN, [limit])).map(({ document }) => document),
    list: async (filter, sort, page) => {
      const { statement, values } = listOf(filter, sort, pageStart(page, 'text'));
      const rows = (await database.rows<DocumentRow>(statement, values)).map(({ document }) => document);
      return pageOf(rows, page, (signal) => ({ at: SORTS[sort].of(signal), id: signal.id }));
    },
    get: async (id) => (await database.row<DocumentRow>(GET, [id]))?.document ?? null,
    history: (id, after, limit) => database.rows<SignalPoint>(HISTORY, [id, after, limit]),
    outcomes: async (ids) => {
      const found = new Map<string, SignalOutcome[]>();
      for (const { signalId, ...outcome } of await database.rows<SignalOutcome & { readonly signalId: string }>(OUTCOMES, [ids])) {
        const known = found.get(signalId);
        if (known === undefined) found.set(signalId, [outcome]);
        else known.push(outcome);
      }
      return found;
    },
    pointsAt: async (ids, at) => {
      const rows = await database.rows<SignalPoint & { readonly signalId: string }>(POINTS_AT, [ids, at]);
      return new Map(rows.map(({ signalId, ...point }) => [signalId, point]));
    },
    remove: (id, at) =>
      database.transaction(async (session) => {
        await session.write(NOTE_REMOVED, [id, at]);
        if ((await session.write(REMOVE, [id])) === 0) return false;
        await note(database, session, { action: 'signal_removed', subject: { kind: 'signal', id }, ownerId: null, details: {} });
        return true;
      }),
    waiters: (strategy, afterBotId, limit) => database.rows<SignalWaiter>(WAITERS, [strategy, afterBotId, limit]),
  };
}

function rowOf(signal: Signal): Readonly<Record<string, unknown>> {
  const { id, version, key, scanner, base, state, openedAt, closedAt, legs } = signal;
  const words = [base, signal.quote, ...legs.flatMap(({ venue, symbol, contract }) => [venue, symbol, contract?.address ?? ''])];
  return {
    ...{ id, version, key, scanner, base, state, openedAt, closedAt },
    venues: [...new Set(legs.map(({ venue }) => venue))],
    isQuarantined: signal.quarantine !== null,
    netParts: netParts(signal.netPercent),
    sizeParts: sizeParts(signal.maxSizeQuote),
    searched: words.join(' ').toLowerCase(),
    document: signal,
  };
}

/** The statement for exactly the filters given, so that each has the index it needs. */
function listOf(filter: SignalFilter, sort: SignalSort, start: PageStart): { readonly statement: Statement; readonly values: readonly Value[] } {
  const { column } = SORTS[sort];
  const values: Value[] = [start.at, start.id, start.rows];
  const conditions = [`(s.${column}, s.id) < ($1, $2)`];
  const add = (value: Value | undefined, condition: (place: string) => string): void => {
    if (value !== undefined) conditions.push(condition(`$${values.push(value)}`));
  };
  add(filter.scanner, (place) => `s.scanner = ${place}`);
  add(filter.scanners, (place) => `s.scanner = any (${place}::text[])`);
  if (filter.state !== undefined) conditions.push(filter.state === 'open' ? `s.state = 'open'` : `s.state = 'closed'`);
  if (filter.quarantined !== 'with') conditions.push(filter.quarantined === 'only' ? 's.is_quarantined' : 'not s.is_quarantined');
  add(filter.minNetPercent === undefined ? undefined : netParts(filter.minNetPercent), (place) => `s.net_parts >= ${place}`);
  add(filter.minSizeQuote === undefined ? undefined : sizeParts(filter.minSizeQuote), (place) => `s.size_parts >= ${place}`);
  add(filter.venue, (place) => `${place} = any (s.venues)`);
  add(filter.base?.toUpperCase(), (place) => `s.base = ${place}`);
  add(filter.openedBefore, (place) => `s.opened_at < ${place}`);
  add(filter.openedFrom, (place) => `s.opened_at >= ${place}`);
  add(filter.bases, (place) => `s.base = any (${place}::text[])`);
  add(filter.withoutVenues, (place) => `not s.venues && ${place}::text[]`);
  add(filter.withoutScanners, (place) => `s.scanner <> all (${place}::text[])`);
  add(filter.notHiddenFrom, (place) => `not exists (select 1 from hidden_signals h where h.user_id = ${place} and h.signal_id = s.id)`);
  add(filter.withoutBases, (place) => `s.base <> all (${place}::text[])`);
  add(filter.search === undefined ? undefined : `%${filter.search.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`, (place) => `s.searched like ${place}`);
  return {
    statement: { text: `select s.document from signals s where ${conditions.join(' and ')} order by s.${column} desc, s.id desc limit $3` },
    values,
  };
}
