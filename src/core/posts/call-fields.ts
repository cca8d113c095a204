/**
 * Gathers what a stretch of a post says of a trade: every number must stand behind a word that tells what it is. One number
 * that nothing claims refuses the stretch, so that a price is never taken for what it is not.
 */
import { decimal } from '../money.ts';
import { type CallLevel, MAX_DISTANCE, type PostInstrument, type PostRefusal, refused } from './post.ts';
import type { NumberToken, Token } from './tokens.ts';
import type { Role } from './words.ts';

type Label = 'entry' | 'target' | 'stop' | 'leverage' | 'market' | 'close' | 'ignored';

/** What was said, in the order it was said; nothing is checked against anything yet. */
export interface CallFields {
  readonly instruments: PostInstrument[];
  readonly roles: Set<Role>;
  readonly venues: Set<string>;
  readonly entries: CallLevel[];
  /** The two entries stand with a dash or "to" between them. */
  isRange: boolean;
  readonly targets: CallLevel[];
  /** Numbers of targets that are named without a level, as in "TP1 hit". */
  readonly targetNumbers: number[];
  readonly shares: (string | null)[];
  readonly stops: CallLevel[];
  readonly leverages: number[];
  readonly closePercents: string[];
  /** Words without a meaning here, and times of charts. */
  readonly strays: string[];
  /** A tick stands behind a target: it is in the past. */
  hasTick: boolean;
  bound: 'above' | 'below' | null;
}

/** The fields of a stretch, or the refusal that its first unclear number earns. */
export function gatherFields(tokens: readonly Token[]): CallFields | PostRefusal {
  const gatherer = new Gatherer(tokens);
  for (let at = 0; at < tokens.length; at++) {
    const refusal = gatherer.take(at);
    if (refusal !== null) return refusal;
  }
  return gatherer.fields;
}

const LABELS: Partial<Record<Role, Label>> = {
  entry: 'entry',
  target: 'target',
  stop: 'stop',
  leverage: 'leverage',
  market_order: 'market',
  close: 'close',
  ignored: 'ignored',
};
const WEAK: ReadonlySet<Role> = new Set(['long', 'short', 'buy', 'sell']);
const TRANSPARENT: ReadonlySet<Role> = new Set(['filler', 'limit', 'reached', 'moved', 'breakeven', 'all', 'cross', 'isolated']);

class Gatherer {
  readonly fields: CallFields = {
    instruments: [],
    roles: new Set(),
    venues: new Set(),
    entries: [],
    isRange: false,
    targets: [],
    targetNumbers: [],
    shares: [],
    stops: [],
    leverages: [],
    closePercents: [],
    strays: [],
    hasTick: false,
    bound: null,
  };

  readonly #tokens: readonly Token[];
  #label: Label | null = null;
  /** The label comes from a side such as "long", which need not be followed by a price. */
  #isWeak = false;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  take(at: number): PostRefusal | null {
    const token = this.#tokens[at];
    if (token === undefined) return null;
    if (this.#label === 'ignored' && this.#tokens[at - 1]?.line !== token.line) this.#label = null;
    switch (token.kind) {
      case 'word':
        return this.#takeWord(token, at);
      case 'number':
        return this.#takeNumber(token, at);
      case 'ticker':
        this.fields.instruments.push(token.instrument);
        return null;
      case 'venue':
        this.fields.venues.add(token.name);
        this.#setLabel(null);
        return null;
      case 'leverage':
        this.fields.leverages.push(token.value);
        return null;
      case 'time':
      case 'duration': {
        const before = this.#tokens[at - 1];
        if (token.kind === 'duration') this.fields.strays.push(token.raw);
        // A line of its own tells when the post was written.
        if (token.kind === 'time' && (before?.line !== token.line || before.kind === 'time')) return this.#setLabel(null);
        return this.#label === null || this.#label === 'ignored' || this.#isWeak ? null : refused('unread_number', token.raw);
      }
      case 'mark':
        if (/[✅✔☑]/u.test(token.raw) && this.#isBehindTarget(at)) this.fields.hasTick = true;
        return null;
      case 'address':
        return null;
    }
  }

  #setLabel(label: Label | null, isWeak = false): null {
    this.#label = label;
    this.#isWeak = isWeak;
    return null;
  }

