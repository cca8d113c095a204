/** Gathers what a stretch of a post says of an arbitrage: its places, their prices or funding rates, and the spread it claims. */
import type { DecimalString } from '../money.ts';
import type { LegItem } from './leg-lines.ts';
import { type PostInstrument, type PostRefusal, refused } from './post.ts';
import { linesOf, type Section } from './sections.ts';
import type { NumberToken, Token } from './tokens.ts';
import { QUOTES, type Role } from './words.ts';

export interface ArbitrageFields {
  readonly instruments: PostInstrument[];
  readonly roles: ReadonlySet<Role>;
  /** Rates of funding are compared, not prices. */
  readonly isFunding: boolean;
  /** Line by line. */
  readonly items: readonly (readonly LegItem[])[];
  readonly statedSpreads: ReadonlySet<DecimalString>;
  readonly contracts: ReadonlySet<string>;
  /** Rates that a post about prices mentions beside them. */
  readonly fundings: readonly { readonly percent: DecimalString; readonly hours: number | null }[];
}

/** Whether a stretch compares places rather than calling to trade at one. */
export function isArbitrage({ tokens, isUnderFunding }: Section): boolean {
  const roles = rolesOf(tokens);
  if (isUnderFunding || roles.has('spread') || roles.has('arbitrage') || roles.has('funding') || roles.has('dex')) return true;
  const venues = new Set(tokens.flatMap((token) => (token.kind === 'venue' ? [token.name] : [])));
  const isCall = (['entry', 'target', 'stop', 'leverage'] as const).some((role) => roles.has(role));
  return !isCall && (venues.size > 1 || (roles.has('spot') && roles.has('futures')));
}

/** The fields of a stretch, or the refusal that its first unclear number earns. */
export function gatherArbitrage({ tokens, isUnderFunding }: Section): ArbitrageFields | PostRefusal {
  const roles = rolesOf(tokens);
  if (roles.has('target') || roles.has('stop') || roles.has('leverage') || tokens.some(({ kind }) => kind === 'leverage'))
    return refused('two_readings', 'an arbitrage and a call');
  const unclear = tokens.find((token, at) => isRole(token, 'closed') && isRole(tokens[at - 1], 'ignored'));
  if (unclear !== undefined) return refused('two_readings', `what is ${unclear.raw}`);
  const currencies = new Set(tokens.flatMap((token) => (token.kind === 'word' && QUOTES.has(token.raw.toUpperCase()) ? [token.raw.toUpperCase()] : [])));
  if (currencies.size > 1) return refused('two_instruments', [...currencies].join(', '));
  const spreads = new Set<DecimalString>();
  const fundings: { percent: DecimalString; hours: number | null }[] = [];
  const isFunding = (isUnderFunding || roles.has('funding')) && !hasPrices(tokens);
  const items: LegItem[][] = [];
  for (const line of linesOf(tokens)) {
    const gatherer = new LineGatherer(line, isFunding);
    for (let at = 0; at < line.length; at++) {
      const refusal = gatherer.take(at);
      if (refusal !== null) return refusal;
    }
    items.push(gatherer.items);
    for (const spread of gatherer.spreads) spreads.add(spread);
    fundings.push(...gatherer.fundings);
  }
  return {
    instruments: tokens.flatMap((token) => (token.kind === 'ticker' ? [token.instrument] : [])),
    roles,
    isFunding,
    items,
    statedSpreads: spreads,
    contracts: new Set(tokens.flatMap((token) => (token.kind === 'address' ? [token.raw] : []))),
    fundings,
  };
}

function isRole(token: Token | undefined, role: Role): boolean {
  return token?.kind === 'word' && token.role === role;
}

function rolesOf(tokens: readonly Token[]): ReadonlySet<Role> {
  return new Set(tokens.flatMap((token) => (token.kind === 'word' && token.role !== null ? [token.role] : [])));
}

