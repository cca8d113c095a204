/** What the executions and payments of a ledger add up to. */
import type { Scale } from '#core/instrument.ts';
import type { DecimalString } from '#core/money.ts';
import type { Ledger } from './ledger.ts';
import { feeValue } from './round-trips.ts';

/** What was bought or sold, in base, and for how much. */
export interface Turnover {
  readonly size: DecimalString;
  readonly value: DecimalString;
}

/** Sums over a ledger, in its own lots and atoms. */
export interface LedgerSums {
  boughtLots: number;
  boughtAtoms: number;
  soldLots: number;
  soldAtoms: number;
  makerFeeAtoms: number;
  takerFeeAtoms: number;
  fundingAtoms: number;
}

export function ledgerSums({ fills, funding }: Ledger): LedgerSums {
  const sums = { boughtLots: 0, boughtAtoms: 0, soldLots: 0, soldAtoms: 0, makerFeeAtoms: 0, takerFeeAtoms: 0, fundingAtoms: 0 };
  for (const { fill } of fills) {
    const value = fill.priceTicks * fill.sizeLots;
    if (fill.side === 'buy') {
      sums.boughtLots += fill.sizeLots;
      sums.boughtAtoms += value;
    } else {
      sums.soldLots += fill.sizeLots;
      sums.soldAtoms += value;
    }
    if (fill.isMaker) sums.makerFeeAtoms += feeValue(fill);
    else sums.takerFeeAtoms += feeValue(fill);
  }
  for (const { amountAtoms } of funding) sums.fundingAtoms += amountAtoms;
  return sums;
}

export function turnoverOf(sums: LedgerSums, scale: Scale): { readonly bought: Turnover; readonly sold: Turnover } {
  return {
    bought: { size: scale.size(sums.boughtLots), value: scale.quote(sums.boughtAtoms) },
    sold: { size: scale.size(sums.soldLots), value: scale.quote(sums.soldAtoms) },
  };
}
