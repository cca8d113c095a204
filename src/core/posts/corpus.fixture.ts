/** Shorthand for what the posts of the corpus must be read as: every field is stated or stands at its plain value here. */
import type { ArbitrageClaim, CallChange, CallEntry, CallLevel, CallUpdate, PostEvent, PostInstrument, PostLeg, TradeCall } from './post.ts';

/** A post and all that must be read out of it. */
export interface Example {
  readonly text: string;
  readonly replyTo?: string;
  readonly events: readonly PostEvent[];
}

export function coin(written: string, multiplier = 1): PostInstrument {
  const [base = '', quote = null] = written.split('/');
  return { base, quote, multiplier };
}

type CallRest = Partial<Pick<TradeCall, 'market' | 'venues' | 'shares' | 'leverage' | 'margin' | 'instrument'>>;

/** A call with prices for levels; `5%` is a distance. */
export function call(pair: string, side: 'long' | 'short', entry: CallEntry, targets: string, stop: string | null, rest: CallRest = {}): TradeCall {
  return {
    kind: 'call',
    instrument: coin(pair),
    side,
    market: null,
    venues: [],
    entry,
    targets: targets === '' ? [] : targets.split(' ').map(level),
    shares: null,
    stop: stop === null ? null : level(stop),
    leverage: null,
    margin: null,
    status: 'unverified',
    ...rest,
  };
}

function level(text: string): CallLevel {
  return text.endsWith('%') ? { percent: text.slice(0, -1) } : { price: text };
}

export const MARKET: CallEntry = { kind: 'market' };
export const at = (...prices: string[]): CallEntry => ({ kind: 'prices', prices });
export const range = (low: string, high: string): CallEntry => ({ kind: 'range', low, high, isZone: false });
export const zone = (low: string, high: string): CallEntry => ({ kind: 'range', low, high, isZone: true });
export const times = (min: number, max = min) => ({ min, max });

export function update(pair: string | null, change: CallChange, replyTo: string | null = null): CallUpdate {
  return { kind: 'update', instrument: pair === null ? null : coin(pair), replyTo, change, status: 'unverified' };
}

export function leg(venue: string, market: PostLeg['market'], price: string | null, rest: Partial<PostLeg> = {}): PostLeg {
  return { venue, market, multiplier: 1, price, fundingPercent: null, fundingHours: null, side: null, ...rest };
}

export function rate(venue: string, fundingPercent: string, fundingHours: number | null = null, rest: Partial<PostLeg> = {}): PostLeg {
  return leg(venue, 'futures', null, { fundingPercent, fundingHours, ...rest });
}

/** A claim; the cheaper leg first. */
export function claim(
  strategy: ArbitrageClaim['strategy'],
  pair: string,
  legs: ArbitrageClaim['legs'],
  statedSpread: string | null,
  recomputedSpread: string | null,
  rest: Partial<Pick<ArbitrageClaim, 'state' | 'hasGap' | 'contract'>> = {},
): ArbitrageClaim {
  const { base, quote } = coin(pair);
  return {
    kind: 'arbitrage',
    strategy,
    state: 'open',
    base,
    quote,
    legs,
    statedSpread,
    recomputedSpread,
    hasGap: false,
    contract: null,
    status: 'unverified',
    ...rest,
  };
}
