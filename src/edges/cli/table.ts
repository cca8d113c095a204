/** Tables for people at a terminal; plain columns where the output goes into a file or another program. */
import Table from 'cli-table3';

const PLAIN = {
  chars: { top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
} as const;
const WITHOUT_LINES = { ...PLAIN.chars, left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '  ' };

/** Rows under a head. */
export function tableOf(head: readonly string[], rows: readonly (readonly string[])[], isInteractive: boolean): string {
  const table = new Table({
    head: [...head],
    style: { head: [], border: [], compact: true, ...(isInteractive ? {} : { 'padding-left': 0, 'padding-right': 0 }) },
    ...(isInteractive ? {} : { chars: WITHOUT_LINES }),
  });
  for (const row of rows) table.push([...row]);
  return trimmed(table.toString());
}

/** Names and values without a head. */
export function listOf(rows: readonly (readonly [name: string, value: string])[]): string {
  const table = new Table({ style: { head: [], border: [], compact: true, 'padding-left': 0, 'padding-right': 0 }, chars: WITHOUT_LINES });
  for (const row of rows) table.push([...row]);
  return trimmed(table.toString());
}

function trimmed(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}
