/**
 * What must always hold, checked against the venue's truth and the durable books at the moment things happen, never
 * against what a process believes. The numbers are explained in README.md beside this file.
 */
import { parseClientOrderId } from '#core/client-order-id.ts';
import { Decimal, type DecimalString, decimal, plain } from '#core/money.ts';
import { isTerminal } from '#core/order.ts';
import type { FillRecord } from '#core/store/fills.ts';
import type { Lease } from '#core/store/leases.ts';
import type { OrderRecord } from '#core/store/orders.ts';
import type { RunRecord } from '#core/store/runs.ts';
import type { OutboundOrder, VenueFill, VenueOrder } from '#core/venue-ports.ts';
import { excess } from './action-invariants.ts';
import { addFlows, type Database, type DatabaseWatch, flowsOf } from './database.ts';
import { INSTALLATION } from './store.ts';
import type { RequestWatch } from './venue.ts';
import { ACCOUNT, type TruthWatch, type VenueTruth } from './venue-truth.ts';
import type { InvariantId, Violation } from './violation.ts';

/** Balances that a run is begun on are at most this old, pauses included. */
const LATELY_MS = 90_000;

export class Invariants implements DatabaseWatch, TruthWatch, RequestWatch {
  readonly violations: Violation[] = [];
  orders = 0;
  /** The human moves money of the account about, so that promises may turn out larger than what is there. */
  isFundingOwn = false;
  database: Database | null = null;
  truth: VenueTruth | null = null;
  readonly #trace: (text: string) => void;
  readonly #sent = new Set<string>();
  readonly #accepted = new Set<string>();
  /** Orders that were to be cancelled, as the books have known. */
  readonly #wishedOff = new Set<string>();
  readonly #submittedUnder = new Map<string, Lease>();
  /** What the venue's fills of a run have moved, by run and asset. */
  readonly #flows = new Map<string, Readonly<Record<string, DecimalString>>>();
  readonly #spending: { readonly at: number; readonly isByHand: boolean; readonly asset: string; readonly amount: DecimalString }[] = [];

  constructor(trace: (text: string) => void) {
    this.#trace = trace;
  }

  violate(id: InvariantId, text: string): void {
    this.#trace(`VIOLATION ${id}: ${text}`);
    this.violations.push({ id, text });
  }

  // Requests.

