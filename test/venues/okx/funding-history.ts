/** OKX's public list of past settlements: the newest first, of three months, with both ends of a span left out. */
import { settlementsBetween } from '../_past-funding.ts';
import type { World } from '../_world.ts';
import { symbolOf } from './market-data.ts';
import type { Parameters } from './parameters.ts';
import { wrongParameter } from './refusals.ts';

/** Rows at once: more were allowed later, and whoever asks for no more than this is safe in either case. */
const MOST = 100;
const REACH_MS = 90 * 86_400_000;

/** @see https://www.okx.com/docs-v5/en/#public-data-rest-api-get-funding-rate-history */
export function fundingRateHistory(world: World, parameters: Parameters): unknown[] {
  const named = parameters.need('instId');
  const symbol = symbolOf(world, named);
  if (!named.endsWith('-SWAP')) throw wrongParameter('instId');
  const limit = parameters.integer('limit') ?? MOST;
  if (limit < 1 || limit > MOST) throw wrongParameter('limit');
  const from = Math.max((parameters.integer('before') ?? 0) + 1, world.now() - REACH_MS);
  const to = Math.min((parameters.integer('after') ?? world.now() + 1) - 1, world.now());
  return settlementsBetween(symbol, from, to)
    .slice(0, limit)
    .map(({ at, rate }) => ({
      formulaType: 'withRate',
      // What was expected of it a moment before; what was settled is the other.
      fundingRate: `${rate}1`,
      fundingTime: String(at),
      instId: named,
      instType: 'SWAP',
      method: 'current_period',
      realizedRate: rate,
    }));
}
