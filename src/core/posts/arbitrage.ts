/** Turns the gathered fields of a stretch into a claim of arbitrage, with the spread computed again from its own figures. */
import { type Decimal, decimal, plain } from '../money.ts';
import type { ArbitrageFields } from './arbitrage-fields.ts';
import { type LegItem, splitLine } from './leg-lines.ts';
import { type ArbitrageClaim, MAX_DISTANCE, type PostLeg, type PostRefusal, refused } from './post.ts';

/** Stated and recomputed may differ so much before the post contradicts itself: percentage points, or a share of what is stated. */
const MAX_GAP_POINTS = { prices: '0.5', funding: '0.05' };
const MAX_GAP_SHARE = '0.25';
/** What rounding explains, in percentage points. */
const ROUNDING_POINTS = { prices: '0.06', funding: '0.006' };
const SPREAD_PLACES = 4;

/** The claim, or what is missing from it or wrong with it. */
export function readArbitrage(fields: ArbitrageFields): ArbitrageClaim | PostRefusal {
  const [first] = fields.instruments;
  if (first === undefined) return refused(fields.items.flat().some(({ kind }) => kind === 'value') ? 'no_instrument' : 'no_signal');
  const bases = new Set(fields.instruments.map(({ base }) => base));
  const quotes = new Set(fields.instruments.flatMap(({ quote }) => (quote === null ? [] : [quote])));
  if (bases.size > 1 || quotes.size > 1) return refused('two_instruments', [...bases, ...quotes].join(', '));
  const legs = legsOf(fields);
  if ('kind' in legs) return legs;
  const strategy = strategyOf(fields, legs);
  if (typeof strategy !== 'string') return strategy;
  const [stated = null, other] = fields.statedSpreads;
  if (other !== undefined) return refused('contradiction', `spread ${stated}% and ${other}%`);
  if (fields.contracts.size > 1) return refused('contradiction', 'two token contracts');
  const state = fields.roles.has('closed') ? 'closed' : 'open';
  const ordered = state === 'open' ? inOrder(legs, strategy === 'funding') : legs;
  if ('kind' in ordered) return ordered;
  const spread = spreadsOf(ordered, strategy === 'funding');
  if (spread !== null && 'kind' in spread) return spread;
  const gap = spread === null || stated === null ? null : nearest(spread, decimal(stated).abs());
  const scale = strategy === 'funding' ? 'funding' : 'prices';
  if (gap !== null && stated !== null && gap.gt(MAX_GAP_POINTS[scale]) && gap.gt(decimal(stated).abs().times(MAX_GAP_SHARE)))
    return refused('contradiction', `spread stated ${stated}%, its own figures give ${spread === null ? '' : plain(spread[0])}%`);
  return {
    kind: 'arbitrage',
    strategy,
    state,
    base: first.base,
    quote: [...quotes][0] ?? null,
    legs: ordered,
    statedSpread: stated,
    recomputedSpread: spread === null ? null : plain(spread[0].toDecimalPlaces(SPREAD_PLACES)),
    hasGap: gap?.gt(ROUNDING_POINTS[scale]) ?? false,
    contract: [...fields.contracts][0] ?? null,
    status: 'unverified',
  };
}

type Legs = readonly [PostLeg, PostLeg];

function legsOf(fields: ArbitrageFields): Legs | PostRefusal {
  const all = fields.items.flat();
  const lonely = {
    venue: only(all.flatMap((item) => (item.kind === 'venue' ? [item] : []))),
    market: only(all.flatMap((item) => (item.kind === 'market' ? [item] : []))),
    multipliers: new Set(fields.instruments.map(({ multiplier }) => multiplier)),
  };
  const halves: (readonly LegItem[])[] = [];
  for (const line of fields.items) {
    if (!line.some(({ kind }) => kind === 'value')) continue;
    const split = splitLine(line);
    if (split === null) return refused('two_readings', 'which price is whose');
    halves.push(...split);
  }
  if (halves.length === 0 && fields.roles.has('closed')) return placesOf(all, lonely.multipliers);
  const legs: PostLeg[] = [];
  for (const half of halves) {
    const leg = legOf(half, lonely, fields);
    if ('kind' in leg) return leg;
    legs.push(leg);
  }
  return pairOfLegs(legs);
}

interface Lonely {
  readonly venue: Extract<LegItem, { kind: 'venue' }> | null;
  readonly market: Extract<LegItem, { kind: 'market' }> | null;
  readonly multipliers: ReadonlySet<number>;
}

