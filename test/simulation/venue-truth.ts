/**
 * The venue of a simulated world as it really is: one matching exchange in virtual time, with the past of every order
 * kept, so that a read may see the state of a moment ago. Everything else in the world only believes.
 */
import { type Instrument, Scale } from '#core/instrument.ts';
import { type Answer, type ExchangeEvent, isOpen, SimulatedExchange, type SimulatedOrder } from '#core/simulated-exchange.ts';
import type { OutboundOrder, VenueFill, VenueOrder, VenueOrderStatus } from '#core/venue-ports.ts';
import type { Scheduler } from './clock.ts';

export const ACCOUNT = 'account';

interface Version {
  readonly at: number;
  readonly order: VenueOrder;
}

export interface TruthWatch {
  onAccepted(order: VenueOrder): void;
  onFilled(fill: VenueFill): void;
}

/** A private stream that is told what happens. */
export interface Sink {
  order(order: VenueOrder): void;
  fill(fill: VenueFill): void;
}

export class VenueTruth {
  readonly exchange: SimulatedExchange;
  readonly scale: Scale;
  readonly sinks = new Set<Sink>();
  /** How far the venue's clock is ahead of true time. */
  readonly offsetMs: number;
  instrument: Instrument;
  readonly #scheduler: Scheduler;
  readonly #watch: TruthWatch;
  /** By the venue's id, oldest version first. */
  readonly #orders = new Map<string, Version[]>();
  readonly #byClientId = new Map<string, string[]>();
  readonly #fills: { readonly at: number; readonly fill: VenueFill }[] = [];

  constructor(instrument: Instrument, scheduler: Scheduler, offsetMs: number, watch: TruthWatch) {
    this.instrument = instrument;
    this.scale = new Scale(instrument);
    this.exchange = new SimulatedExchange({ instruments: [instrument], clientIdScope: 'open', idPrefix: 'v', maxOpenOrders: 500 });
    this.offsetMs = offsetMs;
    this.#scheduler = scheduler;
    this.#watch = watch;
  }

  get now(): number {
    return this.#scheduler.now + this.offsetMs;
  }

  place(order: OutboundOrder): Answer {
    const rule = this.#ruleAgainst(order);
    if (rule !== null) return { ok: false, reason: rule };
    const answer = this.exchange.place(ACCOUNT, order, this.now);
    this.#collect();
    return answer;
  }

  cancel(clientOrderId: string): Answer {
    const answer = this.exchange.cancel(ACCOUNT, this.instrument.symbol, { clientOrderId }, this.now);
    this.#collect();
    return answer;
  }

  setQuote(bidTicks: number, askTicks: number, liquidityLots: number): void {
    this.exchange.setQuote(this.instrument.symbol, bidTicks, askTicks, this.now, liquidityLots);
    this.#collect();
  }

  /** Orders as they were `agoMs` ago, the newest of a client id where there are several. */
  find(clientOrderId: string, agoMs: number): VenueOrder | null {
    const seen = (this.#byClientId.get(clientOrderId) ?? []).map((id) => this.#seen(id, agoMs)).filter((order) => order !== null);
    return seen.find((order) => order.status === 'open') ?? seen.at(-1) ?? null;
  }

  open(agoMs: number): readonly VenueOrder[] {
    return [...this.#orders.keys()].map((id) => this.#seen(id, agoMs)).filter((order) => order?.status === 'open') as readonly VenueOrder[];
  }

  /** Every order there ever was, as it is. */
  all(): readonly VenueOrder[] {
    return [...this.#orders.values()].flatMap((versions) => versions.at(-1)?.order ?? []);
  }

  fills(agoMs: number): readonly VenueFill[] {
    const until = this.#scheduler.now - agoMs;
    return this.#fills.filter((each) => each.at <= until).map((each) => each.fill);
  }

  #seen(venueOrderId: string, agoMs: number): VenueOrder | null {
    const until = this.#scheduler.now - agoMs;
    return this.#orders.get(venueOrderId)?.findLast((version) => version.at <= until)?.order ?? null;
  }

  /** Rules that have become stricter since the exchange was opened. */
  #ruleAgainst(order: OutboundOrder): 'lotSize' | 'priceFilter' | 'minNotional' | null {
    const scale = new Scale(this.instrument);
    if (!scale.isSizeAligned(order.size)) return 'lotSize';
    if (order.price !== null && !scale.isPriceAligned(order.price)) return 'priceFilter';
    return order.price !== null && Number(order.price) * Number(order.size) < Number(this.instrument.minNotional) ? 'minNotional' : null;
  }

  #collect(): void {
    for (const event of this.exchange.takeEvents()) this.#take(event);
  }

  #take(event: ExchangeEvent): void {
    if (event.type !== 'order' && event.type !== 'fill') return;
    const order = this.#toOrder(event.order);
    this.#keep(order);
    if (event.type === 'fill') {
      const { tradeId, venueOrderId, clientOrderId, symbol, side, priceTicks, sizeLots, feeAsset, feeAmount, isMaker, at } = event.fill;
      const fill = {
        tradeId,
        venueOrderId,
        clientOrderId,
        symbol,
        side,
        price: this.scale.price(priceTicks),
        size: this.scale.size(sizeLots),
        feeAsset,
        feeAmount,
        isMaker,
        at,
      };
      this.#fills.push({ at: this.#scheduler.now, fill });
      this.#watch.onFilled(fill);
      for (const sink of this.sinks) sink.fill(fill);
    } else if (event.cause === 'accepted') this.#watch.onAccepted(order);
    for (const sink of this.sinks) sink.order(order);
  }

  #keep(order: VenueOrder): void {
    const versions = this.#orders.get(order.venueOrderId);
    const version = { at: this.#scheduler.now, order };
    if (versions !== undefined) versions.push(version);
    else {
      this.#orders.set(order.venueOrderId, [version]);
      this.#byClientId.set(order.clientOrderId, [...(this.#byClientId.get(order.clientOrderId) ?? []), order.venueOrderId]);
    }
  }

  #toOrder(order: SimulatedOrder): VenueOrder {
    const { clientOrderId, venueOrderId, symbol, request, filledLots, updatedAt } = order;
    return {
      clientOrderId,
      venueOrderId,
      symbol,
      side: request.side,
      status: isOpen(order) ? 'open' : (order.status as VenueOrderStatus),
      price: request.priceTicks > 0 ? this.scale.price(request.priceTicks) : null,
      size: this.scale.size(request.sizeLots),
      filledSize: this.scale.size(filledLots),
      updatedAt,
    };
  }
}
