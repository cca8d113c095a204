/** How far an answer about the past is whole: where the venue's limit has cut it, rows are missing at its end or at its beginning. */
import { PortError } from '#core/errors.ts';
import type { PastPage, PastSource } from '#core/market-data.ts';

/** Of a list whose limit cuts the newest: others may share the last one's moment. `end` is exclusive. Throws PortError `venue_unavailable` for more rows of one moment than the venue tells at once. */
export function pageOf<Row extends { readonly at: number }>(
  told: readonly Row[],
  { from, end, limit }: { readonly from: number; readonly end: number; readonly limit: number },
  whose: string,
): PastPage<Row> {
  const rows = told.filter(({ at }) => at >= from && at < end).toSorted((one, other) => one.at - other.at);
  if (told.length < limit) return { rows, until: end };
  const until = rows.at(-1)?.at ?? from;
  if (until <= from) throw tooMuch(whose, from);
  return { rows: rows.filter(({ at }) => at < until), until };
}

interface Narrowing<Row> {
  /** The longest span of one request. */
  readonly spanMs: number;
  readonly limit: number;
  readonly whose: string;
  readonly ask: (range: { readonly from: number; readonly end: number }) => Promise<readonly Row[]>;
}

/**
 * Pages of a list whose limit cuts the oldest: an answer that is full says nothing of the beginning of its span, so half of the span is asked
 * for. The next page begins with the span that has done; where little happens it grows again.
 */
export function narrowing<Row extends { readonly at: number }>({ spanMs, limit, whose, ask }: Narrowing<Row>): PastSource<Row>['page'] {
  let span = spanMs;
  return async (from, to) => {
    for (;;) {
      const end = Math.min(to, from + span);
      const told = await ask({ from, end });
      // What was before the span shows that nothing of the span is missing.
      const isWhole = told.length < limit || told.some(({ at }) => at < from);
      if (isWhole) {
        const rows = told.filter(({ at }) => at >= from && at < end).toSorted((one, other) => one.at - other.at);
        if (rows.length * 4 < limit) span = Math.min(spanMs, span * 2);
        return { rows, until: end };
      }
      if (end - from <= 1) throw tooMuch(whose, from);
      span = Math.ceil((end - from) / 2);
    }
  };
}

function tooMuch(whose: string, at: number): PortError {
  return new PortError('venue_unavailable', `${whose}: more happened at ${new Date(at).toISOString()} than the exchange tells at once`, { outcome: 'failed' });
}
