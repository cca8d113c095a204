/** Bybit's public list of past settlements: the newest first, the newest 200 of a span, and none where only its beginning is named. */
import { settlementsBetween } from '../_past-funding.ts';
import type { World } from '../_world.ts';
import { symbolOf } from './market-data.ts';
import type { Parameters } from './parameters.ts';
import { wrongParameter } from './refusals.ts';

const MOST = 200;

/** @see https://bybit-exchange.github.io/docs/v5/market/history-fund-rate */
export function fundingHistory(world: World, parameters: Parameters): unknown {
  if (parameters.need('category') !== 'linear') throw wrongParameter('category');
  const named = parameters.need('symbol');
  const symbol = symbolOf(world, named, 'perpetual');
  const [from, to] = [parameters.integer('startTime'), parameters.integer('endTime')];
  if (from !== null && to === null) throw wrongParameter('endTime');
  const limit = parameters.integer('limit') ?? MOST;
  if (limit < 1 || limit > MOST) throw wrongParameter('limit');
  const end = Math.min(to ?? world.now(), world.now());
  const found = settlementsBetween(symbol, from ?? end - MOST * 8 * 3_600_000, end).slice(0, limit);
  return { category: 'linear', list: found.map(({ at, rate }) => ({ symbol: named, fundingRate: rate, fundingRateTimestamp: String(at) })) };
}
