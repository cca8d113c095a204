/** Makes the text of a post plain: one form per letter, no invisible characters, no struck-out words, look-alike letters read as what they stand for. */
import { MAX_POST_LENGTH, type Post, type PostRefusal, refused } from './post.ts';
import { isMajor, venueOf } from './words.ts';

/** Stands for a numbered bullet, whose number says nothing but its place in a list. */
export const BULLET = '●';

export type PlainText = { readonly kind: 'plain'; readonly text: string } | PostRefusal;

/** The plain text of a post, or why it cannot be trusted to read as it looks. */
export function normalise(post: Post): PlainText {
  if (post.text.length > MAX_POST_LENGTH) return refused('too_long', `${post.text.length} characters`);
  const visible = withoutStruckOut(post);
  if (REORDERING.test(visible)) return refused('hostile_text', 'characters that reorder the text');
  // Compatibility forms would turn 0.0₅12 into 0.0512 and 10² into 102.
  const raised = RAISED.exec(visible);
  if (raised !== null) return refused('ambiguous_number', raised[0]);
  const text = visible
    .replace(NUMBERED_BULLET, ` ${BULLET} `)
    .replace(FIXED_SPACE_GROUP, "'")
    .replace(INVISIBLE, '')
    .normalize('NFKC')
    .replace(DISCLAIMER, ' ')
    .replace(LINK, ' link ')
    .replace(/[‐‑‒–—―−]/g, '-')
    .replace(/[’‘`´]/g, "'")
    .replace(/(?<!\p{L})([ST])\/([LP])(?!\p{L})/giu, '$1$2')
    .replace(/(?<!\p{L})б\/у(?!\p{L})/giu, 'бу')
    .replace(/(?<!\p{L})r[/:]r(?!\p{L})/giu, 'rr');
  if (text.length > MAX_POST_LENGTH * 2) return refused('too_long', `${text.length} characters`);
  return { kind: 'plain', text: text.replace(WORD, (word, offset: number) => foldWord(word, text, offset)) };
}

const REORDERING = /[\u202A-\u202E\u2066-\u2069\u061C]/;
const RAISED = /[⁰¹²³⁴-⁹₀-₉½¼¾⅐-⅞]/;
const NUMBERED_BULLET = /[0-9](?:\u200D|\uFE0F|[\u200B\u200C\u200E\u200F\u2060\uFEFF\u00AD])*\u20E3|[①-⑳❶-❿➀-➓🔟]/gu;
const FIXED_SPACE_GROUP = /(?<=\d)[\u00A0\u202F\u2009](?=\d{3}(?!\d))/g;
const INVISIBLE = /\u200D|\uFE0F|[\u200B\u200C\u200E\u200F\u2060\uFEFF\u00AD]/g;
const LINK = /(?:https?:\/\/|www\.|t\.me\/|@(?=[a-z]))\S+/gi;
const DISCLAIMER = /not (?:a )?financial advice|не (?:является )?(?:финансов\S+|индивидуальн\S+ инвестиц\S+) (?:рекомендац\S+|совет\S*)/gi;
const WORD = /[\p{L}\p{N}]+/gu;

function withoutStruckOut({ text, entities = [] }: Post): string {
  const struck = entities.filter(({ kind, offset, length }) => kind === 'strikethrough' && offset >= 0 && length > 0).sort((a, b) => a.offset - b.offset);
  let kept = '';
  let from = 0;
  for (const { offset, length } of struck) {
    if (offset > from) kept += `${text.slice(from, offset)} `;
    from = Math.max(from, offset + length);
  }
  return kept + text.slice(from);
}

const LATIN_OF: Readonly<Record<string, string>> = Object.fromEntries(
  [...'АВЕКМНОРСТХУІЅЈасеорхуіѕј'].map((letter, index) => [letter, 'ABEKMHOPCTXYISJaceopxyisj'.charAt(index)]),
);

/** A word in two alphabets is Latin when each foreign letter looks it; one wholly in Cyrillic only where a ticker must stand or a known name appears. */
function foldWord(word: string, text: string, offset: number): string {
  if (!/\p{Script=Cyrillic}/u.test(word)) return word;
  if (/^(?:[хХ]\d+|\d+[хХ])$/.test(word)) return word.replace(/[хХ]/, 'x');
  const folded = [...word].map((letter) => LATIN_OF[letter] ?? letter).join('');
  if (/\p{Script=Cyrillic}/u.test(folded)) return word;
  if (/[a-z]/i.test(word)) return folded;
  if (word !== word.toUpperCase()) return word;
  const isTickerPlace = text[offset - 1] === '$' || /^\s?[/_-]\s?[UВB]/.test(text.slice(offset + word.length, offset + word.length + 4));
  return isTickerPlace || isMajor(folded) || (folded.length > 2 && venueOf(folded.toLowerCase()) !== null) ? folded : word;
}
