/**
 * Looks a program over before anything of it runs: its types are taken off, its syntax is read, and what it may not use is
 * named with line and column. This is for its author; what keeps a hostile one in is the sandbox, not this list.
 */
import { stripTypeScriptTypes } from 'node:module';
import { type ImportDeclaration, type Node, parse, type Program as Tree } from 'acorn';
import { full } from 'acorn-walk';
import type { ProgramIssue } from '#core/sandbox/port.ts';
import type { ProgramFile } from '#core/sandbox/program.ts';

/** Issues that are told of one program. */
const MAX_ISSUES = 50;

export interface Inspected {
  /** The files as JavaScript, every line and column where it was. */
  readonly files: readonly ProgramFile[];
  readonly issues: readonly ProgramIssue[];
}

export function inspectProgram(files: readonly ProgramFile[], apiName: string): Inspected {
  const issues: ProgramIssue[] = [];
  const plain = files.map((file) => ({ path: file.path, text: withoutTypes(file, issues) }));
  const trees = plain.map((file, index) => (issues.some((issue) => issue.file === files[index]?.path) ? null : treeOf(file, issues)));
  for (const [index, tree] of trees.entries()) {
    const file = plain[index];
    if (tree !== null && tree !== undefined && file !== undefined) inspectTree(tree, file.path, { paths: files.map(({ path }) => path), apiName }, issues);
  }
  const [main] = trees;
  if (main !== null && main !== undefined && !main.body.some((node) => node.type === 'ExportDefaultDeclaration'))
    issues.push({
      file: files[0]?.path ?? '',
      line: 1,
      column: 1,
      message: 'There is no default export.',
      remedy: 'Write `export default defineStrategy({ … })`.',
    });
  return { files: plain, issues: issues.slice(0, MAX_ISSUES) };
}

function withoutTypes(file: ProgramFile, issues: ProgramIssue[]): string {
  if (!file.path.endsWith('.ts')) return file.text;
  try {
    return stripTypeScriptTypes(file.text);
  } catch (error) {
    const { message, stack = '' } = error as Error;
    // The place stands in front of the trace: the line's number, the line, and a caret below the column.
    const place = /^[^\n]*:(\d+)\n[^\n]*\n( *)\^/.exec(stack);
    const isUnsupported = (error as { readonly code?: unknown }).code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX';
    issues.push({
      file: file.path,
      line: Number(place?.[1] ?? 1),
      column: (place?.[2]?.length ?? 0) + 1,
      message: message.split('\n')[0] ?? message,
      remedy: isUnsupported ? 'Use only types that can be taken off: no enum, namespace or parameter property.' : 'Correct the syntax.',
    });
    return '';
  }
}

function treeOf(file: ProgramFile, issues: ProgramIssue[]): Tree | null {
  try {
    return parse(file.text, { ecmaVersion: 'latest', sourceType: 'module', locations: true });
  } catch (error) {
    const { message, loc } = error as Error & { readonly loc?: { readonly line: number; readonly column: number } };
    issues.push({
      file: file.path,
      line: loc?.line ?? 1,
      column: (loc?.column ?? 0) + 1,
      message: message.replace(/ \(\d+:\d+\)$/, ''),
      remedy: 'Correct the syntax.',
    });
    return null;
  }
}

interface Refusal {
  readonly message: string;
  readonly remedy: string;
}

const NO_DYNAMIC_CODE: Refusal = { message: 'Code made of texts is not possible.', remedy: 'Write the code out.' };
const SYNCHRONOUS: Refusal = { message: 'A strategy is synchronous.', remedy: 'Do it at once, or ask for a timer and go on when it fires.' };
const TIME: Refusal = { message: 'There are no timers of the language.', remedy: 'Use `context.setTimer`, which comes back as `timerFired`.' };
const WORLD: Refusal = { message: 'There is nothing outside a strategy.', remedy: 'Use what `context` and `event` offer.' };
const SHARED: Refusal = { message: 'Shared memory and native code are not possible.', remedy: 'Use plain arrays and numbers.' };
const NOT_REPEATABLE: Refusal = { message: 'This differs from run to run.', remedy: 'Use plain data; keep what you need in the state.' };
const GLOBAL: Refusal = { message: 'The global object is not for strategies.', remedy: 'Keep what you need in the state.' };

