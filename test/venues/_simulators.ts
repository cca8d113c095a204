/** Every simulated venue by the id of the real one. */
import type { VenueServer } from './_server.ts';
import type { WorldOptions } from './_world.ts';
import { startBinance } from './binance.ts';
import { startBitget } from './bitget.ts';
import { startBybit } from './bybit.ts';
import { startMexc } from './mexc.ts';
import { startOkx } from './okx.ts';

export type SimulatedVenue = 'binance' | 'bitget' | 'bybit' | 'mexc' | 'okx';

/** Starts one on loopback; port 0 takes a free one. */
export const SIMULATORS: Readonly<Record<SimulatedVenue, (options: WorldOptions & { readonly port?: number }) => Promise<VenueServer>>> = {
  binance: startBinance,
  bitget: startBitget,
  bybit: startBybit,
  mexc: startMexc,
  okx: startOkx,
};

export const SIMULATED_VENUES = Object.keys(SIMULATORS) as readonly SimulatedVenue[];

export function isSimulated(venue: string): venue is SimulatedVenue {
  return Object.hasOwn(SIMULATORS, venue);
}
