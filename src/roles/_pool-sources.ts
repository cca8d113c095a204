/** The services that tell of pools of decentralised exchanges, by the names under which the configuration knows them. */
import { dexscreener } from '#adapters/feeds/dexscreener.ts';
import { geckoterminal } from '#adapters/feeds/geckoterminal.ts';

export const POOL_SOURCES = { dexscreener, geckoterminal };
