/**
 * The ledger of executions as it is read: lists, what is known already, and exact sums.
 */
import type { DecimalString } from '#core/money.ts';
import type { PositionRecord } from '#core/perpetual-ports.ts';
import type { FillRecord } from '#core/store/fills.ts';
import type { Store } from '#core/store/store.ts';
import type { Database, Value } from './database.ts';
import { pageOf, pageStart } from './paging.ts';
import { TERMINAL_STATES } from './states.ts';

type Amount = { readonly asset: string; readonly amount: DecimalString };
type Totals = Omit<Awaited<ReturnType<Store['fills']['totals']>>, 'fees'>;
type FillRow = FillRecord & { readonly id: string };

const COLUMNS = `f.id::text as id, f.trade_id as "tradeId", f.venue_order_id as "venueOrderId", f.client_order_id as "clientOrderId", f.symbol, f.side, f.price, f.size,
  f.fee_asset as "feeAsset", f.fee_amount as "feeAmount", f.is_maker as "isMaker", f.at, f.order_id as "orderId", f.bot_id as "botId", f.account_id as "accountId",
  f.user_id as "userId"`;

const FEES_OF = {
  name: 'fees_of_orders',
  text: `select order_id as "orderId", fee_asset as asset, sum(fee_amount) as amount from fills
         where user_id = $1 and order_id = any ($2::text[]) group by order_id, fee_asset order by order_id, fee_asset`,
};
const KNOWN = { name: 'known_trades', text: 'select trade_id as "tradeId" from fills where account_id = $1 and symbol = $2 and trade_id = any ($3::text[])' };
/** On a paper account everything is play; on a real one only what runs in paper mode have traded. */
const IS_PLAY = `(a.exchange = 'paper' or r.recipe ->> 'mode' = 'paper')`;
const PAPER_FLOWS = {
  name: 'paper_flows',
  text: `select asset, sum(amount) as amount from (
           select f.asset, f.amount from fill_flows f join exchange_accounts a on a.id = f.account_id left join runs r on r.id = f.run_id
             where f.account_id = $1 and ${IS_PLAY}
           union all
           select split_part(p.symbol, ':', 2), p.realised from perpetual_positions p join exchange_accounts a on a.id = p.account_id left join runs r on r.id = p.holder
             where p.account_id = $1 and ${IS_PLAY}
           union all
           select p.asset, p.amount from funding_payments p join exchange_accounts a on a.id = p.account_id join runs r on r.id = p.run_id
             where p.account_id = $1 and ${IS_PLAY}) flows
         group by asset order by asset`,
};
const PAPER_POSITIONS = {
  name: 'paper_positions',
  text: `select symbol, owner, sum(size) as size, sum("entryValue") as "entryValue", max(leverage) as leverage, max("marginMode") as "marginMode" from (
           select p.symbol, case when r.ended_at is null and b.number is not null then 'bot:' || b.number else 'account:' || a.number end as owner,
             p.size, p.entry_value as "entryValue", l.leverage, l.margin_mode as "marginMode", false as "isWaiting"
             from perpetual_positions p join exchange_accounts a on a.id = p.account_id left join runs r on r.id = p.holder left join bots b on b.id = r.bot_id
             left join run_legs l on l.run_id = r.id and l.symbol = p.symbol
             where p.account_id = $1 and ${IS_PLAY}
           union all
           select distinct o.symbol, 'bot:' || b.number, 0::numeric, 0::numeric, l.leverage, l.margin_mode, true
             from orders o join runs r on r.id = o.run_id join bots b on b.id = r.bot_id join exchange_accounts a on a.id = o.account_id
             join run_legs l on l.run_id = r.id and l.symbol = o.symbol
             where o.account_id = $1 and o.state not in ${TERMINAL_STATES} and r.ended_at is null and strpos(o.symbol, ':') > 0 and ${IS_PLAY}) held
         group by 1, 2 having sum(size) <> 0 or bool_or("isWaiting") order by 1, 2`,
};
const TOTALS = {
  name: 'totals_of_run',
  text: `select count(*) as count,
           coalesce(sum(f.size) filter (where f.side = 'buy'), 0) as "boughtSize", coalesce(sum(f.size * f.price) filter (where f.side = 'buy'), 0) as "boughtQuote",
           coalesce(sum(f.size) filter (where f.side = 'sell'), 0) as "soldSize", coalesce(sum(f.size * f.price) filter (where f.side = 'sell'), 0) as "soldQuote"
         from fills f where f.user_id = $1 and f.bot_id = $2 and f.run_id = $3 and ($4::text is null or f.symbol = $4)`,
};
const FEES_OF_RUN = {
  name: 'fees_of_run',
  text: 'select fee_asset as asset, sum(fee_amount) as amount from fills where user_id = $1 and bot_id = $2 and run_id = $3 and ($4::text is null or symbol = $4) group by fee_asset order by fee_asset',
};

export function fillsOf(database: Database): Store['fills'] {
  return {
    list: async (userId, filter, page) => {
      const start = pageStart(page, 'serial');
      const values: Value[] = [userId, start.at, start.id, start.rows];
      const conditions = ['f.user_id = $1', '(f.at, f.id) < ($2, $3::bigint)'];
      if (filter.botId !== undefined) conditions.push(`f.bot_id = $${values.push(filter.botId)}`);
      if (filter.orderId !== undefined) conditions.push(`f.order_id = $${values.push(filter.orderId)}`);
      const text = `select ${COLUMNS} from fills f where ${conditions.join(' and ')} order by f.at desc, f.id desc limit $4`;
      const { items, nextCursor } = pageOf(await database.rows<FillRow>({ text }, values), page, (fill) => ({ at: fill.at, id: fill.id }));
      return { items: items.map(({ id: _place, ...fill }) => fill), nextCursor };
    },
    feesOf: async (userId, orderIds) => {
      const fees = new Map<string, Amount[]>();
      for (const { orderId, asset, amount } of await database.rows<Amount & { orderId: string }>(FEES_OF, [userId, orderIds]))
        fees.set(orderId, [...(fees.get(orderId) ?? []), { asset, amount }]);
      return fees;
    },
    known: async (accountId, symbol, tradeIds) => {
      const rows = await database.rows<{ tradeId: string }>(KNOWN, [accountId, symbol, tradeIds]);
      return new Set(rows.map((row) => row.tradeId));
    },
    paperFlows: (accountId) => database.rows<Amount>(PAPER_FLOWS, [accountId]),
    paperPositions: (accountId) => database.rows<PositionRecord>(PAPER_POSITIONS, [accountId]),
    totals: async (userId, botId, runId, symbol) => {
      const of = [userId, botId, runId, symbol ?? null];
      const totals = await database.row<Totals>(TOTALS, of);
      const fees = await database.rows<Amount>(FEES_OF_RUN, of);
      return { count: 0, boughtSize: '0', boughtQuote: '0', soldSize: '0', soldQuote: '0', ...totals, fees };
    },
  };
}
