/** Cuts the tokens of a post into the stretches that tell of one thing each: a new one begins where another ticker does, or after a ruled line. */
import type { Token } from './tokens.ts';

export interface Section {
  readonly tokens: readonly Token[];
  /** The post as a whole speaks of funding, as its heading says. */
  readonly isUnderFunding: boolean;
}

/** The sections of a post in order. */
export function sectionsOf(tokens: readonly Token[]): readonly Section[] {
  const lines = linesOf(tokens);
  const sections: Token[][] = [];
  let current: Token[] = [];
  let coins = new Set<string>();
  const begin = () => {
    sections.push(current);
    [current, coins] = [[], new Set()];
  };
  for (const line of lines) {
    const named = [...tickersOf(line)];
    if (isRule(line) || (coins.size > 0 && named.some((coin) => !coins.has(coin)))) begin();
    if (isRule(line)) continue;
    current.push(...line);
    for (const coin of named) coins.add(coin);
  }
  begin();
  const heading = lines.slice(
    0,
    lines.findIndex((line) => tickersOf(line).size > 0),
  );
  const isUnderFunding = heading.flat().some((token) => token.kind === 'word' && token.role === 'funding');
  return sections.filter((section) => section.length > 0).map((section) => ({ tokens: section, isUnderFunding }));
}

/** The coins that a stretch names. */
export function tickersOf(tokens: readonly Token[]): ReadonlySet<string> {
  return new Set(tokens.flatMap((token) => (token.kind === 'ticker' ? [token.instrument.base] : [])));
}

/** Tokens line by line. */
export function linesOf(tokens: readonly Token[]): readonly (readonly Token[])[] {
  const lines = new Map<number, Token[]>();
  for (const token of tokens) {
    const line = lines.get(token.line);
    if (line === undefined) lines.set(token.line, [token]);
    else line.push(token);
  }
  return [...lines.values()];
}

function isRule(line: readonly Token[]): boolean {
  return line.length >= 3 && line.every((token) => token.kind === 'mark' && /^[-=_*~—━─➖•]$/.test(token.raw));
}
