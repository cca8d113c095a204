#!/usr/bin/env node
/**
 * `npx argosy`: runs the commands on the Node among our own packages, whichever Node started this.
 * Plain JavaScript for Node 20, because that Node may not be the one that runs now.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const node = join(ROOT, 'node_modules', '.bin', 'node');
if (existsSync(node)) run();
else {
  process.stderr.write('\nArgosy is not installed yet: run npm start once, or npm run argosy.\n\n');
  process.exitCode = 1;
}

function run() {
  const child = spawn(node, [join(ROOT, 'src', 'argosy.ts'), ...process.argv.slice(2)], { stdio: 'inherit' });
  // The command decides what an interruption means; it gets the same signal from the terminal.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('close', (code, signal) => {
    process.exitCode = signal === null ? (code ?? 1) : 1;
  });
}