  #takeWord({ role, index, raw }: Extract<Token, { kind: 'word' }>, at: number): null {
    if (role === null) this.fields.strays.push(raw);
    if (role === null) return this.#setLabel(null);
    const before = this.#tokens[at - 1]?.raw === '-' ? this.#tokens[at - 2] : this.#tokens[at - 1];
    const follows = before?.kind === 'word' ? before.role : null;
    // "take-profit" and "stop targets" are one label each; "close to" is no order to close.
    if ((raw.toLowerCase() === 'profit' && follows === 'target') || (role === 'target' && follows === 'stop')) return null;
    if (role === 'filler' && follows === 'close' && /^(?:to|к)$/i.test(raw)) this.fields.strays.push(raw);
    this.fields.roles.add(role);
    const label = LABELS[role];
    if (label !== undefined) {
      if (label === 'target' && index !== null && !this.#isFollowedByLevel(at)) this.fields.targetNumbers.push(index);
      return this.#setLabel(label);
    }
    if (WEAK.has(role)) return this.#setLabel('entry', true);
    if (role === 'zone') return this.#label === null ? this.#setLabel('entry') : null;
    if (role === 'above' || role === 'below') {
      if (this.#label === 'entry') this.fields.bound = role;
      return null;
    }
    return TRANSPARENT.has(role) ? null : this.#setLabel(null);
  }

  #takeNumber(token: NumberToken, at: number): PostRefusal | null {
    if (/^[#№]$/.test(this.#tokens[at - 1]?.raw ?? '') || this.#label === 'ignored') return null;
    if (token.isInParens && token.isPercent) {
      // Weights of entries have no place in a call; a level's own distance in brackets only repeats it.
      if (this.#label === 'entry' && token.sign === '') return refused('unread_number', `${token.raw}%`);
      if (this.#label === 'target' && this.fields.targets.length > 0)
        this.fields.shares[this.fields.targets.length - 1] = token.sign === '' ? token.value : null;
      return null;
    }
    if (this.#tokens[at + 1]?.raw === '-' && this.#tokens[at + 2]?.kind === 'leverage') {
      // "5-10x"
      this.fields.leverages.push(Number(token.value));
      return null;
    }
    if (this.#label === null) return refused('unread_number', token.raw);
    const listed = this.#isListNumber(token, at);
    if (listed === 'unclear') return refused('ambiguous_number', token.raw);
    if (listed) return null;
    if (token.value === null) return refused('ambiguous_number', token.raw);
    if (decimal(token.value).isZero()) return refused('contradiction', token.raw);
    return this.#keep(token, token.value, at);
  }

  #keep({ isPercent, sign, raw }: NumberToken, value: string, at: number): PostRefusal | null {
    const { fields } = this;
    if (!isPercent && sign !== '') return refused('unread_number', `${sign}${raw}`);
    const level = isPercent ? { percent: value } : { price: value };
    switch (this.#label) {
      case 'entry':
        if (isPercent) return refused('unread_number', `${raw}%`);
        fields.entries.push(level);
        if (fields.entries.length === 2) fields.isRange = this.#isRangeEnd(at);
        return null;
      case 'target':
        fields.targets.push(level);
        fields.shares[fields.targets.length - 1] = null;
        return null;
      case 'stop':
        fields.stops.push(level);
        return null;
      case 'leverage':
        if (isPercent) return refused('unread_number', `${raw}%`);
        fields.leverages.push(Number(value));
        return null;
      case 'close':
        if (!isPercent) return refused('unread_number', raw);
        fields.closePercents.push(value);
        return null;
      default:
        return refused('two_readings', raw);
    }
  }

  /** The number only counts the items of a list: "Target 1: 68000", "2) 69000". */
  #isListNumber({ raw, isPercent, line }: NumberToken, at: number): boolean | 'unclear' {
    const list =
      this.#label === 'target' ? this.fields.targets : this.#label === 'entry' ? this.fields.entries : this.#label === 'stop' ? this.fields.stops : null;
    if (!/^\d{1,2}$/.test(raw) || isPercent || list === null) return false;
    const [before, next, then] = [this.#tokens[at - 1], this.#tokens[at + 1], this.#tokens[at + 2]];
    if (Number(raw) !== list.length + 1 || next?.line !== line) return false;
    const isItem = next.kind === 'mark' && then?.kind === 'number' && then.line === line;
    if (next.raw === ')' && !next.isInParens && this.#tokens[at]?.isInParens === false) return then?.kind === 'number' || then?.kind === 'mark';
    if (isItem && next.raw === '.' && before?.line !== line) return true;
    const isNamed = before?.kind === 'word' && before.role === this.#label && before.line === line && SINGULAR.has(before.raw.toLowerCase());
    if (!isNamed || (next.kind !== 'number' && !(isItem && /^[:=.-]$/.test(next.raw)))) return false;
    if (isItem && /^[:=]$/.test(next.raw)) return true;
    // "Entry 1 - 2" may be the first entry at 2, or any price from 1 to 2.
    const level = next.kind === 'number' ? next : then;
    const times = level?.kind === 'number' ? Number(level.value ?? raw) / Number(raw) : 1;
    return times > MAX_DISTANCE || times < 1 / MAX_DISTANCE || 'unclear';
  }

  #isFollowedByLevel(at: number): boolean {
    for (let ahead = at + 1; ahead < at + 4; ahead++) {
      const token = this.#tokens[ahead];
      if (token === undefined || token.line !== this.#tokens[at]?.line) return false;
      if (token.kind === 'number') return true;
      if (token.kind !== 'mark') return false;
    }
    return false;
  }

  #isRangeEnd(at: number): boolean {
    const [first, joint] = [this.#tokens[at - 2], this.#tokens[at - 1]];
    const [early] = joint?.raw === '$' ? [this.#tokens[at - 3]] : [first];
    const between = joint?.raw === '$' ? first : joint;
    return between !== undefined && /^(?:-|to|до|по)$/i.test(between.raw) && (early?.kind === 'number' || early?.raw === '$' || early?.kind === 'word');
  }

  #isBehindTarget(at: number): boolean {
    const [before, next] = [this.#tokens[at - 1], this.#tokens[at + 1]];
    if (this.#label !== 'target' || before === undefined || before.line !== this.#tokens[at]?.line) return false;
    if (next?.line === before.line && next.kind === 'number') return false;
    return before.kind === 'number' || /^[)%$✅✔☑]$/u.test(before.raw);
  }
}

const SINGULAR = new Set(['target', 'tp', 'goal', 'цель', 'тп', 'тейк', 'entry', 'вход', 'profit']);
