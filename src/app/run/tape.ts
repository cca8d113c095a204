/**
 * The tape of a run: every event it consumed and the commands it gave. Replaying a tape through a fresh engine must
 * give the same commands, in backtest, paper and live alike; the first difference is where determinism was lost.
 */
import type { Command } from '#core/commands.ts';
import { Engine, type RunSetup } from '#core/engine/engine.ts';
import type { RunState } from '#core/engine/run-state.ts';
import type { JournalEntry } from '#core/store/runs.ts';

/** Where a replay gave other commands than the tape holds, or broke. */
export interface TapeDifference {
  readonly sequence: number;
  readonly recorded: JournalEntry;
  /** What the replay gave instead; empty when it broke. */
  readonly replayed: readonly Command[];
  /** What broke, where an entry is missing, or empty. */
  readonly problem: string;
}

/**
 * Runs the entries, oldest first and without gaps, through a new engine of the same setup, and compares what it
 * commands. `from` continues a tape from a snapshot taken before its first entry. `null` when nothing differs.
 */
export function replay(setup: RunSetup, entries: Iterable<JournalEntry>, from?: RunState): TapeDifference | null {
  const engine = new Engine(setup, from === undefined ? undefined : structuredClone(from));
  let expected: number | null = null;
  for (const recorded of entries) {
    const { sequence } = recorded;
    if (expected !== null && sequence !== expected) return { sequence, recorded, replayed: [], problem: `entry ${expected} is missing from the tape` };
    expected = sequence + 1;
    let replayed: readonly Command[];
    try {
      replayed = engine.step(recorded.event);
    } catch (error) {
      return { sequence, recorded, replayed: [], problem: error instanceof Error ? error.message : String(error) };
    }
    if (!isSameData(recorded.commands, replayed)) return { sequence, recorded, replayed, problem: '' };
  }
  return null;
}

/** Whether two pieces of plain data are equal, whatever the order of their keys (a database may change it). */
export function isSameData(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b))
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((each, index) => isSameData(each, b[index]));
  const keys = definedKeys(a);
  return keys.length === definedKeys(b).length && keys.every((key) => isSameData(Reflect.get(a, key), Reflect.get(b, key)));
}

function definedKeys(value: object): string[] {
  return Object.keys(value).filter((key) => Reflect.get(value, key) !== undefined);
}
