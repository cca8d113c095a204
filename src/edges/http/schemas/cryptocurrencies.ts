/** Wire shapes of the market's quotes. */
import { z } from 'zod';
import { FRESH_MS, type QuoteShelf } from '#app/quotes/market-quotes.ts';
import { type KeptQuote, QUOTE_SORTS } from '#core/quotes/market-quote.ts';
import { decimalOutput, isoTime, isoTimeOrNull, pageQuery, timeOutput } from './shared-pieces.ts';

export const CryptocurrencyQuery = pageQuery({
  search: z.string().trim().min(1).max(64).optional().describe('Part of the name or symbol.'),
  sort: z.enum(QUOTE_SORTS).default('rank').describe('What to sort by; what is not known comes last.'),
  order: z.enum(['asc', 'desc']).optional().describe('Left out: the smallest rank and the first name first, of everything else the greatest.'),
});

const figure = decimalOutput.nullable();

const Cryptocurrency = z
  .object({
    id: z.string().describe('Number of the currency at the source; symbols are not unique.'),
    name: z.string().describe('Name.'),
    symbol: z.string().describe('Symbol.'),
    slug: z.string().describe('Name in addresses.'),
    rank: z.int().nullable().describe('Place by market value.'),
    price: figure.describe('In US dollars, not in a stable coin.'),
    market_cap: figure.describe('In US dollars.'),
    volume_24h: figure.describe('In US dollars.'),
    change_1h: figure.describe('Percent.'),
    change_24h: figure.describe('Percent.'),
    change_7d: figure.describe('Percent.'),
    circulating_supply: figure.describe('Coins.'),
    chain: z.string().nullable().describe('Chain of a token.'),
    contract: z.string().nullable().describe('Its contract.'),
    updated_at: timeOutput.describe('When the source has last changed it.'),
    age_seconds: z.int().describe('Age of the figures: since the source has changed them.'),
    is_stale: z.boolean().describe('Whether it is older than it should be.'),
  })
  .meta({
    id: 'Cryptocurrency',
    description: 'A currency of the market.',
    examples: [
      {
        id: '1',
        name: 'Bitcoin',
        symbol: 'BTC',
        slug: 'bitcoin',
        rank: 1,
        price: '84732.16',
        market_cap: '1681000000000',
        volume_24h: '38100000000',
        change_1h: '0.12',
        change_24h: '-1.4',
        change_7d: '3.9',
        circulating_supply: '19840000',
        chain: null,
        contract: null,
        updated_at: '2026-11-20T07:00:00.000Z',
        age_seconds: 75,
        is_stale: false,
      },
    ],
  });

export const CryptocurrencyPage = z
  .object({
    items: z.array(Cryptocurrency).describe('The items of this page.'),
    next_cursor: z.string().nullable().describe('Give it as `cursor` to get the next page; `null` at the end.'),
    source: z
      .object({
        name: z.string().describe('Where quotes come from.'),
        synced_at: timeOutput.nullable().describe('When they were read last; `null` before the first time.'),
        is_stale: z.boolean().describe('Whether that was longer ago than it should be.'),
        problem: z.string().describe('Why; empty when all is well.'),
      })
      .describe('How the source stands.'),
  })
  .meta({
    id: 'CryptocurrencyPage',
    description: 'Currencies of the market.',
    examples: [{ items: [], next_cursor: null, source: { name: 'CoinMarketCap', synced_at: '2026-11-20T07:00:40.000Z', is_stale: false, problem: '' } }],
  });

const NEVER = 'No quotes have been read yet. They need COINMARKETCAP_API_KEY and a process with the role worker.';

export function presentQuotes({ items, nextCursor, source }: QuoteShelf, now: number): z.output<typeof CryptocurrencyPage> {
  const syncedAt = source?.syncedAt ?? null;
  return {
    items: items.map((quote) => presentQuote(quote, now)),
    next_cursor: nextCursor,
    source: {
      name: 'CoinMarketCap',
      synced_at: isoTimeOrNull(syncedAt),
      is_stale: syncedAt === null || now - syncedAt > FRESH_MS,
      problem: source === null ? NEVER : source.problem,
    },
  };
}

function presentQuote(quote: KeptQuote, now: number): z.output<typeof Cryptocurrency> {
  return {
    id: String(quote.id),
    name: quote.name,
    symbol: quote.symbol,
    slug: quote.slug,
    rank: quote.rank,
    price: quote.price,
    market_cap: quote.marketCap,
    volume_24h: quote.volume24h,
    change_1h: quote.change1h,
    change_24h: quote.change24h,
    change_7d: quote.change7d,
    circulating_supply: quote.circulatingSupply,
    chain: quote.chain,
    contract: quote.contract,
    updated_at: isoTime(quote.updatedAt),
    age_seconds: Math.max(0, Math.floor((now - quote.updatedAt) / 1_000)),
    is_stale: now - Math.min(quote.updatedAt, quote.syncedAt) > FRESH_MS,
  };
}
