/** Sorts what went wrong into what the chaos test promises never to see, for its last line. */

const KINDS = [
  ['lost', /^lost:/],
  ['doubled', /^doubled:/],
  ['budget breaches', /^budget:/],
  // Books and venue tell different stories, or the books know that they do not know.
  ['unknown', / in the books\b|, books |still in doubt$/],
] as const;

/** Such as `0 lost, 0 doubled, 0 unknown, 0 budget breaches, 0 other violations`. */
export function reckon(violations: readonly string[]): string {
  const counts = { lost: 0, doubled: 0, unknown: 0, 'budget breaches': 0, 'other violations': 0 };
  for (const violation of violations) counts[KINDS.find(([, pattern]) => pattern.test(violation))?.[0] ?? 'other violations'] += 1;
  return Object.entries(counts)
    .map(([kind, count]) => `${count} ${kind}`)
    .join(', ');
}
