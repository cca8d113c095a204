/** What every private answer of Bybit is made from. */
import type { VenueKey, World } from '../_world.ts';
import type { Dcp } from './dcp.ts';
import type { Parameters } from './parameters.ts';

/** Everything a private answer is made from. */
export interface Call {
  readonly world: World;
  readonly key: VenueKey;
  readonly parameters: Parameters;
  /** Ended orders that the list of the present still knows. */
  readonly recentLimit: number;
  readonly dcp: Dcp;
  readonly settings: AccountSettings;
}

/** What accounts have set for all of their derivatives. */
export interface AccountSettings {
  /** Accounts whose positions are margined each for itself. */
  readonly isolated: Set<string>;
  /** Accounts that hold longs and shorts apart. */
  readonly hedged: Set<string>;
}
