/** Every venue in this folder; made by `npm run generate` from the file names. */
import type { VenueModule } from './_venue.ts';
import { binance } from './binance.ts';
import { bitget } from './bitget.ts';
import { bybit } from './bybit.ts';
import { mexc } from './mexc.ts';
import { okx } from './okx.ts';
import { paper } from './paper.ts';

export const VENUES: readonly VenueModule[] = [binance, bitget, bybit, mexc, okx, paper];
