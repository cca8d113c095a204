/**
 * Reads JSON bodies strictly: what `JSON.parse` lets pass in silence (a key given twice, a number that loses digits or
 * becomes infinite, a key that reaches for prototypes, nesting without end) is refused here, naming the field.
 */
import { AppError } from '#core/errors.ts';
import type { Issue } from '#core/params.ts';

/** Deepest nesting of lists and objects that is read. */
export const MAX_JSON_DEPTH = 32;
/** Doubles carry 15 decimal digits faithfully. */
const MAX_FAITHFUL_DIGITS = 15;
const PROTOTYPE_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** The value of a body; `undefined` for an empty one. Throws AppError `malformed_request` or `validation_failed`. */
export function parseJsonBody(text: string): unknown {
  if (text.trim() === '') return undefined;
  const value = parse(text);
  const issues = findHazards(text);
  if (issues.length > 0) throw new AppError('validation_failed', `${issues.length === 1 ? 'A field is' : `${issues.length} fields are`} not valid.`, issues);
  return value;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // The parser's own message quotes the body, which may hold a secret; only the position is passed on.
    const position = error instanceof SyntaxError ? /position (\d+)/.exec(error.message)?.[1] : undefined;
    throw new AppError(
      'malformed_request',
      position === undefined ? 'The body is not valid JSON.' : `The body is not valid JSON: it breaks at character ${position}.`,
    );
  }
}

interface Frame {
  /** Keys seen so far; `null` in a list. */
  readonly keys: Set<string> | null;
  isKeyNext: boolean;
  place: string;
  index: number;
}

/** Walks over text that is known to be valid JSON and lists what must not pass. */
function findHazards(text: string): Issue[] {
  const issues: Issue[] = [];
  const stack: Frame[] = [];
  let at = 0;
  while (at < text.length) {
    const character = text.charAt(at);
    const frame = stack.at(-1);
    if (character === '"') {
      const end = endOfString(text, at);
      if (frame?.isKeyNext === true) noteKey(frame, JSON.parse(text.slice(at, end)) as string, stack, issues);
      at = end;
      continue;
    }
    if (character === '-' || (character >= '0' && character <= '9')) {
      const end = endOfNumber(text, at);
      const problem = problemOfNumber(text.slice(at, end));
      if (problem !== null) issues.push({ field: pathOf(stack), message: problem });
      at = end;
      continue;
    }
    if (character === '{' || character === '[') {
      if (stack.length >= MAX_JSON_DEPTH) throw new AppError('malformed_request', `The body is nested deeper than ${MAX_JSON_DEPTH} levels.`);
      stack.push({ keys: character === '{' ? new Set() : null, isKeyNext: character === '{', place: '', index: 0 });
    } else if (character === '}' || character === ']') stack.pop();
    else if (character === ',' && frame !== undefined) {
      frame.index += 1;
      frame.isKeyNext = frame.keys !== null;
    }
    at += 1;
  }
  return issues;
}

function noteKey(frame: Frame, key: string, stack: readonly Frame[], issues: Issue[]): void {
  frame.isKeyNext = false;
  frame.place = key;
  if (PROTOTYPE_KEYS.has(key)) issues.push({ field: pathOf(stack), message: 'is not a known field' });
  if (frame.keys?.has(key) === true) issues.push({ field: pathOf(stack), message: 'is given twice' });
  frame.keys?.add(key);
}

function pathOf(stack: readonly Frame[]): string {
  return stack.map((frame) => (frame.keys === null ? String(frame.index) : frame.place)).join('.') || 'body';
}

function endOfString(text: string, from: number): number {
  let at = from + 1;
  while (text.charAt(at) !== '"') at += text.charAt(at) === '\\' ? 2 : 1;
  return at + 1;
}

function endOfNumber(text: string, from: number): number {
  let at = from;
  while (at < text.length && '+-.eE0123456789'.includes(text.charAt(at))) at += 1;
  return at;
}

function problemOfNumber(token: string): string | null {
  if (!Number.isFinite(Number(token))) return 'is too large for a JSON number';
  const digits = token
    .replace(/[eE].*$/, '')
    .replace(/[-.]/g, '')
    .replace(/^0+/, '')
    .replace(/0+$/, '');
  return digits.length > MAX_FAITHFUL_DIGITS ? `has ${digits.length} digits and is not exact as a JSON number; send it as a string` : null;
}
