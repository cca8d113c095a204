/** Accounts by which networks of coins are read, on the wire. */
import { z } from 'zod';
import type { SourceView } from '#app/signals/networks/network-sources.ts';
import { idInput, isoTime, timeOutput } from './shared-pieces.ts';

const EXAMPLE = { exchange: 'binance', account_id: '01ARZ3NDEKTSV4RRFFQ69G5FAV', account_name: 'Main', set_at: '2026-11-20T07:00:00.000Z' };

export const NetworkSourceItem = z
  .object({
    exchange: z.string().describe('The exchange, which tells networks of coins to holders of a key alone.'),
    account_id: z.string().nullable().describe('Your account by whose key they are read; `null` while none is named and nothing is known.'),
    account_name: z.string().nullable().describe('What you call it.'),
    set_at: timeOutput.nullable().describe('When it was named.'),
  })
  .meta({
    id: 'NetworkSource',
    description: 'By which account contracts, deposits and withdrawals of coins are read.',
    examples: [EXAMPLE],
  });

export const NetworkSourceList = z
  .object({ items: z.array(NetworkSourceItem).describe('Every exchange that needs one.'), next_cursor: z.null().describe('There is no other page.') })
  .meta({ id: 'NetworkSources', description: 'By which accounts networks of coins are read.', examples: [{ items: [EXAMPLE], next_cursor: null }] });

export const NetworkSourceChoice = z
  .strictObject({ account_id: idInput.describe('An account of yours at this exchange.') })
  .meta({ id: 'NetworkSourceChoice', description: 'Which account to read by.', examples: [{ account_id: '01ARZ3NDEKTSV4RRFFQ69G5FAV' }] });

export const ExchangeParams = z.strictObject({ exchange: z.string().min(1).max(64).describe('Id of the exchange.') });

export function presentSource({ venue, source }: SourceView): z.output<typeof NetworkSourceItem> {
  return {
    exchange: venue.id,
    account_id: source?.account.id ?? null,
    account_name: source?.account.name ?? null,
    set_at: source === null ? null : isoTime(source.setAt),
  };
}
