/** Wire shape of what a user wants to see of the signals. */
import { z } from 'zod';
import { MAX_CHOSEN, SIGNALS_TOLD, type SignalChoices } from '#core/signals/choices.ts';
import { decimalInput, decimalOutput } from './shared-pieces.ts';

const least = decimalInput
  .refine((text) => text.length <= 24, { error: 'must be a decimal of at most 24 characters' })
  .nullable()
  .default(null);
const names = (pattern: RegExp) =>
  z
    .array(z.string().regex(pattern, 'must be a name'))
    .max(MAX_CHOSEN)
    .transform((list) => [...new Set(list)])
    .default([]);
const coins = z
  .array(z.string().regex(/^[A-Za-z0-9._-]{1,32}$/, 'must be a coin such as BTC'))
  .max(MAX_CHOSEN)
  .transform((list) => [...new Set(list.map((coin) => coin.toUpperCase()))])
  .default([]);
const PLACE = /^[a-z0-9][a-z0-9_-]{0,47}$/;

const example = {
  min_net_percent: '0.5',
  min_size: '200',
  muted_symbols: ['LEO'],
  muted_venues: [],
  muted_scanners: [],
  watched_symbols: ['BTC', 'ETH'],
  told: 'watched' as const,
};

export const SignalChoicesInput = z
  .strictObject({
    min_net_percent: least.describe('Net percent at least; `null` for any.'),
    min_size: least.describe('The size that is still worth it at least; `null` for any.'),
    muted_symbols: coins.describe('Coins that are not to be shown.'),
    muted_venues: names(PLACE).describe('Places that are not to be shown.'),
    muted_scanners: names(PLACE).describe('Scanners that are not to be shown.'),
    watched_symbols: coins.describe('Coins that `watched=true` narrows a list to.'),
    told: z
      .enum(SIGNALS_TOLD)
      .optional()
      .describe('Of which signals to be told when they open. Left out: of the watched coins, or of all where none is watched.'),
  })
  .meta({ id: 'SignalChoicesWish', description: 'Thresholds, mute and watch lists. What is left out is empty.', examples: [example] });

const list = z.array(z.string());
export const SignalChoicesItem = z
  .object({
    min_net_percent: decimalOutput.nullable().describe('Net percent at least; `null` for any.'),
    min_size: decimalOutput.nullable().describe('The size that is still worth it at least; `null` for any.'),
    muted_symbols: list.describe('Coins that are not shown.'),
    muted_venues: list.describe('Places that are not shown.'),
    muted_scanners: list.describe('Scanners that are not shown.'),
    watched_symbols: list.describe('Coins that `watched=true` narrows a list to.'),
    told: z.enum(SIGNALS_TOLD).describe('Of which signals you are told when they open; `watched` are the coins of the watch list alone.'),
  })
  .meta({ id: 'SignalChoices', description: 'Thresholds, mute and watch lists.', examples: [example] });

export function readChoices(body: z.output<typeof SignalChoicesInput>): SignalChoices {
  return {
    minNetPercent: body.min_net_percent,
    minSizeQuote: body.min_size,
    mutedBases: body.muted_symbols,
    mutedVenues: body.muted_venues,
    mutedScanners: body.muted_scanners,
    watchedBases: body.watched_symbols,
    ...(body.told === undefined ? {} : { told: body.told }),
  };
}

export function presentChoices(choices: SignalChoices): z.output<typeof SignalChoicesItem> {
  return {
    min_net_percent: choices.minNetPercent,
    min_size: choices.minSizeQuote,
    muted_symbols: [...choices.mutedBases],
    muted_venues: [...choices.mutedVenues],
    muted_scanners: [...choices.mutedScanners],
    watched_symbols: [...choices.watchedBases],
    told: choices.told ?? (choices.watchedBases.length > 0 ? 'watched' : 'all'),
  };
}
