/** The worked examples as uploads. */
import { readFileSync } from 'node:fs';
import type { ProgramFile } from '#core/sandbox/program.ts';

export const EXAMPLES = ['dip-buyer.ts', 'trend.js', 'hourly-bid.ts'] as const;
/** Trades several instruments. */
export const LEGS_EXAMPLE = 'pair-rotation.ts';

export function example(path: (typeof EXAMPLES)[number] | typeof LEGS_EXAMPLE): readonly ProgramFile[] {
  return [{ path, text: readFileSync(new URL(`../../examples/strategies/${path}`, import.meta.url), 'utf8') }];
}
