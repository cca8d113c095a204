import { binance } from '#adapters/venues/binance.ts';
import { startBinance } from '#test/venues/binance.ts';
import { type RigManners, simulatedRig } from './simulated-rig.ts';
import { venueConformance } from './venue.ts';
import { networkConformance } from './venue-faults.ts';

const MANNERS: RigManners = {
  codes: {
    insufficientBalance: '-2010',
    price: '-1013',
    size: '-1013',
    minNotional: '-1013',
    symbol: '-1121',
    wouldTake: '-2010',
    wouldTrigger: '-2010',
    late: '-1021',
  },
};
const start = () => simulatedRig(binance, startBinance, MANNERS);

venueConformance('binance', start);
networkConformance('binance', start);
