/** The house keeps its own rules: walls between layers, no circles, no forbidden calls, short files, fresh generated files. Every rule first finds a bad sample. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { generatedFiles } from '../scripts/generated.ts';
import { forbiddenImports, importCycles } from './tidy/imports.ts';
import { bannedCalls, commentFaults, LINES_WITHOUT_REASON, lengthFaults, lineCount, machineTraces, nameFaults } from './tidy/rules.ts';
import { type Finding, projectFiles, sourceFile } from './tidy/source.ts';

/** Files past 300 lines, each with its reason. */
const LONG_FILES: Readonly<Record<string, string>> = {
  'test/simulation/database.ts': 'all rules of one transaction, side by side with those of PostgreSQL',
  'src/core/errors.ts': 'the registry of all codes; one entry each, nothing else',
};

const ROOT = dirname(import.meta.dirname);
const files = projectFiles(ROOT);
const sources = files
  .filter(({ path }) => /\.(ts|mts|mjs)$/.test(path) && !path.endsWith('.gen.ts') && !path.endsWith('.d.ts'))
  .map(({ path, text }) => sourceFile(path, text));

function problems(findings: readonly Finding[]): readonly string[] {
  return findings.map(({ where, problem }) => `${where} ${problem}`);
}

describe('walls between layers', () => {
  it('stand', () => {
    expect(problems(forbiddenImports(sources))).toEqual([]);
  });

  it.each([
    ['src/core/x.ts', `import type { Store } from '#app/runner.ts';`, 'core may not import app (#app/runner.ts)'],
    ['src/core/x.ts', `import { readFileSync } from 'node:fs';`, 'core may not import node:fs'],
    ['src/core/deep/x.ts', `import { z } from 'zod';`, 'core may not import zod'],
    ['src/strategies/x.ts', `export { y } from '../adapters/clock.ts';`, 'plugins may not import adapters (../adapters/clock.ts)'],
    ['src/app/x.ts', `const bot = await import('../adapters/store/index.ts');`, 'app may not import adapters (../adapters/store/index.ts)'],
    ['src/app/x.ts', `import grid from '#strategies/grid.ts';`, 'app may not import plugins (#strategies/grid.ts)'],
    ['src/app/x.ts', `import 'fastify';`, 'app may not import fastify'],
    ['src/adapters/store/x.ts', `import { y } from '../venues/binance.ts';`, 'src/adapters/store may not import its neighbour src/adapters/venues/binance.ts'],
    ['src/adapters/x.ts', `import { y } from './clock.ts';`, 'src/adapters/x.ts may not import its neighbour src/adapters/clock.ts'],
    ['src/edges/http/x.ts', `import { y } from '#adapters/clock.ts';`, 'edges may not import adapters (#adapters/clock.ts)'],
    ['src/edges/http/x.ts', `import { y } from '../../../test/tidy.ts';`, 'imports test/tidy.ts, which is no part of the product'],
    ['src/edges/http/x.ts', `import ccxt from 'ccxt';`, 'imports ccxt, which only src/adapters/venues may'],
    ['src/core/x.ts', `import {\n  config,\n} from\n  '#config';`, 'core may not import config (#config)'],
  ])('do not let %s say %s', (path, text, problem) => {
    expect(problems(forbiddenImports([sourceFile(path, text)]))).toEqual([`${path}:1 ${problem}`]);
  });

  it.each([
    ['src/core/x.ts', `import { Decimal } from 'decimal.js';\n// import 'fastify'\nconst text = "import 'zod'";`],
    ['src/adapters/x.ts', `import { clean } from './_redaction.ts';\nimport pino from 'pino';`],
    ['src/roles/api.ts', `import { GRID } from '#strategies/index.gen.ts';`],
    ['src/adapters/venues/_ccxt.ts', `import { binance } from 'ccxt';`],
    ['src/app/x.test.ts', `import { memoryBus } from '#adapters/bus/memory.ts';`],
  ])('let %s say %s', (path, text) => {
    expect(problems(forbiddenImports([sourceFile(path, text)]))).toEqual([]);
  });
});

describe('import circles', () => {
  it('do not exist, types included', () => {
    expect(problems(importCycles(sources))).toEqual([]);
  });

  it('are found when they do', () => {
    const circle = [
      sourceFile('src/core/a.ts', `import type { B } from './b.ts';`),
      sourceFile('src/core/b.ts', `import { c } from '#core/c.ts';`),
      sourceFile('src/core/c.ts', `export * from './a.ts';`),
    ];
    expect(problems(importCycles(circle))).toEqual(['src/core/a.ts imports in a circle: src/core/a.ts -> src/core/b.ts -> src/core/c.ts -> src/core/a.ts']);
  });
});

