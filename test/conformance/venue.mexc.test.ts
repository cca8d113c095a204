import { mexcRig } from './mexc-rig.ts';
import { venueConformance } from './venue.ts';
import { networkConformance } from './venue-faults.ts';

/** Fees in the received coin, as the cases reckon; the venue's own way is in mexc-traps.test.ts. */
const start = () => mexcRig({ exchange: { feeAsset: 'received' } });

venueConformance('mexc', start);
networkConformance('mexc', start);
