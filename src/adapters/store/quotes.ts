/** Quotes of the market: replaced by currency, listed by any of their figures. What is not known comes last in every sequence. */
import { AppError } from '#core/errors.ts';
import type { KeptQuote, QuoteFilter, QuoteSort, QuoteSourceState, QuoteStore } from '#core/quotes/market-quote.ts';
import type { Page, PageRequest } from '#core/store/page.ts';
import type { Database, Statement } from './database.ts';

const COLUMNS = `id, name, symbol, slug, rank, price, market_cap as "marketCap", volume_24h as "volume24h", change_1h as "change1h", change_24h as "change24h",
  change_7d as "change7d", circulating_supply as "circulatingSupply", chain, contract, updated_at as "updatedAt", synced_at as "syncedAt"`;
const SORTS: Readonly<Record<QuoteSort, string>> = {
  rank: 'rank',
  price: 'price',
  market_cap: 'market_cap',
  volume_24h: 'volume_24h',
  change_1h: 'change_1h',
  change_24h: 'change_24h',
  change_7d: 'change_7d',
  name: 'lower(name) collate "C"',
};
const PUT = {
  name: 'put_quotes',
  text: `insert into market_quotes (id, name, symbol, slug, rank, price, market_cap, volume_24h, change_1h, change_24h, change_7d, circulating_supply,
           chain, contract, updated_at, synced_at)
         select q.id, q.name, q.symbol, q.slug, q.rank, q.price, q."marketCap", q."volume24h", q."change1h", q."change24h", q."change7d", q."circulatingSupply",
           q.chain, q.contract, q."updatedAt", $2::bigint
         from json_to_recordset($1::json) as q (id bigint, name text, symbol text, slug text, rank integer, price numeric, "marketCap" numeric, "volume24h" numeric,
           "change1h" numeric, "change24h" numeric, "change7d" numeric, "circulatingSupply" numeric, chain text, contract text, "updatedAt" bigint)
         on conflict (id) do update set name = excluded.name, symbol = excluded.symbol, slug = excluded.slug, rank = excluded.rank, price = excluded.price,
           market_cap = excluded.market_cap, volume_24h = excluded.volume_24h, change_1h = excluded.change_1h, change_24h = excluded.change_24h,
           change_7d = excluded.change_7d, circulating_supply = excluded.circulating_supply, chain = excluded.chain, contract = excluded.contract,
           updated_at = excluded.updated_at, synced_at = excluded.synced_at`,
};
const FORGET = { name: 'forget_quotes', text: 'delete from market_quotes where synced_at < $1' };
const STATE = {
  name: 'quote_source',
  text: `select month, credits_used as "creditsUsed", rest_until as "restUntil", problem, tried_at as "triedAt", synced_at as "syncedAt" from quote_source`,
};
const PUT_STATE = {
  name: 'put_quote_source',
  text: `insert into quote_source (is_only, month, credits_used, rest_until, problem, tried_at, synced_at) values (true, $1, $2, $3, $4, $5, $6)
         on conflict (is_only) do update set month = excluded.month, credits_used = excluded.credits_used, rest_until = excluded.rest_until,
           problem = excluded.problem, tried_at = excluded.tried_at, synced_at = excluded.synced_at`,
};

export function quotesOf(database: Database): QuoteStore {
  return {
    list: (filter, page) => list(database, filter, page),
    state: () => database.row<QuoteSourceState>(STATE),
    keep: (quotes, state, forgetBefore) =>
      database.transaction(async (session) => {
        if (quotes.length > 0) {
          await session.write(PUT, [JSON.stringify(quotes), state.syncedAt]);
          await session.write(FORGET, [forgetBefore]);
        }
        await session.write(PUT_STATE, [state.month, state.creditsUsed, state.restUntil, state.problem, state.triedAt, state.syncedAt]);
      }),
  };
}

/**
 * Cursors are places in this very sequence. Values change between pages, so a currency may move past the cursor; a page is a view of
 * the moment, and nothing depends on its being complete.
 */
async function list(database: Database, filter: QuoteFilter, page: PageRequest): Promise<Page<KeptQuote>> {
  const offset = page.cursor === null ? 0 : offsetOf(page.cursor);
  const sought = filter.search === undefined ? null : `%${filter.search.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`;
  const rows = await database.rows<KeptQuote>(statementOf(filter), [sought, page.limit + 1, offset]);
  const items = rows.slice(0, page.limit);
  return { items, nextCursor: rows.length > page.limit && offset + page.limit <= MAX_OFFSET ? encode(offset + page.limit) : null };
}

/** Far beyond what is ever kept. */
const MAX_OFFSET = 50_000;

function statementOf({ sort, isDescending }: QuoteFilter): Statement {
  const direction = isDescending ? 'desc' : 'asc';
  return {
    name: `list_quotes_${sort}_${direction}`,
    text: `select ${COLUMNS} from market_quotes where $1::text is null or lower(name) like $1 or lower(symbol) like $1
           order by ${SORTS[sort]} ${direction} nulls last, id limit $2 offset $3`,
  };
}

function encode(offset: number): string {
  return Buffer.from(`q${offset}`).toString('base64url');
}

function offsetOf(cursor: string): number {
  const offset = /^q(\d{1,5})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1'))?.[1];
  if (offset !== undefined && Number(offset) <= MAX_OFFSET) return Number(offset);
  throw new AppError('validation_failed', 'cursor is not a cursor of this list', [
    { field: 'cursor', message: 'is not a cursor of this list; use `next_cursor` of the page before, unchanged' },
  ]);
}
