/** What the ends of files say, remembered for as long as a file is the same: thousands of them are looked at for one list. */
import { stat } from 'node:fs/promises';
import type { Series } from '#core/history.ts';
import { inFile } from './_at-disk.ts';
import { type MonthSummary, summaryOf } from './_month-file.ts';

/** Files that are remembered; beyond it the oldest go. */
export const MAX_REMEMBERED = 20_000;

export type Glance = MonthSummary & { readonly bytes: number };

export class Glances {
  readonly #known = new Map<string, { readonly stamp: string; readonly glance: Glance }>();

  /** Throws DamagedFile, and what the disk throws. */
  async at(path: string, series: Series, month: string): Promise<Glance> {
    const { ino, size, mtimeMs } = await stat(path);
    const stamp = `${ino} ${size} ${mtimeMs}`;
    const known = this.#known.get(path);
    if (known?.stamp === stamp) return known.glance;
    const glance = { ...(await inFile(path, size, (source) => summaryOf(source, series, month))), bytes: size };
    this.#known.delete(path);
    this.#known.set(path, { stamp, glance });
    if (this.#known.size > MAX_REMEMBERED) this.#known.delete(this.#known.keys().next().value ?? '');
    return glance;
  }
}
