import { expect } from 'vitest';
import { bybit } from '#adapters/venues/bybit.ts';
import { LISTED } from '#test/venues/_world.ts';
import { startBybit } from '#test/venues/bybit.ts';
import { EXAMINED_PERPETUALS, type RigManners, SPOT_KEY, simulatedRig } from './simulated-rig.ts';
import { venueConformance } from './venue.ts';
import { networkConformance } from './venue-faults.ts';
import { perpetualConformance } from './venue-perpetual.ts';
import type { VenueRig } from './venue-rig.ts';

/** One of several codes, as Bybit tells apart what others call one. */
const oneOf = (...codes: readonly string[]): string => expect.stringMatching(new RegExp(`^(${codes.join('|')})$`)) as string;

const MANNERS: RigManners = {
  kind: 'perpetual',
  codes: {
    insufficientBalance: '110007',
    price: '110003',
    size: '10001',
    minNotional: '110094',
    symbol: '10001',
    wouldTake: null,
    wouldTrigger: oneOf('110092', '110093'),
    late: '10002',
  },
  instrument: {
    kind: 'perpetual',
    perpetual: { contractSize: '1', fundingIntervalMs: 8 * 3_600_000, maxLeverage: 125, maintenanceMarginRate: null },
    makerFeeRate: '0.0002',
    takerFeeRate: '0.00055',
  },
};

async function start(): Promise<VenueRig> {
  const rig = await simulatedRig(bybit, (options) => startBybit({ ...options, instruments: [...LISTED, ...EXAMINED_PERPETUALS] }), MANNERS);
  const spotOnly = { accountId: 'spot only', credentials: { apiKey: SPOT_KEY.apiKey, apiSecret: SPOT_KEY.secret, passphrase: null } };
  return { ...rig, perpetual: { reduceOnlyCode: '110017', hedge: () => rig.simulator.settings.hedged.add('main'), spotOnly, streams: 2 } };
}

venueConformance('bybit perpetual', start);
networkConformance('bybit perpetual', start);
perpetualConformance('bybit', start);
