/**
 * Checks the types of a program with TypeScript's own compiler, where that is installed: for authors at their own machine.
 * Uploads are not put through it, because a compiler is no sandbox.
 */
import { spawn } from 'node:child_process';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProgramIssue } from '#core/sandbox/port.ts';
import type { ProgramFile } from '#core/sandbox/program.ts';

const PATIENCE_MS = 60_000;
const OPTIONS = ['--noEmit', '--strict', '--target', 'es2024', '--lib', 'es2024', '--module', 'esnext', '--moduleResolution', 'bundler'];
const MORE_OPTIONS = ['--allowImportingTsExtensions', '--erasableSyntaxOnly', '--types', '', '--pretty', 'false'];

/** What the compiler says; nothing where there is none. `types` is the declaration of what programs import. */
export async function typeIssues(files: readonly ProgramFile[], types: string): Promise<readonly ProgramIssue[]> {
  const compiler = compilerPath();
  const typed = files.filter(({ path }) => path.endsWith('.ts'));
  if (compiler === null || typed.length === 0) return [];
  const folder = await mkdtemp(join(tmpdir(), 'argosy-strategy-'));
  try {
    for (const { path, text } of typed) await writeFile(join(folder, path), text);
    await copyFile(types, join(folder, 'argosy-strategy.d.ts'));
    const output = await run(compiler, [...OPTIONS, ...MORE_OPTIONS, ...typed.map(({ path }) => path), 'argosy-strategy.d.ts'], folder);
    return [...output.matchAll(/^([a-z0-9][a-z0-9-]*\.ts)\((\d+),(\d+)\): error (TS\d+: .*)$/gm)].map(([, file = '', line, column, message = '']) => ({
      file,
      line: Number(line),
      column: Number(column),
      message,
      remedy: '',
    }));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function compilerPath(): string | null {
  try {
    return join(createRequire(import.meta.url).resolve('typescript/package.json'), '..', 'bin', 'tsc');
  } catch {
    return null;
  }
}

function run(compiler: string, args: readonly string[], folder: string): Promise<string> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [compiler, ...args], {
      cwd: folder,
      env: {},
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: PATIENCE_MS,
      killSignal: 'SIGKILL',
    });
    let output = '';
    child.stdout.on('data', (piece: Buffer) => {
      output += piece.toString();
    });
    child.on('error', () => resolve(''));
    child.on('close', () => resolve(output));
  });
}
