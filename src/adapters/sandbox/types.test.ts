import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { EXAMPLES, example } from '#test/sandbox/examples.ts';
import { TypeChecker } from './types.ts';

const checker = new TypeChecker(fileURLToPath(new URL('../../app/own-strategies/argosy-strategy.d.ts', import.meta.url)));
const issuesOf = (text: string, more: Readonly<Record<string, string>> = {}) =>
  checker.issuesOf([{ path: 'main.ts', text }, ...Object.entries(more).map(([path, each]) => ({ path, text: each }))]);

describe('the types of a program', () => {
  it.each(EXAMPLES)('are right in the worked example %s', (path) => {
    expect(checker.issuesOf(example(path))).toEqual([]);
  });

  it('are held to what programs may import, with line, column and the words of the compiler', () => {
    const text = `import { defineStrategy } from 'argosy/strategy';\n\nconst size: number = 'many';\nexport default defineStrategy(5);\n`;
    const issues = issuesOf(text);
    expect(issues).toMatchObject([
      { file: 'main.ts', line: 3, column: 7, message: "TS2322: Type 'string' is not assignable to type 'number'." },
      { file: 'main.ts', line: 4, column: 31, message: expect.stringMatching(/^TS2345: Argument of type 'number' is not assignable/) },
    ]);
    expect(issues[0]?.remedy).toContain('@ts-nocheck');
  });

  it('are followed into the other files of the program, its JavaScript included', () => {
    const other = { 'sizes.ts': 'export const size: string = 1;', 'plain.js': 'export const rate = 0.5;' };
    const text = `import { size } from './sizes.ts';\nimport { rate } from './plain.js';\nexport default [size, rate.toFixed(), rate.nothing];`;
    expect(issuesOf(text, other)).toMatchObject([
      { file: 'main.ts', line: 3, column: 44 },
      { file: 'sizes.ts', line: 1, column: 14 },
    ]);
  });

  it('are not looked at where the program says so, nor in JavaScript', () => {
    expect(issuesOf(`// @ts-nocheck\nconst size: number = 'many';\nexport default size;`)).toEqual([]);
    expect(checker.issuesOf([{ path: 'main.js', text: 'export default null.x' }])).toEqual([]);
  });

  it.each([
    ['a reference by path', '/// <reference path="/etc/passwd" />'],
    ['a reference upwards', '/// <reference path="../../../../../../../../etc/passwd" />'],
    ['a reference to types', '/// <reference types="node" />'],
    ['a type import of a package', `import type { Stats } from 'node:fs';`],
    ['a type import of a file', `import type Secret from '../../package.json';`],
    ['an import within a type', `type Secret = typeof import('/etc/passwd');`],
    ['a library that is none', '/// <reference lib="../../package" />'],
  ])('show nothing of the machine by %s', (_, line) => {
    const issues = issuesOf(`${line}\nexport default 1;`);
    expect(issues).toMatchObject([{ line: 1, message: expect.stringMatching(/^TS(6231|2591|2688|2307|2726)/) }]);
    expect(JSON.stringify(issues)).not.toMatch(/root:|argosy"|node_modules/);
  });

  it('are told with no more than fifty issues', () => {
    expect(issuesOf(`${'export const a: number = "";\n'.repeat(80)}export default 1;`)).toHaveLength(50);
  });
});
