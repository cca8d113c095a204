/**
 * The beginning of a run: the account is locked, what its other runs may still use is set aside, and only what is left is
 * promised to this one. So bots of one account may live in different processes without spending the same coin twice.
 */
import { PortError } from '#core/errors.ts';
import { Decimal, decimal, plain } from '#core/money.ts';
import type { Lease } from '#core/store/leases.ts';
import type { Store } from '#core/store/store.ts';
import { LOCK_ACCOUNT } from './accounts.ts';
import type { Session } from './database.ts';
import { holdLeases } from './leases.ts';
import { TERMINAL_STATES } from './states.ts';

type BeginRun = Store['bots']['beginRun'];
type NewRun = Parameters<BeginRun>[1];
type Amounts = Parameters<BeginRun>[2];

/** Whether a kind of instrument draws on the wallet in hand. */
function inWallet(kind: string): string {
  return `($3 = 'all' or ${kind} = $3)`;
}

/** The kind of instrument that an amount of a run is for. */
const KIND = `case when p.symbol like '%:%' then 'perpetual' else 'spot' end`;

/**
 * What is spoken for on an account, by asset: for each open run what it was promised plus what its fills have added or
 * taken, never below zero; and what spot orders placed by hand hold back (what those for perpetuals bind, the venue alone knows).
 * Play money and real money are apart, and so are wallets where the venue keeps them apart.
 */
const CLAIMS = {
  name: 'claims_of_account',
  text: `with claims as (
           select greatest(sum(amount), 0) as amount, asset from (
             select p.run_id, p.asset, p.amount from run_reservations p join runs r on r.id = p.run_id where r.account_id = $1 and r.ended_at is null and r.recipe ->> 'mode' = $2 and ${inWallet(KIND)}
             union all
             select p.run_id, p.asset, p.amount from run_positions p join runs r on r.id = p.run_id where r.account_id = $1 and r.ended_at is null and r.recipe ->> 'mode' = $2 and ${inWallet(KIND)}) flows
           group by run_id, asset
           union all
           select (size - filled_size) * case when side = 'buy' then price else 1 end,
             case when side = 'buy' then split_part(symbol, '/', 2) else split_part(symbol, '/', 1) end
           from orders where account_id = $1 and run_id is null and ($2 = 'paper') = (select exchange = 'paper' from exchange_accounts where id = $1) and state not in ${TERMINAL_STATES} and symbol not like '%:%' and ${inWallet("'spot'")} and (side = 'sell' or price is not null))
         select asset, sum(amount) as amount from claims group by asset`,
};
const OCCUPANT = {
  name: 'occupant_of_perpetual',
  text: `select b.name as "botName", l.symbol from runs r join bots b on b.id = r.bot_id join run_legs l on l.run_id = r.id
         where r.account_id = $1 and r.ended_at is null and r.recipe ->> 'mode' = $2 and l.symbol = any ($3::text[]) limit 1`,
};
const INSERT_RUN = {
  name: 'insert_run',
  text: 'insert into runs (id, user_id, bot_id, account_id, recipe, started_at) select $1, $2, $3, $4, $5, $6 from bots where id = $3 and user_id = $2 and account_id = $4 and removed_at is null',
};
const RESERVE = {
  name: 'insert_reservations',
  text: 'insert into run_reservations (run_id, symbol, asset, amount) select $1, coalesce(n.symbol, $3), n.asset, sum(n.amount) from json_to_recordset($2::json) as n (symbol text, asset text, amount numeric) group by 2, n.asset',
};
const POINT_BOT = { name: 'point_bot_at_run', text: 'update bots set run_id = $2, updated_at = $3 where id = $1' };

/** Inside a transaction. PortError `store_conflict` when the bot already has a run that has not ended, or is not on this account. */
export async function beginRun(session: Session, lease: Lease, run: NewRun, available: Amounts): ReturnType<BeginRun> {
  const [, account] = await Promise.all([holdLeases(session, [lease]), session.row(LOCK_ACCOUNT, [run.userId, run.accountId])]);
  if (account === null) throw new PortError('store_conflict', 'the exchange account is not there any more', { outcome: 'failed' });
  const { instrument, otherLegs = [], mode } = run.recipe;
  const perpetuals = [{ instrument }, ...otherLegs].flatMap((leg) => (leg.instrument.kind === 'perpetual' ? [leg.instrument.symbol] : []));
  const occupant = perpetuals.length > 0 ? await session.row<{ botName: string; symbol: string }>(OCCUPANT, [run.accountId, mode, perpetuals]) : null;
  if (occupant !== null) return { outcome: 'occupied', ...occupant };
  for (const purse of [{ wallet: run.wallet, needs: run.needs, available }, ...(run.otherPurses ?? [])]) {
    const short = shortOf(purse.needs, await session.rows(CLAIMS, [run.accountId, mode, purse.wallet ?? 'all']), purse.available);
    if (short !== null) return { outcome: 'short', ...short };
  }
  const inserted = await session.write(INSERT_RUN, [run.id, run.userId, run.botId, run.accountId, JSON.stringify(run.recipe), run.at]);
  if (inserted !== 1) throw new PortError('store_conflict', 'the bot is not there any more, or not on this account', { outcome: 'failed' });
  const needs = [...run.needs, ...(run.otherPurses ?? []).flatMap((purse) => purse.needs)];
  await Promise.all([session.write(RESERVE, [run.id, JSON.stringify(needs), instrument.symbol]), session.write(POINT_BOT, [run.botId, run.id, run.at])]);
  return { outcome: 'begun' };
}

function shortOf(needs: Amounts, claims: Amounts, available: Amounts): { readonly asset: string; readonly missing: string } | null {
  for (const asset of new Set(needs.map((need) => need.asset))) {
    const missing = sumOf(needs, asset).plus(sumOf(claims, asset)).minus(sumOf(available, asset));
    if (sumOf(needs, asset).gt(0) && missing.gt(0)) return { asset, missing: plain(missing) };
  }
  return null;
}

function sumOf(amounts: Amounts, asset: string): Decimal {
  return amounts.reduce((sum, entry) => (entry.asset === asset ? sum.plus(decimal(entry.amount)) : sum), new Decimal(0));
}
