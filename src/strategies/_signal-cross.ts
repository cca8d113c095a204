/** Tells at a close whether one figure has crossed another since the close before. */

export interface CrossMemory {
  /** Whether it stood above at the close before; `null` before the first. */
  isAbove: boolean | null;
}

export function newCross(): CrossMemory {
  return { isAbove: null };
}

/** `up` at the first close above after one that was not, `down` the other way round; equal counts as not above, and NaN as no close at all. */
export function cross(memory: CrossMemory, figure: number, other: number): 'up' | 'down' | null {
  const before = memory.isAbove;
  const isAbove = figure > other;
  if (before === isAbove || (!isAbove && Number.isNaN(figure - other))) return null;
  memory.isAbove = isAbove;
  if (before === null) return null;
  return isAbove ? 'up' : 'down';
}
