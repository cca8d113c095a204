/** A strategy of a user as it is uploaded and kept: a few small files with plain names, and what they declare. */
import type { InstrumentKind } from '../instrument.ts';
import type { Issue, ParamsSpec, Text } from '../params.ts';
import type { RuleName } from '../strategy.ts';

/** A file of a program; paths are plain names such as `main.ts`. */
export interface ProgramFile {
  readonly path: string;
  readonly text: string;
}

/** A strategy as its user wrote it. The first file is the one whose default export it is. */
export interface Program {
  /** Digest of its files; the same program has the same one for ever. */
  readonly hash: string;
  readonly files: readonly ProgramFile[];
}

/** What a program says of itself, checked and plain. */
export interface Declaration {
  readonly name: string;
  readonly version: number;
  readonly title: Text;
  readonly summary: Text;
  readonly params: ParamsSpec;
  readonly markets: readonly InstrumentKind[];
  readonly wants: { readonly bars: boolean; readonly quotes: boolean };
  readonly commands: Readonly<Record<string, { readonly title: Text; readonly help: Text; readonly params: ParamsSpec }>>;
  /** Which automatic actions its user may have follow its orders; left out for none, as in programs from before there were any. */
  readonly rules?: readonly RuleName[];
  /** Whether its bars depend on its settings; otherwise a backtest tells it those of its history. */
  readonly choosesBars: boolean;
  /** Its word for the first instrument, where it trades several. */
  readonly legName?: string;
  /** Whether it may want instruments beside the first; left out for no, as in programs from before there were any. */
  readonly choosesLegs?: boolean;
}

export const MAX_PROGRAM_FILES = 8;
/** Characters of all files together. */
export const MAX_PROGRAM_SIZE = 256 * 1_024;

const PATH = /^[a-z0-9][a-z0-9-]{0,59}\.(ts|js)$/;

/** What is wrong with the shape of an upload; its contents are the sandbox's to look at. */
export function programFaults(files: readonly ProgramFile[]): readonly Issue[] {
  const issues: Issue[] = [];
  if (files.length === 0) issues.push({ field: 'files', message: 'must hold at least one file' });
  if (files.length > MAX_PROGRAM_FILES) issues.push({ field: 'files', message: `must hold at most ${MAX_PROGRAM_FILES} files` });
  for (const [index, { path }] of files.entries()) {
    if (!PATH.test(path))
      issues.push({ field: `files[${index}].path`, message: 'must be small letters, digits and "-", ending in .ts or .js, such as "main.ts"' });
    else if (files.findIndex((each) => each.path === path) !== index) issues.push({ field: `files[${index}].path`, message: 'is there twice' });
  }
  const size = files.reduce((sum, { text }) => sum + text.length, 0);
  if (size > MAX_PROGRAM_SIZE) issues.push({ field: 'files', message: `must have at most ${MAX_PROGRAM_SIZE} characters together, got ${size}` });
  return issues;
}
