/** What the sizes in the settings of DCA mean in quote: they are given in quote, in the coin, or as a part of the bot's funds. */
import { against } from '#core/executors/directions.ts';
import type { Scale } from '#core/instrument.ts';
import { type Decimal, type DecimalString, decimal } from '#core/money.ts';
import type { DcaParams } from './params.ts';

/** What sizes follow from where they are not quote: the price at which a deal would begin, and the funds there are for it. */
export interface SizeBasis {
  readonly priceTicks: number;
  readonly fundsAtoms: number;
}

export interface OrderSize {
  /** Quote it spends; of a perpetual the value it trades. */
  readonly sizeAtoms: number;
  /** Where the coin was given: how much of it, whatever the price turns out to be. */
  readonly sizeLots: number | null;
}

/** The size of an order that stands so many per cent from the base order's price. */
export function orderSize(params: DcaParams, scale: Scale, size: Decimal | DecimalString, deviation: Decimal, basis: SizeBasis): OrderSize {
  switch (params.size_unit) {
    case 'base': {
      const sizeLots = scale.lots(size, 'down');
      return { sizeAtoms: sizeLots * Math.max(0, against(params, basis.priceTicks, deviation)), sizeLots };
    }
    case 'percent': {
      const funds = basis.fundsAtoms * (scale.isPerpetual ? params.leverage : 1);
      return { sizeAtoms: decimal(size).times(Math.max(0, funds)).div(100).floor().toNumber(), sizeLots: null };
    }
    default:
      return { sizeAtoms: scale.atoms(size, 'down'), sizeLots: null };
  }
}

/** The same for all orders smaller or larger by a factor. */
export function scaled({ sizeAtoms, sizeLots }: OrderSize, factor: number): OrderSize {
  return { sizeAtoms: Math.floor(sizeAtoms * factor), sizeLots: sizeLots === null ? null : Math.floor(sizeLots * factor) };
}
