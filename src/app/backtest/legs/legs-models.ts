/** Which models of a venue hold for several instruments; the others are refused by name rather than passed over. */
import { AppError } from '#core/errors.ts';
import { Decimal, type DecimalString, plain } from '#core/money.ts';
import type { VenueModel } from '../venue-model.ts';
import type { LegsBacktestOptions } from './legs-backtest.ts';

/** By the names they are asked for with, and what is their only choice here. */
const UNAVAILABLE = [
  ['latency_ms', ({ latencyMs = 0 }: VenueModel) => latencyMs === 0],
  ['volume_share', ({ volumeShare }: VenueModel) => volumeShare === undefined],
  ['fill_rule', ({ fillRule = 'touch' }: VenueModel) => fillRule === 'touch'],
  ['queue_share', ({ queueShare }: VenueModel) => queueShare === undefined],
  ['fee_asset', ({ feeAsset = 'received' }: VenueModel) => feeAsset === 'received'],
] as const;

/** Throws AppError `validation_failed` naming every model that is not available, as `models.latency_ms`. */
export function legsModels(venue: VenueModel): Pick<LegsBacktestOptions, 'halfSpreadTicks' | 'slippage' | 'fundingRate'> {
  const refused: string[] = UNAVAILABLE.filter(([, isLeftOut]) => !isLeftOut(venue)).map(([name]) => name);
  const { funding, halfSpreadTicks, slippage } = venue;
  if (funding !== undefined && 'history' in funding) refused.push('funding');
  if (refused.length > 0) {
    const issues = refused.map((name) => ({
      field: `models.${name}`,
      message: 'is not available for strategies that trade several instruments; leave it out',
    }));
    throw new AppError('validation_failed', issues.map(({ field, message }) => `${field} ${message}`).join('; '), issues);
  }
  return {
    ...(halfSpreadTicks === undefined ? {} : { halfSpreadTicks }),
    ...(slippage === undefined ? {} : { slippage }),
    ...(funding === undefined || 'history' in funding ? {} : { fundingRate: rateOf(funding.rate) }),
  };
}

function rateOf(rate: number): DecimalString {
  return plain(new Decimal(rate));
}
