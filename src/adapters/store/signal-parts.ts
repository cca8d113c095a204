/** Figures of signals as whole numbers, so that rows compare equal to cursors and to what was told. */
import { decimal } from '#core/money.ts';

/** Ten-thousandths of a percent. */
export function netParts(percent: string): number {
  return decimal(percent).times(10_000).floor().toNumber();
}

/** Hundredths of the quote coin; sizes beyond what a double counts exactly are equal. */
export function sizeParts(size: string): number {
  return Math.min(Number.MAX_SAFE_INTEGER - 1, decimal(size).times(100).floor().toNumber());
}
