import { describe, expect, it } from 'vitest';
import { inspectProgram } from './inspect.ts';

const issuesOf = (text: string, path = 'main.ts', more: readonly { readonly path: string; readonly text: string }[] = []) =>
  inspectProgram([{ path, text }, ...more], 'argosy/strategy').issues.map(({ file, line, column, message }) => `${file}:${line}:${column} ${message}`);
const END = '\nexport default 1;';

describe('looking a program over', () => {
  it.each([
    ['eval', "eval('1')", 'main.ts:1:1 Code made of texts is not possible.'],
    ['Function', "const f = new Function('1')", 'main.ts:1:15 Code made of texts is not possible.'],
    ['a constructor', 'const c = (() => 0).constructor', 'main.ts:1:11 Reaching for the makings of an object is not possible.'],
    ['a constructor by its text', "const c = [].map['constructor']", 'main.ts:1:11 Reaching for the makings of an object is not possible.'],
    ['a prototype', 'Array.prototype.x = 1', 'main.ts:1:1 Reaching for the makings of an object is not possible.'],
    ['a dynamic import', "import('node:fs')", 'main.ts:1:1 Dynamic imports are not possible.'],
    ['a module of Node', "import fs from 'node:fs'", 'main.ts:1:1 "node:fs" cannot be imported.'],
    ['what is exported from elsewhere', "export * from 'x'", 'main.ts:1:1 "x" cannot be imported.'],
    ['import.meta', 'const m = import.meta', 'main.ts:1:11 There is nothing to know of a module.'],
    ['an async function', 'async function f() {}', 'main.ts:1:1 A strategy is synchronous.'],
    ['await', 'await 1', 'main.ts:1:1 A strategy is synchronous.'],
    ['a timer', '\n  setTimeout(() => 0)', 'main.ts:2:3 There are no timers of the language.'],
    ['the process', 'const e = process', 'main.ts:1:11 There is nothing outside a strategy.'],
    ['the console', 'console.log(1)', 'main.ts:1:1 There is no console.'],
    ['the global object', 'globalThis.x = 1', 'main.ts:1:1 The global object is not for strategies.'],
    ['WebAssembly', 'const w = WebAssembly', 'main.ts:1:11 Shared memory and native code are not possible.'],
    ['what differs from run to run', 'const w = new WeakRef({})', 'main.ts:1:15 This differs from run to run.'],
    ['an enum', 'enum A { B }', 'main.ts:1:1 TypeScript enum is not supported in strip-only mode'],
    ['broken syntax', 'const a = ;', 'main.ts:1:11 Expression expected'],
    ['syntax that is no JavaScript', 'const a: number = 1', ''],
  ])('names %s with line and column', (_, text, issue) => {
    expect(issuesOf(text + END)).toEqual(issue === '' ? [] : [issue]);
  });

  it('leaves names alone that the program gives itself', () => {
    expect(
      issuesOf(`const process = (fetch) => fetch + 1; const a = { eval: process(1) }.eval; import { ema as module } from 'argosy/strategy'; module;${END}`),
    ).toEqual([]);
  });

  it('reads other files of the program, and only those', () => {
    const other = { path: 'other.js', text: "import fs from 'fs';" };
    expect(issuesOf(`import './other.js';${END}`, 'main.js', [other])).toEqual(['other.js:1:1 "fs" cannot be imported.']);
    expect(issuesOf(`import './missing.js';${END}`, 'main.js')).toEqual(['main.js:1:1 "./missing.js" cannot be imported.']);
  });

  it('asks for a default export', () => {
    expect(issuesOf('const a = 1;')).toEqual(['main.ts:1:1 There is no default export.']);
  });

  it('survives what is nested beyond reason, and tells of fifty places at most', () => {
    expect(issuesOf(`const a = ${'['.repeat(100_000)}${']'.repeat(100_000)};${END}`, 'main.js')).toEqual([
      expect.stringContaining('Not enough stack space to parse input'),
    ]);
    expect(issuesOf(`${'eval;'.repeat(80)}${END}`, 'main.js')).toHaveLength(50);
  });
});
