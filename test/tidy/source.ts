/** Source files as the tidy rules see them: their text, the same without comments, and the bare code without comments and texts. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface SourceFile {
  /** Path from the project's root, with `/`. */
  readonly path: string;
  readonly text: string;
  /** Comments blanked; lines and columns stay where they are. */
  readonly uncommented: string;
  /** Comments and the insides of texts and regular expressions blanked. */
  readonly code: string;
}

/** What one rule finds wrong: where, and what to do. */
export interface Finding {
  readonly where: string;
  readonly problem: string;
}

const SKIPPED = new Set(['node_modules', '.git', 'data', 'build', 'coverage', '.env', '.env.local']);
const READABLE = /\.(ts|mts|mjs|js|json|md|sql|svg|csv|html|css|yaml|yml|example)$|^[^.]+$|^\.(gitignore|dockerignore)$/;

export function sourceFile(path: string, text: string): SourceFile {
  return { path, text, ...blank(text) };
}

/** All files of the project that people wrote or generated, as text. */
export function projectFiles(root: string, folder = ''): { readonly path: string; readonly text: string }[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (SKIPPED.has(path)) return [];
    if (entry.isDirectory()) return projectFiles(root, path);
    return entry.isFile() && READABLE.test(entry.name) ? [{ path, text: readFileSync(join(root, path), 'utf8') }] : [];
  });
}

/** `path:line` of a position in a file. */
export function at(file: SourceFile, index: number): string {
  return `${file.path}:${file.text.slice(0, index).split('\n').length}`;
}

/** One pass over TypeScript that tells code from comments, texts, templates and regular expressions. */
function blank(text: string): { readonly uncommented: string; readonly code: string } {
  const uncommented = [...text.split('')];
  const code = [...uncommented];
  const wipe = (from: number, to: number, isComment: boolean): void => {
    for (let index = from; index < to; index += 1) {
      if (text[index] === '\n') continue;
      code[index] = ' ';
      if (isComment) uncommented[index] = ' ';
    }
  };
  const templates: number[] = [];
  let depth = 0;
  let index = 0;
  while (index < text.length) {
    const rest = text.slice(index, index + 2);
    const character = text[index];
    let end = index + 1;
    if (rest === '//') wipe(index, (end = endOf(text, index, '\n')), true);
    else if (rest === '/*') wipe(index, (end = endOf(text, index + 2, '*/') + 2), true);
    else if (character === "'" || character === '"') wipe(index + 1, (end = endOfQuoted(text, index + 1, character)) - 1, false);
    else if (character === '/' && isRegularExpression(text, index)) wipe(index + 1, (end = endOfRegularExpression(text, index + 1)) - 1, false);
    else if (character === '`' || (character === '}' && templates.at(-1) === depth)) {
      if (character === '}') templates.pop();
      end = endOfTemplatePart(text, index + 1);
      wipe(index + 1, end - 1, false);
      if (text[end - 1] === '{') templates.push(depth);
    } else if (character === '{') depth += 1;
    else if (character === '}') depth -= 1;
    index = end;
  }
  return { uncommented: uncommented.join(''), code: code.join('') };
}

function endOf(text: string, from: number, mark: string): number {
  const found = text.indexOf(mark, from);
  return found < 0 ? text.length : found;
}

function endOfQuoted(text: string, from: number, quote: string): number {
  let index = from;
  while (index < text.length && text[index] !== quote && text[index] !== '\n') index += text[index] === '\\' ? 2 : 1;
  return index + 1;
}

/** Ends behind the closing backtick, or behind the `${` of the next hole. */
function endOfTemplatePart(text: string, from: number): number {
  let index = from;
  while (index < text.length && text[index] !== '`') {
    if (text[index] === '$' && text[index + 1] === '{') return index + 2;
    index += text[index] === '\\' ? 2 : 1;
  }
  return index + 1;
}

/** A slash divides when a value stands before it, and opens a regular expression otherwise. */
function isRegularExpression(text: string, index: number): boolean {
  const before = text.slice(Math.max(0, index - 40), index).trimEnd();
  return before === '' || /[([{,;=:!&|?+>~^%*<-]$/.test(before) || /\b(return|case|typeof|in|of)$/.test(before);
}

function endOfRegularExpression(text: string, from: number): number {
  let isClass = false;
  let index = from;
  while (index < text.length && text[index] !== '\n' && (isClass || text[index] !== '/')) {
    if (text[index] === '[') isClass = true;
    if (text[index] === ']') isClass = false;
    index += text[index] === '\\' ? 2 : 1;
  }
  return index + 1;
}
