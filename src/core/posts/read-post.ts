/** Reads a post of a channel: every event it tells of, typed and unverified, or why nothing is read. It never guesses. */

import { readArbitrage } from './arbitrage.ts';
import { gatherArbitrage, isArbitrage } from './arbitrage-fields.ts';
import { gatherFields } from './call-fields.ts';
import { isUpdate, readUpdate } from './call-update.ts';
import { normalise } from './normalise.ts';
import { MAX_POST_EVENTS, type Post, type PostEvent, type PostReading, type PostRefusal, type RefusalReason, refused } from './post.ts';
import { linesOf, type Section, sectionsOf, tickersOf } from './sections.ts';
import { type Token, tokenize } from './tokens.ts';
import { readCall } from './trade-call.ts';
import type { Role } from './words.ts';

/** What this version of a post says; the same post gives the same reading. */
export function readPost(post: Post): PostReading {
  return { messageId: post.messageId, edit: post.edit, results: resultsOf(post) };
}

function resultsOf(post: Post): PostReading['results'] {
  const plain = normalise(post);
  if (plain.kind === 'refused') return [plain];
  const tokens = tokenize(plain.text);
  if (tokens.length === 0) return [refused('empty')];
  const offered = withoutPromotion(tokens);
  if ('kind' in offered) return [offered];
  const unfit = unfitness(offered);
  if (unfit !== null) return [unfit];
  const sections = sectionsOf(offered).filter(({ tokens: own }) => own.some(({ kind }) => kind !== 'mark' && kind !== 'time'));
  const telling = sections.filter(isTelling);
  if (telling.length === 0) return [refused('no_signal')];
  if (telling.length > MAX_POST_EVENTS) return [refused('too_many', `${telling.length} parts`)];
  return telling.flatMap((section) => readSection(section, post.replyTo ?? null));
}

function readSection(section: Section, replyTo: string | null): readonly (PostEvent | PostRefusal)[] {
  const prose = linesOf(section.tokens).find(isProse);
  if (prose !== undefined) return [refused('unread_words', prose.map(({ raw }) => raw).join(' '))];
  if (isArbitrage(section)) {
    const fields = gatherArbitrage(section);
    return ['kind' in fields ? fields : readArbitrage(fields)];
  }
  const fields = gatherFields(section.tokens);
  if ('kind' in fields) return [fields];
  if (!isUpdate(fields)) return [readCall(fields)];
  const updates = readUpdate(fields, replyTo);
  return 'kind' in updates ? [updates] : updates;
}

/** A word without a meaning here in a line with figures may turn it into anything: "Liquidated: long BTC 67000". */
function isProse(line: readonly Token[]): boolean {
  if (!line.some(({ kind }) => kind === 'number' || kind === 'leverage')) return false;
  return line.some((token) => token.kind === 'word' && token.role === null);
}

/** A stretch that names a coin, a number or a change; greetings and headings do not. */
function isTelling({ tokens }: Section): boolean {
  if (tickersOf(tokens).size > 0) return true;
  return tokens.some(
    (token) => token.kind === 'number' || token.kind === 'leverage' || (token.kind === 'word' && token.role !== null && CHANGES.has(token.role)),
  );
}

const CHANGES: ReadonlySet<Role> = new Set(['reached', 'moved', 'breakeven', 'cancel', 'close', 'closed']);

/** Words that make the whole post no signal, whatever else it says; the first of them decides. */
const UNFIT: Partial<Record<Role, RefusalReason>> = { advert: 'advert', past: 'past_result', doubt: 'speculation', negation: 'negated' };

function unfitness(tokens: readonly Token[]): PostRefusal | null {
  for (const token of tokens) {
    const reason = token.kind === 'word' && token.role !== null ? UNFIT[token.role] : /[?🤡😂🤣😹]/u.test(token.raw) ? 'speculation' : undefined;
    if (reason !== undefined) return refused(reason, token.raw);
  }
  return null;
}

/** Lines that only ask to join are dropped; one that offers figures in the same breath makes the post an advert. */
function withoutPromotion(tokens: readonly Token[]): readonly Token[] | PostRefusal {
  const kept: Token[] = [];
  for (const line of linesOf(tokens)) {
    const invitation = line.find((token) => token.kind === 'word' && token.role === 'promotion');
    if (invitation === undefined) kept.push(...line);
    else if (line.some(({ kind }) => kind === 'number' || kind === 'ticker' || kind === 'leverage')) return refused('advert', invitation.raw);
  }
  return kept;
}
