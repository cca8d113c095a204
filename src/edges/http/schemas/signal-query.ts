/** What lists of signals can be narrowed by, on the wire. */
import { z } from 'zod';
import { SIGNAL_KINDS } from '#core/signals/kinds.ts';
import { pageQuery } from './shared-pieces.ts';

const word = z.string().min(1).max(64);
const flag = z.enum(['true', 'false']).transform((text) => text === 'true');
const percentInput = z.string().regex(/^-?\d{1,9}(\.\d{1,9})?$/, 'must be a decimal such as 0.5');
const seconds = z.coerce.number().int().min(0).max(31_536_000);

export const SignalQueryInput = pageQuery({
  state: z.enum(['open', 'closed', 'all']).default('open').describe('Those that last, those that are over, or both.'),
  min_net: percentInput.optional().describe('Net percent at least.'),
  min_size: percentInput.optional().describe('The size that is still worth it at least, in the quote coin.'),
  venue: word.optional().describe('Either leg trades there.'),
  symbol: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,32}(\/[A-Za-z0-9._:-]{1,32})?$/, 'must be a coin or a symbol such as BTC or BTC/USDT')
    .optional()
    .describe('The coin, or a symbol of it.'),
  min_age: seconds.optional().describe('Open for so many seconds at least.'),
  max_age: seconds.optional().describe('Opened so many seconds ago at most.'),
  search: z.string().trim().min(1).max(64).optional().describe('Part of coin, symbol, venue or contract.'),
  quarantined: z.enum(['without', 'with', 'only']).default('without').describe('Those that are not to be acted on.'),
  watched: flag.optional().describe('Only coins of the own watch list.'),
  unchosen: flag.optional().describe('Leave the own thresholds and mute lists aside.'),
  sort: z.enum(['opened_at', 'net_percent', 'max_size_quote']).default('net_percent').describe('Greatest first.'),
});

export const AnySignalQuery = SignalQueryInput.extend({
  origin: z
    .enum(['scanner', 'post'])
    .default('scanner')
    .describe('`post`: claims of your own posts that live books confirmed; of the rest of the query `state` alone counts.'),
  scanner: word.optional().describe('Only of this scanner.'),
  kind: z.enum(SIGNAL_KINDS).optional().describe('Only of the scanners that look for this, at whatever venue.'),
});

export const HistoryQuery = z.strictObject({
  after: z.iso.datetime({ offset: true }).transform(Date.parse).optional().describe('Points later than this.'),
  limit: z.coerce.number().int().min(1).max(2_000).default(1_000).describe('How many points at most, 1 to 2000.'),
});
