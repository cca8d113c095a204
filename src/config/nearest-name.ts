/** Finds the known name closest to a misspelt one, so that a refusal can say what was probably meant. */

/** The closest of `names` (at least one) and how many single-letter changes lie between. */
export function nearestName<Name extends string>(text: string, names: readonly Name[]): { readonly name: Name | undefined; readonly distance: number } {
  let nearest: { name: Name | undefined; distance: number } = { name: undefined, distance: Number.POSITIVE_INFINITY };
  for (const name of names) {
    const distance = editDistance(text, name);
    if (distance < nearest.distance) nearest = { name, distance };
  }
  return nearest;
}

/** Levenshtein's distance, row by row; a swap of neighbours counts two. */
function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= right.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[right.length] ?? 0;
}
