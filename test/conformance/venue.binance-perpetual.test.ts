import { expect } from 'vitest';
import { binance } from '#adapters/venues/binance.ts';
import { LISTED } from '#test/venues/_world.ts';
import { startBinance } from '#test/venues/binance.ts';
import { EXAMINED_PERPETUALS, type RigManners, SPOT_KEY, simulatedRig } from './simulated-rig.ts';
import { venueConformance } from './venue.ts';
import { networkConformance } from './venue-faults.ts';
import { perpetualConformance } from './venue-perpetual.ts';
import type { VenueRig } from './venue-rig.ts';

/** One of several codes, as this API tells apart what spot calls one. */
const oneOf = (...codes: readonly string[]): string => expect.stringMatching(new RegExp(`^(${codes.join('|')})$`)) as string;

const MANNERS: RigManners = {
  kind: 'perpetual',
  codes: {
    insufficientBalance: '-2019',
    price: oneOf('-4014', '-4001'),
    size: oneOf('-1111', '-4003', '-4005'),
    minNotional: '-4164',
    symbol: '-1121',
    wouldTake: '-5022',
    wouldTrigger: '-2021',
    late: '-1021',
  },
  instrument: {
    kind: 'perpetual',
    perpetual: { contractSize: '1', fundingIntervalMs: 8 * 3_600_000, maxLeverage: 125, maintenanceMarginRate: null },
    makerFeeRate: '0.0002',
    takerFeeRate: '0.0005',
  },
  tickersLackQuotes: true,
  unfilledKill: '-5021',
};

async function start(): Promise<VenueRig> {
  const rig = await simulatedRig(binance, (options) => startBinance({ ...options, instruments: [...LISTED, ...EXAMINED_PERPETUALS] }), MANNERS);
  const spotOnly = { accountId: 'spot only', credentials: { apiKey: SPOT_KEY.apiKey, apiSecret: SPOT_KEY.secret, passphrase: null } };
  return { ...rig, perpetual: { reduceOnlyCode: '-2022', hedge: () => rig.simulator.hedged.add('main'), spotOnly, streams: 2 } };
}

venueConformance('binance perpetual', start);
networkConformance('binance perpetual', start);
perpetualConformance('binance', start);
