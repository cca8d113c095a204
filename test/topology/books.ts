/** What the database says of the fleet, asked for in SQL: who holds what, how far every run is, and whether its journal has gaps. */
import pg from 'pg';
import { decimal } from '#core/money.ts';
import type { RunningVenue } from '../chaos/venues.ts';
import { type BookFill, type BookOrder, differences, inDoubt } from '../crash/judge.ts';
import type { TrueFill, TrueOrder } from '../venues/_truth.ts';

const CONNECT_MS = 1_000;
/** States of our orders as the API shows them. */
const SHOWN = `case state when 'initialized' then 'pending' when 'submitting' then 'pending' when 'unknown' then 'pending' when 'accepted' then 'open'
  when 'cancelling' then 'open' when 'partiallyFilled' then 'partially_filled' when 'denied' then 'rejected' else state end`;

/** A bot that is held now: by whom, and the number of its last journalled event. */
export interface HeldBot {
  readonly id: string;
  readonly owner: string;
  readonly pid: number | null;
  readonly epoch: number;
  readonly status: string;
  readonly sequence: number;
}

export class Books {
  readonly #pool: pg.Pool;

  constructor(url: string) {
    this.#pool = new pg.Pool({ connectionString: url, connectionTimeoutMillis: CONNECT_MS, max: 4 });
    this.#pool.on('error', () => undefined);
  }

  /** Fails while the server is away. */
  async rows<Row extends object>(text: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    return (await this.#pool.query<Row>(text, [...values])).rows;
  }

  held(): Promise<readonly HeldBot[]> {
    return this.rows<HeldBot>(
      `select b.id, l.owner, r.pid, l.epoch, b.status, coalesce(n.sequence, 0)::int as sequence
       from bots b join leases l on l.subject = 'bot:' || b.id and l.owner <> '' and l.expires_at > clock_timestamp()
       left join runs n on n.id = b.run_id left join runners r on r.id = l.owner`,
    );
  }

  /** Journals whose numbers do not run from 1 to the run's own without a gap. */
  async brokenJournals(): Promise<readonly string[]> {
    const rows = await this.rows<{ id: string; lines: string; last: string; sequence: string }>(
      `select r.id, count(j.sequence) as lines, coalesce(max(j.sequence), 0) as last, r.sequence from runs r left join journal j on j.run_id = r.id
       group by r.id having count(j.sequence) <> coalesce(max(j.sequence), 0) or coalesce(max(j.sequence), 0) <> r.sequence`,
    );
    return rows.map(({ id, lines, last, sequence }) => `journal of run ${id} has ${lines} lines up to ${last}, the run stands at ${sequence}`);
  }

  /** Every difference between a venue's record and our books of the accounts there; empty when they agree. */
  async differences(venue: RunningVenue): Promise<{ readonly found: readonly string[]; readonly orders: number; readonly fills: number }> {
    const bookOrders = await this.rows<BookOrder>(
      `select o.client_order_id, o.venue_order_id as exchange_order_id, o.symbol, o.side, o.price::text, o.size::text as quantity, ${SHOWN} as status,
         o.filled_size::text as filled_quantity, o.reason_code from orders o join exchange_accounts a on a.id = o.account_id where a.exchange = $1`,
      [venue.id],
    );
    const bookFills = await this.rows<BookFill>(
      `select f.trade_id, f.symbol, f.size::text as quantity, f.price::text from fills f join exchange_accounts a on a.id = f.account_id where a.exchange = $1`,
      [venue.id],
    );
    const venueOrders = await venue.truth<TrueOrder[]>('orders');
    const ours = new Set(bookOrders.map((order) => order.client_order_id));
    const mine = new Set(venueOrders.filter((order) => ours.has(order.clientOrderId)).map((order) => order.venueOrderId));
    const venueFills = (await venue.truth<TrueFill[]>('fills'))
      .filter((fill) => mine.has(fill.venueOrderId))
      .map((fill) => ({ ...fill, tradeId: venue.venue.tradeId(fill.tradeId) }));
    const doubled = await venue.truth<{ clientOrderId: string }[]>('duplicates');
    const found = [
      ...differences({ venueOrders, venueFills, bookOrders, bookFills }),
      ...inDoubt(bookOrders).map((order) => `${order.client_order_id} is still in doubt`),
      ...doubled.map(({ clientOrderId }) => `doubled: ${venue.id} accepted ${clientOrderId} twice`),
    ];
    return { found: found.map((text) => `${venue.id}: ${text}`), orders: venueOrders.length, fills: venueFills.length };
  }

  /** Sum of all that was ever filled, to see whether trading goes on. */
  async fills(): Promise<number> {
    const [row] = await this.rows<{ count: string }>('select count(*) as count from fills');
    return decimal(row?.count ?? '0').toNumber();
  }

  close(): Promise<void> {
    return this.#pool.end();
  }
}
