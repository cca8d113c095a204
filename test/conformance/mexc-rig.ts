/** The MEXC adapter before its simulator, as the conformance suite and the venue's own traps need it. */
import { expect } from 'vitest';
import { mexc } from '#adapters/venues/mexc.ts';
import { type MexcOptions, type MexcServer, startMexc } from '#test/venues/mexc.ts';
import { type RigManners, simulatedRig } from './simulated-rig.ts';
import type { VenueRig } from './venue-rig.ts';

const MANNERS: RigManners = {
  codes: {
    insufficientBalance: '30004',
    price: expect.stringMatching(/^(400|30010)$/) as string,
    size: expect.stringMatching(/^(400|10102|30003)$/) as string,
    minNotional: '30002',
    symbol: '10007',
    wouldTake: null,
    wouldTrigger: 'not_supported',
    late: '700003',
  },
  instrument: { maxPrice: null, maxSize: null },
  fillTimeStepMs: 1_000,
  tradesLackIds: true,
  tradeNumber: (tradeId) => Number(tradeId.replace('X1', '')),
};

/** `changes` change the simulator. */
export function mexcRig(changes: MexcOptions = {}): Promise<VenueRig & { readonly simulator: MexcServer }> {
  return simulatedRig(mexc, (options) => startMexc({ ...options, ...changes }), MANNERS);
}
