/** Everything that a private answer of OKX is made from. */
import type { VenueKey, World } from '../_world.ts';
import type { Parameters } from './parameters.ts';

export interface Call {
  readonly world: World;
  readonly key: VenueKey;
  readonly parameters: Parameters;
}
