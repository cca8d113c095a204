import { startOkxRig } from './okx-rig.ts';
import { venueConformance } from './venue.ts';
import { networkConformance } from './venue-faults.ts';

venueConformance('okx', startOkxRig);
networkConformance('okx', startOkxRig);
