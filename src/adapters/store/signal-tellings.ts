/** Who is told of signals: one statement for all users of an audience, in which whoever wants a signal gets a row, a count and a fact. */
import { PLAN_TERMS, PLANS, type Plan } from '#core/plans/plan.ts';
import type { Signal, SignalPoint } from '#core/signals/signal.ts';
import { REOPENED_QUIET_MS, RISEN_MS, type SignalClose, type SignalOpening, type SignalTellingStore, type UntoldSignal } from '#core/signals/telling.ts';
import type { Database, Session } from './database.ts';
import { netParts, sizeParts } from './signal-parts.ts';
import { planAt } from './subscriptions.ts';

const HOUR_MS = 3_600_000;
/** Not told before, or it is time to offer it anew: it has become better, or those who were left in peace have been long enough. */
const UNTOLD = (net: string, size: string): string =>
  `(n.signal_id is null or n.again_at <= $2 or (n.told_at <= $2::bigint - ${RISEN_MS} and (${net} > n.net_parts or ${size} > n.size_parts)))`;
const OPENED_NOW = {
  name: 'signals_opened_now',
  text: `select s.document as signal, null as point from signals s left join signal_tellings n on n.signal_id = s.id and n.delay_ms = $1
         where s.state = 'open' and not s.is_quarantined and ${UNTOLD('s.net_parts', 's.size_parts')} order by s.net_parts desc, s.id limit $3`,
};
const OPENED_BEFORE = {
  name: 'signals_opened_before',
  text: `select s.document as signal, json_build_object('at', p.at, 'entryPercent', p.entry_percent::text, 'exitPercent', p.exit_percent::text,
           'netPercent', p.net_percent::text, 'maxSizeQuote', p.max_size_quote::text) as point
         from (select * from signals where state = 'open' union all select * from signals where closed_at > $2::bigint - $1) s
         cross join lateral (select * from signal_points where signal_id = s.id and at <= $2::bigint - $1 order by at desc limit 1) p
         left join signal_tellings n on n.signal_id = s.id and n.delay_ms = $1
         where s.opened_at <= $2::bigint - $1 and not s.is_quarantined and ${UNTOLD('floor(p.net_percent * 10000)', 'floor(p.max_size_quote * 100)')}
         order by p.net_percent desc, s.id limit $3`,
};
/** Whoever comes second with the same writes nothing, and so tells nobody. */
const NOTE_OPENED = {
  name: 'note_signal_opened',
  text: `insert into signal_tellings as n (signal_id, delay_ms, net_parts, size_parts, told_at, again_at)
         select id, $2, $3, $4, $5, (select max(t.at) + ${REOPENED_QUIET_MS} from told_signals t where t.key = s.key and t.signal_id <> s.id and t.at > $5::bigint - ${REOPENED_QUIET_MS})
         from signals s where id = $1
         on conflict (signal_id, delay_ms) do update
           set net_parts = greatest(n.net_parts, excluded.net_parts), size_parts = greatest(n.size_parts, excluded.size_parts), told_at = excluded.told_at,
             again_at = excluded.again_at
           where not n.is_over and (n.again_at <= excluded.told_at or excluded.net_parts > n.net_parts or excluded.size_parts > n.size_parts)`,
};
const CLOSED = {
  name: 'signals_closed',
  text: `select s.document as signal from signal_tellings n join signals s on s.id = n.signal_id
         where not n.is_over and n.delay_ms = $1 and s.closed_at <= $2::bigint - $1 order by s.closed_at, s.id limit $3`,
};
const NOTE_CLOSED = { name: 'note_signal_closed', text: 'update signal_tellings set is_over = true where signal_id = $1 and delay_ms = $2 and not is_over' };

const PER_HOUR = `case plan ${PLANS.map((plan) => `when '${plan}' then ${PLAN_TERMS[plan].signalNoticesPerHour}`).join(' ')} end`;
/** What a user's thresholds, mute and watch lists say of it; who has chosen nothing wants all. */
const WANTS = `(choices is null or (coalesce((choices->>'minNetPercent')::numeric <= $6::numeric, true) and coalesce((choices->>'minSizeQuote')::numeric <= $7::numeric, true)
  and not choices->'mutedBases' ? $4 and not choices->'mutedScanners' ? $3 and not choices->'mutedVenues' ?| $5::text[]
  and case choices->>'told' when 'none' then false when 'all' then true
    else choices->'watchedBases' ? $4 or (choices->>'told' is null and choices->'watchedBases' = '[]'::jsonb) end))`;
