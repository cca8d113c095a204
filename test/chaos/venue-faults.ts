/** What goes wrong at a venue itself: the simulator's own faults, its clock, its prices, its halts, and people who trade by hand. */
import type { AfterKind, BeforeKind, Fault, StreamKind } from '../venues/_faults.ts';
import type { Random } from '../venues/_random.ts';
import { between, pick, type Storm, type Tally } from './draws.ts';
import type { RunningVenue } from './venues.ts';

const OPERATIONS = ['placeOrder', 'placeOrder', 'placeOrder', 'cancelOrder', 'findOrder', 'openOrders', 'fills', 'balances', 'quote', 'time'] as const;
const BEFORE: readonly [BeforeKind, ...BeforeKind[]] = ['hang', 'reset', 'status', 'rateLimited', 'banned', 'maintenance', 'latency'];
const AFTER: readonly [AfterKind, ...AfterKind[]] = ['hang', 'reset', 'status', 'stateUnknown', 'cut', 'junk', 'slow'];
const STREAM: readonly [StreamKind, ...StreamKind[]] = ['drop', 'refuse', 'silent', 'lose', 'duplicate', 'reorder', 'delay'];
const ACTS = ['skew', 'drop', 'release', 'halt', 'gap', 'hand'] as const;
export const SYMBOLS = ['BTC/USDT', 'ETH/USDT', 'BNB/USDT'] as const;
const START_PRICES: Readonly<Record<(typeof SYMBOLS)[number], number>> = { 'BTC/USDT': 60_000, 'ETH/USDT': 3_000, 'BNB/USDT': 600 };

/** A venue's reads lag behind by at most this; the margin after an order's deadline is there for it. */
const LAG_MS = 30_000;

/**
 * What stands for the whole storm: a slow network, so that many kills fall between sending and hearing; orders that
 * arrive late in their window or whose answer never comes; reads that do not know yet what was placed.
 */
const WEATHER: readonly Fault[] = [
  { where: 'before', kind: 'latency', operation: 'placeOrder', ms: 3_500, probability: 0.12, count: null },
  { where: 'before', kind: 'latency', operation: 'placeOrder', ms: 120, probability: 0.4, count: null },
  { where: 'before', kind: 'notFound', operation: 'findOrder', maxAgeMs: LAG_MS, probability: 0.4, count: null },
  { where: 'after', kind: 'reset', operation: 'placeOrder', probability: 0.03, count: null },
  { where: 'after', kind: 'hang', operation: 'placeOrder', probability: 0.02, count: null },
  { where: 'after', kind: 'slow', operation: 'placeOrder', ms: 150, probability: 0.4, count: null },
  { where: 'after', kind: 'reset', operation: 'cancelOrder', probability: 0.05, count: null },
  { where: 'stream', kind: 'lose', stream: 'private', probability: 0.03, count: null },
  { where: 'stream', kind: 'duplicate', stream: 'private', probability: 0.05, count: null },
];

export async function startWeather(venue: RunningVenue): Promise<void> {
  for (const fault of WEATHER) await venue.tell('faults', fault);
}

/** A fault of the simulator's list, or an act of the world around it. A ban that would outlast the storm is none: whoever obeys it cannot settle. */
export async function venueFault(venue: RunningVenue, accounts: readonly string[], random: Random, storm: Storm, tally: Tally): Promise<void> {
  const place = random();
  if (place < 0.25) return await act(venue, accounts, random, storm, tally);
  const drawn = place < 0.5 ? before(random) : place < 0.75 ? after(random) : stream(random);
  const fault: Fault = drawn.kind === 'banned' && venue.venue.banMs > storm.leftMs ? { ...drawn, kind: 'rateLimited' } : drawn;
  await venue.tell('faults', fault);
  tally.add('venue faults', `${fault.where}:${fault.kind}`);
}

function before(random: Random): Fault {
  const kind = pick(random, BEFORE);
  const common = { count: between(random, 1, 3), ms: between(random, 100, 7_000), status: pick(random, [500, 502, 503]) };
  return { where: 'before', kind, operation: pick(random, OPERATIONS), ...common, retryAfter: between(random, 1, 10) };
}

function after(random: Random): Fault {
  const kind = pick(random, AFTER);
  return {
    where: 'after',
    kind,
    operation: pick(random, OPERATIONS),
    count: between(random, 1, 3),
    ms: between(random, 100, 9_000),
    status: pick(random, [500, 502, 503]),
  };
}

function stream(random: Random): Fault {
  const kind = pick(random, STREAM);
  return { where: 'stream', kind, stream: pick(random, ['private', 'private', 'public']), count: between(random, 1, 5), ms: between(random, 50, 5_000) };
}

async function act(venue: RunningVenue, accounts: readonly string[], random: Random, storm: Storm, tally: Tally): Promise<void> {
  const name = pick(random, ACTS);
  const symbol = pick(random, SYMBOLS);
  tally.add('acts of the venue', name);
  if (name === 'drop') return await venue.tell('drop', random() < 0.5 ? { stream: 'private' } : {});
  if (name === 'release') return await venue.tell('release', {});
  if (name === 'skew') return await venue.tell('skew', { ms: between(random, -3_000, 3_000) });
  if (name === 'gap') return await venue.tell('price', { symbol, price: (START_PRICES[symbol] * (1 + (random() - 0.5) * 0.04)).toFixed(1) });
  if (name === 'hand')
    return await venue.tell('order', { account: accounts[Math.floor(random() * accounts.length)], symbol, side: pick(random, ['buy', 'sell']), size: '0.02' });
  await venue.tell('halt', { symbol, halted: true });
  await storm.sleep(between(random, 500, 6_000));
  await venue.tell('halt', { symbol, halted: false });
}

/** Everything is well again. */
export async function healVenue(venue: RunningVenue): Promise<void> {
  await venue.clearFaults();
  await venue.tell('skew', { ms: 0 });
  for (const symbol of SYMBOLS) await venue.tell('halt', { symbol, halted: false });
}