describe('forbidden calls', () => {
  it('are not made', () => {
    expect(problems(sources.flatMap(bannedCalls))).toEqual([]);
  });

  it.each([
    'const at = Date.now();',
    'const at = new Date();',
    'const at = new Date;',
    'const at = Math.random();',
    'const id = crypto.randomUUID();',
    `import { randomBytes } from 'node:crypto';`,
    'setTimeout(run, 5);',
    'const page = await fetch(url);',
    `const port = process.env['PORT'];`,
    'process.exit(1);',
    'function f(x: any) {}',
    'const x = y as any;',
    `console.log('here');`,
    `const text = \`now \${Date.now()}\`;`,
  ])('are found: %s', (text) => {
    expect(bannedCalls(sourceFile('src/app/x.ts', text))).toHaveLength(1);
  });

  it.each([
    'const at = new Date(event.at);',
    '// Date.now() is forbidden',
    `const text = 'setTimeout and new Date()';`,
    'const pattern = /process.env/;',
    'const a = clock.fetch();',
    'const any = 1;',
    'store.fetch(1);',
  ])('are not seen where there are none: %s', (text) => {
    expect(bannedCalls(sourceFile('src/app/x.ts', text))).toEqual([]);
  });

  it('are allowed where the world begins', () => {
    expect(bannedCalls(sourceFile('src/adapters/clock.ts', 'const at = Date.now(); setTimeout(run, 5);'))).toEqual([]);
    expect(bannedCalls(sourceFile('src/config.ts', 'process.env'))).toEqual([]);
  });
});

describe('comments', () => {
  it('say why each file exists, leave no open ends and give reasons', () => {
    expect(problems(sources.flatMap(commentFaults))).toEqual([]);
  });

  it.each([
    ['export const x = 1;', 'does not begin with a comment'],
    [`/** Reason. */\n// ${'TO'}DO: later`, 'without the number of an issue'],
    [`/** Reason. */\n// @ts-${'ignore'}`, 'without a reason'],
    [`/** Reason. */\n// biome-${'ignore'} lint/x`, 'without a reason'],
  ])('are missed in %j', (text, problem) => {
    const found = problems(commentFaults(sourceFile('src/core/x.ts', text)));
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(problem);
  });

  it('pass when they say what they must', () => {
    expect(commentFaults(sourceFile('src/core/x.ts', `/** Why this is here. */\n// ${'TO'}DO(#12): then`))).toEqual([]);
  });
});

describe('lengths', () => {
  it('of files, functions and roles keep to their frames', () => {
    expect(problems(sources.flatMap((file) => lengthFaults(file, LONG_FILES)))).toEqual([]);
  });

  it('are excused only for files that need it', () => {
    const needless = Object.keys(LONG_FILES).filter(
      (path) => !existsSync(join(ROOT, path)) || lineCount(readFileSync(join(ROOT, path), 'utf8')) <= LINES_WITHOUT_REASON,
    );
    expect(needless).toEqual([]);
  });

  const body = (lines: number): string => '  step();\n'.repeat(lines - 2);
  it.each([
    ['src/app/x.ts', 'x;\n'.repeat(501), 'has 501 lines; a file has at most 500'],
    ['src/app/x.ts', 'x;\n'.repeat(301), 'has 301 lines; past 300 a reason is needed in tidy.test.ts'],
    ['src/roles/x.ts', 'x;\n'.repeat(61), 'has 61 lines; a role has at most 60'],
    [
      'src/app/x.ts',
      `export function f(a: { b: number }): Promise<{ c: string }> {\n${body(71)}}\n`,
      'is a function of 71 lines; a function fits a screen of 70',
    ],
    ['src/app/x.ts', `class A {\n  x = 1;\n  #run(): void {\n${body(71)}}\n}\n`, 'is a function of 71 lines; a function fits a screen of 70'],
    ['src/app/x.ts', `const f = async (a) => {\n${body(71)}};\n`, 'is a function of 71 lines; a function fits a screen of 70'],
  ])('are found in %s %#', (path, text, problem) => {
    expect(lengthFaults(sourceFile(path, text), {}).map((finding) => finding.problem)).toEqual([problem]);
  });

  it('of classes, blocks and fitting functions are no fault', () => {
    expect(
      lengthFaults(sourceFile('src/app/x.ts', `export class A {\n${body(71)}}\nexport function f() {\n${body(70)}}\nexport const T = {\n${body(80)}};\n`), {}),
    ).toEqual([]);
  });
});

describe('names', () => {
  it('say something', () => {
    expect(problems(files.flatMap(({ path }) => nameFaults(path)))).toEqual([]);
  });

  it.each(['src/app/utils.ts', 'src/app/order-helpers.ts', 'src/core/common.test.ts', 'src/app/BotManager.ts', 'docs/misc.md'])('are found out: %s', (path) => {
    expect(nameFaults(path).length).toBeGreaterThan(0);
  });

  it.each(['src/app/desk/order-desk.ts', 'src/adapters/venues/_ccxt-market.ts', 'src/adapters/venues/index.gen.ts', 'README.md', 'src/core/x.test.ts'])(
    'are fine: %s',
    (path) => {
      expect(nameFaults(path)).toEqual([]);
    },
  );
});

describe('the project', () => {
  it('names no machine and no package registry', () => {
    expect(problems(files.flatMap(({ path, text }) => machineTraces(path, text)))).toEqual([]);
  });

  it.each([`cd ${'/wo'}rk/main`, `see ${'/ho'}me/ann/notes`, `https://${'registry.npm'}js.org/x`, `"resolv${'ed'}": "http://x"`])(
    'finds the trace in %s',
    (text) => {
      expect(machineTraces('docs/x.md', text)).toHaveLength(1);
    },
  );

  it('has no stale generated file (npm run generate makes them)', async () => {
    const stale = (await generatedFiles(ROOT)).filter(
      ({ path, content }) => !existsSync(join(ROOT, path)) || readFileSync(join(ROOT, path), 'utf8') !== content,
    );
    expect(stale.map(({ path }) => path)).toEqual([]);
  });
});
