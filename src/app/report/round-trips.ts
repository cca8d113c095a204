/**
 * Entries and exits of a run matched with each other. A round trip is what one closing order closed; the entries it is matched with
 * are the oldest or the newest that are open. Money is divided among parts so that nothing is lost: the profits of all round
 * trips and what the open lots have cost add up to what the fills brought, to the last atom.
 */
import { GRAINS_PER_LOT } from '#core/instrument.ts';
import type { Ledger, LedgerFill, LotMatching } from './ledger.ts';

export interface RoundTrip {
  readonly direction: 'long' | 'short';
  /** The order that closed it. */
  readonly clientOrderId: string;
  /** When the earliest of its entries was made, and the last part was closed. */
  enteredAt: number;
  leftAt: number;
  /** Base that was closed. */
  grains: number;
  /** Average prices in ticks, without fees. */
  entryTicks: number;
  exitTicks: number;
  /** What came in less what went out, after the fees of both sides. */
  profitAtoms: number;
  /** What was paid to enter it (for a short: received), after the fee. */
  entryAtoms: number;
  feeAtoms: number;
}

/** A part of a holding that nothing has closed. */
export interface OpenLot {
  readonly enteredAt: number;
  /** Signed: negative for a short. */
  grains: number;
  priceTicks: number;
  /** What came in for it, after the fee; negative for a purchase. */
  flowAtoms: number;
  feeAtoms: number;
}

export interface MatchedTrades {
  readonly trips: readonly RoundTrip[];
  readonly open: readonly OpenLot[];
}

export function matchTrades(ledger: Pick<Ledger, 'fills' | 'lent'>, matching: LotMatching): MatchedTrades {
  const book = new LotBook(matching);
  const { lent } = ledger;
  if (lent !== null)
    book.open.push({
      enteredAt: lent.at,
      grains: lent.grains,
      priceTicks: lent.priceTicks,
      flowAtoms: -Math.round((lent.grains / GRAINS_PER_LOT) * lent.priceTicks),
      feeAtoms: 0,
    });
  for (const each of ledger.fills) book.add(each);
  book.compact();
  return { trips: book.trips, open: book.open };
}

/** Fees of an execution at their value in quote. */
export function feeValue({ feeAtoms, otherFeeAtoms, feeGrains, priceTicks }: LedgerFill['fill']): number {
  return feeAtoms + otherFeeAtoms + Math.ceil((feeGrains * priceTicks) / GRAINS_PER_LOT);
}

/** Closed lots that may stand before the open ones. */
const MAX_CLOSED_AHEAD = 1_000;

class LotBook {
  readonly trips: RoundTrip[] = [];
  readonly open: OpenLot[] = [];
  readonly #isFifo: boolean;
  /** Open lots before it are closed: shifting the array for each of them would take long. */
  #first = 0;

  constructor(matching: LotMatching) {
    this.#isFifo = matching === 'fifo';
  }

  add({ at, clientOrderId, fill }: LedgerFill): void {
    const value = fill.priceTicks * fill.sizeLots;
    const isBuy = fill.side === 'buy';
    const rest: OpenLot = {
      enteredAt: at,
      grains: isBuy ? fill.sizeLots * GRAINS_PER_LOT - fill.feeGrains : -(fill.sizeLots * GRAINS_PER_LOT + fill.feeGrains),
      priceTicks: fill.priceTicks,
      flowAtoms: (isBuy ? -value : value) - fill.feeAtoms - fill.otherFeeAtoms,
      feeAtoms: feeValue(fill),
    };
    for (let lot = this.#next(); rest.grains !== 0 && lot !== undefined && lot.grains > 0 !== rest.grains > 0; lot = this.#next()) {
      const grains = Math.min(Math.abs(lot.grains), Math.abs(rest.grains));
      this.#book(clientOrderId, at, cut(lot, grains), cut(rest, grains));
      if (lot.grains === 0) this.#drop();
    }
    if (rest.grains !== 0) this.open.push(rest);
    if (this.#first > MAX_CLOSED_AHEAD && this.#first * 2 > this.open.length) this.compact();
  }

  #next(): OpenLot | undefined {
    return this.#isFifo ? this.open[this.#first] : this.open.at(-1);
  }

  #drop(): void {
    if (this.#isFifo) this.#first += 1;
    else this.open.pop();
  }

  compact(): void {
    this.open.splice(0, this.#first);
    this.#first = 0;
  }

  #book(clientOrderId: string, at: number, entry: OpenLot, exit: OpenLot): void {
    const grains = Math.abs(entry.grains);
    let trip = this.trips.at(-1);
    if (trip?.clientOrderId !== clientOrderId) {
      const direction = entry.grains > 0 ? 'long' : 'short';
      trip = {
        direction,
        clientOrderId,
        enteredAt: entry.enteredAt,
        leftAt: at,
        grains: 0,
        entryTicks: 0,
        exitTicks: 0,
        profitAtoms: 0,
        entryAtoms: 0,
        feeAtoms: 0,
      };
      this.trips.push(trip);
    }
    const share = grains / (trip.grains + grains);
    // What fees have left of earlier purchases is less than a lot and says nothing of when this trade began.
    if (trip.grains < GRAINS_PER_LOT) trip.enteredAt = entry.enteredAt;
    else if (grains >= GRAINS_PER_LOT) trip.enteredAt = Math.min(trip.enteredAt, entry.enteredAt);
    trip.grains += grains;
    trip.leftAt = at;
    trip.entryTicks += (entry.priceTicks - trip.entryTicks) * share;
    trip.exitTicks += (exit.priceTicks - trip.exitTicks) * share;
    trip.profitAtoms += entry.flowAtoms + exit.flowAtoms;
    trip.entryAtoms += Math.abs(entry.flowAtoms);
    trip.feeAtoms += entry.feeAtoms + exit.feeAtoms;
  }
}

/** Takes a part out of a lot with its share of the money; the last part takes all that is left. */
function cut(lot: OpenLot, grains: number): OpenLot {
  const share = grains / Math.abs(lot.grains);
  const part: OpenLot = {
    enteredAt: lot.enteredAt,
    priceTicks: lot.priceTicks,
    grains: lot.grains > 0 ? grains : -grains,
    flowAtoms: share === 1 ? lot.flowAtoms : Math.round(lot.flowAtoms * share),
    feeAtoms: share === 1 ? lot.feeAtoms : Math.round(lot.feeAtoms * share),
  };
  lot.grains -= part.grains;
  lot.flowAtoms -= part.flowAtoms;
  lot.feeAtoms -= part.feeAtoms;
  return part;
}
