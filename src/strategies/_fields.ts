/** Kinds of settings that several strategies have. */
import type { DecimalField, Text } from '#core/params.ts';

type Optional<Field> = Field & { readonly optional: true };

/** A share in per cent above nothing that may be left out. */
export function percentField(title: Text, help: Text, max = '1000'): Optional<DecimalField> {
  return { kind: 'decimal', min: '0', isExclusive: true, max, optional: true, title, help };
}

/** A price or an amount above nothing that may be left out. */
export function positiveField(title: Text, help: Text): Optional<DecimalField> {
  return { kind: 'decimal', min: '0', isExclusive: true, optional: true, title, help };
}

/** What takes a setting away in a command. */
const REMOVED = '0';

/** A setting as a command changes it: left out it stays, and 0 takes it away. */
export function removableField(title: Text, en: string, ru: string, max?: string): Optional<DecimalField> {
  const help = { en: `${en} 0 takes it away.`, ru: `${ru} 0 убирает.` };
  return { kind: 'decimal', min: REMOVED, ...(max === undefined ? {} : { max }), optional: true, title, help };
}

/** Settings that a run has changed over those it began with. */
export function inForce<Params extends object>(params: Params, changed: Partial<Params> | null | undefined): Params {
  if (changed == null) return params;
  const known = merged.get(changed);
  if (known !== undefined) return known as Params;
  const both = { ...params, ...changed };
  merged.set(changed, both);
  return both;
}

const merged = new WeakMap<object, object>();

const HOUR_MS = 3_600_000;

/** The time so many hours after another, in milliseconds; `null` where no hours are given. */
export function afterHours(hours: string | null, at: number): number | null {
  return hours === null ? null : at + Math.round(Number(hours) * HOUR_MS);
}