  onSent(order: OutboundOrder, process: string): void {
    const { clientOrderId } = order;
    this.#trace(`${process} sends ${clientOrderId} ${order.side} ${order.size} at ${order.price ?? 'market'}`);
    if (this.#sent.has(clientOrderId)) this.violate('I2', `order ${clientOrderId} was sent twice`);
    this.#sent.add(clientOrderId);
    const row = this.database?.orders.get(clientOrderId);
    if (row === undefined) this.violate('I3', `order ${clientOrderId} left ${process} before it was durable`);
    else if (row.state === 'initialized') this.violate('I3', `order ${clientOrderId} left ${process} although the books say that it was not to be sent yet`);
    else if (row.state === 'denied') this.violate('I12', `order ${clientOrderId} was denied and still sent`);
  }

  onAdmitted({ clientOrderId }: OutboundOrder): void {
    const lease = this.#submittedUnder.get(clientOrderId);
    const present = lease === undefined ? undefined : this.database?.leases.get(lease.subject);
    // Who gives a lease up by himself hands over orders that are durable already; who loses it must be fenced in time.
    const isGivenUp = lease !== undefined && this.database?.released.has(`${lease.subject} ${lease.epoch}`) === true;
    if (lease !== undefined && present !== undefined && present.epoch !== lease.epoch && !isGivenUp)
      this.violate('I6', `the venue let in ${clientOrderId} of epoch ${lease.epoch} while ${lease.subject} is at epoch ${present.epoch}`);
    const run = this.#runOf(clientOrderId);
    if (run !== undefined && run.endedAt !== null) this.violate('I11', `the venue let in ${clientOrderId} after its run had ended`);
  }

  // The venue.

  onAccepted(order: VenueOrder): void {
    const { clientOrderId } = order;
    if (!isOurs(clientOrderId)) return;
    this.orders += 1;
    this.#trace(`venue accepts ${clientOrderId} as ${order.venueOrderId}`);
    if (this.#accepted.has(clientOrderId)) this.violate('I2', `the venue accepted ${clientOrderId} twice`);
    this.#accepted.add(clientOrderId);
    if (this.database?.orders.get(clientOrderId) === undefined) this.violate('I3', `the venue accepted ${clientOrderId}, which is not in the books`);
    const run = this.#runOf(clientOrderId);
    if (run !== undefined) this.#checkBudget(run, clientOrderId);
    const tooMuch = this.database === null || this.truth === null ? null : excess(this.database, this.truth, clientOrderId);
    if (tooMuch !== null) this.violate('I15', tooMuch);
  }

  onFilled(fill: VenueFill): void {
    const clientOrderId = fill.clientOrderId ?? '';
    if (!isOurs(clientOrderId)) return;
    this.#trace(`venue fills ${clientOrderId} ${fill.size} at ${fill.price} (${fill.tradeId})`);
    const run = this.#runOf(clientOrderId);
    for (const [asset, amount] of Object.entries(flowsOf(fill)))
      if (decimal(amount).lt(0)) this.#spending.push({ at: fill.at, isByHand: run === undefined, asset, amount });
    if (run === undefined) return;
    this.#flows.set(run.id, addFlows(this.#flows.get(run.id) ?? {}, flowsOf(fill)));
  }

  /** Everything a run has at the venue, bought or still resting, must fit what it was promised. */
  #checkBudget(run: RunRecord & { readonly needs: readonly { readonly asset: string; readonly amount: DecimalString }[] }, clientOrderId: string): void {
    const flows = this.#flows.get(run.id) ?? {};
    const { base, quote } = run.recipe.instrument;
    let needed = new Decimal(0);
    let offered = new Decimal(0);
    for (const order of this.truth?.open(0) ?? []) {
      if (this.#runOf(order.clientOrderId)?.id !== run.id) continue;
      const rest = decimal(order.size).minus(order.filledSize);
      if (order.side === 'sell') offered = offered.plus(rest);
      else needed = needed.plus(rest.times(order.price ?? '0'));
    }
    const promised = (asset: string): Decimal =>
      run.needs.reduce((sum, need) => (need.asset === asset ? sum.plus(need.amount) : sum), decimal(flows[asset] ?? '0'));
    if (needed.gt(promised(quote)))
      this.violate('I5', `with ${clientOrderId} the run has orders for ${plain(needed)} ${quote} at the venue and ${plain(promised(quote))} to spend`);
    if (offered.gt(promised(base)))
      this.violate('I5', `with ${clientOrderId} the run offers ${plain(offered)} ${base} at the venue and holds ${plain(promised(base))}`);
  }

  #runOf(clientOrderId: string) {
    const runId = this.database?.orders.get(clientOrderId)?.runId ?? null;
    return runId === null ? undefined : this.database?.runs.get(runId);
  }

  // The books.

  onOrder(before: OrderRecord | null, after: OrderRecord): void {
    const { clientOrderId } = after;
    if (before?.state !== after.state)
      this.#trace(`books: ${clientOrderId} ${before?.state ?? 'new'} -> ${after.state}${after.reasonCode === null ? '' : ` (${after.reasonCode})`}`);
    if (before !== null && isTerminal(before.state) && before.state !== after.state)
      this.violate('I7', `order ${clientOrderId} left ${before.state} for ${after.state}`);
    if (before !== null && decimal(after.filledSize).lt(before.filledSize)) this.violate('I7', `the filled size of ${clientOrderId} went back`);
    if (decimal(after.filledSize).gt(after.size)) this.violate('I4', `order ${clientOrderId} of ${after.size} has fills of ${after.filledSize} in the books`);
    if (after.state === 'cancelling') this.#wishedOff.add(clientOrderId);
    if (before === null && after.tag === 'action:entry') this.#checkAgain(after);
    if (after.state === 'denied' && (after.reasonCode === null || after.reason === null))
      this.violate('I12', `order ${clientOrderId} was denied without a reason`);
  }

  /** What its user or a rule wanted off the book is not placed again. */
  #checkAgain(order: OrderRecord): void {
    const former = this.database?.orders
      .values()
      .find(
        (each) =>
          this.#wishedOff.has(each.clientOrderId) &&
          (each.id === order.parentOrderId || (each.parentOrderId === order.parentOrderId && each.tag === order.tag)),
      );
    if (former !== undefined) this.violate('I15', `order ${former.clientOrderId} was to be cancelled and was placed again as ${order.clientOrderId}`);
  }

