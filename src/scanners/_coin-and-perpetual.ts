/** A coin against its own perpetual at one venue: what is bought, sold and hoped for is the same wherever both are traded. */
import type { Listing } from '#core/signals/market-scan.ts';
import type { Scanner, ScanRules } from '#core/signals/scanner.ts';

type Declaration = Pick<Scanner, 'name' | 'title' | 'summary'>;

/** Looks at the venues that `isOf` names; both legs are always at the same one, in the same quote coin. */
export function coinAndPerpetual(declaration: Declaration, sizeQuote: ScanRules['sizeQuote'], isOf: (venue: string) => boolean): Scanner {
  return {
    ...declaration,
    strategy: 'spot_futures',
    rules: { sizeQuote, openAt: 0.003, holdMs: 1_000, closeAt: 0.001, horizonHours: 8 },
    pairs: (listings) => {
      const looked = listings.filter(({ venue }) => isOf(venue));
      const perpetuals = looked.filter(({ market }) => market === 'futures');
      return looked
        .filter(({ market }) => market === 'spot')
        .flatMap((spot) => perpetuals.filter((each) => isSamePlace(spot, each)).map((each) => [spot, each]));
    },
    // Who has no coins must borrow them to sell them.
    plan: (_buy, sell) => ({ exit: 'convergence', warnings: sell.market === 'spot' ? ['needs_inventory'] : [], costShare: 0 }),
  };
}

function isSamePlace(one: Listing, other: Listing): boolean {
  return one.venue === other.venue && one.quote === other.quote;
}
