/**
 * What a venue file exports: `export const <file name> = defineVenue({ … })`. Files that start with `_` are parts of venues, not venues.
 */
import type { Venue, VenueOptions } from '#core/venue-ports.ts';

export interface VenueModule {
  /** Equal to the file name; what users write as `exchange`. */
  readonly id: string;
  readonly title: string;
  /** Cheap: connects to nothing and loads nothing before the first use. */
  open(options: VenueOptions): Venue;
}

/** Checks the declaration of a venue at compile time. */
export function defineVenue(module: VenueModule): VenueModule {
  return module;
}
