/** Wire shape of how an exchange is assumed to behave. */
import { z } from 'zod';
import type { VenueModel } from '#app/backtest/venue-model.ts';
import { decimalInput } from './shared-pieces.ts';

const rateInput = decimalInput.refine((rate) => Number(rate) >= 0 && Number(rate) <= 0.1, { error: 'must be a rate from 0 to 0.1, such as 0.001' });
const shareInput = (most: number) => z.number().min(0).max(most);

export const Models = z
  .strictObject({
    maker_fee_rate: rateInput.optional().describe('Fee of orders that rest first, such as `0.001`; that of the exchange where left out.'),
    taker_fee_rate: rateInput.optional().describe('Fee of orders that take at once; that of the exchange where left out.'),
    fee_asset: z
      .enum(['received', 'quote', 'other'])
      .optional()
      .describe('The coin that fees are taken in: the one a trade brings, the quote coin, or a third one. Perpetuals always pay in quote.'),
    half_spread_ticks: z.int().min(0).max(10_000).optional().describe('Half the distance between bid and ask, in price increments; 0 where left out.'),
    slippage: shareInput(0.1).optional().describe('By which share of the price taking orders are worse than the quote; 0 where left out.'),
    latency_ms: z.int().min(0).max(600_000).optional().describe('Milliseconds until an order or a cancel acts at the exchange; 0 where left out.'),
    fill_rule: z
      .enum(['touch', 'through', 'queue'])
      .optional()
      .describe('When a resting order fills: `touch` when the price touches it, `through` when it goes beyond, `queue` when what stood ahead has traded.'),
    queue_share: shareInput(100).optional().describe('With `queue`: how much stands ahead, as a share of the volume of the candle; 0.1 where left out.'),
    volume_share: z.number().gt(0).max(1).optional().describe('Share of the volume of a candle that may fill your orders; no limit where left out.'),
    funding_rate: z
      .number()
      .min(-0.1)
      .max(0.1)
      .optional()
      .describe('Of a perpetual: the rate of every settlement, paid by longs where positive; 0 where left out.'),
    funding_history: z.boolean().optional().describe('Of a perpetual: settlements as the history on disk has them, in place of a rate that is assumed.'),
  })
  .meta({
    id: 'BacktestModels',
    description: 'How the exchange is assumed to behave.',
    examples: [{ slippage: 0.0005, latency_ms: 200, fill_rule: 'through' }],
  });

/** The models as they are kept. */
export function venueModel(models: z.output<typeof Models>): VenueModel {
  const {
    fee_asset: feeAsset,
    half_spread_ticks: halfSpreadTicks,
    slippage,
    latency_ms: latencyMs,
    fill_rule: fillRule,
    queue_share: queueShare,
    volume_share: volumeShare,
  } = models;
  const given = {
    feeAsset,
    halfSpreadTicks,
    slippage,
    latencyMs,
    fillRule,
    queueShare,
    volumeShare,
    funding: models.funding_rate === undefined ? undefined : { rate: models.funding_rate },
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
