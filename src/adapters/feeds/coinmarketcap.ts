/**
 * CoinMarketCap: the largest currencies, by the present version of its API. Four limits share the status 429 and are told apart by the
 * code in the body; an answer with status 200 and a code is a refusal too.
 * @see https://coinmarketcap.com/api/documentation/v3
 */
import { Decimal, type DecimalString, plain } from '#core/money.ts';
import type { Clock } from '#core/ports.ts';
import type { MarketQuote, QuoteAnswer, QuoteRefusal, QuoteSource } from '#core/quotes/market-quote.ts';
import { codeOf, DEADLINE_MS, readBody } from './_client.ts';

const TITLE = 'CoinMarketCap';
/** Of the US dollar, among its currencies. */
const USD_ID = 2781;

const BY_CODE: Readonly<Record<number, QuoteRefusal>> = {
  400: 'bad_request',
  1001: 'key_refused',
  1002: 'key_refused',
  1003: 'key_refused',
  1004: 'key_refused',
  1005: 'key_refused',
  1006: 'plan_excludes',
  1007: 'key_refused',
  1008: 'minute_limit',
  1009: 'day_limit',
  1010: 'month_limit',
  1011: 'address_limit',
};
const BY_STATUS: Readonly<Record<number, QuoteRefusal>> = {
  400: 'bad_request',
  401: 'key_refused',
  402: 'key_refused',
  403: 'plan_excludes',
  429: 'minute_limit',
};

/** In our words: what a service writes is not shown to users. */
const DETAIL: Readonly<Record<QuoteRefusal, string>> = {
  minute_limit: 'too many questions in this minute',
  day_limit: 'the credits of this day are spent',
  month_limit: 'the credits of this month are spent',
  address_limit: 'too many questions from this address',
  key_refused: 'the key is not accepted: look at COINMARKETCAP_API_KEY and at the plan it belongs to',
  plan_excludes: 'the plan of the key does not include this',
  bad_request: 'it does not understand the question: a newer version of Argosy may',
  unavailable: 'it does not answer',
  malformed: 'its answer cannot be read',
};

type Row = Readonly<Record<string, unknown>>;

export function coinMarketCap({ url, apiKey, clock }: { readonly url: string; readonly apiKey: string; readonly clock: Clock }): QuoteSource {
  const base = url.replace(/\/+$/, '');
  return {
    name: TITLE,
    largest: async (count) => {
      const controller = new AbortController();
      const callOff = clock.after(DEADLINE_MS, () => controller.abort());
      try {
        const answer = await fetch(`${base}/v3/cryptocurrency/listings/latest?start=1&limit=${count}&convert=USD&sort=market_cap`, {
          redirect: 'error',
          signal: controller.signal,
          headers: { accept: 'application/json', 'x-cmc_pro_api_key': apiKey, 'user-agent': 'Argosy' },
        });
        return read(answer.status, await readBody(TITLE, answer), retryAfterOf(answer.headers.get('retry-after')));
      } catch (error) {
        return refused('unavailable', controller.signal.aborted ? `no complete answer within ${DEADLINE_MS} ms` : codeOf(error), 0, null);
      } finally {
        callOff();
      }
    },
  };
}

function read(httpStatus: number, text: string, retryAfterMs: number | null): QuoteAnswer {
  const body = parsed(text);
  const status = rowOf(body['status']);
  const credits = wholeOf(status['credit_count']);
  const code = Number(status['error_code'] ?? 0);
  if (httpStatus !== 200 || code !== 0) {
    const refusal = BY_CODE[code] ?? BY_STATUS[httpStatus] ?? (httpStatus === 200 ? 'malformed' : 'unavailable');
    return refused(refusal, `${httpStatus}${code === 0 ? '' : `, code ${code}`}`, credits, retryAfterMs);
  }
  const rows: unknown = body['data'];
  if (!Array.isArray(rows)) return refused('malformed', 'no list of currencies', credits, null);
  const quotes = rows.flatMap((row) => quoteOf(rowOf(row)) ?? []);
  // A form that has changed must not empty what is kept.
  if (quotes.length * 2 < rows.length || quotes.length === 0)
    return refused('malformed', `${quotes.length} of ${rows.length} currencies could be read`, credits, null);
  return { outcome: 'quotes', quotes, credits, unread: rows.length - quotes.length };
}

function quoteOf(row: Row): MarketQuote | null {
  const { id, name, symbol, slug, cmc_rank: rank, platform, quote, circulating_supply: supply } = row;
  const usd = Array.isArray(quote) ? quote.map(rowOf).find((each) => each['id'] === USD_ID || each['symbol'] === 'USD') : undefined;
  const updatedAt = Date.parse(String(usd?.['last_updated'] ?? row['last_updated']));
  if (typeof id !== 'number' || !Number.isSafeInteger(id) || usd === undefined || !Number.isFinite(updatedAt)) return null;
  if (![name, symbol, slug].every((text) => typeof text === 'string' && text !== '')) return null;
  const { token_address: contract, slug: chain } = rowOf(platform);
  const price = amountOf(usd['price']);
  return {
    id,
    name: worded(name),
    symbol: worded(symbol),
    slug: worded(slug),
    rank: typeof rank === 'number' && Number.isSafeInteger(rank) && rank > 0 ? rank : null,
    price: price?.startsWith('-') === true ? null : price,
    marketCap: amountOf(usd['market_cap']),
    volume24h: amountOf(usd['volume_24h']),
    change1h: amountOf(usd['percent_change_1h']),
    change24h: amountOf(usd['percent_change_24h']),
    change7d: amountOf(usd['percent_change_7d']),
    circulatingSupply: amountOf(supply),
    chain: typeof chain === 'string' && chain !== '' ? worded(chain) : null,
    contract: typeof contract === 'string' && contract !== '' ? worded(contract) : null,
    updatedAt,
  };
}

/** Text of others, to be shown and not to be trusted. */
function worded(text: unknown): string {
  return String(text)
    .replace(/\p{Cc}/gu, ' ')
    .slice(0, 200);
}

/** Their figures are binary fractions; as many digits as those are good for. */
function amountOf(value: unknown): DecimalString | null {
  return typeof value === 'number' && Number.isFinite(value) ? plain(new Decimal(value)) : null;
}

function wholeOf(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : 0;
}

function retryAfterOf(header: string | null): number | null {
  return header !== null && /^\d{1,6}$/.test(header) ? Number(header) * 1_000 : null;
}

function refused(refusal: QuoteRefusal, what: string, credits: number, retryAfterMs: number | null): QuoteAnswer {
  return { outcome: 'refused', refusal, detail: `${TITLE}: ${DETAIL[refusal]} (${what})`, credits, retryAfterMs };
}

function parsed(text: string): Row {
  try {
    return rowOf(JSON.parse(text));
  } catch {
    return {};
  }
}

function rowOf(value: unknown): Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Row) : {};
}
