/** Who hears what happens at a simulated exchange, as it happens. */
import type { InstrumentKind } from '../instrument.ts';
import type { Fill } from '../position.ts';
import type { Ledger } from './ledger.ts';
import type { SimulatedFunding, SimulatedOrder } from './orders.ts';
import type { TakenFee } from './settlement.ts';

/** A wallet and the books of it. */
export interface WalletLedger {
  readonly wallet: InstrumentKind;
  readonly ledger: Ledger;
}

/** Orders are the exchange's own records, which go on changing: whoever keeps one copies it. */
export interface ExchangeListener {
  order(order: SimulatedOrder, cause: 'accepted' | 'triggered' | 'cancelled' | 'expired', at: number): void;
  /** An execution under its id at the exchange; `order` counts it already. What `fill` charges is `fee`, unless a third coin has paid. */
  fill(order: SimulatedOrder, tradeId: string, fill: Fill, fee: TakenFee, at: number): void;
  position(account: string, symbol: string, cause: 'trade' | 'liquidation' | 'leverage', at: number): void;
  funding(funding: SimulatedFunding, at: number): void;
  /** Something may have moved in the books. */
  balances(at: number): void;
}