/** `whose` chooses among users `u` and their plans `p` by the value `$11`. */
const tellOpened = (name: string, whose: string) => ({
  name,
  text: `with audience as materialized (
           select u.id, ${planAt('$9')} as plan, c.choices::jsonb as choices
           from users u join subscriptions p on p.user_id = u.id left join signal_choices c on c.user_id = u.id where ${whose}),
         reached as (
           select a.id, coalesce(h.told, 0) < ${PER_HOUR} as is_told from audience a left join signal_hours h on h.user_id = a.id and h.hour = $10
           where ${WANTS}
             and not exists (select 1 from told_signals t where t.signal_id = $1 and t.user_id = a.id)
             and not exists (select 1 from told_signals t where t.key = $2 and t.at > $9::bigint - ${REOPENED_QUIET_MS} and t.user_id = a.id)
             and not exists (select 1 from hidden_signals h where h.signal_id = $1 and h.user_id = a.id)),
         counted as (
           insert into signal_hours as h (user_id, hour, told, beyond, best_percent, best_symbol)
           select id, $10, is_told::int, (not is_told)::int, case when not is_told then $6::numeric end, case when not is_told then $12::text end from reached
           on conflict (user_id, hour) do update set told = h.told + excluded.told, beyond = h.beyond + excluded.beyond,
             best_symbol = case when h.best_percent >= excluded.best_percent then h.best_symbol else coalesce(excluded.best_symbol, h.best_symbol) end,
             best_percent = greatest(h.best_percent, excluded.best_percent)),
         noted as (
           insert into told_signals (signal_id, user_id, key, at, state) select $1, id, $2, $9, case when is_told then 'told' else 'counted' end from reached)
         insert into facts (dedupe_key, user_id, type, data, at)
         select 'signal:' || $1 || ':' || id || ':opened', id, 'signal_opened', $8::json, $9 from reached where is_told on conflict (dedupe_key) do nothing`,
});
const TELL_AUDIENCE = tellOpened('tell_audience_signal_opened', `${planAt('$9')} = any ($11::text[])`);
const TELL_USER = tellOpened('tell_user_signal_opened', 'u.id = $11');
const TELL_CLOSED = {
  name: 'tell_signal_closed',
  text: `with ended as (
           update told_signals t set state = 'over' from subscriptions p
           where t.signal_id = $1 and t.state = 'told' and p.user_id = t.user_id and ($4::text[] is null or ${planAt('$3')} = any ($4))
             and not exists (select 1 from hidden_signals h where h.signal_id = $1 and h.user_id = t.user_id)
           returning t.user_id)
         insert into facts (dedupe_key, user_id, type, data, at)
         select 'signal:' || $1 || ':' || user_id || ':closed', user_id, 'signal_closed', $2::json, $3 from ended on conflict (dedupe_key) do nothing`,
};
const TELL_BEYOND = {
  name: 'tell_signals_beyond',
  text: `with over as (
           update signal_hours set is_told = true where hour < $1 and beyond > 0 and not is_told returning user_id, hour, beyond, best_percent, best_symbol)
         insert into facts (dedupe_key, user_id, type, data, at)
         select 'signals:' || user_id || ':' || hour, user_id, 'signals_beyond', json_build_object('count', beyond, 'best_percent', best_percent::text,
           'best_symbol', best_symbol, 'hour', to_char(to_timestamp(hour / 1000) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')), $2
         from over on conflict (dedupe_key) do nothing`,
};
const WAITING = { name: 'facts_waiting', text: 'select count(*)::int as count from (select 1 from facts where told_at is null and not is_parked limit $1) f' };

export function signalTellingsOf(database: Database): SignalTellingStore {
  return {
    opened: (delayMs, now, limit) =>
      database.rows<{ readonly signal: Signal; readonly point: SignalPoint | null }>(delayMs === 0 ? OPENED_NOW : OPENED_BEFORE, [delayMs, now, limit]),
    tellOpened: (opening, delayMs) =>
      database.transaction(async (session) => {
        const { signal, at } = opening;
        const isNew = await session.write(NOTE_OPENED, [signal.id, delayMs, netParts(signal.netPercent), sizeParts(signal.maxSizeQuote), at]);
        const plans = PLANS.filter((plan) => PLAN_TERMS[plan].signalDelayMs === delayMs);
        return isNew === 0 ? 0 : insertOpened(session, opening, { plans });
      }),
    closed: async (delayMs, now, limit) => (await database.rows<Pick<UntoldSignal, 'signal'>>(CLOSED, [delayMs, now, limit])).map(({ signal }) => signal),
    tellClosed: (close, delayMs) =>
      database.transaction(async (session) => {
        const isNew = await session.write(NOTE_CLOSED, [close.signal.id, delayMs]);
        const plans = PLANS.filter((plan) => PLAN_TERMS[plan].signalDelayMs <= delayMs);
        return isNew === 0 ? 0 : insertClosed(session, close, plans);
      }),
    tellBeyond: (hourStart, at) => database.write(TELL_BEYOND, [hourStart, at]),
    waiting: async (limit) => (await database.row<{ count: number }>(WAITING, [limit]))?.count ?? 0,
  };
}

/** Facts of an opening, for all users of these plans or for one user. */
export function insertOpened(
  session: Session,
  { signal, data, at }: SignalOpening,
  to: { readonly plans: readonly Plan[] } | { readonly userId: string },
): Promise<number> {
  const { id, key, scanner, base, quote, netPercent, maxSizeQuote, legs } = signal;
  const venues = [...new Set(legs.map(({ venue }) => venue))];
  const hour = at - (at % HOUR_MS);
  const isOne = 'userId' in to;
  return session.write(isOne ? TELL_USER : TELL_AUDIENCE, [
    ...[id, key, scanner, base, venues, netPercent, maxSizeQuote, JSON.stringify(data), at, hour],
    ...[isOne ? to.userId : to.plans, `${base}/${quote}`],
  ]);
}

/** Facts of a close for those who were told of the opening: of these plans, or all for `null`. */
export function insertClosed(session: Session, { signal, data, at }: SignalClose, plans: readonly Plan[] | null): Promise<number> {
  return session.write(TELL_CLOSED, [signal.id, JSON.stringify(data), at, plans]);
}
