/** Where pools that posts name are looked up: the service that can be searched, if the configuration lets it be read. */
import { ClaimPools } from '#app/posts/claim-pools.ts';
import type { Parts } from './_parts.ts';
import { POOL_SOURCES } from './_pool-sources.ts';

export function claimPools({ config, clock }: Pick<Parts, 'config' | 'clock'>, places: readonly string[]): ClaimPools {
  const url = config.venues.urls['dexscreener'] ?? null;
  return new ClaimPools({ source: places.includes('dexscreener') ? POOL_SOURCES.dexscreener({ clock, url }) : null, clock });
}
