/** How large each cell of a grid is next to the others: all alike, or growing evenly or by a factor towards the lower price. */
import type { GridParams } from './params.ts';

/** How many times the size of the highest cell the one at a line is; cells beyond the range are as large as the one at its end. */
export function shareOf(params: Pick<GridParams, 'size_shape' | 'size_ratio' | 'levels'>, line: number): number {
  const { size_shape: shape = 'equal', size_ratio: text, levels } = params;
  const top = (levels ?? 2) - 2;
  if (shape === 'equal' || top <= 0) return 1;
  const depth = Math.max(0, Math.min(1, (top - line) / top));
  const ratio = Number(text);
  const share = shape === 'linear' ? 1 + (ratio - 1) * depth : ratio ** depth;
  // Roots of whole ratios become whole again, and no machine gives another last digit.
  return Math.round(share * 1e9) / 1e9;
}

/** The smallest of these shares. */
export function leastShare(params: Pick<GridParams, 'size_shape' | 'size_ratio' | 'levels'>): number {
  return Math.min(1, shareOf(params, 0));
}
