/**
 * A planted bug: what it changes in the rules, in the ports handed to a process, or in the application itself.
 */
import type { Venue } from '#core/ports.ts';
import type { Store } from '#core/store.ts';
import type { SimulatedProcess } from './clock.ts';
import type { StoreRules } from './database.ts';

export interface Mutant {
  readonly name: string;
  readonly rules?: Partial<StoreRules>;
  readonly wrapStore?: (store: Store, process: SimulatedProcess) => Store;
  readonly wrapVenue?: (venue: Venue, process: SimulatedProcess) => Venue;
  /** Changes the application; the returned function changes it back. */
  readonly patch?: () => () => void;
}

export const NO_MUTANT: Mutant = { name: '' };
