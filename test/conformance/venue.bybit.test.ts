import { expect } from 'vitest';
import { bybit } from '#adapters/venues/bybit.ts';
import { startBybit } from '#test/venues/bybit.ts';
import { type RigManners, simulatedRig } from './simulated-rig.ts';
import { venueConformance } from './venue.ts';
import { networkConformance } from './venue-faults.ts';

/** One of several codes, as Bybit tells apart what others call one. */
const oneOf = (...codes: readonly string[]): string => expect.stringMatching(new RegExp(`^(${codes.join('|')})$`)) as string;

const MANNERS: RigManners = {
  codes: {
    insufficientBalance: '170131',
    price: oneOf('170134', '170133'),
    size: oneOf('170137', '170136', '170135'),
    minNotional: '170140',
    symbol: '170121',
    wouldTake: null,
    // Told by the adapter: the venue would wait for the price to come back.
    wouldTrigger: 'stop_passed',
    late: '10002',
  },
  // Bybit lists no highest price of a spot instrument.
  instrument: { maxPrice: null },
};
const start = () => simulatedRig(bybit, startBybit, MANNERS);

venueConformance('bybit', start);
networkConformance('bybit', start);
