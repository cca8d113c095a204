/** Bybit's lists of what only derivatives have: instruments over several pages, positions and their terms, and funding by weeks. */
import type { Instrument } from '#core/instrument.ts';
import type { FundingPayment, VenuePosition } from '#core/perpetual-ports.ts';
import { ACCOUNT_WEIGHTS, marketId } from './_bybit-connection.ts';
import { pages } from './_bybit-lists.ts';
import { oneWay, readInstrument, readMarginMode, readPayment, readPosition, unsupported } from './_bybit-perpetual-rows.ts';
import { amountOrZero, listOf } from './_bybit-rows.ts';
import { type Row, row, text, UnreadableAnswer } from './_fields.ts';
import type { HeldTerms } from './_perpetual-dialect.ts';
import type { Ask, Asking, SymbolOf } from './_request.ts';

const WINDOW_MS = 7 * 24 * 3_600_000;
/** The venue keeps its log of transactions for two years. */
const KEPT_MS = 730 * 24 * 3_600_000;
/** The log may be asked for thirty times a second: twenty-four of them, reckoned like the other weights. */
const LOG_WEIGHT = 10;
/** Five times a second. */
const MODE_WEIGHT = 60;
const MAX_PAGES = 100;
/** Where positions may stand that the one margin mode of the account would change. */
const BOOKS = [
  { category: 'linear', settleCoin: 'USDT' },
  { category: 'linear', settleCoin: 'USDC' },
] as const;

export async function listInstruments(ask: Asking): Promise<readonly Instrument[]> {
  const found: Row[] = [];
  let cursor = '';
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const params = { category: 'linear', limit: 1000, ...(cursor === '' ? {} : { cursor }) };
    const body = await ask({ endpoint: 'publicGetV5MarketInstrumentsInfo', params, weight: 1 });
    found.push(...listOf(body));
    const next = row(row(body)['result'])['nextPageCursor'];
    if (typeof next !== 'string' || next === '' || next === cursor) return found.flatMap((listed) => readInstrument(listed) ?? []);
    cursor = next;
  }
  throw new UnreadableAnswer('the pages of the list of instruments never end');
}

export async function positions(ask: Asking, symbolOf: SymbolOf): Promise<readonly VenuePosition[]> {
  const told = await pages(ask, 'privateGetV5PositionList', { category: 'linear', settleCoin: 'USDT', limit: 200 });
  const held = told.filter((each) => amountOrZero(each, 'size') !== '0' || oneWay(each) !== each);
  if (held.length === 0) return [];
  const marginMode = readMarginMode(await ask(MARGIN_MODE));
  return held.flatMap((each) => {
    const symbol = symbolOf(text(each, 'symbol'));
    return symbol === null ? [] : (readPosition(each, symbol, marginMode) ?? []);
  });
}

export async function terms(ask: Asking, symbol: string): Promise<HeldTerms> {
  const told = await pages(ask, 'privateGetV5PositionList', { category: 'linear', symbol: marketId(symbol) });
  const [position] = told.map(oneWay);
  if (position === undefined || position['symbol'] !== marketId(symbol)) throw new UnreadableAnswer(`nothing in it is about ${symbol}`);
  return { leverage: Number(amountOrZero(position, 'leverage')), marginMode: readMarginMode(await ask(MARGIN_MODE)) };
}

/** The margin mode is the account's own and changes for everything in it: only while nothing is open it is changed from here. */
export async function changeTerms(ask: Asking, symbol: string, held: HeldTerms, wanted: HeldTerms): Promise<readonly Ask[]> {
  const leverage = String(wanted.leverage);
  const changes: Ask[] = [];
  if (held.marginMode !== wanted.marginMode) {
    if (!(await isAllFlat(ask)))
      throw unsupported(
        `The Bybit account margins all of its positions ${held.marginMode === 'isolated' ? 'isolated' : 'crosswise'}, and some are open or ordered; close them or switch it to ${wanted.marginMode} margin at Bybit`,
      );
    changes.push(
      change('privatePostV5AccountSetMarginMode', { setMarginMode: wanted.marginMode === 'isolated' ? 'ISOLATED_MARGIN' : 'REGULAR_MARGIN' }, MODE_WEIGHT),
    );
  }
  if (held.leverage !== wanted.leverage)
    changes.push(change('privatePostV5PositionSetLeverage', { category: 'linear', symbol: marketId(symbol), buyLeverage: leverage, sellLeverage: leverage }));
  return changes;
}

function change(endpoint: string, params: Ask['params'], accountWeight: number = ACCOUNT_WEIGHTS.checkKey): Ask {
  return { endpoint, params, weight: 1, accountWeight };
}

async function isAllFlat(ask: Asking): Promise<boolean> {
  for (const book of BOOKS)
    for (const endpoint of ['privateGetV5PositionList', 'privateGetV5OrderRealtime'])
      if ((await pages(ask, endpoint, { ...book, limit: 50 })).length > 0) return false;
  return true;
}

const MARGIN_MODE: Ask = { endpoint: 'privateGetV5AccountInfo', params: {}, weight: 1, accountWeight: ACCOUNT_WEIGHTS.read };

/** Own funding in one instrument from `since` on; the log is by coin. `now` is venue time. */
export async function fundingSince(ask: Asking, symbol: string, since: number, now: number): Promise<readonly FundingPayment[]> {
  const [baseCoin = ''] = symbol.split('/');
  const about = { accountType: 'UNIFIED', category: 'linear', type: 'SETTLEMENT', baseCoin, limit: 50 };
  const found: Row[] = [];
  let from = Math.max(0, Math.floor(since), Math.floor(now - KEPT_MS));
  for (; now - from >= WINDOW_MS; from += WINDOW_MS)
    found.push(...(await pages(ask, 'privateGetV5AccountTransactionLog', { ...about, startTime: from, endTime: from + WINDOW_MS - 1 }, LOG_WEIGHT)));
  found.push(...(await pages(ask, 'privateGetV5AccountTransactionLog', { ...about, startTime: from }, LOG_WEIGHT)));
  const own = found.filter((each) => each['symbol'] === marketId(symbol) && each['type'] === 'SETTLEMENT');
  const payments = new Map(own.map((each) => [text(each, 'id'), readPayment(each, symbol)]));
  return [...payments.values()].filter(({ at }) => at >= since).sort((one, other) => one.at - other.at);
}
