/** Several backtests side by side: what differs between what they were asked for, so that what differs in their figures can be understood. */
import type { BacktestRecord } from '#core/store/backtests.ts';

/** Backtests that are compared at once. */
export const MAX_COMPARED = 10;

export interface SettingDifference {
  /** Path of the setting, such as `config.fast`. */
  readonly setting: string;
  /** One for each backtest, in their sequence; `null` where it has none. */
  readonly values: readonly (string | number | boolean | null)[];
}

export function differingSettings(records: readonly BacktestRecord[]): readonly SettingDifference[] {
  const flat = records.map(({ settings }) => new Map(leaves(settings, '')));
  const paths = [...new Set(flat.flatMap((settings) => [...settings.keys()]))].sort();
  return paths
    .map((setting) => ({ setting, values: flat.map((settings) => settings.get(setting) ?? null) }))
    .filter(({ values }) => values.some((value) => value !== values[0]));
}

function* leaves(value: unknown, path: string): Generator<[string, string | number | boolean]> {
  if (typeof value === 'object' && value !== null) {
    for (const [name, inner] of Object.entries(value)) yield* leaves(inner, path === '' ? name : `${path}.${name}`);
  } else if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') yield [path, value];
}
