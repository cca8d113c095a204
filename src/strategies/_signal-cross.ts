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

/** The first close from `from` on at which {@link cross} might do anything; `to` where there is none. */
export function closeUntilCross({ isAbove }: CrossMemory, figures: Float64Array, others: Float64Array, from: number, to: number): number {
  if (isAbove === null) return from;
  let index = from;
  if (isAbove) while (index < to && (figures[index] as number) > (others[index] as number)) index += 1;
  else while (index < to && !((figures[index] as number) > (others[index] as number))) index += 1;
  return index;
}
