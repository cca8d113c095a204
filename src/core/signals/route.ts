/**
 * The way a coin takes from where it is bought to where it is sold: one network that lets it out on one side and in on the other. That both
 * places move the coin somewhere is no way.
 */
import { decimal } from '../money.ts';
import type { CoinNetwork, Listing } from './market-scan.ts';

export type Route =
  | { readonly kind: 'open'; readonly network: CoinNetwork }
  /** Every network is closed on one of both sides. */
  | { readonly kind: 'closed' }
  /** The networks of a place are not known, or have names by which they cannot be matched. */
  | { readonly kind: 'unknown' };

/** The cheapest way; one whose fee is not known comes last. */
export function routeOf({ networks: out }: Pick<Listing, 'networks'>, { networks: into }: Pick<Listing, 'networks'>): Route {
  if (out === undefined || into === undefined) return { kind: 'unknown' };
  const [leaving, arriving] = [out.filter(({ canWithdraw }) => canWithdraw), into.filter(({ canDeposit }) => canDeposit)];
  const both = leaving.filter(({ chain }) => arriving.some((other) => other.chain === chain));
  const [cheapest] = both.toSorted((one, other) => feeOf(one) - feeOf(other));
  if (cheapest !== undefined) return { kind: 'open', network: cheapest };
  // Places call networks what they like: an open one that the other side does not name may be one that it names otherwise.
  const isUnmatched = ({ chain }: CoinNetwork, others: readonly CoinNetwork[]): boolean => !others.some((other) => other.chain === chain);
  const mayMatch = leaving.some((each) => isUnmatched(each, into)) && arriving.some((each) => isUnmatched(each, out));
  return { kind: mayMatch ? 'unknown' : 'closed' };
}

function feeOf({ withdrawFee }: CoinNetwork): number {
  return withdrawFee === null ? Number.POSITIVE_INFINITY : decimal(withdrawFee).toNumber();
}
