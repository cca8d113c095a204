/** The worked examples as uploads. */
import { readFileSync } from 'node:fs';
import type { ProgramFile } from '#core/sandbox/program.ts';

export const EXAMPLES = ['dip-buyer.ts', 'trend.js', 'hourly-bid.ts'] as const;

export function example(path: (typeof EXAMPLES)[number]): readonly ProgramFile[] {
  return [{ path, text: readFileSync(new URL(`../../examples/strategies/${path}`, import.meta.url), 'utf8') }];
}
