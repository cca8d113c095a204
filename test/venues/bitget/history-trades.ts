/** Bitget's public list of past trades: the newest first, of ninety days, a week at most in one answer. */
import type { InstrumentKind } from '#core/instrument.ts';
import { tradesBetween } from '../_past-trades.ts';
import type { World } from '../_world.ts';
import { publicTrades, symbolOf } from './market-data.ts';
import type { Parameters } from './parameters.ts';
import { wrongParameter } from './refusals.ts';
import { symbolId } from './shapes.ts';

const MOST = 1_000;
const DAY_MS = 86_400_000;
const REACH_MS = 90 * DAY_MS;

/** @see https://www.bitget.com/api-doc/spot/market/Get-Market-Trades */
export function historyTrades(world: World, parameters: Parameters, kind: InstrumentKind = 'spot'): unknown {
  const symbol = symbolOf(world, parameters.need('symbol'), kind);
  const [from, to] = [parameters.integer('startTime'), parameters.integer('endTime')];
  if (from === null || to === null) return publicTrades(world, parameters, kind);
  if (to < from || to - from > 7 * DAY_MS) throw wrongParameter('startTime');
  return tradesBetween(Math.max(from, world.now() - REACH_MS), Math.min(to, world.now()))
    .slice(0, parameters.limit(MOST))
    .map(({ id, at, ...trade }) => ({ symbol: symbolId(symbol), tradeId: id, ...trade, ts: String(at) }));
}
