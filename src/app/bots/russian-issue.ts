/** Says in Russian what is wrong with settings: plans and checks word it in English, and whoever answers a reader of Russian translates. */
import type { Issue } from '#core/params.ts';
import { CONDITIONS, FRAGMENTS, SENTENCES } from './russian-words.ts';

/** The issue in Russian; as it is where nobody has said how. */
export function russianIssue({ field, message }: Issue): Issue {
  const isOperand = /\.(left|right)$/.test(field);
  return { field, message: (isOperand ? translated(message, CONDITIONS) : null) ?? translated(message, SENTENCES) ?? message };
}

type Phrases = typeof SENTENCES;

interface Pattern {
  readonly form: RegExp;
  readonly russian: readonly string[];
}

const GAP = '{}';
const patterns = new WeakMap<Phrases, readonly Pattern[]>();

function patternsOf(phrases: Phrases): readonly Pattern[] {
  const known = patterns.get(phrases);
  if (known !== undefined) return known;
  const made = phrases.map(([english, russian]) => ({
    form: new RegExp(`^${english.split(GAP).map(literal).join('(.*?)')}$`, 's'),
    russian: russian.split(GAP),
  }));
  patterns.set(phrases, made);
  return made;
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** `null` where no phrase fits. What stands in a gap is itself a phrase, or a figure or a name that stays as it is. */
function translated(text: string, phrases: Phrases): string | null {
  for (const { form, russian } of patternsOf(phrases)) {
    const match = form.exec(text);
    if (match === null) continue;
    const gaps = match.slice(1).map((gap) => (gap === '' ? gap : (translated(gap, FRAGMENTS) ?? gap)));
    return russian.map((part, index) => `${part}${gaps[index] ?? ''}`).join('');
  }
  return null;
}
