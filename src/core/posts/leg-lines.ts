/** Divides a line of an arbitrage post into its halves: which price or rate stands for which venue and market. */
import type { DecimalString } from '../money.ts';
import type { PostMarket } from './post.ts';

/** One thing a line says of a leg. */
export type LegItem =
  | { readonly kind: 'venue'; readonly name: string; readonly isDex: boolean }
  | { readonly kind: 'market'; readonly market: PostMarket }
  | { readonly kind: 'side'; readonly side: 'buy' | 'sell' }
  | { readonly kind: 'multiplier'; readonly multiplier: number }
  | { readonly kind: 'value'; readonly value: DecimalString; readonly hours: number | null }
  /** A comma, a bar or an arrow: what stands on its two sides belongs to two halves. */
  | { readonly kind: 'break' };

type ItemKind = LegItem['kind'];

/** The halves of one line, each with exactly one value; null where the line can be divided in two ways or in none. */
export function splitLine(items: readonly LegItem[]): readonly (readonly LegItem[])[] | null {
  const values = count(items, 'value');
  if (values === 1) return isHalf(items) ? [items] : null;
  for (const key of KEYS) {
    const halves = splitAt(items, key, values);
    if (halves !== null) return halves;
  }
  return null;
}

/** Each half begins with one of these; with the value itself only where the line puts the venue behind it. */
const KEYS: readonly ItemKind[] = ['side', 'venue', 'market', 'value'];

function splitAt(items: readonly LegItem[], key: ItemKind, values: number): readonly (readonly LegItem[])[] | null {
  const starts = items.flatMap((item, index) => (item.kind === key ? [index] : []));
  if (starts.length !== values) return null;
  const lead = items.slice(0, starts[0]);
  if (key === 'value' && items.findLast(({ kind }) => kind !== 'break')?.kind === 'value') return null;
  const halves = starts.map((start, index) => items.slice(start, starts[index + 1]));
  const leads = new Set(lead.map(({ kind }) => kind));
  leads.delete('break');
  if (halves.some((half) => !isHalf(half) || isBroken(half) || half.some(({ kind }) => leads.has(kind)))) return null;
  // What one half says of itself the others must say too, or it may belong to either side.
  const shapes = new Set(halves.map((half) => KEYS.filter((kind) => count(half, kind) > 0 || (kind === 'market' && isOnChain(half))).join()));
  return shapes.size === 1 ? halves.map((half) => [...lead, ...half]) : null;
}

function isHalf(items: readonly LegItem[]): boolean {
  return (
    count(items, 'value') === 1 && count(items, 'venue') <= 1 && count(items, 'market') <= 1 && count(items, 'side') <= 1 && count(items, 'multiplier') <= 1
  );
}

/** A decentralised exchange has one market only, which need not be named. */
function isOnChain(items: readonly LegItem[]): boolean {
  return items.some((item) => item.kind === 'venue' && item.isDex);
}

function isBroken(half: readonly LegItem[]): boolean {
  const first = half.findIndex(({ kind }) => kind === 'break');
  return first >= 0 && half.slice(first).some(({ kind }) => kind !== 'break');
}

function count(items: readonly LegItem[], kind: ItemKind): number {
  return items.filter((item) => item.kind === kind).length;
}
