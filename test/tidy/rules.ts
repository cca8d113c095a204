/** Rules about single files: what code may not call, how long it may be, and what must not stand in the project at all. */
import { at, type Finding, type SourceFile } from './source.ts';

export const MAX_LINES = 500;
export const LINES_WITHOUT_REASON = 300;
export const MAX_FUNCTION_LINES = 70;
export const MAX_ROLE_LINES = 60;

interface Ban {
  readonly pattern: RegExp;
  readonly instead: string;
  /** Files that may. */
  readonly allowed: RegExp;
}

const WORLD = /^src\/adapters\/|\.test\.ts$|^(test|bin|scripts|bench)\//;

const BANS: readonly Ban[] = [
  { pattern: /\bDate\.now\b/, instead: 'take the time from the Clock port', allowed: WORLD },
  { pattern: /\bnew Date\(\s*\)|\bnew Date\b(?!\s*\()|(?<!new )\bDate\(\s*\)/, instead: 'take the time from the Clock port', allowed: WORLD },
  { pattern: /\bMath\.random\b/, instead: 'take randomness from the Ids port', allowed: WORLD },
  { pattern: /\bcrypto\.random\w+|\b(randomBytes|randomUUID|randomInt|getRandomValues)\b/, instead: 'take randomness from the Ids port', allowed: WORLD },
  { pattern: /\b(setTimeout|setInterval|setImmediate)\b/, instead: 'take timers from the Clock port', allowed: WORLD },
  { pattern: /(?<![.\w#])fetch\(/, instead: 'reach the network through a port', allowed: WORLD },
  { pattern: /\bprocess\.env\b/, instead: 'read the configuration', allowed: /^src\/config\.ts$|^(bin|test|scripts|bench)\// },
  { pattern: /\bprocess\.exit\b/, instead: 'throw, and let main decide', allowed: /^src\/main\.ts$|^(bin|test|scripts|bench)\// },
  { pattern: /(?::|<|\||&|\bas|\()\s*any\b(?!\s*\()/, instead: 'name the type, or use unknown', allowed: /^$/ },
  { pattern: /\bconsole\.\w+/, instead: 'use the Log port', allowed: /^(test|scripts|bench)\// },
];

/** Calls that a file of its place may not make. */
export function bannedCalls(file: SourceFile): readonly Finding[] {
  return BANS.filter((ban) => !ban.allowed.test(file.path)).flatMap((ban) =>
    [...file.code.matchAll(new RegExp(ban.pattern, 'g'))].map((match) => ({
      where: at(file, match.index),
      problem: `${match[0].trim()} is not allowed here: ${ban.instead}`,
    })),
  );
}

/** Notes that nobody will come back to, suppressions without a reason, and a missing first sentence (tests say theirs in their names). */
export function commentFaults(file: SourceFile): readonly Finding[] {
  const findings: Finding[] = [];
  const seek = (pattern: RegExp, problem: string): void => {
    for (const match of file.text.matchAll(pattern)) {
      const isComment = file.uncommented[match.index] === ' ';
      if (isComment) findings.push({ where: at(file, match.index), problem: `${match[0]} ${problem}` });
    }
  };
  seek(/\b(TODO|FIXME|XXX|HACK)\b(?!.{0,40}#\d)/g, 'without the number of an issue');
  seek(/@ts-ignore|@ts-nocheck|@ts-expect-error(?!\s*:?\s*\w)|biome-ignore(?!\s+[\w/]+:\s*\w)/g, 'without a reason');
  const saysWhy = /^(#!.*\n)?\/\*\*[\s\S]*?\w[.:][\s\S]*?\*\//.test(file.text);
  if (!saysWhy && !file.path.endsWith('.test.ts'))
    findings.push({ where: `${file.path}:1`, problem: 'does not begin with a comment that says in a sentence why the file exists' });
  return findings;
}

/** Files and functions that no longer fit their frame. `reasons` names the files that may pass 300 lines, and why. */
export function lengthFaults(file: SourceFile, reasons: Readonly<Record<string, string>>): readonly Finding[] {
  const lines = lineCount(file.text);
  const findings: Finding[] = [];
  if (file.path.startsWith('src/roles/') && lines > MAX_ROLE_LINES)
    findings.push({ where: file.path, problem: `has ${lines} lines; a role has at most ${MAX_ROLE_LINES}` });
  if (lines > MAX_LINES) findings.push({ where: file.path, problem: `has ${lines} lines; a file has at most ${MAX_LINES}` });
  else if (lines > LINES_WITHOUT_REASON && reasons[file.path] === undefined && !file.path.startsWith('test/') && !file.path.endsWith('.test.ts'))
    findings.push({ where: file.path, problem: `has ${lines} lines; past ${LINES_WITHOUT_REASON} a reason is needed in tidy.test.ts` });
  if (file.path.endsWith('.test.ts')) return findings;
  for (const { index, length } of functionsOf(file.code)) {
    if (length > MAX_FUNCTION_LINES)
      findings.push({ where: at(file, index), problem: `is a function of ${length} lines; a function fits a screen of ${MAX_FUNCTION_LINES}` });
  }
  return findings;
}

/** Names that say nothing. */
export function nameFaults(path: string): readonly Finding[] {
  const words =
    path
      .split('/')
      .at(-1)
      ?.toLowerCase()
      .split(/[^a-z]+/) ?? [];
  const empty = words.find((word) => ['util', 'utils', 'helper', 'helpers', 'common', 'manager', 'misc'].includes(word));
  const isKebab = !/^(src|test|bench|scripts)\/.*\.ts$/.test(path) || /^_?[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*\.ts$/.test(path.split('/').at(-1) ?? '');
  return [
    ...(empty === undefined ? [] : [{ where: path, problem: `"${empty}" says nothing; name the file after what it does` }]),
    ...(isKebab ? [] : [{ where: path, problem: 'is not written in kebab-case' }]),
  ];
}

/** What belongs to one machine and not to the project. The patterns are written so that they do not find themselves. */
export function machineTraces(path: string, text: string): readonly Finding[] {
  const traces = [/(?<![\w.:/-])\/(work|root|home|Users)\/[\w.-]+/g, /[a-z0-9.-]*registry[.](npmjs|yarnpkg|npmmirror)[.][a-z]+/g, /"resolv[e]d": "[^"]+"/g];
  return traces.flatMap((trace) =>
    [...text.matchAll(trace)].map((match) => ({ where: `${path}:${text.slice(0, match.index).split('\n').length}`, problem: `names a machine: ${match[0]}` })),
  );
}

export function lineCount(text: string): number {
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
}

interface Frame {
  readonly opener: string;
  readonly index: number;
  readonly header: string;
  /** Where the statement in hand begins, and the one before it. */
  from: number;
  before: number;
}

/** Every function with a body in braces: where it opens and how many lines the body takes. */
function functionsOf(code: string): readonly { readonly index: number; readonly length: number }[] {
  const found: { index: number; length: number }[] = [];
  const stack: Frame[] = [{ opener: '', index: 0, header: '', from: 0, before: 0 }];
  for (const { 0: character, index } of code.matchAll(/[()[\]{};]/g)) {
    const frame = stack.at(-1);
    if (frame === undefined) break;
    if (character === ';') frame.from = frame.before = index + 1;
    else if ('([{'.includes(character)) {
      const header = code.slice(frame.from, index).trim() || code.slice(frame.before, index).trim();
      stack.push({ opener: character, index, header, from: index + 1, before: index + 1 });
    } else if (stack.length > 1) {
      stack.pop();
      const parent = stack.at(-1);
      if (character === '}' && isFunctionHeader(frame.header)) found.push({ index: frame.index, length: code.slice(frame.index, index).split('\n').length });
      if (character === '}' && parent !== undefined && endsStatement(code, index)) [parent.before, parent.from] = [parent.from, index + 1];
    }
  }
  return found;
}

/** A closing brace ends a statement unless what it closes goes on: a type in angle brackets, a union, a list of arguments. */
function endsStatement(code: string, index: number): boolean {
  return !/^\s*[>|&[\]),.?]/.test(code.slice(index + 1, index + 80));
}

function isFunctionHeader(header: string): boolean {
  if (/=>$/.test(header)) return true;
  if (
    /^(?:\}\s*)?(?:else\s+)?(if|for|while|switch|catch|class|interface|type|try|do|else|finally|export\s+(?:abstract\s+)?(?:class|interface|type))\b/.test(
      header,
    )
  )
    return false;
  return /\)\s*(?::[^=]+)?$/.test(header);
}
