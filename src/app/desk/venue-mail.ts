/**
 * Reads what the venue says of a run's orders, in whatever order and however often it says it, as events of the engine.
 * What is known already means nothing; no end of an order is believed before all its executions are in.
 */
import type { Engine } from '#core/engine/engine.ts';
import type { Event, OrderEvent } from '#core/events.ts';
import type { Scale } from '#core/instrument.ts';
import type { Leg } from '#core/legs/leg.ts';
import { type Decimal, type DecimalString, decimal } from '#core/money.ts';
import type { Order } from '#core/order.ts';
import type { FundingPayment } from '#core/perpetual-ports.ts';
import type { Fill } from '#core/position.ts';
import type { VenueFill, VenueOrder } from '#core/venue-ports.ts';

export type VenueMail =
  | { readonly kind: 'report'; readonly report: VenueOrder }
  | { readonly kind: 'fill'; readonly fill: VenueFill; readonly clientOrderId: string }
  | { readonly kind: 'absent'; readonly clientOrderId: string }
  | { readonly kind: 'funding'; readonly payment: FundingPayment };

/** The meaning of a piece of mail: events for the engine, and what has to be asked or asked again. */
export interface Reading {
  readonly events: readonly Event[];
  /** An execution that is new to the books. */
  readonly fill?: VenueFill & { readonly clientOrderId: string };
  /** A funding payment that is new to the books. */
  readonly funding?: FundingPayment;
  /** The report is ahead of the executions we have: fetch them, then tell the report again. */
  readonly isAhead?: boolean;
  /** The order still rests although its cancel was sent. */
  readonly isCancelLost?: boolean;
}

/** Trade ids remembered to drop repeated executions without asking the ledger. */
export const MAX_KNOWN_TRADES = 10_000;

export class VenueMailReader {
  readonly #engine: Engine;
  readonly #knownTrades = new Set<string>();
  /** What live orders have traded, exact: a venue that has made its lots finer trades fractions of those the run counts in. */
  readonly #filled = new Map<string, Decimal>();

  /** `orders` are those of the run that are not over, as stored. */
  constructor(engine: Engine, orders: readonly { readonly clientOrderId: string; readonly filledSize: DecimalString }[] = []) {
    this.#engine = engine;
    for (const order of orders) this.#filled.set(order.clientOrderId, decimal(order.filledSize));
  }

  isKnownTrade(trade: Pick<VenueFill, 'symbol' | 'tradeId'>): boolean {
    return this.#knownTrades.has(nameOf(trade));
  }

  /** Whether the run would be told anything; a venue mostly says again what is known. Changes nothing. */
  isNews(mail: VenueMail, at: number): boolean {
    return mail.kind === 'fill' ? !this.isKnownTrade(mail.fill) : this.read(mail, at).events.length > 0;
  }

  read(mail: VenueMail, at: number): Reading {
    switch (mail.kind) {
      case 'fill':
        return this.#readFill(mail.fill, mail.clientOrderId, at);
      case 'report':
        return this.#readReport(mail.report, at);
      case 'absent':
        return this.#readAbsence(mail.clientOrderId, at);
      case 'funding':
        return this.#readFunding(mail.payment, at);
    }
  }

