/** What must hold before a commit besides the tests, quickly: types, lint and format, unused code, tidy rules. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

interface Check {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
}

const ROOT = dirname(import.meta.dirname);
const CHECKS: readonly Check[] = [
  { name: 'types of core', command: 'tsc', args: ['-p', 'src/core'] },
  { name: 'types of strategies', command: 'tsc', args: ['-p', 'src/strategies'] },
  { name: 'types of scanners', command: 'tsc', args: ['-p', 'src/scanners'] },
  { name: 'types', command: 'tsc', args: ['-p', '.'] },
  { name: 'lint and format', command: 'biome', args: ['check', '--error-on-warnings', '.'] },
  { name: 'unused code', command: 'knip', args: [] },
  { name: 'tidy rules', command: 'vitest', args: ['run', 'test/tidy.test.ts', '--reporter=dot'] },
];

function run({ name, command, args }: Check): Promise<boolean> {
  const began = performance.now();
  const binary = join(ROOT, 'node_modules', '.bin', command);
  const child = existsSync(binary) ? spawn(binary, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] }) : null;
  if (child === null) return Promise.resolve(report(name, false, 0, `${command} is not installed\n`));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return new Promise((resolve) => child.on('close', (code) => resolve(report(name, code === 0, performance.now() - began, output))));
}

function report(name: string, isFine: boolean, tookMs: number, output: string): boolean {
  console.log(`${isFine ? 'ok    ' : 'FAILED'}  ${name} (${(tookMs / 1000).toFixed(1)} s)${isFine ? '' : `\n${output}`}`);
  return isFine;
}

const results = await Promise.all(CHECKS.map(run));
const failed = results.filter((isFine) => !isFine).length;
console.log(failed === 0 ? 'all checks passed' : `${failed} of ${results.length} checks failed`);
process.exitCode = failed === 0 ? 0 : 1;