/** A half of its own words; what the whole stretch names but once holds for both. */
function legOf(half: readonly LegItem[], lonely: Lonely, fields: ArbitrageFields): PostLeg | PostRefusal {
  const venue = half.find((item) => item.kind === 'venue') ?? lonely.venue;
  const value = half.find((item) => item.kind === 'value');
  const side = half.find((item) => item.kind === 'side')?.side ?? null;
  if (venue === null || value === undefined) return refused('incomplete', 'a price without its venue');
  const own = half.find((item) => item.kind === 'market')?.market ?? lonely.market?.market;
  const market = venue.isDex ? 'dex' : fields.isFunding ? 'futures' : own;
  if (market === undefined) return refused('incomplete', `${venue.name}: spot or futures`);
  const multiplier = half.find((item) => item.kind === 'multiplier')?.multiplier ?? (lonely.multipliers.size === 1 ? [...lonely.multipliers][0] : undefined);
  if (multiplier === undefined) return refused('two_readings', 'which price counts how many coins');
  if (fields.isFunding) {
    if (own === 'spot' || venue.isDex) return refused('contradiction', 'funding without futures');
    return { venue: venue.name, market, multiplier, price: null, fundingPercent: value.value, fundingHours: value.hours, side };
  }
  if (decimal(value.value).isZero()) return refused('contradiction', 'a price of 0');
  const [funding] = market === 'futures' && fields.fundings.length === 1 && lonely.venue !== null ? fields.fundings : [];
  return {
    venue: venue.name,
    market,
    multiplier,
    price: value.value,
    fundingPercent: funding?.percent ?? null,
    fundingHours: funding?.hours ?? null,
    side,
  };
}

/** Where a spread that is over was, when the post no longer gives prices. */
function placesOf(items: readonly LegItem[], multipliers: ReadonlySet<number>): Legs | PostRefusal {
  const venues = [...new Set(items.flatMap((item) => (item.kind === 'venue' && !item.isDex ? [item.name] : [])))];
  const markets = [...new Set(items.flatMap((item) => (item.kind === 'market' ? [item.market] : [])))];
  const dex = items.find((item) => item.kind === 'venue' && item.isDex);
  const [multiplier = 1] = multipliers;
  const bare = { multiplier, price: null, fundingPercent: null, fundingHours: null, side: null };
  const places = venues.flatMap((venue) => markets.map((market) => ({ venue, market, ...bare })));
  if (dex?.kind === 'venue') places.push({ venue: dex.name, market: 'dex', ...bare });
  return multipliers.size > 1 ? refused('two_readings', 'two multipliers') : pairOfLegs(places);
}

function pairOfLegs(legs: readonly PostLeg[]): Legs | PostRefusal {
  const [one, other] = legs;
  if (one === undefined || other === undefined) return refused('incomplete', 'fewer than two places');
  if (legs.length > 2) return refused('two_readings', 'more than two places');
  return one.venue === other.venue && one.market === other.market ? refused('contradiction', `${one.venue} ${one.market} twice`) : [one, other];
}

function strategyOf({ isFunding }: ArbitrageFields, [one, other]: Legs): ArbitrageClaim['strategy'] | PostRefusal {
  if (isFunding) return 'funding';
  const decentralised = [one, other].filter(({ market }) => market === 'dex').length;
  if (decentralised === 2) return refused('two_readings', 'two decentralised exchanges');
  if (decentralised === 1) return 'cex_dex';
  return one.market === other.market ? 'cross_venue' : 'spot_futures';
}

/** What is bought first: the cheaper price, the lower rate. A post that buys the dearer one contradicts itself. */
function inOrder([one, other]: Legs, isFunding: boolean): Legs | PostRefusal {
  const [first, second] = isFunding ? [rate(one), rate(other)] : [perCoin(one), perCoin(other)];
  const legs: Legs = first.lte(second) ? [one, other] : [other, one];
  const [buy, sell] = legs;
  if (buy.side !== null && buy.side === sell.side) return refused('two_sides');
  if (!first.eq(second) && (buy.side === 'sell' || sell.side === 'buy')) return refused('contradiction', `buys the dearer: ${sell.venue} ${sell.market}`);
  return legs;
}

/** The spread in percent, of the cheaper price first; then as others reckon it, of the dearer and of the middle. */
function spreadsOf([one, other]: Legs, isFunding: boolean): readonly [Decimal, ...Decimal[]] | null | PostRefusal {
  if (isFunding) return one.fundingPercent === null || other.fundingPercent === null ? null : [rate(other).minus(rate(one)).abs()];
  if (one.price === null || other.price === null) return null;
  const [first, second] = [perCoin(one), perCoin(other)];
  const [low, high] = first.lt(second) ? [first, second] : [second, first];
  if (high.gt(low.times(MAX_DISTANCE))) return refused('contradiction', `${plain(high)} is far from ${plain(low)}`);
  const difference = high.minus(low).times(100);
  return [difference.div(low), difference.div(high), difference.div(low.plus(high).div(2))];
}

function nearest(spreads: readonly [Decimal, ...Decimal[]], stated: Decimal): Decimal {
  return spreads.map((spread) => spread.minus(stated).abs()).reduce((least, gap) => (gap.lt(least) ? gap : least));
}

function perCoin({ price, multiplier }: PostLeg): Decimal {
  return decimal(price ?? '0').div(multiplier);
}

function rate({ fundingPercent }: PostLeg): Decimal {
  return decimal(fundingPercent ?? '0');
}

/** The one thing a stretch names, or null when it names none or several. */
function only<Item extends LegItem>(items: readonly Item[]): Item | null {
  const [first] = items;
  return first !== undefined && items.every((item) => JSON.stringify(item) === JSON.stringify(first)) ? first : null;
}
