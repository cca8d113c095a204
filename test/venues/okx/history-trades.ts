/** OKX's public list of past trades: the newest first, of three months, before a time or an id. */
import { tradesBetween } from '../_past-trades.ts';
import type { World } from '../_world.ts';
import { symbolOf } from './market-data.ts';
import type { Parameters } from './parameters.ts';
import { wrongParameter } from './refusals.ts';
import { sizeOf } from './shapes.ts';

const MOST = 100;
const REACH_MS = 90 * 86_400_000;
/** By time; otherwise by the ids of trades, and then `after` names one. */
const BY_TIME = '2';
/** Further back than this no answer looks for its trades. */
const LOOK_MS = 2 * 3_600_000;

/** @see https://www.okx.com/docs-v5/en/#order-book-trading-market-data-get-trades-history */
export function historyTrades(world: World, parameters: Parameters): unknown[] {
  const named = parameters.need('instId');
  const symbol = symbolOf(world, named);
  const limit = parameters.integer('limit') ?? MOST;
  if (limit < 1 || limit > MOST) throw wrongParameter('limit');
  if (parameters.get('type') !== BY_TIME) throw wrongParameter('type');
  const to = Math.min((parameters.integer('after') ?? world.now() + 1) - 1, world.now());
  return tradesBetween(Math.max(to - LOOK_MS, world.now() - REACH_MS), to)
    .slice(0, limit)
    .map(({ id, at, price, side }) => ({ instId: named, tradeId: id, px: price, sz: sizeOf(world, symbol, 100), side, ts: String(at) }));
}
