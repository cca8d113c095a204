/**
 * What scanners read of a venue in bulk: everything listed, all best prices at once, all funding rates with their intervals. A dialect says
 * what to ask and how rows read; coins, multipliers and units are the same for all. A row that makes no sense is counted and left out.
 */
import { PortError } from '#core/errors.ts';
import type { Instrument } from '#core/instrument.ts';
import type { Book } from '#core/market-data.ts';
import { writtenInstrument } from '#core/posts/ticker.ts';
import {
  type CoinNetwork,
  type Depth,
  type FundingNews,
  type Listing,
  listingKey,
  type MarketScan,
  type Reading,
  type Top,
} from '#core/signals/market-scan.ts';
import type { TokenContract, TransferState } from '#core/signals/signal.ts';
import type { MarketData } from '#core/venue-ports.ts';
import { cells, type Row, text, UnreadableAnswer } from './_fields.ts';
import type { Ask, Asking } from './_request.ts';

export type ScanMarket = 'spot' | 'futures';

/** Levels a side that scanners look at. */
export const SCAN_LEVELS = 50;
/** Sweeps come every two seconds; prices of so long ago were missed several times. */
const STALE_AFTER_MS = 10_000;
/** A rate beyond this is a misprint, or in another unit. */
const MAX_RATE = 0.1;
const MAX_INTERVAL_HOURS = 24;
const HOUR_MS = 3_600_000;

/** The markets of a venue as scanners use them: for lists, for books, and to ask. */
export type ScannedMarkets = Readonly<Record<ScanMarket, Pick<MarketData, 'instruments' | 'book'> & { readonly asking: Asking }>>;

/** Something listed, in the venue's own units. */
export interface ListedRow {
  readonly id: string;
  readonly market: ScanMarket;
  readonly symbol: string;
  /** As the venue writes it, multiplier and all. */
  readonly base: string;
  readonly quote: string;
  /** Units of `base` in one of what sizes are counted in. */
  readonly contractSize: number;
  readonly takerFeeRate: number;
  readonly contracts: readonly TokenContract[];
  readonly transfer: TransferState | null;
  readonly networks?: readonly CoinNetwork[];
}

/** Best prices in the venue's own units; a size that is not told is 0. */
export interface TopRow {
  readonly bid: number;
  readonly bidSize: number;
  readonly ask: number;
  readonly askSize: number;
}

export type FundingRow = Omit<FundingNews, 'key'>;

export interface ScanDialect {
  readonly venue: string;
  readonly title: string;
  readonly asking: Readonly<Record<ScanMarket, Asking>>;
  /** Under which rows name what they are about. */
  readonly idField: string;
  /** Each market by itself: one may be reached while the other is not. */
  readonly list: Readonly<Record<ScanMarket, () => Promise<readonly ListedRow[]>>>;
  readonly tops: Readonly<Record<ScanMarket, { readonly ask: Ask; readonly rows: (body: unknown) => readonly Row[]; readonly read: (row: Row) => TopRow }>>;
  /** Rows that all carry their interval; what cannot be known for certain is no row. */
  readonly fundings: (ask: Asking) => Promise<{ readonly rows: readonly Row[]; readonly read: (row: Row) => FundingRow }>;
  /** Sizes in units of what it lists as the base. */
  readonly depth: (listed: ListedRow) => Promise<Depth>;
}

/** Puts a dialect to work. */
export function marketScan(dialect: ScanDialect, now: () => number): MarketScan {
  const listed = new Map<string, ListedRow>();
  const byId = { spot: new Map<string, string>(), futures: new Map<string, string>() };
  // What is told of others, such as dated futures, is nothing to us.
  const known = (market: ScanMarket, told: Row, asked: ReadonlyMap<string, Listing>): { readonly listing: Listing; readonly row: ListedRow } | null => {
    const key = byId[market].get(text(told, dialect.idField)) ?? '';
    const [listing, row] = [asked.get(key), listed.get(key)];
    return listing === undefined || row === undefined ? null : { listing, row };
  };
  const topsOf = (market: ScanMarket) => async (asked: ReadonlyMap<string, Listing>) => {
    const { ask, rows, read } = dialect.tops[market];
    const body = await dialect.asking[market](ask);
    const found = await readable(dialect, async () => rows(body));
    return readRows(dialect, found, (row) => {
      const place = known(market, row, asked);
      return place === null ? null : topOf(read(row), place.listing, place.row.contractSize);
    });
  };
  const lists: Record<ScanMarket, readonly Listing[]> = { spot: [], futures: [] };
  const listOf = async (market: ScanMarket): Promise<void> => {
    const rows = await readable(dialect, dialect.list[market]);
    const found = rows.flatMap((row) => {
      const listing = listingOf(dialect.venue, row);
      return listing === null ? [] : [{ row, listing }];
    });
    if (found.length === 0) throw unreadable(dialect, `it lists nothing of ${market} that can be compared`);
    for (const { row, listing } of found) {
      listed.set(listing.key, row);
      byId[market].set(row.id, listing.key);
    }
    lists[market] = found.map(({ listing }) => listing);
  };
  return {
    listings: async () => {
      const results = await Promise.allSettled([listOf('spot'), listOf('futures')]);
      const [problem = null] = results.flatMap((result): Error[] => (result.status === 'rejected' ? [result.reason] : []));
      const listings = [...lists.spot, ...lists.futures];
      if (listings.length === 0 && problem !== null) throw problem;
      return { listings, problem };
    },
    tops: { spot: topsOf('spot'), futures: topsOf('futures') },
    fundings: async (asked) => {
      const { rows, read } = await readable(dialect, () => dialect.fundings(dialect.asking.futures));
      return readRows(dialect, rows, (row) => {
        const place = known('futures', row, asked);
        return place === null ? null : fundingOf(read(row), place.listing, now());
      });
    },
    depth: async ({ key, multiplier }) => {
      const row = listed.get(key);
      if (row === undefined) throw new PortError('symbol_unknown', `${key} is not listed`, { outcome: 'failed' });
      const { bids, asks } = await readable(dialect, () => dialect.depth(row));
      return { bids: inCoins(bids, multiplier), asks: inCoins(asks, multiplier) };
    },
  };
}

