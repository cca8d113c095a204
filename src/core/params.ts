/**
 * How a plug-in declares its settings. One declaration gives validation here, and at the edges the API schema,
 * the form and the documentation. Names are the wire's: snake_case.
 */
import { type DecimalString, parseDecimal, plain } from './money.ts';

/** A text in the two languages the product speaks. */
export interface Text {
  readonly en: string;
  readonly ru: string;
}

interface FieldBase {
  readonly title: Text;
  /** What it means, its unit, and what happens when it is left out. */
  readonly help: Text;
  readonly optional?: boolean;
}

export interface DecimalField extends FieldBase {
  readonly kind: 'decimal';
  /** Lowest value allowed; `0` with `isExclusive` demands a positive number. */
  readonly min: DecimalString;
  readonly isExclusive?: boolean;
  readonly max?: DecimalString;
  readonly default?: DecimalString;
}

export interface IntegerField extends FieldBase {
  readonly kind: 'integer';
  readonly min: number;
  readonly max: number;
  readonly default?: number;
}

export interface ChoiceField<Option extends string = string> extends FieldBase {
  readonly kind: 'choice';
  readonly options: readonly Option[];
  readonly default?: Option;
}

export interface BooleanField extends FieldBase {
  readonly kind: 'boolean';
  readonly default?: boolean;
}

export type Field = DecimalField | IntegerField | ChoiceField | BooleanField;
export type ParamsSpec = Readonly<Record<string, Field>>;

type ValueOf<F extends Field> = F extends DecimalField
  ? DecimalString
  : F extends IntegerField
    ? number
    : F extends ChoiceField<infer Option>
      ? Option
      : boolean;

/** The checked settings: absent optional ones without a default are `null`. */
export type ParamsOf<Spec extends ParamsSpec> = {
  readonly [Name in keyof Spec]: Spec[Name] extends { readonly optional: true } ? ValueOf<Spec[Name]> | null : ValueOf<Spec[Name]>;
};

/** One refusal, naming the field and the remedy. */
export interface Issue {
  readonly field: string;
  readonly message: string;
}

export type ParsedParams<Spec extends ParamsSpec> =
  | { readonly ok: true; readonly value: ParamsOf<Spec> }
  | { readonly ok: false; readonly issues: readonly Issue[] };

/** Checks settings from outside against their declaration: types, bounds, unknown names. Rules across fields are the strategy's own. */
export function parseParams<Spec extends ParamsSpec>(spec: Spec, input: unknown): ParsedParams<Spec> {
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    return { ok: false, issues: [{ field: 'config', message: 'expected an object with the settings' }] };
  const given = input as Readonly<Record<string, unknown>>;
  const issues: Issue[] = [];
  const value: Record<string, unknown> = {};
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(spec, name)) issues.push({ field: name, message: `is not a setting of this strategy; known are ${Object.keys(spec).join(', ')}` });
  }
  for (const [name, field] of Object.entries(spec)) {
    const raw = Object.hasOwn(given, name) ? given[name] : undefined;
    const parsed = parseField(field, raw);
    if (typeof parsed === 'object' && parsed !== null) issues.push({ field: name, message: parsed.problem });
    else value[name] = parsed;
  }
  return issues.length > 0 ? { ok: false, issues } : { ok: true, value: value as ParamsOf<Spec> };
}

type FieldResult = string | number | boolean | null | { readonly problem: string };

function parseField(field: Field, raw: unknown): FieldResult {
  if (raw === undefined || raw === null) {
    if (field.default !== undefined) return field.default;
    return field.optional === true ? null : { problem: 'is required' };
  }
  switch (field.kind) {
    case 'decimal':
      return parseDecimalField(field, raw);
    case 'integer':
      if (typeof raw !== 'number' || !Number.isSafeInteger(raw)) return { problem: 'expected a whole number' };
      return raw < field.min || raw > field.max ? { problem: `must be between ${field.min} and ${field.max}, got ${raw}` } : raw;
    case 'choice':
      return typeof raw === 'string' && field.options.includes(raw) ? raw : { problem: `must be one of ${field.options.join(', ')}` };
    case 'boolean':
      return typeof raw === 'boolean' ? raw : { problem: 'must be true or false' };
  }
}

function parseDecimalField(field: DecimalField, raw: unknown): FieldResult {
  const parsed = parseDecimal(raw);
  if (!parsed.ok) return { problem: parsed.problem };
  if (field.isExclusive === true ? parsed.value.lte(field.min) : parsed.value.lt(field.min))
    return { problem: `must be ${field.isExclusive === true ? 'above' : 'at least'} ${field.min}, got ${plain(parsed.value)}` };
  if (field.max !== undefined && parsed.value.gt(field.max)) return { problem: `must be at most ${field.max}, got ${plain(parsed.value)}` };
  return plain(parsed.value);
}
