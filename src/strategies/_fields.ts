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

const HOUR_MS = 3_600_000;

/** The time so many hours after another, in milliseconds; `null` where no hours are given. */
export function afterHours(hours: string | null, at: number): number | null {
  return hours === null ? null : at + Math.round(Number(hours) * HOUR_MS);
}