/** Names that mean something elsewhere and nothing here. */
const NAMES: ReadonlyMap<string, Refusal> = new Map([
  ...['eval', 'Function'].map((name) => [name, NO_DYNAMIC_CODE] as const),
  ...['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'].map((name) => [name, TIME] as const),
  ...['fetch', 'process', 'require', 'module', 'Buffer', 'XMLHttpRequest', 'WebSocket', 'Worker', 'localStorage'].map((name) => [name, WORLD] as const),
  ...['WebAssembly', 'SharedArrayBuffer', 'Atomics'].map((name) => [name, SHARED] as const),
  ...['WeakRef', 'FinalizationRegistry', 'Intl', 'performance', 'crypto'].map((name) => [name, NOT_REPEATABLE] as const),
  ...['globalThis', 'window', 'self', 'global'].map((name) => [name, GLOBAL] as const),
  ['console', { message: 'There is no console.', remedy: 'Use `context.report`.' }],
  ['Promise', SYNCHRONOUS],
]);

const REACHING: Refusal = { message: 'Reaching for the makings of an object is not possible.', remedy: 'Use the object as it is.' };
const PROPERTIES: ReadonlySet<string> = new Set([
  'constructor',
  '__proto__',
  'prototype',
  '__defineGetter__',
  '__defineSetter__',
  '__lookupGetter__',
  '__lookupSetter__',
]);

/** The parts of a syntax tree that are looked at. */
interface Looked extends Node {
  readonly name?: string;
  readonly value?: unknown;
  readonly async?: boolean;
  readonly await?: boolean;
  readonly computed?: boolean;
  readonly source?: Looked | null;
  readonly property?: Looked;
  readonly key?: Looked;
}

function inspectTree(tree: Tree, file: string, allowed: { readonly paths: readonly string[]; readonly apiName: string }, issues: ProgramIssue[]): void {
  const declared = declaredNames(tree);
  const refuse = (node: Node, { message, remedy }: Refusal): void => {
    const at = node.loc?.start ?? { line: 1, column: 0 };
    issues.push({ file, line: at.line, column: at.column + 1, message, remedy });
  };
  full(tree, (node) => {
    const looked = node as Looked;
    const refusal = refusalOf(looked, declared, allowed);
    if (refusal !== null) refuse(node, refusal);
  });
}

function refusalOf(node: Looked, declared: ReadonlySet<string>, allowed: { readonly paths: readonly string[]; readonly apiName: string }): Refusal | null {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration':
      return node.source == null ? null : importRefusal(String(node.source.value), allowed);
    case 'ImportExpression':
      return { message: 'Dynamic imports are not possible.', remedy: `Import at the top, from "${allowed.apiName}" or your own files.` };
    case 'MetaProperty':
      return { message: 'There is nothing to know of a module.', remedy: 'Leave it out.' };
    case 'FunctionDeclaration':
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
      return node.async === true ? SYNCHRONOUS : null;
    case 'AwaitExpression':
      return SYNCHRONOUS;
    case 'ForOfStatement':
      return node.await === true ? SYNCHRONOUS : null;
    case 'DebuggerStatement':
      return { message: 'There is no debugger.', remedy: 'Use `context.report`.' };
    case 'Identifier':
      return declared.has(node.name ?? '') ? null : (NAMES.get(node.name ?? '') ?? null);
    case 'MemberExpression':
      return PROPERTIES.has(propertyOf(node)) ? REACHING : null;
    default:
      return null;
  }
}

function importRefusal(specifier: string, { paths, apiName }: { readonly paths: readonly string[]; readonly apiName: string }): Refusal | null {
  if (specifier === apiName || paths.includes(specifier.replace(/^\.\//, ''))) return null;
  return {
    message: `"${specifier.slice(0, 80)}" cannot be imported.`,
    remedy: `Import from "${apiName}" or from your own files, such as "./${paths[0] ?? 'main.ts'}".`,
  };
}

function propertyOf({ property, computed }: Looked): string {
  if (property === undefined) return '';
  return computed === true ? String(property.value ?? '') : (property.name ?? '');
}

/** Names that the program gives itself, wherever: those are its own. */
function declaredNames(tree: Tree): ReadonlySet<string> {
  const names = new Set<string>();
  full(tree, (node, _, kind) => {
    if (kind === 'VariablePattern') names.add((node as Looked).name ?? '');
    else if (node.type === 'ImportDeclaration') for (const { local } of (node as ImportDeclaration).specifiers) names.add(local.name);
  });
  return names;
}
