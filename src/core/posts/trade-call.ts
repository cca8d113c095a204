/** Turns the gathered fields of a stretch into a call to open a position, where they are whole and agree with each other. */
import { type Decimal, decimal, plain } from '../money.ts';
import type { CallFields } from './call-fields.ts';
import { type CallEntry, type CallLevel, MAX_DISTANCE, type PostInstrument, type PostRefusal, type PostSide, refused, type TradeCall } from './post.ts';

const MAX_LEVERAGE = 200;

/** The call, or what is missing from it or wrong with it. */
export function readCall(fields: CallFields): TradeCall | PostRefusal {
  const { entries, targets, stops, roles, hasTick } = fields;
  if (entries.length + targets.length + stops.length === 0) return refused('no_signal');
  const instrument = instrumentOf(fields.instruments);
  if (instrument.kind === 'refused') return instrument;
  if (hasTick || roles.has('closed')) return refused('past_result', 'levels already reached');
  const side = sideOf(fields);
  if (typeof side !== 'string') return side;
  const entry = entryOf(fields);
  if (entry.kind === 'refused') return entry;
  if (targets.length + stops.length === 0) return refused('incomplete', 'neither target nor stop');
  const [stop = null, other] = stops;
  if (other !== undefined) return refused('two_readings', 'two stops');
  const market = marketOf(fields);
  if (market !== null && typeof market !== 'string') return market;
  const leverage = leverageOf(fields);
  if (leverage !== null && 'kind' in leverage) return leverage;
  if (market === 'spot' && (side === 'short' || leverage !== null)) return refused('contradiction', `spot with ${side === 'short' ? 'short' : 'leverage'}`);
  const wrong = levelsFault(side, entry, targets, stop);
  if (wrong !== null) return refused('contradiction', wrong);
  if (roles.has('cross') && roles.has('isolated')) return refused('two_readings', 'cross and isolated');
  return {
    kind: 'call',
    instrument: instrument.value,
    side,
    market,
    venues: [...fields.venues],
    entry,
    targets,
    shares: sharesOf(fields),
    stop,
    leverage,
    margin: roles.has('cross') ? 'cross' : roles.has('isolated') ? 'isolated' : null,
    status: 'unverified',
  };
}

/** The one instrument a stretch speaks of; a quote that is written once holds wherever the coin is named. */
export function instrumentOf(instruments: readonly PostInstrument[]): { readonly kind: 'instrument'; readonly value: PostInstrument } | PostRefusal {
  const [first] = instruments;
  if (first === undefined) return refused('no_instrument');
  const quotes = new Set(instruments.flatMap(({ quote }) => (quote === null ? [] : [quote])));
  const isOne = instruments.every(({ base, multiplier }) => base === first.base && multiplier === first.multiplier);
  if (!isOne || quotes.size > 1)
    return refused('two_instruments', [...new Set(instruments.map(({ base, quote }) => (quote === null ? base : `${base}/${quote}`)))].join(', '));
  return { kind: 'instrument', value: { ...first, quote: [...quotes][0] ?? null } };
}

function sideOf({ roles }: CallFields): PostSide | PostRefusal {
  const isLong = roles.has('long') || roles.has('buy');
  const isShort = roles.has('short') || roles.has('sell');
  if (isLong && isShort) return refused('two_sides');
  if (!isLong && !isShort) return refused('no_side');
  return isLong ? 'long' : 'short';
}

function entryOf({ entries, roles, isRange, bound }: CallFields): CallEntry | PostRefusal {
  const prices = entries.flatMap((level) => ('price' in level ? [level.price] : []));
  const [first, second] = prices;
  if (roles.has('market_order')) return first === undefined ? { kind: 'market' } : refused('two_readings', `at market or at ${first}`);
  if (first === undefined) return refused('incomplete', 'no entry');
  if (bound !== null) return second === undefined ? { kind: bound, price: first } : refused('two_readings', `${bound} ${first} or ${second}`);
  if (second === undefined || !isRange || prices.length > 2)
    return roles.has('zone') && prices.length !== 2 ? refused('two_readings', 'a zone without two ends') : { kind: 'prices', prices };
  const [low, high] = decimal(first).lt(second) ? [first, second] : [second, first];
  return { kind: 'range', low, high, isZone: roles.has('zone') };
}

function marketOf({ roles }: CallFields): 'spot' | 'futures' | null | PostRefusal {
  if (roles.has('dex')) return refused('two_readings', 'a decentralised exchange');
  if (roles.has('spot') && roles.has('futures')) return refused('two_readings', 'spot and futures');
  return roles.has('spot') ? 'spot' : roles.has('futures') ? 'futures' : null;
}

function leverageOf({ leverages }: CallFields): TradeCall['leverage'] | PostRefusal {
  if (leverages.length === 0) return null;
  if (leverages.length > 2 || leverages.some((value) => !Number.isInteger(value) || value < 1 || value > MAX_LEVERAGE))
    return refused('contradiction', `leverage ${leverages.join(', ')}`);
  return { min: Math.min(...leverages), max: Math.max(...leverages) };
}

function sharesOf({ shares, targets }: CallFields): readonly string[] | null {
  const given = shares.flatMap((share) => (share === null ? [] : [share]));
  if (given.length === 0 || given.length !== targets.length) return null;
  return given.reduce<Decimal>((sum, share) => sum.plus(share), decimal(0)).eq(100) ? given.map((share) => plain(decimal(share))) : null;
}

/** What stands on the wrong side of the entry, or too far from it, or out of turn. */
function levelsFault(side: PostSide, entry: CallEntry, targets: readonly CallLevel[], stop: CallLevel | null): string | null {
  const entries = entryPrices(entry).map(decimal);
  const isBetter = (one: Decimal, other: Decimal) => (side === 'long' ? one.gt(other) : one.lt(other));
  const stopPrice = stop !== null && 'price' in stop ? decimal(stop.price) : null;
  const levels = targets.flatMap((target) => ('price' in target ? [decimal(target.price)] : []));
  for (const [index, level] of levels.entries()) {
    const before = levels[index - 1];
    if (entries.some((price) => !isBetter(level, price))) return `target ${plain(level)} for a ${side}`;
    if (before !== undefined && !isBetter(level, before)) return `target ${plain(level)} after ${plain(before)}`;
    if (stopPrice !== null && !isBetter(level, stopPrice)) return `target ${plain(level)} and stop ${plain(stopPrice)} for a ${side}`;
  }
  if (stopPrice !== null && entries.some((price) => !isBetter(price, stopPrice))) return `stop ${plain(stopPrice)} for a ${side}`;
  const all = [...entries, ...levels, ...(stopPrice === null ? [] : [stopPrice])];
  const far = all.find((level) => all.some((other) => level.gt(other.times(MAX_DISTANCE))));
  if (far !== undefined) return `${plain(far)} is far from the rest`;
  const percents = [...targets, ...(stop === null ? [] : [stop])].flatMap((level) => ('percent' in level ? [level.percent] : []));
  return percents.some((percent) => decimal(percent).gte(100)) ? 'a level of 100% or more' : null;
}

/** Prices that an entry names, of which a market entry has none. */
export function entryPrices(entry: CallEntry): readonly string[] {
  switch (entry.kind) {
    case 'market':
      return [];
    case 'prices':
      return entry.prices;
    case 'range':
      return [entry.low, entry.high];
    case 'above':
    case 'below':
      return [entry.price];
  }
}
