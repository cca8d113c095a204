import { expect } from 'vitest';
import { okx } from '#adapters/venues/okx.ts';
import { OKX_LISTED, okxPerpetuals, startOkx } from '#test/venues/okx.ts';
import { EXAMINED_PERPETUALS, type RigManners, SPOT_KEY, simulatedRig } from './simulated-rig.ts';
import { venueConformance } from './venue.ts';
import { networkConformance } from './venue-faults.ts';
import { perpetualConformance } from './venue-perpetual.ts';
import type { VenueRig } from './venue-rig.ts';

const MANNERS: RigManners = {
  kind: 'perpetual',
  codes: {
    insufficientBalance: '51008',
    price: '51150',
    // Told by the adapter where no number of contracts is meant.
    size: expect.stringMatching(/^(not_whole_contracts|51121)$/) as string,
    minNotional: '51020',
    // The adapter knows which contracts there are.
    symbol: 'not_sent',
    wouldTake: null,
    wouldTrigger: '51278',
    late: '50102',
  },
  instrument: {
    kind: 'perpetual',
    perpetual: { contractSize: '0.01', fundingIntervalMs: 8 * 3_600_000, maxLeverage: 100, maintenanceMarginRate: null },
    maxPrice: null,
    minSize: '0.0001',
    minNotional: '0',
    makerFeeRate: '0.0002',
    takerFeeRate: '0.0005',
  },
  clockJumps: [9_000, 30_000],
};

async function start(): Promise<VenueRig> {
  const instruments = [...OKX_LISTED, ...okxPerpetuals(EXAMINED_PERPETUALS)];
  const rig = await simulatedRig(okx, (options) => startOkx({ ...options, instruments }), MANNERS);
  const { apiKey, secret, passphrase } = SPOT_KEY;
  const spotOnly = { accountId: 'spot only', credentials: { apiKey, apiSecret: secret, passphrase } };
  const hedge = (): void => void rig.simulator.world.hedged.add('main');
  return { ...rig, perpetual: { reduceOnlyCode: '51169', hedge, spotOnly, spotOnlyCode: 'account_mode_unsupported', waitingStopsAreSilent: true, streams: 2 } };
}

venueConformance('okx perpetual', start);
networkConformance('okx perpetual', start);
perpetualConformance('okx', start);
