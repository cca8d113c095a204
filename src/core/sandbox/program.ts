/** What an upload may be: a few small files with plain names. */
import type { Issue } from '../params.ts';
import type { ProgramFile } from './port.ts';

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
