/** Bitget and its simulator, ready to be examined. */
import { bitget } from '#adapters/venues/bitget.ts';
import { startBitget } from '#test/venues/bitget.ts';
import { type RigManners, simulatedRig } from './simulated-rig.ts';
import type { VenueRig } from './venue-rig.ts';

const MANNERS: RigManners = {
  codes: {
    insufficientBalance: '43012',
    price: '40808',
    size: '40808',
    minNotional: '45110',
    symbol: '40034',
    wouldTake: null,
    // Told by the adapter, which sends no stops to this venue.
    wouldTrigger: 'not_supported',
    late: '40078',
  },
  // Bitget lists no highest price of an instrument.
  instrument: { maxPrice: null },
  unfilled: 'cancelled',
  // The window of an order is checked both ways; reads are refused past half a minute.
  clockJumps: [-10_000, 60_000],
};

/** `limitFactor` multiplies the venue's limits. */
export function startBitgetRig(limitFactor = 1): Promise<VenueRig> {
  return simulatedRig(bitget, (options) => startBitget({ ...options, limitFactor }), MANNERS);
}
