/**
 * Checks the types of a program with TypeScript's own compiler, which gets to see the program, the declaration of what it may import
 * and the libraries of the language, and no other file. Runs in the process of a sandbox, where it may take its time or fail.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname } from 'node:path';
import type * as Morph from '@ts-morph/common';
import type { ProgramIssue } from '#core/sandbox/port.ts';
import type { ProgramFile } from '#core/sandbox/program.ts';

type Compiler = typeof Morph.ts;
type SourceFile = Morph.ts.SourceFile;

/** Issues that are told of one program. */
const MAX_ISSUES = 50;
const MAX_MESSAGE = 500;
/** Where the files of a program are for the compiler; nothing is there. */
const FOLDER = '/strategy';
const API_FILE = `${FOLDER}/argosy-strategy.d.ts`;
const REMEDY = 'Correct this, or write `// @ts-nocheck` on the first line of the file to leave its types unchecked.';

/** Loads the compiler when it is first needed, and keeps the libraries of the language, which are the same for every program. */
export class TypeChecker {
  readonly #apiPath: string;
  #loaded: { readonly compiler: Compiler; readonly libraries: ReadonlyMap<string, string> } | null = null;
  readonly #parsed = new Map<string, SourceFile>();

  /** `apiPath`: the declaration of what programs import. */
  constructor(apiPath: string) {
    this.#apiPath = apiPath;
  }

  issuesOf(files: readonly ProgramFile[]): readonly ProgramIssue[] {
    const names = files.filter(({ path }) => path.endsWith('.ts')).map(({ path }) => `${FOLDER}/${path}`);
    if (names.length === 0) return [];
    const { compiler } = this.#load();
    const options = optionsOf(compiler);
    const program = compiler.createProgram([...names, API_FILE], options, this.#hostFor(compiler, files));
    const found = names.flatMap((name) => {
      const file = program.getSourceFile(name);
      return file === undefined ? [] : [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
    });
    return found.slice(0, MAX_ISSUES).map((each) => issueOf(compiler, each));
  }

  #hostFor(compiler: Compiler, files: readonly ProgramFile[]): Morph.ts.CompilerHost {
    const texts = new Map(files.map(({ path, text }) => [`${FOLDER}/${path}`, text]));
    const read = (name: string): string | undefined => (name === API_FILE ? readFileSync(this.#apiPath, 'utf8') : texts.get(name));
    return {
      getSourceFile: (name, options) => {
        if (dirname(name) === LIBRARIES) return this.#library(basename(name));
        const text = read(name);
        return text === undefined ? undefined : compiler.createSourceFile(name, text, options);
      },
      getDefaultLibFileName: () => `${LIBRARIES}/lib.es2024.d.ts`,
      getDefaultLibLocation: () => LIBRARIES,
      getCurrentDirectory: () => FOLDER,
      getCanonicalFileName: (name) => name,
      useCaseSensitiveFileNames: () => true,
      getNewLine: () => '\n',
      fileExists: (name) => name === API_FILE || texts.has(name),
      readFile: read,
      writeFile: () => undefined,
      directoryExists: (name) => name === FOLDER,
      getDirectories: () => [],
    };
  }

  #load() {
    if (this.#loaded !== null) return this.#loaded;
    const { ts, getLibFiles } = createRequire(import.meta.url)('@ts-morph/common') as typeof Morph;
    this.#loaded = { compiler: ts, libraries: new Map(getLibFiles().map(({ fileName, text }) => [fileName, text])) };
    return this.#loaded;
  }

  #library(name: string): SourceFile | undefined {
    const { compiler, libraries } = this.#load();
    const known = this.#parsed.get(name);
    const text = libraries.get(name);
    if (known !== undefined || text === undefined) return known;
    const file = compiler.createSourceFile(`${LIBRARIES}/${name}`, text, compiler.ScriptTarget.ES2024);
    this.#parsed.set(name, file);
    return file;
  }
}

/** Where the libraries of the language are for the compiler. */
const LIBRARIES = '/libraries';

function optionsOf(compiler: Compiler): Morph.ts.CompilerOptions {
  return {
    strict: true,
    target: compiler.ScriptTarget.ES2024,
    lib: ['lib.es2024.d.ts'],
    module: compiler.ModuleKind.ESNext,
    moduleResolution: compiler.ModuleResolutionKind.Bundler,
    moduleDetection: compiler.ModuleDetectionKind.Force,
    allowImportingTsExtensions: true,
    erasableSyntaxOnly: true,
    allowJs: true,
    checkJs: false,
    noEmit: true,
    skipLibCheck: true,
    types: [],
  };
}

function issueOf(compiler: Compiler, { file, start, code, messageText }: Morph.ts.Diagnostic): ProgramIssue {
  const place = file === undefined || start === undefined ? { line: 0, character: 0 } : file.getLineAndCharacterOfPosition(start);
  return {
    file: basename(file?.fileName ?? ''),
    line: place.line + 1,
    column: place.character + 1,
    message: `TS${code}: ${compiler.flattenDiagnosticMessageText(messageText, ' ')}`.slice(0, MAX_MESSAGE),
    remedy: REMEDY,
  };
}
