import { startBitgetRig } from './bitget-rig.ts';
import { venueConformance } from './venue.ts';
import { networkConformance } from './venue-faults.ts';

// The venue answers one key check a second; what its own limits do is seen in bitget-traps.test.ts.
const start = () => startBitgetRig(10);

venueConformance('bitget', start);
networkConformance('bitget', start);
