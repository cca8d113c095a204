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

/** A fault of the simulator's list, or an act of the world around it. */
export async function venueFault(venue: RunningVenue, accounts: readonly string[], random: Random, storm: Storm, tally: Tally): Promise<void> {
  const place = random();
  if (place < 0.25) return await act(venue, accounts, random, storm, tally);
  const fault = place < 0.5 ? before(random) : place < 0.75 ? after(random) : stream(random);
  await venue.tell('faults', fault);
  tally.add('venue faults', `${fault.where}:${fault.kind}`);
}

function before(random: Random): Fault {
  const kind = pick(random, BEFORE);
  const common = { count: between(random, 1, 3), ms: between(random, 100, 7_000), status: pick(random, [500, 502, 503]) };
  // A venue that lists orders late answers "no such order" for a short while only; our margin is its worst case.
  if (random() < 0.1) return { where: 'before', kind: 'notFound', operation: 'findOrder', count: between(random, 1, 3) };
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