/** Of a venue whose market data tells lists and books already: what is its own is how best prices and rates are asked for. */
export function scanOfMarkets(markets: ScannedMarkets, dialect: Omit<ScanDialect, 'asking' | 'depth'>, now: () => number): MarketScan {
  const asking = { spot: markets.spot.asking, futures: markets.futures.asking };
  const depth: ScanDialect['depth'] = async ({ market, symbol }) => depthOfBook(await markets[market].book(symbol, SCAN_LEVELS));
  return marketScan({ ...dialect, asking, depth }, now);
}

/** A number that the venue writes as such or as a text; NaN never passes. */
export function numberIn(row: Row, field: string): number {
  const value = row[field];
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) throw new UnreadableAnswer(`${field} is not a number`);
  return number;
}

/** The same where the venue may say nothing. */
export function numberOrNull(row: Row, field: string): number | null {
  const value = row[field];
  return value === undefined || value === null || value === '' ? null : numberIn(row, field);
}

/** A price or size that is left empty while nobody wants the thing: 0 then. One that is not there at all has another name by now. */
function numberOrZero(row: Row, field: string): number {
  return row[field] === null || row[field] === '' ? 0 : numberIn(row, field);
}

/** A book whose levels are lists that begin with price and size, under `bids` and `asks`; `unit` is what one of the size is. */
export function depthInCells(body: Row, unit = 1): Depth {
  return { bids: levelsIn(body['bids'], unit), asks: levelsIn(body['asks'], unit) };
}

/** A book of the venue's market data, which counts in base units already. */
function depthOfBook({ bids, asks }: Book): Depth {
  const flat = (levels: Book['bids']): Float64Array => Float64Array.from(levels.flatMap(([price, size]) => [Number(price), Number(size)]));
  return { bids: flat(bids), asks: flat(asks) };
}

function levelsIn(levels: unknown, unit: number): Float64Array {
  const flat = Float64Array.from(cells(levels).flatMap((cell) => [numberIn(cell, '0'), numberIn(cell, '1') * unit]));
  if (flat.some((value) => value < 0)) throw new UnreadableAnswer('a level below zero');
  return flat;
}

/** Best prices under these names of bid, its size, ask and its size; `null` for a size that is not told. */
export function topUnder(bid: string, bidSize: string | null, ask: string, askSize: string | null): (row: Row) => TopRow {
  const sizeIn = (row: Row, field: string | null): number => (field === null ? 0 : numberOrZero(row, field));
  return (row) => ({ bid: numberOrZero(row, bid), bidSize: sizeIn(row, bidSize), ask: numberOrZero(row, ask), askSize: sizeIn(row, askSize) });
}

/** Rows of the instruments that the venue's market data tells of already. */
export function listedInstruments(markets: ScannedMarkets, marketId: (symbol: string) => string, transfer: TransferState): ScanDialect['list'] {
  const of = (market: ScanMarket) => async () =>
    [...(await markets[market].instruments()).values()]
      .filter(({ status }) => status === 'trading')
      .map((instrument) => listedRow(instrument, marketId, transfer));
  return { spot: of('spot'), futures: of('futures') };
}

