/** The standard normal distribution: how much of it lies below a value, and the value below which a share of it lies. */

/** Share below `x`, exact to about 15 places. @see Marsaglia, "Evaluating the Normal Distribution", Journal of Statistical Software, 2004 */
export function normalShare(x: number): number {
  if (Number.isNaN(x)) return Number.NaN;
  // The series is slow far out, where nothing is left anyway.
  if (x < -8) return 0;
  if (x > 8) return 1;
  let sum = x;
  let term = x;
  for (let odd = 3; sum + term !== sum; odd += 2) {
    term *= (x * x) / odd;
    sum += term;
  }
  return 0.5 + sum * Math.exp(-0.5 * x * x - HALF_LOG_TAU);
}

/** The value below which a share between 0 and 1 lies: halved down to the last place of {@link normalShare}. */
export function normalQuantile(share: number): number {
  if (!(share > 0)) return Number.NEGATIVE_INFINITY;
  if (share >= 1) return Number.POSITIVE_INFINITY;
  let low = -8;
  let high = 8;
  for (let step = 0; step < HALVINGS; step += 1) {
    const middle = (low + high) / 2;
    if (normalShare(middle) < share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

const HALF_LOG_TAU = 0.5 * Math.log(2 * Math.PI);
/** 16 over two to this power is below what a double near 1 can tell apart. */
const HALVINGS = 60;
