/**
 * Kinds of bots that processes are split by: the strategies that have a container of their own, and `custom` for every
 * other one.
 */

/** Strategies that have a container of their own. */
export const CONTAINER_TYPES: readonly string[] = ['grid', 'dca'];
/** Stands for every strategy without a container of its own. */
export const CUSTOM = 'custom';

/** Whether a process with these types runs bots of a strategy; `null` stands for all. */
export function runsStrategy(types: readonly string[] | null, strategy: string): boolean {
  return types === null || types.includes(strategy) || (types.includes(CUSTOM) && !CONTAINER_TYPES.includes(strategy));
}
