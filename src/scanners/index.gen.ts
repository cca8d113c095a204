/** Every scanner in this folder; made by `npm run generate` from the file names. */
import type { Scanner } from '#core/signals/scanner.ts';
import { cexDex } from './cex-dex.ts';
import { crossVenue } from './cross-venue.ts';
import { fundingSpread } from './funding-spread.ts';
import { mexcSpotFutures } from './mexc-spot-futures.ts';
import { spotFutures } from './spot-futures.ts';

export const SCANNERS: readonly Scanner[] = [cexDex, crossVenue, fundingSpread, mexcSpotFutures, spotFutures];
