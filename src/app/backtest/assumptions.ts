/** How the venue of a backtest was assumed to behave, as it is told with every result. */
import type { RunSetup } from '#core/engine/engine.ts';
import type { Instrument } from '#core/instrument.ts';
import { type DecimalString, decimal, plain } from '#core/money.ts';
import type { MarginMode } from '#core/perpetual-ports.ts';
import { DEFAULT_QUEUE_SHARE, type VenueModel } from './venue-model.ts';

export interface Assumptions {
  /** `candles`: the path inside each follows a rule. `trades`: each trade moved the price. */
  readonly history: 'candles' | 'trades';
  readonly makerFeeRate: DecimalString;
  readonly takerFeeRate: DecimalString;
  readonly feeAsset: string;
  /** Distance between bid and ask, as a price. */
  readonly spread: DecimalString;
  /** Share of the price by which taking orders are worse. */
  readonly slippage: number;
  readonly latencyMs: number;
  readonly fillRule: string;
  /** Share of the volume that stands ahead of an order; `null` without the rule `queue`. */
  readonly queueShare: number | null;
  /** Share of a bar's or trade's volume that may fill our orders; `null` for no limit. */
  readonly volumeShare: number | null;
  readonly priceIncrement: DecimalString;
  readonly sizeIncrement: DecimalString;
  readonly minSize: DecimalString;
  readonly minNotional: DecimalString;
  /** Of a perpetual: its terms; `null` for spot. */
  readonly margin: { readonly leverage: number; readonly marginMode: string; readonly maintenanceRate: DecimalString | null; readonly funding: string } | null;
}

export function assumptionsOf(
  venue: VenueModel,
  instrument: Instrument,
  result: { readonly setup: Pick<RunSetup, 'feeAsset' | 'limits'>; readonly marginMode: MarginMode | null },
  history: 'candles' | 'trades',
): Assumptions {
  const fillRule = venue.fillRule ?? 'touch';
  return {
    history,
    makerFeeRate: instrument.makerFeeRate,
    takerFeeRate: instrument.takerFeeRate,
    feeAsset: result.setup.feeAsset,
    spread: plain(decimal(instrument.priceIncrement).times(2 * (venue.halfSpreadTicks ?? 0))),
    slippage: venue.slippage ?? 0,
    latencyMs: venue.latencyMs ?? 0,
    fillRule,
    queueShare: fillRule === 'queue' ? (venue.queueShare ?? DEFAULT_QUEUE_SHARE) : null,
    volumeShare: venue.volumeShare ?? null,
    priceIncrement: instrument.priceIncrement,
    sizeIncrement: instrument.sizeIncrement,
    minSize: instrument.minSize,
    minNotional: instrument.minNotional,
    margin:
      instrument.kind === 'spot'
        ? null
        : {
            leverage: result.setup.limits.leverage ?? 1,
            marginMode: result.marginMode ?? 'isolated',
            maintenanceRate: instrument.perpetual?.maintenanceMarginRate ?? null,
            funding: venue.funding === undefined ? 'none' : 'rate' in venue.funding ? String(venue.funding.rate) : 'history',
          },
  };
}