  onSubmitting(order: OrderRecord, lease: Lease): void {
    this.#submittedUnder.set(order.clientOrderId, lease);
    const present = this.database?.leases.get(lease.subject);
    if (present?.epoch !== lease.epoch)
      this.violate('I6', `order ${order.clientOrderId} was committed under epoch ${lease.epoch} while ${lease.subject} is at ${present?.epoch ?? 0}`);
    if (this.database?.isKilled(order.userId) === true)
      this.violate('I11', `order ${order.clientOrderId} was committed to be sent while the kill switch is on`);
  }

  onFill(fill: FillRecord): void {
    this.#trace(`books: fill ${fill.tradeId} of ${fill.clientOrderId ?? ''} ${fill.size}`);
    const isTrue =
      this.truth?.fills(0).some((each) => each.tradeId === fill.tradeId && each.clientOrderId === fill.clientOrderId && each.size === fill.size) === true;
    if (!isTrue) this.violate('I4', `the books hold fill ${fill.tradeId} of ${fill.clientOrderId ?? ''}, which the venue never made`);
  }

  /**
   * What all open runs may still use must be there, unless the human has taken it. Balances are read before the books are
   * locked, so what was spent in between may be counted twice; the check allows for that much.
   */
  onRunBegun(run: RunRecord): void {
    this.#trace(`books: run ${run.id} begun`);
    if (this.isFundingOwn || this.database === null) return;
    for (const { asset, free, locked } of this.truth?.exchange.balances(ACCOUNT) ?? []) {
      let promised = new Decimal(0);
      for (const each of this.database.runs.values()) {
        if (each.endedAt !== null) continue;
        const moved = each.flows[asset] ?? '0';
        promised = promised.plus(
          Decimal.max(
            0,
            each.needs.reduce((sum, need) => (need.asset === asset ? sum.plus(need.amount) : sum), decimal(moved)),
          ),
        );
      }
      const since = (this.truth?.now ?? 0) - LATELY_MS;
      const spent = this.#spending.filter((each) => each.asset === asset && (each.isByHand || each.at >= since));
      const there = spent.reduce((sum, each) => sum.minus(each.amount), decimal(free).plus(locked));
      if (promised.gt(there)) this.violate('I5', `with run ${run.id} ${plain(promised)} ${asset} are promised and ${plain(there)} are there`);
    }
  }

  onRunEnded(run: RunRecord): void {
    this.#trace(`books: run ${run.id} ended (${run.endReason ?? ''})`);
    for (const order of this.truth?.open(0) ?? [])
      if (this.#runOf(order.clientOrderId)?.id === run.id) this.violate('I11', `run ${run.id} ended while ${order.clientOrderId} rests at the venue`);
  }
}

export function isOurs(clientOrderId: string): boolean {
  return parseClientOrderId(clientOrderId)?.installation === INSTALLATION;
}
