/**
 * A directory for one test run: what tests and the processes they start write below the temporary directory is inside it and
 * goes with the run, however its tests end. Beside it the run keeps what Node has compiled, so that each of the many
 * processes of a run need not compile the same sources again.
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Begins the name, and the process of the run follows. */
export const PREFIX = 'argosy-test-';
const COMPILED = join(import.meta.dirname, '..', '..', 'node_modules', '.cache', 'argosy');

/** For the processes of the run, which take over the environment of this one. */
export default function setup(): () => void {
  const directory = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
  // A database server started by root runs as another user, who must be able to pass.
  chmodSync(directory, 0o755);
  const before = process.env['TMPDIR'];
  process.env['TMPDIR'] = directory;
  process.env['NODE_COMPILE_CACHE'] ??= COMPILED;
  return () => {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
    rmSync(directory, { recursive: true, force: true });
  };
}