function listedRow(
  { symbol, kind, base, quote, perpetual, takerFeeRate }: Instrument,
  marketId: (symbol: string) => string,
  transfer: TransferState,
): ListedRow {
  const isSpot = kind === 'spot';
  return {
    ...{ id: marketId(symbol), market: isSpot ? 'spot' : 'futures', symbol, base, quote, contractSize: Number(perpetual?.contractSize ?? 1) },
    ...{ takerFeeRate: Math.max(0, Number(takerFeeRate)), contracts: [], transfer: isSpot ? transfer : null },
  };
}

/** Lines of a list that can be read; a list of which none can is in another language. `null` is a line about something else. */
export function readLines(lines: readonly Row[], read: (line: Row) => ListedRow | null): readonly ListedRow[] {
  let unread: UnreadableAnswer | null = null;
  const found = lines.flatMap((line) => {
    try {
      return read(line) ?? [];
    } catch (error) {
      if (!(error instanceof UnreadableAnswer)) throw error;
      unread = error;
      return [];
    }
  });
  if (found.length === 0 && unread !== null) throw unread;
  return found;
}

/** Of a venue that tells deposits and withdrawals to holders of a key alone. */
export function transfersNotTold(title: string): TransferState {
  return { canDeposit: null, canWithdraw: null, withdrawFee: null, note: `${title} tells deposits and withdrawals only to holders of a key` };
}

function listingOf(venue: string, { market, symbol, base, quote, takerFeeRate, contracts, transfer, networks, contractSize }: ListedRow): Listing | null {
  const named = writtenInstrument(base, quote);
  if (named === null || !(takerFeeRate >= 0 && takerFeeRate < 0.1) || !(contractSize > 0)) return null;
  return {
    ...{ key: listingKey(venue, market, symbol), venue, market, symbol, base: named.base, quote, multiplier: named.multiplier },
    ...(networks === undefined ? {} : { networks }),
    ...{ takerFeeRate, contracts, transfer, pool: null, isQuotable: true, fixedCost: 0, staleAfterMs: STALE_AFTER_MS },
  };
}

/** A side that is empty leaves no price to compare. */
function topOf({ bid, bidSize, ask, askSize }: TopRow, { key, multiplier }: Listing, contractSize: number): Top {
  if (bid < 0 || ask < 0 || bidSize < 0 || askSize < 0 || (bid > 0 && ask > 0 && bid > ask)) throw new UnreadableAnswer('prices that cannot be');
  const coins = multiplier * contractSize;
  return {
    key,
    bid: bid / multiplier,
    bidSize: bidSize * coins,
    ask: ask > 0 ? ask / multiplier : Number.POSITIVE_INFINITY,
    askSize: askSize * coins,
  };
}

function fundingOf(news: FundingRow, { key, multiplier }: Listing, now: number): FundingNews {
  const { rate, intervalHours, nextAt, indexPrice } = news;
  if (Math.abs(rate) > MAX_RATE) throw new UnreadableAnswer(`a funding rate of ${rate}`);
  if (!(intervalHours > 0 && intervalHours <= MAX_INTERVAL_HOURS)) throw new UnreadableAnswer(`an interval of ${intervalHours} hours`);
  if (!(nextAt > now - HOUR_MS && nextAt < now + (MAX_INTERVAL_HOURS + 1) * HOUR_MS)) throw new UnreadableAnswer(`a settlement at ${nextAt}`);
  return { key, ...news, indexPrice: indexPrice !== null && indexPrice > 0 ? indexPrice / multiplier : null };
}

function inCoins(levels: Float64Array, multiplier: number): Float64Array {
  return multiplier === 1 ? levels : levels.map((value, at) => (at % 2 === 0 ? value / multiplier : value * multiplier));
}

/** What cannot be read is a failure of the venue, not of ours. */
async function readable<Found>(dialect: Pick<ScanDialect, 'title'>, read: () => Promise<Found>): Promise<Found> {
  try {
    return await read();
  } catch (error) {
    throw error instanceof UnreadableAnswer ? unreadable(dialect, error.message) : error;
  }
}

/** Where not one row of many can be read the venue speaks otherwise than we do, and that is a failure. */
function readRows<Told>(dialect: ScanDialect, rows: readonly Row[], read: (row: Row) => Told | null): Reading<Told> {
  const told: Told[] = [];
  let unreadableRows = 0;
  let lastProblem = 'there is nothing in it';
  for (const row of rows) {
    try {
      const found = read(row);
      if (found !== null) told.push(found);
    } catch (error) {
      if (!(error instanceof UnreadableAnswer)) throw error;
      unreadableRows += 1;
      lastProblem = error.message;
    }
  }
  if (told.length === 0 && (rows.length === 0 || unreadableRows > 0)) throw unreadable(dialect, lastProblem);
  return { rows: told, unreadable: unreadableRows };
}

function unreadable({ title }: Pick<ScanDialect, 'title'>, problem: string): PortError {
  return new PortError('venue_unavailable', `${title} gave an answer that cannot be read: ${problem}`, { outcome: 'failed' });
}
