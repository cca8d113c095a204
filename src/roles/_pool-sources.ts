/** The services that tell of pools of decentralised exchanges, by the names under which the configuration knows them. */
import { dexscreener } from '#adapters/feeds/dexscreener.ts';
import { geckoterminal } from '#adapters/feeds/geckoterminal.ts';
import { ClaimPools } from '#app/posts/claim-pools.ts';
import type { Parts } from './_parts.ts';

export const POOL_SOURCES = { dexscreener, geckoterminal };

/** Where pools that posts name are looked up: the service that can be searched, if it may be read. */
export function claimPools({ config, clock }: Pick<Parts, 'config' | 'clock'>, places: readonly string[]): ClaimPools {
  const url = config.venues.urls['dexscreener'] ?? null;
  return new ClaimPools({ source: places.includes('dexscreener') ? POOL_SOURCES.dexscreener({ clock, url }) : null, clock });
}
