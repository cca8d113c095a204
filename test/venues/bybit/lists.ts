/** How Bybit gives out its lists: by weeks, and page by page. */
import type { World } from '../_world.ts';
import type { Parameters } from './parameters.ts';
import { BybitRefusal } from './refusals.ts';

const WEEK_MS = 7 * 86_400_000;

/** Seven days from the start, or up to the end, or up to now. */
export function weekOf(world: World, parameters: Parameters): { readonly from: number; readonly to: number } {
  const [from, to] = [parameters.integer('startTime'), parameters.integer('endTime')];
  if (from !== null && to !== null && to - from > WEEK_MS) throw new BybitRefusal(10001, 'The time range between startTime and endTime cannot exceed 7 days');
  if (from !== null) return { from, to: to ?? from + WEEK_MS };
  const end = to ?? world.now();
  return { from: end - WEEK_MS, to: end };
}

/** A page of a list; its cursor is written as it must come back, encoded for a query. */
export function page<Item>(category: string, items: readonly Item[], parameters: Parameters, defaultLimit: number, shape: (item: Item) => unknown): unknown {
  const largest = defaultLimit === 50 ? 100 : 50;
  const limit = Math.min(parameters.integer('limit') ?? defaultLimit, largest);
  const cursor = parameters.get('cursor');
  const left = cursor === null ? Number.POSITIVE_INFINITY : Number(/^left:(\d+)$/.exec(cursor)?.[1] ?? Number.NaN);
  if (Number.isNaN(left)) throw new BybitRefusal(10001, 'params error: cursor invalid');
  // Counted from the oldest, so that what comes anew does not shift the pages.
  const start = items.length - Math.min(left, items.length);
  const list = items.slice(start, start + limit);
  const rest = items.length - start - list.length;
  return { category, list: list.map(shape), nextPageCursor: rest > 0 ? encodeURIComponent(`left:${rest}`) : '' };
}
