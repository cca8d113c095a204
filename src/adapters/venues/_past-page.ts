/** How far an answer about the past is whole: where the venue's limit has cut it, other rows may share the last one's moment. */
import { PortError } from '#core/errors.ts';
import type { PastPage } from '#core/market-data.ts';

/** `end` is exclusive. Throws PortError `venue_unavailable` for more rows of one moment than the venue tells at once. */
export function pageOf<Row extends { readonly at: number }>(
  told: readonly Row[],
  { from, end, limit }: { readonly from: number; readonly end: number; readonly limit: number },
  whose: string,
): PastPage<Row> {
  const rows = told.filter(({ at }) => at >= from && at < end).toSorted((one, other) => one.at - other.at);
  if (told.length < limit) return { rows, until: end };
  const until = rows.at(-1)?.at ?? from;
  if (until <= from)
    throw new PortError('venue_unavailable', `${whose}: more happened at ${new Date(from).toISOString()} than the exchange tells at once`, {
      outcome: 'failed',
    });
  return { rows: rows.filter(({ at }) => at < until), until };
}
