/** What a simulated exchange tells: events in sequence until they are taken, and a bounded list of executions. */
import type { Fill } from '../position.ts';
import { amountOf } from './ledger.ts';
import type { ExchangeListener, WalletLedger } from './listener.ts';
import type { ExchangeEvent, SimulatedFill, SimulatedFunding, SimulatedOrder } from './orders.ts';
import type { TakenFee } from './settlement.ts';

/** More events than this that nobody takes is a defect of the caller. */
const MAX_UNTAKEN_EVENTS = 1_000_000;

export class EventLog implements ExchangeListener {
  readonly #ledgers: readonly WalletLedger[];
  readonly #historyLimit: number;
  #events: ExchangeEvent[] = [];
  #fills: SimulatedFill[] = [];
  /** The same by account. */
  readonly #ofAccount = new Map<string, SimulatedFill[]>();
  #sequence = 0;

  constructor(ledgers: readonly WalletLedger[], historyLimit: number) {
    this.#ledgers = ledgers;
    this.#historyLimit = historyLimit;
  }

  take(): readonly ExchangeEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  /** Executions from `since` (inclusive), oldest first. */
  fillsSince(account: string, symbol: string, since: number): readonly SimulatedFill[] {
    return (this.#ofAccount.get(account) ?? []).filter((fill) => fill.symbol === symbol && fill.at >= since);
  }

  /** Forgets the executions of an account and what was not taken yet of it. */
  forget(account: string): void {
    if (this.#ofAccount.delete(account)) this.#fills = this.#fills.filter((fill) => fill.account !== account);
    this.#events = this.#events.filter((event) => accountOf(event) !== account);
  }

  order(order: SimulatedOrder, cause: 'accepted' | 'triggered' | 'cancelled' | 'expired', at: number): void {
    this.#emit({ type: 'order', sequence: this.#next(), at, cause, order: { ...order } });
  }

  fill(order: SimulatedOrder, tradeId: string, { side, priceTicks, sizeLots, isMaker }: Fill, { feeAsset, feeUnits }: TakenFee, at: number): void {
    const { venueOrderId, clientOrderId, account, symbol, isLiquidation } = order;
    const paid = { feeAsset, feeAmount: amountOf(feeUnits) };
    const fill = { tradeId, venueOrderId, clientOrderId, account, symbol, side, priceTicks, sizeLots, ...paid, isMaker, isLiquidation, at };
    this.#fills.push(fill);
    this.#sort(fill);
    if (this.#fills.length > this.#historyLimit * 2) {
      this.#fills = this.#fills.slice(-this.#historyLimit);
      this.#ofAccount.clear();
      for (const kept of this.#fills) this.#sort(kept);
    }
    this.#emit({ type: 'fill', sequence: this.#next(), at: fill.at, fill, order: { ...order } });
  }

  /** Tells the balances that changed since the last call. */
  balances(at: number): void {
    for (const { wallet, ledger } of this.#ledgers) {
      for (const [account, assets] of ledger.takeChanged()) {
        const changed = [...assets].map((asset) => {
          const { free, locked } = ledger.holding(account, asset);
          return { asset, free: amountOf(free), locked: amountOf(locked) };
        });
        this.#emit({ type: 'balances', sequence: this.#next(), at, account, wallet, changed });
      }
    }
  }

  position(account: string, symbol: string, cause: 'trade' | 'liquidation' | 'leverage', at: number): void {
    this.#emit({ type: 'position', sequence: this.#next(), at, account, symbol, cause });
  }

  funding(funding: SimulatedFunding, at: number): void {
    this.#emit({ type: 'funding', sequence: this.#next(), at, funding });
  }

  #emit(event: ExchangeEvent): void {
    if (this.#events.length >= MAX_UNTAKEN_EVENTS) throw new Error(`nobody took the last ${MAX_UNTAKEN_EVENTS} events of the simulated exchange`);
    this.#events.push(event);
  }

  #sort(fill: SimulatedFill): void {
    const own = this.#ofAccount.get(fill.account);
    if (own === undefined) this.#ofAccount.set(fill.account, [fill]);
    else own.push(fill);
  }

  #next(): number {
    this.#sequence += 1;
    return this.#sequence;
  }
}

function accountOf(event: ExchangeEvent): string {
  if (event.type === 'balances' || event.type === 'position') return event.account;
  return event.type === 'funding' ? event.funding.account : event.order.account;
}
