import { bitget } from '#adapters/venues/bitget.ts';
import { LISTED } from '#test/venues/_world.ts';
import { startBitget } from '#test/venues/bitget.ts';
import { EXAMINED_PERPETUALS, type RigManners, SPOT_KEY, simulatedRig } from './simulated-rig.ts';
import { venueConformance } from './venue.ts';
import { networkConformance } from './venue-faults.ts';
import { perpetualConformance } from './venue-perpetual.ts';
import type { VenueRig } from './venue-rig.ts';

const MANNERS: RigManners = {
  kind: 'perpetual',
  codes: {
    insufficientBalance: '43012',
    price: '40808',
    size: '40808',
    minNotional: '45110',
    // The margin mode of an instrument is asked for before the first order in it.
    symbol: 'not_sent',
    wouldTake: null,
    // Told by the adapter, which sends no stops to this venue.
    wouldTrigger: 'not_supported',
    late: '40008',
  },
  instrument: {
    kind: 'perpetual',
    perpetual: { contractSize: '1', fundingIntervalMs: 8 * 3_600_000, maxLeverage: 125, maintenanceMarginRate: null },
    maxPrice: null,
    makerFeeRate: '0.0002',
    takerFeeRate: '0.0005',
  },
  unfilled: 'cancelled',
  windowEndsAtTheDoor: true,
  clockJumps: [9_000, 30_000],
};

async function start(): Promise<VenueRig> {
  const instruments = [...LISTED, ...EXAMINED_PERPETUALS];
  // The venue's own limits are for bitget-traps.test.ts.
  const rig = await simulatedRig(bitget, (options) => startBitget({ ...options, limitFactor: 10, instruments }), MANNERS);
  const { apiKey, secret, passphrase } = SPOT_KEY;
  const spotOnly = { accountId: 'spot only', credentials: { apiKey, apiSecret: secret, passphrase } };
  const hedge = (): void => void rig.simulator.world.hedged.add('main');
  return { ...rig, perpetual: { reduceOnlyCode: '22002', hedge, spotOnly, streams: 2 } };
}

venueConformance('bitget perpetual', start);
networkConformance('bitget perpetual', start);
perpetualConformance('bitget', start);
