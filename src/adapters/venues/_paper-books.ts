/**
 * What our books say of a paper account, as one owner of orders sees it: its own resting orders, and what there is to spend.
 */
import { parseClientOrderId } from '#core/client-order-id.ts';
import { Decimal, decimal, plain } from '#core/money.ts';
import type { PositionRecord } from '#core/perpetual-ports.ts';
import type { AccountBooks } from '#core/venue-ports.ts';

/** What every new paper account holds. */
export const START_BALANCES: Readonly<Record<string, string>> = { USDT: '100000', USDC: '100000' };

/** An account as one owner of orders sees it (`kind:number`), or whole where `owner` is `null`. */
export interface PaperAccount {
  readonly accountId: string;
  readonly owner: string | null;
}

export interface Bound {
  readonly asset: string;
  readonly amount: Decimal;
}

export interface Reading {
  readonly flows: Awaited<ReturnType<AccountBooks['netFlows']>>;
  readonly resting: readonly RestingOrder[];
  readonly positions: readonly PositionRecord[];
}

/** The reading under way, and the one that begins after it. */
interface Readings {
  present: Promise<void> | null;
  next: Promise<Reading> | null;
}

export type RestingOrder = Awaited<ReturnType<AccountBooks['restingOrders']>>[number];

/** Names an owner's view of an account. */
export function keyOf({ accountId, owner }: PaperAccount): string {
  return owner === null ? accountId : `${accountId} ${owner}`;
}

export class PaperBooks {
  readonly #books: AccountBooks;
  readonly #readings = new Map<string, Readings>();

  constructor(books: AccountBooks) {
    this.#books = books;
  }

  /** What the books say of an account, read after the call; many owners that come back at once share a reading. */
  async read(accountId: string): Promise<Reading> {
    const reading = this.#readings.get(accountId) ?? { present: null, next: null };
    this.#readings.set(accountId, reading);
    // What is being read began before this call.
    reading.next ??= (reading.present ?? Promise.resolve()).then(() => {
      const books = this.#books;
      const read = Promise.all([books.netFlows(accountId), books.restingOrders(accountId), books.positions(accountId)]).then(([flows, resting, positions]) => ({
        flows,
        resting,
        positions,
      }));
      reading.next = null;
      reading.present = read
        .then(() => undefined)
        .catch(() => undefined)
        .finally(() => {
          reading.present = null;
          if (reading.next === null) this.#readings.delete(accountId);
        });
      return read;
    });
    return await reading.next;
  }
}

/** What the books say an account holds; for a steward without what orders of others hold back. */
export function heldBy(account: PaperAccount, flows: Reading['flows'], orders: readonly RestingOrder[]): Map<string, Decimal> {
  const held = new Map(Object.entries(START_BALANCES).map(([asset, amount]) => [asset, new Decimal(amount)]));
  for (const { asset, amount } of flows) held.set(asset, (held.get(asset) ?? new Decimal(0)).plus(amount));
  if (account.owner?.startsWith('account:') !== true) return held;
  for (const order of orders) {
    const bound = isOf(account, order) ? null : boundBy(order);
    if (bound !== null) held.set(bound.asset, Decimal.max(0, (held.get(bound.asset) ?? new Decimal(0)).minus(bound.amount)));
  }
  return held;
}

/** Whether an order is one of the account's owner. */
export function isOf({ owner }: PaperAccount, order: RestingOrder): boolean {
  if (owner === null) return true;
  const parsed = parseClientOrderId(order.clientOrderId);
  return parsed !== null && `${parsed.kind}:${parsed.number}` === owner;
}

/**
 * The positions of the account's owner, for a bot with those that no run holds; of the whole account one for each instrument. Flat ones are
 * there for their leverage and margin mode, by which resting orders bind margin.
 */
export function positionsOf({ owner }: PaperAccount, positions: readonly PositionRecord[]): readonly PositionRecord[] {
  if (owner !== null) return positions.filter((position) => position.owner === owner || (owner.startsWith('bot:') && position.owner.startsWith('account:')));
  const bySymbol = new Map<string, PositionRecord>();
  for (const position of positions) {
    const other = bySymbol.get(position.symbol);
    if (other === undefined) bySymbol.set(position.symbol, position);
    else {
      const [size, entryValue] = [decimal(other.size).plus(position.size), decimal(other.entryValue).plus(position.entryValue)];
      const { leverage, marginMode } = other.leverage === null ? position : other;
      bySymbol.set(position.symbol, { ...other, size: plain(size), entryValue: plain(entryValue), leverage, marginMode });
    }
  }
  return [...bySymbol.values()];
}

/** What a resting order holds back; of a perpetual the exchange itself reckons its margin. */
export function boundBy({ symbol, side, price, size, filledSize }: RestingOrder): Bound | null {
  if (symbol.includes(':')) return null;
  const [base = '', quote = ''] = symbol.split('/');
  const rest = new Decimal(size).minus(filledSize);
  if (side === 'sell') return { asset: base, amount: rest };
  return price === null ? null : { asset: quote, amount: rest.times(price) };
}
