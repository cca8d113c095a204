/** Figures with what was promised of them, as a table for people. */

export interface Figure {
  readonly what: string;
  readonly value: string;
  readonly promise: string;
  readonly isKept: boolean;
}

/** The value below which a share of the samples lies. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

export function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

export function tableOf(figures: readonly Figure[]): string {
  const rows = [
    ['what', 'measured', 'promised', ''],
    ...figures.map(({ what, value, promise, isKept }) => [what, value, promise, isKept ? 'kept' : 'NOT KEPT']),
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