  #readFill(fill: VenueFill, clientOrderId: string, at: number): Reading {
    const { mark } = this.#legOf(fill.symbol);
    if (this.isKnownTrade(fill)) return NOTHING;
    this.#remember(nameOf(fill));
    return {
      events: [{ type: 'orderFilled', at, clientOrderId, fill: this.#toEngineFill(fill, this.#countLots(fill, clientOrderId)), ...mark }],
      fill: { ...fill, clientOrderId },
    };
  }

  #readReport(report: VenueOrder, at: number): Reading {
    const { clientOrderId } = report;
    const order = this.#engine.orders.get(clientOrderId);
    if (order === undefined) return NOTHING;
    const isNews = order.state === 'submitting' || order.state === 'unknown';
    const accepted: OrderEvent[] = isNews ? [{ type: 'orderAccepted', at, clientOrderId, venueOrderId: report.venueOrderId }] : [];
    if (decimal(report.filledSize).gt(this.#filledOf(order))) return { events: accepted, isAhead: true };
    switch (report.status) {
      case 'cancelled':
        return { events: [{ type: 'orderCancelled', at, clientOrderId }] };
      case 'expired':
        return { events: [{ type: 'orderExpired', at, clientOrderId }] };
      case 'rejected':
        return {
          events: [{ type: 'orderRejected', at, clientOrderId, code: 'rejected_by_venue', message: 'the exchange rejected the order after accepting it' }],
        };
      case 'open':
        return { events: accepted, isCancelLost: order.state === 'cancelling' };
      case 'filled':
        return isFilledShort(report, order.sizeLots, this.#legOf(report.symbol).terms.scale)
          ? { events: [{ type: 'orderExpired', at, clientOrderId }] }
          : { events: accepted };
    }
  }

  #readAbsence(clientOrderId: string, at: number): Reading {
    const order = this.#engine.orders.get(clientOrderId);
    if (order === undefined || order.state === 'submitting') return NOTHING;
    return order.state === 'unknown'
      ? { events: [{ type: 'orderRejected', at, clientOrderId, code: 'never_placed', message: 'the exchange never received the order' }] }
      : { events: [{ type: 'orderExpired', at, clientOrderId }] };
  }

  /** What is paid is rounded up and what is received down, so that the run never believes to have more than it has. */
  #readFunding(payment: FundingPayment, at: number): Reading {
    const { state, terms, mark } = this.#legOf(payment.symbol);
    if (state.payments?.includes(payment.paymentId) === true) return NOTHING;
    const amount = decimal(payment.amount);
    const atoms = terms.scale.atoms(amount.abs(), amount.isNegative() ? 'up' : 'down');
    return {
      events: [{ type: 'fundingPaid', at, paymentId: payment.paymentId, amountAtoms: amount.isNegative() ? -atoms : atoms, ...mark }],
      funding: payment,
    };
  }

  /** Whole lots that this execution completes; what is left of one is counted with the next. */
  #countLots(fill: VenueFill, clientOrderId: string): number {
    const { scale } = this.#legOf(fill.symbol).terms;
    const order = this.#engine.orders.get(clientOrderId);
    if (order === undefined) return scale.lots(fill.size, 'nearest');
    const filled = this.#filledOf(order).plus(fill.size);
    const sizeLots = scale.lots(filled, 'down') - order.filledLots;
    if (order.filledLots + sizeLots >= order.sizeLots) this.#filled.delete(clientOrderId);
    else this.#filled.set(clientOrderId, filled);
    return sizeLots;
  }

  #filledOf(order: Order): Decimal {
    return this.#filled.get(order.clientOrderId) ?? decimal(this.#engine.legs.ofOrder(order).terms.scale.size(order.filledLots));
  }

  #legOf(symbol: string): Leg {
    return this.#engine.legs.ofSymbol(symbol) ?? this.#engine.legs.first;
  }

  #toEngineFill(fill: VenueFill, sizeLots: number): Fill {
    const { scale } = this.#legOf(fill.symbol).terms;
    const fee = decimal(fill.feeAmount);
    const priceTicks = scale.ticks(fill.price, 'nearest');
    return {
      tradeId: fill.tradeId,
      side: fill.side,
      priceTicks,
      sizeLots,
      feeGrains: fill.feeAsset === scale.instrument.base ? scale.grains(fee, 'up') : 0,
      feeAtoms: (fill.feeAsset === scale.instrument.quote ? scale.atoms(fee, 'up') : 0) + roundingAtoms(fill, priceTicks * sizeLots, scale),
      otherFeeAtoms: 0,
      isMaker: fill.isMaker,
    };
  }

  #remember(name: string): void {
    this.#knownTrades.add(name);
    if (this.#knownTrades.size <= MAX_KNOWN_TRADES) return;
    const [oldest] = this.#knownTrades;
    if (oldest !== undefined) this.#knownTrades.delete(oldest);
  }
}

/** The venue has made the order smaller and filled that: a market order for more than the account could pay. What it left out is over. */
function isFilledShort(report: VenueOrder, sizeLots: number, scale: Scale): boolean {
  return report.filledSize === report.size && scale.lots(report.size, 'nearest') < sizeLots;
}

const NOTHING: Reading = { events: [] };

/** Trade ids are unique within an instrument only. */
function nameOf({ symbol, tradeId }: Pick<VenueFill, 'symbol' | 'tradeId'>): string {
  return `${symbol} ${tradeId}`;
}

/**
 * Quote that the execution has moved beyond what is counted in ticks and lots; 0 unless the venue has made its increments
 * finer since the run began. Counted like a fee, so that the run never believes to have more than it has.
 */
function roundingAtoms(fill: VenueFill, countedAtoms: number, scale: Scale): number {
  const value = decimal(fill.price).times(fill.size);
  return fill.side === 'buy' ? scale.atoms(value, 'up') - countedAtoms : countedAtoms - scale.atoms(value, 'down');
}
