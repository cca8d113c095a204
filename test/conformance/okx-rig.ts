/** OKX and its simulator, ready to be examined. */
import { okx } from '#adapters/venues/okx.ts';
import { startOkx } from '#test/venues/okx.ts';
import { type RigManners, simulatedRig } from './simulated-rig.ts';
import type { VenueRig } from './venue-rig.ts';

const MANNERS: RigManners = {
  codes: {
    insufficientBalance: '51008',
    price: '51150',
    size: '51121',
    // A least size is all that OKX knows.
    minNotional: '51020',
    symbol: '51001',
    wouldTake: null,
    wouldTrigger: '51278',
    late: '50102',
  },
  instrument: { maxPrice: null, minSize: '0.0001', minNotional: '0', makerFeeRate: '0.0008' },
  // A venue that runs behind us by less than half a minute notices nothing.
  clockJumps: [9_000, 30_000],
};

export function startOkxRig(): Promise<VenueRig> {
  return simulatedRig(okx, startOkx, MANNERS);
}