function hasPrices(tokens: readonly Token[]): boolean {
  return linesOf(tokens).some((line) => {
    const end = line.findIndex((token) => token.kind === 'word' && (token.role === 'ignored' || token.role === 'limit'));
    return line.some((token, at) => token.kind === 'number' && !token.isPercent && (end < 0 || at < end) && !/^[#№]$/.test(line[at - 1]?.raw ?? ''));
  });
}

type Label = 'spread' | 'funding' | 'ignored' | null;

class LineGatherer {
  readonly items: LegItem[] = [];
  readonly spreads: DecimalString[] = [];
  readonly fundings: { percent: DecimalString; hours: number | null }[] = [];
  readonly #line: readonly Token[];
  readonly #isFunding: boolean;
  #label: Label = null;

  constructor(line: readonly Token[], isFunding: boolean) {
    this.#line = line;
    this.#isFunding = isFunding;
  }

  take(at: number): PostRefusal | null {
    const token = this.#line[at];
    switch (token?.kind) {
      case 'venue':
        return this.#takeVenue(token.name, token.isDex);
      case 'ticker':
        return this.#add({ kind: 'multiplier', multiplier: token.instrument.multiplier });
      case 'word':
        return this.#takeWord(token.role, at);
      case 'number':
        return this.#takeNumber(token, at);
      case 'mark':
        if (/^[,;|/>→➡⇒]$/.test(token.raw)) this.items.push({ kind: 'break' });
        return null;
      case 'duration':
        if (this.#label !== 'ignored') this.#setHours(token.hours);
        return null;
      default:
        return null;
    }
  }

  #add(item: LegItem): null {
    this.items.push(item);
    if (item.kind !== 'multiplier') this.#label = null;
    return null;
  }

  #takeVenue(name: string, isDex: boolean): null {
    const last = this.items.at(-1);
    // "DEX Raydium" is one place.
    if (isDex && last?.kind === 'venue' && last.isDex) this.items.pop();
    return this.#add({ kind: 'venue', name, isDex });
  }

  #takeWord(role: Role | null, at: number): null {
    const before = this.#line[at - 1];
    // "exit spread"
    if (role === 'spread' && before?.kind === 'word' && before.role === 'exit') return null;
    switch (role) {
      case 'spot':
      case 'futures':
        return this.#add({ kind: 'market', market: role });
      case 'dex':
        // A named one may stand beside the word.
        if (this.items.at(-1)?.kind !== 'venue') this.items.push({ kind: 'venue', name: 'dex', isDex: true });
        this.#label = null;
        return null;
      case 'buy':
      case 'long':
        return this.#add({ kind: 'side', side: 'buy' });
      case 'sell':
      case 'short':
        return this.#add({ kind: 'side', side: 'sell' });
      case 'spread':
      case 'funding':
        this.#label = role;
        return null;
      case 'exit':
      case 'ignored':
      case 'limit':
        this.#label = 'ignored';
        return null;
      default:
        return null;
    }
  }

  #takeNumber({ value, isPercent, sign, raw }: NumberToken, at: number): PostRefusal | null {
    if (this.#label === 'ignored' || /^[#№]$/.test(this.#line[at - 1]?.raw ?? '')) return null;
    if (value === null) return refused('ambiguous_number', raw);
    const signed = sign === '-' && !/^0(?:\.0+)?$/.test(value) ? `-${value}` : value;
    if (this.#label === 'spread') {
      if (!isPercent) return refused('unread_number', raw);
      this.#label = null;
      this.spreads.push(signed);
      return null;
    }
    if (isPercent && this.#isFunding) return this.#add({ kind: 'value', value: signed, hours: null });
    if (isPercent && this.#label === 'funding') {
      this.fundings.push({ percent: signed, hours: null });
      return null;
    }
    if (isPercent || sign !== '' || this.#isFunding || this.#label === 'funding') return refused('unread_number', isPercent ? `${raw}%` : raw);
    return this.#add({ kind: 'value', value, hours: null });
  }

  #setHours(hours: number | null): void {
    const last = this.items.findLast(({ kind }) => kind !== 'break');
    const beside = this.fundings.at(-1);
    if (this.#isFunding && last?.kind === 'value') this.items[this.items.lastIndexOf(last)] = { ...last, hours };
    else if (!this.#isFunding && beside !== undefined) beside.hours = hours;
  }
}
