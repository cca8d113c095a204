/** What a size costs or brings in a book. Levels stand as price, size, price, size…, best first; NaN means that the book ends before. */

/** Quote paid for (asks) or received for (bids) so many coins; levels better than `best` are taken to be gone by now. */
export function valueOfCoins(levels: Float64Array, coins: number, side: 'asks' | 'bids', best: number): number {
  let left = coins;
  let value = 0;
  for (let at = 0; at < levels.length; at += 2) {
    const price = levels[at] as number;
    if (side === 'asks' ? price < best : price > best) continue;
    const size = levels[at + 1] as number;
    if (size >= left) return value + left * price;
    value += size * price;
    left -= size;
  }
  // Of a size that is not known itself nothing is known either.
  return left <= 0 ? value : Number.NaN;
}

/** Coins that so much quote buys in asks. */
export function coinsForValue(asks: Float64Array, quote: number, best: number): number {
  let left = quote;
  let coins = 0;
  for (let at = 0; at < asks.length; at += 2) {
    const price = asks[at] as number;
    if (price < best) continue;
    const value = price * (asks[at + 1] as number);
    if (value >= left) return coins + left / price;
    coins += asks[at + 1] as number;
    left -= value;
  }
  return left <= 0 ? coins : Number.NaN;
}

/** Coins in all levels that are left. */
export function coinsIn(levels: Float64Array, side: 'asks' | 'bids', best: number): number {
  let coins = 0;
  for (let at = 0; at < levels.length; at += 2) {
    const price = levels[at] as number;
    if (side === 'asks' ? price >= best : price <= best) coins += levels[at + 1] as number;
  }
  return coins;
}

/**
 * A constant-product pool as a book, its fee aside: slices of its curve, each at what it costs on average, so that within a slice buying is
 * told too dear and selling too cheap. Coins out for Δ are x·Δ / (y + Δ), and the other way round for coins in.
 */
export function poolDepth({ base, quote }: { readonly base: number; readonly quote: number }): { readonly bids: Float64Array; readonly asks: Float64Array } {
  const asks = new Float64Array(2 * POOL_SLICES);
  const bids = new Float64Array(2 * POOL_SLICES);
  let [paid, bought, sold, received] = [0, 0, 0, 0];
  for (let slice = 0; slice < POOL_SLICES; slice += 1) {
    const share = FIRST_SLICE * SLICE_GROWTH ** slice;
    const nextPaid = quote * share;
    const nextBought = (base * nextPaid) / (quote + nextPaid);
    asks[2 * slice] = (nextPaid - paid) / (nextBought - bought);
    asks[2 * slice + 1] = nextBought - bought;
    [paid, bought] = [nextPaid, nextBought];
    const nextSold = base * share;
    const nextReceived = (quote * nextSold) / (base + nextSold);
    bids[2 * slice] = (nextReceived - received) / (nextSold - sold);
    bids[2 * slice + 1] = nextSold - sold;
    [sold, received] = [nextSold, nextReceived];
  }
  return { bids, asks };
}

/** From a ten-thousandth of the pool to a fifth of it. */
const POOL_SLICES = 24;
const FIRST_SLICE = 0.0001;
const SLICE_GROWTH = (0.2 / FIRST_SLICE) ** (1 / (POOL_SLICES - 1));
